//! Accounts ("partners"): their settings, and making a new one whole.

use ks_schema::ids::{RoleId, UserId, WidgetId};
use ks_token::{PartnerId, Secret};
use serde_json::{Map, Value as Json};

use crate::account::SecretKind;
use crate::change::Change;
use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::login::{LoginId, PasswordHash, Vouch};
use crate::permission;
use crate::role::PARTNER_ADMIN_ROLE;
use crate::secret;
use crate::store::Store;
use crate::template;
use crate::user_change;
use crate::widget;
use crate::writer::Tx;

/// Whether an account may be used (`KalturaPartnerStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartnerStatus {
    /// 0.
    Deleted,
    /// 1.
    Active,
    /// 2: blocked because of its content.
    Blocked,
    /// 3.
    FullBlock,
    /// 4: sessions start, most changes are refused.
    ReadOnly,
}

impl PartnerStatus {
    /// The number that clients see.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Deleted => 0,
            Self::Active => 1,
            Self::Blocked => 2,
            Self::FullBlock => 3,
            Self::ReadOnly => 4,
        }
    }

    /// The status with this number.
    #[must_use]
    pub const fn from_code(code: i64) -> Option<Self> {
        Some(match code {
            0 => Self::Deleted,
            1 => Self::Active,
            2 => Self::Blocked,
            3 => Self::FullBlock,
            4 => Self::ReadOnly,
            _ => return None,
        })
    }
}

/// An account's settings. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Partner {
    /// Its number.
    pub id: PartnerId,
    /// Its name.
    pub name: String,
    /// Whether it may be used.
    pub status: PartnerStatus,
    /// The administrator's name.
    pub admin_name: String,
    /// The administrator's e-mail address.
    pub admin_email: String,
    /// Free text.
    pub description: String,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// Which token version the account is set to: 1 or 2.
    pub ks_version: u8,
    /// The longest life of a session that the server starts, in seconds; above 0.
    pub ks_max_expiry: i64,
    /// Whether tokens of version 1 are accepted.
    pub v1_allowed: bool,
    /// The parent account.
    pub parent_id: Option<PartnerId>,
    /// Whether it may impersonate the accounts that name it as their parent.
    pub may_impersonate: bool,
    /// The role of admin sessions without roles of their own; `None`: the built-in one.
    pub admin_session_role_id: Option<RoleId>,
    /// The role of user sessions without roles of their own; `None`: the built-in one.
    pub user_session_role_id: Option<RoleId>,
    /// The role of widget sessions; `None`: the built-in one.
    pub widget_session_role_id: Option<RoleId>,
    /// Comma-separated permission names that replace the built-in always-allowed ones.
    pub always_allowed_permission_names: Option<String>,
    /// Whether entitlement is enforced unless a session says otherwise.
    pub default_entitlement_enforcement: bool,
    /// Whether answers of the API leave the secrets out.
    pub hide_secrets: bool,
    /// Other properties of the API's partner object, by their API names.
    pub properties: Map<String, Json>,
    /// The user id of the account owner. Read only: updates ignore it.
    pub account_owner: Option<UserId>,
}

/// What a new account begins with.
#[derive(Clone, Debug)]
pub struct NewPartner {
    /// The id to take; `None`: the next free one from 100.
    pub id: Option<PartnerId>,
    /// Only where there is no account yet.
    pub only_if_first: bool,
    /// Its name.
    pub name: String,
    /// The administrator's name.
    pub admin_name: String,
    /// The administrator's e-mail address. When it is not empty, an administrator with this user id is made.
    pub admin_email: String,
    /// Free text.
    pub description: String,
    /// The administrator's password, hashed. Not used when the address has a login already.
    pub admin_password: Option<PasswordHash>,
    /// Who says that the address is the administrator's; the operator, unless somebody else opens the account.
    pub vouch: Vouch,
    /// The admin secret; `None`: 32 random hexadecimal characters.
    pub admin_secret: Option<Secret>,
    /// The user secret; `None`: 32 random hexadecimal characters.
    pub user_secret: Option<Secret>,
    /// The parent account.
    pub parent_id: Option<PartnerId>,
    /// Whether it may impersonate the accounts that name it as their parent.
    pub may_impersonate: bool,
    /// Whether entitlement is enforced unless a session says otherwise.
    pub default_entitlement_enforcement: bool,
    /// Other properties of the API's partner object, by their API names.
    pub properties: Map<String, Json>,
    /// The account whose settings, permissions and roles it takes over.
    pub template: Option<PartnerId>,
}

