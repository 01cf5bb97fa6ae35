//! How a client gets a session.

use std::fmt;

use ks_token::{Claims, PartnerId, Scratch, Secret, SecretKey, generate_v1, generate_v2};
use zeroize::Zeroizing;

use crate::enums::SessionType;
use crate::{Client, Error, Ref};

/// How a proof of an app token's key is hashed; the token says which it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AppTokenHash {
    /// MD5.
    Md5,
    /// SHA-1.
    #[default]
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How to get a session, and what it shall be. Whatever the server caps stays capped.
#[derive(Clone)]
pub struct Credentials {
    way: Way,
    user: Option<String>,
    admin: bool,
    expiry: u32,
    privileges: Option<String>,
}

#[derive(Clone)]
enum Way {
    Given(Zeroizing<String>),
    Secret { secret: Zeroizing<String>, partner: i32 },
    Local { secret: Zeroizing<String>, partner: i32, version_1: bool },
    Password { login_id: String, password: Zeroizing<String>, partner: Option<i32>, otp: Option<String> },
    AppToken { id: String, token: Zeroizing<String>, widget: String, hash: AppTokenHash },
}

/// A session that was started.
pub(crate) struct Started {
    pub(crate) ks: Zeroizing<String>,
    /// When it ends, in Unix seconds, as far as that is known.
    pub(crate) expiry: Option<i64>,
}

impl Credentials {
    const fn new(way: Way) -> Self {
        Self { way, user: None, admin: false, expiry: 86_400, privileges: None }
    }

    /// A session that is there already. It cannot be renewed.
    pub fn given(ks: impl Into<String>) -> Self {
        Self::new(Way::Given(ks.into().into()))
    }

    /// By a secret of the account: `session.start`.
    pub fn secret(secret: impl Into<String>, partner: i32) -> Self {
        Self::new(Way::Secret { secret: secret.into().into(), partner })
    }

    /// Made on this machine with an administrator secret of the account, without a call.
    pub fn local(secret: impl Into<String>, partner: i32) -> Self {
        Self::new(Way::Local { secret: secret.into().into(), partner, version_1: false })
    }

    /// By an e-mail address and a password: `user.loginByLoginId`.
    pub fn password(login_id: impl Into<String>, password: impl Into<String>) -> Self {
        let (login_id, password) = (login_id.into(), password.into().into());
        Self::new(Way::Password { login_id, password, partner: None, otp: None })
    }

    /// By an app token of the account: a widget's session, a proof, and `appToken.startSession`.
    pub fn app_token(id: impl Into<String>, token: impl Into<String>, partner: i32) -> Self {
        let (id, token) = (id.into(), token.into().into());
        Self::new(Way::AppToken { id, token, widget: format!("_{partner}"), hash: AppTokenHash::Sha1 })
    }

    /// An administrator's session, of this user.
    #[must_use]
    pub fn admin(mut self, user: impl Into<String>) -> Self {
        self.admin = true;
        self.user(user)
    }

    /// The user whose session it is. Without one it is nobody's; a login knows its own.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// What the session may do, such as `edit:0_abc,disableentitlement`.
    #[must_use]
    pub fn privileges(mut self, privileges: impl Into<String>) -> Self {
        self.privileges = Some(privileges.into());
        self
    }

    /// How long each session lasts, in seconds; a day unless told otherwise.
    #[must_use]
    pub const fn expiry(mut self, seconds: u32) -> Self {
        self.expiry = seconds;
        self
    }

    /// The account that a login with a password is for; the one of the last login unless told otherwise.
    #[must_use]
    pub fn partner(mut self, id: i32) -> Self {
        if let Way::Password { partner, .. } = &mut self.way {
            *partner = Some(id);
        }
        self
    }

    /// A code of the second factor. It is good once, so such a session cannot be renewed.
    #[must_use]
    pub fn otp(mut self, code: impl Into<String>) -> Self {
        if let Way::Password { otp, .. } = &mut self.way {
            *otp = Some(code.into());
        }
        self
    }

    /// Makes tokens of version 1, for servers that know no other. Anybody can read these.
    #[must_use]
    pub fn version_1(mut self) -> Self {
        if let Way::Local { version_1, .. } = &mut self.way {
            *version_1 = true;
        }
        self
    }

    /// How an app token takes its proof; SHA-1 unless told otherwise.
    #[must_use]
    pub fn hash(mut self, with: AppTokenHash) -> Self {
        if let Way::AppToken { hash, .. } = &mut self.way {
            *hash = with;
        }
        self
    }

    /// Whether another session can be had when one ends.
    pub(crate) const fn can_renew(&self) -> bool {
        !matches!(&self.way, Way::Given(_) | Way::Password { otp: Some(_), .. })
    }

