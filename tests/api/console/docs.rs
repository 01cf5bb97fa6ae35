//! The documentation and the schema against the published contract.

use std::collections::{BTreeMap, BTreeSet};

use ks_tests::contract;
use ks_tests::http::Request;
use ks_tests::programs::{feed, python};
use ks_tests::server::Server;
use serde_json::{Value, json};

use crate::conformance::differences::KNOWN;

/// Whether it is known, with its reason, that something is declared otherwise than it is published.
fn is_known(what: &str) -> bool {
    let what = what.to_lowercase();
    KNOWN.iter().any(|(known, _)| known.to_lowercase().starts_with(&what))
}

/// Fails where two things differ and nobody knows why.
#[track_caller]
fn agree(what: &str, ours: &Value, published: &Value) {
    assert!(ours == published || is_known(what), "{what}: ours {ours}, published {published}");
}

/// Our services, as the console lists them, with their actions.
fn served(server: &Server) -> Vec<(String, Vec<String>)> {
    let page = server.send(&Request::get("/api_v3/testme/")).text();
    let json = page.split("id=\"services\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("services");
    let services: Value = serde_json::from_str(json).expect("JSON");
    let service = |it: &Value| {
        let actions = it["actions"].as_array().expect("actions").iter();
        let names = actions.map(|action| action["name"].as_str().unwrap_or_default().to_owned());
        (it["id"].as_str().unwrap_or_default().to_owned(), names.collect())
    };
    services.as_array().expect("a list").iter().map(service).collect()
}

#[test]
fn every_action_is_documented_with_its_parameters_and_errors() {
    let server = Server::dev();
    let contract = contract::load();
    let mut seen = 0;
    for (service, actions) in served(&server) {
        let Some(published) = contract::service(&contract, &service) else {
            assert!(service.starts_with("ks_"), "{service} is not published");
            continue;
        };
        for action in actions {
            let info = &published["actions"][&action];
            let page = server.send(&Request::get(&format!("/api_v3/testmeDoc/?action={service}.{action}"))).text();
            let params = info["params"].as_array().expect("parameters").iter().filter_map(|it| it["name"].as_str());
            let throws = ["throws", "throwsInBody"].iter().flat_map(|key| info[*key].as_array().into_iter().flatten());
            for word in params.chain(throws.filter_map(Value::as_str)) {
                let cell = format!("<th scope=\"row\"><code>{word}</code></th>");
                let known = is_known(&format!("{service}.{action} throws"));
                assert!(known || page.contains(&cell), "{service}.{action} does not tell of {word}");
            }
            assert!(page.contains(&format!("?service={service}&amp;action={action}\">Open in the Test Console")));
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen} actions");
}

#[test]
fn defaults_deprecations_and_permissions_are_told() {
    let server = Server::dev();
    let page = server.send(&Request::get("/api_v3/testmeDoc/?action=session.start")).text();
    for text in [
        "<h1>session.start</h1>",
        "<code>USER (0)</code>",
        "<code>86400</code>",
        "<code>START_SESSION_ERROR</code>",
        "<code>ALWAYS_ALLOWED_ACTIONS</code>",
        "Everybody, with any session or without one.",
        "POST /api_v3/service/session/action/start",
        "&#60;xml&#62;",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
    // The older spelling of a link, without a dot.
    let same = server.send(&Request::get("/api_v3/testmeDoc/?action=start&service=SESSION")).text();
    assert!(same.contains("<h1>session.start</h1>"));
    let page = server.send(&Request::get("/api_v3/testmeDoc/?service=adminUser")).text();
    assert!(page.contains("deprecated"), "adminUser is the older name of user");
    let page = server.send(&Request::get("/api_v3/testmeDoc/?enum=KalturaSessionType")).text();
    assert!(page.contains("<code>ADMIN</code></th><td><code>2</code>"));
    let page = server.send(&Request::get("/api_v3/testmeDoc/?object=KalturaUserFilter")).text();
    assert!(page.contains("?enum=KalturaUserOrderBy"), "its orders are linked");
}

#[test]
fn what_is_not_there_is_said_and_nothing_sent_becomes_markup() {
    let server = Server::dev();
    for kind in ["service", "action", "object", "enum"] {
        let page = server.send(&Request::get(&format!("/api_v3/testmeDoc/?{kind}=%3Cscript%3Ealert(1)%3C/script%3E")));
        assert_eq!(page.status, 404, "{kind}");
        assert!(!page.text().contains("<script>alert"), "{kind}");
    }
    let page = server.send(&Request::get("/api_v3/testmeDoc/?q=%3Cb%3Esession")).text();
    assert!(page.contains("Nothing has all of") && !page.contains("<b>session"));
    let page = server.send(&Request::get("/api_v3/testmeDoc/?q=Start+SESSION")).text();
    assert!(page.contains("?action=session.start\"><code>session.start</code>"));
    assert_eq!(server.send(&Request::get("/api_v3/xsdDoc/?type=%3Cb%3E")).status, 404);
    assert_eq!(server.send(&Request::get("/api_v3/testmeDoc")).header("location"), Some("/api_v3/testmeDoc/"));
    // A form is read with GET; the API still answers what is sent to it.
    let posted = server.send(&Request::post("/api_v3/testme/", "application/x-www-form-urlencoded", ""));
    assert!(!posted.text().contains("<!doctype html>"));
}

/// Reads `KalturaClient.xml` with Python's parser, as nested lists of `[tag, attributes, children]`.
fn parsed(xml: &str) -> Value {
    const READ: &str = "import sys, json, xml.etree.ElementTree as E\n\
        def f(e): return [e.tag, e.attrib, [f(c) for c in e]]\n\
        print(json.dumps(f(E.fromstring(sys.stdin.buffer.read()))))";
    feed(python().args(["-c", READ]), xml.as_bytes()).json()
}

/// The children of an element that have this tag, by an attribute.
fn by_name<'a>(element: &'a Value, tag: &str, key: &str) -> BTreeMap<&'a str, &'a Value> {
    let children = element[2].as_array().expect("children").iter().filter(|child| child[0] == tag);
    children.map(|child| (child[1][key].as_str().unwrap_or_default(), child)).collect()
}

fn schema(server: &Server) -> String {
    let answer = server.send(&Request::get("/api_v3/api_schema.php"));
    assert_eq!(answer.header("content-type"), Some("text/xml; charset=utf-8"));
    answer.text()
}

#[test]
fn kaltura_client_xml_is_what_it_was() {
    let xml = schema(&Server::dev());
    let path = ks_tests::root().join("tests/data/KalturaClient.xml");
    if std::env::var_os("KS_UPDATE").is_some() {
        std::fs::write(&path, &xml).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == xml,
        "tests/data/KalturaClient.xml is stale: run `KS_UPDATE=1 cargo test -p ks-tests kaltura_client_xml`"
    );
}

/// The attributes of a type, as the contract's words have it.
fn type_of(attributes: &Value) -> Value {
    json!([attributes["type"], attributes["enumType"], attributes["arrayType"], attributes["isTime"] == "1"])
}

fn published_type(info: &Value) -> Value {
    json!([info["type"], info["enumType"], info["arrayType"], info["serverType"] == "time"])
}

#[test]
fn kaltura_client_xml_agrees_with_the_contract() {
    let root = parsed(&schema(&Server::dev()));
    let contract = contract::load();
    assert_eq!(root[0], "xml");
    assert!(root[1]["generatedDate"].as_str().is_some_and(|it| it.parse::<u64>().is_ok()));
    let parts: Vec<&str> = root[2].as_array().expect("parts").iter().filter_map(|it| it[0].as_str()).collect();
    assert_eq!(parts, ["enums", "classes", "services", "plugins", "errors", "configurations"]);
    let part = |name: &str| root[2].as_array().expect("parts").iter().find(|it| it[0] == name).expect("a part");

    let (mut services, mut actions) = (0, 0);
    for (id, service) in by_name(part("services"), "service", "id") {
        let Some(published) = contract::service(&contract, id) else { continue };
        services += 1;
        for (name, action) in by_name(service, "action", "name") {
            let info = &published["actions"][name];
            actions += 1;
            let required = match info["ksType"].as_str() {
                Some("ignored") => "none",
                Some("optional") => "optional",
                _ => "always",
            };
            assert_eq!(action[1]["sessionRequired"], required, "{id}.{name}");
            let params = by_name(action, "param", "name");
            for param in info["params"].as_array().expect("parameters") {
                let param_name = param["name"].as_str().expect("a name");
                let what = format!("{id}.{name}({param_name})");
                let ours = params.get(param_name).unwrap_or_else(|| panic!("no {what}"));
                agree(&format!("{what} type"), &type_of(&ours[1]), &published_type(param));
                let optional = param["optional"] == true;
                agree(&format!("{what} optional"), &ours[1]["optional"], &json!(if optional { "1" } else { "0" }));
                let default = match &param["default"] {
                    _ if !optional => Value::Null,
                    Value::Null => json!("null"),
                    Value::String(text) => json!(text),
                    other => json!(other.to_string()),
                };
                agree(&format!("{what} default"), &ours[1]["default"], &default);
            }
            let results = by_name(action, "result", "type");
            let result = results.values().next().expect("a result");
            let kind = result[1]["type"].as_str().unwrap_or("void");
            let published = json!([info["result"], info["resultArrayType"]]);
            agree(&format!("{id}.{name} result"), &json!([kind, result[1]["arrayType"]]), &published);
            let published = |key: &str| info[key].as_array().cloned().unwrap_or_default();
            let codes: BTreeSet<String> = [published("throws"), published("throwsInBody")]
                .concat()
                .iter()
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect();
            let thrown: BTreeSet<String> =
                by_name(action, "throws", "name").keys().map(|it| (*it).to_owned()).collect();
            agree(&format!("{id}.{name} throws"), &json!(thrown), &json!(codes));
        }
    }
    assert!(services >= 12 && actions > 80, "{services} services, {actions} actions");

    let mut before = BTreeSet::new();
    for class in part("classes")[2].as_array().expect("classes") {
        let name = class[1]["name"].as_str().expect("a name");
        let base = class[1]["base"].as_str();
        assert!(base.is_none_or(|base| before.contains(base)), "{name} stands before {base:?}");
        before.insert(name);
        let info = &contract["classes"][name];
        if info.is_null() {
            assert!(name.starts_with("KalturaKs"), "{name} is not published");
            continue;
        }
        agree(&format!("{name} base"), &json!(base), &info["base"]);
        agree(&format!("{name} abstract"), &json!(class[1]["abstract"] == "1"), &json!(info["abstract"] == true));
        let properties = by_name(class, "property", "name");
        let published = info["properties"].as_array().expect("properties");
        agree(&format!("{name} properties"), &json!(properties.len()), &json!(published.len()));
        for property in published {
            let property_name = property["name"].as_str().expect("a name");
            let what = format!("{name}.{property_name}");
            let ours = properties.get(property_name).unwrap_or_else(|| panic!("no {what}"));
            let kind = published_type(property);
            agree(&format!("{what} type"), &type_of(&ours[1]), &kind);
            for flag in ["readOnly", "insertOnly", "writeOnly"] {
                agree(&format!("{what} access"), &json!(ours[1][flag] == "1"), &json!(property[flag] == true));
            }
        }
    }
    for (name, info) in by_name(part("enums"), "enum", "name") {
        let published = &contract["enums"][name];
        if published.is_null() {
            assert!(name.starts_with("KalturaKs"), "{name} is not published");
            continue;
        }
        assert_eq!(info[1]["enumType"], published["type"], "{name}");
        let ours: BTreeMap<String, String> = by_name(info, "const", "name")
            .into_iter()
            .map(|(name, it)| (name.to_owned(), it[1]["value"].as_str().unwrap_or_default().to_owned()))
            .collect();
        let theirs: BTreeMap<String, String> = published["values"]
            .as_object()
            .expect("values")
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect();
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn whatever_kaltura_client_xml_mentions_is_in_it() {
    let root = parsed(&schema(&Server::dev()));
    let part = |name: &str| root[2].as_array().expect("parts").iter().find(|it| it[0] == name).expect("a part");
    let classes = by_name(part("classes"), "class", "name");
    let enums = by_name(part("enums"), "enum", "name");
    let errors = by_name(part("errors"), "error", "name");
    let plugins = by_name(part("plugins"), "plugin", "name");
    let scalars = ["int", "bigint", "string", "bool", "float", "file", "array", "map", "KalturaObjectBase"];
    let mut stack = vec![&root];
    while let Some(element) = stack.pop() {
        let attributes = &element[1];
        if let Some(kind) = attributes["type"].as_str() {
            let known = scalars.contains(&kind) || classes.contains_key(kind) || kind.ends_with("Configuration");
            assert!(known, "{element:?}");
        }
        for class in [&attributes["arrayType"], &attributes["base"]].into_iter().filter_map(|it| it.as_str()) {
            assert!(classes.contains_key(class) || class == "KalturaObjectBase", "{class}");
        }
        assert!(
            attributes["enumType"].as_str().is_none_or(|it| ["int", "string"].contains(&it) || enums.contains_key(it))
        );
        assert!(attributes["plugin"].as_str().is_none_or(|it| plugins.contains_key(it)), "{attributes}");
        if element[0] == "throws" {
            assert!(errors.contains_key(attributes["name"].as_str().unwrap_or_default()), "{attributes}");
        }
        stack.extend(element[2].as_array().expect("children"));
    }
    for (name, error) in errors {
        let message = error[1]["message"].as_str().unwrap_or_default();
        for parameter in by_name(error, "parameter", "name").keys() {
            assert!(!parameter.is_empty(), "{name}: {message}");
        }
    }
}

#[test]
fn answers_fit_the_schema_of_answers() {
    const CHECK: &str = "import sys, json\nfrom lxml import etree\n\
        xsd, answers = json.load(sys.stdin)\n\
        whole = etree.XMLSchema(etree.fromstring(xsd.encode()))\n\
        for kind, answer in answers:\n\
        \x20   tree = etree.fromstring(answer.encode())\n\
        \x20   whole.assertValid(tree)\n\
        \x20   head, tail = xsd.rsplit('</xs:schema>', 1)\n\
        \x20   one = head + '<xs:element name=\"result\" type=\"%s\"/></xs:schema>' % kind\n\
        \x20   etree.XMLSchema(etree.fromstring(one.encode())).assertValid(tree.find('result'))\n\
        print('ok')";
    let server = Server::dev();
    let ks = server.admin_ks();
    let call = |kind: &str, name: &str, params: Value| {
        let mut params = params;
        params["ks"] = json!(ks);
        json!([kind, server.text(2, name, &params)])
    };
    let answers = json!([
        call("KalturaSessionInfo", "session.get", json!({})),
        call("KalturaUserListResponse", "user.list", json!({})),
        call("KalturaPartner", "partner.getInfo", json!({})),
        call("KalturaKsSecretListResponse", "ks_secret.list", json!({})),
    ]);
    let xsd = server.send(&Request::get("/api_v3/xsdDoc/answers.xsd")).text();
    assert_eq!(feed(python().args(["-c", CHECK]), json!([xsd, answers]).to_string().as_bytes()).good().trim(), "ok");
    // The control: what is no such object does not fit.
    let wrong = json!([xsd, [["KalturaUser", server.text(2, "session.get", &json!({ "ks": ks }))]]]);
    assert!(!feed(python().args(["-c", CHECK]), wrong.to_string().as_bytes()).status.success());
}
