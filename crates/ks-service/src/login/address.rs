//! E-mail addresses: as much of a check as finds slips of the keyboard.

/// Whether this could be an address: something before one `@`, and a domain with a dot after it.
pub(crate) fn is_valid(email: &str) -> bool {
    let Some((local, domain)) = email.trim().split_once('@') else { return false };
    let plain = |text: &str| {
        !text.contains(['@', '<', '>', '"', '(', ')', ',', ';', ':', '\\', '[', ']'])
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    };
    (1..=64).contains(&local.len())
        && (3..=255).contains(&domain.len())
        && plain(local)
        && plain(domain)
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

/// Whether a text holds what a browser would take for markup.
pub(crate) fn has_markup(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        if after.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_halves() {
        for good in ["a@b.c", "ann.o'hara+x@mail.example.com"] {
            assert!(is_valid(good), "{good}");
        }
        let long = format!("{}@b.c", "x".repeat(65));
        for bad in ["", "a", "@b.c", "a@b", "a@.c", "a b@c.d", "a@b@c.d", "a<b@c.d", "a@b.c\r\nBcc: x@y.z", &long] {
            assert!(!is_valid(bad), "{bad}");
        }
    }

    #[test]
    fn markup_is_what_browsers_read() {
        assert!(has_markup("a<b>c") && has_markup("</p>") && has_markup("<!--"));
        assert!(!has_markup("1 < 2") && !has_markup("I <3 you") && !has_markup("plain"));
    }
}
