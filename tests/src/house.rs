//! A server inside the test's own process, with its store at hand: for states of an account that no call makes, such
//! as a blocked user or a role.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ks_service::mail::Outbox;
use ks_store::{
    MemberRole, NewLogin, NewMember, NewPartner, NewRole, NewUser, Partner, PartnerStatus, SecretKind, Store,
    StoreConfig, UserKind, UserStatus, Vouch,
};
use ks_token::{Claims, Envelope, Ks, PartnerId, Scratch, Secret, SecretKey, generate_v1, generate_v2};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::call::{fault, path};
use crate::http::{Request, Response};

/// A running server with its store. It is ended when it goes out of scope.
pub struct House {
    runtime: Runtime,
    /// What the server keeps.
    pub store: Store,
    server: Option<ks_server::Server>,
    /// Where the API listens.
    pub addr: SocketAddr,
    /// Where the operator's own listener is.
    pub admin: SocketAddr,
    /// The mails that it sent.
    pub outbox: Arc<Outbox>,
    folder: Arc<TempDir>,
    postgres: Option<String>,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl House {
    /// Starts a server over an empty database (of the engine that `KS_TEST_ENGINE` names). It believes `X-Forwarded-For`
    /// from this machine, so that a test can come from anywhere.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn build() -> Self {
        Self::build_with(|_| {})
    }

