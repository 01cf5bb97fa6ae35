//! The code that the test console shows: written by its own modules, run with the published clients, or read by the
//! language's own tool. The client page says which is which, and this is where that is true.

use std::process::Command;

use ks_tests::http::Request;
use ks_tests::programs::{feed, judge, node, program, python};
use ks_tests::server::{Output, Server, binary};
use serde_json::{Value, json};

/// Languages, as the console names them, with what is done here.
const CHECKED: &[(&str, &str)] = &[
    ("PHP", "parsed"),
    ("Java", "parsed"),
    ("C#", "parsed"),
    ("Python", "run"),
    ("Javascript", "run"),
    ("curl", "run"),
    ("TypeScript", "run"),
    ("Ruby", "parsed"),
    ("Go", "parsed"),
    ("Rust", "run"),
    ("ks", "run"),
];

fn assets() -> std::path::PathBuf {
    ks_tests::root().join("crates/ks-console/assets")
}

fn console(server: &Server) -> Command {
    let mut command = node();
    command
        .arg(ks_tests::root().join("tests/clients/node/example.mjs"))
        .env("KS_TEST_URL", &server.url)
        .env("KS_TEST_PARTNER", server.partner().to_string())
        .env("KS_TEST_ASSETS", assets());
    command
}

/// The code of a language for a call.
fn code(server: &Server, language: &str, call: &str, values: &Value, ks: &str) -> String {
    let output = feed(console(server).args([language, call, &values.to_string(), ks]), b"");
    output.good().to_owned()
}

/// A shell that finds our command.
fn shell() -> Command {
    let mut shell = program("sh");
    let folder = binary().parent().expect("a binary lies in a folder").to_owned();
    let path = std::env::var("PATH").unwrap_or_default();
    shell.env("PATH", format!("{}:{path}", folder.display())).arg("-eu");
    shell
}

/// Runs code in the way of its language.
fn run(language: &str, code: &str) -> Output {
    match language {
        "python" => feed(python().arg("-"), code.as_bytes()),
        "node" => feed(node().arg("-"), code.as_bytes()),
        "typescript" => {
            feed(node().arg(ks_tests::root().join("tests/clients/node/browser_client.js")), code.as_bytes())
        }
        "rust" => ks_tests::rust::compile(code).run(),
        _ => feed(&mut shell(), code.as_bytes()),
    }
}

/// Lets the language's own tool read code.
fn parse(language: &str, code: &str) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(if language == "java" { "example.java" } else { "example" });
    std::fs::write(&path, code).expect("a temporary file");
    let mut command = match language {
        "php" => program("php"),
        "ruby" => program("ruby"),
        "csharp" => program("mcs"),
        "java" => program("javac"),
        _ => judge("python"),
    };
    match language {
        "php" => command.arg("-l"),
        "ruby" => command.arg("-c"),
        "csharp" => command.arg("--parse"),
        // The client's classes are not here: reading ends before names are looked up.
        "java" => command.args(["-proc:none", "-XDshould-stop.ifNoError=PARSE", "-XDshould-stop.ifError=PARSE"]),
        _ => command.arg(ks_tests::root().join("tests/clients/judges/go.py")),
    };
    feed(command.arg(&path), b"")
}

const RUN: [&str; 6] = ["python", "node", "curl", "typescript", "rust", "ks"];
const PARSED: [&str; 5] = ["php", "java", "ruby", "csharp", "go"];

/// The user of the session that stands in what a program printed.
fn user_of(server: &Server, printed: &str) -> Value {
    let is_ks = |word: &&str| word.starts_with("djJ8");
    let ks = printed.split(['"', '\'', ' ', '\n']).find(is_ks).unwrap_or_else(|| panic!("no KS in {printed}"));
    server.good("session.get", &json!({ "session": ks, "ks": server.admin_ks() }))["userId"].clone()
}

#[test]
fn code_that_starts_a_session_with_a_secret_runs() {
    let server = Server::dev();
    let values = json!({ "secret": server.told("adminSecret"), "userId": "it's \"me\" & $you\\", "type": 2,
                         "partnerId": server.partner(), "privileges": "all:*,disableentitlement" });
    for language in RUN {
        let code = code(&server, language, "session.start", &values, "");
        let output = run(language, &code);
        assert_eq!(user_of(&server, output.good()), "it's \"me\" & $you\\", "{code}");
    }
    for language in PARSED {
        let code = code(&server, language, "session.start", &values, "");
        assert!(parse(language, &code).status.success(), "{language}: {code}\n{:?}", parse(language, &code));
    }
}

#[test]
fn code_that_starts_a_session_with_a_password_runs() {
    let server = Server::dev();
    let values = json!({ "loginId": server.told("adminEmail"), "password": server.told("adminPassword"),
                         "partnerId": server.partner() });
    for language in RUN {
        let code = code(&server, language, "user.loginByLoginId", &values, "");
        let output = run(language, &code);
        assert_eq!(user_of(&server, output.good()), server.told("adminEmail"), "{code}");
    }
    for language in PARSED {
        let code = code(&server, language, "user.loginByLoginId", &values, "");
        assert!(parse(language, &code).status.success(), "{language}: {code}\n{:?}", parse(language, &code));
    }
}

