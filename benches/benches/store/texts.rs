//! The messages of the benchmark: Chinese texts, some of them with rare words.

use wk_store::model::{Message, text_payload};
use wk_testing::MessageFactory;

/// Each stands in one of 20,000 texts, at random places, and nowhere else: the characters are not among the others.
pub(crate) const TWO: &str = "麒麟";
pub(crate) const FOUR: &str = "凤凰涅槃";
/// How many characters a text has.
const LENGTH: usize = 20;
/// How many different characters there are; some are frequent and most are rare, as in any language.
const CHARACTERS: u64 = 3000;

pub(crate) fn chinese(dice: &mut Dice) -> String {
    let mut text: String = (0..LENGTH)
        .map(|_| {
            // The product makes low numbers frequent.
            let number = dice.roll(CHARACTERS) * dice.roll(CHARACTERS) / CHARACTERS;
            char::from_u32(0x4E00 + number as u32).unwrap()
        })
        .collect();
    for rare in [TWO, FOUR] {
        if dice.roll(20_000) == 0 {
            text.push_str(rare);
        }
    }
    text
}

/// So many messages from a seq on.
pub(crate) fn messages(factory: &MessageFactory, first: u64, count: u64) -> Vec<Message> {
    let mut dice = Dice(first);
    let message = |seq| Message { payload: text_payload(&chinese(&mut dice)), ..factory.server(seq) };
    (first..first + count).map(message).collect()
}

/// The same throws in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}
