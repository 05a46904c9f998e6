//! What happens in one case of the page test: a server's log, what it holds back, and steps in some order.

use proptest::prelude::*;
use wk_sync::store::model::Direction;

use super::common::{Flavour, Stored};

/// What kind of message stands at a seq.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// By this user, from another device.
    Own,
    /// Content type 99.
    Command,
    /// `visibles` names somebody else.
    ForOthers,
    /// History leaves it out.
    Absent,
}

impl Kind {
    pub fn message(self, number: usize) -> Stored {
        let message = match self {
            Self::Text => Stored::text("bob", "text"),
            Self::Own => Stored::text("alice", "own"),
            Self::Command => Stored::hidden("bob"),
            Self::ForOthers => Stored::only_for("bob", "carol"),
            Self::Absent => Stored::absent("bob"),
        };
        message.numbered(&format!("n{number}"))
    }
}

#[derive(Debug, Clone, Copy)]
pub enum Spot {
    Edge,
    /// A place in thousandths of the log, the local index behind it, and whether the page contains it.
    Place(u16, u8, bool),
}

#[derive(Debug, Clone, Copy)]
pub enum Step {
    Connect,
    Cut,
    /// A message, and whether its push, if there is one, is garbled.
    Append(Kind, bool),
    /// One thing on its way arrives.
    Deliver(u16),
    Settle,
    Send,
    Query(Spot, Direction, u32),
    /// The next question fails.
    Fail,
    /// Time passes, and questions without an answer are given up.
    Wait,
    Restart,
}

#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub flavour: Flavour,
    pub log: Vec<Kind>,
    pub floor: u64,
    /// The most messages that the server sends at once, whatever is asked.
    pub max_limit: u32,
    pub steps: Vec<Step>,
}

impl Plan {
    /// Whether every seq is shown and no pull fails or is cut short, so that the number of pulls is known.
    pub fn is_plain(&self) -> bool {
        let kinds = self.steps.iter().filter_map(|step| match step {
            Step::Append(kind, _) => Some(kind),
            _ => None,
        });
        let hides = |kind: &Kind| !matches!(kind, Kind::Text | Kind::Own);
        self.floor == 0 && self.max_limit >= 1000 && !self.log.iter().chain(kinds).any(hides)
    }
}

pub fn plan() -> impl Strategy<Value = Plan> {
    let flavour = prop_oneof![Just(Flavour::V2), Just(Flavour::V3)];
    (flavour, 0..4_u8, any::<u64>()).prop_flat_map(|(flavour, hiding, seed)| {
        let log = proptest::collection::vec(kind(flavour, hiding), 0..200);
        let floor = if flavour == Flavour::V3 && hiding > 1 { (0..60_u64).boxed() } else { Just(0).boxed() };
        let max_limit = prop_oneof![3 => Just(10_000_u32), 1 => 1..8_u32];
        let steps = proptest::collection::vec(step(flavour, hiding), 1..60);
        (log, floor, max_limit, steps).prop_map(move |(log, floor, max_limit, steps)| Plan {
            seed,
            flavour,
            log,
            floor,
            max_limit,
            steps,
        })
    })
}

/// The larger `hiding`, the more messages are not shown; 0 for none.
fn kind(flavour: Flavour, hiding: u8) -> impl Strategy<Value = Kind> {
    let hiding = u32::from(hiding);
    let absent = if flavour == Flavour::V3 { hiding } else { 0 };
    prop_oneof![
        8 => Just(Kind::Text),
        2 => Just(Kind::Own),
        hiding => Just(Kind::Command),
        hiding => Just(Kind::ForOthers),
        absent => Just(Kind::Absent),
    ]
}

fn step(flavour: Flavour, hiding: u8) -> impl Strategy<Value = Step> {
    let direction = prop_oneof![Just(Direction::Older), Just(Direction::Newer)];
    let limit = prop_oneof![4 => 1..30_u32, 1 => 30..120_u32];
    prop_oneof![
        2 => Just(Step::Connect),
        1 => Just(Step::Cut),
        5 => (kind(flavour, hiding), prop::bool::weighted(0.1)).prop_map(|(kind, garbled)| Step::Append(kind, garbled)),
        8 => any::<u16>().prop_map(Step::Deliver),
        2 => Just(Step::Settle),
        1 => Just(Step::Send),
        8 => (spot(), direction, limit).prop_map(|(spot, direction, limit)| Step::Query(spot, direction, limit)),
        1 => Just(Step::Fail),
        1 => Just(Step::Wait),
        1 => Just(Step::Restart),
    ]
}

fn spot() -> impl Strategy<Value = Spot> {
    let index = prop_oneof![4 => Just(0_u8), 1 => 1..3_u8];
    prop_oneof![
        2 => Just(Spot::Edge),
        3 => (0..1050_u16, index, any::<bool>()).prop_map(|(place, index, with)| Spot::Place(place, index, with)),
    ]
}