#[test]
fn code_with_an_object_and_a_session_runs() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let _ = server.good("user.add", &json!({ "ks": ks, "user": { "objectType": "KalturaUser", "id": "findme" } }));
    let values = json!({ "filter": { "objectType": "KalturaUserFilter", "idEqual": "findme" },
                         "pager": { "objectType": "KalturaFilterPager", "pageSize": 5 } });
    for language in ["node", "curl", "typescript", "rust"] {
        let code = code(&server, language, "user.list", &values, &ks);
        let output = run(language, &code);
        assert!(output.good().contains("findme"), "{code}\n{}", output.out);
    }
    // Python prints an object by its class alone.
    let python = code(&server, "python", "user.list", &values, &ks)
        .replace("print(result)", "print(result.getObjects()[0].getId())");
    assert_eq!(run("python", &python).good().trim(), "findme", "{python}");
    let with_ks = code(&server, "ks", "user.list", &values, &ks).replace("YOUR_SECRET", server.told("adminSecret"));
    assert!(run("ks", &with_ks).good().contains("findme"), "{with_ks}");
    for language in PARSED {
        let code = code(&server, language, "user.list", &values, &ks);
        assert!(parse(language, &code).status.success(), "{language}: {code}\n{:?}", parse(language, &code));
    }
}

#[test]
fn code_that_gets_and_lists_categories_runs() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let category = json!({ "objectType": "KalturaCategory", "name": "Findable lectures" });
    let id = server.good("category.add", &json!({ "ks": ks, "category": category }))["id"].clone();
    let filter = json!({ "filter": { "objectType": "KalturaCategoryFilter", "idEqual": id } });
    for (call, values, print) in [
        ("category.get", json!({ "id": id }), "print(result.getName())"),
        ("category.list", filter, "print(result.getObjects()[0].getName())"),
    ] {
        for language in RUN {
            let code = code(&server, language, call, &values, &ks)
                .replace("YOUR_SECRET", server.told("adminSecret"))
                // Python prints an object by its class alone.
                .replace("print(result)", print);
            let output = run(language, &code);
            assert!(output.good().contains("Findable lectures"), "{code}\n{}", output.out);
        }
        for language in PARSED {
            let code = code(&server, language, call, &values, &ks);
            assert!(parse(language, &code).status.success(), "{language}: {code}\n{:?}", parse(language, &code));
        }
    }
}

#[test]
fn a_tool_that_reads_code_refuses_what_is_none() {
    // The control: broken code is noticed.
    for (language, broken) in [
        ("php", "<?php $a = ;"),
        ("java", "class A { void f( { }"),
        ("ruby", "def ("),
        ("csharp", "class { void"),
        ("go", "package main\nfunc main( {"),
    ] {
        assert!(!parse(language, broken).status.success(), "{language} takes anything");
    }
}

#[test]
fn a_session_minted_by_the_lines_for_clients_that_cannot_is_accepted() {
    let server = Server::dev();
    let snippet = |language: &str| feed(console(&server).args(["--mint", language]), b"").good().to_owned();
    let (secret, partner) = (server.told("adminSecret"), server.partner());
    let call = format!("generateSession({secret:?}, \"me & you\", 2, {partner}, 3600, \"edit:0_a/0_b, *\")");
    let shell = snippet("curl").replace("YOUR_SECRET", secret).replace("partner=102", &format!("partner={partner}"));
    let programs = [
        ("node", format!("{}\nconsole.log({call});", snippet("node"))),
        ("typescript", format!("{}\nconsole.log({call});", snippet("typescript"))),
        ("curl", shell),
    ];
    for (language, code) in programs {
        let printed = run(language, &code).good().trim().to_owned();
        let info = server.good("session.get", &json!({ "ks": printed }));
        let shell = language == "curl";
        assert_eq!(info["userId"], if shell { "me" } else { "me & you" }, "{language}");
        assert_eq!(info["sessionType"], 2);
        assert_eq!(info["privileges"], if shell { "disableentitlement" } else { "edit:0_a/0_b,all:*" });
    }
    for language in ["node", "typescript", "go", "curl"] {
        let lines = snippet(language).trim_end().lines().count();
        assert!(lines <= 25, "{language} takes {lines} lines");
    }
}

#[test]
fn the_client_page_says_what_is_checked() {
    let server = Server::dev();
    let page = server.send(&Request::get("/api_v3/testme/client-libs.php")).text();
    let table = page.split("id=\"checked\"").nth(1).and_then(|rest| rest.split("</table>").next()).unwrap();
    let mut said = Vec::new();
    for row in table.split("<tr>").skip(2) {
        let name = row.split("</a></th>").next().and_then(|head| head.rsplit('>').next()).unwrap();
        let badge = row.split("class=\"badge").nth(1).and_then(|rest| rest.split('>').nth(1)).unwrap();
        said.push((name.to_owned(), badge.trim_end_matches("</span").to_owned()));
    }
    let said: Vec<(&str, &str)> = said.iter().map(|(name, state)| (name.as_str(), state.as_str())).collect();
    assert_eq!(said, CHECKED);
    let languages = feed(console(&server).arg("--languages"), b"").good().to_owned();
    assert_eq!(languages.lines().collect::<Vec<_>>(), CHECKED.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}
