//! `appToken.startSession`.

use ks_schema::ApiError;
use ks_schema::generated::classes::SessionInfo;
use ks_schema::generated::enums::SessionType;
use ks_store::AppTokenStatus;

use super::{lift, privileges, proof, stored};
use crate::call::Call;
use crate::generated::app_token::StartSession;
use crate::session::get::describe;
use crate::session::mint::{Wanted, mint, start_session_error};

/// The numbers that tokens carry for a user and for an administrator.
const USER: i32 = 0;
const ADMIN: i32 = 2;

/// Starts a session of the group that the app token's id names, so that it ends with the app token.
///
/// The session never lasts longer than the account allows, and is an administrator's only where the app token says so
/// or an administrator asks for it; in the reference both can be had by anyone who has the key.
pub(super) async fn start_session(call: &Call<'_>, args: StartSession) -> Result<SessionInfo, ApiError> {
    let own = call.session()?;
    let account = call.account()?;
    let pid = account.partner.id;
    let token = stored(call, &args.id).await?;
    if token.status != AppTokenStatus::Active {
        return Err(ApiError::app_token_not_active(&args.id));
    }
    if !proof::is_proven(token.hash_type, &own.text, &token.token, &args.token_hash) {
        return Err(ApiError::invalid_app_token_hash());
    }
    let left = token.expiry.filter(|expiry| *expiry != 0).map(|expiry| expiry.saturating_sub(call.now));
    let limit = left.map_or(token.session_duration, |left| left.min(token.session_duration));
    if limit < 0 || left.is_some_and(|left| left <= 0) {
        return Err(ApiError::app_token_expired(&args.id));
    }
    let seconds = args.expiry.filter(|seconds| *seconds != 0).map_or(limit, |seconds| seconds.min(limit));
    let session_type = match (token.session_type, args.r#type) {
        (Some(0), _) | (None, None | Some(SessionType::User)) => USER,
        (Some(_), _) => ADMIN,
        (None, Some(SessionType::Admin)) if own.ks.is_admin() => ADMIN,
        (None, Some(SessionType::Admin)) => {
            return Err(start_session_error(
                pid,
                "type",
                "The app token does not say that its sessions are of type ADMIN, and who asks is no administrator.",
            ));
        }
    };
    let user_id = token.session_user_id.clone().or(args.user_id).unwrap_or_default();
    // Whoever it is for is the caller's word, and no role was given to it.
    let is_plain = session_type == USER && token.session_user_id.is_none();
    let privileges = privileges::compose(&token, args.session_privileges.as_deref());
    let is_plain = is_plain && ks_token::Privileges::normalised(&privileges).set_role().is_none();
    if session_type == USER && matches!(user_id.as_str(), "" | "0") && privileges.contains("widget:1") {
        return Err(start_session_error(
            pid,
            "privileges",
            "The app token's privileges would make a widget's session, which would not end with the app token.",
        ));
    }
    let wanted = Wanted { user_id, session_type, seconds, privileges: Some(privileges), master: None, key: 0 };
    let (text, _) = mint(call, account, wanted)?;
    let session = call.node.verify(&text).await?;
    if lift::is_above_maker(call, account, &token, &session).await? {
        return Err(start_session_error(
            pid,
            "rights",
            "The session could do more than whoever made or changed the app token could then.",
        ));
    }
    if is_plain && lift::is_above_caller(call, account, &session).await? {
        return Err(start_session_error(
            pid,
            "userId",
            "The app token names no user, and the one that was asked for may do more than a user without roles.",
        ));
    }
    let mut info = describe(&session.ks);
    info.ks = text.into();
    Ok(info)
}
