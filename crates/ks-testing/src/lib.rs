//! A Kaltura session server inside a Rust test.
//!
//! [`Server::start`] runs the server of `ks dev` in the test's own process, on a free loopback port, with account 102 and
//! whatever a [world](Builder::seed) declares. It ends, and leaves nothing behind, when it goes out of scope. Tests can
//! run side by side: each has a server of its own.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! use std::time::Duration;
//!
//! let server = ks_testing::Server::builder()
//!     .seed("accounts: [{id: 102, users: [{id: ann, firstName: Ann}]}]")
//!     .start()
//!     .await;
//!
//! // What is tested gets `server.url()`, and mints or starts sessions as it always does. Here it is called by hand.
//! let ks = server.user_ks("ann", "");
//! let ann = server.call("user.get", &[("ks", &ks)]).await;
//! assert_eq!(ann["firstName"], "Ann");
//!
//! // A day later the session has ended.
//! server.advance(Duration::from_secs(86_400));
//! assert_eq!(server.call("user.get", &[("ks", &ks)]).await["code"], "INVALID_KS");
//!
//! // The log tells what was called, and what it was answered.
//! let calls = server.requests("user.get");
//! assert_eq!(calls.iter().map(|call| call.code()).collect::<Vec<_>>(), ["OK", "INVALID_KS"]);
//!
//! // And for the next case all is as it was.
//! server.reset().await;
//! assert!(server.requests("user.get").is_empty());
//! # }
//! ```

mod call;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ks_server::dev::{DevClock, Emulator, EmulatorConfig, EmulatorError};
use ks_server::{UnreadableSeed, read_seed};
use ks_token::{Claims, PartnerId, Secret, SecretKey, generate_v2};
use serde_json::Value;

pub use ks_schema::ErrorCode;
pub use ks_server::dev::{ADMIN_EMAIL, ADMIN_PASSWORD, ADMIN_SECRET, Fault, Request, RequestQuery, USER_SECRET};
pub use ks_service::mail::Mail;
pub use ks_service::seed::{Report, World};

/// How long minted sessions last, in seconds.
const SESSION_SECONDS: i64 = 3600;
/// `KalturaSessionType`.
const USER: i32 = 0;
const ADMIN: i32 = 2;

