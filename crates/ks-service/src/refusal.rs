//! Why requests are refused: the words for it, and keeping them for a while.

use ks_schema::{ApiError, ErrorCode, PartnerId};
use ks_store::{Account, PartnerStatus};
use ks_token::{Refusal, TokenFault};

/// `INVALID_KS` for a token that did not verify. To the caller every fault looks alike, and repeats
/// nothing but what the caller sent.
pub(crate) fn unverified(text: &str, fault: TokenFault, partner: Option<PartnerId>) -> ApiError {
    let (check, help) = match fault {
        TokenFault::Signature | TokenFault::NoSecret => {
            ("signature", "It was signed with another secret, or with one that has been disabled; start a new session.")
        }
        TokenFault::Base64 => {
            ("encoding", "It was damaged on its way: check that `+`, `/` and `=` survive URLs and e-mails.")
        }
        _ => ("layout", "It was not made by a Kaltura client, or was cut or changed on its way."),
    };
    ApiError::invalid_ks(text, -1, "INVALID_STR").echoing().because(
        check,
        format!("The token did not verify: {fault}. {help}"),
        partner,
    )
}

/// `INVALID_KS` for a version 1 token of an account that has switched version 1 off.
pub(crate) fn version_off(text: &str, partner: PartnerId) -> ApiError {
    unverified(text, TokenFault::Signature, Some(partner)).because(
        "version",
        "The token has version 1, which this account has switched off; let the client mint version 2.",
        Some(partner),
    )
}

/// `INVALID_KS` for a verified token that is not good for this request: the reason is told.
pub(crate) fn refused(refusal: Refusal, partner: PartnerId) -> ApiError {
    let (check, explanation) = match refusal {
        Refusal::Expired => ("expiry", "The session has ended by its own expiry; start a new one."),
        Refusal::RestrictedIp => ("iprestrict", "The privilege iprestrict does not allow the caller's address."),
        Refusal::RestrictedUri => ("urirestrict", "The privilege urirestrict does not allow this address of the API."),
        Refusal::LogOut => ("revocation", "The session, its session group or its secret was revoked; start a new one."),
        Refusal::ExceededActionsLimit => {
            ("actionslimit", "The session has been used as often as its privilege actionslimit allows.")
        }
        _ => ("session", "The session does not fit the request."),
    };
    ApiError::invalid_ks(refusal.name(), -1, "INVALID_STR").because(check, explanation, Some(partner))
}

/// The session cannot be checked, because this node lost sight of the database. Never silently open.
pub(crate) fn unchecked(partner: PartnerId) -> ApiError {
    ApiError::internal_database_error().because(
        "revocation",
        "Whether the session was revoked could not be checked, because the database did not answer.",
        Some(partner),
    )
}

/// `SERVICE_FORBIDDEN_CONTENT_BLOCKED`, for an account that cannot be used.
pub(crate) fn account_blocked(id: Option<PartnerId>, account: Option<&Account>) -> ApiError {
    let explanation = match account.map(|account| account.partner.status) {
        None => "There is no such account.",
        Some(PartnerStatus::Blocked | PartnerStatus::FullBlock) => {
            "The account is blocked; its operator can unblock it."
        }
        Some(PartnerStatus::Deleted) => "The account was deleted.",
        Some(PartnerStatus::Active | PartnerStatus::ReadOnly) => "The account cannot be used.",
    };
    ApiError::service_forbidden_content_blocked().because("account", explanation, id)
}

/// Whether an account may be used at all.
pub(crate) fn is_usable(account: &Account) -> bool {
    matches!(account.partner.status, PartnerStatus::Active | PartnerStatus::ReadOnly)
}

/// Whether an error says that somebody was kept out, so that the owner may ask why.
pub(crate) fn is_refusal(error: &ApiError) -> bool {
    error.why().is_some()
        || matches!(
            error.code(),
            ErrorCode::InvalidKs
                | ErrorCode::MissingKs
                | ErrorCode::ServiceForbidden
                | ErrorCode::ServiceForbiddenContentBlocked
                | ErrorCode::UserBlocked
                | ErrorCode::StartSessionError
                | ErrorCode::StartWidgetSessionError
                | ErrorCode::PartnerAccessForbidden
                | ErrorCode::ActionBlocked
        )
}
