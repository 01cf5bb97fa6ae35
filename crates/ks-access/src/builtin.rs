//! The built-in names, in one readable place.

use ks_token::SessionKind;

/// The permission that every session has, and the absence of one too, unless the account says otherwise.
pub const ALWAYS_ALLOWED: &str = "ALWAYS_ALLOWED_ACTIONS";

/// Permissions that the wildcard `*` of the administrators' role does not cover: the first belongs to
/// the operator's own listener, the second to accounts that have agreed to be entered.
const OUTSIDE_WILDCARD: [&str; 2] = ["ALWAYS_ALLOWED_FROM_INTERNAL_IP_ACTIONS", "HOSTED_PAGES_BASE"];

/// Whether `*` covers a permission.
#[must_use]
pub fn is_in_wildcard(permission: &str) -> bool {
    !OUTSIDE_WILDCARD.contains(&permission)
}

/// The system name of the role that a session has when neither it nor its user says otherwise. `None`
/// stands for no session.
#[must_use]
pub const fn default_role(kind: Option<SessionKind>) -> &'static str {
    match kind {
        None => "NO_SESSION_ROLE",
        Some(SessionKind::User) => "BASE_USER_SESSION_ROLE",
        Some(SessionKind::Widget) => "WIDGET_SESSION_ROLE",
        Some(SessionKind::Admin) => "PARTNER_ADMIN_ROLE",
    }
}