    /// Gets a session. The client has none of its own.
    pub(crate) async fn start(&self, client: &Client) -> Result<Started, Error> {
        let now = client.now();
        let kind = if self.admin { SessionType::Admin } else { SessionType::User };
        let asked = Some(now.saturating_add(i64::from(self.expiry)));
        match &self.way {
            Way::Given(ks) => Ok(Started { ks: ks.clone(), expiry: None }),
            Way::Secret { secret, partner } => {
                let call = client.session().start(secret.as_str()).partner_id(*partner).r#type(kind);
                let call = call.user_id(self.user.as_deref()).privileges(self.privileges.as_deref());
                let ks = Zeroizing::new(call.expiry(self.expiry).await?);
                // The account may cap what was asked for, and the token says so to whoever has the secret.
                let expiry = read_expiry(&ks, secret).or(asked);
                Ok(Started { ks, expiry })
            }
            Way::Local { secret, partner, version_1 } => {
                let ks = self.mint(secret, *partner, *version_1, now)?;
                Ok(Started { ks, expiry: asked })
            }
            Way::Password { login_id, password, partner, otp } => {
                let call = client.user().login_by_login_id(login_id, password.as_str()).partner_id(*partner);
                let call = call.otp(otp.as_deref()).privileges(self.privileges.as_deref()).expiry(self.expiry);
                Ok(Started { ks: call.await?.into(), expiry: asked })
            }
            Way::AppToken { id, token, widget, hash } => {
                let anonymous = client.session().start_widget_session(widget).await?;
                let anonymous = anonymous.ks().ok_or_else(no_session)?.to_owned();
                let proof = hash.of(&anonymous, token);
                let call = client.app_token().start_session(id, proof).with_ks(anonymous);
                let call = call.user_id(self.user.as_deref()).session_privileges(self.privileges.as_deref());
                // Without a wish the token's own type counts.
                let call = call.r#type(self.admin.then_some(kind)).expiry(self.expiry);
                let session = call.await?;
                let ks = session.ks().ok_or_else(no_session)?.to_owned();
                Ok(Started { ks: ks.into(), expiry: session.expiry().or(asked) })
            }
        }
    }

    fn mint(&self, secret: &str, partner: i32, version_1: bool, now: i64) -> Result<Zeroizing<String>, Error> {
        let mut claims = Claims::new(PartnerId::new(partner), now.saturating_add(i64::from(self.expiry)));
        claims.user_id.clone_from(&self.user);
        claims.privileges.clone_from(&self.privileges);
        claims.session_type = if self.admin { 2 } else { 0 };
        let key = SecretKey::new(&Secret::new(secret).map_err(|_| Error::Usage("the secret is empty".to_owned()))?);
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| Error::Usage(format!("the system has no randomness: {error}")))?;
        let made = if version_1 {
            generate_v1(&claims, &key, &u64::from_le_bytes(std::array::from_fn(|at| random[at])).to_string())
        } else {
            generate_v2(&claims, &key, random)
        };
        made.map(Zeroizing::new).map_err(|error| Error::Usage(error.to_string()))
    }
}

fn no_session() -> Error {
    Error::Decode("the server did not answer with a session".to_owned())
}

/// When a token ends, if this secret signed it.
fn read_expiry(ks: &str, secret: &str) -> Option<i64> {
    let key = SecretKey::new(&Secret::new(secret).ok()?);
    let mut scratch = Scratch::new();
    ks_token::Envelope::decode(ks.as_bytes(), &mut scratch).ok()?.verify([&key]).ok()?.expiry
}

impl AppTokenHash {
    fn of(self, ks: &str, token: &str) -> String {
        use sha2::Digest;

        fn hex(bytes: &[u8]) -> String {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        }
        fn over<D: Digest>(ks: &str, token: &str) -> String {
            hex(&D::new().chain_update(ks).chain_update(token).finalize())
        }
        match self {
            Self::Md5 => over::<md5::Md5>(ks, token),
            Self::Sha1 => over::<sha1::Sha1>(ks, token),
            Self::Sha256 => over::<sha2::Sha256>(ks, token),
            Self::Sha512 => over::<sha2::Sha512>(ks, token),
        }
    }
}

impl fmt::Debug for Credentials {
    /// The way, and nothing that opens anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match &self.way {
            Way::Given(_) => "given",
            Way::Secret { .. } => "secret",
            Way::Local { .. } => "local",
            Way::Password { .. } => "password",
            Way::AppToken { .. } => "app_token",
        };
        f.debug_struct("Credentials").field("way", &way).field("user", &self.user).finish_non_exhaustive()
    }
}

/// In a batch a session may be one that the batch itself starts.
impl From<Ref<crate::classes::SessionInfo>> for crate::Arg<String> {
    fn from(session: Ref<crate::classes::SessionInfo>) -> Self {
        session.ks().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_are_those_of_coreutils() {
        // printf ks-textkey | md5sum, and its siblings.
        assert_eq!(AppTokenHash::Md5.of("ks-text", "key"), "a8e2ab53a4371f16d8015ed661035645");
        assert_eq!(AppTokenHash::Sha1.of("ks-text", "key"), "3c5a847c53c3357474136216076084b02784f0ae");
        let sha256 = "4e6ea87dcfebe8701f6cb1d32cb67bbb33b6b5b62edf3b70bd7419b5000d0e62";
        assert_eq!(AppTokenHash::Sha256.of("ks-text", "key"), sha256);
        assert!(AppTokenHash::Sha512.of("ks-text", "key").starts_with("941c4f1054b2cf87cf3bc356ff2395474b3b5613"));
    }

    #[test]
    fn nothing_that_opens_anything_is_shown() {
        for credentials in [
            Credentials::given("canary"),
            Credentials::secret("canary", 102),
            Credentials::local("canary", 102).version_1(),
            Credentials::password("me@example.com", "canary").otp("canary"),
            Credentials::app_token("0_id", "canary", 102).hash(AppTokenHash::Md5),
        ] {
            assert!(!format!("{credentials:?}").contains("canary"));
        }
    }
}