impl NewPartner {
    /// An account of this name, everything else generated or left out.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            id: None,
            only_if_first: false,
            name: name.into(),
            admin_name: String::new(),
            admin_email: String::new(),
            description: String::new(),
            admin_password: None,
            vouch: Vouch::Operator,
            admin_secret: None,
            user_secret: None,
            parent_id: None,
            may_impersonate: false,
            default_entitlement_enforcement: false,
            properties: Map::new(),
            template: None,
        }
    }
}

/// The property by which an account is a template, and its value (`KalturaPartnerGroupType`).
const TEMPLATE: (&str, i64) = ("partnerGroupType", 4);

impl Partner {
    /// An account of this name with nothing set, not yet kept.
    #[must_use]
    pub fn named(id: PartnerId, name: impl Into<String>, now: i64) -> Self {
        Self {
            id,
            name: name.into(),
            status: PartnerStatus::Active,
            admin_name: String::new(),
            admin_email: String::new(),
            description: String::new(),
            created_at: now,
            updated_at: now,
            ks_version: 2,
            ks_max_expiry: 86_400,
            v1_allowed: true,
            parent_id: None,
            may_impersonate: false,
            admin_session_role_id: None,
            user_session_role_id: None,
            widget_session_role_id: None,
            always_allowed_permission_names: None,
            default_entitlement_enforcement: false,
            hide_secrets: false,
            properties: Map::new(),
            account_owner: None,
        }
    }

    /// Whether new accounts may be made after this one.
    #[must_use]
    pub fn is_template(&self) -> bool {
        self.status == PartnerStatus::Active
            && self.properties.get(TEMPLATE.0).and_then(Json::as_i64) == Some(TEMPLATE.1)
    }

    /// Lets new accounts be made after this one, or not.
    pub fn set_template(&mut self, is: bool) {
        if is {
            self.properties.insert(TEMPLATE.0.to_owned(), TEMPLATE.1.into());
        } else if self.is_template() {
            self.properties.shift_remove(TEMPLATE.0);
        }
    }
}

/// An account that was just made.
#[derive(Clone, Debug)]
pub struct CreatedPartner {
    /// Its settings.
    pub partner: Partner,
    /// Its admin secret.
    pub admin_secret: Secret,
    /// Its user secret.
    pub user_secret: Secret,
    /// True when the administrator's address had a login before: its password is unchanged.
    pub login_existed: bool,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, status, admin_name, admin_email, description, created_at, updated_at, ks_version, ",
            "ks_max_expiry, v1_allowed, parent_id, may_impersonate, admin_session_role_id, user_session_role_id, ",
            "widget_session_role_id, always_allowed_permission_names, default_entitlement_enforcement, hide_secrets, ",
            "properties, (SELECT puser_id FROM kuser WHERE kuser.partner_id = partner.id AND is_account_owner = 1 ",
            "AND kuser.status <> 2) FROM partner ",
            $rest
        )
    };
}

