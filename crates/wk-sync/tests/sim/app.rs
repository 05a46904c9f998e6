//! What users do, at random.

use wk_sync::store::model::{Anchor, ChannelId, Direction, MessageSeq, NewMessage, PageQuery, Position};
use wk_sync::{ConnectionState, Input};

use super::device::Waiting;
use super::letters::{Kind, PEOPLE, ROBOT, channels_of, groups, log_of};
use super::queue::{Happening, millis};
use super::weather::Luck as _;
use super::world::World;

impl World {
    pub fn plan_act(&mut self, device: usize) {
        let wait = millis(self.luck.within(&(0..=self.plan.pace * 2)));
        self.queue.plan(self.now + wait, Happening::Act(device));
    }

    pub fn act(&mut self, device: usize) {
        if !self.devices[device].running {
            return;
        }
        let idle = matches!(
            self.devices[device].state,
            ConnectionState::Offline | ConnectionState::Kicked { .. } | ConnectionState::Refused { .. }
        );
        if idle && self.luck.chance(6000) {
            return self.input(device, Input::Connect);
        }
        let channel = self.luck.pick(&channels_of(&self.devices[device].uid)).clone();
        if self.whims.chance(self.plan.whims.extras) {
            self.do_to_messages(device, &channel);
        }
        if self.devices[device].running && self.whims.chance(self.plan.whims.uploads) {
            self.pause_an_upload(device);
        }
        if self.devices[device].running && self.whims.chance(self.plan.whims.mortal) {
            self.view(device, &channel);
        }
        if !self.devices[device].running {
            // The process may have died of it.
            return;
        }
        match self.luck.below(100) {
            0..40 => self.send(device, &channel),
            40..43 => {
                for _ in 0..self.luck.within(&(5..=25)) {
                    self.send(device, &channel);
                }
            }
            43..60 => self.page(device, PageQuery::newest(channel)),
            60..76 => self.scroll(device, channel),
            76..80 => self.jump(device, channel),
            80..85 => self.mark_read(device, channel),
            85 => self.clear(device, channel),
            86 | 87 => self.finish_command(device),
            88..91 => self.input(device, Input::Disconnect),
            91..93 => self.log_out(device),
            93 => self.input(device, Input::Connect),
            94 => self.withdraw(device),
            95 => self.input(device, Input::Wake),
            96 => self.input(device, Input::NetworkChanged),
            97 => self.input(device, Input::OpenChannel(channel)),
            98 => self.input(device, Input::CloseChannel(channel)),
            _ => self.robot_writes(),
        }
    }

    pub fn send(&mut self, device: usize, channel: &ChannelId) {
        if !self.devices[device].running {
            return;
        }
        let uid = self.devices[device].uid.clone();
        let kind = match self.luck.below(100) {
            0..4 => Kind::Hidden,
            4..8 => Kind::OnlyFor(self.anybody()),
            8..12 => Kind::Command,
            12..14 => Kind::Transient,
            _ => Kind::Text,
        };
        let payload = self.server.letters.write(&uid, Some(device), log_of(&uid, channel), kind);
        let mut message = NewMessage::new(channel.clone(), payload.clone());
        message.header.sync_once = kind == Kind::Command;
        message.header.no_persist = kind == Kind::Transient;
        message.receipt = self.whims.chance(5000);
        if kind == Kind::Text {
            self.attach(&mut message);
            self.make_mortal(device, &mut message);
        }
        let ticket = self.devices[device].ticket(Waiting::Stored(message.payload.clone()));
        self.sent += 1;
        self.input(device, Input::Send { ticket, message });
    }

    pub fn page(&mut self, device: usize, query: PageQuery) {
        let ticket = self.devices[device].ticket(Waiting::Page(query.clone()));
        self.input(device, Input::Page { ticket, query });
    }

    /// On from the page that is on the screen.
    fn scroll(&mut self, device: usize, channel: ChannelId) {
        let older = self.luck.chance(7000);
        let next = self.devices[device]
            .pages
            .get(&channel)
            .and_then(|page| if older { page.older(&channel) } else { page.newer(&channel) });
        let limit = self.limit();
        self.page(device, next.unwrap_or_else(|| PageQuery::newest(channel)).limit(limit));
    }

    /// To any place.
    fn jump(&mut self, device: usize, channel: ChannelId) {
        let last =
            self.server.logs.get(&log_of(&self.devices[device].uid, &channel)).map_or(0, |log| log.last());
        let seq = MessageSeq::new(self.luck.within(&(1..=last + 3)));
        let position = Position { seq, index: if self.luck.chance(2000) { 1 } else { 0 } };
        let anchor = match self.luck.below(5) {
            0 => Anchor::Edge,
            1 => Anchor::At(position),
            2 => Anchor::Around(position),
            _ => Anchor::Beside(position),
        };
        let direction = if self.luck.chance(5000) { Direction::Older } else { Direction::Newer };
        let limit = self.limit();
        let mut query = PageQuery::newest(channel).limit(limit);
        (query.anchor, query.direction) = (anchor, direction);
        self.page(device, query);
    }

    /// Takes a message back, or sends one again that was given up.
    fn withdraw(&mut self, device: usize) {
        let newest = self.devices[device].stored.len().saturating_sub(1 + self.luck.below(20));
        let Some((client_seq, payload)) = self.devices[device].stored.get(newest).cloned() else { return };
        self.server.letters.get_mut(&payload).withdrawn = true;
        let ticket = self.devices[device].ticket(Waiting::Done);
        let input = if self.luck.chance(5000) {
            Input::Cancel { ticket, client_seq }
        } else {
            self.devices[device].retried.insert(client_seq);
            Input::Retry { ticket, client_seq }
        };
        self.input(device, input);
    }

    fn mark_read(&mut self, device: usize, channel: ChannelId) {
        let unread = if self.luck.chance(8000) { 0 } else { self.luck.within(&(1..=5)) as u32 };
        let ticket = self.devices[device].ticket(Waiting::Done);
        self.input(device, Input::MarkRead { ticket, channel, unread });
    }

    /// The user logs out, and in again later.
    fn log_out(&mut self, device: usize) {
        self.tally.add("logged out");
        self.input(device, Input::Disconnect);
        if self.devices[device].running {
            self.stop_process(device);
        }
    }

    /// A backend writes. Its numbers are of no pattern: none at all, one for all channels, or somebody else's.
    fn robot_writes(&mut self) {
        let (log, _) = self.luck.pick(&groups()).clone();
        let kind = match self.luck.below(10) {
            0 | 1 => Kind::Command,
            2 => Kind::OnlyFor(self.anybody()),
            _ => Kind::Text,
        };
        let number = match self.luck.below(3) {
            0 => String::new(),
            1 => format!("campaign-{}", self.sent),
            _ => {
                let last = self.server.log(&log).last();
                let copied = self.server.log(&log).get(self.luck.within(&(1..=last.max(1))));
                copied
                    .filter(|copied| copied.from != ROBOT)
                    .map(|copied| copied.client_msg_no)
                    .unwrap_or_default()
            }
        };
        // The robot itself does not use a number twice in one channel.
        let used = self.server.log(&log).known(ROBOT, &number).is_some()
            || self.server.command_logs.get(&log).is_some_and(|log| log.known(ROBOT, &number).is_some());
        let number = if used { String::new() } else { number };
        self.server.post(ROBOT, &log, kind, &number);
        self.serve();
    }

    fn anybody(&mut self) -> &'static str {
        let one: &&'static str = self.luck.pick(&PEOPLE);
        one
    }

    fn limit(&mut self) -> u32 {
        self.luck.within(&(1..=40)) as u32
    }
}
