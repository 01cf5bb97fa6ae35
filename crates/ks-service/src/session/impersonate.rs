//! `session.impersonate` and `session.impersonateByKs`.

use std::sync::Arc;

use ks_access::Visit;
use ks_schema::generated::classes::SessionInfo;
use ks_schema::generated::enums::SessionType;
use ks_schema::{ApiError, PartnerId};
use ks_store::Account;

use super::get::describe;
use super::mint::{Wanted, mint, start_session_error};
use super::start::{authenticate, check_role, type_number};
use crate::call::{Call, database_error, partner_id};
use crate::generated::session::{Impersonate, ImpersonateByKs};
use crate::refusal;

/// Starts a session in a child account with a secret of the parent. The token names the parent as its master.
pub(super) async fn impersonate(call: &Call<'_>, args: Impersonate) -> Result<String, ApiError> {
    let (own, signer) = authenticate(call, args.partner_id, &args.secret, args.r#type).await?;
    let target = enter(call, &own, args.impersonated_partner_id, signer.is_admin()).await?;
    check_role(call, target.partner.id, args.privileges.as_deref()).await?;
    let wanted = Wanted {
        user_id: args.user_id,
        session_type: type_number(args.r#type),
        seconds: args.expiry,
        privileges: args.privileges,
        master: Some(own.partner.id),
        key: 0,
    };
    note(call, own.partner.id, &target, &wanted.user_id).await?;
    mint(call, &target, wanted).map(|(token, _)| token)
}

/// The account that is entered can see it.
async fn note(call: &Call<'_>, from: PartnerId, into: &Account, user: &str) -> Result<(), ApiError> {
    let detail = format!("by account {from}");
    let noted = call.store().note_user("impersonation", into.partner.id, user, Some(detail), call.now).await;
    noted.map_err(|error| database_error(&error))
}

/// Starts a session like an existing one of a child account. What is not asked for is taken from the existing one;
/// `expiry` of the answer is the duration in seconds, as the reference has it.
pub(super) async fn impersonate_by_ks(call: &Call<'_>, args: ImpersonateByKs) -> Result<SessionInfo, ApiError> {
    let own = Arc::clone(&call.session()?.account);
    let pid = own.partner.id;
    let old = call.node.verify(&args.session).await.map_err(|error| {
        let why = error.why().cloned();
        let error = ApiError::start_session_error(pid);
        match why {
            Some(why) => error.because(why.check, why.explanation, Some(pid)),
            None => error,
        }
    })?;
    let target = enter(call, &own, i64::from(old.ks.partner_id.get()), true).await?;
    let seconds = args.expiry.unwrap_or_else(|| old.ks.expiry.unwrap_or(call.now).saturating_sub(call.now));
    let session_type = args.r#type.unwrap_or(if old.ks.is_admin() { SessionType::Admin } else { SessionType::User });
    let privileges = args.privileges.filter(|text| !text.is_empty());
    let privileges = privileges.unwrap_or_else(|| old.ks.privileges.text().to_owned());
    check_role(call, target.partner.id, Some(&privileges)).await?;
    let wanted = Wanted {
        user_id: old.ks.user_id.as_deref().unwrap_or_default().to_owned(),
        session_type: type_number(session_type),
        seconds,
        privileges: Some(privileges),
        master: Some(pid),
        key: 0,
    };
    note(call, pid, &target, &wanted.user_id).await?;
    let (token, _) = mint(call, &target, wanted)?;
    let mut info = describe(&call.node.verify(&token).await?.ks);
    info.ks = token.into();
    info.expiry = seconds.into();
    Ok(info)
}

/// The account to enter, if that is agreed. What is wrong is one and the same error, with the caller's partner id.
async fn enter(call: &Call<'_>, own: &Account, target: i64, is_admin: bool) -> Result<Arc<Account>, ApiError> {
    let pid = own.partner.id;
    let id: Option<PartnerId> = partner_id(target).filter(|id| id.get() > 0);
    let account = match id {
        Some(id) => call.node.account(id).await?,
        None => None,
    };
    let Some(account) = account.filter(|account| refusal::is_usable(account)) else {
        return Err(start_session_error(pid, "account", "There is no such account to enter, or it is blocked."));
    };
    let visit = Visit {
        from: pid,
        into: account.partner.id,
        parent: account.partner.parent_id,
        may_impersonate: own.partner.may_impersonate,
        is_admin,
    };
    if visit.is_allowed() {
        Ok(account)
    } else {
        Err(start_session_error(
            pid,
            "impersonation",
            "Only the administrator secret of a parent account with the right to may enter another one.",
        ))
    }
}
