//! The driver of a device: transactions, their outputs, and the deaths between them.

use std::time::Duration;

use wk_sync::store::model::MessageStatus;
use wk_sync::{Event, Input, Output, QueryError, Question, Reply};

use super::device::Waiting;
use super::letters::log_of;
use super::queue::{Happening, Wire, millis};
use super::weather::Luck as _;
use super::world::World;

/// How many questions a device may have open.
const MOST_QUESTIONS: usize = 200;

/// How many of the stored messages are looked for after each crash.
const RECENT: usize = 50;

/// How a transaction ends.
enum Fate {
    Good,
    /// The process dies after the commit and so many outputs.
    Dies(usize),
    /// The commit fails.
    Fails,
}

impl World {
    /// Something happened to a device. If it is busy or asleep it learns so later, with everything else.
    pub fn input(&mut self, device: usize, input: Input) {
        if !self.devices[device].running {
            return;
        }
        self.story.tell(self.now, || format!("  {device} takes {}", brief_input(&input)));
        self.devices[device].mailbox.push(input);
        self.go_on(device);
    }

    pub fn go_on(&mut self, at: usize) {
        let device = &mut self.devices[at];
        if !device.running || device.mailbox.is_empty() {
            return;
        }
        if device.busy_until > self.now {
            if !device.waking {
                device.waking = true;
                self.queue.plan(device.busy_until, Happening::Wake(at));
            }
            return;
        }
        let inputs = std::mem::take(&mut device.mailbox);
        let fate = self.fate();
        let device = &mut self.devices[at];
        device.rig.now = self.now;
        device.note_tails();
        match fate {
            Fate::Fails => {
                self.tally.add("commit failed");
                device.rig.run_and_fail(inputs);
                self.story.tell(self.now, || format!("  {at}: the commit fails"));
                self.reload(at);
            }
            Fate::Good | Fate::Dies(_) => {
                let outputs = device.rig.run(inputs);
                self.check_sends(at, &outputs);
                let carried_out = if let Fate::Dies(count) = fate { count } else { usize::MAX };
                for output in outputs.into_iter().take(carried_out) {
                    self.story.tell(self.now, || format!("  {at}: {}", brief_output(&output)));
                    self.carry_out(at, output);
                }
                if matches!(fate, Fate::Dies(_)) {
                    self.tally.add("process died");
                    self.stop_process(at);
                }
                // Now and then it is busy for a moment, and the next transaction has several inputs.
                if self.luck.chance(1000) && self.devices[at].busy_until <= self.now {
                    self.devices[at].busy_until = self.now + millis(self.luck.within(&(1..=60)));
                }
            }
        }
    }

    fn fate(&mut self) -> Fate {
        if self.luck.chance(self.plan.weather.fail_commit) {
            Fate::Fails
        } else if self.luck.chance(self.plan.weather.crash) {
            Fate::Dies(self.luck.below(6))
        } else {
            Fate::Good
        }
    }

    /// The process is gone, its store is not. It is started again after a while.
    pub fn stop_process(&mut self, at: usize) {
        self.story.tell(self.now, || format!("  {at} stops"));
        for wire in self.network.of(at) {
            self.network.close(wire);
            // The other side may never learn of it.
            if self.luck.chance(7000)
                && let Some(when) = self.network.up(wire, self.now, &mut self.luck)
            {
                self.queue.plan(when, Happening::HungUp(wire));
            }
        }
        let device = &mut self.devices[at];
        device.life += 1;
        device.running = false;
        device.forget();
        let wait = Duration::from_millis(self.luck.within(&(100..=60_000)));
        self.queue.plan(self.now + wait, Happening::Launch(at));
    }

    pub fn launch(&mut self, at: usize) {
        let device = &mut self.devices[at];
        if device.running {
            return;
        }
        device.rig.restart();
        device.running = true;
        device.busy_until = self.now;
        self.check_stored(at, RECENT);
        self.input(at, Input::Connect);
    }

    /// The engine was dropped and loaded anew in the same process. Late news of its connections and questions comes to
    /// the new one.
    fn reload(&mut self, at: usize) {
        for wire in self.network.of(at) {
            let wait = millis(self.luck.within(&(0..=1000)));
            self.queue.plan(self.now + wait, Happening::HungUp(wire));
            self.queue.plan(self.now + wait * 2, Happening::Gone(wire));
        }
        self.devices[at].forget();
        self.check_stored(at, RECENT);
        if self.luck.chance(8000) {
            self.input(at, Input::Connect);
        }
    }

