//! Services: descriptors, the arguments of each action, and how they are read.

use std::fmt::Write as _;

use super::classes::{debug_without_secrets, rust_type, type_expression};
use super::model::{Action, Model, Param, Ty};
use super::naming::{literal, snake, upper_camel};

pub(crate) fn render(model: &Model) -> String {
    let mut out = String::from(
        "//! Every service that is declared: its actions, their parameters, and how these are read.\n\n\
         use crate::describe::{ActionInfo, DefaultValue, Flatten, KsUse, ParamInfo, ServiceInfo, Type};\n\
         use crate::read::ReadContext;\n\
         use crate::{ApiError, ErrorCode, Map};\n\
         use super::{classes, enums};\n\n\
         /// Every service.\npub static ALL: &[&ServiceInfo] = &[\n",
    );
    for service in &model.services {
        _ = writeln!(out, "&{}::SERVICE,", snake(&service.id));
    }
    out.push_str(
        "];\n\n/// An action, as a number.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\npub enum ActionId {\n",
    );
    for (service, name, _) in actions(model) {
        _ = writeln!(out, "/// `{service}.{name}`.\n{},", variant(service, name));
    }
    out.push_str("}\n\nimpl ActionId {\n/// Every action.\npub const ALL: &'static [Self] = &[\n");
    for (service, name, _) in actions(model) {
        _ = writeln!(out, "Self::{},", variant(service, name));
    }
    out.push_str("];\n\n/// What is declared of the action.\n#[must_use]\npub const fn info(self) -> &'static ActionInfo {\nmatch self {\n");
    for (service, name, _) in actions(model) {
        _ = writeln!(out, "Self::{} => &{}::{},", variant(service, name), snake(service), action_constant(name));
    }
    out.push_str("}\n}\n\n/// The service with this name in lower case.\n#[must_use]\npub fn service(lower: &str) -> Option<&'static ServiceInfo> {\nSome(match lower {\n");
    for service in &model.services {
        _ = writeln!(out, "{} => &{}::SERVICE,", literal(&service.id.to_lowercase()), snake(&service.id));
    }
    out.push_str("_ => return None,\n})\n}\n\n/// The action with this name in lower case, of the service with this name in lower case.\n#[must_use]\npub fn find(service: &str, action: &str) -> Option<Self> {\nSome(match (service, action) {\n");
    for (service, name, _) in actions(model) {
        _ = writeln!(
            out,
            "({}, {}) => Self::{},",
            literal(&service.to_lowercase()),
            literal(&name.to_lowercase()),
            variant(service, name)
        );
    }
    out.push_str("_ => return None,\n})\n}\n}\n\n/// The typed arguments of a call.\n#[derive(Clone, Debug, PartialEq)]\npub enum Args {\n");
    for (service, name, _) in actions(model) {
        _ = writeln!(
            out,
            "/// Of `{service}.{name}`.\n{}(Box<{}::{}>),",
            variant(service, name),
            snake(service),
            upper_camel(name)
        );
    }
    out.push_str("}\n\nimpl Args {\n/// Reads the arguments of an action, in declared order. What it reads, it takes out of the map.\n///\n/// # Errors\n/// The first fault found.\npub fn read(action: ActionId, map: &mut Map, context: &ReadContext) -> Result<Self, ApiError> {\nmatch action {\n");
    for (service, name, _) in actions(model) {
        _ = writeln!(
            out,
            "ActionId::{variant} => {}::{}::read(map, context).map(|args| Self::{variant}(Box::new(args))),",
            snake(service),
            upper_camel(name),
            variant = variant(service, name)
        );
    }
    out.push_str("}\n}\n}\n\n");
    for service in &model.services {
        let plugin =
            service.plugin.as_ref().map_or_else(|| "None".to_owned(), |plugin| format!("Some({})", literal(plugin)));
        _ = writeln!(
            out,
            "/// {}\npub mod {} {{\nuse super::*;\n\n/// Describes the service.\npub static SERVICE: ServiceInfo = ServiceInfo {{ id: {}, description: {}, plugin: {plugin}, actions: &[",
            service.description,
            snake(&service.id),
            literal(&service.id),
            literal(&service.description)
        );
        for (name, _) in &service.parsed {
            _ = writeln!(out, "&{},", action_constant(name));
        }
        out.push_str("] };\n\n");
        for (name, action) in &service.parsed {
            descriptor(&mut out, model, &service.id, name, action);
            arguments(&mut out, model, name, action);
        }
        out.push_str("}\n\n");
    }
    out
}

/// Every action as `(service, name, action)`.
pub(crate) fn actions(model: &Model) -> impl Iterator<Item = (&str, &str, &Action)> {
    model
        .services
        .iter()
        .flat_map(|service| service.parsed.iter().map(|(name, action)| (service.id.as_str(), name.as_str(), action)))
}

/// The variant that stands for an action: `SessionStart`.
pub(crate) fn variant(service: &str, action: &str) -> String {
    format!("{}{}", upper_camel(service), upper_camel(action))
}

fn action_constant(name: &str) -> String {
    snake(name).trim_start_matches("r#").to_uppercase()
}

