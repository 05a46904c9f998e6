//! RECVs that nobody acknowledged are sent again (docs/servers.md §2.5).

use std::sync::Arc;

use tokio::time::sleep_until;

use crate::config::Generation;
use crate::shared::{Shared, stopped};
use crate::world::session::{Outgoing, Session};

/// Looks for RECVs that are due until the server stops.
pub(crate) async fn resend_unacked(shared: Arc<Shared>) {
    if shared.config.generation == Generation::V3 {
        return;
    }
    let mut stop = shared.stop.subscribe();
    let timings = &shared.config.timings;
    let mut next_scan = shared.clock.started();
    loop {
        next_scan += timings.resend_scan;
        tokio::select! {
            () = sleep_until(next_scan) => {}
            () = stopped(&mut stop) => return,
        }
        let sessions: Vec<Arc<Session>> =
            shared.world().users.values().flat_map(|user| user.sessions.iter().cloned()).collect();
        let now = shared.clock.now();
        let Some(before) = now.checked_sub(timings.resend_after) else { continue };
        for session in sessions {
            // The lock of the list is not held while packets are queued.
            let due = session.unacked().due(before, now, timings.resend_limit);
            shared.counters.resends.add(due.len() as u64);
            due.into_iter().for_each(|push| session.push(Outgoing::Recv(push)));
        }
    }
}
