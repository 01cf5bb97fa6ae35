//! Every error that the served actions can raise, raised, with its arguments.

mod cases;
mod categories;
mod entries;
mod flattened;
mod people;
mod profiles;
mod table;
mod why;

use std::collections::BTreeSet;
use std::path::Path;

use ks_schema::ErrorCode;
use ks_schema::generated::services::ActionId;
use ks_tests::call::fault;
use ks_tests::house::{House, request};
use ks_tests::http::Request;
use serde_json::json;

use cases::{ANY, Case, Scene};

/// Errors that an action declares, because the contract does, and cannot raise.
const NEVER: &[(&str, &str, &str)] = &[
    ("session.get", "START_SESSION_ERROR", "It starts no session; a text that is no token is INVALID_KS."),
    ("session.startWidgetSession", "MISSING_KS", "It needs no session."),
    ("partner.getInfo", "UNKNOWN_PARTNER_ID", "Its own account is looked up before it runs."),
    ("partner.update", "UNKNOWN_PARTNER_ID", "Its own account is looked up before it runs."),
    ("partner.getUsage", "UNKNOWN_PARTNER_ID", "Its own account is looked up before it runs."),
    ("partner.getStatistics", "UNKNOWN_PARTNER_ID", "Its own account is looked up before it runs."),
    ("partner.listFeatureStatus", "UNKNOWN_PARTNER_ID", "Its own account is looked up before it runs."),
    ("partner.listFeatureStatus", "MISSING_KS", "Nobody without a session has a permission for it."),
    ("partner.getSecrets", "ADMIN_KUSER_NOT_FOUND", "Whatever is wrong is USER_DATA_ERROR, as in the reference."),
    (
        "permissionItem.add",
        "PROPERTY_VALIDATION_CANNOT_BE_NULL",
        "On the operator's own listener alone; see the test there.",
    ),
    (
        "permissionItem.add",
        "PROPERTY_VALIDATION_NOT_UPDATABLE",
        "On the operator's own listener alone; see the test there.",
    ),
    ("permissionItem.update", "INVALID_OBJECT_ID", "On the operator's own listener alone; see the test there."),
    ("permissionItem.delete", "INVALID_OBJECT_ID", "On the operator's own listener alone; see the test there."),
    ("widget.add", "UICONF_ID_NOT_FOUND", "Player configurations are not kept yet, so none is looked for."),
    ("widget.clone", "INVALID_KSHOW_AND_ENTRY_PAIR", "There are no shows here; a bad source is INVALID_WIDGET_ID."),
];

/// Errors that the code knows how to make and no call of a served action can raise.
const OUT_OF_REACH: &[(&str, &str)] = &[
    ("INTERNAL_SERVERL_ERROR", "It stands for a fault of ours."),
    ("CANNOT_INDEX_OBJECT_WHEN_ENTITLEMENT_IS_ENABLE", "Nobody may refresh an index."),
    ("ERROR_IN_QR_GENERATION", "What is encoded fits a QR code in any case."),
    ("UPLOAD_ERROR", "No served action takes a file."),
    ("CANNOT_INDEX_OBJECT_WHEN_ENTITLEMENT_IS_ENABLE", "Nobody may call what raises it."),
    ("PROPERTY_VALIDATION_MIN_VALUE", "No property of a served action has such a bound."),
];

/// Errors that are told in a header, because there is no format to tell them in; and one that needs a database that is
/// gone. See the tests below; ACTION_BLOCKED takes many calls, see `partner/register.rs`; KS_UNKNOWN_PARAMETER takes a
/// strict server, see `emulator.rs`.
const ELSEWHERE: [&str; 6] = [
    "ACTION_BLOCKED",
    "KS_UNKNOWN_PARAMETER",
    "UNKNOWN_RESPONSE_FORMAT",
    "MANDATORY_PARAMETER_MISSING",
    "INVALID_FIELD_VALUE",
    "INTERNAL_DATABASE_ERROR",
];