fn read_row(row: &Row) -> Result<Partner, StoreError> {
    const MALFORMED: StoreError = StoreError::Corrupt("partner");
    Ok(Partner {
        id: row.partner(0)?,
        name: row.text(1)?,
        status: PartnerStatus::from_code(row.int(2)?).ok_or(MALFORMED)?,
        admin_name: row.text(3)?,
        admin_email: row.text(4)?,
        description: row.text(5)?,
        created_at: row.int(6)?,
        updated_at: row.int(7)?,
        ks_version: u8::try_from(row.int(8)?).map_err(|_| MALFORMED)?,
        ks_max_expiry: row.int(9)?,
        v1_allowed: row.flag(10)?,
        parent_id: row.opt_partner(11)?,
        may_impersonate: row.flag(12)?,
        admin_session_role_id: row.opt_role(13)?,
        user_session_role_id: row.opt_role(14)?,
        widget_session_role_id: row.opt_role(15)?,
        always_allowed_permission_names: row.opt_text(16)?,
        default_entitlement_enforcement: row.flag(17)?,
        hide_secrets: row.flag(18)?,
        properties: serde_json::from_str(&row.text(19)?).map_err(|_| MALFORMED)?,
        account_owner: row.opt_text(20)?.map(UserId::new),
    })
}

pub(crate) async fn read(db: &mut impl Fetch, id: PartnerId) -> Result<Option<Partner>, StoreError> {
    db.rows(select!("WHERE id = $1"), args![id]).await?.first().map(read_row).transpose()
}

async fn put(tx: &mut Tx, partner: &Partner) -> Result<(), StoreError> {
    let properties = Json::Object(partner.properties.clone()).to_string();
    tx.execute(
        "INSERT INTO partner (id, name, status, admin_name, admin_email, description, created_at, updated_at, \
         ks_version, ks_max_expiry, v1_allowed, parent_id, may_impersonate, admin_session_role_id, \
         user_session_role_id, widget_session_role_id, always_allowed_permission_names, \
         default_entitlement_enforcement, hide_secrets, properties) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, status = excluded.status, \
         admin_name = excluded.admin_name, admin_email = excluded.admin_email, description = excluded.description, \
         updated_at = excluded.updated_at, ks_version = excluded.ks_version, ks_max_expiry = excluded.ks_max_expiry, \
         v1_allowed = excluded.v1_allowed, parent_id = excluded.parent_id, \
         may_impersonate = excluded.may_impersonate, admin_session_role_id = excluded.admin_session_role_id, \
         user_session_role_id = excluded.user_session_role_id, \
         widget_session_role_id = excluded.widget_session_role_id, \
         always_allowed_permission_names = excluded.always_allowed_permission_names, \
         default_entitlement_enforcement = excluded.default_entitlement_enforcement, \
         hide_secrets = excluded.hide_secrets, properties = excluded.properties",
        args![
            partner.id,
            &partner.name,
            partner.status.code(),
            &partner.admin_name,
            &partner.admin_email,
            &partner.description,
            partner.created_at,
            partner.updated_at,
            i64::from(partner.ks_version),
            partner.ks_max_expiry,
            partner.v1_allowed,
            partner.parent_id,
            partner.may_impersonate,
            partner.admin_session_role_id,
            partner.user_session_role_id,
            partner.widget_session_role_id,
            partner.always_allowed_permission_names.clone(),
            partner.default_entitlement_enforcement,
            partner.hide_secrets,
            properties,
        ],
    )
    .await?;
    Ok(())
}

/// The id after the highest one; when that is used up, the lowest free one.
async fn next_id(tx: &mut Tx) -> Result<PartnerId, StoreError> {
    let rows = tx.fetch("SELECT coalesce(max(id), 99) + 1 FROM partner WHERE id >= 100", vec![]).await?;
    let next = rows.first().ok_or(StoreError::Corrupt("partner"))?.int(0)?;
    if let Ok(next) = i32::try_from(next) {
        return Ok(PartnerId::new(next));
    }
    let rows = tx
        .fetch(
            "SELECT min(candidate) FROM (SELECT 100 AS candidate UNION ALL SELECT id + 1 FROM partner WHERE id >= 100) \
             AS free WHERE NOT EXISTS (SELECT 1 FROM partner WHERE partner.id = free.candidate)",
            vec![],
        )
        .await?;
    rows.first().ok_or(StoreError::Corrupt("partner"))?.partner(0)
}