    fn carry_out(&mut self, at: usize, output: Output) {
        match output {
            Output::Connect(link) => {
                let wire = Wire { device: at, link };
                self.network.open(wire);
                if let Some(when) = self.network.up(wire, self.now, &mut self.luck) {
                    self.queue.plan(when, Happening::Open(wire));
                }
            }
            Output::Transmit { link, bytes } => {
                let wire = Wire { device: at, link };
                if self.network.listens(wire)
                    && let Some(when) = self.network.up(wire, self.now, &mut self.luck)
                {
                    self.queue.plan(when, Happening::Up(wire, bytes));
                }
            }
            Output::Close(link) => {
                let wire = Wire { device: at, link };
                let when = self.network.up(wire, self.now, &mut self.luck);
                self.network.close(wire);
                if let Some(when) = when {
                    self.queue.plan(when, Happening::HungUp(wire));
                }
            }
            Output::Ask { job, question } => {
                let wait = millis(self.luck.within(&self.plan.latency));
                let device = &mut self.devices[at];
                // Commands are asked for beside everything else, and so is what happened to messages.
                let commands = matches!(question, Question::Commands(_) | Question::CommandsTaken(_));
                let extras = matches!(question, Question::Fetch(_) | Question::Report(_));
                device.questions += usize::from(!commands && !extras);
                device.fetches += usize::from(extras);
                device.syncs += usize::from(match &question {
                    Question::Sync(_) => true,
                    Question::List(request) => request.cursor.is_empty(),
                    _ => false,
                });
                device.turned +=
                    usize::from(matches!(&question, Question::List(request) if !request.cursor.is_empty()));
                device.pulls += usize::from(matches!(question, Question::Pull(_)));
                device.asked.insert(job, question.clone());
                assert!(device.asked.len() < MOST_QUESTIONS, "{} open questions", device.asked.len());
                let life = device.life;
                if let Question::Fetch(request) = &question {
                    self.check_fetch(at, request);
                }
                self.queue.plan(self.now + wait, Happening::Question { device: at, life, job, question });
            }
            Output::Abandon(job) => {
                self.devices[at].asked.remove(&job);
            }
            Output::Reply { ticket, reply } => self.replied(at, ticket, reply),
            Output::Emit(event) => self.told(at, event),
            other => panic!("the driver does not know {other:?}"),
        }
    }

    fn replied(&mut self, at: usize, ticket: wk_sync::Ticket, reply: Reply) {
        let waiting = self.devices[at].waiting.remove(&ticket);
        let waiting = waiting.unwrap_or_else(|| panic!("a second answer, or one to nobody: {reply:?}"));
        match (waiting, reply) {
            (Waiting::Stored(payload), Reply::Stored(Ok(message))) => {
                assert_eq!(message.payload, payload, "another message was stored");
                assert_eq!(message.status, MessageStatus::Sending);
                self.devices[at].stored.push((message.client_seq, payload));
            }
            (Waiting::Page(query), Reply::Page(Ok(page))) => {
                self.check_page(at, &query, &page);
                self.devices[at].pages.insert(query.channel.clone(), page.clone());
                self.devices[at].answered = Some((query, page));
            }
            (Waiting::Done, Reply::Done(_)) => {}
            (Waiting::Word(words), Reply::Done(Ok(()))) => {
                words.into_iter().for_each(|(subject, number)| self.words.accept(at, subject, number));
            }
            (Waiting::Viewed(letter, seconds), Reply::Done(Ok(()))) => self.viewed(at, letter, seconds),
            // It went while the device was busy.
            (Waiting::Viewed(..), Reply::Done(Err(QueryError::NoMessage))) => {}
            (Waiting::Command(id), Reply::Done(Ok(()))) => {
                self.devices[at].commands_done.insert(id);
            }
            (waiting, reply) => panic!("{reply:?} for {waiting:?}"),
        }
    }

    fn told(&mut self, at: usize, event: Event) {
        match event {
            Event::Connection(state) => self.devices[at].state = state,
            Event::Messages { messages, .. } => {
                for message in &messages {
                    self.check_told(at, message);
                }
            }
            Event::Synced { messages, .. } => self.devices[at].synced += messages,
            Event::Changed(messages) => self.check_changed(at, &messages),
            Event::Removed { channel, messages } => self.check_removed(at, &channel, &messages),
            Event::ReportFailed { report, .. } => self.words.refuse(at, &report),
            Event::Command(command) => self.check_command(at, &command),
            Event::ChannelReset(channel) => {
                let log = log_of(&self.devices[at].uid, &channel);
                assert!(self.server.wiped.contains(&log), "{channel:?} was not recreated");
                self.tally.add("new log noticed");
            }
            _ => {}
        }
    }
}

fn brief_input(input: &Input) -> String {
    match input {
        Input::Frame { link, frame } => format!("{:?} on {link:?}", frame.packet_type()),
        Input::Send { message, .. } => format!("Send {:?} {:?}", message.channel, message.payload),
        Input::Answer { job, answer } => format!("{job:?} {answer:.300?}"),
        other => format!("{other:?}"),
    }
}

fn brief_output(output: &Output) -> String {
    let full = match output {
        Output::Transmit { link, bytes } => format!("Transmit {} bytes on {link:?}", bytes.len()),
        other => format!("{other:?}"),
    };
    full.chars().take(400).collect()
}
