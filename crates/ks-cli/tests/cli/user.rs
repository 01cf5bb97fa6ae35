//! `ks user`, beside a running server.

use serde_json::{Value, json};

use crate::support::{Running, ks};

struct World {
    server: Running,
    data: String,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().to_str().expect("UTF-8").to_owned();
        let server = Running::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
        Self { server, data, _folder: folder }
    }

    fn ks(&self, args: &[&str]) -> Value {
        let done = ks(&[args, &["--data-dir", &self.data, "--json"]].concat());
        assert_eq!(done.code, 0, "{args:?} {done:?}");
        done.json()
    }

    fn refused(&self, args: &[&str]) -> (i32, String) {
        let done = ks(&[args, &["--data-dir", &self.data]].concat());
        assert_eq!(done.out, "");
        (done.code, done.err)
    }

    fn login(&self, password: &str) -> Value {
        self.server.call("user.loginByLoginId", &[("loginId", "ann@example.com"), ("password", password)])
    }
}

#[test]
fn a_user_is_added_logs_in_and_goes() {
    let world = World::new();
    let partner = world.ks(&["partner", "list"])["partners"][0]["partnerId"].to_string();
    let add = ["user", "add", &partner, "ann", "--name", "Ann", "--email", "ann@example.com", "--login"];
    let added = world.ks(&add);
    let first = added["password"].as_str().expect("a password").to_owned();
    assert_eq!((&added["kind"], &added["loginEnabled"]), (&json!("user"), &json!(true)));
    assert!(world.login(&first).is_string());
    assert_eq!(world.refused(&add).0, 1);

    let set = world.ks(&["user", "set-password", &partner, "ann", "--password", "quite another one"]);
    assert!(set.get("password").is_none(), "{set}");
    assert_eq!(world.login(&first)["code"], "USER_WRONG_PASSWORD");
    assert!(world.login("quite another one").is_string());
    assert_eq!(world.refused(&["user", "set-password", &partner, "ann", "--password", "password1"]).0, 1);

    assert_eq!(world.ks(&["user", "roles", &partner, "ann", "--set", "2"])["roleIds"], json!([2]));
    assert_eq!(world.ks(&["user", "block", &partner, "ann"])["status"], "blocked");
    assert_eq!(world.login("quite another one")["code"], "USER_WRONG_PASSWORD");
    assert_eq!(world.ks(&["user", "unblock", &partner, "ann"])["status"], "active");
    let shown = world.ks(&["user", "show", &partner, "ann"]);
    assert_eq!((&shown["screenName"], &shown["email"]), (&json!("Ann"), &json!("ann@example.com")));
    let all = world.ks(&["user", "list", &partner]);
    assert_eq!(all["users"].as_array().map(Vec::len), Some(2), "{all}");

    assert_eq!(world.ks(&["user", "delete", &partner, "ann"])["status"], "deleted");
    assert_eq!(world.refused(&["user", "show", &partner, "ann"]).0, 1);
    let owner = all["users"].as_array().and_then(|users| users.iter().find(|user| user["isAccountOwner"] == true));
    let owner = owner.and_then(|owner| owner["userId"].as_str()).expect("an owner");
    assert_eq!(world.refused(&["user", "delete", &partner, owner]).0, 1);
    assert_eq!(world.refused(&["user", "block", &partner, owner]).0, 1);
    assert_eq!(world.refused(&["user", "add", &partner, "a b"]).0, 2);
}
