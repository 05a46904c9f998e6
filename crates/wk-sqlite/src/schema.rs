//! The tables as diesel sees them; what the columns mean is written in the migrations.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    account (id) {
        id -> BigInt,
        uid -> Text,
        device_id -> Text,
    }
}

table! {
    channel (id) {
        id -> BigInt,
        name -> Text,
        channel_type -> BigInt,
        tail -> BigInt,
        cleared_to -> BigInt,
        cleared_at -> BigInt,
        covered -> Text,
    }
}

table! {
    user (id) {
        id -> BigInt,
        uid -> Text,
    }
}

table! {
    message (client_seq) {
        client_seq -> BigInt,
        channel -> BigInt,
        seq -> BigInt,
        local_index -> BigInt,
        message_id -> Nullable<BigInt>,
        sender -> BigInt,
        client_msg_no -> Nullable<Text>,
        timestamp -> BigInt,
        flags -> BigInt,
        hidden -> Nullable<BigInt>,
        content_type -> BigInt,
        expire -> BigInt,
        topic -> Text,
        payload -> Binary,
    }
}

table! {
    /// A view: conversations with the row of their newest visible message.
    conversation_last (channel) {
        channel -> BigInt,
        last_seq -> BigInt,
        read_to -> BigInt,
        own_seq -> BigInt,
        timestamp -> BigInt,
        read_unsent -> Bool,
        deleted_to -> Nullable<BigInt>,
        last_message -> Nullable<BigInt>,
    }
}

table! {
    search_index (id) {
        id -> BigInt,
        version -> BigInt,
        next_row -> BigInt,
    }
}

table! {
    outbox (client_seq) {
        client_seq -> BigInt,
        channel -> BigInt,
        attempts -> BigInt,
        queued_at -> BigInt,
        state -> BigInt,
        relaxed -> BigInt,
        failures -> BigInt,
    }
}

allow_tables_to_appear_in_same_query!(conversation_last, message);
