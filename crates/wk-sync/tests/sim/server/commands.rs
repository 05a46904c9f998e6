//! The command logs over HTTP: what a user has not had, and how far the server believes that he has.

use wk_sync::store::model::ChannelId;
use wk_sync::{CommandsRequest, PulledCommand};

use super::Server;
use crate::letters::{channel_of, members};

impl Server {
    /// Log by log. How far this answer went is remembered, for whoever says next that it is taken.
    pub(super) fn commands(&mut self, request: &CommandsRequest) -> Vec<PulledCommand> {
        let uid = request.uid.as_str().to_owned();
        let (mut pulled, mut last) = (Vec::new(), Vec::new());
        for (log, commands) in &self.command_logs {
            if !members(log).contains(&uid) {
                continue;
            }
            let had = self.commands_had.get(&(uid.clone(), log.clone())).copied().unwrap_or(0);
            let channel = channel_of(&uid, log);
            let name = format!("{}{}", channel.id(), ChannelId::COMMAND_SUFFIX);
            let channel = ChannelId::new(name, channel.channel_type());
            pulled.extend(commands.range(had + 1..=commands.last()).map(|message| PulledCommand {
                channel: channel.clone(),
                message: message.pulled(self.flavour),
            }));
            last.push((log.clone(), commands.last()));
        }
        self.commands_pulled.insert(uid, last);
        pulled
    }

    pub(super) fn commands_taken(&mut self, uid: &str) {
        for (log, seq) in self.commands_pulled.remove(uid).unwrap_or_default() {
            self.commands_had.insert((uid.to_owned(), log), seq);
        }
    }
}
