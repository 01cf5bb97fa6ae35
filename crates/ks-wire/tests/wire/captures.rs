//! Raw requests of published clients (`tests/data`), as they came over the network.

use bytes::Bytes;
use ks_schema::Tree;
use ks_wire::{Decoded, Format, Limits, RawRequest, decode};

use crate::fixtures::{multi, show, show_tree, single, upload};

/// Splits a capture the way an HTTP server would.
fn replay(capture: &'static [u8]) -> Decoded {
    let end = memchr::memmem::find(capture, b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&capture[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let path = lines.next().unwrap().split(' ').nth(1).unwrap();
    let header = |name: &str| {
        head.split("\r\n")
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    };
    let body = Bytes::from_static(&capture[end + 4..]);
    assert_eq!(header("Content-Length"), Some(body.len().to_string().as_str()));
    decode(&RawRequest { path, query: None, content_type: header("Content-Type"), body }, &Limits::default())
}

macro_rules! capture {
    ($name:literal) => {
        replay(include_bytes!(concat!("../data/", $name, ".http")))
    };
}

#[test]
fn both_clients_start_the_same_session() {
    let python = capture!("python-session-start");
    let node = capture!("node-session-start");
    assert_eq!(python.reply.format, Ok(Format::Xml));
    assert_eq!(node.reply.format, Ok(Format::Json));
    let (python, node) = (single(python), single(node));
    for call in [&python, &node] {
        assert_eq!((call.service(), call.action()), (Some("session"), Some("start")));
        assert_eq!(call.requested_partner().as_deref(), Some("102"));
        assert_eq!(call.ks(), None);
        assert!(call.params.contains_key("kalsig"));
    }
    assert_eq!(python.params["clientTag"], Tree::text("python-26-10-22"));
    assert_eq!(node.params["clientTag"], Tree::text("node:25-07-20"));
    assert_eq!(
        show(&node.params),
        r#"{"secret":"SECRET","userId":"user@example.com","type":2,"partnerId":102,"expiry":86400,"privileges":"disableentitlement","format":1,"apiVersion":"21.20.0","clientTag":"node:25-07-20","kalsig":"f307e396a2a93fdcf98e84b603f5bddc","service":"session","action":"start"}"#
    );
    assert_eq!(show_tree(&python.params["type"]), "2");
    assert_eq!(show_tree(&python.params["expiry"]), "86400");
}

#[test]
fn single_calls_name_their_action_and_carry_their_ks() {
    for (decoded, action) in [
        (capture!("python-user-loginByLoginId"), "user.loginbyloginid"),
        (capture!("node-user-loginByLoginId"), "user.loginbyloginid"),
        (capture!("python-category-get"), "category.get"),
        (capture!("node-category-get"), "category.get"),
        (capture!("python-category-list"), "category.list"),
        (capture!("node-category-list"), "category.list"),
        (capture!("python-category-add"), "category.add"),
    ] {
        let call = single(decoded);
        assert_eq!(format!("{}.{}", call.service().unwrap(), call.action().unwrap()), action);
        assert_eq!(call.ks().as_deref(), Some("djJ8MTAyfEFBQUE="), "{action}");
    }
}

#[test]
fn objects_and_null_markers_arrive_as_sent() {
    let call = single(capture!("python-category-add"));
    assert_eq!(
        show_tree(&call.params["category"]).to_string(),
        r#"{"description__null":"","name":"n","objectType":"KalturaCategory","tags":""}"#
    );
    let call = single(capture!("python-category-list-2"));
    assert_eq!(
        show_tree(call.response_profile().unwrap()).to_string(),
        r#"{"fields":"id,name","objectType":"KalturaDetachedResponseProfile","type":"1"}"#
    );
    assert_eq!(call.requested_partner().as_deref(), Some("103"));
}

#[test]
fn python_repeats_its_ks_in_each_part() {
    let decoded = capture!("python-multirequest");
    assert_eq!(decoded.reply.format, Ok(Format::Xml));
    let calls = multi(decoded);
    let names: Vec<_> =
        calls.iter().map(|call| format!("{}.{}", call.service().unwrap(), call.action().unwrap())).collect();
    assert_eq!(names, ["session.start", "category.list", "category.get", "user.loginbyloginid"]);
    assert_eq!(calls[0].ks().as_deref(), Some("djJ8MTAyfEFBQUE="));
    assert_eq!(calls[2].ks().as_deref(), Some("{1:result}"));
    assert!(calls.iter().all(|call| call.params["clientTag"] == Tree::text("python-26-10-22")));
}

#[test]
fn node_relies_on_the_common_ks() {
    let decoded = capture!("node-multirequest");
    assert_eq!(decoded.reply.format, Ok(Format::Json));
    let calls = multi(decoded);
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[0].ks().as_deref(), Some("djJ8MTAyfEFBQUE="));
    assert_eq!(calls[1].ks().as_deref(), Some("{1:result}"));
    assert_eq!(
        show(&calls[2].params),
        r#"{"id":"{2:result:objects:0:id}","service":"category","action":"get","clientTag":"node:25-07-20","ks":"djJ8MTAyfEFBQUE="}"#
    );
}

#[test]
fn node_uploads_with_a_file_name() {
    let decoded = capture!("node-uploadtoken-upload");
    assert_eq!(decoded.reply.format, Ok(Format::Json));
    let mut call = single(decoded);
    assert_eq!((call.service(), call.action()), (Some("uploadtoken"), Some("upload")));
    call.claim_files(&upload());
    assert_eq!(
        show_tree(&call.params["fileData"]).to_string(),
        r#"{"file":"chunk","type":"application/octet-stream","text":"FILEDATA"}"#
    );
    assert_eq!(show_tree(&call.params["resume"]), false);
}

#[test]
fn python_uploads_streams_without_a_file_name() {
    let decoded = capture!("python-uploadtoken-upload");
    assert_eq!(decoded.reply.format, Ok(Format::Xml));
    let mut call = single(decoded);
    assert!(!call.params.contains_key("fileData"), "text parts beside `json` are no parameters");
    call.claim_files(&upload());
    assert_eq!(show_tree(&call.params["fileData"]).to_string(), r#"{"file":"","type":"","text":"FILEDATA"}"#);
    assert_eq!(call.ks().as_deref(), Some("KSX"));
}
