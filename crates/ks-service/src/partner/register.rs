//! `partner.register` and `registrationValidation`.

use ks_access::Use;
use ks_schema::generated::classes;
use ks_schema::write::check_insert;
use ks_schema::{ApiError, ErrorCode, Field, PartnerId};
use ks_store::{Partner, Random, StoreError, Vouch};

use super::object::{apply, strip_tags, whole};
use crate::accounts::{NewAccount, create_account};
use crate::call::{Call, database_error, partner_id};
use crate::guard::writable;
use crate::login::{self, attempt, reset};
use crate::tries::Try;

/// A shorter password is no password.
const SHORTEST: usize = 8;

/// What is asked for.
pub(super) struct Wish {
    pub(super) partner: classes::Partner,
    pub(super) password: String,
    pub(super) template: Option<i64>,
    /// Whether no mail is sent.
    pub(super) silent: bool,
}

/// Opens an account: its secrets and its administrator's password are in the answer, and nowhere else.
pub(super) async fn register(call: &Call<'_>, wish: Wish) -> Result<classes::Partner, ApiError> {
    let silent = wish.silent;
    let new = validate(call, wish).await?;
    let (password, address) = (new.admin_password.clone(), new.admin_email.clone());
    // Its password is hashed, and has a queue of its own.
    call.request.seat.leave();
    let made = create_account(&call.store(), &Ours(call), new, call.now).await.map_err(|error| {
        tracing::warn!(%error, "an account could not be opened");
        refused("the account could not be opened")
    })?;
    let id = made.partner_id;
    let account = call.node.account(id).await?.ok_or_else(|| ApiError::unknown_partner_id(id))?;
    if !silent {
        reset::opened(call, id, &address, password.is_none()).await?;
    }
    let password = password.unwrap_or_else(|| made.admin_password.expose().to_owned());
    Ok(classes::Partner { cms_password: password.into(), ..whole(&account) })
}

/// The same checks, and nothing else.
pub(super) async fn validate(call: &Call<'_>, wish: Wish) -> Result<NewAccount, ApiError> {
    let parent = parent(call)?;
    if parent.is_none() && !call.node.options.sign_up {
        return Err(refused("nobody can open an account here but the operator"));
    }
    if !call.node.tries.count(Try::Register, call.request.remote_addr, call.now) {
        return Err(ApiError::action_blocked(call.action.name, call.action.service));
    }
    let template = template(call, wish.template).await?;
    let sent = writable(call, wish.partner, Use::Insert);
    check_insert(&sent).map_err(|error| refused(&error.message()))?;
    let sent = names(sent)?;
    for (name, value) in [("country", sent.country.get()), ("state", sent.state.get())] {
        if value.is_some_and(|value| value.chars().count() > 2) {
            return Err(refused(&format!("KalturaPartner::{name} has more than two characters")));
        }
    }
    if sent.partner_package.get().is_some_and(|package| ![0, 1].contains(package)) {
        return Err(refused("there is no such package"));
    }
    // The same way that a change takes, so that both keep the same.
    let mut partner = Partner::named(PartnerId::new(0), "", call.now);
    apply(&mut partner, &sent, false);
    for (name, value) in [
        ("name", &partner.name),
        ("adminName", &partner.admin_name),
        ("adminEmail", &partner.admin_email),
        ("description", &partner.description),
    ] {
        if value.trim().is_empty() {
            return Err(refused(&format!("KalturaPartner::{name} must have a value")));
        }
    }
    if !is_address(&partner.admin_email) {
        return Err(refused("KalturaPartner::adminEmail is no e-mail address"));
    }
    check_password(call, &partner.admin_email, &wish.password).await?;
    Ok(NewAccount {
        name: partner.name,
        admin_name: Some(partner.admin_name),
        admin_email: partner.admin_email,
        description: partner.description,
        admin_password: Some(wish.password).filter(|password| !password.is_empty()),
        parent,
        // Whoever has a login has shown its password; whose a new address is nobody knows.
        vouch: Some(Vouch::Password),
        properties: partner.properties,
        template,
        ..NewAccount::default()
    })
}

/// The account that the new one belongs to: only one that may enter others opens accounts below itself.
fn parent(call: &Call<'_>) -> Result<Option<PartnerId>, ApiError> {
    match call.session.filter(|session| session.ks.is_admin()) {
        None => Ok(None),
        Some(session) if session.account.partner.may_impersonate => Ok(Some(session.ks.partner_id)),
        Some(_) => Err(refused("only an account that may enter others opens accounts below itself")),
    }
}

/// The account that the new one takes its settings from: one that its operator has made a template.
async fn template(call: &Call<'_>, asked: Option<i64>) -> Result<Option<PartnerId>, ApiError> {
    let Some(asked) = asked.filter(|id| *id != 0) else { return Ok(None) };
    let account = match partner_id(asked).filter(|id| id.get() > 0) {
        Some(id) => call.node.account(id).await?,
        None => None,
    };
    let account = account.filter(|account| account.partner.is_template());
    account.map(|account| Some(account.partner.id)).ok_or_else(|| refused("there is no such template"))
}

/// The administrator's name is given whole or in parts.
fn names(mut sent: classes::Partner) -> Result<classes::Partner, ApiError> {
    let given = |field: &Field<String>| field.get().map(|text| strip_tags(text)).filter(|text| !text.is_empty());
    match (given(&sent.admin_name), given(&sent.first_name), given(&sent.last_name)) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            Err(refused("KalturaPartner::adminName is given whole or in parts, not both"))
        }
        (Some(whole), None, None) => {
            sent.first_name = whole.into();
            Ok(sent)
        }
        (None, first, last) => {
            sent.admin_name = [first, last].into_iter().flatten().collect::<Vec<_>>().join(" ").into();
            Ok(sent)
        }
    }
}

/// Whoever has a login already must have its password; a new one must be long enough.
async fn check_password(call: &Call<'_>, email: &str, given: &str) -> Result<(), ApiError> {
    let login = call.node.store.login(email).await.map_err(|error| database_error(&error))?;
    match login {
        None if given.is_empty() || given.chars().count() >= SHORTEST => Ok(()),
        None => Err(refused("the password is too short")),
        Some(login) => {
            // Tries count as those of a login do, and wait as they do.
            let users = login::open_users(call, login.id).await?;
            let settings = login::settings_for(call, &users).await?;
            let tried = attempt::of(call, email);
            let checked = attempt::check_password(call, &tried, &settings, Some(&login), given).await;
            checked.map(drop).map_err(|error| match error.code() {
                ErrorCode::InternalDatabaseError | ErrorCode::ActionBlocked => error,
                ErrorCode::LoginBlocked => refused("too many wrong passwords came from the caller's network"),
                _ => refused("the address has a login, and this is not its password"),
            })
        }
    }
}

/// Local part and domain, each of some length, and no white space.
fn is_address(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        (1..=64).contains(&local.len())
            && (3..=255).contains(&domain.len())
            && domain.trim_matches('.').contains('.')
            && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
    })
}

/// Every failure of a registration has one code, and its reason as text.
fn refused(reason: &str) -> ApiError {
    ApiError::partner_registration_error(reason)
}

/// The node's own randomness, for what is made up.
struct Ours<'a, 'c>(&'a Call<'c>);

impl Random for Ours<'_, '_> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), StoreError> {
        for chunk in bytes.chunks_mut(32) {
            chunk.copy_from_slice(&self.0.node.random::<32>()[..chunk.len()]);
        }
        Ok(())
    }
}
