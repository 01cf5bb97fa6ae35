//! The worked example of `ks-token`: a service that verifies sessions by itself.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use ks_tests::http::Request;
use ks_tests::server::run;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn token(words: &[&str]) -> String {
    let all = [&["generate", "--partner", "102", "--secret", SECRET], words].concat();
    run(&all).good().trim().to_owned()
}

#[test]
fn a_service_of_ones_own_tells_sessions_apart() {
    let path = ks_tests::root().join("crates/ks-token/examples/verify.rs");
    let program = ks_tests::rust::compile(&std::fs::read_to_string(path).unwrap());
    let mut command = program.command();
    let mut child = command.env("KS_SECRET", format!("older,{SECRET}")).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().trim_start_matches("http://").parse().unwrap();
    let ask = |token: &str| {
        let request = Request::get("/lectures/0_abc").header("Authorization", &format!("Bearer {token}"));
        let answer = request.send(address).unwrap();
        (answer.status, answer.text())
    };
    let good = ask(&token(&["--user", "me", "--privileges", "edit:0_abc"]));
    let admin = ask(&token(&["--user", "me", "--type", "admin"]));
    let another = ask(&token(&["--user", "me", "--privileges", "edit:0_def"]));
    let expired = ask(&token(&["--user", "me", "--expiry", "-1"]));
    let elsewhere = ask(&token(&["--privileges", "edit:0_abc,iprestrict:203.0.113.7"]));
    let nonsense = ask("nonsense");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(good, (200, "Good day, me.".to_owned()));
    assert_eq!(admin, good);
    assert_eq!(another, (403, "This session may not edit this lecture.".to_owned()));
    assert_eq!(expired, (401, "This session is over.".to_owned()));
    assert_eq!(elsewhere, expired);
    assert_eq!(nonsense, (401, "This session is not known.".to_owned()));
}
