//! `ks diff`: two servers, the same calls.

use serde_json::{Value, json};

use crate::person::Person;
use crate::support::{Done, Running, finish};

/// Two servers with the same account, and somebody with a profile for the first.
struct Pair {
    here: Running,
    there: Running,
    person: Person,
}

impl Pair {
    fn new() -> Self {
        let start = || Running::start(&["dev", "--listen", "127.0.0.1:0"]);
        let (here, there, person) = (start(), start(), Person::new());
        for (name, server) in [("here", &here), ("there", &there)] {
            let url = server.text("url");
            let add = ["profile", "add", name, "--url", url, "--partner", "102", "--secret-env", "MY_SECRET"];
            assert_eq!(person.ks(&add).code, 0);
        }
        assert_eq!(person.ks(&["profile", "use", "here"]).code, 0);
        Self { here, there, person }
    }

    fn ks(&self, args: &[&str]) -> Done {
        finish(self.person.command(args).env("MY_SECRET", self.here.text("adminSecret")))
    }

    fn diff(&self, args: &[&str]) -> Done {
        self.ks(&[&["diff", "--against", "there"], args].concat())
    }
}

fn add_category(pair: &Pair, profile: &str, name: &str) -> String {
    let name = format!("category:name={name}");
    let done = pair.ks(&["call", "--profile", profile, "--json", "category.add", &name]);
    assert_eq!(done.code, 0, "{done:?}");
    done.json()["id"].to_string()
}

#[test]
fn servers_that_answer_the_same_differ_in_nothing() {
    let pair = Pair::new();
    for call in [
        &["system.ping"][..],
        &["category.list"],
        &["category.get", "id=99999"],
        // Two tokens, each with random bytes of its own.
        &["session.start", "partnerId=102", "secret=de000000000000000000000000000a02", "type=ADMIN", "--plain-http"],
    ] {
        let done = pair.diff(call);
        assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, "", ""), "{call:?}");
    }
}

#[test]
fn each_place_where_answers_differ_is_told() {
    let pair = Pair::new();
    let (here, there) = (add_category(&pair, "here", "Lectures"), add_category(&pair, "there", "Seminars"));
    assert_eq!(here, there);
    let call = ["category.get", &format!("id={here}"), "--ignore", "createdAt,updatedAt"];
    let done = pair.diff(&call);
    assert_eq!(done.code, 1, "{done:?}");
    let expected = ["name: \"Lectures\" here, \"Seminars\" there", "fullName: \"Lectures\" here, \"Seminars\" there"];
    let lines: Vec<&str> = done.out.lines().filter_map(|line| line.strip_prefix("category.get: ")).collect();
    for line in expected {
        assert!(lines.contains(&line), "{done:?}");
    }
    assert_eq!(done.out.lines().count(), lines.len(), "{done:?}");
    // Of the same shape they are.
    assert_eq!(pair.diff(&[&call[..], &["--shape"]].concat()).code, 0);
    // What is there on one side only, in JSON.
    add_category(&pair, "there", "More");
    let more = pair.diff(&["category.list", "--json", "--ignore", "objects"]);
    let total = json!({"path": "totalCount", "here": "1", "there": "2"});
    assert_eq!((more.code, more.json()), (1, json!({"call": "category.list", "differences": [total]})));
    let missing = pair.diff(&["category.list", "--json"]).json();
    let second = json!({"path": "objects[1]", "here": null, "there": "an object"});
    assert!(missing["differences"].as_array().unwrap().contains(&second), "{missing}");
    // An error on one side is told as one.
    let error = pair.diff(&["category.get", &format!("id={}", here.parse::<i64>().unwrap() + 1)]);
    assert!(error.out.contains("code: \"CATEGORY_NOT_FOUND\" here, nothing there"), "{error:?}");
}

#[test]
fn calls_come_from_a_file_and_none_changes_anything_unasked() {
    let pair = Pair::new();
    let file = pair.person.file_with("calls.txt", "# two of them\nsystem.ping\n\ncategory.list 'filter:tagsLike=a b'");
    let done = pair.diff(&["--calls", &file, "--json"]);
    let told: Vec<Value> = done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(
        told,
        [json!({"call": "system.ping", "differences": []}), json!({"call": "category.list", "differences": []})]
    );
    let refused = pair.diff(&["category.add", "category:name=x"]);
    assert_eq!((refused.code, refused.err.contains("--write")), (2, true), "{refused:?}");
    assert_eq!(pair.diff(&["category.add", "category:name=x", "--write", "--shape"]).code, 0);
    for server in ["here", "there"] {
        let made = pair.ks(&["call", "--profile", server, "--json", "category.list"]).json();
        assert_eq!(made["totalCount"], 1, "{server}");
    }
    let open = pair.person.file_with("open.txt", "category.list 'filter");
    let wrong = pair.diff(&["--calls", &open]);
    assert_eq!((wrong.code, wrong.err.contains("line 1")), (2, true), "{wrong:?}");
}

#[test]
fn the_same_secret_opens_a_server_that_is_named_by_its_address() {
    let pair = Pair::new();
    let done = pair.ks(&["diff", "--against", pair.there.text("url"), "session.get", "--ignore", "expiry"]);
    assert_eq!((done.code, done.out.as_str()), (0, ""), "{done:?}");
    // Secrets are compared, and not shown.
    let secret = pair.here.text("adminSecret");
    let world = format!("accounts: [{{id: 102, adminSecrets: [{}, {secret}]}}]", "0".repeat(32));
    let world = pair.person.file_with("world.yaml", &world);
    let other = Running::start(&["dev", "--listen", "127.0.0.1:0", "--seed", &world]);
    let done = pair.ks(&["diff", "--against", other.text("url"), "partner.getInfo", "--ignore", "createdAt"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.out.contains("adminSecret: (not shown) here, (not shown) there"), "{done:?}");
    assert!(!done.out.contains("0000"), "{done:?}");
}

#[test]
fn a_secret_goes_nowhere_in_the_open_without_a_session_either() {
    let person = Person::new();
    for (name, url) in [("here", "http://127.0.0.1:9"), ("there", "http://kaltura.invalid")] {
        assert_eq!(person.ks(&["profile", "add", name, "--url", url]).code, 0);
    }
    for call in [&["session.start", "partnerId=102", "secret=canary"][..], &["session.get", "ks=canary"]] {
        let done = person.ks(&[&["diff", "--profile", "here", "--against", "there"], call].concat());
        assert_eq!((done.code, done.err.contains("--plain-http")), (2, true), "{done:?}");
        assert!(!done.err.contains("canary"), "{done:?}");
    }
}
