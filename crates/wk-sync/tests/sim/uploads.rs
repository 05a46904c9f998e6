//! Messages with an attachment: uploaded, paused and let go on, and sent with what the upload gave.

use wk_sync::store::model::NewMessage;
use wk_sync::{Answer, Input, Question};

use super::device::Waiting;
use super::weather::Luck as _;
use super::world::World;

impl World {
    /// Some messages have something to upload first: then their payload is a draft.
    pub fn attach(&mut self, message: &mut NewMessage) {
        if self.whims.chance(self.plan.whims.uploads) {
            message.payload = self.server.letters.attach(&message.payload);
            message.needs_upload = true;
        }
    }

    /// A user pauses an upload, or lets it go on.
    pub fn pause_an_upload(&mut self, device: usize) {
        let stored = &self.devices[device].stored;
        let newest = stored.len().saturating_sub(1 + self.whims.below(10));
        let Some((client_seq, payload)) = stored.get(newest).cloned() else { return };
        if !self.server.letters.is_draft(&payload) {
            return;
        }
        let paused = self.whims.chance(6000);
        if paused {
            self.tally.add("upload paused");
            self.devices[device].paused.insert(client_seq);
        }
        let ticket = self.devices[device].ticket(Waiting::Done);
        self.input(device, Input::PauseUpload { ticket, client_seq, paused });
    }

    /// Nobody pauses any more.
    pub fn uploads_go_on(&mut self) {
        for device in 0..self.devices.len() {
            for client_seq in std::mem::take(&mut self.devices[device].paused) {
                let ticket = self.devices[device].ticket(Waiting::Done);
                self.input(device, Input::PauseUpload { ticket, client_seq, paused: false });
            }
        }
    }

    /// An upload got no answer, a late one, or a bad one: its message may be given up.
    pub fn upload_may_fail(&mut self, question: &Question, answer: Option<&Answer>) {
        let Question::Upload(request) = question else { return };
        if !matches!(answer, Some(Answer::Uploaded(Ok(_)))) {
            self.tally.add("upload failed");
            self.server.letters.get_mut(&request.message.payload).not_uploaded = true;
        }
    }
}
