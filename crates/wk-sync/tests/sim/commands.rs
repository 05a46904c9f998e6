//! Commands: each is told once as new, until the application is done with it, and none of them is lost.

use wk_sync::store::model::ReceivedCommand;
use wk_sync::{Change, Input};

use super::device::Waiting;
use super::letters::members;
use super::world::World;

impl World {
    /// A device tells its application of a command.
    pub fn check_command(&mut self, at: usize, command: &ReceivedCommand) {
        let device = &mut self.devices[at];
        let id = command.message_id;
        assert!(
            !device.commands_done.contains(&id),
            "device {at} tells of a command that is done: {command:?}"
        );
        let is_first = device.commands.insert(id);
        assert!(is_first || command.again, "device {at} tells of a command twice: {command:?}");
        if let Some(action) = command.id {
            device.commands_open.push((id, action));
        }
    }

    /// The application is done with one of the commands that it was told of.
    pub fn finish_command(&mut self, device: usize) {
        let open = &mut self.devices[device].commands_open;
        if open.is_empty() {
            return;
        }
        let (id, action) = open.swap_remove(self.luck.below(open.len()));
        let ticket = self.devices[device].ticket(Waiting::Command(id));
        self.input(device, Input::Change { ticket, change: Change::CommandDone(action) });
    }

    /// A user with one device was told of every command that the server keeps for him. Of two devices of one user, one may
    /// say that it has what only the other was given.
    pub fn check_commands(&mut self) {
        let mut kept = 0;
        for (log, commands) in &self.server.command_logs {
            for uid in members(log) {
                let mut devices = self.devices.iter().filter(|device| device.uid == uid);
                let (Some(device), None) = (devices.next(), devices.next()) else { continue };
                for command in commands.range(1..=commands.last()) {
                    assert!(device.commands.contains(&command.id), "{uid} never heard of {command:?}");
                    kept += 1;
                }
            }
        }
        self.tally.add_many("commands kept", kept);
    }
}
