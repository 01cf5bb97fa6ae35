//! What this process remembers of the database, and whether it may be believed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ks_schema::ids::UserId;
use ks_token::PartnerId;
use parking_lot::Mutex;
use quick_cache::Equivalent;
use tokio::sync::Notify;

use crate::account::Account;
use crate::cache::Cache;
use crate::change::Change;
use crate::login_failure::Strangers;
use crate::permission::OwnPermissions;
use crate::remembered::Remembered;
use crate::revocation_set::RevocationSet;
use crate::role::Role;
use crate::user::User;

/// How many snapshots are kept at most.
const ACCOUNTS: usize = 100_000;
const USERS: usize = 200_000;
const ROLES: usize = 20_000;

/// A user, as a key: its account and its id.
pub(crate) type UserKey = (PartnerId, UserId);

/// The same, borrowed.
#[derive(Hash)]
pub(crate) struct UserKeyRef<'a>(pub(crate) PartnerId, pub(crate) &'a UserId);

impl Equivalent<UserKey> for UserKeyRef<'_> {
    fn equivalent(&self, (partner, user): &UserKey) -> bool {
        self.0 == *partner && self.1 == user
    }
}

/// The caches of one process.
pub(crate) struct Memory {
    /// `None`: there is no such account.
    pub(crate) accounts: Cache<PartnerId, Option<Arc<Account>>>,
    /// `None`: there is no such user.
    pub(crate) users: Cache<UserKey, Option<Arc<User>>>,
    pub(crate) roles: Cache<PartnerId, Arc<[Role]>>,
    pub(crate) permissions: Cache<PartnerId, Arc<OwnPermissions>>,
    pub(crate) revocations: RevocationSet,
    pub(crate) remembered: Remembered,
    /// Key files are to be read again.
    pub(crate) keys_changed: Notify,
    /// Wrong passwords that the database has no room for.
    pub(crate) strangers: Strangers,
    /// Up to which entry of the change log memory agrees with the database.
    followed: Mutex<i64>,
    /// What time it is: the present, but in simulations.
    now: fn() -> Instant,
    started: Instant,
    /// When memory last agreed with the database, in milliseconds since `started`.
    agreed_at: AtomicU64,
    stale_after: Duration,
}

impl Memory {
    pub(crate) fn new(stale_after: Duration, now: fn() -> Instant) -> Self {
        Self {
            accounts: Cache::new(ACCOUNTS),
            users: Cache::new(USERS),
            roles: Cache::new(ROLES),
            permissions: Cache::new(ROLES),
            revocations: RevocationSet::new(),
            remembered: Remembered::new(),
            keys_changed: Notify::new(),
            strangers: Strangers::default(),
            followed: Mutex::new(0),
            now,
            started: now(),
            agreed_at: AtomicU64::new(0),
            stale_after,
        }
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Instant {
        (self.now)()
    }

    /// How long ago memory agreed with the database for certain.
    pub(crate) fn behind(&self) -> Duration {
        self.now()
            .saturating_duration_since(self.started)
            .saturating_sub(Duration::from_millis(self.agreed_at.load(Ordering::Acquire)))
    }

    /// Whether memory may be believed.
    pub(crate) fn is_fresh(&self) -> bool {
        self.behind() <= self.stale_after
    }

    /// Memory agrees with the database as it was at this moment.
    pub(crate) fn agreed(&self, at: Instant) {
        let since = at.saturating_duration_since(self.started);
        let millis = since.as_secs().saturating_mul(1000).saturating_add(u64::from(since.subsec_millis()));
        self.agreed_at.fetch_max(millis, Ordering::AcqRel);
    }

    /// The last entry of the change log that was followed.
    pub(crate) fn followed(&self) -> i64 {
        *self.followed.lock()
    }

    /// All entries up to this one have been followed.
    pub(crate) fn followed_to(&self, seq: i64) {
        let mut followed = self.followed.lock();
        *followed = seq.max(*followed);
    }

    /// Entries behind this one have yet to be followed, whatever was followed of another log.
    pub(crate) fn follow_from(&self, seq: i64) {
        *self.followed.lock() = seq;
    }

    /// Takes over what this process has just committed; `is_current`: to a database that nothing has replaced, as far as
    /// is known, so that the numbers are those of its log.
    pub(crate) fn own_changes(&self, changes: &[(i64, Change)], is_current: bool) {
        for (_, change) in changes {
            self.apply(change);
        }
        if let (Some((first, _)), Some((last, _))) = (changes.first(), changes.last()) {
            let mut followed = self.followed.lock();
            // Otherwise another process's entries lie between, which the follower has yet to read.
            if is_current && *first == *followed + 1 {
                *followed = *last;
            }
        }
    }

    /// Makes memory agree with one change. Doing it twice does no harm.
    pub(crate) fn apply(&self, change: &Change) {
        match change {
            Change::Account(partner) => self.accounts.invalidate(partner),
            Change::User(partner, user) => self.users.invalidate(&UserKeyRef(*partner, user)),
            Change::Roles(partner) => self.roles.invalidate(partner),
            Change::Permissions(partner) => self.permissions.invalidate(partner),
            Change::Widget(..)
            | Change::AppToken(..)
            | Change::Member(..)
            | Change::Login(..)
            | Change::Category(..)
            | Change::CategoryUser(..)
            | Change::CategoryEntry(..)
            | Change::Entry(..)
            | Change::ResponseProfile(..) => {}
            Change::SecretKey(_) => self.keys_changed.notify_one(),
            Change::Revoked(_, hash, until) => self.revocations.insert(hash, *until),
        }
    }

    /// Forgets all snapshots and counts; revocations stay.
    pub(crate) fn forget(&self) {
        self.accounts.clear();
        self.users.clear();
        self.roles.clear();
        self.permissions.clear();
        self.remembered.clear();
        // What it was told of keys may have been missed.
        self.keys_changed.notify_one();
    }
}
