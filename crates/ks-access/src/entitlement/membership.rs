//! The permitted membership: which membership speaks for a user in a category (entitlement §3.2).

use super::level;

/// A membership as far as rights go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<T> {
    /// Whether it is the user's own, and not a group's.
    pub is_own: bool,
    /// `KalturaCategoryUserPermissionLevel`.
    pub level: i64,
    /// What it allows, a comma list.
    pub names: String,
    /// The row that it stands for.
    pub row: T,
}

impl<T> Held<T> {
    fn has(&self, name: &str) -> bool {
        self.names.split(',').any(|held| held.trim() == name)
    }
}

/// The membership that speaks for a user, among the active ones of the user and of its groups where the category's members
/// are kept: the user's own if it has all these names, else the strongest of a group that has any of them.
#[must_use]
pub fn permitted<T>(held: Vec<Held<T>>, names: &[&str]) -> Option<Held<T>> {
    let (own, groups): (Vec<_>, Vec<_>) = held.into_iter().partition(|held| held.is_own);
    let own = own.into_iter().find(|held| names.iter().all(|name| held.has(name)));
    own.or_else(|| {
        let any = groups.into_iter().filter(|held| names.iter().any(|name| held.has(name)));
        any.min_by_key(|held| held.level)
    })
}

/// What a level allows when nothing else is said: a comma list.
#[must_use]
pub fn names_of_level(level: i64) -> &'static str {
    match level {
        level::MANAGER => "CATEGORY_EDIT,CATEGORY_MODERATE,CATEGORY_CONTRIBUTE,CATEGORY_VIEW",
        level::MODERATOR => "CATEGORY_MODERATE,CATEGORY_VIEW",
        level::CONTRIBUTOR => "CATEGORY_CONTRIBUTE,CATEGORY_VIEW",
        level::MEMBER => "CATEGORY_VIEW",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::permission::{EDIT, VIEW};
    use super::*;

    fn held(is_own: bool, level: i64) -> Held<&'static str> {
        Held { is_own, level, names: names_of_level(level).to_owned(), row: if is_own { "own" } else { "group" } }
    }

    #[test]
    fn ones_own_comes_first_and_else_the_strongest_group() {
        let find = |held: Vec<_>, names: &[&str]| permitted(held, names).map(|held| (held.row, held.level));
        assert_eq!(find(vec![held(false, 0), held(true, 3)], &[VIEW]), Some(("own", 3)));
        assert_eq!(find(vec![held(false, 3), held(false, 0), held(true, 4)], &[VIEW]), Some(("group", 0)));
        // An own membership that lacks a name does not stop the search.
        assert_eq!(find(vec![held(true, 3), held(false, 0)], &[EDIT]), Some(("group", 0)));
        // All names of one's own, any of a group's.
        assert_eq!(find(vec![held(true, 3)], &[VIEW, EDIT]), None);
        assert_eq!(find(vec![held(false, 3)], &[VIEW, EDIT]), Some(("group", 3)));
        assert_eq!(find(vec![held(true, 4), held(false, 4)], &[VIEW]), None, "NONE has no names");
    }
}
