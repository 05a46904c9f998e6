//! Questions about conversations, in SQLite.

use std::collections::HashMap;

use diesel::prelude::*;
use wk_store::model::{ChannelId, ConversationExtra};
use wk_store::{ConversationItem, ConversationOrder, ConversationQueryRead, StoreError, UnreadTotal};

use crate::channel::{ChannelColumns, ChannelRow, channel_columns};
use crate::conversation;
use crate::conversation_extra::{ConversationExtraColumns, ConversationExtraRow, conversation_extra_columns};
use crate::fixed::{Fetch, sql};
use crate::link::{Access, Link, View, failed};

impl<A: Access> ConversationQueryRead for View<A> {
    fn conversation_list(&mut self, order: ConversationOrder) -> Result<Vec<ConversationItem>, StoreError> {
        self.0.with(|link| {
            link.write_deferred()?;
            link.snapshot(|link| {
                let conversations = conversation::all(link)?;
                let mut extras = extras(link)?;
                let mut channels = channels(link)?;
                let mut items = Vec::with_capacity(conversations.len());
                for conversation in conversations {
                    let id = &conversation.channel;
                    let number = link.find_channel(id)?;
                    let channel = number.and_then(|number| channels.remove(&number));
                    let channel = channel.map(|row| row.into_channel_of(id.clone(), link)).transpose()?;
                    items.push(ConversationItem { extra: extras.remove(id), channel, conversation });
                }
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

/// By the numbers of the channels.
fn channels(link: &mut Link) -> Result<HashMap<i64, ChannelRow>, StoreError> {
    let rows: Vec<ChannelRow> = Fetch::new(Channels, [])
        .load(&mut link.connection)
        .map_err(failed("reads the profiles of conversations"))?;
    Ok(rows.into_iter().map(|row| (row.number(), row)).collect())
}

sql!(Extras -> ConversationExtraColumns, "SELECT ", conversation_extra_columns!(), " FROM conversation_extra");
// There may be many more channels than conversations.
sql!(
    Channels -> ChannelColumns,
    "SELECT ", channel_columns!(), " FROM channel_info WHERE channel IN (SELECT channel FROM conversation)"
);