impl Store {
    /// Makes an account with its two secrets, its default widget `_{id}` and, when an e-mail address is given, its
    /// administrator: all of it or nothing. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken or both secrets are equal; [`StoreError::Invalid`] for an id below
    /// 1; [`StoreError::NotFound`] for an unknown parent or template; [`StoreError::Random`]; [`StoreError::Unavailable`].
    pub async fn create_partner(&self, new: NewPartner, now: i64) -> Result<CreatedPartner, StoreError> {
        if new.id.is_some_and(|id| id.get() < 1) {
            return Err(StoreError::Invalid("an account's id is above 0"));
        }
        let admin_secret = self.given_or_random(new.admin_secret.clone())?;
        let user_secret = self.given_or_random(new.user_secret.clone())?;
        let sealer = self.sealer();
        let groups = self.groups()?;
        self.inner
            .writer
            .write(move |tx| {
                Box::pin(async move {
                    let others = "SELECT 1 FROM partner WHERE id > 0 LIMIT 1";
                    if new.only_if_first && !tx.fetch(others, vec![]).await?.is_empty() {
                        return Err(StoreError::Conflict("the place of the first account"));
                    }
                    let id = match new.id {
                        Some(id) => id,
                        None => next_id(tx).await?,
                    };
                    if read(tx, id).await?.is_some() {
                        return Err(StoreError::Conflict("partner id"));
                    }
                    if let Some(parent) = new.parent_id
                        && (parent == id || read(tx, parent).await?.is_none())
                    {
                        return Err(StoreError::NotFound("parent account"));
                    }
                    let mut made = fresh(&new, id, now);
                    let template = match new.template {
                        Some(of) => Some(read(tx, of).await?.ok_or(StoreError::NotFound("template account"))?),
                        None => None,
                    };
                    if let Some(of) = &template {
                        template::settings(of, &mut made);
                    }
                    put(tx, &made).await?;
                    secret::insert(tx, &sealer, id, SecretKind::Admin, &admin_secret, true, now).await?;
                    secret::insert(tx, &sealer, id, SecretKind::User, &user_secret, true, now).await?;
                    widget::insert_default(tx, WidgetId::new(format!("_{id}")), id, now).await?;
                    match &template {
                        Some(of) => {
                            template::copy(tx, of, &mut made, now).await?;
                            put(tx, &made).await?;
                        }
                        None => permission::insert_features(tx, id, now).await?,
                    }
                    let mut login_existed = false;
                    if !new.admin_email.is_empty() {
                        let role = made.admin_session_role_id.unwrap_or(PARTNER_ADMIN_ROLE);
                        login_existed = user_change::insert_owner(tx, &new, id, role, groups, now).await?;
                    }
                    tx.log(Change::Account(id), now).await?;
                    let partner = read(tx, id).await?.ok_or(StoreError::Corrupt("partner"))?;
                    Ok(CreatedPartner { partner, admin_secret, user_secret, login_existed })
                })
            })
            .await
    }