fn descriptor(out: &mut String, model: &Model, service: &str, name: &str, action: &Action) {
    _ = writeln!(
        out,
        "/// Describes `{service}.{name}`.\npub static {}: ActionInfo = ActionInfo {{ id: ActionId::{}, service: {}, name: {}, description: {}, params: &[",
        action_constant(name),
        variant(service, name),
        literal(service),
        literal(name),
        literal(&action.description)
    );
    for param in &action.params {
        let default = param.default.as_ref().map_or_else(
            || "None".to_owned(),
            |value| match value {
                toml::Value::Boolean(value) => format!("Some(DefaultValue::Bool({value}))"),
                toml::Value::String(text) => format!("Some(DefaultValue::Text({}))", literal(text)),
                other => format!("Some(DefaultValue::Int({other}))"),
            },
        );
        _ = writeln!(
            out,
            "ParamInfo {{ name: {}, description: {}, ty: {}, optional: {}, default: {default}, sensitive: {} }},",
            literal(&param.name),
            literal(&param.description),
            type_expression(&model.known_ty(&param.ty), "enums::", "classes::"),
            param.optional,
            param.sensitive
        );
    }
    let codes = |codes: &[String]| {
        let codes: Vec<String> = codes.iter().map(|code| format!("ErrorCode::{}", upper_camel(code))).collect();
        codes.join(", ")
    };
    let permissions: Vec<String> = action.permissions.iter().map(|name| literal(name)).collect();
    let deprecated =
        action.deprecated.as_ref().map_or_else(|| "None".to_owned(), |why| format!("Some({})", literal(why)));
    let code = |code: &String| format!("ErrorCode::{}", upper_camel(code));
    let flatten = action.flatten.as_ref().map_or_else(
        || "None".to_owned(),
        |flatten| {
            let to = flatten.to.as_ref().map_or_else(|| "None".to_owned(), |to| format!("Some({})", code(to)));
            let keep: Vec<String> = flatten.keep.iter().map(code).collect();
            format!("Some(Flatten {{ to: {to}, keep: &[{}] }})", keep.join(", "))
        },
    );
    _ = writeln!(
        out,
        "], result: {}, throws: &[{}], raises: &[{}], ks: KsUse::{}, permissions: &[{}], partner_required: {}, writes: {}, deprecated: {deprecated}, flatten: {flatten} }};\n",
        type_expression(&model.known_ty(&action.result), "enums::", "classes::"),
        codes(&action.throws),
        codes(&action.raises),
        upper_camel(&action.ks),
        permissions.join(", "),
        action.partner_required,
        action.writes
    );
}

fn arguments(out: &mut String, model: &Model, name: &str, action: &Action) {
    let ty = upper_camel(name);
    _ = writeln!(out, "/// {}\n#[derive(Clone, PartialEq)]\npub struct {ty} {{", action.description);
    for param in &action.params {
        _ = writeln!(out, "/// {}\npub {}: {},", param.description, snake(&param.name), param_type(model, param));
    }
    out.push_str("}\n\n");
    let unused = if action.params.is_empty() { "_" } else { "" };
    _ = writeln!(
        out,
        "impl {ty} {{\npub(super) fn read({unused}map: &mut Map, {unused}context: &ReadContext) -> Result<Self, ApiError> {{"
    );
    if !action.params.is_empty() {
        out.push_str("let mut reader = crate::read::Reader::new(map, context);\n");
    }
    out.push_str("Ok(Self {\n");
    for param in &action.params {
        let wire = literal(&param.name);
        let kind = model.known_ty(&param.ty);
        let call = match &kind {
            Ty::Int | Ty::BigInt | Ty::Float | Ty::Bool | Ty::Text => format!("reader.param({wire})?"),
            Ty::Time => format!("reader.param_time({wire})?"),
            Ty::Enum(_) => format!("reader.param_enum({wire})?"),
            Ty::Object(_) => format!("reader.param_object({wire})?"),
            Ty::Array(_) => format!("reader.param_array({wire})?"),
            Ty::File => format!("reader.param_file({wire})?"),
            Ty::Void | Ty::Map(_) => continue,
        };
        let value = if matches!(kind, Ty::Array(_)) {
            call
        } else if let Some(default) = &param.default {
            format!("{call}.unwrap_or({})", default_value(model, &kind, default))
        } else if param.optional {
            call
        } else {
            format!("{call}.ok_or_else(|| ApiError::missing_mandatory_parameter({wire}))?")
        };
        _ = writeln!(out, "{}: {value},", snake(&param.name));
    }
    out.push_str("})\n}\n}\n\n");
    let fields = action.params.iter().map(|param| (param.name.as_str(), param.sensitive));
    debug_without_secrets(out, &ty, fields);
}

fn param_type(model: &Model, param: &Param) -> String {
    let kind = model.known_ty(&param.ty);
    let plain = match &kind {
        Ty::File => "std::sync::Arc<crate::Upload>".to_owned(),
        other => rust_type(model, other, "enums::", "classes::"),
    };
    if param.optional && param.default.is_none() && !matches!(kind, Ty::Array(_)) {
        format!("Option<{plain}>")
    } else {
        plain
    }
}

fn default_value(model: &Model, kind: &Ty, default: &toml::Value) -> String {
    if let Ty::Enum(name) = kind {
        let declared = &model.enums[name];
        let member = declared.values.iter().find(|(_, value)| *value == default).map(|(key, _)| upper_camel(key));
        return format!("enums::{}::{}", super::naming::type_name(name), member.unwrap_or_default());
    }
    match default {
        toml::Value::String(text) if text.is_empty() => "String::new()".to_owned(),
        toml::Value::String(text) => format!("{}.to_owned()", literal(text)),
        other => other.to_string(),
    }
}
