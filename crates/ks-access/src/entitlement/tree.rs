//! What a category gets from those above it.

use std::fmt::Display;

/// What follows for a category from its name, its own settings and its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage<Id> {
    /// How far below a root.
    pub depth: i64,
    /// The names from the root on, joined by `>`.
    pub full_name: String,
    /// The ids from the root on, joined by `>`.
    pub full_ids: String,
    /// All contexts, the parent's first, as clients see them: a comma list.
    pub privacy_contexts: String,
    /// Whose members are its members, if it has none of its own: the nearest above that does not inherit.
    pub inherited_parent: Option<Id>,
    /// Whose members count.
    pub members_of: Id,
}

impl<Id: Copy + Display> Lineage<Id> {
    /// Of a category with this id, this name, these own contexts (a comma list), which inherits members or not.
    #[must_use]
    pub fn of(parent: Option<&Self>, id: Id, name: &str, own: &str, inherits: bool) -> Self {
        let inherited_parent = parent.filter(|_| inherits).map(|parent| parent.members_of);
        Self {
            depth: parent.map_or(0, |parent| parent.depth + 1),
            full_name: parent.map_or_else(|| name.to_owned(), |parent| format!("{}>{name}", parent.full_name)),
            full_ids: parent.map_or_else(|| id.to_string(), |parent| format!("{}>{id}", parent.full_ids)),
            privacy_contexts: match parent {
                // A root's stand as they were given.
                None => own.to_owned(),
                Some(parent) => inherited_contexts(&parent.privacy_contexts, own),
            },
            inherited_parent,
            members_of: inherited_parent.unwrap_or(id),
        }
    }
}

/// A comma list of the parent's contexts and then a category's own, each once.
#[must_use]
pub fn inherited_contexts(parent: &str, own: &str) -> String {
    let mut all: Vec<&str> = Vec::new();
    for context in parent.split(',').chain(own.split(',')).map(str::trim).filter(|context| !context.is_empty()) {
        if !all.contains(&context) {
            all.push(context);
        }
    }
    all.join(",")
}

/// The contexts of a comma list as they are compared: in lower case, each once; DEFAULT for an empty list.
#[must_use]
pub fn contexts(list: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for context in list.split(',').map(str::trim).filter(|context| !context.is_empty()) {
        let context = context.to_lowercase();
        if !all.contains(&context) {
            all.push(context);
        }
    }
    if all.is_empty() {
        all.push(super::DEFAULT.to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_gets_names_contexts_and_members_from_above() {
        let root = Lineage::of(None, 23, "Hidden", "appX", false);
        assert_eq!((root.depth, root.members_of, root.inherited_parent), (0, 23, None));
        let child = Lineage::of(Some(&root), 24, "Kid", "", true);
        assert_eq!((child.depth, child.full_name.as_str(), child.full_ids.as_str()), (1, "Hidden>Kid", "23>24"));
        assert_eq!((child.members_of, child.inherited_parent), (23, Some(23)));
        assert_eq!(child.privacy_contexts, "appX");
        let grandchild = Lineage::of(Some(&child), 25, "Toy", "appY, appX", true);
        assert_eq!(
            (grandchild.members_of, grandchild.inherited_parent),
            (23, Some(23)),
            "the nearest that has its own"
        );
        assert_eq!(grandchild.privacy_contexts, "appX,appY");
        let own = Lineage::of(Some(&grandchild), 26, "Own", "", false);
        assert_eq!((own.members_of, own.inherited_parent), (26, None));
        let rootless = Lineage::of(None, 27, "Alone", "", true);
        assert_eq!((rootless.members_of, rootless.inherited_parent), (27, None));
    }

    #[test]
    fn contexts_are_compared_in_lower_case_and_none_is_default() {
        assert_eq!(contexts("appX, appY,,APPX"), ["appx", "appy"]);
        assert_eq!(contexts(" "), [""]);
    }
}
