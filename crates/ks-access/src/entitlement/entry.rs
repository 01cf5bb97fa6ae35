//! Whether one entry is visible (entitlement §6.3), and whether a list shows it (§6.4).

use ks_schema::ids::EntryId;

use super::category::CategoryFacts;
use super::viewer::{Principal, Viewer};
use super::{DEFAULT, place, privacy};

/// What must be known of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFacts {
    /// Its id.
    pub id: EntryId,
    /// Whether it is deleted, or belongs to another account.
    pub is_gone: bool,
    /// The entry whose visibility counts instead.
    pub parent: Parent,
    /// Who owns it.
    pub owner: Option<Principal>,
    /// Who may edit it besides.
    pub edit: Vec<Principal>,
    /// Who may publish it besides.
    pub publish: Vec<Principal>,
    /// Who may see it besides.
    pub view: Vec<Principal>,
    /// Its places in categories; deleted ones are none.
    pub places: Vec<Place>,
}

/// The entry whose visibility counts instead of another one's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parent {
    /// None: the entry stands for itself.
    None,
    /// It is gone, and the entry with it.
    Gone,
    /// This one; its own parent does not count.
    Entry(Box<EntryFacts>),
}

/// An entry's place in a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `KalturaCategoryEntryStatus`.
    pub status: i64,
    /// The category's contexts when it was made, a comma list.
    pub stored_contexts: String,
    /// The category.
    pub category: CategoryFacts,
}

impl Place {
    /// Whether it counts for who sees the entry: there, or waiting.
    fn counts(&self) -> bool {
        matches!(self.status, place::ACTIVE | place::PENDING)
    }
}

/// The rule that decided over an entry. The number is the place of its category among the entry's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryRule {
    /// Hidden: it is deleted, or never was.
    Gone,
    /// Hidden: the entry above it is.
    ParentGone,
    /// Visible: nothing is enforced.
    NotEnforced,
    /// Visible: the session names it.
    Exempt,
    /// Visible: it is the user's.
    Owner,
    /// Visible: it is that of a group of the user's.
    OwnerGroup,
    /// Visible: the user, or a group of theirs, may edit it.
    CoEditor,
    /// Visible: the same for publishing.
    CoPublisher,
    /// Visible: the same for seeing it.
    CoViewer,
    /// Visible: it is in no category.
    Uncategorised,
    /// Visible: in the context, everybody sees what is in this category.
    OpenCategory(usize),
    /// Visible: in the context, everybody who is signed in sees what is in this category.
    SignedIn(usize),
    /// Visible: the user, or a group of theirs, is a member of this category in the context.
    Member(usize),
    /// Visible: one place was made when its category had no contexts, which is all that counts in this account.
    NoContextStored,
    /// Hidden: none of its categories shows it.
    NoCategory,
    /// Hidden by lists: it is not the user's own, and the session lists no others.
    NotOwn,
    /// Hidden by lists: no rule of lists shows it, though the entry can be got.
    NotListed,
}

impl EntryRule {
    /// Whether the entry is visible.
    #[must_use]
    pub const fn is_visible(self) -> bool {
        !matches!(self, Self::Gone | Self::ParentGone | Self::NoCategory | Self::NotOwn | Self::NotListed)
    }
}

/// Whether an entry is visible, and by which rule. The numbers are those of §6.3.
#[must_use]
pub fn visible(viewer: &Viewer, entry: &EntryFacts) -> EntryRule {
    // 1, 2. No entry is in account 0.
    if entry.is_gone {
        return EntryRule::Gone;
    }
    // 3. From here on, "the entry" is its parent.
    match &entry.parent {
        Parent::Entry(_) | Parent::Gone if viewer.account.ignores_parents => visible_itself(viewer, entry),
        Parent::None => visible_itself(viewer, entry),
        Parent::Gone => EntryRule::ParentGone,
        Parent::Entry(parent) if parent.is_gone => EntryRule::ParentGone,
        Parent::Entry(parent) => visible_itself(viewer, parent),
    }
}

