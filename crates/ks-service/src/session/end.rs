//! `session.end`.

use ks_schema::{ApiError, UserId};

use crate::call::{Call, Session, database_error};

/// Ends the session of the call, and the session group that it belongs to. Without a session there is nothing to end,
/// and an anonymous widget session goes on: anyone may start one, so ending it would keep nobody out.
pub(super) async fn end(call: &Call<'_>) -> Result<(), ApiError> {
    let Some(session) = call.session.filter(|session| session.ks.is_revocable()) else { return Ok(()) };
    let store = call.store();
    let ks = &session.ks;
    if let Some(group) = ks.session_id_hash()
        && !is_login_group(call, session).await?
    {
        // For ever: other tokens of the group may outlive this one by any length.
        let revoked = store.revoke_session_group(ks.partner_id, group, call.now).await;
        revoked.map_err(|error| database_error(&error))?;
    }
    let revoked = store.revoke_token(ks.partner_id, ks.hash, ks.expiry, call.now).await;
    revoked.map_err(|error| database_error(&error))
}

/// Whether the session was started by a login, so that its group are all sessions of its user: signing out here is not
/// signing out everywhere.
async fn is_login_group(call: &Call<'_>, session: &Session) -> Result<bool, ApiError> {
    let ks = &session.ks;
    let (Some(id), Some(group)) = (ks.user_id.as_deref(), ks.privileges.value("sessionid")) else { return Ok(false) };
    let user = call.node.store.user(ks.partner_id, &UserId::new(id)).await.map_err(|error| database_error(&error))?;
    Ok(user.is_some_and(|user| user.session_group == group))
}
