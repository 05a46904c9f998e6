//! Messages for tests.

use wk_store::model::{
    ChannelId, ClientMsgNo, ClientSeq, ContentType, Message, MessageHeader, MessageId, MessageSeq,
    MessageStatus, Position, Setting, Uid, UnixMillis, Visibility, text_payload,
};

/// Builds the messages of one channel. Equal arguments give equal messages; ids and client numbers are unique per
/// (channel, position). Change other fields with `Message { field, ..factory.server(1) }`.
#[derive(Debug, Clone)]
pub struct MessageFactory {
    channel: ChannelId,
    sender: Uid,
}

impl MessageFactory {
    /// Messages of a channel from one sender.
    pub const fn new(channel: ChannelId, sender: Uid) -> Self {
        Self { channel, sender }
    }

    /// The message that the server numbered `seq`: a visible text.
    pub fn server(&self, seq: u64) -> Message {
        let position = Position::server(MessageSeq::new(seq));
        Message { message_id: self.message_id(seq), status: MessageStatus::Sent, ..self.message(position) }
    }

    /// The `index`-th message (from 1) that was written behind `seq` and not sent yet.
    pub fn local(&self, seq: u64, index: u32) -> Message {
        self.message(Position { seq: MessageSeq::new(seq), index })
    }

    fn message(&self, position: Position) -> Message {
        Message {
            client_seq: ClientSeq::NONE,
            message_id: MessageId::ZERO,
            position,
            client_msg_no: ClientMsgNo::from(format!("{:?} {position:?}", self.channel)),
            channel: self.channel.clone(),
            from_uid: self.sender.clone(),
            timestamp: UnixMillis::from_secs(1_704_067_200).offset(position.seq.get() as i64 * 1000),
            header: MessageHeader::default(),
            setting: Setting::EMPTY,
            topic: String::new(),
            expire: 0,
            content_type: ContentType::TEXT,
            payload: text_payload(&format!("{position:?}")),
            status: MessageStatus::Sending,
            reason_code: None,
            visibility: Visibility::Visible,
        }
    }

    /// 31 bits of the channel's name (FNV-1a) above 32 bits of the seq.
    fn message_id(&self, seq: u64) -> MessageId {
        let name = self.channel.id().bytes().chain([self.channel.channel_type().value()]);
        let hash =
            name.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        MessageId::new(i64::from(hash >> 1 | 1) << 32 | (seq & 0xffff_ffff) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{alice, bob, direct, group};

    #[test]
    fn messages_are_told_apart_by_channel_and_position() {
        let (in_group, in_person) =
            (MessageFactory::new(group(), bob()), MessageFactory::new(direct(&bob()), bob()));
        assert_eq!(in_group.server(7), in_group.server(7));
        let ids =
            [in_group.server(7), in_group.server(8), in_person.server(7)].map(|message| message.message_id);
        assert!(ids.iter().all(|id| id.get() > 0));
        assert!(ids[0] != ids[1] && ids[0] != ids[2] && ids[1] != ids[2]);
        let local = MessageFactory::new(group(), alice()).local(7, 2);
        assert_eq!((local.message_id, local.message_seq()), (MessageId::ZERO, MessageSeq::ZERO));
        assert_ne!(local.client_msg_no, in_group.server(7).client_msg_no);
    }
}
