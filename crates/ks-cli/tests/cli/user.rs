//! `ks user`, beside a running server.

use serde_json::{Value, json};

use crate::support::Served;

fn login(world: &Served, password: &str) -> Value {
    world.server.call("user.loginByLoginId", &[("loginId", "ann@example.com"), ("password", password)])
}

#[test]
fn a_user_is_added_logs_in_and_goes() {
    let world = Served::new();
    let partner = world.json(&["partner", "list"])["partners"][0]["partnerId"].to_string();
    let add = ["user", "add", &partner, "ann", "--name", "Ann", "--email", "ann@example.com", "--login"];
    let added = world.json(&add);
    let first = added["password"].as_str().expect("a password").to_owned();
    assert_eq!((&added["kind"], &added["loginEnabled"]), (&json!("user"), &json!(true)));
    assert!(login(&world, &first).is_string());
    assert_eq!(world.refused(&add).0, 1);

    let set = world.json(&["user", "set-password", &partner, "ann", "--password", "quite another one"]);
    assert!(set.get("password").is_none(), "{set}");
    assert_eq!(login(&world, &first)["code"], "USER_WRONG_PASSWORD");
    assert!(login(&world, "quite another one").is_string());
    assert_eq!(world.refused(&["user", "set-password", &partner, "ann", "--password", "password1"]).0, 1);

    let session = login(&world, "quite another one");
    let session = session.as_str().expect("a session");
    let alive = || world.server.call("user.get", &[("ks", session)])["id"] == "ann";
    assert!(alive());
    assert_eq!(world.json(&["user", "sign-out", &partner, "ann"])["userId"], "ann");
    // The server follows the database within a fraction of a second.
    let gone = std::iter::repeat_with(|| std::thread::sleep(std::time::Duration::from_millis(20)));
    assert!(gone.take(3000).any(|()| !alive()), "the session goes on");
    assert!(login(&world, "quite another one").is_string());

    assert_eq!(world.json(&["user", "roles", &partner, "ann", "--set", "2"])["roleIds"], json!([2]));
    assert_eq!(world.json(&["user", "block", &partner, "ann"])["status"], "blocked");
    assert_eq!(login(&world, "quite another one")["code"], "USER_WRONG_PASSWORD");
    assert_eq!(world.json(&["user", "unblock", &partner, "ann"])["status"], "active");
    let shown = world.json(&["user", "show", &partner, "ann"]);
    assert_eq!((&shown["screenName"], &shown["email"]), (&json!("Ann"), &json!("ann@example.com")));
    let all = world.json(&["user", "list", &partner]);
    assert_eq!(all["users"].as_array().map(Vec::len), Some(2), "{all}");

    assert_eq!(world.json(&["user", "delete", &partner, "ann"])["status"], "deleted");
    assert_eq!(world.refused(&["user", "show", &partner, "ann"]).0, 1);
    let owner = all["users"].as_array().and_then(|users| users.iter().find(|user| user["isAccountOwner"] == true));
    let owner = owner.and_then(|owner| owner["userId"].as_str()).expect("an owner");
    assert_eq!(world.refused(&["user", "delete", &partner, owner]).0, 1);
    assert_eq!(world.refused(&["user", "block", &partner, owner]).0, 1);
    assert_eq!(world.refused(&["user", "add", &partner, "a b"]).0, 2);
}

#[test]
fn users_are_imported_line_by_line() {
    let world = Served::new();
    let partner = world.json(&["partner", "list"])["partners"][0]["partnerId"].to_string();
    let file = |name: &str, text: &str| {
        let path = format!("{}/{name}", world.data);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let first = file(
        "first.csv",
        "\u{feff}id,email,firstName,lastName,tags,roleIds,isAdmin,password\n\
         ann,ann@example.com,Ann,\"van Dyck, jr.\",\"a,b\",,,canary long secret\n\
         bob,bob@example.com,Bob,,,,yes,\n\
         a b,,,,,,,\n\
         cat,nobody,,,,,,\n\
         dan,,,,,4711,,\n\
         eve,eve@example.com,,,,,,short\n\
         fay,,,,,,maybe,\n\
         gil,,,,,\"2;4\",,\n",
    );
    let import = |args: &[&str]| {
        let done =
            crate::support::ks(&[&["user", "import", &partner], args, &["--data-dir", &world.data, "--json"]].concat());
        (done.code, done.json(), done.err)
    };
    let (code, checked, _) = import(&[&first, "--dry-run"]);
    assert_eq!((code, &checked["good"]), (1, &json!(4)), "roles are looked at when they are given: {checked}");
    assert_eq!(world.json(&["user", "list", &partner])["users"].as_array().map(Vec::len), Some(1));
    let (code, done, said) = import(&[&first]);
    assert_eq!((code, &done["added"], &done["updated"]), (1, &json!(3), &json!(0)), "{done}");
    let lines: Vec<_> = done["failed"].as_array().expect("a list").iter().map(|line| line["line"].as_u64()).collect();
    assert_eq!(lines, [4, 5, 6, 7, 8].map(Some), "{done}");
    assert!(!done.to_string().contains("canary") && !said.contains("canary"));
    let ann = world.json(&["user", "show", &partner, "ann"]);
    assert_eq!((&ann["loginEnabled"], &ann["email"]), (&json!(true), &json!("ann@example.com")));
    assert_eq!(world.json(&["user", "show", &partner, "gil"])["roleIds"], json!([2, 4]));
    assert!(login(&world, "canary long secret").is_string());
    let bob = world.json(&["user", "show", &partner, "bob"]);
    assert_eq!((&bob["kind"], &bob["loginEnabled"]), (&json!("administrator"), &json!(false)));

    // A second time everybody is there already; with --update what a line says is changed, and nothing else.
    let second = file("second.csv", "id,email,screenName\nann,,Annie\nbob,,Bobby\nnew,new@example.com,\n");
    let (code, done, _) = import(&[&second]);
    assert_eq!((code, &done["added"]), (1, &json!(1)), "{done}");
    let (code, done, _) = import(&[&second, "--update", "--login"]);
    assert_eq!((code, &done["added"], &done["updated"]), (0, &json!(0), &json!(3)), "{done}");
    let ann = world.json(&["user", "show", &partner, "ann"]);
    assert_eq!((&ann["screenName"], &ann["email"]), (&json!("Annie"), &json!("ann@example.com")));
    assert_eq!(world.json(&["user", "show", &partner, "new"])["loginEnabled"], true);
    for (text, told) in [("name\nann\n", "there is no column name"), ("email\nx\n", "the column id is missing")] {
        let (code, said) = world.refused(&["user", "import", &partner, &file("bad.csv", text)]);
        assert_eq!(code, 2);
        assert!(said.contains(told), "{said}");
    }
}
