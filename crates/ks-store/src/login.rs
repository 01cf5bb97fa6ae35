//! Logins: an e-mail address and a password, shared by users of several accounts.

use std::sync::Arc;

use ks_schema::ids::UserId;
use ks_token::PartnerId;
use zeroize::Zeroizing;

use crate::audit;
use crate::change::Change;
use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::user::{self, KuserId, User, select};
use crate::user_change::{Groups, revoke_sessions};
use crate::writer::Tx;

/// How long a time of last login is good enough, in seconds.
const LAST_LOGIN_EVERY: i64 = 600;

/// The number of a login, which may belong to users of several accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LoginId(pub(crate) i64);

impl LoginId {
    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The login of this number, if there is one.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }
}

/// An argon2 hash in PHC format. It never prints itself.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Zeroizing<String>);

impl PasswordHash {
    /// Takes the PHC text.
    pub fn new(phc: impl Into<String>) -> Self {
        Self(Zeroizing::new(phc.into()))
    }

    /// The PHC text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// The key of a link with which a password is set: only its hash is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ResetKey {
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// Until when it is good, in Unix seconds.
    pub until: i64,
}

impl std::fmt::Debug for ResetKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResetKey").field("until", &self.until).finish_non_exhaustive()
    }
}

/// Who says that an address is the user's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouch {
    /// The user's account, which may be wrong.
    Account,
    /// Somebody who has shown the password of the login that the address has.
    Password,
    /// The operator.
    Operator,
}

/// A login that a user gets: a new one, unless the address has one already, which is then shared as it is. Whether a shared
/// one may enter as this user depends on who says so, and on whether the address is verified.
#[derive(Clone, Debug)]
pub struct NewLogin {
    /// Its e-mail address.
    pub email: String,
    /// Its password.
    pub password: Option<PasswordHash>,
    /// Who says that the address is the user's.
    pub vouch: Vouch,
}

/// Who sets a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordBy {
    /// Whoever was mailed a key, by its hash: then the address is verified.
    Key([u8; 32]),
    /// Whoever knows the present one.
    Owner,
    /// The user's account: the address is not verified any more.
    Account,
    /// The operator, for this user: the login enters as that user then, and the address is not verified any more.
    Operator(KuserId),
}

/// A login. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Its number.
    pub id: LoginId,
    /// Its e-mail address, folded.
    pub email: String,
    /// Its password; `None`: none was set yet.
    pub password_hash: Option<PasswordHash>,
    /// The account whose password rules hold.
    pub config_partner_id: PartnerId,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When its password was last set.
    pub password_updated_at: Option<i64>,
    /// When somebody proved to read mail at the address who has chosen the password since.
    pub verified_at: Option<i64>,
    /// Earlier passwords, the newest first.
    pub previous_passwords: Vec<PasswordHash>,
    /// The key of the last link.
    pub reset_key: Option<ResetKey>,
    /// Whether it has a second factor.
    pub has_totp: bool,
    /// The account that its last administrator's session was for.
    pub last_login_partner_id: Option<PartnerId>,
}

/// One spelling for an e-mail address: trimmed, in lower case.
#[must_use]
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

macro_rules! select_login {
    ($rest:literal) => {
        concat!(
            "SELECT id, login_email, password_hash, config_partner_id, created_at, updated_at, password_updated_at, ",
            "previous_passwords, reset_key_hash, reset_key_until, totp_seed IS NOT NULL, last_login_partner_id, verified_at ",
            "FROM user_login_data ",
            $rest
        )
    };
}

