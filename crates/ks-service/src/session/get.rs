//! `session.get`.

use ks_schema::generated::classes::SessionInfo;
use ks_schema::generated::enums::SessionType;
use ks_schema::{ApiError, Field};
use ks_token::Ks;

use crate::call::Call;
use crate::generated::session::Get;

/// Describes a token: the call's own, or another one of an account that the caller may work on. Expired and revoked
/// tokens are described too; one that does not verify is `INVALID_KS`.
pub(super) async fn get(call: &Call<'_>, args: Get) -> Result<SessionInfo, ApiError> {
    let own = call.session()?;
    match args.session.filter(|text| !text.is_empty()) {
        None => Ok(describe(&own.ks)),
        Some(text) => {
            let other = call.node.verify(&text).await?;
            if other.ks.partner_id != call.partner_id() && other.ks.partner_id != own.ks.partner_id {
                return Err(ApiError::partner_access_forbidden(own.ks.partner_id, other.ks.partner_id));
            }
            Ok(describe(&other.ks))
        }
    }
}

/// What a token says, without the token.
pub(crate) fn describe(ks: &Ks) -> SessionInfo {
    SessionInfo {
        ks: Field::Absent,
        // Any positive type is an administrator's; the protocol has names for two numbers only.
        session_type: Field::Set(if ks.is_admin() { SessionType::Admin } else { SessionType::User }),
        partner_id: Field::Set(i64::from(ks.partner_id.get())),
        user_id: ks.user_id.as_deref().map(str::to_owned).into(),
        expiry: ks.expiry.into(),
        privileges: Field::Set(ks.privileges.text().to_owned()),
    }
}
