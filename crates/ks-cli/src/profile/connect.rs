//! From a profile to a client with a session.

use ks_client::{AppTokenHash, Client, Credentials, Error};
use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::output::printable;
use crate::profile::kept::{Hash, Kind, Profile, Source, Way};
use crate::{secrets, typo};

impl Profile {
    /// A client of the profile's server, with a session unless the profile has none.
    pub(crate) async fn connect(&self) -> Result<Client, Failure> {
        let client = self.client()?;
        match self.credentials()? {
            Some(credentials) => client.sign_in(credentials).await.map_err(failure),
            None => Ok(client),
        }
    }

    /// A client without a session.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let client = Client::builder(&self.url).client_tag(concat!("ks:", env!("CARGO_PKG_VERSION")));
        let has_session = !matches!(self.session, Way::None);
        if has_session && ks_client::is_open(&self.url) && !self.plain_http {
            return Err(Failure::usage("without TLS everybody on the way could read the session")
                .hint("use https://, or say --plain-http when the profile is made"));
        }
        client.build().map_err(failure)
    }

    fn credentials(&self) -> Result<Option<Credentials>, Failure> {
        let partner = || self.partner.ok_or_else(|| Failure::usage("the profile has no account: it needs --partner"));
        let mut credentials = match &self.session {
            Way::None => return Ok(None),
            Way::Login { ks, .. } => return Ok(Some(Credentials::given(ks))),
            Way::Secret { from } => Credentials::local(from.read()?.as_str(), partner()?),
            Way::AppToken { id, from, hash } => {
                Credentials::app_token(id, from.read()?.as_str(), partner()?).hash(match hash {
                    Hash::Md5 => AppTokenHash::Md5,
                    Hash::Sha1 => AppTokenHash::Sha1,
                    Hash::Sha256 => AppTokenHash::Sha256,
                    Hash::Sha512 => AppTokenHash::Sha512,
                })
            }
        };
        credentials = credentials.expiry(self.expiry);
        if let Some(privileges) = &self.privileges {
            credentials = credentials.privileges(privileges);
        }
        let user = self.user.clone();
        Ok(Some(match (self.kind, user) {
            (Kind::Admin, user) => credentials.admin(user.unwrap_or_default()),
            (Kind::User, Some(user)) => credentials.user(user),
            (Kind::User, None) => credentials,
        }))
    }
}

impl Source {
    fn read(&self) -> Result<Zeroizing<String>, Failure> {
        match self {
            Self::File(path) => {
                let secret = secrets::find(Some(path), "the profile names a file")?;
                Ok(Zeroizing::new(secret.expose().to_owned()))
            }
            Self::Variable(name) => match std::env::var(name).map(Zeroizing::new) {
                Ok(text) if !text.trim().is_empty() => Ok(Zeroizing::new(text.trim().to_owned())),
                _ => Err(Failure::usage(format!("the variable {name}, which the profile names, is not set"))),
            },
        }
    }

    /// Where it lies, for people.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::File(path) => format!("the file {}", path.display()),
            Self::Variable(name) => format!("the variable {name}"),
        }
    }
}

/// How a command ends when a call has no answer.
pub(crate) fn failure(error: Error) -> Failure {
    match error {
        Error::Api(error) => {
            let failure = Failure::no(printable(&error.to_string())).api(&error);
            match error.code() {
                "INVALID_KS" if error.arg("KSID") == Some("EXPIRED") => failure.hint("`ks login` gets another session"),
                "MISSING_OTP" => failure.hint("give a code of the second factor with --otp CODE"),
                "CATEGORY_NOT_FOUND" | "ENTRY_ID_NOT_FOUND" => failure.hint(
                    "if it should be there, this session may not see it: one with the privilege disableentitlement \
                     sees everything in the account (--privileges all:*,disableentitlement)",
                ),
                _ => failure,
            }
        }
        Error::Usage(text) => Failure::usage(text),
        other => Failure::unreachable(printable(&other.to_string())),
    }
}

/// The name that was probably meant, as a hint.
pub(crate) fn suggest<'a>(failure: Failure, name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    match typo::nearest(name, known) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure,
    }
}
