//! Whether a category is visible (entitlement §6.2). Getting one and listing many ask the same.

use super::viewer::{Principal, Viewer};
use super::{appear, level, privacy};

/// An active membership where a category's members are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The user or group.
    pub principal: Principal,
    /// `KalturaCategoryUserPermissionLevel`.
    pub level: i64,
}

/// What must be known of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryFacts {
    /// Its full name, for explanations.
    pub name: String,
    /// Whether it is deleted.
    pub is_deleted: bool,
    /// Its contexts, in lower case; DEFAULT if it has none.
    pub contexts: Vec<String>,
    /// `KalturaPrivacyType`.
    pub privacy: i64,
    /// `KalturaAppearInListType`.
    pub appear_in_list: i64,
    /// The active memberships where its members are kept; those of the viewer suffice.
    pub memberships: Vec<Membership>,
}

impl CategoryFacts {
    /// Whether it is in the viewer's context.
    pub(super) fn is_in_context(&self, viewer: &Viewer) -> bool {
        self.contexts.contains(&viewer.context)
    }

    /// Whether one of these is a member. Where only members see that a category exists and what is in it, those at the
    /// level NONE are none.
    pub(super) fn has_member(&self, mut principals: impl Iterator<Item = Principal>) -> bool {
        let is_strict = self.privacy == privacy::MEMBERS_ONLY && self.appear_in_list == appear::MEMBERS_ONLY;
        principals.any(|principal| {
            let mut held = self.memberships.iter().filter(|held| held.principal == principal);
            held.any(|held| !is_strict || held.level != level::NONE)
        })
    }
}

/// The rule that decided over a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CategoryRule {
    /// Hidden: it is deleted, or never was.
    Gone,
    /// Visible: nothing is enforced.
    NotEnforced,
    /// Hidden: it is not in the session's context.
    OtherContext,
    /// Visible: everybody in the context sees that it exists.
    Listed,
    /// Visible: the user, or a group of theirs, is a member.
    Member,
    /// Hidden: only members see that it exists.
    NotMember,
}

impl CategoryRule {
    /// Whether the category is visible.
    #[must_use]
    pub const fn is_visible(self) -> bool {
        matches!(self, Self::NotEnforced | Self::Listed | Self::Member)
    }
}

/// Whether a category is visible, and by which rule.
///
/// Its privacy has no part in it, except for who counts as a member; whether those above it are visible has none at all.
#[must_use]
pub fn visible(viewer: &Viewer, category: &CategoryFacts) -> CategoryRule {
    if category.is_deleted {
        CategoryRule::Gone
    } else if !viewer.is_enforced {
        CategoryRule::NotEnforced
    } else if !category.is_in_context(viewer) {
        CategoryRule::OtherContext
    } else if category.appear_in_list == appear::PARTNER_ONLY {
        CategoryRule::Listed
    } else if viewer.is_active && category.has_member(viewer.members()) {
        CategoryRule::Member
    } else {
        CategoryRule::NotMember
    }
}
