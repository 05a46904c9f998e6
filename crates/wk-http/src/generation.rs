//! Which generation of servers is asked, and how that is found out.

use std::sync::{Arc, Mutex, PoisonError};

use serde::de::IgnoredAny;
use wk_sync::SourceError;

use crate::HttpSource;

/// A generation of WuKongIM servers (docs/servers.md §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// WuKongIM 2.
    V2,
    /// WuKongIM 3.
    V3,
}

impl Generation {
    const fn other(self) -> Self {
        match self {
            Self::V2 => Self::V3,
            Self::V3 => Self::V2,
        }
    }

    /// An endpoint that only this generation has, and that changes nothing when it is asked with GET and without
    /// parameters. v2 misses the parameters (400), v3 the method (405).
    const fn mark(self) -> &'static str {
        match self {
            Self::V2 => "channel/max_message_seq",
            Self::V3 => "conversation/list",
        }
    }
}

/// What a source knows of its server's generation.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    Told(Generation),
    /// Shared by all clones of the source.
    Found(Arc<Mutex<Option<Generation>>>),
}

impl Known {
    pub(crate) fn new(told: Option<Generation>) -> Self {
        told.map_or_else(|| Self::Found(Arc::default()), Self::Told)
    }

    fn get(&self) -> Option<Generation> {
        match self {
            Self::Told(generation) => Some(*generation),
            Self::Found(found) => *found.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    fn set(&self, generation: Generation) {
        if let Self::Found(found) = self {
            *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(generation);
        }
    }

    /// Whether a server of this generation need not be asked. Servers are upgraded while clients run, so that v2 was
    /// found once is no proof.
    fn rules_out(&self, generation: Generation) -> bool {
        match self {
            Self::Told(told) => *told != generation,
            Self::Found(_) => generation == Generation::V2 && self.get() == Some(Generation::V3),
        }
    }
}

impl HttpSource {
    /// The generation of the server, as far as it was told or is found out by now.
    #[must_use]
    pub fn generation(&self) -> Option<Generation> {
        self.known.get()
    }

    /// Asks an endpoint that only one generation has; [`SourceError::NotSupported`] where the server is of the other.
    ///
    /// Which it is, is not asked for: the endpoint answers or is not there. That it is not there proves nothing, because a
    /// wrong URL looks the same, so then the other generation's mark must be there.
    pub(crate) async fn only<T>(
        &self,
        generation: Generation,
        request: impl Future<Output = Result<T, SourceError>> + Send,
    ) -> Result<T, SourceError> {
        if self.known.rules_out(generation) {
            return Err(SourceError::NotSupported);
        }
        match request.await {
            Ok(answer) => {
                self.known.set(generation);
                Ok(answer)
            }
            Err(error @ SourceError::Refused { status: 404, .. }) => {
                let other = generation.other();
                if !self.has(other.mark()).await? {
                    return Err(error);
                }
                tracing::debug!(generation = ?other, "the server's generation is found out");
                self.known.set(other);
                Err(SourceError::NotSupported)
            }
            Err(error) => Err(error),
        }
    }

    async fn has(&self, mark: &str) -> Result<bool, SourceError> {
        match self.get::<IgnoredAny>(mark, &[]).await {
            Err(SourceError::Refused { status: 400 | 405, .. }) => Ok(true),
            Ok(_) | Err(SourceError::Refused { status: 404, .. } | SourceError::Malformed(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
