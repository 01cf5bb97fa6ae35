//! When a category seems to be missing: the page that shows the answer, word for word, and the cure.

use std::path::Path;

use ks_tests::account::eventually;
use ks_tests::programs::{feed, program, python, script};
use ks_tests::server::{Server, run, run_command};
use serde_json::json;

/// The answer as the page has it.
const PAGE: &str = r#"
<xml>
  <result>
    <error>
      <objectType>KalturaAPIException</objectType>
      <code>CATEGORY_NOT_FOUND</code>
      <message>Category id "204796843" not found</message>
      <args>
        <item>
          <objectType>KalturaApiExceptionArg</objectType>
          <name>ID</name>
          <value>204796843</value>
        </item>
      </args>
    </error>
  </result>
  <executionTime>0.034766912460327</executionTime>
</xml>
"#;

/// Without white space between elements, the declaration in front, and the time.
fn essence(body: &str) -> String {
    let body = body.trim().trim_start_matches("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    let mut out: String = body.split('>').map(|part| format!("{}>", part.trim_start())).collect();
    out.pop();
    let (before, after) = out.split_once("<executionTime>").unwrap_or_else(|| panic!("no time in {out}"));
    let (time, after) = after.split_once("</executionTime>").unwrap_or_else(|| panic!("no end of the time in {out}"));
    assert!(time.parse::<f64>().is_ok_and(|seconds| seconds >= 0.0), "{time}");
    format!("{before}<executionTime></executionTime>{after}")
}

/// A server whose account enforces entitlement, and a category there that has a context.
fn scene(data: &Path) -> (Server, i64) {
    let server = Server::serve(data);
    let root = server.start_ks(2, "root", "disableentitlement");
    let category = json!({"ks": root, "category": {"name": "Campus", "privacyContext": "campus"}});
    let id = server.good("category.add", &category)["id"].as_i64().expect("an id");
    let folder = data.to_string_lossy();
    let partner = server.partner().to_string();
    let _ = run(&["partner", "set", &partner, "--enforce-entitlement", "on", "--data-dir", &folder]).good();
    let plain = json!({"ks": server.start_ks(2, "root", ""), "id": id});
    eventually("entitlement is enforced", || server.call("category.get", &plain)["code"] == "CATEGORY_NOT_FOUND");
    (server, id)
}

#[test]
fn the_answer_is_the_pages_and_the_cure_helps() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let (server, id) = scene(data.path());
    let curl = |action: &str, fields: &[String]| -> String {
        let mut command = program("curl");
        command.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", "60"]);
        command.arg(format!("{}/api_v3/service/{action}", server.url));
        fields.iter().for_each(|field| {
            command.args(["--data-urlencode", field]);
        });
        run_command(&mut command).good().to_owned()
    };
    let start = |privileges: &str| {
        let fields = [
            format!("secret={}", server.told("adminSecret")),
            format!("partnerId={}", server.partner()),
            "type=2".to_owned(),
            format!("privileges={privileges}"),
        ];
        let body = curl("session/action/start", &fields);
        let (_, rest) = body.split_once("<result>").expect("a result");
        rest.split_once("</result>").expect("its end").0.to_owned()
    };
    let get = |ks: &str, id: i64| curl("category/action/get", &[format!("ks={ks}"), format!("id={id}")]);
    let plain = start("");
    // For a category that exists, and for one that never did, but for the number in them.
    // The page shows the text as a browser does; in XML a quotation mark is escaped.
    let page = essence(PAGE).replace('"', "&quot;");
    assert_eq!(essence(&get(&plain, id)), page.replace("204796843", &id.to_string()));
    assert_eq!(essence(&get(&plain, 204_796_843)), page);
    let cured = get(&start("all:*,disableentitlement"), id);
    assert!(cured.contains("<result><objectType>KalturaCategory</objectType>"), "{cured}");
    assert!(cured.contains(&format!("<id>{id}</id>")) && cured.contains("<name>Campus</name>"), "{cured}");
}

#[test]
fn the_python_client_sees_the_same() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let (server, id) = scene(data.path());
    let mut command = script(python(), "python/missing.py", &server);
    let seen = feed(command.env("KS_TEST_CATEGORY", id.to_string()), b"").json();
    let message = format!("Category id \"{id}\" not found");
    assert_eq!(seen["missing"][0], "CATEGORY_NOT_FOUND");
    assert_eq!(seen["missing"][1], message);
    assert_eq!(seen["cured"], json!(["KalturaCategory", id, "Campus"]));
}
