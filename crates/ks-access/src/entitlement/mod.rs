//! Entitlement: who sees which category and entry.
//!
//! Whoever looks is a [`Viewer`]. What it sees is decided twice, by the same rules: for one object, from what is known of
//! it, with the rule that decided ([`category`], [`entry`]); and for lists, as a condition that becomes SQL ([`list`]).
//! Tests hold the two equal on random worlds.
//!
//! A category has contexts (its own and its parents'), a session has one. The pseudo context of those that have none is
//! DEFAULT, here the empty text. Contexts are compared in lower case.

pub mod category;
pub mod entry;
pub mod list;
pub mod membership;
pub mod relation;
mod tree;
mod viewer;

pub use category::{CategoryFacts, CategoryRule, Membership};
pub use entry::{EntryFacts, EntryRule, Parent, Place};
pub use tree::{Lineage, contexts, inherited_contexts};
pub use viewer::{AccountSettings, Principal, Viewer, is_enforced};

/// The context of what has none.
pub const DEFAULT: &str = "";

/// `KalturaPrivacyType`: whose entries in a category are whose to see.
pub mod privacy {
    /// Everybody's in the context.
    pub const ALL: i64 = 1;
    /// Of everybody in the context who is signed in.
    pub const AUTHENTICATED: i64 = 2;
    /// Members' only.
    pub const MEMBERS_ONLY: i64 = 3;
}

/// `KalturaAppearInListType`: who sees that a category exists.
pub mod appear {
    /// Everybody in the context.
    pub const PARTNER_ONLY: i64 = 1;
    /// Members only.
    pub const MEMBERS_ONLY: i64 = 3;
}

/// `KalturaCategoryUserPermissionLevel`: what a member may do, the strongest first.
pub mod level {
    /// Everything.
    pub const MANAGER: i64 = 0;
    /// Approve entries.
    pub const MODERATOR: i64 = 1;
    /// Add entries.
    pub const CONTRIBUTOR: i64 = 2;
    /// See them.
    pub const MEMBER: i64 = 3;
    /// Nothing by itself.
    pub const NONE: i64 = 4;
}

/// `KalturaCategoryEntryStatus`: how an entry stands in a category.
pub mod place {
    /// It waits for approval.
    pub const PENDING: i64 = 1;
    /// It is there.
    pub const ACTIVE: i64 = 2;
    /// It was taken away.
    pub const DELETED: i64 = 3;
    /// It was refused.
    pub const REJECTED: i64 = 4;
}

/// What members may do, by name.
pub mod permission {
    /// Change the category and its members.
    pub const EDIT: &str = "CATEGORY_EDIT";
    /// Approve entries.
    pub const MODERATE: &str = "CATEGORY_MODERATE";
    /// Add entries.
    pub const CONTRIBUTE: &str = "CATEGORY_CONTRIBUTE";
    /// See entries.
    pub const VIEW: &str = "CATEGORY_VIEW";
}
