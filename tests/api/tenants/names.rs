//! What a name in a declaration stands for: which objects a service is about, and which object an id is of.

use std::sync::LazyLock;

use ks_schema::describe::{ActionInfo, ClassInfo, Type};
use ks_schema::generated::{classes, services};

/// The class of a name.
pub(super) fn class(name: &str) -> Option<&'static ClassInfo> {
    classes::ALL.iter().copied().find(|class| class.name == name)
}

/// All declared actions.
pub(super) fn actions() -> impl Iterator<Item = &'static ActionInfo> {
    services::ALL.iter().flat_map(|service| service.actions.iter().copied())
}

/// What the actions of a service are about: what `add` answers, or `get`, or the objects that `list` does.
pub(super) fn subject(service: &str) -> Option<&'static ClassInfo> {
    // A partner is added by another word, and `adminUser` is about users under an older name.
    let found = |name: &str| actions().find(|action| action.service == service && action.name == name);
    let result = |action: &'static ActionInfo| match action.result {
        Type::Object(class) => Some(class),
        _ => None,
    };
    let listed = || {
        let response = found("list").and_then(result)?;
        let objects = response.properties.iter().find(|property| property.name == "objects")?;
        match objects.ty {
            Type::Array(class) => Some(class),
            _ => None,
        }
    };
    if service == "adminUser" {
        return class("KalturaUser");
    }
    found("add").and_then(result).or_else(|| found("get").and_then(result)).or_else(listed)
}

/// The classes whose objects accounts have.
static KEPT: LazyLock<Vec<&'static ClassInfo>> = LazyLock::new(|| {
    let subjects = services::ALL.iter().filter(|service| service.id != "session");
    subjects.filter_map(|service| subject(service.id)).collect()
});

/// Whether accounts have objects of a class.
pub(super) fn is_kept(class: &ClassInfo) -> bool {
    KEPT.iter().any(|kept| class.is_a(kept))
}

fn short(class: &ClassInfo) -> String {
    class.name.trim_start_matches("Kaltura").to_ascii_lowercase()
}

/// A name without what makes it an id or a condition on one: `entryIdIn` is about `entry`; `None`: it is no id.
fn stem(name: &str) -> Option<String> {
    let name = ["NotEqual", "Equal", "NotIn", "In", "NotContains", "MatchOr", "MatchAnd"]
        .iter()
        .find_map(|end| name.strip_suffix(end).filter(|rest| rest.ends_with("Id") || rest.ends_with("Ids")))
        .unwrap_or(name);
    let stem = name.strip_suffix("Ids").or_else(|| name.strip_suffix("Id"))?;
    Some(stem.trim_end_matches('s').to_ascii_lowercase())
}

/// Whether several ids may stand there, joined by commas.
pub(super) fn takes_many(name: &str) -> bool {
    name.ends_with("Ids") || name.ends_with("In")
}

/// Whose id stands under a name: `sourceWidgetId` is a widget's. The nearest name wins.
pub(super) fn identified(name: &str) -> Option<&'static ClassInfo> {
    let stem = stem(name).filter(|stem| !stem.is_empty() && stem != "partner")?;
    let kept = || KEPT.iter().copied();
    let longest = |found: Vec<&'static ClassInfo>| found.into_iter().max_by_key(|class| class.name.len());
    kept()
        .find(|class| short(class) == stem)
        .or_else(|| longest(kept().filter(|class| stem.ends_with(&short(class))).collect()))
        .or_else(|| kept().filter(|class| short(class).ends_with(&stem)).min_by_key(|class| class.name.len()))
        .or_else(|| class("KalturaBaseEntry").filter(|_| stem.ends_with("entry")))
}

/// A class that objects can be of: itself, or the first one below it.
pub(super) fn concrete(class: &'static ClassInfo) -> Option<&'static ClassInfo> {
    if !class.is_abstract {
        return Some(class);
    }
    classes::ALL.iter().copied().find(|other| !other.is_abstract && other.is_a(class))
}

#[test]
fn names_stand_for_what_they_say() {
    let name = |name: &str| identified(name).map_or("", |class| class.name);
    assert_eq!(name("userId"), "KalturaUser");
    assert_eq!(name("adminUserId"), "KalturaUser");
    assert_eq!(name("sourceWidgetId"), "KalturaWidget");
    assert_eq!(name("newGroupId"), "KalturaGroup");
    assert_eq!(name("groupUserId"), "KalturaGroupUser");
    assert_eq!(name("roleIds"), "KalturaUserRole");
    assert_eq!(name("permissionItemsIds"), "KalturaPermissionItem");
    assert_eq!(name("flaggedEntryId"), "KalturaBaseEntry");
    assert_eq!(name("partnerId"), "");
    assert_eq!(name("uiConfId"), "");
    assert_eq!(name("description"), "");
}
