//! What a process uses: memory and file descriptors, as Linux tells them.

use std::fmt;
use std::fs;

/// Nothing where the system does not tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    kib: Option<u64>,
    descriptors: Option<usize>,
}

/// The usage of a process by its number, or of `self`.
pub(super) fn usage(process: &str) -> Usage {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok();
    let kib = status.as_deref().and_then(|status| {
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    });
    let descriptors = fs::read_dir(format!("/proc/{process}/fd")).ok().map(Iterator::count);
    Usage { kib, descriptors }
}

impl Usage {
    /// How many bytes more than before.
    pub(super) fn more_than(self, before: Self) -> Option<u64> {
        Some(self.kib?.saturating_sub(before.kib?) * 1024)
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kib, self.descriptors) {
            (Some(kib), Some(descriptors)) => {
                write!(f, "{:>5} MiB {descriptors:>5} fd", kib / 1024)
            }
            _ => f.write_str("unknown           "),
        }
    }
}