/// Steps 4 to 12, whatever is above the entry.
fn visible_itself(viewer: &Viewer, entry: &EntryFacts) -> EntryRule {
    // 4, 5, 6.
    if !viewer.is_enforced {
        return EntryRule::NotEnforced;
    }
    // 7, 8.
    if viewer.exempt.contains(&entry.id) {
        return EntryRule::Exempt;
    }
    // 9. Who made it has no right because of that.
    if let Some(rule) = held_by(viewer.user, viewer.holders(), entry) {
        return rule;
    }
    // 10. In any context.
    if !entry.places.iter().any(|place| place.status == place::ACTIVE) {
        return EntryRule::Uncategorised;
    }
    // 11.
    if viewer.account.many_categories {
        return by_stored_contexts(viewer, entry);
    }
    let counting = entry.places.iter().enumerate().filter(|(_, place)| place.counts());
    by_categories(viewer, counting)
}

/// Whether the entry is in these hands: the user's, or one of `holders`, who are the user and groups.
fn held_by(user: Option<Principal>, holders: impl Iterator<Item = Principal>, entry: &EntryFacts) -> Option<EntryRule> {
    if user.is_some() && entry.owner == user {
        return Some(EntryRule::Owner);
    }
    let holders: Vec<Principal> = holders.collect();
    let any = |list: &[Principal]| list.iter().any(|one| holders.contains(one));
    if any(&entry.edit) {
        Some(EntryRule::CoEditor)
    } else if any(entry.owner.as_slice()) {
        Some(EntryRule::OwnerGroup)
    } else if any(&entry.publish) {
        Some(EntryRule::CoPublisher)
    } else if any(&entry.view) {
        Some(EntryRule::CoViewer)
    } else {
        None
    }
}

fn by_categories<'p>(viewer: &Viewer, places: impl Iterator<Item = (usize, &'p Place)>) -> EntryRule {
    for (index, Place { category, .. }) in places.filter(|(_, place)| place.category.is_in_context(viewer)) {
        if category.privacy == privacy::ALL {
            return EntryRule::OpenCategory(index);
        }
        if category.privacy == privacy::AUTHENTICATED && !viewer.is_anonymous {
            return EntryRule::SignedIn(index);
        }
        if category.has_member(viewer.members()) {
            return EntryRule::Member(index);
        }
    }
    EntryRule::NoCategory
}

/// The other rule 11, of accounts whose entries are in many categories: what the places say counts, as it is spelt.
fn by_stored_contexts(viewer: &Viewer, entry: &EntryFacts) -> EntryRule {
    let counting = entry.places.iter().enumerate().filter(|(_, place)| place.counts());
    if viewer.context == DEFAULT {
        let is_stored_bare = counting.into_iter().any(|(_, place)| place.stored_contexts.trim().is_empty());
        return if is_stored_bare { EntryRule::NoContextStored } else { EntryRule::NoCategory };
    }
    let says = |place: &Place| place.stored_contexts.split(',').any(|stored| stored.trim() == viewer.exact_context);
    by_categories(viewer, counting.filter(|(_, place)| says(place)))
}

/// Whether lists of entries show an entry, and by which rule: less than [`visible`] shows, and never more.
#[must_use]
pub fn listed(viewer: &Viewer, entry: &EntryFacts, own_only: bool) -> EntryRule {
    let is_own = viewer.user.is_some() && entry.owner == viewer.user;
    if !viewer.is_enforced {
        let rule = if own_only && !is_own { EntryRule::NotOwn } else { EntryRule::NotEnforced };
        return if entry.is_gone { EntryRule::Gone } else { rule };
    }
    // A list shows nothing that cannot be got: a child of a hidden entry, for one.
    let got = visible(viewer, entry);
    if !got.is_visible() {
        return got;
    }
    // e.
    if viewer.exempt.contains(&entry.id) {
        return EntryRule::Exempt;
    }
    if own_only {
        return if is_own { EntryRule::Owner } else { EntryRule::NotOwn };
    }
    // b, d: groups that a program made do not count here.
    if let Some(rule) = held_by(viewer.user, viewer.members(), entry) {
        return rule;
    }
    // a, c: without any place that counts, the entry is in DEFAULT only.
    let mut counting = entry.places.iter().enumerate().filter(|(_, place)| place.counts()).peekable();
    if counting.peek().is_none() {
        return if viewer.context == DEFAULT { EntryRule::Uncategorised } else { EntryRule::NotListed };
    }
    match by_categories(viewer, counting) {
        EntryRule::NoCategory => EntryRule::NotListed,
        rule => rule,
    }
}
