//! The same decisions as conditions: what lists add to what they are asked for.

use ks_schema::ids::EntryId;

use super::relation::{
    CATEGORY_CONTEXTS, CATEGORY_MEMBERS, ENTRY_CO_USERS, ENTRY_KEYS, ENTRY_PARENT, ENTRY_PLACES, KEY_MEMBERS,
    PLACE_CATEGORY,
};
use super::viewer::{Principal, Viewer};
use super::{DEFAULT, appear, level, place, privacy};
use crate::condition::Condition;

/// Who finds an entry in a context (the column `audience` of [`ENTRY_KEYS`]).
pub mod audience {
    /// Everybody.
    pub const ALL: i64 = 0;
    /// Everybody who is signed in.
    pub const SIGNED_IN: i64 = 1;
    /// The members of a category.
    pub const MEMBERS: i64 = 2;
    /// The members of a category above the level NONE.
    pub const STRICT_MEMBERS: i64 = 3;
}

/// Such entries as lists show unless they are asked for others: ready, neither waiting for a moderator nor refused by one,
/// and meant to be found. The column `listed` of [`ENTRY_KEYS`] says the same.
#[must_use]
pub fn usual_entries() -> Condition {
    Condition::int("status", 2)
        .and(Condition::ints("moderation_status", [1, 3]).negated())
        .and(Condition::ints("display_in_search", [-2, -1]).negated())
}

fn numbers(principals: impl Iterator<Item = Principal>) -> impl Iterator<Item = i64> {
    principals.map(Principal::get)
}

/// The active memberships of the viewer.
fn own_memberships(viewer: &Viewer) -> Condition {
    Condition::ints("kuser_id", numbers(viewer.members())).and(Condition::int("status", 1))
}

fn above_none(memberships: Condition) -> Condition {
    memberships.and(Condition::int("permission_level", level::NONE).negated())
}

/// Of categories: the viewer counts as a member ([`super::CategoryFacts`]).
fn is_member(viewer: &Viewer) -> Condition {
    if viewer.user.is_none() {
        return Condition::FALSE;
    }
    let is_strict =
        Condition::int("privacy", privacy::MEMBERS_ONLY).and(Condition::int("appear_in_list", appear::MEMBERS_ONLY));
    let any = Condition::related(CATEGORY_MEMBERS, own_memberships(viewer));
    let above_none = Condition::related(CATEGORY_MEMBERS, above_none(own_memberships(viewer)));
    is_strict.negated().and(any).or(above_none)
}

fn is_in_context(viewer: &Viewer) -> Condition {
    Condition::related(CATEGORY_CONTEXTS, Condition::text("context", &viewer.context))
}

/// Of categories that are not deleted: [`super::category::visible`].
#[must_use]
pub fn visible_categories(viewer: &Viewer) -> Condition {
    if !viewer.is_enforced {
        return Condition::TRUE;
    }
    let members = if viewer.is_active { is_member(viewer) } else { Condition::FALSE };
    is_in_context(viewer).and(Condition::int("appear_in_list", appear::PARTNER_ONLY).or(members))
}

fn is_one_of(ids: impl Iterator<Item = EntryId>) -> Condition {
    Condition::texts("id", ids.map(|id| id.as_str().to_owned()))
}

/// Owned by one of these, or co-used.
fn is_held_by(principals: impl Iterator<Item = Principal>) -> Condition {
    let numbers: Vec<i64> = numbers(principals).collect();
    if numbers.is_empty() {
        return Condition::FALSE;
    }
    let co_used = Condition::related(ENTRY_CO_USERS, Condition::ints("kuser_id", numbers.iter().copied()));
    Condition::ints("kuser_id", numbers).or(co_used)
}

fn counts() -> Condition {
    Condition::ints("status", [place::PENDING, place::ACTIVE])
}

