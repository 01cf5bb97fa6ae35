//! The built-in names, in one readable place: permissions, what they allow, and who has them.
//!
//! What a permission allows is not written here: each action of the API declares the permissions of which any one
//! suffices, and [`permissions`] and [`items`] read that the other way round.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use ks_schema::NameHash;
use ks_schema::describe::ActionInfo;
use ks_schema::generated::services;
use ks_token::SessionKind;

/// The permission that every session has, and the absence of one too, unless the account says otherwise.
pub const ALWAYS_ALLOWED: &str = "ALWAYS_ALLOWED_ACTIONS";

/// What calls on the operator's own listener have besides.
pub const FROM_INSIDE: &str = "ALWAYS_ALLOWED_FROM_INTERNAL_IP_ACTIONS";

/// What administrators' sessions have on the operator's own listener besides.
pub const SYSTEM_ADMIN: &str = "SYSTEM_ADMIN_PERMISSIONS_MANAGE";

/// What administrators of an account have that may enter others.
pub const MAY_ENTER: &str = "HOSTED_PAGES_BASE";

/// Permissions that the wildcard `*` of the administrators' role does not cover, and that no role can name.
const OUTSIDE_WILDCARD: [&str; 3] = [FROM_INSIDE, SYSTEM_ADMIN, MAY_ENTER];

/// Permissions that no declaration names: of built-in roles whose actions are not there yet, and of entries, whose
/// co-users are guarded by code since the published declaration does not say so.
const OF_ROLES: [&str; 2] = ["KMC_ACCESS", "CONTENT_MANAGE_ENTRY_USERS"];

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

/// A use of a property that needs a permission of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// Seeing it.
    Read,
    /// Sending it with a new object.
    Insert,
    /// Changing it.
    Update,
}

impl Use {
    /// The word for it in declarations and in permission items.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Insert => "insert",
            Self::Update => "update",
        }
    }

    /// Whether a word of a declaration or a permission item covers this use; `all` covers every one.
    #[must_use]
    pub fn is_covered_by(self, word: &str) -> bool {
        word == "all" || word == self.word()
    }
}

/// Who may use a property: any one of the permissions suffices. Without any, nobody may: that is for the operator alone.
#[derive(Debug)]
pub struct Guard {
    /// The class that declares the property.
    pub class: &'static str,
    /// The property.
    pub property: &'static str,
    /// The uses that are guarded.
    pub uses: &'static [Use],
    /// Permission names of which any one suffices.
    pub permissions: &'static [&'static str],
}

const fn guard(
    class: &'static str,
    property: &'static str,
    uses: &'static [Use],
    permissions: &'static [&'static str],
) -> Guard {
    Guard { class, property, uses, permissions }
}

const READ: &[Use] = &[Use::Read];
const WRITE: &[Use] = &[Use::Insert, Use::Update];
const INTEGRATION: &[&str] = &["INTEGRATION_BASE"];
const ADMIN: &[&str] = &["ADMIN_BASE"];
const NOBODY: &[&str] = &[];
const METADATA: &[&str] = &["CONTENT_MANAGE_METADATA", "CONTENT_MODERATE_METADATA", "BASE_USER_SESSION_PERMISSION"];
const CATEGORIES: &[&str] = &["CONTENT_MANAGE_ASSIGN_CATEGORIES", "BASE_USER_SESSION_PERMISSION"];
const SCHEDULE: &[&str] = &["CONTENT_MANAGE_SCHEDULE"];
const MEMBERS: &[&str] = &["CONTENT_MANAGE_CATEGORY_USERS"];

