//! `ks call`: any action, from a terminal.

use serde_json::{Value, json};

use crate::person::Person;
use crate::support::{Done, Running, feed, finish, ks};

/// A server, and somebody with a profile for it.
struct Desk {
    server: Running,
    person: Person,
}

impl Desk {
    fn new() -> Self {
        let (server, person) = (Running::start(&["dev", "--listen", "127.0.0.1:0"]), Person::new());
        let url = server.text("url");
        let done = person.ks(&["profile", "add", "dev", "--url", url, "--partner", "102", "--secret-env", "MY_SECRET"]);
        assert_eq!(done.code, 0, "{done:?}");
        Self { server, person }
    }

    fn call(&self, words: &[&str]) -> Done {
        let words = [&["call"], words].concat();
        finish(self.person.command(&words).env("MY_SECRET", self.server.text("adminSecret")))
    }

    #[track_caller]
    fn good(&self, words: &[&str]) -> String {
        let done = self.call(words);
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{done:?}");
        done.out
    }

    #[track_caller]
    fn json(&self, words: &[&str]) -> Value {
        let text = self.good(&[words, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

#[test]
fn objects_are_added_read_listed_and_refused() {
    let desk = Desk::new();
    let made = desk.json(&[
        "category.add",
        "category:name=Lectures",
        "category[tags]=a,b",
        "category.privacy=MEMBERS_ONLY",
        "category:privacyContext=xcontext",
    ]);
    let id = made["id"].to_string();
    assert_eq!((&made["name"], &made["tags"], &made["privacy"]), (&json!("Lectures"), &json!("a,b"), &json!(3)));
    assert_eq!(desk.good(&["CATEGORY.list", "--columns", "name,depth"]), "NAME      DEPTH\nLectures  0\n");
    assert!(desk.good(&["category.get", &format!("id={id}")]).contains("fullName"));
    assert_eq!(desk.good(&["system.ping"]), "true\n");
    assert_eq!(desk.good(&["category.delete", &format!("id={id}")]), "");
    let gone = desk.call(&["category.get", &format!("id={id}"), "--json"]);
    assert_eq!((gone.code, gone.out.as_str()), (1, ""));
    let told: Value = serde_json::from_str(&gone.err).unwrap();
    assert_eq!(told["error"]["api"]["code"], "CATEGORY_NOT_FOUND");
    assert_eq!(told["error"]["api"]["args"], json!({ "ID": id }));
    assert!(told["error"]["hint"].as_str().unwrap().contains("disableentitlement"));
}

/// how-to-start-a-session, C: a category that exists seems to be missing.
#[test]
fn what_seems_to_be_missing_is_found_with_a_privilege() {
    let desk = Desk::new();
    let hidden = [
        "category.add",
        "category:name=Hidden",
        "category:appearInList=CATEGORY_MEMBERS_ONLY",
        "category:privacy=MEMBERS_ONLY",
        "category:privacyContext=xcontext",
    ];
    let id = format!("id={}", desk.json(&hidden)["id"]);
    let user = [
        "profile",
        "add",
        "guest",
        "--url",
        desk.server.text("url"),
        "--partner",
        "102",
        "--secret-env",
        "MY_SECRET",
        "--user",
        "guest",
        "--type",
        "user",
        "--privileges",
        "enableentitlement,privacycontext:xcontext",
    ];
    assert_eq!(desk.person.ks(&user).code, 0);
    let refused = desk.call(&["category.get", &id, "--profile", "guest", "--format", "xml"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let number = id.trim_start_matches("id=");
    let error = format!(
        "<xml><result><error><objectType>KalturaAPIException</objectType><code>CATEGORY_NOT_FOUND</code>\
         <message>Category id &quot;{number}&quot; not found</message><args><item><objectType>KalturaApiExceptionArg\
         </objectType><name>ID</name><value>{number}</value></item></args></error></result>"
    );
    assert!(refused.out.contains(&error), "{}", refused.out);
    let found = desk.good(&[
        "category.get",
        &id,
        "--profile",
        "guest",
        "--privileges",
        "all:*,disableentitlement",
        "--format",
        "xml",
    ]);
    assert!(found.contains("<name>Hidden</name>"), "{found}");
}

/// how-to-start-a-session, D: three ways.
#[test]
fn a_session_is_started_in_three_ways() {
    let desk = Desk::new();
    let (url, secret) = (desk.server.text("url"), desk.server.text("adminSecret"));
    let file = desk.person.file_with("secret", secret);
    let at_file = format!("secret=@{file}");
    let by_secret = ["session.start", "--url", url, &at_file, "userId=me", "type=ADMIN", "partnerId=102"];
    let login =
        ["call", "user.loginByLoginId", "--url", url, "loginId=dev@example.invalid", "password=-", "partnerId=102"];
    let by_login = feed(&mut desk.person.command(&login), "dev-password-102\n");
    let local = ks(&["generate", "--secret-file", &file, "--partner", "102", "--user", "me", "--type", "admin"]);
    for (ks, user) in [(desk.good(&by_secret), "me"), (by_login.out, "dev@example.invalid"), (local.out, "me")] {
        let ks = format!("ks={}", ks.trim());
        assert_eq!(desk.json(&["session.get", "--url", url, &ks])["userId"], user);
    }
}

#[test]
fn every_page_is_fetched() {
    let desk = Desk::new();
    for name in ["a", "b", "c", "d", "e"] {
        desk.good(&["category.add", &format!("category:name={name}"), "--json"]);
    }
    let all = ["category.list", "filter:orderBy=+name", "pager:pageSize=2", "--all"];
    let lines = desk.good(&[&all[..], &["--json"]].concat());
    let names: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].clone()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    assert_eq!(desk.good(&[&all[..], &["--columns", "name"]].concat()), "NAME\na\nb\nc\nd\ne\n");
    assert_eq!(desk.call(&["system.ping", "--all"]).code, 2);
}

#[test]
fn the_formats_are_those_of_the_server() {
    let desk = Desk::new();
    assert_eq!(desk.good(&["system.ping", "--format", "json"]), "true\n");
    assert_eq!(desk.good(&["system.ping", "--format", "php"]), "b:1;\n");
    assert_eq!(desk.good(&["system.ping", "--format", "jsonp"]), "callback(true);\n");
    let xml = desk.good(&["system.ping", "--format", "xml"]);
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result>1</result>"), "{xml}");
    assert!(desk.good(&["session.get", "--format", "json"]).contains("\n  \"partnerId\": 102"));
}

#[test]
fn the_same_call_with_curl_does_the_same_and_keeps_secrets() {
    let desk = Desk::new();
    let add = ["category.add", "category:name=it's & more", "--curl"];
    let masked = desk.good(&add);
    assert!(masked.contains("ks=YOUR_KS") && masked.contains("--data-urlencode"), "{masked}");
    let shown = desk.good(&[&add[..], &["--show-secrets"]].concat());
    assert!(!shown.contains("YOUR_"), "{shown}");
    let run = feed(std::process::Command::new("sh").env("NO_PROXY", "*"), &shown);
    assert!(run.out.contains("it's & more"), "{run:?}");
    let secret = desk.good(&["session.start", "secret=canary", "partnerId=102", "--curl"]);
    assert!(secret.contains("secret=YOUR_SECRET") && !secret.contains("canary"), "{secret}");
    assert_eq!(desk.json(&["category.list"])["totalCount"], 1);
}

#[test]
fn slips_are_answered_with_what_was_meant() {
    let desk = Desk::new();
    for (words, told) in [
        (["categry.list", "x=1"], "did you mean category?"),
        (["category.lst", "x=1"], "did you mean list?"),
        (["category.list", "fliter:idEqual=1"], "did you mean filter?"),
        (["category.list", "filter:idEqul=1"], "did you mean idEqual?"),
        (["category", "x=1"], "write SERVICE.ACTION"),
        (["category.list", "--profile=devx"], "there is one named dev"),
    ] {
        let done = desk.call(&words);
        assert!(done.code == if words[1].contains("profile") { 1 } else { 2 }, "{done:?}");
        assert!(done.err.contains(told), "{done:?}");
    }
    let sent = desk.call(&["playlist.execute", "--unchecked", "id=0_x"]);
    assert!(sent.code == 1 && sent.err.contains("SERVICE_DOES_NOT_EXISTS"), "{sent:?}");
    let nobody = Person::new().ks(&["call", "system.ping"]);
    assert!(nobody.code == 2 && nobody.err.contains("no server is named"), "{nobody:?}");
    let nowhere = Person::new().ks(&["call", "system.ping", "--url", "http://127.0.0.1:1"]);
    assert_eq!(nowhere.code, 3, "{nowhere:?}");
    let open = Person::new().ks(&["call", "category.list", "--url", "http://192.0.2.1", "ks=canary"]);
    assert!(open.code == 2 && open.err.contains("--plain-http") && !open.err.contains("canary"), "{open:?}");
}

#[test]
fn a_shell_completes_services_actions_parameters_and_values() {
    let complete = |words: &[&str]| {
        let all = [&["--", "ks", "call"], words].concat();
        let done = finish(crate::support::command(&all).env("COMPLETE", "fish"));
        assert_eq!(done.code, 0, "{done:?}");
        done.out.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(complete(&["category.l"]), ["category.list"]);
    assert!(complete(&["cat"]).contains(&"categoryUser.add".to_owned()));
    assert_eq!(complete(&["category.list", "f"]), ["filter:"]);
    assert_eq!(complete(&["category.add", "category:fullN"]), ["category:fullName="]);
    assert!(complete(&["session.start", "type=a"]).contains(&"type=ADMIN".to_owned()));
}