    /// The same, with a store that is set up in a way of its own.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn build_with(adjust: impl FnOnce(&mut StoreConfig)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let postgres = ks_test_cluster::is_wanted().then(ks_test_cluster::shared_database);
        Self::open(Arc::new(folder), postgres, adjust)
    }

    /// Another server over the same database, which remembers nothing.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self::open(Arc::clone(&self.folder), self.postgres.clone(), |_| {})
    }

    fn open(folder: Arc<TempDir>, postgres: Option<String>, adjust: impl FnOnce(&mut StoreConfig)) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let outbox = Arc::new(Outbox::default());
        let (store, server) = runtime.block_on(async {
            let mut store = StoreConfig::in_folder(folder.path());
            if let Some(postgres) = &postgres {
                store.database = postgres.parse().expect("a URL");
            }
            // It is thrown away, and no machine stops in between.
            store.durable = false;
            adjust(&mut store);
            let store = Store::open(store).await.expect("a store");
            let mut config = ks_server::Config::new(loopback);
            config.admin_listen = Some(loopback);
            config.mailer = Arc::<Outbox>::clone(&outbox);
            config.sign_up = true;
            config.gateway = true;
            config.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
            (store.clone(), ks_server::Server::start(config, store).await.expect("a server"))
        });
        let (addr, admin) = (server.local_addr(), server.admin_addr().expect("two listeners"));
        Self { runtime, store, server: Some(server), addr, admin, outbox, folder, postgres }
    }

    /// The URL of its database, if that is PostgreSQL's.
    #[must_use]
    pub fn postgres(&self) -> Option<&str> {
        self.postgres.as_deref()
    }

    /// The file that it keeps everything in.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("ks.db")
    }

    /// Waits for the store.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Makes an account with random secrets.
    ///
    /// # Panics
    ///
    /// When the id is taken.
    #[must_use]
    pub fn account(&self, id: i32) -> Account {
        let new = NewPartner { id: Some(PartnerId::new(id)), ..NewPartner::named(format!("Account {id}")) };
        let made = self.wait(self.store.create_partner(new, now())).expect("a new account");
        Account {
            id,
            admin_secret: made.admin_secret.expose().to_owned(),
            user_secret: made.user_secret.expose().to_owned(),
        }
    }

    /// Changes an account's settings.
    ///
    /// # Panics
    ///
    /// When there is no such account.
    pub fn change(&self, account: &Account, change: impl FnOnce(&mut Partner) + Send + 'static) {
        self.wait(self.store.update_partner(account.partner(), now(), change)).expect("a known account");
    }

    /// Blocks, unblocks or deletes an account.
    pub fn set_status(&self, account: &Account, status: PartnerStatus) {
        self.change(account, move |partner| partner.status = status);
    }

    /// Makes a role: its id.
    ///
    /// # Panics
    ///
    /// When the account has one of this system name.
    #[must_use]
    pub fn role(&self, account: &Account, system_name: &str, permissions: &str) -> i64 {
        let new = NewRole {
            partner_id: account.partner(),
            system_name: Some(system_name.to_owned()),
            name: system_name.to_owned(),
            description: String::new(),
            permission_names: permissions.to_owned(),
            tags: String::new(),
        };
        self.wait(self.store.add_role(new, now())).expect("a new role").id.get()
    }

    /// Makes a user with roles.
    ///
    /// # Panics
    ///
    /// When the account has this user.
    pub fn user(&self, account: &Account, id: &str, roles: &[i64]) {
        let new = NewUser {
            role_ids: roles.iter().copied().map(ks_schema::RoleId::new).collect(),
            ..NewUser::named(account.partner(), ks_schema::UserId::new(id))
        };
        self.wait(self.store.add_user(new, now())).expect("a new user");
    }

    /// Makes a user who logs in with an address and a password.
    ///
    /// # Panics
    ///
    /// When the account has this user.
    pub fn person(&self, account: &Account, id: &str, admin: bool, email: &str, password: &str) {
        let hash = self.wait(ks_service::password::hash(password.to_owned())).expect("a hash");
        let new = NewUser {
            is_admin: admin,
            email: email.to_owned(),
            login: Some(NewLogin { email: email.to_owned(), password: Some(hash), vouch: Vouch::Operator }),
            ..NewUser::named(account.partner(), ks_schema::UserId::new(id))
        };
        self.wait(self.store.add_user(new, now())).expect("a new user");
    }

    /// Makes a group.
    ///
    /// # Panics
    ///
    /// When the account has this user or group.
    pub fn group(&self, account: &Account, id: &str) {
        let new = NewUser { kind: UserKind::Group, ..NewUser::named(account.partner(), ks_schema::UserId::new(id)) };
        self.wait(self.store.add_user(new, now())).expect("a new group");
    }

    /// Puts a user into a group: the id of the membership.
    ///
    /// # Panics
    ///
    /// When one of them is not there.
    #[must_use]
    pub fn member(&self, account: &Account, user: &str, group: &str, role: MemberRole) -> i64 {
        let id = |id: &str| {
            let id = ks_schema::UserId::new(id);
            self.wait(self.store.live_user(account.partner(), &id)).expect("a store").expect("a known user").id
        };
        let new = NewMember { user: id(user), group: id(group), creation_mode: 1, role };
        self.wait(self.store.add_member(new, now())).expect("a new member").id
    }

    /// Sets properties of an account, by their API names.
    ///
    /// # Panics
    ///
    /// When there is no such account.
    pub fn set(&self, account: &Account, properties: &Value) {
        let properties = properties.as_object().cloned().unwrap_or_default();
        self.change(account, move |partner| partner.properties.extend(properties));
    }

    /// The key of the last mail to an address.
    ///
    /// # Panics
    ///
    /// When there was none.
    #[must_use]
    #[track_caller]
    pub fn mailed_key(&self, email: &str) -> String {
        let mails = self.outbox.mails();
        let mail = mails.iter().rev().find(|mail| mail.to == email).unwrap_or_else(|| panic!("no mail to {email}"));
        let key = mail.text.lines().find(|line| line.len() > 40 && !line.contains([' ', '#']));
        key.unwrap_or_else(|| panic!("no key in the mail to {email}")).to_owned()
    }

    /// Blocks a user, or lets it in again.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn block_user(&self, account: &Account, id: &str, blocked: bool) {
        let status = if blocked { UserStatus::Blocked } else { UserStatus::Active };
        let user = ks_schema::UserId::new(id);
        self.wait(self.store.set_user_status(account.partner(), user, status, now())).expect("a known user");
    }

    /// Adds an administrator secret: its id.
    ///
    /// # Panics
    ///
    /// When the account has it.
    #[must_use]
    pub fn secret(&self, account: &Account, value: Option<&str>) -> i64 {
        let value = value.map(|value| Secret::new(value).expect("a secret is not empty"));
        let added = self.store.add_secret(account.partner(), SecretKind::Admin, value, now());
        self.wait(added).expect("a new secret").id.get()
    }

    /// Ends a session straight in the store.
    ///
    /// # Panics
    ///
    /// When the store fails.
    pub fn revoke(&self, account: &Account, ks: &str) {
        let ks = account.read(ks);
        self.wait(self.store.revoke_token(account.partner(), ks.hash, ks.expiry, now())).expect("a revocation");
    }

    /// Sends a request to the API.
    ///
    /// # Panics
    ///
    /// When no answer comes.
    #[must_use]
    #[track_caller]
    pub fn send(&self, request: &Request) -> Response {
        request.send(self.addr).unwrap_or_else(|error| panic!("{request:?}: {error}"))
    }

    /// A call in JSON, `service.action`; an answer that is no JSON comes back as text.
    #[must_use]
    #[track_caller]
    pub fn call(&self, name: &str, params: &Value) -> Value {
        answer(&self.send(&request(name, params)))
    }

    /// The same on the operator's own listener.
    ///
    /// # Panics
    ///
    /// When no answer comes.
    #[must_use]
    #[track_caller]
    pub fn call_inside(&self, name: &str, params: &Value) -> Value {
        answer(&request(name, params).send(self.admin).expect("an answer"))
    }

    /// A call that must succeed.
    ///
    /// # Panics
    ///
    /// When the answer is an error.
    #[track_caller]
    pub fn good(&self, name: &str, params: &Value) -> Value {
        let answer = self.call(name, params);
        assert_ne!(answer["objectType"], "KalturaAPIException", "{name} {params}: {answer}");
        answer
    }

    /// A call that must fail: its code and arguments.
    #[must_use]
    #[track_caller]
    pub fn fault(&self, name: &str, params: &Value) -> (String, Value) {
        fault(&self.call(name, params))
    }

    /// Several calls in one request, given as `(service.action, parameters)`: their answers.
    ///
    /// # Panics
    ///
    /// When there are not as many answers.
    #[must_use]
    #[track_caller]
    pub fn multi(&self, calls: &[(&str, Value)]) -> Vec<Value> {
        let mut params = json!({});
        for (index, (name, call)) in calls.iter().enumerate() {
            let (service, action) = name.split_once('.').expect("service.action");
            let part = &mut params[(index + 1).to_string()];
            *part = call.clone();
            part["service"] = json!(service);
            part["action"] = json!(action);
        }
        let answer = self.call("multirequest", &params);
        let answers = answer.as_array().unwrap_or_else(|| panic!("no list: {answer}")).clone();
        assert_eq!(answers.len(), calls.len(), "{answer}");
        answers
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }
}

