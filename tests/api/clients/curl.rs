//! The way of the README: curl, from session.start to session.end.

use ks_tests::programs::program;
use ks_tests::server::{Server, run_command};
use ks_tests::text::{assert_whole, normal};

fn curl(args: &[&str]) -> String {
    let mut command = program("curl");
    command.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", "60"]).args(args);
    run_command(&mut command).good().to_owned()
}

#[test]
fn curl_starts_uses_and_ends_a_session() {
    let server = Server::dev();
    let at = |path: &str| format!("{}/api_v3/service/{path}", server.url);
    let secret = format!("secret={}", server.told("adminSecret"));
    let partner = format!("partnerId={}", server.partner());

    let fields = ["-d", &secret, "-d", &partner, "-d", "type=2", "-d", "userId=alice", "-d", "privileges=edit:*"];
    let start = at("session/action/start");
    let xml = curl(&[&[start.as_str()], &fields[..]].concat());
    assert_whole(
        &normal(&xml),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result>{ks}</result>\
         <executionTime>{time}</executionTime></xml>",
    );
    let json = curl(&[&[start.as_str(), "-d", "format=1"], &fields[..]].concat());
    assert_whole(&normal(&json), "\"{ks}\"");

    let ks = json.trim_matches('"');
    let get = at("session/action/get");
    let info = curl(&["--get", &get, "--data-urlencode", &format!("ks={ks}"), "-d", "format=1"]);
    let expiry = expiry(&info);
    let expected = format!(
        "{{\"sessionType\":2,\"partnerId\":{},\"userId\":\"alice\",\"expiry\":{expiry},\"privileges\":\"edit:*\",\
         \"objectType\":\"KalturaSessionInfo\"}}",
        server.partner()
    );
    assert_whole(&info, &expected);

    // A form of several parts, as `curl -F` writes it.
    let parts = curl(&[&get, "-F", &format!("ks={ks}"), "-F", "format=1"]);
    assert_whole(&parts, &expected);
    // JSON, compressed if the server likes.
    let body = format!("{{\"ks\":\"{ks}\",\"format\":1}}");
    let packed = curl(&["--compressed", "-H", "Content-Type: application/json; charset=utf-8", "-d", &body, &get]);
    assert_whole(&packed, &expected);

    assert_whole(&curl(&[&at("session/action/end"), "-d", &format!("ks={ks}"), "-d", "format=1"]), "null");
    let refused = curl(&[&get, "-d", &format!("ks={ks}"), "-d", "format=1"]);
    assert_whole(
        &refused,
        r#"{"code":"INVALID_KS","message":"Invalid KS \"LOGOUT\", Error \"-1,INVALID_STR\"","objectType":"KalturaAPIException","args":{"KSID":"LOGOUT","ERR_CODE":"-1","ERR_DESC":"INVALID_STR"}}"#,
    );
}

fn expiry(info: &str) -> i64 {
    let value: serde_json::Value = serde_json::from_str(info).unwrap_or_else(|error| panic!("{error} in {info}"));
    value["expiry"].as_i64().unwrap_or_else(|| panic!("no expiry in {info}"))
}
