//! What is kept besides messages and their conversations, as one read and one write side.

use super::{
    ChannelRead, ChannelWrite, CommandSeenRead, CommandSeenWrite, ConversationExtraRead,
    ConversationExtraWrite, ConversationQueryRead, CursorRead, CursorWrite, MemberRead, MemberWrite,
    MessageExtraRead, MessageExtraWrite, MessageLocalRead, MessageLocalWrite, MessageQueryRead,
    PendingActionRead, PendingActionWrite, PinnedMessageRead, PinnedMessageWrite, ReactionRead,
    ReactionWrite, ReceiptRead, ReceiptWrite, ReminderRead, ReminderWrite, RobotRead, RobotWrite, ServerRead,
    ServerWrite,
};

/// The read sides of what is kept besides messages and their conversations.
pub trait NounRead:
    ChannelRead
    + CommandSeenRead
    + ConversationExtraRead
    + ConversationQueryRead
    + CursorRead
    + MemberRead
    + MessageExtraRead
    + MessageLocalRead
    + MessageQueryRead
    + PendingActionRead
    + PinnedMessageRead
    + ReactionRead
    + ReceiptRead
    + ReminderRead
    + RobotRead
    + ServerRead
{
}

impl<T> NounRead for T where
    T: ChannelRead
        + CommandSeenRead
        + ConversationExtraRead
        + ConversationQueryRead
        + CursorRead
        + MemberRead
        + MessageExtraRead
        + MessageLocalRead
        + MessageQueryRead
        + PendingActionRead
        + PinnedMessageRead
        + ReactionRead
        + ReceiptRead
        + ReminderRead
        + RobotRead
        + ServerRead
        + ?Sized
{
}

/// The write sides of what is kept besides messages and their conversations.
///
/// A backend implements the plain `put_…` methods; applications call the others, which are made of them here, once
/// for all backends: each says what it did, replaces nothing newer and erases nothing that this client alone knows.
pub trait NounWrite:
    ChannelWrite
    + CommandSeenWrite
    + ConversationExtraWrite
    + CursorWrite
    + MemberWrite
    + MessageExtraWrite
    + MessageLocalWrite
    + PendingActionWrite
    + PinnedMessageWrite
    + ReactionWrite
    + ReceiptWrite
    + ReminderWrite
    + RobotWrite
    + ServerWrite
{
}

impl<T> NounWrite for T where
    T: ChannelWrite
        + CommandSeenWrite
        + ConversationExtraWrite
        + CursorWrite
        + MemberWrite
        + MessageExtraWrite
        + MessageLocalWrite
        + PendingActionWrite
        + PinnedMessageWrite
        + ReactionWrite
        + ReceiptWrite
        + ReminderWrite
        + RobotWrite
        + ServerWrite
        + ?Sized
{
}
