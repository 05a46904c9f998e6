//! The questions that are with the data source, and when to give up on each.

use std::collections::HashMap;

use wk_store::model::{ChannelId, ClientSeq, Instant, MessageSeq};

use crate::engine::{Answer, JobId};
use crate::extras::Task;
use crate::history::Pull;
use crate::report::Report;
use crate::source::{PullRequest, SourceError};

/// What a question was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A stretch of history.
    Pull(Pull),
    /// The conversation sync of a session.
    Sync {
        /// The session that asked.
        session: u64,
    },
    /// Whether the server already has an own message.
    Find {
        /// Where it was sent.
        channel: ChannelId,
        /// Which.
        client_seq: ClientSeq,
    },
    /// What a message names, before it is sent.
    Upload {
        /// Where it is sent.
        channel: ChannelId,
        /// Which.
        client_seq: ClientSeq,
    },
    /// A read position.
    SetUnread {
        /// The conversation.
        channel: ChannelId,
        /// What the server is being told.
        read_to: MessageSeq,
        /// The session that was online then.
        session: Option<u64>,
    },
    /// A page of the list of conversations.
    List {
        /// The session that asked.
        session: u64,
    },
    /// The newest messages of conversations of the list.
    ListPull {
        /// The session that asked.
        session: u64,
    },
    /// Conversations that the list could not tell of.
    ListRetry {
        /// The session that asked.
        session: u64,
    },
    /// What changed of a topic.
    Fetch {
        /// The task that is about it.
        task: Task,
    },
    /// Something that the user did.
    Report {
        /// The task that is about it.
        task: Task,
        /// What the server is being told.
        report: Report,
    },
    /// The commands that the user has not had.
    Commands {
        /// The session that asked.
        session: u64,
    },
    /// That they are written down.
    CommandsTaken {
        /// The session that asked.
        session: u64,
        /// Whether there may be more of them.
        more: bool,
    },
}

impl Purpose {
    /// The answer, or if it is one to another question, the driver's mistake, the failure of this one.
    pub(crate) fn accept(&self, answer: Answer) -> Answer {
        match (self, answer) {
            (Self::Pull(_), answer @ Answer::Pulled(_))
            | (Self::Sync { .. }, answer @ Answer::Synced(_))
            | (Self::Find { .. }, answer @ Answer::Found(_))
            | (Self::Upload { .. }, answer @ Answer::Uploaded(_))
            | (Self::SetUnread { .. }, answer @ Answer::UnreadSet(_))
            | (Self::List { .. } | Self::ListRetry { .. }, answer @ Answer::Listed(_))
            | (Self::ListPull { .. }, answer @ Answer::PulledBatch(_))
            | (Self::Fetch { .. }, answer @ Answer::Fetched(_))
            | (Self::Report { .. }, answer @ Answer::Reported(_))
            | (Self::Commands { .. }, answer @ Answer::Commands(_))
            | (Self::CommandsTaken { .. }, answer @ Answer::CommandsTaken(_)) => answer,
            (_, other) => self.failed(
                other
                    .error()
                    .cloned()
                    .unwrap_or_else(|| SourceError::Malformed("an answer to another question".to_owned())),
            ),
        }
    }

    /// The answer of a source that failed.
    pub(crate) const fn failed(&self, error: SourceError) -> Answer {
        match self {
            Self::Pull(_) => Answer::Pulled(Err(error)),
            Self::Sync { .. } => Answer::Synced(Err(error)),
            Self::Find { .. } => Answer::Found(Err(error)),
            Self::Upload { .. } => Answer::Uploaded(Err(error)),
            Self::SetUnread { .. } => Answer::UnreadSet(Err(error)),
            Self::List { .. } | Self::ListRetry { .. } => Answer::Listed(Err(error)),
            Self::ListPull { .. } => Answer::PulledBatch(Err(error)),
            Self::Fetch { .. } => Answer::Fetched(Err(error)),
            Self::Report { .. } => Answer::Reported(Err(error)),
            Self::Commands { .. } => Answer::Commands(Err(error)),
            Self::CommandsTaken { .. } => Answer::CommandsTaken(Err(error)),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Jobs {
    open: HashMap<JobId, (Purpose, Instant)>,
    last: u64,
}

impl Jobs {
    pub(crate) const fn start_at(&mut self, number: u64) {
        self.last = number;
    }

    pub(crate) fn open(&mut self, purpose: Purpose, deadline: Instant) -> JobId {
        self.last += 1;
        let job = JobId(self.last);
        self.open.insert(job, (purpose, deadline));
        job
    }

    /// Takes a finished job out; nothing for one that was given up.
    pub(crate) fn close(&mut self, job: JobId) -> Option<Purpose> {
        self.open.remove(&job).map(|(purpose, _)| purpose)
    }

    pub(crate) fn held(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.open.values().map(|(_, deadline)| *deadline).min()
    }

    pub(crate) fn expired(&self, now: Instant) -> Vec<JobId> {
        let mut jobs: Vec<_> =
            self.open.iter().filter(|(_, (_, deadline))| *deadline <= now).map(|(job, _)| *job).collect();
        jobs.sort_unstable();
        jobs
    }

    pub(crate) fn any(&self, test: impl Fn(&Purpose) -> bool) -> bool {
        self.open.values().any(|(purpose, _)| test(purpose))
    }

    /// A pull for the same stretch that is under way. One that another session asked does not count: what came between
    /// the sessions was not pushed, and its answer may be too old to know.
    pub(crate) fn find_pull(&self, request: &PullRequest, online: Option<u64>) -> Option<JobId> {
        // The limit does not matter: after the wait the reader plans again.
        let same = |pull: &PullRequest, session: Option<u64>| {
            session == online
                && pull.channel == request.channel
                && pull.direction == request.direction
                && pull.start == request.start
                && pull.end == request.end
        };
        self.open
            .iter()
            .find(|(_, (purpose, _))| {
                matches!(purpose, Purpose::Pull(pull) if same(&pull.request, pull.session))
            })
            .map(|(job, _)| *job)
    }
}