fn read_login(row: &Row) -> Result<Login, StoreError> {
    const MALFORMED: StoreError = StoreError::Corrupt("login");
    let previous: Vec<String> = serde_json::from_str(&row.text(7)?).map_err(|_| MALFORMED)?;
    let reset_key = match row.opt_int(9)? {
        Some(until) => Some(ResetKey { hash: row.blob(8)?.try_into().map_err(|_| MALFORMED)?, until }),
        None => None,
    };
    Ok(Login {
        id: LoginId(row.int(0)?),
        email: row.text(1)?,
        password_hash: row.opt_text(2)?.map(PasswordHash::new),
        config_partner_id: row.partner(3)?,
        created_at: row.int(4)?,
        updated_at: row.int(5)?,
        password_updated_at: row.opt_int(6)?,
        previous_passwords: previous.into_iter().map(PasswordHash::new).collect(),
        reset_key,
        has_totp: row.flag(10)?,
        last_login_partner_id: row.opt_partner(11)?,
        verified_at: row.opt_int(12)?,
    })
}

pub(crate) async fn read(db: &mut impl Fetch, id: LoginId) -> Result<Option<Login>, StoreError> {
    db.rows(select_login!("WHERE id = $1"), args![id.0]).await?.first().map(read_login).transpose()
}

async fn users_of(db: &mut impl Fetch, id: LoginId) -> Result<Vec<User>, StoreError> {
    let rows =
        db.rows(select!("WHERE login_data_id = $1 AND status <> 2 ORDER BY partner_id, id"), args![id.0]).await?;
    rows.iter().map(user::read_row).collect()
}

/// Gives a user a login; true when the address had one already.
pub(crate) async fn link(tx: &mut Tx, user: &User, new: &NewLogin, now: i64) -> Result<bool, StoreError> {
    let (email, partner) = (fold_email(&new.email), user.partner_id);
    let hash = new.password.as_ref().map(PasswordHash::expose);
    let made = tx
        .execute(
            "INSERT INTO user_login_data (login_email, password_hash, config_partner_id, created_at, updated_at, \
             password_updated_at) VALUES ($1, $2, $3, $4, $4, $5) ON CONFLICT (login_email) DO NOTHING",
            args![&email, hash, partner, now, hash.map(|_| now)],
        )
        .await?;
    let others = tx
        .fetch(
            "SELECT 1 FROM kuser JOIN user_login_data ON user_login_data.id = login_data_id \
             WHERE login_email = $1 AND partner_id = $2 AND status <> 2 LIMIT 1",
            args![&email, partner],
        )
        .await?;
    if !others.is_empty() {
        return Err(StoreError::Conflict("login"));
    }
    let known = tx.fetch(select_login!("WHERE login_email = $1"), args![&email]).await?;
    let login = read_login(known.first().ok_or(StoreError::Corrupt("login"))?)?;
    // Whoever made a login knows its password, and may not be whose address it is: it enters as users of other accounts
    // only when somebody else says so than these accounts.
    let open = made > 0 || new.vouch != Vouch::Account || login.verified_at.is_some();
    tx.execute(
        "UPDATE kuser SET login_data_id = $2, login_open = $3, updated_at = $4 WHERE id = $1",
        args![user.id.0, login.id.0, open, now],
    )
    .await?;
    tx.log(Change::User(partner, user.user_id.clone()), now).await?;
    Ok(made == 0)
}

/// Takes the login of a user away; one that nobody uses any more is deleted. One that enters as nobody any more begins
/// anew, for those whose accounts have only named the address.
pub(crate) async fn unlink(tx: &mut Tx, user: &User, now: i64) -> Result<(), StoreError> {
    let Some(login) = user.login_id else { return Ok(()) };
    tx.execute("UPDATE kuser SET login_data_id = NULL, login_open = 1 WHERE id = $1", args![user.id.0]).await?;
    let left = users_of(tx, login).await?;
    let Some(heir) = left.first() else {
        tx.execute("DELETE FROM user_login_data WHERE id = $1", args![login.0]).await?;
        return Ok(());
    };
    if left.iter().any(|user| user.login_open) {
        return Ok(());
    }
    tx.execute(
        "UPDATE user_login_data SET password_hash = NULL, password_updated_at = NULL, previous_passwords = '[]', \
         reset_key_hash = NULL, reset_key_until = NULL, totp_seed = NULL, totp_step = NULL, \
         last_login_partner_id = NULL, verified_at = NULL, config_partner_id = $2, updated_at = $3 WHERE id = $1",
        args![login.0, heir.partner_id, now],
    )
    .await?;
    open(tx, heir, now).await
}

