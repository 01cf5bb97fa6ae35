//! `session.end`.

use ks_schema::ApiError;

use crate::call::{Call, database_error};

/// Ends the session of the call, and the session group that it belongs to. Without a session there is nothing to end,
/// and an anonymous widget session goes on: anyone may start one, so ending it would keep nobody out.
pub(super) async fn end(call: &Call<'_>) -> Result<(), ApiError> {
    let Some(session) = call.session.filter(|session| session.ks.is_revocable()) else { return Ok(()) };
    let store = call.store();
    let ks = &session.ks;
    if let Some(group) = ks.session_id_hash() {
        // For ever: other tokens of the group may outlive this one by any length.
        let revoked = store.revoke_session_group(ks.partner_id, group, call.now).await;
        revoked.map_err(|error| database_error(&error))?;
    }
    let revoked = store.revoke_token(ks.partner_id, ks.hash, ks.expiry, call.now).await;
    revoked.map_err(|error| database_error(&error))
}
