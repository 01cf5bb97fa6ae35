//! Opening accounts.

use ks_schema::PartnerId;
use ks_store::{NewPartner, Random, Store, StoreError, Vouch};
use ks_token::{EmptySecret, Secret};

use crate::password::{self, HashError};

/// What is known of an account that is to be opened.
#[derive(Default)]
pub struct NewAccount {
    /// Its partner id; the next free one if left out.
    pub id: Option<PartnerId>,
    /// Its name.
    pub name: String,
    /// Only where there is no account yet.
    pub only_if_first: bool,
    /// The administrator's e-mail address, which is also the login.
    pub admin_email: String,
    /// The administrator's password; one is made if left out.
    pub admin_password: Option<String>,
    /// The administrator secret; one is made if left out.
    pub admin_secret: Option<String>,
    /// The user secret; one is made if left out.
    pub user_secret: Option<String>,
    /// The administrator's name; that of the account if left out.
    pub admin_name: Option<String>,
    /// What the account is for.
    pub description: String,
    /// The account that it belongs to.
    pub parent: Option<PartnerId>,
    /// Whether it may enter the accounts that belong to it.
    pub may_impersonate: bool,
    /// Whether its sessions are under entitlement unless they say otherwise.
    pub enforce_entitlement: bool,
    /// Who says that the address is the administrator's; the operator if left out.
    pub vouch: Option<Vouch>,
    /// Other properties of the API's partner object, by their names there.
    pub properties: serde_json::Map<String, serde_json::Value>,
    /// The account whose settings, permissions and roles it takes over.
    pub template: Option<PartnerId>,
}

/// A new account, with everything that is shown once.
#[derive(Debug)]
pub struct CreatedAccount {
    /// The partner id.
    pub partner_id: PartnerId,
    /// The administrator secret.
    pub admin_secret: Secret,
    /// The user secret.
    pub user_secret: Secret,
    /// The administrator's e-mail address.
    pub admin_email: String,
    /// The administrator's password.
    pub admin_password: Secret,
}

/// Why an account was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The store refused it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret or the password was given and is empty.
    #[error("a secret or password may not be empty")]
    Empty,
    /// The administrator's password could not be hashed.
    #[error(transparent)]
    Password(#[from] HashError),
}

impl From<EmptySecret> for AccountError {
    fn from(_: EmptySecret) -> Self {
        Self::Empty
    }
}

/// Opens an account with its secrets, its default widget and its administrator. `now` is in Unix seconds.
///
/// # Errors
/// [`AccountError::Store`] with a conflict when the id is taken; see there for the others.
pub async fn create_account(
    store: &Store,
    random: &dyn Random,
    new: NewAccount,
    now: i64,
) -> Result<CreatedAccount, AccountError> {
    let admin_password = match new.admin_password {
        Some(password) => Secret::new(password)?,
        None => generate_password(random)?,
    };
    let hash = password::hash(admin_password.expose().to_owned()).await?;
    let partner = NewPartner {
        id: new.id,
        only_if_first: new.only_if_first,
        admin_name: new.admin_name.unwrap_or_else(|| new.name.clone()),
        description: new.description,
        parent_id: new.parent,
        may_impersonate: new.may_impersonate,
        default_entitlement_enforcement: new.enforce_entitlement,
        properties: new.properties,
        template: new.template,
        admin_email: new.admin_email.clone(),
        admin_password: Some(hash),
        vouch: new.vouch.unwrap_or(Vouch::Operator),
        admin_secret: new.admin_secret.map(Secret::new).transpose()?,
        user_secret: new.user_secret.map(Secret::new).transpose()?,
        ..NewPartner::named(new.name)
    };
    let created = store.create_partner(partner, now).await?;
    Ok(CreatedAccount {
        partner_id: created.partner.id,
        admin_secret: created.admin_secret,
        user_secret: created.user_secret,
        admin_email: new.admin_email,
        admin_password,
    })
}

/// Twenty characters of an alphabet without look-alikes: some 114 bits.
pub(crate) fn generate_password(random: &dyn Random) -> Result<Secret, AccountError> {
    const ALPHABET: &[u8; 52] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456";
    let mut password = String::new();
    while password.len() < 20 {
        let mut bytes = [0; 32];
        random.fill(&mut bytes)?;
        // Bytes beyond a multiple of the alphabet's length would make some characters likelier.
        let even = bytes.iter().filter(|byte| usize::from(**byte) < 4 * ALPHABET.len());
        password.extend(
            even.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).take(20 - password.len()),
        );
    }
    Ok(Secret::new(password)?)
}
