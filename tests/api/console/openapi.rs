//! The document `/api-docs/openapi.json`, judged by programs that know nothing of this code: whether it is valid, and
//! whether the server answers what it says.

use std::collections::BTreeMap;

use ks_schema::generated::services;
use ks_store::{Permission, PermissionKind};
use ks_tests::house::{Account, House, now};
use ks_tests::http::Request;
use ks_tests::programs::{feed, judge};
use ks_tests::scale::is_soak;
use ks_tests::server::run_command;
use serde_json::{Value, json};

use crate::matrix::calls::arguments;

/// Operations that no call from outside gets to succeed, and why.
const NEVER: &[(&str, &str)] = &[
    ("permissionItem.add", "on the operator's own listener alone"),
    ("permissionItem.update", "on the operator's own listener alone"),
    ("permissionItem.delete", "on the operator's own listener alone"),
    ("system.getHealthCheck", "on the operator's own listener alone"),
    ("baseEntry.export", "there are no storages"),
    ("baseEntry.index", "nobody may call it"),
    ("category.index", "nobody may call it"),
    ("category.unlockCategories", "nobody may call it"),
    ("categoryEntry.index", "nobody may call it"),
    ("categoryEntry.syncPrivacyContext", "nobody may call it"),
    ("categoryUser.index", "nobody may call it"),
    ("media.addFromFlavorAsset", "there are no renditions"),
    ("user.index", "nobody may call it"),
    ("user.replaceUserLoginData", "only an inner program of the reference gets that far"),
    ("user.serveCsv", "nothing is exported, so there is no file"),
];

fn document(house: &House) -> Value {
    house.send(&Request::get("/api-docs/openapi.json")).json()
}

/// What the validator finds wrong.
fn faults(document: &Value) -> String {
    let mut command = judge("python");
    command.arg(ks_tests::root().join("tests/clients/judges/validate.py"));
    feed(&mut command, document.to_string().as_bytes()).good().to_owned()
}

#[test]
fn the_document_is_valid() {
    let mut document = document(&House::build());
    assert_eq!(faults(&document), "");
    // The validator itself: what is wrong is found.
    let mut start = document["paths"]["/service/session/action/start"].clone();
    start["post"]["responses"] = json!([]);
    document["paths"] = json!({"/service/session/action/start": start});
    assert_ne!(faults(&document), "");
}

/// A body for each operation, with ids of objects that are there. What a call uses up is made for it alone. Beside a
/// build only every third operation is called, which takes schemathesis half a minute.
fn examples(house: &House, account: &Account) -> BTreeMap<String, Value> {
    let child = house.account(502);
    furnish(house, account, &child);
    let names = services::ALL.iter().flat_map(|service| service.actions).map(|action| action.full_name());
    let called = names.step_by(if is_soak() { 1 } else { 3 });
    called.map(|name| (name.clone(), example(house, account, &child, &name))).collect()
}

const PASSWORD: &str = "a long enough secret";

/// The body for one operation: what the matrix calls it with, or what makes it succeed where rights alone do not.
fn example(house: &House, account: &Account, child: &Account, name: &str) -> Value {
    let (_, action) = name.split_once('.').expect("service.action");
    let entry = |id: &str| {
        let new = json!({"objectType": "KalturaMediaEntry", "name": id, "mediaType": 1, "displayInSearch": 2});
        let added = house.good("media.add", &json!({"ks": account.admin(), "entry": new}));
        let content = json!({"objectType": "KalturaUrlResource", "url": "https://example.com/a.mp4"});
        let id = added["id"].clone();
        house.good("media.addContent", &json!({"ks": account.admin(), "entryId": id, "resource": content}));
        id
    };
    match name {
        "partner.register" | "partner.registrationValidation" => {
            let partner = json!({"objectType": "KalturaPartner", "name": "Lectures", "adminName": "Ada Example",
                                 "adminEmail": format!("{action}@example.com"), "description": "Trial"});
            json!({"partner": partner, "cmsPassword": PASSWORD})
        }
        "partner.getSecrets" => {
            json!({"partnerId": account.id, "adminEmail": "owner@example.com", "cmsPassword": PASSWORD})
        }
        "session.impersonateByKs" => json!({"session": child.mint(2, "somebody", "")}),
        "user.setInitialPassword" | "adminUser.setInitialPassword" | "user.validateHashKey" | "user.generateQrCode" => {
            let email = format!("{}@example.com", name.replace('.', "-").to_lowercase());
            house.person(account, &email, true, &email, PASSWORD);
            house.good("user.resetPassword", &json!({"email": email}));
            json!({"hashKey": house.mailed_key(&email), "newPassword": "another long secret"})
        }
        "baseEntry.recycle" => json!({"entryId": entry("to the bin")}),
        "baseEntry.restoreRecycled" => {
            let id = entry("from the bin");
            house.good("baseEntry.recycle", &json!({"ks": account.admin(), "entryId": id}));
            json!({ "entryId": id })
        }
        _ => arguments(house, name, account),
    }
}

/// What operations need besides: an account that may enter others, an owner, and a bin.
fn furnish(house: &House, account: &Account, child: &Account) {
    house.change(account, |partner| partner.may_impersonate = true);
    let parent = account.partner();
    house.change(child, move |partner| partner.parent_id = Some(parent));
    house.person(account, "owner", true, "owner@example.com", PASSWORD);
    let mut bin = Permission::named(account.partner(), "FEATURE_RECYCLE_BIN".to_owned());
    bin.kind = PermissionKind::SpecialFeature;
    house.wait(house.store.add_permission(bin, now())).expect("a feature");
}