/// Every guarded property. The roles and privileges of a widget become those of sessions that anyone may start, so only
/// administrators set them; the reference lets any user do it.
pub const GUARDS: [Guard; 33] = [
    guard("KalturaPartner", "secret", READ, INTEGRATION),
    guard("KalturaPartner", "adminSecret", READ, INTEGRATION),
    guard("KalturaPartner", "partnerGroupType", READ, NOBODY),
    guard("KalturaPartner", "partnerPackage", &[Use::Update], NOBODY),
    guard("KalturaPartner", "partnerParentId", WRITE, NOBODY),
    guard("KalturaPartner", "passwordStructureValidations", WRITE, ADMIN),
    guard("KalturaPartner", "passwordStructureValidationsDescription", WRITE, ADMIN),
    guard("KalturaPartner", "passReplaceFreq", WRITE, ADMIN),
    guard("KalturaPartner", "maxLoginAttempts", WRITE, ADMIN),
    guard("KalturaPartner", "loginBlockPeriod", WRITE, ADMIN),
    guard("KalturaPartner", "numPrevPassToKeep", WRITE, ADMIN),
    guard("KalturaPartner", "isSelfServe", WRITE, NOBODY),
    guard("KalturaPartner", "eventPlatformAllowedTemplates", WRITE, NOBODY),
    guard("KalturaWidget", "roles", WRITE, ADMIN),
    guard("KalturaWidget", "privileges", WRITE, ADMIN),
    guard("KalturaBaseEntry", "name", &[Use::Update], METADATA),
    guard("KalturaBaseEntry", "description", &[Use::Update], METADATA),
    guard("KalturaBaseEntry", "tags", &[Use::Update], METADATA),
    guard("KalturaBaseEntry", "categories", WRITE, CATEGORIES),
    guard("KalturaBaseEntry", "categoriesIds", WRITE, CATEGORIES),
    guard("KalturaBaseEntry", "accessControlId", WRITE, &["CONTENT_MANAGE_ACCESS_CONTROL"]),
    guard("KalturaBaseEntry", "startDate", WRITE, SCHEDULE),
    guard("KalturaBaseEntry", "endDate", WRITE, SCHEDULE),
    guard("KalturaBaseEntry", "referenceId", WRITE, &["CONTENT_INGEST_REFERENCE_MODIFY"]),
    guard("KalturaCategory", "privacy", WRITE, MEMBERS),
    guard("KalturaCategory", "inheritanceType", WRITE, MEMBERS),
    guard("KalturaCategory", "userJoinPolicy", WRITE, MEMBERS),
    guard("KalturaCategory", "defaultPermissionLevel", WRITE, MEMBERS),
    guard("KalturaCategory", "owner", WRITE, MEMBERS),
    guard("KalturaCategory", "contributionPolicy", WRITE, MEMBERS),
    guard("KalturaCategory", "privacyContext", WRITE, MEMBERS),
    guard("KalturaCategory", "isAggregationCategory", WRITE, MEMBERS),
    guard("KalturaCategoryUserFilter", "categoryDirectMembers", READ, MEMBERS),
];

/// The guard of a property's use, if it has one.
#[must_use]
pub fn guard_of(class: &str, property: &str, of: Use) -> Option<&'static Guard> {
    GUARDS.iter().find(|it| it.class == class && it.property == property && it.uses.contains(&of))
}

/// One thing that a built-in permission allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id, which never changes.
    pub id: i64,
    /// The service, or the class.
    pub subject: &'static str,
    /// The action, or the property.
    pub detail: &'static str,
    /// The use of the property; `None` for an action.
    pub used: Option<Use>,
}

/// A built-in permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its id, which never changes.
    pub id: i64,
    /// Its name.
    pub name: &'static str,
    /// The ids of what it allows.
    pub items: Vec<i64>,
}

/// Whether a permission other than those of the operator allows an action.
#[must_use]
pub fn is_grantable(action: &ActionInfo) -> bool {
    action.permissions.iter().any(|permission| is_in_wildcard(permission))
}

/// Everything that roles can be given, in the order of services, actions and properties.
#[must_use]
pub fn items() -> &'static [Item] {
    static ITEMS: LazyLock<Vec<Item>> = LazyLock::new(|| {
        let actions = services::ALL.iter().flat_map(|service| service.actions).filter(|action| is_grantable(action));
        let actions = actions.map(|action| item(action.service, action.name, None));
        let guards = GUARDS.iter().filter(|guard| !guard.permissions.is_empty());
        let uses = guards.flat_map(|guard| guard.uses.iter().map(|of| item(guard.class, guard.property, Some(*of))));
        actions.chain(uses).collect()
    });
    &ITEMS
}

/// Everything that roles can be made of, in the order of the names.
#[must_use]
pub fn permissions() -> &'static [BuiltIn] {
    static PERMISSIONS: LazyLock<Vec<BuiltIn>> = LazyLock::new(|| {
        let mut names: BTreeMap<&str, Vec<i64>> = OF_ROLES.iter().map(|name| (*name, Vec::new())).collect();
        for action in services::ALL.iter().flat_map(|service| service.actions) {
            let id = item(action.service, action.name, None).id;
            for name in action.permissions.iter().filter(|name| is_in_wildcard(name)) {
                names.entry(name).or_default().push(id);
            }
        }
        for guard in GUARDS.iter() {
            for (name, of) in guard.permissions.iter().flat_map(|name| guard.uses.iter().map(move |of| (name, of))) {
                names.entry(name).or_default().push(item(guard.class, guard.property, Some(*of)).id);
            }
        }
        names.into_iter().map(|(name, items)| BuiltIn { id: id(name), name, items }).collect()
    });
    &PERMISSIONS
}

