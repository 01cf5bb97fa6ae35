//! `partner.getSecrets`.

use ks_access::Permissions;
use ks_schema::generated::classes;
use ks_schema::{ApiError, ErrorCode};
use ks_store::{Account, RoleStatus, User};

use super::object::whole;
use crate::call::{Call, partner_id};
use crate::generated::partner::GetSecrets;
use crate::guard::readable;
use crate::login::start;
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
    let wanted = start::Wanted {
        login_id: args.admin_email,
        password: args.cms_password.clone(),
        partner: Some(args.partner_id),
        seconds: 0,
        privileges: String::new(),
        otp: args.otp,
    };
    let user = start::authenticate_by_address(call, &wanted).await.map_err(|error| match error.code() {
        ErrorCode::InternalDatabaseError => error,
        _ => ApiError::user_data_error(),
    })?;
    if !user.is_admin {
        return Err(ApiError::user_data_error());
    }
    let partner = classes::Partner { cms_password: args.cms_password.into(), ..whole(&account) };
    Ok(readable(&permissions(call, &account, &user).await?, partner))
}

/// What a login of this user may do.
async fn permissions(call: &Call<'_>, account: &Account, user: &User) -> Result<Permissions, ApiError> {
    let mut names = Vec::new();
    for id in &user.role_ids {
        if let Some(role) = call.node.find_role(account.partner.id, &id.to_string()).await?
            && role.status == RoleStatus::Active
        {
            names.push(role.permission_names.clone());
        }
    }
    if user.role_ids.is_empty() {
        names.push("*".to_owned());
    }
    Ok(Permissions::of(names.iter().map(String::as_str), None))
}
