//! Timing, and the table of what was measured against what is allowed.

use std::time::{Duration, Instant};

/// How long one thing took, many times.
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    #[allow(clippy::disallowed_methods, reason = "benchmarks read the clock")]
    pub(crate) fn time<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = work();
        self.0.push(start.elapsed());
        result
    }

    /// The value below which so many of a hundred lie, in microseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    }
}

/// Takes turns between two sides, so that what else the machine does meets both.
pub(crate) fn turns(
    rounds: usize,
    mut one: impl FnMut(&mut Samples),
    mut other: impl FnMut(&mut Samples),
) -> [Samples; 2] {
    let mut samples = [Samples::new(), Samples::new()];
    let [first, second] = &mut samples;
    for _ in 0..rounds {
        one(first);
        other(second);
    }
    samples
}

/// The table: printed line by line as it is measured.
pub(crate) struct Table {
    missed: Vec<String>,
}

impl Table {
    pub(crate) fn new() -> Self {
        println!("{:<44} {:>12} {:>12} {:>7}  bar", "", "ours", "raw", "ratio");
        Self { missed: Vec::new() }
    }

    /// Ours against raw, in microseconds, and how many times as long ours may take.
    pub(crate) fn ratio(&mut self, name: &str, ours: f64, raw: f64, bar: Option<f64>) {
        let ratio = ours / raw;
        let verdict = bar.map(|bar| (ratio <= bar, format!("<= {bar}")));
        self.line(name, format!("{ours:.1} us"), format!("{raw:.1} us"), format!("{ratio:.2}"), verdict);
    }

    /// Ours against raw, in things per second, and the part of raw that ours must reach.
    pub(crate) fn rate(&mut self, name: &str, ours: f64, raw: f64, bar: Option<f64>) {
        let ratio = ours / raw;
        let verdict = bar.map(|bar| (ratio >= bar, format!(">= {bar}")));
        self.line(name, format!("{ours:.0} /s"), format!("{raw:.0} /s"), format!("{ratio:.2}"), verdict);
    }

    /// Ours alone, in microseconds, and the most it may take.
    pub(crate) fn time(&mut self, name: &str, ours: f64, bar: Option<f64>) {
        let verdict = bar.map(|bar| (ours <= bar, format!("<= {:.0} ms", bar / 1e3)));
        self.line(name, format!("{ours:.1} us"), String::new(), String::new(), verdict);
    }

    fn line(
        &mut self,
        name: &str,
        ours: String,
        raw: String,
        ratio: String,
        verdict: Option<(bool, String)>,
    ) {
        let bar = match &verdict {
            None => String::new(),
            Some((true, bar)) => format!("{bar} ok"),
            Some((false, bar)) => format!("{bar} MISSED"),
        };
        println!("{name:<44} {ours:>12} {raw:>12} {ratio:>7}  {bar}");
        if matches!(verdict, Some((false, _))) {
            self.missed.push(name.to_owned());
        }
    }

    pub(crate) fn end(self) {
        match &self.missed[..] {
            [] => println!("every bar is met"),
            missed => println!("missed: {}", missed.join(", ")),
        }
    }
}
