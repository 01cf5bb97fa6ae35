//! `KalturaClient.xml`: the declarations in the form that the public client generator reads.

use std::fmt::Write as _;

use ks_schema::describe::{Access, ActionInfo, ClassInfo, DefaultValue, EnumValues, PropertyInfo, Type};
use ks_schema::generated::{classes, enums, errors};

use crate::describe;

/// The version of the API that the declarations are those of.
pub const API_VERSION: &str = "22.19.0";

/// When this form of the API was written down, in Unix seconds. Generators insist on it, and write it into the names that
/// clients give themselves.
const GENERATED: i64 = 1_795_737_600;

/// The document.
#[must_use]
pub fn client_xml() -> String {
    let mut xml = String::with_capacity(256 * 1024);
    xml.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    open(&mut xml, 0, "xml", &[("apiVersion", API_VERSION), ("generatedDate", &GENERATED.to_string())]);
    enums_part(&mut xml);
    classes_part(&mut xml);
    services_part(&mut xml);
    plugins_part(&mut xml);
    errors_part(&mut xml);
    xml.push_str(CONFIGURATIONS);
    xml.push_str("</xml>\n");
    xml
}

/// What requests carry besides the parameters of their action. No action declares these.
const CONFIGURATIONS: &str = r#"  <configurations>
    <client type="KalturaClientConfiguration">
      <clientTag type="string" description="Names the program that calls."/>
      <apiVersion type="string" description="The version of the API that the program was made for."/>
    </client>
    <request type="KalturaRequestConfiguration">
      <partnerId type="int" description="Impersonated partner id"/>
      <ks type="string" alias="sessionId" description="Kaltura API session"/>
      <language type="string" description="The language of texts that have several."/>
      <responseProfile type="KalturaBaseResponseProfile" volatile="1" description="Which properties are answered."/>
    </request>
  </configurations>
"#;

fn enums_part(xml: &mut String) {
    open(xml, 1, "enums", &[]);
    let mut all: Vec<_> = enums::ALL.to_vec();
    all.sort_by_key(|info| info.name);
    for info in all {
        let kind = if info.is_int() { "int" } else { "string" };
        open(xml, 2, "enum", &[("name", info.name), ("enumType", kind)]);
        match info.values {
            EnumValues::Int(values) => {
                values
                    .iter()
                    .for_each(|(name, value)| leaf(xml, 3, "const", &[("name", name), ("value", &value.to_string())]));
            }
            EnumValues::Text(values) => {
                values.iter().for_each(|(name, value)| leaf(xml, 3, "const", &[("name", name), ("value", value)]));
            }
        }
        close(xml, 2, "enum");
    }
    close(xml, 1, "enums");
}

/// Classes that clients bring themselves: the root of all, and the error.
fn is_built_in(class: &ClassInfo) -> bool {
    matches!(class.name, "KalturaObject" | "KalturaAPIException")
}

/// Every class, each behind the one that it extends.
fn classes_part(xml: &mut String) {
    open(xml, 1, "classes", &[]);
    let mut left: Vec<&ClassInfo> = classes::ALL.iter().copied().filter(|class| !is_built_in(class)).collect();
    left.sort_by_key(|class| class.name);
    let mut written: Vec<&str> = vec!["KalturaObject"];
    while !left.is_empty() {
        let (ready, later): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|class| class.base.is_none_or(|base| written.contains(&base.name)));
        if ready.is_empty() {
            // A class whose base is not declared cannot come to be; the generator saw to that.
            break;
        }
        for class in ready {
            class_element(xml, class);
            written.push(class.name);
        }
        left = later;
    }
    close(xml, 1, "classes");
}

fn class_element(xml: &mut String, class: &ClassInfo) {
    let mut attributes = vec![("name", class.name)];
    attributes.extend(class.base.filter(|base| base.name != "KalturaObject").map(|base| ("base", base.name)));
    if class.is_abstract {
        attributes.push(("abstract", "1"));
    }
    attributes.extend(class.plugin.map(|plugin| ("plugin", plugin)));
    attributes.push(("description", class.description));
    let own: Vec<_> = class.properties.iter().filter(|property| property.declared_in == class.name).collect();
    if own.is_empty() {
        leaf(xml, 2, "class", &attributes);
        return;
    }
    open(xml, 2, "class", &attributes);
    own.into_iter().for_each(|property| property_element(xml, property));
    close(xml, 2, "class");
}

fn property_element(xml: &mut String, property: &PropertyInfo) {
    let flag = |set: bool| if set { "1" } else { "0" };
    let read_only = property.access == Access::ReadOnly;
    let insert_only = matches!(property.access, Access::InsertOnly | Access::InsertOnlyWriteOnly);
    let write_only = matches!(property.access, Access::WriteOnly | Access::InsertOnlyWriteOnly);
    let mut attributes = vec![("name", property.name)];
    attributes.extend(type_attributes(&property.ty));
    attributes.push(("readOnly", flag(read_only)));
    attributes.push(("insertOnly", flag(insert_only)));
    attributes.push(("writeOnly", flag(write_only)));
    let permissions = property.requires_permission.join(",");
    if !permissions.is_empty() {
        attributes.push(("requiresPermissions", &permissions));
    }
    let limits = property.limits;
    let bounds = [
        ("minLength", limits.min_length.map(|it| it.to_string())),
        ("maxLength", limits.max_length.map(|it| it.to_string())),
        ("minValue", limits.min.map(|it| it.to_string())),
        ("maxValue", limits.max.map(|it| it.to_string())),
    ];
    attributes.extend(bounds.iter().filter_map(|(name, value)| value.as_deref().map(|value| (*name, value))));
    attributes.push(("description", property.description));
    leaf(xml, 3, "property", &attributes);
}