/// What became of the calls of one operation.
struct Told {
    calls: u64,
    good: u64,
    codes: String,
}

/// Lets schemathesis go through the document: what it says at its end, and what became of each operation.
fn explore(house: &House, account: &Account) -> (bool, String, BTreeMap<String, Told>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (plan, told) = (folder.path().join("plan.json"), folder.path().join("told.json"));
    let secrets = house.good("ks_secret.list", &json!({"ks": account.admin()}));
    let secrets = secrets["objects"].as_array().expect("secrets").iter();
    let signing: Vec<String> = secrets.filter(|it| it["primary"] == true).map(|it| it["id"].to_string()).collect();
    let mut examples = examples(house, account);
    let token = json!({"objectType": "KalturaAppToken", "sessionUserId": "somebody", "hashType": "SHA1"});
    let token = house.good("appToken.add", &json!({"ks": account.admin(), "appToken": token}));
    examples.insert("appToken.startSession".to_owned(), json!({"id": token["id"], "tokenHash": "of each session"}));
    let wanted = json!({"partner": account.id, "secret": account.admin_secret, "signing": signing, "told": told,
                        "token": token, "seed": 20_261_127, "examples": examples});
    std::fs::write(&plan, wanted.to_string()).expect("a file");
    let (phases, count) = if is_soak() { ("examples,coverage,fuzzing", "60") } else { ("examples", "1") };
    let mut command = judge("schemathesis");
    command
        .arg("run")
        .arg(format!("http://{}/api-docs/openapi.json", house.addr))
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"])
        .args(["--checks", "response_schema_conformance"])
        .args(["--phases", phases, "--max-examples", count, "--seed", "20261127", "--workers", "1"])
        .args(["--generation-with-security-parameters", "false", "--generation-database", "none"])
        .args(["--suppress-health-check", "all", "--no-color", "--no-shrink", "--warnings", "off"])
        .env("SCHEMATHESIS_HOOKS", ks_tests::root().join("tests/clients/judges/hooks.py"))
        .env("KS_TEST_PLAN", &plan)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder.path());
    let output = run_command(&mut command);
    let said = format!("{}{}", output.out, output.err);
    let told: Value = std::fs::read(&told)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_else(|| panic!("schemathesis did not get to its end:\n{said}"));
    let told = told.as_object().expect("an object").iter().map(|(name, it)| {
        let mut codes: Vec<(u64, &String)> =
            it["codes"].as_object().into_iter().flatten().map(|(code, n)| (n.as_u64().unwrap_or(0), code)).collect();
        codes.sort_by(|one, other| other.cmp(one));
        let codes: Vec<String> = codes.iter().take(3).map(|(_, code)| (*code).clone()).collect();
        let number = |name: &str| it[name].as_u64().expect("a count");
        (name.clone(), Told { calls: number("calls"), good: number("good"), codes: codes.join(", ") })
    });
    (output.status.success(), said, told.collect())
}

#[test]
fn the_server_answers_what_the_document_says() {
    let house = House::build();
    // Small numbers are drawn often: what signs these calls is not to have one.
    for id in 601..609 {
        let _ = house.account(id);
    }
    let account = house.account(501);
    let (ended_well, said, told) = explore(&house, &account);
    let calls: u64 = told.values().map(|it| it.calls).sum();
    let good = told.values().filter(|it| it.good > 0).count();
    assert!(ended_well, "{said}");
    // The session that was made at the end is as good as the first one.
    assert_eq!(house.good("session.get", &json!({"ks": account.admin()}))["partnerId"], 501);
    let idle: Vec<&String> = told.iter().filter(|(_, it)| it.calls == 0).map(|(name, _)| name).collect();
    assert!(idle.is_empty(), "never called: {idle:?}");
    let failed: Vec<String> = told
        .iter()
        .filter(|(name, it)| it.good == 0 && NEVER.iter().all(|(known, _)| known != name))
        .map(|(name, it)| format!("{name}: {}", it.codes))
        .collect();
    assert!(failed.is_empty(), "never succeeded: {failed:#?}");
    assert!(good * 10 >= told.len() * 9, "{good} of {} operations succeeded", told.len());
    let is_stale = |name: &str| told.get(name).map_or(is_soak(), |it| it.good > 0);
    let stale: Vec<_> = NEVER.iter().filter(|(name, _)| is_stale(name)).collect();
    assert!(stale.is_empty(), "excused for nothing: {stale:?}");
    report(&told, calls, good);
}

fn report(told: &BTreeMap<String, Told>, calls: u64, good: usize) {
    let mut text = format!(
        "# What the OpenAPI document says, and what the server answers\n\n\
         schemathesis called every operation of `/api-docs/openapi.json` with an administrator's KS of a filled account, \
         {calls} calls in all: with examples that name live objects, with values at the bounds of each type, and with \
         drawn ones, good and bad. No answer was a 5xx, and none had a status, a content type, a code or a shape that \
         the document does not have. {good} of {} operations succeeded at least once.\n\n\
         Written by `cargo xtask soak`.\n\n\
         ## Operations that never succeed from outside\n\n| operation | why |\n|---|---|\n",
        told.len()
    );
    for (name, why) in NEVER {
        text.push_str(&format!("| {name} | {why} |\n"));
    }
    text.push_str("\n## All operations\n\n| operation | calls | succeeded | refused most with |\n|---|---|---|---|\n");
    for (name, Told { calls, good, codes }) in told {
        text.push_str(&format!("| {name} | {calls} | {good} | {codes} |\n"));
    }
    ks_tests::report::write("openapi.md", &text);
}
