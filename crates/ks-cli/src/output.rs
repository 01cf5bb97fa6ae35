//! What is printed, and how: standard output for answers, the error stream for remarks.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};

use crate::exit::Failure;

/// Prints an answer and a line end. A reader that has seen enough (`ks inspect - | head`) is not an error.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::unreachable(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints an object on one line.
pub(crate) fn json(value: &serde_json::Value) -> Result<(), Failure> {
    line(&value.to_string())
}

/// Prints a remark on the error stream; nobody listening is fine.
pub(crate) fn err(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Text from a token or the database, made safe for a terminal: control and direction-changing characters are escaped.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let reorders = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || reorders {
            // Writing to a String cannot fail.
            let _ = write!(out, "{}", character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// Lays rows out in columns under headings; the last column is not padded.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    let head = headings.iter().map(|&heading| heading.to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let mut text = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(text, "{cell:<width$}  ");
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\n\u{202e}c é"), "a\\u{1b}[2Jb\\u{a}\\u{202e}c é");
    }

    #[test]
    fn columns_line_up() {
        let rows = [vec!["1".into(), "one".into()], vec!["10".into(), "ten".into()]];
        assert_eq!(table(&["ID", "NAME"], &rows), "ID  NAME\n1   one\n10  ten");
    }
}
