//! What the demo found: text while it goes on, or one JSON object at the end.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::{Map, Value};
use wkim::net::{Clock as _, SystemClock};

use crate::failure::Failure;
use crate::output;

/// How long something may take before a sign of life is shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long anything may take before the demo has failed.
const LIMIT: Duration = Duration::from_secs(30);

pub(super) struct Report {
    json: bool,
    clock: SystemClock,
    figures: Map<String, Value>,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Self { json, clock: SystemClock::new(), figures: Map::new() }
    }

    pub(super) fn heading(&self, text: &str) -> Result<(), Failure> {
        self.say(format!("\n{text}"))
    }

    pub(super) fn say(&self, text: impl Display) -> Result<(), Failure> {
        if self.json { Ok(()) } else { Ok(output::line(&text.to_string())?) }
    }

    pub(super) fn figure(&mut self, name: &str, value: impl Into<Value>) {
        self.figures.insert(name.to_owned(), value.into());
    }

    /// Checks a claim; the demo fails where it does not hold.
    pub(super) fn check(&self, claim: &str, holds: bool) -> Result<(), Failure> {
        if holds {
            self.say(format!("  ✓ {claim}"))
        } else {
            Err(Failure::broken(format!("this does not hold: {claim}")))
        }
    }

    /// Waits for something, with a sign of life if it takes long.
    pub(super) async fn during<T>(&self, what: &str, work: impl Future<Output = T>) -> Result<T, Failure> {
        let mut work = std::pin::pin!(tokio::time::timeout(LIMIT, work));
        let result = tokio::select! {
            result = &mut work => result,
            () = tokio::time::sleep(PATIENCE) => {
                let spinner = ProgressBar::new_spinner().with_message(format!("{what} …"));
                spinner.enable_steady_tick(Duration::from_millis(100));
                let result = work.await;
                spinner.finish_and_clear();
                result
            }
        };
        result.map_err(|_| Failure::broken(format!("{what} took longer than {} s", LIMIT.as_secs())))
    }

    pub(super) fn finish(&mut self, ok: bool) -> Result<(), Failure> {
        let elapsed = self.clock.elapsed();
        if self.json {
            self.figure("ok", ok);
            self.figure("elapsed_ms", u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
            output::line(&Value::Object(std::mem::take(&mut self.figures)).to_string())?;
        } else if ok {
            self.say(format!("\nAll of it holds ({:.2} s).", elapsed.as_secs_f32()))?;
        }
        Ok(())
    }
}

/// 1000000 as 1,000,000.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_000_000, "1,000,000")] {
            assert_eq!(thousands(number), text);
        }
    }
}