/// Of entries that are not deleted: [`super::entry::visible`], whatever is above them.
fn visible_themselves(viewer: &Viewer) -> Condition {
    let is_active = Condition::related(ENTRY_PLACES, Condition::int("status", place::ACTIVE));
    let mut shown = vec![Condition::int("privacy", privacy::ALL)];
    if !viewer.is_anonymous {
        shown.push(Condition::int("privacy", privacy::AUTHENTICATED));
    }
    shown.push(is_member(viewer));
    let category = Condition::related(PLACE_CATEGORY, is_in_context(viewer).and(Condition::Any(shown)));
    let by_category = if !viewer.account.many_categories {
        Condition::related(ENTRY_PLACES, counts().and(category))
    } else if viewer.context == DEFAULT {
        Condition::related(ENTRY_PLACES, counts().and(Condition::text("privacy_context", "")))
    } else {
        let stored = Condition::HasWord("privacy_context", viewer.exact_context.clone());
        Condition::related(ENTRY_PLACES, counts().and(stored).and(category))
    };
    Condition::Any(vec![
        is_one_of(viewer.exempt.iter().cloned()),
        is_held_by(viewer.holders()),
        is_active.negated(),
        by_category,
    ])
}

/// Of entries that are not deleted: [`super::entry::visible`].
#[must_use]
pub fn visible_entries(viewer: &Viewer) -> Condition {
    if viewer.account.ignores_parents {
        return if viewer.is_enforced { visible_themselves(viewer) } else { Condition::TRUE };
    }
    let itself = if viewer.is_enforced { visible_themselves(viewer) } else { Condition::TRUE };
    Condition::IsNull("parent_entry_id").and(itself).or(visible_parent(viewer))
}

/// Of entries below others: the one above is visible.
fn visible_parent(viewer: &Viewer) -> Condition {
    let parent = if viewer.is_enforced { visible_themselves(viewer) } else { Condition::TRUE };
    let is_there = Condition::int("status", 3).negated();
    Condition::related(ENTRY_PARENT, is_there.and(parent))
}

/// Rows of [`ENTRY_KEYS`] by which the viewer finds entries: who it is, and as which members.
#[must_use]
pub fn found_by(viewer: &Viewer) -> Condition {
    let mut open = vec![audience::ALL];
    if !viewer.is_anonymous {
        open.push(audience::SIGNED_IN);
    }
    let mut found = Condition::ints("audience", open);
    if viewer.user.is_some() {
        let members = |audience, memberships| {
            Condition::int("audience", audience).and(Condition::related(KEY_MEMBERS, memberships))
        };
        found = found
            .or(members(audience::MEMBERS, own_memberships(viewer)))
            .or(members(audience::STRICT_MEMBERS, above_none(own_memberships(viewer))));
    }
    Condition::text("context", &viewer.context).and(found)
}

/// Of entries that are not deleted: [`super::entry::listed`].
#[must_use]
pub fn listed_entries(viewer: &Viewer, own_only: bool) -> Condition {
    let own = viewer.user.map_or(Condition::FALSE, |user| Condition::int("kuser_id", user.get()));
    if !viewer.is_enforced {
        return if own_only { own } else { Condition::TRUE };
    }
    let exempt = is_one_of(viewer.exempt.iter().cloned());
    let listed = if own_only {
        own.or(exempt)
    } else {
        let keys = Condition::related(ENTRY_KEYS, found_by(viewer));
        Condition::Any(vec![keys, is_held_by(viewer.members()), exempt])
    };
    if viewer.account.many_categories || viewer.account.ignores_parents {
        return listed.and(visible_entries(viewer));
    }
    // What is listed by itself is visible by itself, so only what is above it is left to ask for.
    listed.and(shown_above(viewer))
}

/// Of entries: there is nothing above it, or what is above is visible.
#[must_use]
pub fn shown_above(viewer: &Viewer) -> Condition {
    Condition::IsNull("parent_entry_id").or(visible_parent(viewer))
}
