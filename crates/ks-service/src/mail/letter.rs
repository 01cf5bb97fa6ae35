//! What mails say. Each text is a file of its own: its first line is the subject.
//!
//! No letter repeats what somebody typed: an address can be anybody's, and a name could carry an advertisement to it.

use ks_schema::PartnerId;

use super::Mail;

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
        /// Its number.
        partner: PartnerId,
        /// With which the administrator's password is set, where none was chosen.
        key: Option<&'a str>,
    },
}

/// The page that keys are for, below the public address of the server's pages.
const PAGE: &str = "set-password";

impl std::fmt::Debug for Letter<'_> {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter(..)")
    }
}

impl Letter<'_> {
    /// The mail to an address. `public_url` is where the page is that keys are for; without it the mail has no links.
    #[must_use]
    pub fn to(self, address: &str, public_url: Option<&str>) -> Mail {
        let (text, key, partner) = match self {
            Self::NewPassword { key } => (include_str!("letters/new_password.txt"), Some(key), None),
            Self::FirstPassword { key } => (include_str!("letters/first_password.txt"), Some(key), None),
            Self::NewAccount { partner, key: None } => (include_str!("letters/new_account.txt"), None, Some(partner)),
            Self::NewAccount { partner, key } => (include_str!("letters/new_account_key.txt"), key, Some(partner)),
        };
        let (subject, text) = text.split_once('\n').unwrap_or((text, ""));
        let key = key.unwrap_or_default();
        // In the part of an address that browsers keep to themselves: the key reaches no log on the way.
        let link = public_url.map(|url| format!("\n{}/{PAGE}#{key}\n", url.trim_end_matches('/')));
        let text = text
            .replace("{partner}", &partner.map(|id| id.to_string()).unwrap_or_default())
            .replace("{link}\n", &link.map_or_else(|| "\n".to_owned(), |link| format!("{link}\n")))
            .replace("{key}", key);
        Mail { to: address.to_owned(), subject: subject.to_owned(), text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MTJ8MTcwMDAwMDAwMHwwMTIzNDU2Nzg5";

    #[test]
    fn every_letter_is_whole() {
        let letters = [
            Letter::NewPassword { key: KEY },
            Letter::FirstPassword { key: KEY },
            Letter::NewAccount { partner: PartnerId::new(105), key: None },
            Letter::NewAccount { partner: PartnerId::new(105), key: Some(KEY) },
        ];
        for letter in letters {
            for url in [None, Some("https://ks.example/")] {
                let mail = letter.to("ann@example.com", url);
                assert!(!mail.subject.is_empty() && !mail.text.contains(['{', '}']), "{}", mail.text);
                let has_key = !matches!(letter, Letter::NewAccount { key: None, .. });
                assert_eq!(mail.text.lines().any(|line| line == KEY), has_key, "{}", mail.text);
                assert_eq!(mail.text.contains("https://"), has_key && url.is_some(), "{}", mail.text);
            }
        }
    }

    #[test]
    fn a_link_has_the_key_where_servers_do_not_see_it() {
        let mail = Letter::NewPassword { key: KEY }.to("ann@example.com", Some("https://ks.example/ks/"));
        assert_eq!(mail.subject, "Set a new password");
        assert!(mail.text.contains(&format!("\n\nhttps://ks.example/ks/set-password#{KEY}\n\n")), "{}", mail.text);
    }
}