/// Lets a login enter as a user.
async fn open(tx: &mut Tx, user: &User, now: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE kuser SET login_open = 1 WHERE id = $1", args![user.id.0]).await?;
    tx.log(Change::User(user.partner_id, user.user_id.clone()), now).await
}

/// Gives those a login of their own, without a password, whose accounts have only named an address that the login which
/// they have now leaves.
async fn leave_behind(tx: &mut Tx, email: &str, users: &[User], now: i64) -> Result<(), StoreError> {
    let closed: Vec<&User> = users.iter().filter(|user| !user.login_open).collect();
    let Some(heir) = closed.first().copied() else { return Ok(()) };
    let rows = tx
        .fetch(
            "INSERT INTO user_login_data (login_email, config_partner_id, created_at, updated_at) \
             VALUES ($1, $2, $3, $3) RETURNING id",
            args![email, heir.partner_id, now],
        )
        .await?;
    let login = rows.first().ok_or(StoreError::Corrupt("login"))?.int(0)?;
    for user in closed {
        tx.execute("UPDATE kuser SET login_data_id = $2 WHERE id = $1", args![user.id.0, login]).await?;
        tx.log(Change::User(user.partner_id, user.user_id.clone()), now).await?;
    }
    open(tx, heir, now).await
}

/// Whether a link's key, by its hash, is good for a login.
pub(crate) fn check_key(login: &Login, key: [u8; 32], now: i64) -> Result<(), StoreError> {
    match login.reset_key {
        Some(kept) if kept.hash == key && kept.until >= now => Ok(()),
        Some(_) | None => Err(StoreError::NotFound("reset key")),
    }
}

/// How many users of a login have their own line in the audit trail for what happens to the login.
const NOTED: usize = 20;

/// Writes down what happened to a login, for each user as whom it enters: whoever only names an address hears nothing.
pub(crate) async fn note_users(
    tx: &mut Tx,
    login: LoginId,
    what: &str,
    detail: Option<&str>,
    now: i64,
) -> Result<(), StoreError> {
    for user in users_of(tx, login).await?.into_iter().filter(|user| user.login_open).take(NOTED) {
        audit::note(tx, what, user.partner_id, user.user_id.as_str(), detail, now).await?;
    }
    Ok(())
}

async fn revoke_all(tx: &mut Tx, login: LoginId, groups: Groups, now: i64) -> Result<(), StoreError> {
    for user in users_of(tx, login).await? {
        revoke_sessions(tx, &user, groups, now).await?;
    }
    Ok(())
}

