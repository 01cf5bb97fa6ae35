//! The README's code, run as it stands there.

use ks_tests::programs::{feed, node, program, python};
use ks_tests::server::{Server, binary};

/// The blocks that are marked with `run`, as `(language, code)`.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```").and_then(|info| info.strip_suffix(" run")) {
            let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((language.to_owned(), code.join("\n") + "\n"));
        }
    }
    found
}

#[test]
fn every_runnable_block_of_the_readme_runs() {
    let server = Server::dev();
    let text = std::fs::read_to_string(ks_tests::root().join("README.md")).unwrap();
    let blocks = blocks(&text);
    let languages: Vec<&str> = blocks.iter().map(|(language, _)| language.as_str()).collect();
    assert_eq!(
        languages,
        ["sh", "python", "js", "sh", "sh", "python", "rust"],
        "the README has lost or gained runnable code"
    );
    for (language, code) in blocks {
        let code = code.replace("http://127.0.0.1:8080", &server.url);
        let output = match language.as_str() {
            "sh" => {
                let mut shell = program("sh");
                let folder = binary().parent().unwrap().to_owned();
                let path = std::env::var("PATH").unwrap_or_default();
                shell.env("PATH", format!("{}:{path}", folder.display())).arg("-eu");
                feed(&mut shell, code.as_bytes())
            }
            "python" => feed(python().arg("-"), code.as_bytes()),
            "js" => feed(node().arg("-"), code.as_bytes()),
            "rust" => {
                assert!(code.lines().count() <= 15, "a first program is short");
                ks_tests::rust::compile(&code).run()
            }
            other => panic!("nobody runs {other}"),
        };
        let last = output.good().lines().last().unwrap_or_default().trim_matches('"').to_owned();
        if language == "sh" {
            // A token: the server knows whose it is.
            let info = server.call("session.get", &serde_json::json!({ "session": last, "ks": server.admin_ks() }));
            let user = if code.contains("loginByLoginId") { "dev@example.invalid" } else { "me" };
            assert_eq!(info["userId"], user, "{code}");
        } else if language == "rust" {
            assert_eq!(output.good(), "Lectures\n", "{code}");
        } else {
            assert_eq!(last, "me", "{code}");
        }
    }
}
