//! The typed client: objects as open records with a method for each property, and a service for each service.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::model::{Action, Class, Model, Param, Property, ROOT_CLASS, Ty};
use super::naming::{constant, literal, snake, type_name, upper_camel};

/// Which classes callers make, and which they get.
struct Reach {
    sent: BTreeSet<String>,
    answered: BTreeSet<String>,
}

impl Reach {
    fn of(model: &Model) -> Self {
        let (mut sent, mut answered) = (BTreeSet::new(), BTreeSet::new());
        for (_, _, action) in super::services::actions(model) {
            for param in &action.params {
                spread(model, &mut sent, &model.known_ty(&param.ty));
            }
            spread(model, &mut answered, &model.known_ty(&action.result));
        }
        Self { sent, answered }
    }
}

/// Notes a class, all classes below it, and those that their properties hold.
fn spread(model: &Model, seen: &mut BTreeSet<String>, ty: &Ty) {
    let (Ty::Object(name) | Ty::Array(name) | Ty::Map(name)) = ty else { return };
    let below = model.classes.keys().filter(|other| *other == name || is_below(model, other, name));
    for class in below {
        if seen.insert(class.clone()) {
            for (_, property) in model.properties(class) {
                spread(model, seen, &model.known_ty(&property.ty));
            }
        }
    }
}

fn is_below(model: &Model, name: &str, ancestor: &str) -> bool {
    ancestors(model, name).contains(&ancestor)
}

/// The classes above a class, the nearest first, without the root.
fn ancestors<'a>(model: &'a Model, name: &str) -> Vec<&'a str> {
    let mut out = Vec::new();
    let mut at = model.base(name);
    while let Some(this) = at.filter(|this| *this != ROOT_CLASS) {
        out.push(this);
        at = model.base(this);
    }
    out
}

/// The Rust type of a value that is sent or answered.
pub(super) fn value_type(ty: &Ty, enums: &str, classes: &str) -> String {
    match ty {
        Ty::Void => "()".to_owned(),
        Ty::Int | Ty::BigInt | Ty::Time => "i64".to_owned(),
        Ty::Float => "f64".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::Text => "String".to_owned(),
        Ty::File => "crate::Upload".to_owned(),
        Ty::Enum(name) => format!("{enums}{}", type_name(name)),
        Ty::Object(name) => format!("{classes}{}", type_name(name)),
        Ty::Array(name) => format!("Vec<{classes}{}>", type_name(name)),
        Ty::Map(name) => format!("BTreeMap<String, {classes}{}>", type_name(name)),
    }
}

pub(crate) fn modules() -> String {
    "//! What `cargo xtask gen` makes of the declarations in `api/`: a class for each class, a service for each service.\n\n\
     pub mod classes;\npub mod services;\n"
        .to_owned()
}

pub(crate) fn classes(model: &Model) -> String {
    let mut out = String::from(
        "//! Every class that is declared.\n\n\
         use std::collections::BTreeMap;\n\n\
         use ks_schema::generated::{classes as describe, enums};\n\n\
         use crate::class::class;\n\
         use crate::value::enums;\n\
         use crate::{Arg, OneOf, Ref};\n\n",
    );
    let reach = Reach::of(model);
    for (name, class) in &model.classes {
        one_class(&mut out, model, &reach, name, class);
    }
    out.push_str("enums! {\n");
    for name in model.enums.keys() {
        _ = writeln!(out, "enums::{},", type_name(name));
    }
    out.push_str("}\n");
    out
}

fn one_class(out: &mut String, model: &Model, reach: &Reach, name: &str, class: &Class) {
    let ty = type_name(name);
    let above: Vec<String> = ancestors(model, name).into_iter().map(type_name).collect();
    let kind = if class.is_abstract { "abstract" } else { "class" };
    _ = writeln!(
        out,
        "class! {{\n/// {}\n///\n/// On the wire it is `{name}`.\n{kind} {ty}, describe::{}, [{}]\n}}\n",
        class.description,
        constant(name),
        above.join(", ")
    );
    let properties = model.properties(name);
    let root = name == ROOT_CLASS;
    if reach.answered.contains(name) || root {
        let mut body = String::new();
        for (_, property) in properties.iter().filter(|(_, it)| !write_only(it)) {
            getter(&mut body, model, property);
        }
        if !body.is_empty() {
            _ = writeln!(out, "impl {ty} {{\n{body}}}\n");
        }
        let mut body = String::new();
        for (_, property) in properties.iter().filter(|(_, it)| !write_only(it)) {
            let value = value_type(&model.known_ty(&property.ty), "enums::", "");
            _ = writeln!(
                body,
                "/// {}\n#[must_use]\npub fn {}(&self) -> Ref<{value}> {{\nself.below({})\n}}\n",
                property.description,
                snake(&property.name),
                literal(&property.name)
            );
        }
        if !body.is_empty() {
            _ = writeln!(out, "impl Ref<{ty}> {{\n{body}}}\n");
        }
    }
    if reach.sent.contains(name) {
        let mut body = String::new();
        for (_, property) in properties.iter().filter(|(_, it)| it.access.as_deref() != Some("read-only")) {
            let value = value_type(&model.known_ty(&property.ty), "enums::", "");
            _ = writeln!(
                body,
                "/// {}\n#[must_use]\npub fn with_{}(self, value: impl Into<Arg<{value}>>) -> Self {{\nself.with({}, value)\n}}\n",
                property.description,
                snake(&property.name).trim_start_matches("r#"),
                literal(&property.name)
            );
        }
        if !body.is_empty() {
            _ = writeln!(out, "impl {ty} {{\n{body}}}\n");
        }
    }
}

