//! Texts of mails that an account has in place of ours: plain text, with placeholders.

use ks_store::Partner;
use serde_json::{Value, json};

use super::letter::Kind;

/// Where an account keeps them, among its other settings: templates of accounts hand them on, and every node has them
/// at hand.
const SETTING: &str = "ksMailTemplates";
/// What a mail server may cut, and what nobody reads.
const LONGEST_SUBJECT: usize = 200;
const LONGEST_BODY: usize = 10_000;
/// What stands for something else.
const PLACEHOLDERS: [&str; 5] = ["link", "key", "partner", "account", "address"];

/// The text of one kind of mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// What it is about, on one line.
    pub subject: String,
    /// What it says.
    pub body: String,
}

/// Why a text is no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// The subject is empty, too long, or more than one line.
    #[error("the subject is one line of 1 to 200 bytes")]
    Subject,
    /// The body is too long, or holds control characters.
    #[error("the body is plain text of at most 10000 bytes")]
    Body,
    /// Nobody could do anything with the mail.
    #[error("the body has the placeholder {{link}}")]
    NoLink,
    /// A word in braces stands for nothing.
    #[error("only {{link}}, {{key}}, {{partner}}, {{account}} and {{address}} stand for something")]
    Unknown,
}

/// What a mail is filled with.
pub(super) struct Filling<'a> {
    pub(super) link: &'a str,
    pub(super) key: &'a str,
    pub(super) partner: &'a str,
    pub(super) account: &'a str,
    pub(super) address: &'a str,
}

impl Template {
    /// The account's own text for this kind of mail.
    #[must_use]
    pub fn of(account: &Partner, kind: Kind) -> Option<Self> {
        let kept = account.properties.get(SETTING)?.get(kind.name())?;
        let text = |name: &str| kept.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self { subject: text("subject")?, body: text("body")? })
    }

    /// Our text for this kind of mail.
    #[must_use]
    pub fn ours(kind: Kind) -> Self {
        let (subject, body) = kind.text().split_once('\n').unwrap_or_default();
        // With the link, the key need not be told besides; without a link it stands in its place.
        Self { subject: subject.to_owned(), body: body.replace("{key}\n{link}\n", "{link}\n\n") }
    }

    /// A text that an account may use.
    ///
    /// # Errors
    /// [`TemplateFault`].
    pub fn checked(subject: &str, body: &str) -> Result<Self, TemplateFault> {
        // A line break would begin another header.
        if subject.contains(char::is_control) {
            return Err(TemplateFault::Subject);
        }
        let subject = subject.trim();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
            return Err(TemplateFault::Subject);
        }
        let body = body.replace("\r\n", "\n");
        let odd = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
        if body.len() > LONGEST_BODY || body.contains(odd) {
            return Err(TemplateFault::Body);
        }
        let mut has_link = false;
        for name in placeholders(&body) {
            has_link |= name == "link";
        }
        if !has_link {
            return Err(TemplateFault::NoLink);
        }
        if placeholders(subject).chain(placeholders(&body)).any(|name| !PLACEHOLDERS.contains(&name)) {
            return Err(TemplateFault::Unknown);
        }
        // A key in a subject would stand in every list of mails.
        if placeholders(subject).any(|name| name == "link" || name == "key") {
            return Err(TemplateFault::Subject);
        }
        Ok(Self { subject: subject.to_owned(), body })
    }

    /// Keeps it as the account's own.
    pub fn keep(self, account: &mut Partner, kind: Kind) {
        let kept = account.properties.entry(SETTING).or_insert_with(|| json!({}));
        if !kept.is_object() {
            *kept = json!({});
        }
        kept[kind.name()] = json!({ "subject": self.subject, "body": self.body });
    }

    /// Goes back to our text.
    pub fn forget(account: &mut Partner, kind: Kind) {
        if let Some(kept) = account.properties.get_mut(SETTING).and_then(Value::as_object_mut) {
            kept.shift_remove(kind.name());
        }
    }

    /// Subject and body with everything filled in, in one pass: what is filled in is never read again.
    pub(super) fn fill(&self, with: &Filling<'_>) -> (String, String) {
        let value = |name: &str| match name {
            "link" => Some(with.link),
            "key" => Some(with.key),
            "partner" => Some(with.partner),
            "account" => Some(with.account),
            "address" => Some(with.address),
            _ => None,
        };
        let subject = filled(&self.subject, value);
        let subject = subject.chars().filter(|letter| !letter.is_control()).collect();
        (subject, filled(&self.body, value))
    }
}

/// The words in braces. Other braces are text.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(name)
    })
}

fn filled<'a>(text: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut out = String::with_capacity(text.len() + 200);
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let named = from[1..].split_once('}').and_then(|(name, after)| Some((value(name)?, after)));
        match named {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITH: Filling<'_> =
        Filling { link: "https://x/#K", key: "K", partner: "7", account: "{key}\nBcc: x", address: "a@b.example" };

    #[test]
    fn what_is_filled_in_is_never_read_again() {
        let template = Template::checked("For {address} of {account}", "{account}: {link} { {link} }").unwrap();
        let (subject, body) = template.fill(&WITH);
        assert_eq!(subject, "For a@b.example of {key}Bcc: x");
        assert_eq!(body, "{key}\nBcc: x: https://x/#K { https://x/#K }");
    }

    #[test]
    fn texts_that_are_no_templates_are_refused() {
        let check = |subject: &str, body: &str| Template::checked(subject, body).err();
        assert_eq!(check("Hello", "Set it: {link}"), None);
        assert_eq!(check("Hello", "no way to set it: {key}"), Some(TemplateFault::NoLink));
        assert_eq!(check("Hello", "{link} {password}"), Some(TemplateFault::Unknown));
        for subject in ["", " ", "a\nBcc: everybody@example.com", "a\r", "{key}", "{link}", &"x".repeat(201)] {
            assert_eq!(check(subject, "{link}"), Some(TemplateFault::Subject), "{subject:?}");
        }
        assert_eq!(check("Hello", "{link}\0"), Some(TemplateFault::Body));
        assert_eq!(check("Hello", &format!("{{link}}{}", "x".repeat(LONGEST_BODY))), Some(TemplateFault::Body));
        // Every one of ours would be taken.
        for kind in Kind::ALL {
            let ours = Template::ours(kind);
            assert_eq!(Template::checked(&ours.subject, &ours.body), Ok(ours));
        }
    }
}
