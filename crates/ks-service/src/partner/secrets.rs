//! `partner.getSecrets`.

use std::sync::Arc;

use ks_access::Permissions;
use ks_schema::generated::classes;
use ks_schema::{ApiError, ErrorCode};

use super::object::whole;
use crate::call::{Call, partner_id};
use crate::establish::Requested;
use crate::generated::partner::GetSecrets;
use crate::guard::readable;
use crate::login::start;
use crate::refusal;
use crate::tries::Try;

/// How long the session would last that decides what may be seen.
const SECONDS: i64 = 60;

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
        seconds: SECONDS,
        privileges: String::new(),
        otp: args.otp,
    };
    let permissions = permissions(call, wanted).await.map_err(|error| match error.code() {
        ErrorCode::InternalDatabaseError | ErrorCode::ActionBlocked => error,
        _ => ApiError::user_data_error(),
    })?;
    let partner = classes::Partner { cms_password: args.cms_password.into(), ..whole(&account) };
    Ok(readable(&permissions, partner))
}

/// What a login may do, by the way that a session of it would take: the account's roles, `ksPrivileges` and restrictions of
/// the session count as they do there. The session itself is given to nobody.
async fn permissions(call: &Call<'_>, wanted: start::Wanted) -> Result<Arc<Permissions>, ApiError> {
    let (token, user) = start::with_login_id(call, wanted).await?;
    if !user.is_admin {
        return Err(ApiError::user_data_error());
    }
    let session = call.node.verify(&token).await?;
    let requested = Requested::Partner(user.partner_id);
    let established = call.node.establish(call.request, call.now, Some(&session), requested, &mut None).await?;
    Ok(established.permissions)
}
