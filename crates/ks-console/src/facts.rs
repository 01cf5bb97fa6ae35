//! What is said of an action: who may call it, its parameters, its answer, its errors, an example. The documentation
//! and the developer console say the same.

use ks_schema::ErrorCode;
use ks_schema::describe::{
    ActionInfo, ClassInfo, DefaultValue, EnumInfo, EnumValues, KsUse, ParamInfo, ServiceInfo, Type,
};

use crate::sample;

/// Where the documentation of something is.
pub(crate) fn doc(kind: &str, name: &str) -> String {
    format!("/api_v3/testmeDoc/?{kind}={name}")
}

/// A type in words, and where it is explained.
pub(crate) struct TypeText {
    pub(crate) before: &'static str,
    pub(crate) name: String,
    pub(crate) href: Option<String>,
}

impl TypeText {
    pub(crate) fn of(ty: &Type) -> Self {
        let plain = |name: &str| Self { before: "", name: name.to_owned(), href: None };
        let class = |before, class: &ClassInfo| Self {
            before,
            name: class.name.to_owned(),
            href: Some(doc("object", class.name)),
        };
        match ty {
            Type::Void => plain("nothing"),
            Type::Int => plain("int"),
            Type::BigInt => plain("bigint"),
            Type::Float => plain("float"),
            Type::Bool => plain("bool"),
            Type::Text => plain("string"),
            Type::Time => plain("time (Unix seconds)"),
            Type::File => plain("file"),
            Type::Enum(info) => Self { before: "", name: info.name.to_owned(), href: Some(doc("enum", info.name)) },
            Type::Object(it) => class("", it),
            Type::Array(it) => class("array of ", it),
            Type::Map(it) => class("map of ", it),
        }
    }
}

/// A default as a person reads it: an enum's by its name.
fn default_text(param: &ParamInfo) -> String {
    match (&param.ty, param.default) {
        (_, None) => if param.optional { "null" } else { "" }.to_owned(),
        (Type::Enum(EnumInfo { values: EnumValues::Int(values), .. }), Some(DefaultValue::Int(value))) => {
            let name = values.iter().find(|(_, other)| *other == value);
            name.map_or_else(|| value.to_string(), |(name, _)| format!("{name} ({value})"))
        }
        (_, Some(DefaultValue::Text(""))) => "empty".to_owned(),
        (_, Some(DefaultValue::Text(value))) => value.to_owned(),
        (_, Some(DefaultValue::Int(value))) => value.to_string(),
        (_, Some(DefaultValue::Bool(value))) => value.to_string(),
    }
}

/// Who may call an action as roles come with the server, most free first.
fn callers(action: &ActionInfo) -> &'static str {
    let has = |name: &str| action.permissions.contains(&name);
    if has(ks_access::ALWAYS_ALLOWED) {
        "Everybody, with any session or without one."
    } else if has("WIDGET_SESSION_PERMISSION") && has("BASE_USER_SESSION_PERMISSION") {
        "Every session: administrators, users and widgets."
    } else if has("BASE_USER_SESSION_PERMISSION") {
        "Administrators and users; widgets may not."
    } else if ks_access::builtin::is_grantable(action) {
        "Administrators, and users whose role has one of the permissions."
    } else {
        "Only the operator of the server, and accounts with special rights."
    }
}

const fn session(ks: KsUse) -> &'static str {
    match ks {
        KsUse::Ignored => "not needed",
        KsUse::Optional => "optional",
        KsUse::Required => "required",
    }
}

/// A parameter, as a row of a table.
pub(crate) struct ParamRow {
    pub(crate) info: &'static ParamInfo,
    pub(crate) ty: TypeText,
    pub(crate) default: String,
}

/// An error, as a row of a table.
pub(crate) struct ErrorRow {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
    pub(crate) meaning: &'static str,
}

pub(crate) fn error_rows(codes: &[ErrorCode]) -> Vec<ErrorRow> {
    let infos = codes.iter().map(|code| code.info());
    infos.map(|it| ErrorRow { code: it.code, message: it.message, meaning: it.meaning }).collect()
}

/// Everything that is said of an action.
pub(crate) struct ActionFacts {
    pub(crate) service: &'static ServiceInfo,
    pub(crate) action: &'static ActionInfo,
    pub(crate) params: Vec<ParamRow>,
    pub(crate) result: TypeText,
    pub(crate) errors: Vec<ErrorRow>,
    pub(crate) callers: &'static str,
    pub(crate) session: &'static str,
    pub(crate) request: String,
    pub(crate) json: String,
    pub(crate) xml: String,
}

impl ActionFacts {
    pub(crate) fn of(service: &'static ServiceInfo, action: &'static ActionInfo) -> Self {
        let row = |info: &'static ParamInfo| ParamRow { info, ty: TypeText::of(&info.ty), default: default_text(info) };
        let answer = sample::answer(&action.result);
        Self {
            service,
            action,
            params: action.params.iter().map(row).collect(),
            result: TypeText::of(&action.result),
            errors: error_rows(&[action.throws, action.raises].concat()),
            callers: callers(action),
            session: session(action.ks),
            request: sample::request(action),
            json: sample::as_json(&answer),
            xml: sample::as_xml(&answer),
        }
    }
}
