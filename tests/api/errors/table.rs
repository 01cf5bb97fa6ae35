//! The published table of errors: each of those that the services here can raise is raised by a case, with the
//! arguments that the table says.

use std::collections::{BTreeMap, BTreeSet};

use ks_schema::ErrorCode;

use super::cases::Scene;
use super::{ELSEWHERE, OUT_OF_REACH, made};

/// The blocks of the table that are about requests, sessions, people, rights, categories and entries.
const BLOCKS: [&str; 12] = [
    "generic",
    "session",
    "appToken",
    "user",
    "widget",
    "group",
    "partner",
    "permission",
    "category",
    "categoryUser",
    "categoryEntry",
    "baseEntry",
];

/// Errors of these blocks that no call of a served action raises, and why.
const NOT_HERE: &[(&str, &str)] = &[
    ("ACCESS_CONTROL_ID_NOT_FOUND", "Access control profiles are kept as sent; there are none."),
    ("ACCESS_UNAUTHORIZED", "There are no inner accounts whose addresses could be wrong."),
    ("ADMIN_KUSER_NOT_FOUND", "No action of the reference raises it any more."),
    ("ADMIN_KUSER_WRONG_OLD_PASSWORD", "No action of the reference raises it any more."),
    ("ADMIN_USER_PASSWORD_MISSING", "Administrators without a password get a link by mail."),
    ("ANONYMOUS_ACCESS_FORBIDDEN", "No action of these services raises it."),
    ("CANNOT_DOWNGRADE_PACKAGE", "Packages are the operator's, and no action changes them."),
    ("CANNOT_RESET_PASSWORD_FOR_SYSTEM_PARTNER", "There are no inner accounts."),
    (
        "CANNOT_ACTIVATE_CATEGORY_ENTRY_SINCE_IT_IS_NOT_PENDING",
        "What does not wait is not found; nor does the reference raise it.",
    ),
    ("CANNOT_SET_MODERATION_FIELD_WITH_NO_PRIVACY_CONTEXT", "Any category may be moderated."),
    (
        "CANNOT_UPDATE_CATEGORY_ENTITLEMENT_FIELDS_WITH_NO_PRIVACY_CONTEXT",
        "Each field of a category has an error of its own.",
    ),
    ("CATEGORIES_LOCKED", "Changes of the tree are made before they are answered: nothing is ever locked."),
    ("CATEGORY_INHERIT_MEMBERS_MUST_SET_PARENT_CATEGORY", "No action of these services raises it."),
    ("CATEGORY_IS_LOCKED", "Changes of the tree are made before they are answered: nothing is ever locked."),
    ("CATEGORY_NAME_CONTAINS_INVALID_CHARS", "What names may not have is replaced in them."),
    ("CATEGORY_NOT_ACTIVE", "Categories are active until they are deleted."),
    ("CONVERSION_PROFILE_ID_NOT_FOUND", "Conversion profiles are kept as sent; there are none."),
    ("ENTRY_CANNOT_BE_FLAGGED", "Every entry that is seen can be flagged."),
    ("ERROR_IN_SEED_GENERATION", "It stands for a fault of ours."),
    ("FEATURE_FORBIDDEN", "No action of these services raises it."),
    ("GROUPS_CANNOT_CO_EXIST", "There are no groups that exclude each other."),
    ("INVALID_ENTRY_IDS", "Ids of entries that are not seen are left out."),
    ("INVALID_ENTRY_STATUS", "No action of these services raises it."),
    ("INVALID_ENTRY_TYPE", "An entry of another type is ENTRY_ID_NOT_FOUND."),
    ("INVALID_ID", "Ids are looked at by INVALID_FIELD_VALUE."),
    (
        "INVALID_IP_ADDRESS_RESTRICTION",
        "A bad `iprestrict` is INVALID_PARAMETER_VALUE when a token is made, and refuses it else.",
    ),
    ("INVALID_KSHOW_AND_ENTRY_PAIR", "There are no shows; a bad source is INVALID_WIDGET_ID."),
    ("INVALID_OBJECT_TYPE", "No action of these services raises it."),
    ("INVALID_PARTNER_PACKAGE", "Packages are the operator's, and no action changes them."),
    ("LOCK_TIMED_OUT", "Nothing here waits for a lock: one writer takes one change after the other."),
    ("LOGIN_DATA_MISMATCH", "Only an inner program of the reference gets that far."),
    ("LOGIN_DATA_NOT_PROVIDED", "Only an inner program of the reference gets that far."),
    ("LOGIN_ID_ALREADY_USED", "Whose an address is nobody hears: it is USER_DATA_ERROR."),
    ("MUST_FILTER_ENTRY_ID_EQUAL", "A filter by category does as well."),
    ("NON_GROUP_PARTNER_ATTEMPTING_TO_ASSIGN_CHILD", "It is told as the reason of PARTNER_REGISTRATION_ERROR."),
    ("NON_PARENT_PARTNER_ATTEMPTING_TO_COPY_PARTNER", "It is told as the reason of PARTNER_REGISTRATION_ERROR."),
    ("NOT_ALLOWED_TO_CHANGE_ROLE", "It is about an inner account of the reference."),
    ("OBJECT_NOT_FOUND", "Each object has an error of its own."),
    ("ONLY_ONE_ROLE_PER_USER_ALLOWED", "A user may have several roles."),
    ("PARTNER_NOT_FOUND", "An account that is not there is INVALID_PARTNER_ID or UNKNOWN_PARTNER_ID."),
    ("PARTNER_NOT_SET", "No action of these services raises it."),
    ("PLUGIN_NOT_AVAILABLE_FOR_PARTNER", "Plugins are not switched off by account."),
    ("PROPERTY_VALIDATION_ALL_MUST_BE_NULL_BUT_ONE", "No property of these services asks for it."),
    ("PROPERTY_VALIDATION_ENTRY_STATUS", "It is about entries."),
    (
        "PROPERTY_VALIDATION_NO_INSERT_PERMISSION",
        "No class as a whole asks for a permission; single properties are dropped.",
    ),
    (
        "PROPERTY_VALIDATION_NO_UPDATE_PERMISSION",
        "No class as a whole asks for a permission; single properties are dropped.",
    ),
    (
        "PROPERTY_VALIDATION_NO_USAGE_PERMISSION",
        "No class as a whole asks for a permission; single properties are dropped.",
    ),
    ("PROPERTY_VALIDATION_NUMERIC_VALUE", "Numbers are read as PHP reads them, and never refused."),
    ("PROPERTY_VALIDATION_UNTIL_NOT_VALID", "No property of these services asks for it."),
    ("RESPONSE_PROFILE_NAME_NOT_FOUND", "A profile that is not kept is what the request says itself."),
    ("ROLE_ID_MISSING", "No user needs a role: there are default ones."),
    ("SEARCH_ENGINE_QUERY_FAILED", "There is no search engine beside the database."),
    ("SERVICE_ACCESS_CONTROL_RESTRICTED", "There is no access control by account yet."),
    ("SERVICE_FORBIDDEN_FULLY_BLOCKED", "The reference does not raise it in this API either."),
    ("SERVICE_FORBIDDEN_PARTNER_DELETED", "The reference does not raise it in this API either."),
    ("UICONF_ID_NOT_FOUND", "Player configurations are not kept, so none is looked for."),
    ("UPDATING_USER_ID_FOR_HASHED_USER_NOT_ALLOWED", "No id is kept hashed."),
    ("USER_ALREADY_EXISTS", "An id that is taken is DUPLICATE_USER_BY_ID."),
    ("USER_EMAIL_NOT_FOUND", "No action of these services raises it."),
    ("USER_NOT_ADMIN", "No action of these services raises it."),
    ("USER_TYPE_CANNOT_BE_UPDATED", "Types may change, but for applicative groups."),
    ("WRONG_OLD_PASSWORD", "A wrong password is USER_WRONG_PASSWORD."),
    ("WRONG_REQUEST_LANGUAGE", "No property of these services has several languages."),
    ("UPLOADED_FILE_NOT_FOUND_BY_TOKEN", "Upload tokens are kept as sent, so none is looked for."),
];

