//! `ks user add|block|unblock|delete|sign-out|set-password|roles`.

use clap::Args;
use ks_schema::ids::{RoleId, UserId};
use ks_service::{password, people};
use ks_store::{
    NewLogin, NewUser, OsRandom, PARTNER_ADMIN_ROLE, PasswordBy, PasswordHash, Store, StoreError, User, UserStatus,
    Vouch,
};
use ks_token::{PartnerId, Secret};
use serde_json::json;

use super::acting;
use super::show::{found, object, status};
use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::output::{self, printable};
use crate::partner::{existing, on_database};
use crate::settings::DatabaseArgs;
use crate::{database, when};

/// Add a user
///
/// With --login the user can log in with the e-mail address; the password is made up and printed, once, unless one is
/// given. Other users of this machine can see a flag in the list of processes: prefer the variable KS_USER_PASSWORD.
#[derive(Args)]
pub(super) struct AddArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The user's id
    #[arg(value_name = "USER")]
    user: String,
    /// The name that others see [default: the id]
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// The e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Let the user log in with the e-mail address and a password
    #[arg(long, requires = "email")]
    login: bool,
    /// The password
    #[arg(long, value_name = "TEXT", env = "KS_USER_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// Make it an administrator: logins start administrators' sessions
    #[arg(long)]
    admin: bool,
    /// Role ids, between commas
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    roles: Vec<i64>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Set the password of a user's login; all its sessions end
///
/// The password is made up and printed, once, unless one is given. A user without a login gets one for its e-mail
/// address. The login may belong to users of other accounts, too.
#[derive(Args)]
pub(super) struct SetPasswordArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The user's id
    #[arg(value_name = "USER")]
    user: String,
    /// The password; prefer the variable KS_USER_PASSWORD
    #[arg(long, value_name = "TEXT", env = "KS_USER_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Show the roles of a user, or set them
#[derive(Args)]
pub(super) struct RolesArgs {
    /// The account's number
    #[arg(value_name = "PARTNER", value_parser = number)]
    partner: PartnerId,
    /// The user's id
    #[arg(value_name = "USER")]
    user: String,
    /// The ids of all roles that it shall have, between commas; empty for the default role
    #[arg(long, value_name = "IDS")]
    set: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) fn add(args: &AddArgs, json: bool) -> Result<Exit, Failure> {
    on_database(&args.database, async |store| {
        existing(store, args.partner).await?;
        if !people::is_user_id(&args.user) {
            return Err(Failure::usage(
                "a user id has 1 to 320 letters, digits and . @ - _ and the like, and no spaces",
            ));
        }
        let email = args.email.clone().unwrap_or_default();
        let mut new = NewUser {
            is_admin: args.admin,
            email: email.clone(),
            role_ids: args.roles.iter().copied().map(RoleId::new).collect(),
            ..NewUser::named(args.partner, UserId::new(args.user.as_str()))
        };
        new.first_name = Some(args.name.clone().unwrap_or_else(|| args.user.clone()));
        new.screen_name = args.name.clone().unwrap_or(new.screen_name);
        if args.admin && new.role_ids.is_empty() {
            new.role_ids = vec![PARTNER_ADMIN_ROLE];
        }
        let mut shown = None;
        if args.login {
            let known = store.login(&email).await.map_err(|error| database::failed(&error))?.is_some();
            let (hash, made) = make_password(store, args.partner, &email, args.password.clone()).await?;
            // Whoever has the address already keeps the password.
            shown = made.filter(|_| !known);
            new.login = Some(NewLogin { email, password: Some(hash), vouch: Vouch::Operator });
        }
        let added = acting(store, "ks user add").add_user(new, when::now()).await.map_err(|error| match error {
            StoreError::Conflict("login") => Failure::no("another user of the account logs in with this address"),
            StoreError::Conflict(_) => Failure::no(format!("there is a user {} already", printable(&args.user))),
            other => database::failed(&other),
        })?;
        tell(&added, "added", shown.as_ref(), json)
    })
}

pub(super) async fn set_status(
    store: &Store,
    partner: PartnerId,
    id: &str,
    wanted: UserStatus,
    json: bool,
) -> Result<(), Failure> {
    let user = found(store, partner, id).await?;
    if user.is_account_owner && wanted != UserStatus::Active {
        return Err(Failure::no("the owner of an account cannot be blocked"));
    }
    if user.status != wanted {
        let changed = store.set_user_status(partner, user.user_id.clone(), wanted, when::now()).await;
        changed.map_err(|error| database::failed(&error))?;
    }
    let user = found(store, partner, id).await?;
    tell(&user, status(user.status), None, json)
}

