//! Things that go wrong on purpose: scripted one by one, or drawn from seeded random numbers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::random::Random;

/// Which way bytes flow, as the server sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Direction {
    /// From the client.
    In,
    /// To the client.
    Out,
}

/// How often packets suffer, each as a probability from 0 to 1. The draws follow from the server's random seed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct FaultRates {
    /// SENDs that are dropped before anything happens, as an overloaded server does (docs/servers.md T14).
    pub lost_send: f64,
    /// SENDACKs that are not sent, although the message is stored.
    pub lost_sendack: f64,
    /// Pushes of RECV that are not sent.
    pub lost_recv: f64,
    /// Pushes of RECV that are sent twice.
    pub duplicate_recv: f64,
}

/// Makes things go wrong while the server runs. Cheap to clone; all clones act on the same server.
#[derive(Debug, Clone)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    random: Random,
    rates: FaultRates,
    lost_sends: u64,
    lost_sendacks: u64,
    lost_recvs: u64,
    duplicate_recvs: u64,
    cuts: VecDeque<Cut>,
    refuse: bool,
    http: Vec<HttpRule>,
}

impl State {
    /// Nothing goes wrong.
    fn new(random: Random) -> Self {
        Self {
            random,
            rates: FaultRates::default(),
            lost_sends: 0,
            lost_sendacks: 0,
            lost_recvs: 0,
            duplicate_recvs: 0,
            cuts: VecDeque::new(),
            refuse: false,
            http: Vec::new(),
        }
    }
}

/// When a connection is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) direction: Direction,
    pub(crate) bytes: u64,
}

#[derive(Debug)]
struct HttpRule {
    path: String,
    left: u64,
    action: HttpAction,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum HttpAction {
    Delay(Duration),
    Status(u16),
}

/// What becomes of one push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PushFate {
    Lost,
    Once,
    Twice,
}

impl Faults {
    pub(crate) fn new(random_seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State::new(Random::new(random_seed)))))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets how often packets suffer from now on.
    pub fn set_rates(&self, rates: FaultRates) {
        self.state().rates = rates;
    }

    /// Drops the next `n` SENDs before anything happens.
    pub fn lose_sends(&self, n: u64) {
        self.state().lost_sends += n;
    }

    /// Does not send the next `n` SENDACKs. Their messages are stored and pushed all the same.
    pub fn swallow_sendacks(&self, n: u64) {
        self.state().lost_sendacks += n;
    }

    /// Does not send the next `n` RECVs.
    pub fn lose_recvs(&self, n: u64) {
        self.state().lost_recvs += n;
    }

    /// Sends the next `n` RECVs twice.
    pub fn duplicate_recvs(&self, n: u64) {
        self.state().duplicate_recvs += n;
    }

    /// Cuts one of the connections to come after `bytes` bytes in a direction, in the middle of a packet if it
    /// falls there. Calls queue up: the first is for the next connection, the second for the one after it.
    pub fn cut_next_connection(&self, direction: Direction, bytes: u64) {
        self.state().cuts.push_back(Cut { direction, bytes });
    }

    /// While set, TCP connections are closed as soon as they are accepted.
    pub fn refuse_connections(&self, refuse: bool) {
        self.state().refuse = refuse;
    }

    /// Delays the next `n` answers to requests whose path starts with `path`; an empty path is every request.
    pub fn delay_http(&self, path: &str, delay: Duration, n: u64) {
        self.add_http(path, HttpAction::Delay(delay), n);
    }

    /// Answers the next `n` requests whose path starts with `path` with this status and no body, and does nothing
    /// else with them. A status that HTTP does not have becomes 500.
    pub fn fail_http(&self, path: &str, status: u16, n: u64) {
        self.add_http(path, HttpAction::Status(status), n);
    }

    fn add_http(&self, path: &str, action: HttpAction, left: u64) {
        self.state().http.push(HttpRule { path: path.to_owned(), left, action });
    }

    /// Undoes all of the above that has not happened yet.
    pub fn clear(&self) {
        let mut state = self.state();
        let random = state.random.clone();
        *state = State::new(random);
    }

    pub(crate) fn loses_send(&self) -> bool {
        let state = &mut *self.state();
        take(&mut state.lost_sends) || draw(&mut state.random, state.rates.lost_send)
    }

    pub(crate) fn loses_sendack(&self) -> bool {
        let state = &mut *self.state();
        take(&mut state.lost_sendacks) || draw(&mut state.random, state.rates.lost_sendack)
    }

    pub(crate) fn push_fate(&self) -> PushFate {
        let state = &mut *self.state();
        if take(&mut state.lost_recvs) || draw(&mut state.random, state.rates.lost_recv) {
            PushFate::Lost
        } else if take(&mut state.duplicate_recvs) || draw(&mut state.random, state.rates.duplicate_recv) {
            PushFate::Twice
        } else {
            PushFate::Once
        }
    }

    pub(crate) fn next_cut(&self) -> Option<Cut> {
        self.state().cuts.pop_front()
    }

    pub(crate) fn refuses_connections(&self) -> bool {
        self.state().refuse
    }

    /// What happens to a request: the rules that match it, each of which has one use less.
    pub(crate) fn http_actions(&self, path: &str) -> Vec<HttpAction> {
        let mut state = self.state();
        let mut actions = Vec::new();
        for rule in state.http.iter_mut().filter(|rule| path.starts_with(&rule.path)) {
            if take(&mut rule.left) {
                actions.push(rule.action);
            }
        }
        state.http.retain(|rule| rule.left > 0);
        actions
    }
}

/// Takes one of `left`, if there is one.
fn take(left: &mut u64) -> bool {
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

/// A rate of zero draws no number, so that scripted runs do not depend on how many packets went by.
fn draw(random: &mut Random, rate: f64) -> bool {
    rate > 0.0 && random.chance(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_run_out() {
        let faults = Faults::new(1);
        faults.duplicate_recvs(1);
        faults.lose_recvs(1);
        let fates: Vec<_> = (0..3).map(|_| faults.push_fate()).collect();
        assert_eq!(fates, [PushFate::Lost, PushFate::Twice, PushFate::Once]);
        faults.swallow_sendacks(2);
        faults.clear();
        assert!(!faults.loses_sendack());
    }

    #[test]
    fn http_rules_match_by_path_and_run_out() {
        let faults = Faults::new(1);
        faults.fail_http("/channel", 503, 1);
        faults.delay_http("", Duration::from_secs(1), 2);
        assert!(matches!(faults.http_actions("/route")[..], [HttpAction::Delay(_)]));
        assert!(matches!(
            faults.http_actions("/channel/info")[..],
            [HttpAction::Status(503), HttpAction::Delay(_)]
        ));
        assert!(faults.http_actions("/channel").is_empty());
    }

    #[test]
    fn the_same_seed_loses_the_same_packets() {
        let draws = |seed| {
            let faults = Faults::new(seed);
            faults.set_rates(FaultRates { lost_recv: 0.3, ..FaultRates::default() });
            (0..100).map(|_| faults.push_fate()).collect::<Vec<_>>()
        };
        assert_eq!(draws(5), draws(5));
        assert_ne!(draws(5), draws(6));
    }
}