    /// The account's settings, from the database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn partner(&self, id: PartnerId) -> Result<Option<Partner>, StoreError> {
        read(&mut self.inner.engine.reader().await?, id).await
    }

    /// All accounts but 0, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn partners(&self) -> Result<Vec<Partner>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        reader.fetch(select!("WHERE id > 0 ORDER BY id"), vec![]).await?.iter().map(read_row).collect()
    }

    /// The accounts that name this one as their parent, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn children(&self, parent: PartnerId) -> Result<Vec<Partner>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let rows = reader.fetch(select!("WHERE parent_id = $1 AND status <> 0 ORDER BY id"), args![parent]).await?;
        rows.iter().map(read_row).collect()
    }

    /// The active accounts of which a login is an active administrator, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn administered(&self, login: LoginId) -> Result<Vec<Partner>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let rows = reader
            .fetch(
                select!(
                    "WHERE id > 0 AND status = 1 AND id IN (SELECT kuser.partner_id FROM kuser WHERE \
                     login_data_id = $1 AND login_open = 1 AND is_admin = 1 AND kuser.status = 1) ORDER BY id"
                ),
                args![login.get()],
            )
            .await?;
        rows.iter().map(read_row).collect()
    }

    /// Makes a user the owner of its account. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account has no such user; [`StoreError::Unavailable`].
    pub async fn set_account_owner(&self, id: PartnerId, user: UserId, now: i64) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let before = read(tx, id).await?.ok_or(StoreError::NotFound("account"))?;
                tx.execute(
                    "UPDATE kuser SET is_account_owner = 0 WHERE partner_id = $1 AND is_account_owner = 1",
                    args![id],
                )
                .await?;
                let changed = tx
                    .execute(
                        "UPDATE kuser SET is_account_owner = 1, updated_at = $3 \
                         WHERE partner_id = $1 AND puser_id = $2 AND status <> 2",
                        args![id, &user, now],
                    )
                    .await?;
                if changed == 0 {
                    return Err(StoreError::NotFound("user"));
                }
                if let Some(owner) = before.account_owner {
                    tx.log(Change::User(id, owner), now).await?;
                }
                tx.log(Change::User(id, user), now).await?;
                tx.log(Change::Account(id), now).await
            })
        });
        write.await
    }

    /// Whether there is no account yet but 0.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        Ok(reader.fetch("SELECT 1 FROM partner WHERE id > 0 LIMIT 1", vec![]).await?.is_empty())
    }

    /// Changes an account's settings: `change` gets them as they are and leaves them as they shall be. Its id, its
    /// owner and when it was made stay. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] for account 0, a malformed version or expiry;
    /// [`StoreError::Unavailable`].
    pub async fn update_partner<F>(&self, id: PartnerId, now: i64, change: F) -> Result<Partner, StoreError>
    where
        F: FnOnce(&mut Partner) + Send + 'static,
    {
        self.inner
            .writer
            .write(move |tx| {
                Box::pin(async move {
                    let before = read(tx, id).await?.ok_or(StoreError::NotFound("account"))?;
                    if id.get() < 1 {
                        return Err(StoreError::Invalid("account 0 holds templates and is not changed"));
                    }
                    let mut after = before.clone();
                    change(&mut after);
                    (after.id, after.created_at, after.updated_at) = (id, before.created_at, now);
                    after.account_owner = before.account_owner;
                    if after.parent_id == Some(id) {
                        return Err(StoreError::Invalid("an account cannot be its own parent"));
                    }
                    put(tx, &after).await?;
                    tx.log(Change::Account(id), now).await?;
                    Ok(after)
                })
            })
            .await
    }

    /// Sets whether an account may be used. `now` is in Unix seconds.
    ///
    /// # Errors
    /// As [`Store::update_partner`].
    pub async fn set_partner_status(
        &self,
        id: PartnerId,
        status: PartnerStatus,
        now: i64,
    ) -> Result<Partner, StoreError> {
        self.update_partner(id, now, move |partner| partner.status = status).await
    }
}

fn fresh(new: &NewPartner, id: PartnerId, now: i64) -> Partner {
    Partner {
        admin_name: new.admin_name.clone(),
        admin_email: new.admin_email.clone(),
        description: new.description.clone(),
        parent_id: new.parent_id,
        may_impersonate: new.may_impersonate,
        default_entitlement_enforcement: new.default_entitlement_enforcement,
        properties: new.properties.clone(),
        ..Partner::named(id, &new.name, now)
    }
}