pub(super) async fn delete(store: &Store, partner: PartnerId, id: &str, json: bool) -> Result<(), Failure> {
    let user = found(store, partner, id).await?;
    if user.is_account_owner {
        return Err(Failure::no("the owner of an account cannot be deleted"));
    }
    let deleted = store.delete_user(partner, user.user_id.clone(), when::now()).await;
    tell(&deleted.map_err(|error| database::failed(&error))?, "deleted", None, json)
}

pub(super) async fn sign_out(store: &Store, partner: PartnerId, id: &str, json: bool) -> Result<(), Failure> {
    let user = found(store, partner, id).await?;
    let signed_out = store.revoke_user_sessions(partner, user.user_id.clone(), when::now()).await;
    tell(&signed_out.map_err(|error| database::failed(&error))?, "signed out everywhere", None, json)
}

pub(super) fn set_password(args: SetPasswordArgs, json: bool) -> Result<Exit, Failure> {
    on_database(&args.database.clone(), async |store| {
        let user = found(store, args.partner, &args.user).await?;
        if !people::is_address(&user.email) && user.login_id.is_none() {
            return Err(Failure::no("the user has no e-mail address to log in with"));
        }
        let (hash, made) = make_password(store, args.partner, &user.email, args.password).await?;
        let acting = acting(store, "ks user set-password");
        let done = match user.login_id {
            Some(login) => acting.set_password(login, hash, 0, PasswordBy::Operator(user.id), when::now()).await,
            None => {
                let new = NewLogin { email: user.email.clone(), password: Some(hash), vouch: Vouch::Operator };
                let enabled = acting.enable_login(args.partner, user.user_id.clone(), new, when::now()).await;
                match enabled {
                    Ok((_, true)) => {
                        return Err(Failure::no("the address has a login already, whose password is unchanged"));
                    }
                    other => other.map(drop),
                }
            }
        };
        done.map_err(|error| database::failed(&error))?;
        let user = found(store, args.partner, &args.user).await?;
        tell(&user, "has a new password", made.as_ref(), json)
    })
}

pub(super) fn roles(args: &RolesArgs, json: bool) -> Result<Exit, Failure> {
    on_database(&args.database, async |store| {
        let mut user = found(store, args.partner, &args.user).await?;
        if let Some(text) = &args.set {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            let ids: Result<Vec<RoleId>, _> = parts.map(|part| part.parse().map(RoleId::new)).collect();
            let ids = ids.map_err(|_| Failure::usage("roles are numbers, between commas"))?;
            let acting = acting(store, "ks user roles");
            let set = acting.set_user_roles(args.partner, user.user_id.clone(), ids, when::now()).await;
            set.map_err(|error| match error {
                StoreError::NotFound("role") => Failure::no("the account has no such role"),
                other => database::failed(&other),
            })?;
            user = found(store, args.partner, &args.user).await?;
        }
        if json {
            return output::json(&object(&user));
        }
        let mut rows = Vec::new();
        for id in &user.role_ids {
            let role = store.role(args.partner, *id).await.map_err(|error| database::failed(&error))?;
            rows.push(vec![id.get().to_string(), role.map_or_else(String::new, |role| printable(&role.name))]);
        }
        if rows.is_empty() {
            return output::line("No roles of its own: the default one of the session's kind.");
        }
        output::line(&output::table(&["ID", "NAME"], &rows))
    })
}

/// The hash of the password that was given, or of one that is made up, which is then to be shown.
async fn make_password(
    store: &Store,
    partner: PartnerId,
    email: &str,
    given: Option<String>,
) -> Result<(PasswordHash, Option<Secret>), Failure> {
    if !people::is_address(email) {
        return Err(Failure::usage("that is no e-mail address"));
    }
    let (password, made) = match given {
        Some(given) => {
            let account = store.account(partner).await.map_err(|error| database::failed(&error))?;
            if let Some(account) = account {
                people::check_password(&account, &given, email).map_err(Failure::no)?;
            }
            (given, None)
        }
        None => {
            let made = people::generate_password(&OsRandom).map_err(|error| Failure::unreachable(error.to_string()))?;
            (made.expose().to_owned(), Some(made))
        }
    };
    let hash = password::hash(password).await.map_err(|error| Failure::unreachable(error.to_string()))?;
    Ok((hash, made))
}

/// Says what was done, and shows a password that was made up, once.
fn tell(user: &User, what: &str, password: Option<&Secret>, json: bool) -> Result<(), Failure> {
    if json {
        let mut object = object(user);
        if let Some(password) = password {
            object["password"] = json!(password.expose());
        }
        return output::json(&object);
    }
    let verb = if what.starts_with("has ") { what.to_owned() } else { format!("is {what}") };
    let mut text = format!("User {} of account {} {verb}.", printable(user.user_id.as_str()), user.partner_id);
    if let Some(password) = password {
        text.push_str(&format!("\nPassword, shown once: {}", password.expose()));
    }
    output::line(&text)
}
