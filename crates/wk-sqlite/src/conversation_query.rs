//! Questions about conversations, in SQLite.

use std::collections::HashMap;

use diesel::prelude::*;
use wk_store::model::{Channel, ChannelId, ConversationExtra};
use wk_store::{ConversationItem, ConversationOrder, ConversationQueryRead, StoreError, UnreadTotal};

use crate::channel::{ChannelColumns, ChannelRow, channel_columns};
use crate::conversation;
use crate::conversation_extra::{ConversationExtraColumns, ConversationExtraRow, conversation_extra_columns};
use crate::fixed::{Fetch, sql};
use crate::link::{Access, Link, View, failed};

impl<A: Access> ConversationQueryRead for View<A> {
    fn conversation_list(&mut self, order: ConversationOrder) -> Result<Vec<ConversationItem>, StoreError> {
        self.0.with(|link| {
            link.snapshot(|link| {
                let conversations = conversation::all(link)?;
                let mut extras = extras(link)?;
                let mut channels = channels(link)?;
                let items = conversations.into_iter().map(|conversation| ConversationItem {
                    extra: extras.remove(&conversation.channel),
                    channel: channels.remove(&conversation.channel),
                    conversation,
                });
                let mut items: Vec<ConversationItem> = items.collect();
                order.sort(&mut items);
                Ok(items)
            })
        })
    }

    fn unread_total(&mut self) -> Result<UnreadTotal, StoreError> {
        self.0.with(|link| {
            let mut total = UnreadTotal::default();
            for (conversation, muted) in conversation::all_with_mute(link)? {
                total.add(&conversation, muted);
            }
            Ok(total)
        })
    }
}

fn extras(link: &mut Link) -> Result<HashMap<ChannelId, ConversationExtra>, StoreError> {
    let rows: Vec<ConversationExtraRow> = Fetch::new(Extras, [])
        .load(&mut link.connection)
        .map_err(failed("reads what was left in the conversations"))?;
    let pairs = rows.into_iter().map(|row| {
        let extra = row.into_extra(link)?;
        Ok((extra.channel.clone(), extra))
    });
    pairs.collect()
}

fn channels(link: &mut Link) -> Result<HashMap<ChannelId, Channel>, StoreError> {
    let rows: Vec<ChannelRow> = Fetch::new(Channels, [])
        .load(&mut link.connection)
        .map_err(failed("reads the profiles of conversations"))?;
    let pairs = rows.into_iter().map(|row| {
        let channel = row.into_channel(link)?;
        Ok((channel.id.clone(), channel))
    });
    pairs.collect()
}

sql!(Extras -> ConversationExtraColumns, "SELECT ", conversation_extra_columns!(), " FROM conversation_extra");
// There may be many more channels than conversations.
sql!(
    Channels -> ChannelColumns,
    "SELECT ", channel_columns!(), " FROM channel_info WHERE channel IN (SELECT channel FROM conversation)"
);
