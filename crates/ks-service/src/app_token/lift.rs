//! Whether an app token gives more than somebody has.

use std::sync::Arc;

use ks_access::{Excess, Permissions, Rights, Voice};
use ks_schema::ApiError;
use ks_store::{Account, AppToken};

use super::privileges;
use crate::call::{Call, Session, database_error};
use crate::rights;
use crate::session::mint::{Wanted, mint};

/// What the sessions of an app token have more than who calls and more than any user. Then its key is not for who calls to
/// see, nor the app token for who calls to make. What cannot be judged counts as more.
pub(super) async fn excess(
    call: &Call<'_>,
    account: &Arc<Account>,
    token: &AppToken,
) -> Result<Option<Excess>, ApiError> {
    let is_admin = call.session.is_some_and(|session| session.ks.is_admin());
    if is_admin && call.permissions.is_unrestricted() {
        return Ok(None);
    }
    let wanted = Wanted {
        user_id: token.session_user_id.clone().unwrap_or_default(),
        session_type: if token.session_type == Some(2) { 2 } else { 0 },
        seconds: 0,
        privileges: Some(privileges::compose(token, None)),
        master: None,
        key: 0,
    };
    let Ok((text, _)) = mint(call, account, wanted) else { return Ok(Some(Excess::Permissions)) };
    let session = call.node.verify(&text).await?;
    let Ok(permissions) = call.node.roles_of(Some(&session), None).await else {
        return Ok(Some(Excess::Permissions));
    };
    let given = rights::of_session(&session, &permissions);
    // Without a user of its own, its sessions are whosever the caller says.
    let given = if token.session_user_id.is_some() { given } else { given.speaking_for(Voice::Everybody) };
    call.beyond(&given, account).await
}

/// Whether a session that was just minted is more than the maker of its app token had, and more than any user.
pub(super) async fn is_above_maker(
    call: &Call<'_>,
    account: &Arc<Account>,
    token: &AppToken,
    session: &Session,
) -> Result<bool, ApiError> {
    let Some(maker) = &token.maker else { return Ok(false) };
    // A role that is gone brings nothing; a blocked user may be let in again.
    let Ok(permissions) = call.node.possible_roles_of(session).await else { return Ok(false) };
    let mut had = Permissions::of_role(&maker.permission_names);
    if had.has_own_names() {
        let own = call.node.store.own_permissions(account.partner.id).await.map_err(|error| database_error(&error))?;
        had = had.resolve(&rights::own(&own));
    }
    // In whose name it may act was judged when it was made.
    let maker = Rights { permissions: &had, is_admin: maker.is_admin, voice: Voice::Everybody };
    let usual = call.usual(account).await?;
    Ok(rights::of_session(session, &permissions).beyond(&maker, &usual).is_some())
}

/// Whether a session that was just minted may do what neither who calls nor any user may.
pub(super) async fn is_above_caller(
    call: &Call<'_>,
    account: &Arc<Account>,
    session: &Session,
) -> Result<bool, ApiError> {
    let Ok(permissions) = call.node.possible_roles_of(session).await else { return Ok(false) };
    let given = rights::of_session(session, &permissions).speaking_for(Voice::Nobody);
    Ok(call.beyond(&given, account).await?.is_some())
}