/// A code and the names of its arguments; `None`: the table does not say which.
type Published = (String, Option<Vec<String>>);

/// The table, by block.
fn published() -> BTreeMap<String, Vec<Published>> {
    let path = ks_tests::root().join("tests/data/errors.toml");
    let text = std::fs::read_to_string(&path).expect("the table");
    let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let args = |text: &str| -> Option<Vec<String>> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        (text != "?").then(|| names.map(str::to_owned).collect())
    };
    let block = |(name, codes): (String, toml::Value)| {
        let codes = codes.as_table().cloned().unwrap_or_default().into_iter();
        let codes = codes.map(|(code, names)| (code, args(names.as_str().unwrap_or_default())));
        (name, codes.collect())
    };
    table.into_iter().map(block).collect()
}

#[test]
fn errors_have_the_arguments_of_the_published_table() {
    let published = published();
    assert_eq!(published.len(), 13);
    let mut wrong = Vec::new();
    for (code, args) in published.values().flatten() {
        let Some(ours) = ErrorCode::ALL.iter().find(|ours| ours.info().code == code) else { continue };
        if let Some(args) = args
            && *args != ours.info().args
        {
            wrong.push(format!("{code}: ours {:?}, published {args:?}", ours.info().args));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_error_of_these_services_is_raised_or_has_a_reason() {
    let published = published();
    let codes: BTreeSet<&str> =
        BLOCKS.iter().flat_map(|block| &published[*block]).map(|(code, _)| code.as_str()).collect();
    let raised: BTreeSet<&str> = Scene::set().cases().iter().map(|case| case.code).collect();
    let excused: BTreeSet<&str> = NOT_HERE.iter().chain(OUT_OF_REACH).map(|(code, _)| *code).collect();
    let missing: Vec<_> = codes
        .iter()
        .filter(|code| !raised.contains(*code) && !excused.contains(*code) && !ELSEWHERE.contains(code))
        .collect();
    assert!(missing.is_empty(), "in the table, and neither raised by a case nor excused: {missing:?}");
    let stale: Vec<_> = NOT_HERE.iter().filter(|(code, _)| !codes.contains(code) || raised.contains(code)).collect();
    assert!(stale.is_empty(), "excused for nothing: {stale:?}");
    let made = made();
    let told: Vec<_> = NOT_HERE.iter().filter(|(code, _)| made.contains(*code)).collect();
    assert!(told.is_empty(), "excused, and made by the code: {told:?}");
    for (code, reason) in NOT_HERE {
        assert!(reason.len() > 15, "{code} has no reason");
    }
}
