//! Lines for people.

use std::io::{self, Write as _};

use wkim::{GapCause, Message, MessageStatus, Page};

/// Writes a line to stdout; a reader that has gone away ends the command.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// One message: its place, its sender, its text.
pub(crate) fn message(message: &Message) -> String {
    let seq = message.message_seq();
    let place = match message.status {
        MessageStatus::Sending => "   …".to_owned(),
        status if status.is_given_up() => "   !".to_owned(),
        _ => format!("{:>4}", seq.get()),
    };
    let parsed = message.parse();
    format!("{place}  {}: {}", message.from_uid, printable(&parsed.content.display_text()))
}

/// Why a page ends where it does, if that is not the end of the channel.
pub(crate) fn gap(page: &Page) -> Option<String> {
    let gap = page.incomplete.as_ref()?;
    let cause = match &gap.cause {
        GapCause::Source(words) => words.clone(),
        GapCause::Unverified => "the server did not send messages it had named".to_owned(),
        GapCause::NoProgress => "the server says that there is more, and sends nothing".to_owned(),
        other => format!("{other:?}"),
    };
    let last = gap.last.map_or_else(|| "the end".to_owned(), |seq| seq.get().to_string());
    Some(format!("messages {} to {last} are missing: {cause}", gap.first.get()))
}

/// Without the control characters with which a sender could rewrite the screen.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_never_reach_the_screen() {
        assert_eq!(printable("a\u{1b}[2J\nb\tc"), "a\u{FFFD}[2J\u{FFFD}b\tc");
    }
}