impl Store {
    /// The login of an e-mail address, in any spelling.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Invalid`] for a NUL.
    pub async fn login(&self, email: &str) -> Result<Option<Login>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let rows = reader.fetch(select_login!("WHERE login_email = $1"), args![fold_email(email)]).await?;
        rows.first().map(read_login).transpose()
    }

    /// The login of this number.
    ///
    /// # Errors
    /// As [`Store::login`].
    pub async fn login_by_id(&self, id: LoginId) -> Result<Option<Login>, StoreError> {
        read(&mut self.inner.engine.reader().await?, id).await
    }

    /// The users of all accounts who have this login, in the order of their accounts.
    ///
    /// # Errors
    /// As [`Store::login`].
    pub async fn users_of_login(&self, id: LoginId) -> Result<Vec<User>, StoreError> {
        users_of(&mut self.inner.engine.reader().await?, id).await
    }

    /// The user of an account who has this login.
    ///
    /// # Errors
    /// As [`Store::login`].
    pub async fn user_of_login(&self, partner: PartnerId, login: LoginId) -> Result<Option<Arc<User>>, StoreError> {
        let rows = {
            let mut reader = self.inner.engine.reader().await?;
            let sql = "SELECT puser_id FROM kuser WHERE partner_id = $1 AND login_data_id = $2 AND status <> 2 \
                       ORDER BY id LIMIT 1";
            reader.fetch(sql, args![partner, login.0]).await?
        };
        match rows.first() {
            Some(row) => self.user(partner, &UserId::new(row.text(0)?)).await,
            None => Ok(None),
        }
    }

    /// How many active administrators of an account have a login.
    ///
    /// # Errors
    /// As [`Store::login`].
    pub async fn admins_with_login(&self, partner: PartnerId) -> Result<i64, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let rows = reader
            .fetch(
                "SELECT count(*) FROM kuser WHERE partner_id = $1 AND status = 1 AND is_admin = 1 \
                 AND login_data_id IS NOT NULL",
                args![partner],
            )
            .await?;
        rows.first().ok_or(StoreError::Corrupt("count"))?.int(0)
    }

    /// Gives a user a login, and its address to a user without one; true when the address had a login already.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `login` when a user of the account has it, `login enabled`
    /// when the user has one; [`StoreError::Unavailable`].
    pub async fn enable_login(
        &self,
        partner: PartnerId,
        user: UserId,
        new: NewLogin,
        now: i64,
    ) -> Result<(User, bool), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let mut found = user::read(tx, partner, &user).await?.ok_or(StoreError::NotFound("user"))?;
                if found.login_id.is_some() {
                    return Err(StoreError::Conflict("login enabled"));
                }
                if found.email.is_empty() {
                    (found.email, found.updated_at) = (new.email.trim().to_owned(), now);
                    user::put(tx, &found).await?;
                }
                let existed = link(tx, &found, &new, now).await?;
                Ok((user::read(tx, partner, &user).await?.ok_or(StoreError::Corrupt("user"))?, existed))
            })
        });
        write.await
    }

    /// Takes the login of a user away; its sessions end. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn disable_login(&self, partner: PartnerId, user: UserId, now: i64) -> Result<User, StoreError> {
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let found = user::read(tx, partner, &user).await?.ok_or(StoreError::NotFound("user"))?;
                revoke_sessions(tx, &found, groups, now).await?;
                unlink(tx, &found, now).await?;
                user::read(tx, partner, &user).await?.ok_or(StoreError::Corrupt("user"))
            })
        });
        write.await
    }

    /// Sets a login's password and keeps so many earlier ones. Sessions that it started end, in all accounts; links
    /// and wrong attempts are forgotten. With the hash of a link's key, only while that key is good: it is used up, and
    /// the address verified, so that the login enters as all of its users. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown login, or a key that is no longer good; [`StoreError::Unavailable`].
    pub async fn set_password(
        &self,
        login: LoginId,
        hash: PasswordHash,
        keep: usize,
        by: PasswordBy,
        now: i64,
    ) -> Result<(), StoreError> {
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let before = read(tx, login).await?.ok_or(StoreError::NotFound("login"))?;
                if let PasswordBy::Key(key) = by {
                    check_key(&before, key, now)?;
                    if before.verified_at.is_none() {
                        // Whoever had the login before may know its second factor.
                        let forget = "UPDATE user_login_data SET totp_seed = NULL, totp_step = NULL WHERE id = $1";
                        tx.execute(forget, args![login.0]).await?;
                    }
                }
                let verified_at = match by {
                    PasswordBy::Key(_) => Some(now),
                    PasswordBy::Owner => before.verified_at,
                    PasswordBy::Account | PasswordBy::Operator(_) => None,
                };
                let earlier = before.password_hash.iter().chain(&before.previous_passwords).take(keep);
                let earlier: Vec<&str> = earlier.map(PasswordHash::expose).collect();
                tx.execute(
                    "UPDATE user_login_data SET password_hash = $2, updated_at = $3, password_updated_at = $3, \
                     previous_passwords = $4, reset_key_hash = NULL, reset_key_until = NULL, verified_at = $5 \
                     WHERE id = $1",
                    args![login.0, hash.expose(), now, serde_json::json!(earlier).to_string(), verified_at],
                )
                .await?;
                // Caches hear of it below.
                match by {
                    PasswordBy::Key(_) => {
                        tx.execute("UPDATE kuser SET login_open = 1 WHERE login_data_id = $1", args![login.0]).await?;
                    }
                    PasswordBy::Operator(user) => {
                        let one = "UPDATE kuser SET login_open = 1 WHERE login_data_id = $1 AND id = $2";
                        tx.execute(one, args![login.0, user.0]).await?;
                    }
                    PasswordBy::Owner | PasswordBy::Account => {}
                }
                let how = matches!(by, PasswordBy::Key(_)).then_some("by a key that was mailed");
                note_users(tx, login, "password", how, now).await?;
                revoke_all(tx, login, groups, now).await
            })
        });
        write.await
    }

    /// Keeps the key of a new link; the one before is no longer good. `None`: no link is good. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn set_reset_key(&self, login: LoginId, key: Option<ResetKey>, now: i64) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let changed = tx
                    .execute(
                        "UPDATE user_login_data SET reset_key_hash = $2, reset_key_until = $3, updated_at = $4 \
                         WHERE id = $1",
                        args![login.0, key.map(|key| key.hash.to_vec()), key.map(|key| key.until), now],
                    )
                    .await?;
                if changed == 0 { Err(StoreError::NotFound("login")) } else { Ok(()) }
            })
        });
        write.await
    }

    /// Changes a login's address and the names of the users as whom it enters. `None` stays as it is. A new address is
    /// not verified. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the address has a login; [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn change_login(
        &self,
        login: LoginId,
        email: Option<String>,
        first_name: Option<String>,
        last_name: Option<String>,
        now: i64,
    ) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let before = read(tx, login).await?.ok_or(StoreError::NotFound("login"))?;
                let email = email.filter(|email| fold_email(email) != before.email);
                if let Some(email) = &email {
                    let taken = "SELECT 1 FROM user_login_data WHERE login_email = $1 AND id <> $2";
                    if !tx.fetch(taken, args![fold_email(email), login.0]).await?.is_empty() {
                        return Err(StoreError::Conflict("login"));
                    }
                    tx.execute(
                        "UPDATE user_login_data SET login_email = $2, updated_at = $3, reset_key_hash = NULL, \
                         reset_key_until = NULL, verified_at = NULL WHERE id = $1",
                        args![login.0, fold_email(email), now],
                    )
                    .await?;
                    let users = users_of(tx, login).await?;
                    leave_behind(tx, &before.email, &users, now).await?;
                }
                let mut users = users_of(tx, login).await?;
                users.retain(|user| user.login_open);
                for mut user in users {
                    user.email = email.clone().unwrap_or(user.email);
                    user.first_name = first_name.clone().or(user.first_name);
                    user.last_name = last_name.clone().or(user.last_name);
                    user.updated_at = now;
                    user::put(tx, &user).await?;
                    tx.log(Change::User(user.partner_id, user.user_id), now).await?;
                }
                Ok(())
            })
        });
        write.await
    }

    /// Keeps that a login was used, for the audit trail, and when and where, to within ten minutes. `now` is in Unix
    /// seconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_login(&self, login: &Login, user: &User, now: i64) -> Result<(), StoreError> {
        let (moved, seen) = (
            user.is_admin && login.last_login_partner_id != Some(user.partner_id),
            user.last_login_at.is_none_or(|at| at <= now - LAST_LOGIN_EVERY),
        );
        let (login, id, partner, user) = (login.id, user.id, user.partner_id, user.user_id.clone());
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                if moved {
                    tx.execute(
                        "UPDATE user_login_data SET last_login_partner_id = $2 WHERE id = $1",
                        args![login.0, partner],
                    )
                    .await?;
                }
                if seen {
                    tx.execute("UPDATE kuser SET last_login_at = $2 WHERE id = $1", args![id.0, now]).await?;
                    tx.log_uncounted(Change::User(partner, user.clone()), now).await?;
                }
                tx.log(Change::Login(partner, user), now).await
            })
        });
        write.await
    }
}
