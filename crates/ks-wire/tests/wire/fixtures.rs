//! Requests, trees and classes that the tests share.

use bytes::Bytes;
use ks_schema::describe::{Access, ActionInfo, ClassInfo, Limits, ParamInfo, PropertyInfo, Type};
use ks_schema::generated::services::ALL as SERVICES;
use ks_schema::{ApiError, Map, Number, Out, OutObject, Tree};
use ks_wire::{CallTree, Calls, Decoded, Encoded, Format, RawRequest, Reply, decode, encode};

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const JSON: &str = "application/json";

/// Decodes with default limits. `url` is a path with or without a query.
pub(crate) fn ask(url: &str, content_type: Option<&str>, body: impl Into<Vec<u8>>) -> Decoded {
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let request = RawRequest { path, query, content_type, body: Bytes::from(body.into()) };
    decode(&request, &ks_wire::Limits::default())
}

/// The one call of a request that must be fine.
pub(crate) fn single(decoded: Decoded) -> CallTree {
    match decoded.calls {
        Ok(Calls::Single(call)) => call,
        other => panic!("no single call: {other:?}"),
    }
}

/// The parts of a multirequest that must be fine.
pub(crate) fn multi(decoded: Decoded) -> Vec<CallTree> {
    match decoded.calls {
        Ok(Calls::Multi(calls)) => calls,
        other => panic!("no multirequest: {other:?}"),
    }
}

/// All parameters as JSON text, with files as `{"file": name, "type": type, "text": content}`.
pub(crate) fn show(params: &Map) -> String {
    show_tree(&Tree::Map(params.clone())).to_string()
}

pub(crate) fn show_tree(tree: &Tree) -> serde_json::Value {
    match tree {
        Tree::Null => serde_json::Value::Null,
        Tree::Bool(value) => (*value).into(),
        Tree::Number(Number::Int(value)) => (*value).into(),
        Tree::Number(Number::Float(value)) => (*value).into(),
        Tree::Text(text) => text.as_str().into(),
        Tree::List(items) => items.iter().map(show_tree).collect(),
        Tree::Map(map) => map.iter().map(|(key, value)| (key.clone(), show_tree(value))).collect(),
        Tree::File(file) => serde_json::json!({
            "file": file.file_name, "type": file.content_type, "text": String::from_utf8_lossy(&file.bytes)
        }),
    }
}

const fn property(name: &'static str, ty: Type, access: Access) -> PropertyInfo {
    PropertyInfo {
        name,
        description: "",
        declared_in: "KalturaThing",
        ty,
        access,
        filters: &[],
        requires_permission: &[],
        limits: Limits::NONE,
        sensitive: false,
    }
}

const fn class(name: &'static str, base: Option<&'static ClassInfo>, properties: &'static [PropertyInfo]) -> ClassInfo {
    ClassInfo { name, description: "", base, is_abstract: false, properties, plugin: None, order_by: None }
}

/// One property of every kind that writers must tell apart.
pub(crate) static THING: ClassInfo = class(
    "KalturaThing",
    None,
    &[
        property("id", Type::Int, Access::ReadOnly),
        property("name", Type::Text, Access::ReadWrite),
        property("password", Type::Text, Access::WriteOnly),
        property("pin", Type::Text, Access::InsertOnlyWriteOnly),
        property("map", Type::Map(&THING), Access::ReadWrite),
        property("list", Type::Array(&THING), Access::ReadWrite),
        property("inner", Type::Object(&THING), Access::ReadWrite),
        property("score", Type::Float, Access::ReadWrite),
        property("on", Type::Bool, Access::ReadWrite),
    ],
);

/// The wrapper around lists.
pub(crate) static THING_LIST: ClassInfo = class(
    "KalturaThingListResponse",
    None,
    &[property("totalCount", Type::Int, Access::ReadOnly), property("objects", Type::Array(&THING), Access::ReadOnly)],
);

/// An action that takes a file. All but its parameters is borrowed from one that is declared.
pub(crate) fn upload() -> ActionInfo {
    let declared = SERVICES[0].actions[0];
    let model = SERVICES.iter().flat_map(|service| service.actions).find_map(|action| action.params.first()).unwrap();
    let param = |name, ty| ParamInfo { name, ty, ..*model };
    let params = vec![param("uploadTokenId", Type::Text), param("fileData", Type::File)];
    ActionInfo { params: params.leak(), ..*declared }
}

/// An object of [`THING`] with these values; the others are null.
pub(crate) fn thing(values: &[(&str, Out)]) -> Out {
    object(&THING, values)
}

pub(crate) fn object(class: &'static ClassInfo, values: &[(&str, Out)]) -> Out {
    let value = |name: &str| values.iter().find(|(key, _)| *key == name).map_or(Out::Null, |(_, value)| value.clone());
    let values = class.properties.iter().map(|info| value(info.name)).collect();
    Out::Object(Box::new(OutObject { class, values }))
}

pub(crate) fn list_of(things: Vec<Out>) -> Out {
    let count = i64::try_from(things.len()).unwrap();
    object(&THING_LIST, &[("totalCount", Out::Int(count)), ("objects", Out::List(things))])
}

pub(crate) fn text(content: &str) -> Out {
    Out::Text(content.to_owned())
}

pub(crate) fn error(error: ApiError) -> Out {
    Out::Error(Box::new(error))
}

pub(crate) fn write(out: &Out, format: Format) -> Encoded {
    encode(out, &Reply { callback: Some("cb".to_owned()), ..Reply::new(format) }, 0.0123)
}

pub(crate) fn body(out: &Out, format: Format) -> String {
    String::from_utf8(write(out, format).body).unwrap()
}

/// What stands in `<result>`.
pub(crate) fn xml(out: &Out) -> String {
    let body = body(out, Format::Xml);
    let rest = body.strip_prefix("<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result>").unwrap();
    rest.strip_suffix("</result><executionTime>0.0123</executionTime></xml>").unwrap().to_owned()
}
