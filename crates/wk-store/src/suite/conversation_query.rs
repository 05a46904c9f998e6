//! Suite: the list of conversations as it is shown, and unread totals.

use wk_model::{
    Channel, ChannelId, ChannelInfo, ChannelLocal, Conversation, ConversationExtra, ConversationExtraState,
    UnixMillis,
};

use super::fixtures::{conversation, insert_all, seq, server_message, write};
use super::full;
use crate::{ConversationItem, ConversationOrder, Store, StoreTx, UnreadTotal};

fn put_draft(tx: &mut dyn StoreTx, id: &str, text: &str, seconds: i64) {
    let draft_updated_at = UnixMillis::from_secs(seconds);
    let state =
        ConversationExtraState { draft: text.into(), draft_updated_at, ..ConversationExtraState::default() };
    let _ = tx.edit_conversation_extra(&ChannelId::group(id), &state).unwrap();
}

fn put_settings(tx: &mut dyn StoreTx, id: &str, info: (bool, bool), local: (Option<bool>, Option<bool>)) {
    let info = ChannelInfo { top: info.0, mute: info.1, ..ChannelInfo::default() };
    let local = ChannelLocal { top: local.0, mute: local.1, ..ChannelLocal::default() };
    tx.put_channel(&Channel { info, local, ..Channel::new(ChannelId::group(id)) }).unwrap();
}

fn listed(store: &mut dyn Store, order: ConversationOrder) -> Vec<String> {
    let items = store.reader().unwrap().conversation_list(order).unwrap();
    items.iter().map(|item| item.conversation.channel.id().to_owned()).collect()
}

pub(super) fn drafts_and_messages_sort_the_list(store: &mut dyn Store) {
    write(store, |tx| {
        for (id, seconds) in [("a", 10), ("b", 20), ("c", 30), ("d", 40), ("e", 10)] {
            tx.put_conversation(&conversation(&ChannelId::group(id), seconds)).unwrap();
        }
        put_draft(tx, "a", "unsent", 35);
        // Older than the newest message, emptied again, and of no conversation.
        put_draft(tx, "b", "old", 15);
        put_draft(tx, "c", "", 90);
        put_draft(tx, "z", "unsent", 99);
    });
    assert_eq!(listed(store, ConversationOrder::Time), ["d", "a", "c", "b", "e"]);
}

pub(super) fn top_stands_first_on_demand(store: &mut dyn Store) {
    write(store, |tx| {
        for (id, seconds) in [("a", 10), ("b", 20), ("c", 30), ("d", 40), ("e", 10)] {
            tx.put_conversation(&conversation(&ChannelId::group(id), seconds)).unwrap();
        }
        put_settings(tx, "a", (true, false), (None, None));
        put_settings(tx, "b", (true, false), (Some(false), None));
        put_settings(tx, "c", (false, false), (Some(true), None));
        put_settings(tx, "z", (true, false), (None, None));
        put_draft(tx, "a", "unsent", 31);
    });
    assert_eq!(listed(store, ConversationOrder::TopFirst), ["a", "c", "d", "b", "e"]);
    assert_eq!(listed(store, ConversationOrder::Time), ["d", "a", "c", "b", "e"]);
}

pub(super) fn an_item_has_all_that_is_shown(store: &mut dyn Store) {
    let (known, bare) = (full::hostile_group(), ChannelId::person("bare"));
    let last = insert_all(store, &[server_message(&known, 1), server_message(&known, 2)]).remove(1);
    write(store, |tx| {
        tx.put_conversation(&conversation(&known, 2)).unwrap();
        tx.put_conversation(&conversation(&bare, 1)).unwrap();
        tx.put_channel(&full::channel(&known)).unwrap();
        tx.put_conversation_extra(&full::conversation_extra(&known)).unwrap();
        let shown = ConversationItem {
            conversation: Conversation { last_message: Some(last.clone()), ..conversation(&known, 2) },
            extra: Some(full::conversation_extra(&known)),
            channel: Some(full::channel(&known)),
        };
        let plain = ConversationItem { conversation: conversation(&bare, 1), extra: None, channel: None };
        let list = tx.conversation_list(ConversationOrder::Time).unwrap();
        assert_eq!(list, [shown.clone(), plain]);
        assert!(shown.is_muted() && !shown.is_top(), "what was set here counts");
        let extra = ConversationExtra { pending: None, ..full::conversation_extra(&known) };
        assert_eq!(ConversationItem { extra: Some(extra), ..shown }.time(), UnixMillis::from_secs(2));
    });
}

pub(super) fn muted_channels_are_counted_apart(store: &mut dyn Store) {
    let unread = |id: ChannelId, unread: u64| Conversation {
        last_seq: seq(unread + 5),
        read_to: seq(5),
        ..Conversation::new(id)
    };
    assert_eq!(store.reader().unwrap().unread_total().unwrap(), UnreadTotal::default());
    write(store, |tx| {
        for (place, id) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
            tx.put_conversation(&unread(ChannelId::group(id), 10u64.pow(place as u32))).unwrap();
        }
        // The same id with another type is another channel.
        tx.put_conversation(&unread(ChannelId::person("b"), 100_000)).unwrap();
        put_settings(tx, "b", (false, true), (None, None));
        put_settings(tx, "c", (false, true), (None, Some(false)));
        put_settings(tx, "d", (false, false), (None, Some(true)));
        put_settings(tx, "z", (false, true), (None, None));
    });
    let expected = UnreadTotal { counted: 110_101, muted: 1_010 };
    assert_eq!(store.reader().unwrap().unread_total().unwrap(), expected);
    // Read further than the newest seq: nothing unread, and no wrapping.
    let ahead = Conversation { read_to: seq(99), last_seq: seq(7), ..Conversation::new(ChannelId::group("e")) };
    write(store, |tx| tx.put_conversation(&ahead).unwrap());
    let expected = UnreadTotal { counted: 100_101, muted: 1_010 };
    assert_eq!(store.reader().unwrap().unread_total().unwrap(), expected);
}

pub(super) fn totals_do_not_overflow(store: &mut dyn Store) {
    write(store, |tx| {
        for id in ["a", "b", "c"] {
            let last_seq = seq(i64::MAX as u64);
            tx.put_conversation(&Conversation { last_seq, ..Conversation::new(ChannelId::group(id)) }).unwrap();
        }
        // Whether the numbers of such conversations count or not, three of them are more than 64 bits hold.
        let total = tx.unread_total().unwrap();
        assert!(total.counted == u64::MAX || total.counted == 0, "{total:?}");
    });
}
