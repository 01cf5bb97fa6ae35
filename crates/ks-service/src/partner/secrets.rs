//! `partner.getSecrets`.

use std::sync::Arc;

use ks_access::Permissions;
use ks_schema::ApiError;
use ks_schema::generated::classes;
use ks_store::{Account, RoleStatus, User, UserStatus};

use super::object::whole;
use crate::call::{Call, database_error, partner_id};
use crate::generated::partner::GetSecrets;
use crate::guard::readable;
use crate::password;
use crate::refusal;
use crate::tries::Try;

/// An account with its secrets, for the password of one of its administrators. Whatever is wrong is one and the same
/// error.
pub(super) async fn get_secrets(call: &Call<'_>, args: GetSecrets) -> Result<classes::Partner, ApiError> {
    if !call.node.tries.count(Try::Secrets, call.request.remote_addr, call.now) {
        return Err(ApiError::action_blocked("getSecrets", "partner"));
    }
    let account = match partner_id(args.partner_id).filter(|id| id.get() > 0) {
        Some(id) => call.node.account(id).await?,
        None => None,
    };
    let account = account.filter(|account| refusal::is_usable(account)).ok_or_else(ApiError::user_data_error)?;
    let user = administrator(call, &account, &args.admin_email, &args.cms_password).await?;
    let partner = classes::Partner { cms_password: args.cms_password.into(), ..whole(&account) };
    Ok(readable(&permissions(call, &account, &user).await?, partner))
}

/// The active administrator of an account who has this address and this password.
async fn administrator(call: &Call<'_>, account: &Account, email: &str, given: &str) -> Result<Arc<User>, ApiError> {
    let store = &call.node.store;
    let failed = || ApiError::internal_serverl_error();
    // An address with a NUL is nobody's.
    let login = store.login(&email.replace('\0', " ")).await.map_err(|error| database_error(&error))?;
    let Some((login, hash)) = login.and_then(|login| login.password_hash.clone().map(|hash| (login, hash))) else {
        // As much work as for a wrong password, so that the time does not tell which addresses have a login.
        password::hash(given.to_owned()).await.map_err(|_| failed())?;
        return Err(ApiError::user_data_error());
    };
    if !password::verify(given.to_owned(), hash).await.map_err(|_| failed())? {
        return Err(ApiError::user_data_error());
    }
    let user = store.user_of_login(account.partner.id, login.id).await.map_err(|error| database_error(&error))?;
    let user = user.filter(|user| user.is_admin && user.status == UserStatus::Active);
    user.ok_or_else(ApiError::user_data_error)
}

/// What a login of this user may do.
async fn permissions(call: &Call<'_>, account: &Account, user: &User) -> Result<Permissions, ApiError> {
    let mut names = Vec::new();
    for id in &user.role_ids {
        if let Some(role) = call.node.find_role(account.partner.id, &id.to_string()).await?
            && role.status == RoleStatus::Active
        {
            names.push(role.permission_names);
        }
    }
    if user.role_ids.is_empty() {
        names.push("*".to_owned());
    }
    Ok(Permissions::of(names.iter().map(String::as_str), None))
}
