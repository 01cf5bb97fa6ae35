//! Texts that must not be seen again.

use serde_json::json;

use crate::body::{Part, form, multipart};
use crate::call::path;
use crate::http::Request;
use crate::server::Server;

/// A text that appears nowhere else. Each place gets its own, so that a leak names its place.
#[derive(Debug, Default)]
pub struct Canaries(Vec<(String, String)>);

impl Canaries {
    /// The next one, for a place.
    pub fn next(&mut self, place: &str) -> String {
        let canary = format!("c4n4ry{:04}{:x}", self.0.len(), std::process::id());
        self.0.push((place.to_owned(), canary.clone()));
        canary
    }

    /// Those that were given out: the place, and the text.
    #[must_use]
    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Every way in which a parameter can be sent.
fn places(canaries: &mut Canaries, name: &str, param: &str) -> Vec<Request> {
    let target = path(name);
    let mut next = |place: &str| canaries.next(&format!("{name} {param} in {place}"));
    let json_type = "application/json";
    let form_type = "application/x-www-form-urlencoded";
    let part = next("a part");
    let json_part = json!({param: next("a json part")}).to_string();
    let parts = |name, data: &str| multipart("b1", &[Part { name, file: None, data: data.as_bytes() }]);
    let file =
        multipart("b1", &[Part { name: param, file: Some(&next("a file name")), data: next("a file").as_bytes() }]);
    let multi = path("multirequest");
    let (service, action) = name.split_once('.').expect("a call");
    vec![
        Request::get(&format!("{target}?{param}={}", next("a query"))),
        Request::get(&format!("{target}/{param}/{}", next("a path"))),
        Request::get(&format!("/api_v3/index.php/service/{service}/action/{action}/{param}/{}", next("an old path"))),
        Request::post(&target, form_type, form(&[(param, &next("a form"))])),
        Request::post(&target, form_type, form(&[(&format!("{param}:x"), &next("a nested form"))])),
        Request::post(&target, json_type, json!({param: next("JSON")}).to_string()),
        Request::post(&target, json_type, json!({param: {"x": next("nested JSON")}}).to_string()),
        Request::post(&target, json_type, format!("{{\"{param}\":\"{}\"", next("broken JSON"))),
        Request::post(&target, "text/plain", format!("{param}={}", next("a body of no type"))),
        Request::post(&target, "multipart/form-data; boundary=b1", parts(param, &part)),
        Request::post(&target, "multipart/form-data; boundary=b1", parts("json", &json_part)),
        Request::post(&target, "multipart/form-data; boundary=b1", file),
        Request::post(
            &multi,
            json_type,
            json!({"1": {"service": service, "action": action, param: next("a batch")}}).to_string(),
        ),
        Request::post(
            &multi,
            json_type,
            json!({param: next("the top of a batch"), "1": {"service": service, "action": action}}).to_string(),
        ),
        Request::get(&format!("{target}?{}=1", next("a name"))),
        Request::get(&target).header("Cookie", &format!("ks={}", next("a cookie"))),
        Request::get(&target).header("Authorization", &format!("Bearer {}", next("an authorization"))),
        Request::get(&target).header("Referer", &format!("http://127.0.0.1/?ks={}", next("a referer"))),
        Request::get(&format!("{target}?format={}", next("a format"))),
        Request::get(&format!("{target}?format=9&callback={}%28", next("a callback"))),
    ]
}

/// Sends what must not be seen again to a server in every way.
///
/// # Panics
///
/// When an answer does not come.
pub fn send_everywhere(server: &Server, canaries: &mut Canaries) {
    for (name, param) in [
        ("session.start", "secret"),
        ("session.start", "ks"),
        ("session.get", "session"),
        ("session.impersonate", "secret"),
        ("ks_secret.add", "value"),
        ("ks_session.revoke", "session"),
        ("appToken.startSession", "tokenHash"),
        ("partner.register", "cmsPassword"),
        ("partner.getSecrets", "cmsPassword"),
        ("system.ping", "ks"),
        // Where nobody expects one: a wrong parameter, a wrong action, a wrong service.
        ("session.start", "userid"),
        ("session.start", "password"),
        ("session.nothing", "secret"),
        ("nothing.nothing", "secret"),
    ] {
        for request in places(canaries, name, param) {
            let _ = server.send(&request);
        }
    }
}
