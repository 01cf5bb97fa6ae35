//! Where mails are handed in, as one URL: `smtp://user:password@host:port` or `smtps://…`.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::{Host, Url};
use zeroize::Zeroizing;

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// TLS from the first byte (`smtps://`).
    Whole,
    /// STARTTLS, or nothing is sent (`smtp://` to other machines; `?tls=required`).
    Required,
    /// STARTTLS where the server offers it (`?tls=opportunistic`).
    Offered,
    /// None (`smtp://` to this machine; `?tls=none`).
    None,
}

/// A mail server, with what is needed to log in there. The password never prints itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    pub(crate) protection: Protection,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Zeroizing<String>>,
}

/// Why a text is no [`SmtpUrl`]. It does not repeat the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected smtp://[USER:PASSWORD@]HOST[:PORT] or smtps://…; {0}")]
pub struct NoSmtpUrl(&'static str);

impl FromStr for SmtpUrl {
    type Err = NoSmtpUrl;

    fn from_str(text: &str) -> Result<Self, NoSmtpUrl> {
        let url = Url::parse(text).map_err(|_| NoSmtpUrl("this is no URL"))?;
        let host = match url.host() {
            // Schemes that the parser does not know have addresses as plain names.
            Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(Host::Domain(_)) | None => return Err(NoSmtpUrl("it names no host")),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(NoSmtpUrl("a path or a fragment means nothing here"));
        }
        let here = host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        let protection = match (url.scheme(), url.query()) {
            ("smtps", None) => Protection::Whole,
            ("smtp", None) if here => Protection::None,
            ("smtp", None | Some("tls=required")) => Protection::Required,
            ("smtp", Some("tls=opportunistic")) => Protection::Offered,
            ("smtp", Some("tls=none")) => Protection::None,
            ("smtp", Some(_)) => return Err(NoSmtpUrl("after ? there may be tls=required, opportunistic or none")),
            ("smtps", Some(_)) => return Err(NoSmtpUrl("smtps:// is whole as it is")),
            _ => return Err(NoSmtpUrl("this begins with another scheme")),
        };
        let usual = match protection {
            Protection::Whole => 465,
            Protection::Required => 587,
            Protection::Offered | Protection::None => 25,
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned);
        let undecodable = |_| NoSmtpUrl("user or password is not UTF-8");
        let user = Some(url.username()).filter(|user| !user.is_empty()).map(decoded);
        Ok(Self {
            protection,
            host,
            port: url.port().unwrap_or(usual),
            user: user.transpose().map_err(undecodable)?,
            password: url.password().map(decoded).transpose().map_err(undecodable)?.map(Zeroizing::new),
        })
    }
}

impl fmt::Display for SmtpUrl {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.protection == Protection::Whole { "smtps" } else { "smtp" };
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(f, "{scheme}://{user}{host}:{}", self.port)
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Protection, String, u16, Option<String>, Option<String>) {
        let url: SmtpUrl = text.parse().unwrap();
        (url.protection, url.host, url.port, url.user, url.password.map(|password| password.to_string()))
    }

    #[test]
    fn other_machines_get_nothing_in_the_clear_unless_the_operator_says_so() {
        let to = |protection, host: &str, port| (protection, host.to_owned(), port, None, None);
        assert_eq!(read("smtp://mail.example"), to(Protection::Required, "mail.example", 587));
        assert_eq!(read("smtps://mail.example"), to(Protection::Whole, "mail.example", 465));
        assert_eq!(read("smtp://mail.example:2525?tls=none"), to(Protection::None, "mail.example", 2525));
        assert_eq!(read("smtp://mail.example?tls=opportunistic"), to(Protection::Offered, "mail.example", 25));
        assert_eq!(read("smtp://127.0.0.1:1025"), to(Protection::None, "127.0.0.1", 1025));
        assert_eq!(read("smtp://[::1]:1025"), to(Protection::None, "::1", 1025));
        assert_eq!(read("smtp://localhost?tls=required"), to(Protection::Required, "localhost", 587));
    }

    #[test]
    fn the_password_is_read_and_not_shown() {
        let text = "smtps://ann%40example.com:p%3Aw%2Fd@mail.example:4465";
        let (_, _, port, user, password) = read(text);
        assert_eq!((port, user.as_deref(), password.as_deref()), (4465, Some("ann@example.com"), Some("p:w/d")));
        let url: SmtpUrl = text.parse().unwrap();
        assert_eq!(url.to_string(), "smtps://ann@example.com@mail.example:4465");
        assert!(!format!("{url:?}").contains("p:w/d"));
    }

    #[test]
    fn other_texts_are_refused_without_being_repeated() {
        for text in ["", "mail.example", "http://mail.example", "smtp://", "smtp://h/path", "smtp://h?tls=maybe"] {
            assert!(text.parse::<SmtpUrl>().is_err(), "{text}");
        }
        let error = "smpt://user:canary@host".parse::<SmtpUrl>().unwrap_err();
        assert!(!error.to_string().contains("canary"));
    }
}
