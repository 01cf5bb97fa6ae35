//! Making answers comparable: what differs from call to call gets a name.

/// Replaces tokens by `{ks}`, the execution time by `{time}`, and the message of an error by `{message}`.
///
/// Messages are replaced because their wording is nobody's contract; tests of the few that people match on
/// look at them before.
#[must_use]
pub fn normal(body: &str) -> String {
    let body = tokens(body);
    let body = between(&body, "<executionTime>", "</executionTime>", "{time}", |time| {
        time.parse::<f64>().is_ok_and(|seconds| (0.0..1000.0).contains(&seconds))
    });
    let body = between(&body, "<message>", "</message>", "{message}", |message| !message.is_empty());
    json_message(&body)
}

/// Replaces every token by `{ks}`.
#[must_use]
pub fn tokens(body: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for letter in body.chars().chain(std::iter::once('\0')) {
        if letter.is_ascii_alphanumeric() || "-_=+/".contains(letter) {
            word.push(letter);
            continue;
        }
        // `djJ8` is base64 of `v2|`.
        match word.find("djJ8") {
            Some(at) if word.len() - at > 60 => {
                out.push_str(&word[..at]);
                out.push_str("{ks}");
            }
            _ => out.push_str(&word),
        }
        word.clear();
        if letter != '\0' {
            out.push(letter);
        }
    }
    out
}

fn between(body: &str, open: &str, close: &str, name: &str, fits: impl Fn(&str) -> bool) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        out.push_str(open);
        match after.split_once(close) {
            Some((value, _)) if fits(value) => {
                out.push_str(name);
                rest = &after[value.len()..];
            }
            _ => rest = after,
        }
    }
    out + rest
}

/// `"message":"…"`, with escapes inside.
fn json_message(body: &str) -> String {
    const OPEN: &str = "\"message\":\"";
    let mut out = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once(OPEN) {
        out.push_str(before);
        out.push_str(OPEN);
        let mut escaped = false;
        let end = after
            .find(|letter| {
                let is_end = letter == '"' && !escaped;
                escaped = letter == '\\' && !escaped;
                is_end
            })
            .unwrap_or(0);
        if end > 0 {
            out.push_str("{message}");
        }
        rest = &after[end..];
    }
    out + rest
}

/// Compares two whole texts, and shows both where they differ.
///
/// # Panics
///
/// When they differ.
#[track_caller]
pub fn assert_whole(actual: &str, expected: &str) {
    assert!(actual == expected, "whole answers differ\n expected {expected}\n   actual {actual}");
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn what_differs_from_call_to_call_gets_a_name() {
        let token = format!("djJ8MTAyf{}", "Ab-_=".repeat(20));
        assert_eq!(normal(&format!("\"{token}\"")), "\"{ks}\"");
        assert_eq!(normal(&format!("s:99:\"{token}\";")), "s:99:\"{ks}\";");
        assert_eq!(normal("<executionTime>2.28E-5</executionTime>"), "<executionTime>{time}</executionTime>");
        assert_eq!(normal("<executionTime></executionTime>"), "<executionTime></executionTime>");
        assert_eq!(normal(r#"{"message":"a \"b\" c","x":1}"#), r#"{"message":"{message}","x":1}"#);
        assert_eq!(normal("\"message\":\"\""), "\"message\":\"\"");
        assert_eq!(normal("nothing to do"), "nothing to do");
    }
}