/// Why a server did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestingError {
    /// The text of a world cannot be read.
    #[error("the world: {0}")]
    Seed(#[from] UnreadableSeed),
    /// The server did not start, or cannot do it.
    #[error(transparent)]
    Server(#[from] EmulatorError),
}

/// What a server begins with.
#[derive(Debug, Default)]
#[must_use]
pub struct Builder {
    seed: Option<String>,
    time: Option<i64>,
    frozen: bool,
    rng_seed: Option<u64>,
    strict: bool,
    snapshots: Option<PathBuf>,
}

impl Builder {
    /// Begins with what a world declares, in YAML or JSON, as `ks dev --seed` reads it. Account 102 is there in any case.
    pub fn seed(mut self, world: impl Into<String>) -> Self {
        self.seed = Some(world.into());
        self
    }

    /// Begins at this time, in Unix seconds.
    pub fn time(mut self, seconds: i64) -> Self {
        self.time = Some(seconds);
        self
    }

    /// Lets the time stand still: it moves by [`Server::advance`] and [`Server::set_time`] alone.
    pub fn frozen(mut self) -> Self {
        self.frozen = true;
        self
    }

    /// Makes ids, keys and tokens the same each time, for the same calls in the same order.
    pub fn rng_seed(mut self, seed: u64) -> Self {
        self.rng_seed = Some(seed);
        self
    }

    /// Refuses parameters that are not declared, with `KS_UNKNOWN_PARAMETER`.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Keeps snapshots in a folder, beyond the life of the server.
    pub fn snapshots(mut self, folder: impl Into<PathBuf>) -> Self {
        self.snapshots = Some(folder.into());
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// [`TestingError`].
    pub async fn try_start(self) -> Result<Server, TestingError> {
        let clock = DevClock::new();
        clock.freeze(self.frozen);
        if let Some(time) = self.time {
            clock.set(time);
        }
        let world = self.seed.as_deref().map(read_seed).transpose()?.unwrap_or_default();
        let config = EmulatorConfig {
            world,
            clock,
            rng_seed: self.rng_seed,
            strict: self.strict,
            snapshots: self.snapshots,
            ..EmulatorConfig::new()
        };
        Ok(Server(Emulator::start(config).await?))
    }

    /// Starts the server.
    ///
    /// # Panics
    /// When it does not start; see [`Builder::try_start`].
    pub async fn start(self) -> Server {
        self.try_start().await.unwrap_or_else(|error| panic!("the server does not start: {error}"))
    }
}

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub struct Server(Emulator);

impl Server {
    /// Starts a server with account 102 alone.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// What a server can begin with.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The service URL, as every client library takes it: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.0.local_addr()
    }

    /// The partner id of the account: 102.
    #[must_use]
    pub fn partner_id(&self) -> i32 {
        self.0.account().id
    }

    /// The account's administrator secret.
    #[must_use]
    pub fn admin_secret(&self) -> &str {
        self.0.account().admin_secrets.first().map_or(ADMIN_SECRET, String::as_str)
    }

    /// The account's user secret.
    #[must_use]
    pub fn user_secret(&self) -> &str {
        self.0.account().user_secrets.first().map_or(USER_SECRET, String::as_str)
    }

    /// The administrator's e-mail address, which is the login.
    #[must_use]
    pub fn admin_email(&self) -> &str {
        self.0.account().admin_email.as_deref().unwrap_or(ADMIN_EMAIL)
    }

    /// The administrator's password.
    #[must_use]
    pub fn admin_password(&self) -> &str {
        self.0.account().admin_password.as_deref().unwrap_or(ADMIN_PASSWORD)
    }

    /// What opens `/_dev/`, as the header `X-Ks-Dev-Key`, for tests in other languages that this process starts.
    #[must_use]
    pub fn dev_key(&self) -> &str {
        self.0.key()
    }

    /// An administrator's session that is good for an hour, minted with the secret as clients do.
    #[must_use]
    pub fn admin_ks(&self) -> String {
        self.mint(ADMIN, self.admin_email(), "", SESSION_SECONDS)
    }

    /// A user's session that is good for an hour, with these privileges.
    #[must_use]
    pub fn user_ks(&self, user: &str, privileges: &str) -> String {
        self.mint(USER, user, privileges, SESSION_SECONDS)
    }

    /// Any session: its type is 0 for a user and 2 for an administrator, and it ends so many seconds after the server's
    /// present.
    ///
    /// # Panics
    /// When the texts are longer than a token can be.
    #[must_use]
    pub fn mint(&self, kind: i32, user: &str, privileges: &str, seconds: i64) -> String {
        let secret = Secret::new(self.admin_secret()).expect("a secret is not empty");
        let claims = Claims {
            user_id: Some(user.to_owned()),
            session_type: kind,
            privileges: Some(privileges.to_owned()),
            ..Claims::new(PartnerId::new(self.partner_id()), self.now().saturating_add(seconds))
        };
        let mut unlike = [0; 16];
        getrandom::fill(&mut unlike).expect("the system gives random bytes");
        generate_v2(&claims, &SecretKey::new(&secret), unlike).expect("what a token can say")
    }

    /// Calls an action by its name (`session.get`) with these parameters; the answer as JSON.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn call(&self, name: &str, params: &[(&str, &str)]) -> Value {
        call::call(self.addr(), name, params).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The server's time, in Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.clock().now()
    }

    /// Moves the server's time forward.
    pub fn advance(&self, by: Duration) {
        self.0.clock().advance(i64::try_from(by.as_secs()).unwrap_or(i64::MAX));
    }

    /// Sets the server's time, in Unix seconds.
    pub fn set_time(&self, seconds: i64) {
        self.0.clock().set(seconds);
    }

    /// Lets the server's time stand still, or go on.
    pub fn freeze(&self, frozen: bool) {
        self.0.clock().freeze(frozen);
    }

    /// The last mails that the server sent, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.0.mails()
    }

    /// Calls of an action (`session.start`) or a service (`session`) that were answered, oldest first.
    #[must_use]
    pub fn requests(&self, name: &str) -> Vec<Request> {
        self.0.requests(&RequestQuery::of(name))
    }

    /// Calls that were answered and fit, oldest first.
    #[must_use]
    pub fn find_requests(&self, query: &RequestQuery) -> Vec<Request> {
        self.0.requests(query)
    }

    /// Refuses parameters that are not declared from now on, or ignores them as the protocol does.
    pub fn set_strict(&self, strict: bool) {
        self.0.set_strict(strict);
    }

    /// Lets calls fail or wait.
    pub fn add_fault(&self, fault: Fault) {
        self.0.add_fault(fault);
    }

    /// Makes what a world declares and is not there.
    ///
    /// # Errors
    /// [`TestingError`].
    pub async fn plant(&self, world: &str) -> Result<Report, TestingError> {
        Ok(self.0.plant(&read_seed(world)?).await?)
    }

    /// Takes everything back to how it was when the server had started: what is kept, the clock, ids, mails, the log.
    ///
    /// # Panics
    /// When its files are gone.
    pub async fn reset(&self) {
        self.0.reset().await.unwrap_or_else(|error| panic!("the server cannot be reset: {error}"));
    }

    /// Saves what is kept under a name.
    ///
    /// # Errors
    /// [`TestingError`].
    pub async fn save(&self, name: &str) -> Result<(), TestingError> {
        Ok(self.0.save(name).await?)
    }

    /// Goes to what was saved under a name. The clock stays as it is.
    ///
    /// # Errors
    /// [`TestingError`].
    pub async fn load(&self, name: &str) -> Result<(), TestingError> {
        Ok(self.0.load(name).await?)
    }

    /// Lets requests in flight end, and ends. Dropping it ends it, too, without waiting.
    pub async fn stop(self) {
        self.0.stop().await;
    }
}
