//! What a university's scripts do with entries every day, by the published clients, unmodified.

use ks_tests::programs::{feed, node, python, script};
use ks_tests::server::Server;
use serde_json::{Value, json};

#[track_caller]
fn check(seen: &Value) {
    let made = |name: &str, owner: &str| json!(["KalturaMediaEntry", name, owner, "2"]);
    assert_eq!(seen["made"], json!([made("Lecture 0", "bohr"), made("Lecture 1", "curie")]));
    assert_eq!((&seen["twice"], &seen["in the course"]), (&json!("CATEGORY_ENTRY_ALREADY_EXISTS"), &json!(7)));
    assert_eq!((&seen["of the one who left"], &seen["of the new one"]), (&json!(0), &json!(4)));
    let names: Vec<String> = (0..7).map(|number| format!("Physics I, lecture {number}")).collect();
    assert_eq!(seen["renamed"], json!(names));
    assert_eq!(seen["affiliations"], json!([[true, true, true], [true, true, true], [true, true, true]]));
    assert_eq!(seen["administrator"], json!([7, 3, 7, "Physics I, lecture 0"]));
    assert_eq!(seen["user"], json!([3, 2, 3, ["curie"]]));
    assert_eq!(seen["user who lists all"], json!([7, 2, 7]));
    assert_eq!((&seen["not hers"], &seen["gone"]), (&json!("INVALID_KS"), &json!("ENTRY_ID_NOT_FOUND")));
    assert_eq!(seen["left in the course"], 6);
}

#[test]
fn the_python_client_keeps_a_course() {
    let server = Server::dev();
    check(&feed(&mut script(python(), "python/entries.py", &server), b"").json());
}

#[test]
fn the_node_client_keeps_a_course() {
    let server = Server::dev();
    check(&feed(&mut script(node(), "node/entries.js", &server), b"").json());
}