fn write_only(property: &Property) -> bool {
    property.access.as_deref().is_some_and(|access| access.ends_with("write-only"))
}

fn getter(out: &mut String, model: &Model, property: &Property) {
    let wire = literal(&property.name);
    let ty = model.known_ty(&property.ty);
    let (answer, call) = match &ty {
        Ty::Void | Ty::File => return,
        Ty::Int | Ty::BigInt | Ty::Time => ("Option<i64>".to_owned(), "int"),
        Ty::Float => ("Option<f64>".to_owned(), "float"),
        Ty::Bool => ("Option<bool>".to_owned(), "bool"),
        Ty::Text => ("Option<&str>".to_owned(), "text"),
        Ty::Enum(name) => (format!("Option<OneOf<enums::{}>>", type_name(name)), "one_of"),
        Ty::Object(name) => (format!("Option<{}>", type_name(name)), "object"),
        Ty::Array(name) => (format!("Vec<{}>", type_name(name)), "list"),
        Ty::Map(name) => (format!("BTreeMap<String, {}>", type_name(name)), "map"),
    };
    _ = writeln!(
        out,
        "/// {}\n#[must_use]\npub fn {}(&self) -> {answer} {{\nself.record().{call}({wire})\n}}\n",
        property.description,
        snake(&property.name)
    );
}

pub(crate) fn services(model: &Model) -> String {
    let mut out = String::from(
        "//! Every service that is declared.\n\n\
         use ks_schema::generated::{enums, services as describe};\n\n\
         use super::classes;\n\
         use crate::action::action;\n\
         use crate::{Arg, Call, Client};\n\n\
         impl Client {\n",
    );
    for service in &model.services {
        let module = snake(&service.id);
        _ = writeln!(
            out,
            "/// {}\n#[must_use]\npub fn {module}(&self) -> {module}::Service<'_> {{\n{module}::Service(self)\n}}\n",
            service.description
        );
    }
    out.push_str("}\n\n");
    for service in &model.services {
        let module = snake(&service.id);
        _ = writeln!(
            out,
            "/// {}\npub mod {module} {{\nuse super::*;\n\n/// The service `{}`.\n#[derive(Clone, Copy, Debug)]\npub struct Service<'c>(pub(super) &'c Client);\n\nimpl<'c> Service<'c> {{",
            service.description, service.id
        );
        for (name, action) in &service.parsed {
            start(&mut out, model, name, action);
        }
        out.push_str("}\n\n");
        for (name, action) in &service.parsed {
            marker(&mut out, model, &service.id, name, action);
        }
        out.push_str("}\n\n");
    }
    out
}

fn is_required(param: &Param) -> bool {
    !param.optional && param.default.is_none()
}

fn arg_type(model: &Model, param: &Param) -> String {
    value_type(&model.known_ty(&param.ty), "enums::", "classes::")
}

fn start(out: &mut String, model: &Model, name: &str, action: &Action) {
    let required: Vec<&Param> = action.params.iter().filter(|param| is_required(param)).collect();
    let params: Vec<String> = required
        .iter()
        .map(|param| format!(", {}: impl Into<Arg<{}>>", snake(&param.name), arg_type(model, param)))
        .collect();
    let set: Vec<String> =
        required.iter().map(|param| format!(".with({}, {})", literal(&param.name), snake(&param.name))).collect();
    _ = writeln!(out, "/// {}", action.description);
    if let Some(why) = &action.deprecated {
        _ = writeln!(out, "///\n/// Deprecated: {why}");
    }
    if !required.is_empty() {
        out.push_str("///\n");
        for param in &required {
            _ = writeln!(out, "/// * `{}`: {}", snake(&param.name).trim_start_matches("r#"), param.description);
        }
    }
    if !action.throws.is_empty() {
        let codes: Vec<String> = action.throws.iter().map(|code| format!("`{code}`")).collect();
        _ = writeln!(out, "///\n/// Errors of its own: {}.", codes.join(", "));
    }
    // The name is the protocol's, not ours to choose.
    if name == "add" && required.len() == 1 {
        out.push_str("#[expect(clippy::should_implement_trait, reason = \"the name of the protocol\")]\n");
    }
    _ = writeln!(
        out,
        "pub fn {}(self{}) -> Call<'c, {}> {{\nCall::new(self.0){}\n}}\n",
        snake(name),
        params.concat(),
        upper_camel(name),
        set.concat()
    );
}

fn marker(out: &mut String, model: &Model, service: &str, name: &str, action: &Action) {
    let ty = upper_camel(name);
    let output = match model.known_ty(&action.result) {
        Ty::File => "crate::File".to_owned(),
        Ty::Enum(name) => format!("crate::OneOf<enums::{}>", type_name(&name)),
        other => value_type(&other, "enums::", "classes::"),
    };
    _ = writeln!(
        out,
        "action! {{\n/// `{service}.{name}`: {}\n{ty}, describe::{}::{}, {output}\n}}\n",
        action.description,
        snake(service),
        snake(name).trim_start_matches("r#").to_uppercase()
    );
    let optional: Vec<&Param> = action.params.iter().filter(|param| !is_required(param)).collect();
    if optional.is_empty() {
        return;
    }
    _ = writeln!(out, "impl Call<'_, {ty}> {{");
    for param in optional {
        _ = writeln!(
            out,
            "/// {}\npub fn {}(self, value: impl Into<Arg<{}>>) -> Self {{\nself.with({}, value)\n}}\n",
            param.description,
            snake(&param.name),
            arg_type(model, param),
            literal(&param.name)
        );
    }
    out.push_str("}\n\n");
}