/// The request that clients send.
#[must_use]
pub fn request(name: &str, params: &Value) -> Request {
    let mut params = params.clone();
    params["format"] = json!(1);
    Request::post(&path(name), "application/json", params.to_string())
}

fn answer(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|_| Value::String(response.text()))
}

/// Unix seconds.
///
/// # Panics
///
/// When the clock is wrong by half a century.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("a time")
}

/// An account and what its people know of it.
#[derive(Clone)]
pub struct Account {
    /// Its partner id.
    pub id: i32,
    /// Its administrator secret.
    pub admin_secret: String,
    /// Its user secret.
    pub user_secret: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Account {
    /// Its partner id as the store has it.
    #[must_use]
    pub fn partner(&self) -> PartnerId {
        PartnerId::new(self.id)
    }

    /// Its default widget.
    #[must_use]
    pub fn widget(&self) -> String {
        format!("_{}", self.id)
    }

    /// An administrator's session, minted by the client, good for an hour.
    #[must_use]
    pub fn admin(&self) -> String {
        self.mint(2, "root", "")
    }

    /// A session minted by the client, good for an hour.
    #[must_use]
    pub fn mint(&self, kind: i32, user: &str, privileges: &str) -> String {
        self.mint_until(now() + 3600, kind, user, privileges)
    }

    /// A session minted by the client, until then.
    #[must_use]
    pub fn mint_until(&self, expiry: i64, kind: i32, user: &str, privileges: &str) -> String {
        self.mint_with(&self.admin_secret, expiry, kind, user, privileges)
    }

    /// A session that somebody mints with this secret.
    ///
    /// # Panics
    ///
    /// When no token can say that.
    #[must_use]
    pub fn mint_with(&self, secret: &str, expiry: i64, kind: i32, user: &str, privileges: &str) -> String {
        let claims = self.claims(expiry, kind, user, privileges);
        generate_v2(&claims, &key(secret), unlike()).expect("a token")
    }

    /// A session in the older layout, good for an hour.
    ///
    /// # Panics
    ///
    /// When no token can say that.
    #[must_use]
    pub fn mint_v1(&self, kind: i32, user: &str, privileges: &str) -> String {
        let claims = self.claims(now() + 3600, kind, user, privileges);
        let unlike: String = unlike().iter().map(|byte| format!("{byte:02x}")).collect();
        generate_v1(&claims, &key(&self.admin_secret), &unlike).expect("a token")
    }

    fn claims(&self, expiry: i64, kind: i32, user: &str, privileges: &str) -> Claims {
        Claims {
            user_id: Some(user.to_owned()),
            session_type: kind,
            privileges: Some(privileges.to_owned()),
            ..Claims::new(self.partner(), expiry)
        }
    }

    /// What one of its tokens says.
    ///
    /// # Panics
    ///
    /// When it is not one of its tokens.
    #[must_use]
    #[track_caller]
    pub fn read(&self, ks: &str) -> Ks {
        let mut scratch = Scratch::new();
        let envelope = Envelope::decode(ks.as_bytes(), &mut scratch).expect("a token");
        envelope.verify([&key(&self.admin_secret)]).expect("a token of this account")
    }
}

fn key(secret: &str) -> SecretKey {
    SecretKey::new(&Secret::new(secret).expect("a secret is not empty"))
}

/// Sixteen bytes that no other token of this run has.
fn unlike() -> [u8; 16] {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    u128::from(COUNT.fetch_add(1, Ordering::Relaxed)).to_be_bytes()
}

/// An error with arguments, as [`House::fault`] answers it.
#[must_use]
pub fn error(code: &str, args: &[(&str, &str)]) -> (String, Value) {
    let named: BTreeMap<&str, &str> = args.iter().copied().collect();
    (code.to_owned(), if named.is_empty() { json!([]) } else { json!(named) })
}
