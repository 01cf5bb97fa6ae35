//! What is told, and what never is. Names are those of OpenTelemetry's semantic conventions, and of W3C's trace context.

use ks_test_cluster::{Cluster, Durability};
use ks_tests::call::path;
use ks_tests::canary::{Canaries, send_everywhere};
use ks_tests::collector::{Collector, Told};
use ks_tests::http::Request;
use ks_tests::server::Server;
use serde_json::{Value, json};

use crate::{dev, ks};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn parts<'a>(spans: &'a [Told], of: &Told) -> Vec<&'a Told> {
    let mut parts: Vec<&Told> = spans.iter().filter(|span| span.parent == of.id).collect();
    parts.sort_by_key(|span| span.times);
    parts
}

fn json_call(name: &str, params: &Value) -> Request {
    Request::post(&path(name), "application/json", params.to_string())
}

#[test]
fn a_request_is_a_part_of_the_callers_trace_and_has_its_own() {
    let collector = Collector::start();
    let server = Server::start(&mut dev(&collector));
    let ks = server.admin_ks();
    let call = json_call("user.list", &json!({"ks": ks})).header("traceparent", &format!("00-{TRACE}-{PARENT}-01"));
    let answer = server.send(&call);
    let request = collector.request(|span| span.trace == TRACE);
    assert_eq!((request.name.as_str(), request.parent.as_str(), request.status), ("POST /api_v3", PARENT, 0));
    let id = answer.header("X-Kaltura-Session").expect("an id");
    let expected = json!({
        "http.request.method": "POST",
        "http.route": "/api_v3",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "url.path": "/api_v3/service/user/action/list",
        "server.address": "127.0.0.1",
        "server.port": server.addr.port(),
        "ks.request_id": id,
    });
    assert_eq!(json!(request.attributes), expected);
    assert_eq!(request.resource["service.name"], "ks");
    assert_eq!(request.resource["ks.node"], "ks");

    let spans = collector.trace(TRACE);
    let [call] = parts(&spans, &request)[..] else { panic!("{spans:#?}") };
    assert_eq!((call.name.as_str(), call.kind, call.status), ("user.list", 1, 0));
    let expected = json!({"ks.service": "user", "ks.action": "list", "ks.partner_id": server.partner()});
    assert_eq!(json!(call.attributes), expected);
    let statements = parts(&spans, call);
    assert!(!statements.is_empty(), "{spans:#?}");
    for statement in &statements {
        assert_eq!((statement.kind, &statement.attributes["db.system.name"]), (3, &json!("sqlite")), "{statement:?}");
        assert_eq!(statement.attributes["db.operation.name"], "SELECT", "{statement:?}");
        assert!(statement.times.0 >= call.times.0 && statement.times.1 <= call.times.1, "{statement:?}");
    }
    assert_eq!(spans.len(), 2 + statements.len(), "{spans:#?}");
}

