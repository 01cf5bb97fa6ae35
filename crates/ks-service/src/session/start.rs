//! `session.start`.

use std::sync::Arc;

use ks_access::{Rights, Voice};
use ks_schema::generated::enums::SessionType;
use ks_schema::{ApiError, PartnerId};
use ks_store::Account;

use super::mint::{Wanted, mint, start_session_error};
use crate::call::{Call, partner_id};
use crate::generated::session::Start;
use crate::{refusal, rights};

/// Starts a session with an account secret. Whatever is wrong with account or secret is one and the same error, with
/// the partner id that was sent.
///
/// The secret is checked before the role that `setrole` names (the reference looks at the role first), so that nobody
/// without a secret learns which roles an account has.
pub(super) async fn start(call: &Call<'_>, args: Start) -> Result<String, ApiError> {
    let (account, signer) = authenticate(call, args.partner_id, &args.secret, args.r#type).await?;
    check_role(call, account.partner.id, args.privileges.as_deref()).await?;
    let wanted = Wanted {
        user_id: args.user_id,
        session_type: type_number(args.r#type),
        seconds: args.expiry,
        privileges: args.privileges,
        master: None,
        key: signer.key(),
    };
    let (token, _) = mint(call, &account, wanted)?;
    if !signer.is_admin() {
        // Boxed, because it is large and an administrator's secret does without.
        Box::pin(stay_a_user(call, &account, &token)).await?;
    }
    Ok(token)
}

/// Which secret was presented, and so which key signs.
#[derive(Clone, Copy)]
pub(super) enum Signer {
    /// The administrator secret with this number.
    Admin(usize),
    /// The user secret. It signs nothing; the primary administrator secret does.
    User,
}

impl Signer {
    /// The number of the administrator secret that signs.
    pub(super) const fn key(self) -> usize {
        match self {
            Self::Admin(key) => key,
            Self::User => 0,
        }
    }

    /// Whether the administrator secret was presented.
    pub(super) const fn is_admin(self) -> bool {
        matches!(self, Self::Admin(_))
    }
}

/// Refuses a session that the user secret would lift above a user: by `setrole`, or by taking the name of a user who has a
/// greater role. The reference lets it pass, and the user secret is then as good as the other one.
async fn stay_a_user(call: &Call<'_>, account: &Arc<Account>, token: &str) -> Result<(), ApiError> {
    let session = call.node.verify(token).await?;
    // Also where the user is blocked now: it may be let in again while the session lasts.
    let possible = call.node.possible_roles_of(&session).await?;
    let usual = call.usual(account).await?;
    // Whoever has the user secret speaks for every user; that is what it is for.
    let giver = Rights { permissions: &usual, is_admin: false, voice: Voice::Everybody };
    if rights::of_session(&session, &possible).beyond(&giver, &usual).is_some() {
        return Err(start_session_error(
            account.partner.id,
            "secret",
            "The user secret cannot start a session with more rights than a user has; use the administrator secret.",
        ));
    }
    Ok(())
}

/// The account that a secret opens, and who signs its sessions of this type.
pub(super) async fn authenticate(
    call: &Call<'_>,
    partner: Option<i64>,
    secret: &str,
    session_type: SessionType,
) -> Result<(Arc<Account>, Signer), ApiError> {
    let sent = partner.map_or_else(String::new, |id| id.to_string());
    let account = match partner.and_then(partner_id).filter(|id| id.get() > 0) {
        Some(id) => call.node.account(id).await?,
        None => None,
    };
    let Some(account) = account else {
        return Err(start_session_error(sent, "account", "There is no such account."));
    };
    if !refusal::is_usable(&account) {
        return Err(start_session_error(sent, "account", "The account is blocked or deleted."));
    }
    // All secrets are compared, so that the time tells nothing of which one it was.
    let matches =
        |secrets: &[ks_store::AccountSecret]| {
            secrets.iter().enumerate().fold(None, |found, (index, known)| {
                if known.secret.matches(secret) { found.or(Some(index)) } else { found }
            })
        };
    let admin = matches(&account.admin_secrets);
    let user = matches(&account.user_secrets);
    match (admin, user, session_type) {
        // An administrator's session is signed with the very secret that was presented.
        (Some(index), _, SessionType::Admin) => Ok((account, Signer::Admin(index))),
        (Some(_), _, SessionType::User) => Ok((account, Signer::Admin(0))),
        (None, Some(index), SessionType::User) => {
            if let Some(secret) = account.user_secrets.get(index) {
                call.node.store.touch_secret(secret.id, call.now);
            }
            Ok((account, Signer::User))
        }
        (None, Some(_), SessionType::Admin) => Err(start_session_error(
            sent,
            "secret",
            "The user secret opens sessions of type USER only; an ADMIN session needs the administrator secret.",
        )),
        (None, None, _) => {
            Err(start_session_error(sent, "secret", "No enabled secret of the account is the one that was sent."))
        }
    }
}

/// The number that a token carries for a type.
pub(super) fn type_number(session_type: SessionType) -> i32 {
    match session_type {
        SessionType::User => 0,
        SessionType::Admin => 2,
    }
}

/// `UNKNOWN_ROLE_ID` for a `setrole` that would fail at every use of the session.
pub(super) async fn check_role(call: &Call<'_>, owner: PartnerId, privileges: Option<&str>) -> Result<(), ApiError> {
    let Some(text) = privileges.filter(|text| text.contains("setrole")) else { return Ok(()) };
    // As the token will carry them: trimmed, and of a repeated name the last value.
    let privileges = ks_token::Privileges::normalised(text);
    match privileges.set_role() {
        None | Some("null") => Ok(()),
        Some(role) if call.node.find_role(owner, role).await?.is_some() => Ok(()),
        Some(_) => Err(ApiError::unknown_role_id().because(
            "setrole",
            "The privilege setrole names a role that this account does not have.",
            Some(owner),
        )),
    }
}
