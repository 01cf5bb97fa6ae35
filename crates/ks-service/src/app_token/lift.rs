//! Whether an app token lifts somebody above what they may do.

use ks_access::permit;
use ks_schema::ApiError;
use ks_schema::generated::services::ActionId;
use ks_store::{Account, AppToken};

use super::privileges;
use crate::call::Call;
use crate::session::mint::{Wanted, mint};
use crate::session::start::usual_rights;

/// Whether the sessions of an app token may do what neither who calls nor a plain user may. Then its key is not for who
/// calls to see, nor the app token for who calls to make. What cannot be judged counts as more.
pub(super) async fn is_above(call: &Call<'_>, account: &Account, token: &AppToken) -> Result<bool, ApiError> {
    if call.permissions.is_unrestricted() {
        return Ok(false);
    }
    let wanted = Wanted {
        user_id: token.session_user_id.clone().unwrap_or_default(),
        session_type: if token.session_type == Some(2) { 2 } else { 0 },
        seconds: 0,
        privileges: Some(privileges::compose(token, None)),
        master: None,
        key: 0,
    };
    match mint(call, account, wanted) {
        Ok((text, _)) => lifts(call, account, &text, true).await,
        Err(_) => Ok(true),
    }
}

/// Whether a session that was just minted may do what neither who calls nor a plain user may.
pub(super) async fn lifts(
    call: &Call<'_>,
    account: &Account,
    text: &str,
    unless_known: bool,
) -> Result<bool, ApiError> {
    let session = call.node.verify(text).await?;
    let Ok(rights) = call.node.roles_of(Some(&session), None).await else { return Ok(unless_known) };
    let usual = usual_rights(call, account).await?;
    let mut actions = ActionId::ALL.iter().map(|action| action.info());
    Ok(actions.any(|info| permit(&rights, info) && !permit(call.permissions, info) && !permit(&usual, info)))
}