#[test]
fn each_part_of_a_multirequest_has_its_own() {
    let collector = Collector::start();
    let server = Server::start(&mut dev(&collector));
    let answer = server.multi(&[
        json!({"service": "system", "action": "ping"}),
        json!({"service": "session", "action": "get", "ks": "canary"}),
        json!({"service": "nothing", "action": "nothing"}),
    ]);
    assert_eq!(answer[1]["code"], "INVALID_KS", "{answer}");
    let request = collector.request(|span| span.attributes["url.path"] == "/api_v3/service/multirequest");
    let spans = collector.trace(&request.trace);
    assert_eq!(request.parent, "");
    let told: Vec<_> = parts(&spans, &request).iter().map(|it| (it.name.clone(), json!(it.attributes))).collect();
    let expected = [
        ("system.ping".to_owned(), json!({"ks.service": "system", "ks.action": "ping"})),
        ("session.get".to_owned(), json!({"ks.service": "session", "ks.action": "get", "ks.error_code": "INVALID_KS"})),
        ("call".to_owned(), json!({"ks.error_code": "SERVICE_DOES_NOT_EXISTS"})),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_change_has_its_statements() {
    let collector = Collector::start();
    let server = Server::start(&mut dev(&collector));
    let ks = server.admin_ks();
    let user = json!({"objectType": "KalturaUser", "id": "someone"});
    let _ = server.good("user.add", &json!({"ks": ks, "user": user}));
    let request = collector.request(|span| span.attributes["url.path"] == "/api_v3/service/user/action/add");
    let spans = collector.trace(&request.trace);
    let [call] = parts(&spans, &request)[..] else { panic!("{spans:#?}") };
    let changes: Vec<_> = parts(&spans, call).into_iter().filter(|span| span.name == "write").collect();
    let told: Vec<&str> = changes.iter().flat_map(|change| parts(&spans, change)).map(|it| it.name.as_str()).collect();
    assert!(told.contains(&"INSERT change_log"), "{spans:#?}");
}

#[test]
fn postgresql_is_told_by_its_name() {
    let cluster = Cluster::start(Durability::None).expect("a cluster");
    let (folder, database) = (tempfile::tempdir().expect("a folder"), cluster.database().expect("a database"));
    let collector = Collector::start();
    let mut command = ks();
    command.args(["serve", "--listen", "127.0.0.1:0", "--json", "--otlp-endpoint", &collector.url]);
    command.args(["--database", &database, "--key-file"]).arg(folder.path().join("ks.key"));
    let server = Server::start(&mut command);
    let user = json!({"objectType": "KalturaUser", "id": "someone"});
    let _ = server.good("user.add", &json!({"ks": server.admin_ks(), "user": user}));
    let request = collector.request(|span| span.attributes["url.path"] == "/api_v3/service/user/action/add");
    let spans = collector.trace(&request.trace);
    let statements: Vec<&Told> = spans.iter().filter(|span| span.kind == 3).collect();
    assert!(statements.iter().any(|span| span.name == "INSERT change_log"), "{spans:#?}");
    assert!(statements.iter().any(|span| span.name.starts_with("SELECT ")), "{spans:#?}");
    assert!(statements.iter().all(|span| span.attributes["db.system.name"] == "postgresql"), "{spans:#?}");
}

/// A fault of the server's own is one of the span; other errors are answers.
#[test]
fn a_fault_of_the_server_is_an_error() {
    let collector = Collector::start();
    let server = Server::start(&mut dev(&collector));
    for (code, trace) in [("INTERNAL_DATABASE_ERROR", TRACE), ("SERVICE_FORBIDDEN", "0af7651916cd43dd8448eb211c80319d")]
    {
        let fault = json!({"service": "system", "action": "ping", "code": code, "times": 1});
        let fault = Request::post("/_dev/faults", "application/json", fault.to_string());
        let set = server.send(&fault.header("X-Ks-Dev-Key", server.told("devKey")));
        assert_eq!(set.status, 200, "{set:?}");
        let ping = json_call("system.ping", &json!({"format": 1}));
        let answer = server.send(&ping.header("traceparent", &format!("00-{trace}-{PARENT}-01"))).json();
        assert_eq!(answer["code"], code, "{answer}");
        let request = collector.request(|span| span.trace == trace);
        let spans = collector.trace(&request.trace);
        let [call] = parts(&spans, &request)[..] else { panic!("{spans:#?}") };
        let is_fault = code.starts_with("INTERNAL");
        assert_eq!(call.status, if is_fault { 2 } else { 0 }, "{call:?}");
        assert_eq!(call.attributes.get("error.type"), is_fault.then(|| json!(code)).as_ref(), "{call:?}");
        assert_eq!(request.status, 0, "it was answered: {request:?}");
    }
}

#[test]
fn of_a_callers_trace_nothing_but_its_number_is_taken_over() {
    let collector = Collector::start();
    let server = Server::start(&mut dev(&collector));
    let ping = || Request::get("/api_v3/service/system/action/ping");
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let told = ping().header("traceparent", &parent).header("tracestate", "a=c4n4ry").header("baggage", "b=c4n4ry");
    assert_eq!(server.send(&told).status, 200);
    let request = collector.request(|span| span.trace == TRACE);
    assert_eq!(request.parent, PARENT);
    // What is malformed, and what is there twice, begins a trace of its own.
    for wrong in ["c4n4ry", "00-0-0-01", "ff-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-01"] {
        assert_eq!(server.send(&ping().header("traceparent", wrong)).status, 200);
    }
    assert_eq!(server.send(&ping().header("traceparent", &parent).header("traceparent", &parent)).status, 200);
    // A method is any word, too.
    assert!(server.send(&ping().method("C4N4RY")).status < 500);
    let last = collector.request(|span| span.attributes["http.request.method"] == "_OTHER");
    assert_eq!(last.name, "HTTP /api_v3");
    let spans = collector.spans();
    let requests = || spans.iter().filter(|span| span.kind == 2);
    assert_eq!(requests().filter(|span| span.trace == TRACE).count(), 1, "{spans:#?}");
    assert_eq!(requests().count(), 6, "{spans:#?}");
    assert!(!contains(&collector.raw(), "c4n4ry") && !contains(&collector.raw(), "C4N4RY"));
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn what_is_secret_never_reaches_a_span() {
    let collector = Collector::start();
    let mut command = dev(&collector);
    // Enough room for all of them: none is to go unseen.
    let mut server = Server::start(command.env("OTEL_BSP_MAX_QUEUE_SIZE", "100000").args(["--log", "off"]));
    let mut canaries = Canaries::default();
    send_everywhere(&server, &mut canaries);
    for place in ["/console", "/api-docs", "/auth/verify", "/auth/ext_authz", "/assets", "", "/api_v3/testme", "/_dev"]
    {
        let _ = server.send(&Request::get(&format!("{place}/{}?ks={0}", canaries.next(place))));
    }
    let ping = || Request::get("/api_v3/service/system/action/ping");
    for header in ["Host", "traceparent", "tracestate", "baggage", "User-Agent", "X-Forwarded-For", "Origin"] {
        let _ = server.send(&ping().header(header, &canaries.next(header)));
    }
    let _ = server.send(&ping().method(&canaries.next("a method")));

    // Real ones, and what people are called by: used, refused, written, looked for, ended.
    let root = server.admin_ks();
    let ks = server.start_ks(2, "someone", "sessionid:x");
    let (name, password) = (canaries.next("a name"), canaries.next("a password"));
    let email = format!("{}@example.invalid", canaries.next("an address"));
    let user = json!({"objectType": "KalturaUser", "id": name, "email": email, "fullName": canaries.next("a full name"),
        "isAdmin": true, "password": format!("{password}Aa1!"), "loginEnabled": true});
    let _ = server.good("user.add", &json!({"ks": root, "user": user}));
    let login = json!({"loginId": email, "password": format!("{password}Aa1!"), "partnerId": server.partner()});
    let logged_in = server.call("user.loginByLoginId", &login);
    let _ = server.call("user.get", &json!({"ks": root, "userId": name}));
    let filter = json!({"objectType": "KalturaUserFilter", "idOrScreenNameStartsWith": name, "emailStartsWith": email});
    let _ = server.call("user.list", &json!({"ks": root, "filter": filter}));
    let entry = json!({"objectType": "KalturaMediaEntry", "name": canaries.next("an entry"), "mediaType": 1,
        "tags": canaries.next("a tag"), "referenceId": canaries.next("a reference")});
    let _ = server.good("media.add", &json!({"ks": root, "entry": entry}));
    let filter = json!({"objectType": "KalturaMediaEntryFilter", "freeText": canaries.next("a search"),
        "tagsLike": canaries.next("a tag's search"), "idIn": canaries.next("an id")});
    let _ = server.call("media.list", &json!({"ks": root, "filter": filter}));
    let added = server.good("ks_secret.add", &json!({"ks": root}));
    let _ = server.send(&Request::get(&format!("{}/ks/{ks}", path("session.get"))));
    let _ = server.send(&Request::get(&format!("{}?ks={ks}", path("session.get"))));
    let _ = server.call("session.end", &json!({"ks": ks}));
    let last = canaries.next("the last");
    let _ = server.call("session.get", &json!({"ks": ks, "last": last}));

    let mut secrets: Vec<(String, String)> = canaries.all().to_vec();
    for (place, value) in
        [("an administrator", json!(root)), ("a session", json!(ks)), ("a secret", added["value"].clone())]
    {
        secrets.push((place.to_owned(), value.as_str().expect("a text").to_owned()));
    }
    let logged_in = logged_in.as_str().expect("a login gives a session");
    secrets.push(("a login".to_owned(), logged_in.to_owned()));
    for name in ["adminSecret", "userSecret", "adminPassword", "adminEmail", "devKey"] {
        secrets.push((name.to_owned(), server.told(name).to_owned()));
    }
    assert!(server.terminate().success());
    let (raw, spans) = (collector.raw(), collector.spans());
    assert!(spans.len() > 500, "so few were told that nothing was looked at: {}", spans.len());
    assert!(contains(&raw, "/api_v3/service/session/action/start"), "what is told can be found");
    for (place, secret) in &secrets {
        assert!(!secret.is_empty(), "{place}");
        // Not cut either.
        for part in [secret.as_str(), secret.get(..secret.len().min(40)).unwrap_or(secret)] {
            assert!(!contains(&raw, part), "leaked from {place}: {:#?}", holding(&spans, part));
        }
    }
    // No event, no link, no state, no description: nothing but names, numbers and attributes that are known.
    const KNOWN: [&str; 17] = [
        "db.collection.name",
        "db.operation.name",
        "db.system.name",
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "ks.action",
        "ks.error_code",
        "ks.partner_id",
        "ks.request_id",
        "ks.service",
        "server.address",
        "server.port",
        "url.path",
        "url.scheme",
        "",
    ];
    for span in &spans {
        assert_eq!(span.others, 0, "{span:?}");
        assert!(span.attributes.keys().all(|name| KNOWN.contains(&name.as_str())), "{span:?}");
    }
}

fn holding(spans: &[Told], text: &str) -> Vec<Told> {
    spans.iter().filter(|span| format!("{span:?}").contains(text)).cloned().collect()
}
