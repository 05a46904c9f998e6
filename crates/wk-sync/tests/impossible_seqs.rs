//! A server that names seqs which no log can have: the client acknowledges, ignores them, and goes on.
//!
//! A store that cannot hold a number refuses it, and an engine that passed it on would fail the whole transaction, again
//! after each redelivery.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::proto::Recv;
use wk_sync::store::model::{
    ChannelId, ChannelType, MessageHeader, MessageId, PageQuery, Setting, UnixMillis,
};
use wk_sync::store::{ChannelLog, MAX_SEQ};
use wk_sync::{Answer, Input, PulledMessage, PulledMessages, Question, SyncedConversation};

#[test]
fn a_push_with_an_impossible_seq_is_acknowledged_and_ignored() {
    let mut world = World::online(1, Flavour::V3);
    let recv = |number: u64, id| Recv {
        from_uid: "bob".into(),
        channel_id: "g".into(),
        channel_type: ChannelType::GROUP,
        message_id: MessageId::new(id),
        message_seq: seq(number),
        payload: br#"{"type":1,"content":"x"}"#,
        ..Recv::default()
    };
    for (id, number) in [(7, MAX_SEQ.get() + 1), (8, u64::MAX)] {
        let frame = world.server.recv_packet(recv(number, id));
        world.server_writes(frame);
        world.settle();
        assert_eq!(world.server.acks.last().unwrap().message_id, MessageId::new(id));
    }
    assert_eq!(world.rig.rows(&group()), []);
    assert_eq!(world.rig.log(&group()), ChannelLog::default());
    assert_eq!(world.rig.conversation(&group()), None);
    // The last one that is possible, and any other, are taken in as ever.
    for (id, number) in [(9, MAX_SEQ.get()), (10, 1)] {
        let frame = world.server.recv_packet(recv(number, id));
        world.server_writes(frame);
        world.settle();
    }
    assert_eq!(world.rig.rows(&group()).iter().map(|row| row.message_id.get()).collect::<Vec<_>>(), [10, 9]);
}

#[test]
fn a_sync_with_an_impossible_seq_takes_in_the_rest() {
    let mut world = World::new(2, Flavour::V3);
    let job = world.connect_before_sync();
    let synced = |id: &str, last_seq| SyncedConversation {
        channel: ChannelId::group(id),
        last_seq: seq(last_seq),
        read_to: seq(u64::MAX),
        timestamp: UnixMillis::from_secs(1),
        recents: Vec::new(),
    };
    let answer = Answer::Synced(Ok(vec![synced("odd", u64::MAX), synced("fine", 3)]));
    world.act(Input::Answer { job, answer });
    assert_eq!(world.rig.log(&ChannelId::group("odd")), ChannelLog::default());
    assert_eq!(world.rig.conversation(&ChannelId::group("odd")), None);
    assert_eq!(world.rig.log(&ChannelId::group("fine")).tail, seq(3));
}

#[test]
fn an_impossible_seq_in_a_page_is_left_out() {
    let mut world = World::online(3, Flavour::V3);
    world.ask(PageQuery::newest(group()));
    let job =
        world.open.iter().find_map(|(job, question)| matches!(question, Question::Pull(_)).then_some(*job));
    let pulled = |number: u64| PulledMessage {
        message_id: MessageId::new(number as i64),
        message_seq: seq(number),
        client_msg_no: "".into(),
        from_uid: "bob".into(),
        timestamp: UnixMillis::from_secs(1),
        header: MessageHeader::default(),
        setting: Setting::EMPTY,
        topic: String::new(),
        expire: 0,
        payload: br#"{"type":1,"content":"x"}"#.as_slice().into(),
    };
    let messages = vec![pulled(2), pulled(MAX_SEQ.get() + 1), pulled(1), pulled(u64::MAX)];
    let answer = Answer::Pulled(Ok(PulledMessages { messages, more: false }));
    world.act(Input::Answer { job: job.unwrap(), answer });
    assert_eq!(world.rig.rows(&group()).iter().map(|row| row.message_id.get()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(world.rig.log(&group()).tail, seq(2));
}
