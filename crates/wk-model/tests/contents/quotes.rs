//! Messages that are answered and forwarded.

use wk_model::{
    ChannelId, ClientMsgNo, ClientSeq, ContentError, ContentType, MergeForward, Message, MessageEdit,
    MessageExtra, MessageHeader, MessageId, MessageSeq, MessageStatus, PayloadDraft, Position, Setting, Text,
    TipName, Uid, UnixMillis, Visibility, parse_payload, text_payload,
};

fn message(id: i64, payload: &str) -> Message {
    Message {
        client_seq: ClientSeq::NONE,
        message_id: MessageId::new(id),
        position: Position::server(MessageSeq::new(7)),
        client_msg_no: ClientMsgNo::new("n"),
        channel: ChannelId::group("team"),
        from_uid: Uid::new("bob"),
        timestamp: UnixMillis::from_secs(1_700_000_000),
        header: MessageHeader::default(),
        setting: Setting::EMPTY,
        topic: String::new(),
        expire: 0,
        content_type: ContentType::TEXT,
        payload: payload.to_owned().into(),
        status: MessageStatus::Sent,
        reason_code: None,
        visibility: Visibility::Visible,
    }
}

#[test]
fn an_answer_names_its_message_and_the_first_of_the_chain() {
    let first = message(11, r#"{"type":2,"url":"u","localPath":"/mine"}"#);
    let second = PayloadDraft::new(Text::new("nice")).reply_to(&first, "Bob").build().unwrap();
    assert_eq!(
        second,
        r#"{"type":1,"content":"nice","reply":{"root_mid":"11","message_id":"11","message_seq":7,"from_uid":"bob","from_name":"Bob","payload":{"type":2,"url":"u"}}}"#
    );
    let second = message(12, std::str::from_utf8(&second).unwrap());
    let third = PayloadDraft::new(Text::new("indeed")).reply_to(&second, "").build().unwrap();
    let reply = parse_payload(&third).reply.unwrap();
    assert_eq!((reply.root_id().get(), reply.message_id().get()), (11, 12));
    assert_eq!(reply.payload().reply, None, "answers do not grow");
    assert_eq!(reply.payload().content, Text::new("nice").into());
    let unsent = PayloadDraft::new(Text::new("?")).reply_to(&message(0, "{}"), "").build();
    assert_eq!(unsent, Err(ContentError::NotSentYet));
}

#[test]
fn a_quoted_message_shows_what_became_of_it() {
    let first = message(11, r#"{"type":1,"content":"old"}"#);
    let answer = PayloadDraft::new(Text::new("?")).reply_to(&first, "Bob").build().unwrap();
    let reply = parse_payload(&answer).reply.unwrap();
    assert_eq!(reply.quoted(None).to_string(), "old");
    let mut extra = MessageExtra::new(first.message_id, first.channel);
    assert_eq!(reply.quoted(Some(&extra)).to_string(), "old");
    let edited_at = UnixMillis::from_secs(5);
    extra.pending_edit = Some(MessageEdit { payload: text_payload("new"), edited_at });
    let quoted = reply.quoted(Some(&extra));
    assert_eq!((quoted.to_string(), quoted.edited_at), ("new".to_owned(), Some(edited_at)));
    extra.info.revoked = true;
    extra.info.revoker = Some(Uid::new("carol"));
    let quoted = reply.quoted(Some(&extra));
    assert!(quoted.revoked && quoted.revoker == Some(Uid::new("carol")));
    assert_eq!(quoted.to_string(), "");
}

#[test]
fn forwarded_messages_keep_every_key() {
    let odd = r#"{"type":4242,"big":123456789012345678901,"x":[ 1.50 ]}"#;
    let messages = [message(11, r#"{"type":1,"content":"one","localPath":"/mine"}"#), message(12, odd)];
    let bob = TipName { uid: Uid::new("bob"), name: "Bob".into() };
    let forward = MergeForward::new(&messages, [bob]).unwrap();
    let payload = PayloadDraft::new(forward.clone()).build().unwrap();
    assert_eq!(
        payload,
        format!(
            concat!(
                r#"{{"type":11,"channel_type":2,"users":[{{"uid":"bob","name":"Bob"}}],"msgs":["#,
                r#"{{"payload":{{"type":1,"content":"one"}},"timestamp":1700000000,"message_id":"11","from_uid":"bob"}},"#,
                r#"{{"payload":{},"timestamp":1700000000,"message_id":"12","from_uid":"bob"}}]}}"#,
            ),
            odd
        )
    );
    assert_eq!(parse_payload(&payload).content, forward.into());
    assert_eq!(MergeForward::new(&[message(0, "{}")], []), Err(ContentError::NotSentYet));
}