#[test]
fn every_error_is_raised_with_its_arguments() {
    let scene = Scene::set();
    let mut wrong = Vec::new();
    for Case { call, params, code, args } in scene.cases() {
        let answer = scene.house.call(call, &params);
        if answer["objectType"] != "KalturaAPIException" {
            wrong.push(format!("{call} {code}: {answer}"));
            continue;
        }
        let (told, told_args) = fault(&answer);
        let names: Vec<&String> = told_args.as_object().into_iter().flat_map(serde_json::Map::keys).collect();
        let agrees = names.iter().map(|name| name.as_str()).eq(args.iter().map(|(name, _)| *name))
            && args.iter().all(|(name, value)| {
                let told = told_args[name].as_str().unwrap_or_default();
                if value == ANY { !told.is_empty() && told != "N/A" } else { told == value }
            });
        if told != code || !agrees {
            wrong.push(format!("{call} {code} {args:?}: {told} {told_args}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_declared_error_is_raised_or_has_a_reason() {
    let raised: BTreeSet<(String, String)> =
        Scene::set().cases().into_iter().map(|case| (case.call.to_owned(), case.code.to_owned())).collect();
    let never: BTreeSet<(String, String)> = NEVER
        .iter()
        .chain(people::NEVER)
        .chain(categories::NEVER)
        .chain(entries::NEVER)
        .map(|(action, code, _)| ((*action).to_owned(), (*code).to_owned()))
        .collect();
    let declared: BTreeSet<(String, String)> = ActionId::ALL
        .iter()
        .flat_map(|id| id.info().throws.iter().map(|code| (id.info().full_name(), code.info().code.to_owned())))
        .collect();
    let missing: Vec<_> = declared.iter().filter(|pair| !raised.contains(*pair) && !never.contains(*pair)).collect();
    assert!(missing.is_empty(), "declared, and neither raised by a case nor excused: {missing:?}");
    let stale: Vec<_> = never.iter().filter(|pair| !declared.contains(*pair) || raised.contains(*pair)).collect();
    assert!(stale.is_empty(), "excused for nothing: {stale:?}");
}

/// What the sources make: the constructors that they name, and the codes that they write into headers.
fn made() -> BTreeSet<String> {
    let mut source = String::new();
    collect(&ks_tests::root().join("crates"), &mut source);
    let names = |name: &str| {
        source.match_indices(name).any(|(at, _)| {
            let next = source[at + name.len()..].chars().next();
            !next.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
        })
    };
    let made = |code: &&ErrorCode| {
        let name = code.info().code.to_ascii_lowercase();
        names(&format!("ApiError::{name}")) || names(&format!("empty(ErrorCode::{code:?}"))
    };
    ErrorCode::ALL.iter().filter(made).map(|code| code.info().code.to_owned()).collect()
}

/// The sources of the product: neither tests nor the list of all constructors.
fn collect(folder: &Path, source: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        let is = |name: &str| path.file_name().is_some_and(|file| file == name);
        if path.is_dir() && !is("tests") && !is("examples") && !is("benches") {
            collect(&path, source);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is("tests.rs") && !is("errors.rs") {
            let text = std::fs::read_to_string(&path).expect("a source file");
            source.push_str(text.split("#[cfg(test)]").next().unwrap_or_default());
            source.push('\n');
        }
    }
}

#[test]
fn every_error_that_the_code_can_make_is_raised_or_has_a_reason() {
    let raised: BTreeSet<String> = Scene::set().cases().into_iter().map(|case| case.code.to_owned()).collect();
    let made = made();
    let excused: BTreeSet<String> = OUT_OF_REACH.iter().map(|(code, _)| (*code).to_owned()).collect();
    let missing: Vec<_> = made
        .iter()
        .filter(|code| !raised.contains(*code) && !excused.contains(*code) && !ELSEWHERE.contains(&code.as_str()))
        .collect();
    assert!(missing.is_empty(), "made by the code, and neither raised by a case nor excused: {missing:?}");
    let stale: Vec<_> = excused.iter().filter(|code| !made.contains(*code) || raised.contains(*code)).collect();
    assert!(stale.is_empty(), "excused for nothing: {stale:?}");
}

#[test]
fn what_no_format_can_tell_is_told_in_a_header() {
    let house = House::build();
    let ping = "/api_v3/service/system/action/ping";
    for (query, code) in [
        ("format=77", "UNKNOWN_RESPONSE_FORMAT"),
        ("format=9", "MANDATORY_PARAMETER_MISSING"),
        ("format=9&callback=a(b)", "INVALID_FIELD_VALUE"),
    ] {
        let response = house.send(&Request::get(&format!("{ping}?{query}")));
        assert_eq!((response.status, response.body.len()), (200, 0), "{query}");
        let header = response.header("X-Kaltura").unwrap_or_default().replace(' ', "");
        assert_eq!(header, format!("error-{code}"), "{query}");
    }
}

#[test]
fn without_a_database_the_error_says_so() {
    let house = House::build();
    house.wait(house.store.close());
    let response = house.send(&request("system.pingDatabase", &json!({})));
    assert_eq!(fault(&response.json()), ("INTERNAL_DATABASE_ERROR".to_owned(), json!([])));
}