/// The built-in permission of this name.
#[must_use]
pub fn permission(name: &str) -> Option<&'static BuiltIn> {
    // Every call asks, so they are looked up by their hash.
    static BY_NAME: LazyLock<HashMap<&str, &BuiltIn, NameHash>> =
        LazyLock::new(|| permissions().iter().map(|it| (it.name, it)).collect());
    BY_NAME.get(name).copied()
}

/// Whether a name is taken: that of a built-in permission, be it one that roles cannot have.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    !is_in_wildcard(name) || permission(name).is_some()
}

fn item(subject: &'static str, detail: &'static str, used: Option<Use>) -> Item {
    let word = used.map_or("", Use::word);
    Item { id: id(&format!("{subject}.{detail}.{word}").to_ascii_lowercase()), subject, detail, used }
}

/// A number from 2^30 on that a name always has: what accounts make of their own is numbered from 1 on, and clients
/// keep ids for longer than a version lasts. (FNV-1a; a test looks for names that share a number.)
fn id(name: &str) -> i64 {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i64::from((hash ^ (hash >> 30)) & 0x3fff_ffff) + (1 << 30)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ks_schema::generated::classes;

    use super::*;

    #[test]
    fn no_two_share_a_number() {
        let ids: BTreeSet<i64> = items().iter().map(|item| item.id).collect();
        assert_eq!(ids.len(), items().len());
        let ids: BTreeSet<i64> = permissions().iter().map(|permission| permission.id).collect();
        assert_eq!(ids.len(), permissions().len());
        assert!(ids.iter().all(|id| (1 << 30..1 << 31).contains(id)));
    }

    #[test]
    fn numbers_are_those_that_clients_have_kept() {
        // FNV-1a in another language.
        assert_eq!(permission("ADMIN_BASE").map(|it| it.id), Some(1_559_663_997));
        assert_eq!(permission("KMC_READ_ONLY").map(|it| it.id), Some(2_097_795_525));
        let of = |subject: &str, detail: &str, used| {
            let found = items().iter().find(|it| (it.subject, it.detail, it.used) == (subject, detail, used));
            found.map(|it| it.id)
        };
        assert_eq!(of("session", "get", None), Some(1_467_785_379));
        assert_eq!(of("user", "list", None), Some(1_727_694_358));
        assert_eq!(of("KalturaPartner", "adminSecret", Some(Use::Read)), Some(1_428_636_999));
    }

    #[test]
    fn every_declared_need_has_a_guard_and_every_guard_a_declaration() {
        let mut declared = BTreeSet::new();
        for class in classes::ALL {
            for property in class.properties.iter().filter(|property| property.declared_in == class.name) {
                for of in [Use::Read, Use::Insert, Use::Update] {
                    if property.requires_permission.iter().any(|word| of.is_covered_by(word)) {
                        declared.insert((class.name, property.name, of));
                    }
                }
            }
        }
        let guards = GUARDS.iter().flat_map(|guard| guard.uses.iter().map(|of| (guard.class, guard.property, *of)));
        assert_eq!(guards.collect::<BTreeSet<_>>(), declared);
    }

    #[test]
    fn what_permissions_hold_is_what_roles_can_be_given() {
        let given: BTreeSet<i64> = items().iter().map(|item| item.id).collect();
        let held: BTreeSet<i64> = permissions().iter().flat_map(|permission| permission.items.clone()).collect();
        assert_eq!(held, given);
    }

    #[test]
    fn a_session_that_nobody_gave_a_role_has_that_of_its_kind() {
        // As the protocol names them.
        let roles = [
            (None, "NO_SESSION_ROLE"),
            (Some(SessionKind::User), "BASE_USER_SESSION_ROLE"),
            (Some(SessionKind::Widget), "WIDGET_SESSION_ROLE"),
            (Some(SessionKind::Admin), "PARTNER_ADMIN_ROLE"),
        ];
        for (kind, name) in roles {
            assert_eq!(default_role(kind), name);
        }
    }

    #[test]
    fn names_that_only_the_operator_gives_are_nobody_elses() {
        for name in OUTSIDE_WILDCARD {
            assert!(permission(name).is_none() && is_reserved(name), "{name}");
        }
        assert!(is_reserved("ADMIN_BASE") && !is_reserved("MY_OWN"));
        let named = |service: &str, action: &str| items().iter().any(|it| it.subject == service && it.detail == action);
        assert!(named("session", "get") && !named("session", "impersonateByKs") && !named("system", "getHealthCheck"));
    }
}
