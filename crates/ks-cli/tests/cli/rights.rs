//! `ks app-token`, `ks role` and `ks audit`.

use serde_json::json;

use crate::support::World;

fn world() -> World {
    let world = World::new();
    world.json(&["partner", "create", "--id", "200", "--name", "Acme"]);
    world
}

/// What is said where the answer is no.
fn refused(world: &World, args: &[&str]) -> String {
    let (code, said) = world.refused(args);
    assert_eq!(code, 1, "{args:?} {said}");
    said
}

#[test]
fn an_app_token_is_added_shown_and_deleted_and_its_key_is_shown_once() {
    let world = world();
    let added = world.json(&[
        "app-token",
        "add",
        "200",
        "--type",
        "admin",
        "--user",
        "robot",
        "--duration",
        "600",
        "--privileges",
        "edit:*",
        "--hash",
        "sha512",
        "--expires",
        "2100-01-01T00:00:00Z",
        "--description",
        "Robots",
    ]);
    let (id, key) = (added["id"].as_str().unwrap(), added["token"].as_str().unwrap());
    assert_eq!(key.len(), 32);
    let shown = world.json(&["app-token", "show", "200", id]);
    let mut expected = added.clone();
    expected.as_object_mut().unwrap().remove("token");
    assert_eq!(shown, expected);
    assert_eq!(
        (
            &shown["sessionType"],
            &shown["hashType"],
            &shown["expiry"],
            &shown["sessionUserId"],
            &shown["sessionDuration"]
        ),
        (&json!(2), &json!("SHA512"), &json!(4_102_444_800_i64), &json!("robot"), &json!(600))
    );
    assert_eq!(world.json(&["app-token", "list", "200"])["appTokens"], json!([shown]));
    for text in [world.text(&["app-token", "list", "200"]), world.text(&["app-token", "show", "200", id])] {
        assert!(text.contains(id) && text.contains("Robots") && !text.contains(key), "{text}");
    }
    assert!(world.text(&["app-token", "delete", "200", id]).contains("is deleted"));
    assert!(refused(&world, &["app-token", "show", "200", id]).contains("has no app token"));
    assert!(refused(&world, &["app-token", "list", "201"]).contains("there is no account 201"));
}

#[test]
fn a_role_is_added_shown_and_deleted() {
    let world = world();
    let added = world.json(&[
        "role",
        "add",
        "200",
        "Embedder",
        "--permissions",
        "WIDGET_ADMIN,KMC_ACCESS",
        "--system-name",
        "EMBED",
    ]);
    let id = added["id"].to_string();
    assert_eq!(added["permissionNames"], "WIDGET_ADMIN,KMC_ACCESS");
    for role in [id.as_str(), "EMBED"] {
        assert_eq!(world.json(&["role", "show", "200", role]), added);
    }
    assert_eq!(world.json(&["role", "show", "200", "PARTNER_ADMIN_ROLE"])["permissionNames"], "*");
    let listed = world.text(&["role", "list", "200"]);
    assert!(listed.contains("EMBED") && listed.contains("PARTNER_ADMIN_ROLE"), "{listed}");
    assert!(refused(&world, &["role", "add", "200", "Embedder"]).contains("already"));
    assert!(refused(&world, &["role", "add", "200", "x", "--permissions", "NONE"]).contains("no permission NONE"));
    assert!(
        refused(&world, &["role", "add", "200", "x", "--permissions", "HOSTED_PAGES_BASE"]).contains("no permission")
    );
    assert!(refused(&world, &["role", "delete", "200", "4"]).contains("built in"));
    assert!(world.text(&["role", "delete", "200", "EMBED"]).contains("is deleted"));
    assert!(refused(&world, &["role", "show", "200", &id]).contains("has no role"));
}

#[test]
fn commands_are_in_the_audit_trail_without_what_was_said_to_them() {
    let world = world();
    world.json(&["partner", "secret", "add", "200", "--secret", "canary-secret-0123456789"]);
    let id = world.json(&["app-token", "add", "200"])["id"].as_str().unwrap().to_owned();
    world.json(&["app-token", "delete", "200", &id]);
    let trail = world.json(&["audit", "200"]);
    let changes = trail["changes"].as_array().unwrap();
    let seen: Vec<(&str, &str)> = changes
        .iter()
        .map(|change| (change["action"].as_str().unwrap(), change["objectType"].as_str().unwrap()))
        .collect();
    assert_eq!(
        seen[..3],
        [("ks app-token delete", "appToken"), ("ks app-token delete", "session"), ("ks app-token add", "appToken")]
    );
    assert_eq!(seen[3], ("ks partner secret add", "partner"));
    assert!(seen[4..].iter().all(|(action, _)| *action == "ks partner create"), "{seen:?}");
    assert!(!trail.to_string().contains("canary"), "{trail}");
    let one = world.json(&["audit", "--action", "ks app-token add", "--limit", "1"]);
    assert_eq!((one["changes"].as_array().unwrap().len(), &one["changes"][0]["objectId"]), (1, &json!(id)));
    let text = world.text(&["audit"]);
    assert!(text.starts_with("WHEN") && text.contains("appToken 0_"), "{text}");
}

#[test]
fn accounts_are_made_below_others() {
    let world = world();
    world.json(&["partner", "create", "--id", "300", "--may-impersonate", "--enforce-entitlement"]);
    world.json(&["partner", "create", "--id", "301", "--parent", "300"]);
    assert!(refused(&world, &["partner", "create", "--parent", "999"]).contains("parent account"));
    let parent = world.json(&["partner", "show", "300"]);
    assert_eq!((&parent["mayImpersonate"], &parent["enforceEntitlement"]), (&json!(true), &json!(true)));
    assert_eq!(world.json(&["partner", "show", "301"])["parentId"], 300);
}
