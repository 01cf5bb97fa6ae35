//! May this session do this?
//!
//! Pure decisions, no look-ups: whoever calls has fetched the roles and the account's settings, and gets
//! an answer that names its reason. Three subjects live here: permissions ("role, permission, action"),
//! impersonation, and entitlement: who sees which category and entry.
//!
//! The order of the questions is the protocol's: [`role_wish`] says which roles a session asks for,
//! [`Permissions::of`] what these roles amount to, [`permit`] whether an action is within it, and
//! [`scope`] on whose data it may work. What of that data it sees, [`entitlement`] says. Whatever makes sessions or says
//! what they may do asks [`Rights::beyond`].

pub mod builtin;
pub mod condition;
pub mod entitlement;
mod permissions;
mod rights;
mod scope;

pub use builtin::{ALWAYS_ALLOWED, Use, default_role, is_in_wildcard};
pub use permissions::{OwnItem, OwnPermission, Permissions, RoleWish, permit, role_wish};
pub use rights::{Excess, Rights, Voice};
pub use scope::{Scope, Visit, scope};
