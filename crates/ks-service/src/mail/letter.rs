//! What mails say. Each text is a file of its own: its first line is the subject. An account may have texts of its own.
//!
//! None of our letters repeats what somebody typed: an address can be anybody's, and a name could carry an
//! advertisement to it.

use ks_store::Partner;

use super::Mail;
use super::template::{Filling, Template};

/// A mail by its purpose.
#[derive(Clone, Copy)]
pub enum Letter<'a> {
    /// Somebody asked for a new password.
    NewPassword {
        /// With which it is set.
        key: &'a str,
    },
    /// Somebody was given a login.
    FirstPassword {
        /// With which its password is set.
        key: &'a str,
    },
    /// An account was opened.
    NewAccount {
        /// With which the administrator's password is set, where none was chosen.
        key: Option<&'a str>,
    },
}

/// The kinds of mails that an account may word itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To somebody who was given a login.
    Invitation,
    /// To the first administrator of a new account, who sets a password.
    InitialPassword,
    /// To somebody who asked for a new password.
    Reset,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Invitation, Self::InitialPassword, Self::Reset];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::InitialPassword => "initialPassword",
            Self::Reset => "reset",
        }
    }

    /// Our text.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Invitation => include_str!("letters/first_password.txt"),
            Self::InitialPassword => include_str!("letters/new_account_key.txt"),
            Self::Reset => include_str!("letters/new_password.txt"),
        }
    }
}

/// The page that keys are for, below the public address of the server's pages.
const PAGE: &str = "set-password";

impl std::fmt::Debug for Letter<'_> {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter(..)")
    }
}

impl<'a> Letter<'a> {
    /// Which text it has, and the key in it; `None`: it has no key, and the text is always ours.
    const fn parts(self) -> Option<(Kind, &'a str)> {
        match self {
            Self::NewPassword { key } => Some((Kind::Reset, key)),
            Self::FirstPassword { key } => Some((Kind::Invitation, key)),
            Self::NewAccount { key: Some(key) } => Some((Kind::InitialPassword, key)),
            Self::NewAccount { key: None } => None,
        }
    }

    /// The mail to an address, from an account. `public_url` is where the page is that keys are for; without it our
    /// mails have no links, and an account's own have the key in their place.
    #[must_use]
    pub fn to(self, address: &str, account: &Partner, public_url: Option<&str>) -> Mail {
        let partner = account.id.to_string();
        let mail = |subject: String, text: String| Mail { to: address.to_owned(), subject, text };
        let Some((kind, key)) = self.parts() else {
            let text = include_str!("letters/new_account.txt");
            let (subject, text) = text.split_once('\n').unwrap_or((text, ""));
            return mail(subject.to_owned(), text.replace("{partner}", &partner));
        };
        // In the part of an address that browsers keep to themselves: the key reaches no log on the way.
        let link = public_url.map(|url| format!("{}/{PAGE}#{key}", url.trim_end_matches('/')));
        if let Some(own) = Template::of(account, kind) {
            let link = link.as_deref().unwrap_or(key);
            let (subject, text) = own.fill(&Filling { link, key, partner: &partner, account: &account.name, address });
            return mail(subject, text);
        }
        let (subject, text) = kind.text().split_once('\n').unwrap_or_default();
        let text = text
            .replace("{partner}", &partner)
            .replace("{link}\n", &link.map_or_else(|| "\n".to_owned(), |link| format!("\n{link}\n\n")))
            .replace("{key}", key);
        mail(subject.to_owned(), text)
    }
}

#[cfg(test)]
mod tests {
    use ks_schema::PartnerId;

    use super::*;

    const KEY: &str = "MTJ8MTcwMDAwMDAwMHwwMTIzNDU2Nzg5";

    fn account() -> Partner {
        Partner::named(PartnerId::new(105), "Acme", 0)
    }

    #[test]
    fn every_letter_is_whole() {
        let letters = [
            Letter::NewPassword { key: KEY },
            Letter::FirstPassword { key: KEY },
            Letter::NewAccount { key: None },
            Letter::NewAccount { key: Some(KEY) },
        ];
        for letter in letters {
            for url in [None, Some("https://ks.example/")] {
                let mail = letter.to("ann@example.com", &account(), url);
                assert!(!mail.subject.is_empty() && !mail.text.contains(['{', '}']), "{}", mail.text);
                let has_key = !matches!(letter, Letter::NewAccount { key: None });
                assert_eq!(mail.text.lines().any(|line| line == KEY), has_key, "{}", mail.text);
                assert_eq!(mail.text.contains("https://"), has_key && url.is_some(), "{}", mail.text);
            }
        }
    }

    #[test]
    fn a_link_has_the_key_where_servers_do_not_see_it() {
        let mail = Letter::NewPassword { key: KEY }.to("ann@example.com", &account(), Some("https://ks.example/ks/"));
        assert_eq!(mail.subject, "Set a new password");
        assert!(mail.text.contains(&format!("\n\nhttps://ks.example/ks/set-password#{KEY}\n\n")), "{}", mail.text);
    }

    #[test]
    fn an_account_has_its_own_words() {
        let mut account = account();
        let own = Template::checked("For {account}", "Go to {link}").unwrap();
        own.keep(&mut account, Kind::Reset);
        let mail = Letter::NewPassword { key: KEY }.to("ann@example.com", &account, Some("https://ks.example"));
        assert_eq!(
            (mail.subject.as_str(), mail.text),
            ("For Acme", format!("Go to https://ks.example/set-password#{KEY}"))
        );
        let other = Letter::FirstPassword { key: KEY }.to("ann@example.com", &account, None);
        assert_eq!(other.subject, "Set your password");
        Template::forget(&mut account, Kind::Reset);
        assert_eq!(Letter::NewPassword { key: KEY }.to("a@example.com", &account, None).subject, "Set a new password");
    }
}