fn services_part(xml: &mut String) {
    open(xml, 1, "services", &[]);
    for service in describe::sorted_services() {
        let (id, name) = (service.id.to_ascii_lowercase(), describe::service_name(service));
        let mut attributes = vec![("id", id.as_str()), ("name", name.as_str())];
        attributes.extend(service.plugin.map(|plugin| ("plugin", plugin)));
        attributes.push(("description", service.description));
        open(xml, 2, "service", &attributes);
        service.actions.iter().for_each(|action| action_element(xml, action));
        close(xml, 2, "service");
    }
    close(xml, 1, "services");
}

fn action_element(xml: &mut String, action: &ActionInfo) {
    // A part of a multirequest cannot answer a file.
    let joins = if matches!(action.result, Type::File) { "0" } else { "1" };
    let mut attributes =
        vec![("name", action.name), ("description", action.description), ("enableInMultiRequest", joins)];
    if action.deprecated.is_some() {
        attributes.push(("deprecated", "1"));
    }
    attributes.push(("sessionRequired", action.ks.schema_name()));
    open(xml, 3, "action", &attributes);
    for param in action.params {
        let mut attributes = vec![("name", param.name)];
        attributes.extend(type_attributes(&param.ty));
        attributes.push(("optional", if param.optional { "1" } else { "0" }));
        let default = match param.default {
            Some(DefaultValue::Bool(value)) => value.to_string(),
            Some(DefaultValue::Int(value)) => value.to_string(),
            Some(DefaultValue::Text(value)) => value.to_owned(),
            None => "null".to_owned(),
        };
        if param.optional {
            attributes.push(("default", &default));
        }
        attributes.push(("description", param.description));
        leaf(xml, 4, "param", &attributes);
    }
    leaf(xml, 4, "result", &type_attributes(&action.result));
    action.throws.iter().for_each(|code| leaf(xml, 4, "throws", &[("name", code.info().code)]));
    close(xml, 3, "action");
}

fn plugins_part(xml: &mut String) {
    let services = describe::sorted_services();
    let mut plugins: Vec<_> = services.iter().filter_map(|service| service.plugin).collect();
    plugins.extend(classes::ALL.iter().filter_map(|class| class.plugin));
    plugins.sort_unstable();
    plugins.dedup();
    open(xml, 1, "plugins", &[]);
    for plugin in plugins {
        let own: Vec<_> = services.iter().filter(|service| service.plugin == Some(plugin)).collect();
        if own.is_empty() {
            leaf(xml, 2, "plugin", &[("name", plugin)]);
            continue;
        }
        open(xml, 2, "plugin", &[("name", plugin)]);
        own.iter().for_each(|service| leaf(xml, 3, "pluginService", &[("name", &describe::service_name(service))]));
        close(xml, 2, "plugin");
    }
    close(xml, 1, "plugins");
}

fn errors_part(xml: &mut String) {
    open(xml, 1, "errors", &[]);
    for error in errors::ErrorCode::ALL.iter().map(|code| code.info()) {
        let attributes = [("name", error.code), ("code", error.code), ("message", error.message)];
        if error.args.is_empty() {
            leaf(xml, 2, "error", &attributes);
            continue;
        }
        open(xml, 2, "error", &attributes);
        error.args.iter().for_each(|name| leaf(xml, 3, "parameter", &[("name", name)]));
        close(xml, 2, "error");
    }
    close(xml, 1, "errors");
}

/// A type as attributes; void has none.
fn type_attributes(ty: &Type) -> Vec<(&'static str, &'static str)> {
    match ty {
        Type::Void => Vec::new(),
        Type::Int => vec![("type", "int")],
        Type::BigInt => vec![("type", "bigint")],
        Type::Float => vec![("type", "float")],
        Type::Bool => vec![("type", "bool")],
        Type::Text => vec![("type", "string")],
        Type::Time => vec![("type", "int"), ("isTime", "1")],
        Type::File => vec![("type", "file")],
        Type::Enum(info) => vec![("type", if info.is_int() { "int" } else { "string" }), ("enumType", info.name)],
        Type::Object(class) => vec![("type", name_of(class))],
        Type::Array(class) => vec![("type", "array"), ("arrayType", name_of(class))],
        Type::Map(class) => vec![("type", "map"), ("arrayType", name_of(class))],
    }
}

/// "Any object" has a name of its own in clients.
fn name_of(class: &ClassInfo) -> &'static str {
    if class.name == "KalturaObject" { "KalturaObjectBase" } else { class.name }
}

fn tag(xml: &mut String, depth: usize, name: &str, attributes: &[(&str, &str)]) {
    xml.extend(std::iter::repeat_n("  ", depth));
    xml.push('<');
    xml.push_str(name);
    for (name, value) in attributes {
        // Writing to a string cannot fail.
        let _ = write!(xml, " {name}=\"{}\"", escape(value));
    }
}

fn open(xml: &mut String, depth: usize, name: &str, attributes: &[(&str, &str)]) {
    tag(xml, depth, name, attributes);
    xml.push_str(">\n");
}

fn leaf(xml: &mut String, depth: usize, name: &str, attributes: &[(&str, &str)]) {
    tag(xml, depth, name, attributes);
    xml.push_str("/>\n");
}

fn close(xml: &mut String, depth: usize, name: &str) {
    xml.extend(std::iter::repeat_n("  ", depth));
    xml.push_str("</");
    xml.push_str(name);
    xml.push_str(">\n");
}

/// A text as an attribute's value.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\n', "&#10;")
}
