//! Classes: a struct with all properties, its descriptor, how it is read and answered.

use std::fmt::Write as _;

use super::model::{Class, Model, Property, ROOT_CLASS, Ty};
use super::naming::{constant, literal, snake, type_name, upper_camel};

pub(crate) fn render(model: &Model) -> String {
    let mut out = String::from(
        "//! Every class that is declared.\n//!\n\
         //! A class that others extend has two types: the struct of its own properties, and `Any…`, which\n\
         //! holds an object of the class or of one below it, as the request or the answer has it.\n\n\
         use crate::describe::{Access, ClassInfo, Limits, PropertyInfo, Type};\n\
         use crate::read::{ReadContext, ReadObject, Reader, effective_class};\n\
         use crate::write::{ApiObject, Mention};\n\
         use crate::{ApiError, Field, IntoOut, Map, Out, OutObject};\n\
         use super::enums;\n\n",
    );
    for (name, class) in &model.classes {
        descriptor(&mut out, model, name, class);
        if !class.is_abstract {
            concrete(&mut out, model, name, class);
        }
        if model.is_open(name) && name != ROOT_CLASS {
            open(&mut out, model, name, class);
        }
    }
    out.push_str("/// Every class, by name.\npub static ALL: &[&ClassInfo] = &[\n");
    for name in model.classes.keys() {
        _ = writeln!(out, "&{},", constant(name));
    }
    out.push_str("];\n");
    out
}

/// The expression that describes a type in the tables.
pub(crate) fn type_expression(ty: &Ty, enums: &str, classes: &str) -> String {
    match ty {
        Ty::Void => "Type::Void".to_owned(),
        Ty::Int => "Type::Int".to_owned(),
        Ty::BigInt => "Type::BigInt".to_owned(),
        Ty::Float => "Type::Float".to_owned(),
        Ty::Bool => "Type::Bool".to_owned(),
        Ty::Text => "Type::Text".to_owned(),
        Ty::Time => "Type::Time".to_owned(),
        Ty::File => "Type::File".to_owned(),
        Ty::Enum(name) => format!("Type::Enum(&{enums}{})", constant(name)),
        Ty::Object(name) => format!("Type::Object(&{classes}{})", constant(name)),
        Ty::Array(name) => format!("Type::Array(&{classes}{})", constant(name)),
        Ty::Map(name) => format!("Type::Map(&{classes}{})", constant(name)),
    }
}

/// The Rust type of an object reference: open classes are referred to by their `Any…` type.
pub(crate) fn reference(model: &Model, name: &str) -> String {
    if model.is_open(name) { format!("Any{}", type_name(name)) } else { type_name(name) }
}

/// The Rust type of a value.
pub(crate) fn rust_type(model: &Model, ty: &Ty, enums: &str, classes: &str) -> String {
    match ty {
        Ty::Void => "()".to_owned(),
        Ty::Int | Ty::BigInt | Ty::Time => "i64".to_owned(),
        Ty::Float => "f64".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::Text => "String".to_owned(),
        Ty::File => "crate::File".to_owned(),
        Ty::Enum(name) => format!("{enums}{}", type_name(name)),
        Ty::Object(name) => format!("{classes}{}", reference(model, name)),
        Ty::Array(name) => format!("Vec<{classes}{}>", reference(model, name)),
        Ty::Map(name) => format!("indexmap::IndexMap<String, {classes}{}>", reference(model, name)),
    }
}

fn descriptor(out: &mut String, model: &Model, name: &str, class: &Class) {
    let base = model.base(name).map_or_else(|| "None".to_owned(), |base| format!("Some(&{})", constant(base)));
    let order =
        class.order_by.as_ref().map_or_else(|| "None".to_owned(), |order| format!("Some(&enums::{})", constant(order)));
    let plugin = class.plugin.as_ref().map_or_else(|| "None".to_owned(), |plugin| format!("Some({})", literal(plugin)));
    _ = writeln!(
        out,
        "/// Describes `{name}`.\npub static {}: ClassInfo = ClassInfo {{ name: {}, description: {}, base: {base}, is_abstract: {}, plugin: {plugin}, order_by: {order}, properties: &[",
        constant(name),
        literal(name),
        literal(&class.description),
        class.is_abstract
    );
    for (declared_in, property) in model.properties(name) {
        let texts = |items: &[String]| items.iter().map(|item| literal(item)).collect::<Vec<_>>().join(", ");
        let access = property.access.as_deref().map_or("ReadWrite".to_owned(), upper_camel);
        _ = writeln!(
            out,
            "PropertyInfo {{ name: {}, description: {}, declared_in: {}, ty: {}, access: Access::{access}, filters: &[{}], requires_permission: &[{}], limits: {}, sensitive: {} }},",
            literal(&property.name),
            literal(&property.description),
            literal(declared_in),
            type_expression(&model.known_ty(&property.ty), "enums::", ""),
            texts(&property.filters),
            texts(&property.requires_permission),
            limits(property),
            property.sensitive
        );
    }
    out.push_str("] };\n\n");
}

fn limits(property: &Property) -> String {
    if property.min_length.is_none()
        && property.max_length.is_none()
        && property.min.is_none()
        && property.max.is_none()
    {
        return "Limits::NONE".to_owned();
    }
    format!(
        "Limits {{ min_length: {:?}, max_length: {:?}, min: {:?}, max: {:?} }}",
        property.min_length, property.max_length, property.min, property.max
    )
}

/// Properties that have a field. `relatedObjects` is filled by response profiles, never by a service.
fn fields<'a>(model: &'a Model, name: &'a str) -> Vec<(&'a str, &'a Property)> {
    model.properties(name).into_iter().filter(|(declared_in, _)| *declared_in != ROOT_CLASS).collect()
}

fn concrete(out: &mut String, model: &Model, name: &str, class: &Class) {
    let ty = type_name(name);
    let fields = fields(model, name);
    _ = writeln!(out, "/// {}\n#[derive(Clone, Default, PartialEq)]\npub struct {ty} {{", class.description);
    for (_, property) in &fields {
        let value = boxed(model, &model.known_ty(&property.ty));
        _ = writeln!(out, "/// {}\npub {}: Field<{value}>,", property.description, snake(&property.name));
    }
    out.push_str("}\n\n");

    let unused = if fields.is_empty() { "_" } else { "" };
    _ = writeln!(
        out,
        "impl ReadObject for {ty} {{\nfn class() -> &'static ClassInfo {{\n&{constant}\n}}\n\nfn read_object({unused}map: &mut Map, {unused}context: &ReadContext) -> Result<Self, ApiError> {{",
        constant = constant(name)
    );
    if !fields.is_empty() {
        out.push_str("let mut reader = Reader::new(map, context);\n");
    }
    out.push_str("Ok(Self {\n");
    for (_, property) in &fields {
        let wire = literal(&property.name);
        let call = match model.known_ty(&property.ty) {
            Ty::Int | Ty::BigInt | Ty::Float | Ty::Bool | Ty::Text => format!("prop({wire}, &{})?", limits(property)),
            Ty::Time => format!("prop_time({wire})?"),
            Ty::Enum(_) => format!("prop_enum({wire})?"),
            Ty::Object(_) => format!("prop_object({wire})?"),
            Ty::Array(_) => format!("prop_array({wire})?"),
            Ty::Map(_) => format!("prop_map({wire})?"),
            Ty::Void | Ty::File => continue,
        };
        _ = writeln!(out, "{}: reader.{call},", snake(&property.name));
    }
    out.push_str("})\n}\n}\n\n");

    _ = writeln!(
        out,
        "impl IntoOut for {ty} {{\nfn into_out(self) -> Out {{\nOut::Object(Box::new(OutObject {{ class: &{}, values: vec![",
        constant(name)
    );
    out.push_str("Out::Null,\n");
    for (_, property) in &fields {
        _ = writeln!(out, "self.{}.into_out(),", snake(&property.name));
    }
    out.push_str("] }))\n}\n}\n\n");

    _ = writeln!(
        out,
        "impl ApiObject for {ty} {{\nfn class_of(&self) -> &'static ClassInfo {{\n&{}\n}}\n\nfn mentions(&self) -> Vec<Mention> {{\nvec![Mention::Absent,",
        constant(name)
    );
    for (_, property) in &fields {
        _ = writeln!(out, "Mention::from(&self.{}),", snake(&property.name));
    }
    out.push_str("]\n}\n");
    let guarded: Vec<_> = fields.iter().filter(|(_, property)| !property.requires_permission.is_empty()).collect();
    let forget = |property: &Property| format!("self.{} = Field::Absent;", snake(&property.name));
    match guarded.as_slice() {
        [] => {}
        // One is no match, the lints say.
        [(_, property)] => {
            let name = literal(&property.name);
            let body = forget(property);
            _ = writeln!(out, "\nfn omit(&mut self, property: &str) {{\nif property == {name} {{\n{body}\n}}\n}}");
        }
        several => {
            out.push_str("\nfn omit(&mut self, property: &str) {\nmatch property {\n");
            for (_, property) in several {
                _ = writeln!(out, "{} => {{\n{}\n}}", literal(&property.name), forget(property));
            }
            out.push_str("_ => {}\n}\n}\n");
        }
    }
    out.push_str("}\n\n");
    debug_without_secrets(out, &ty, fields.iter().map(|(_, property)| (property.name.as_str(), property.sensitive)));
}

/// A `Debug` that shows which sensitive fields there are, and nothing of what is in them.
pub(crate) fn debug_without_secrets<'a>(out: &mut String, ty: &str, fields: impl Iterator<Item = (&'a str, bool)>) {
    _ = writeln!(
        out,
        "impl std::fmt::Debug for {ty} {{\nfn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{\nf.debug_struct({})",
        literal(ty)
    );
    for (name, sensitive) in fields {
        let value =
            if sensitive { "&format_args!(\"(withheld)\")".to_owned() } else { format!("&self.{}", snake(name)) };
        _ = writeln!(out, ".field({}, {value})", literal(&snake(name)));
    }
    out.push_str(".finish()\n}\n}\n\n");
}

/// The type of a field: objects are boxed, since classes refer to each other in circles.
fn boxed(model: &Model, ty: &Ty) -> String {
    let plain = rust_type(model, ty, "enums::", "");
    if matches!(ty, Ty::Object(_)) { format!("Box<{plain}>") } else { plain }
}

fn open(out: &mut String, model: &Model, name: &str, class: &Class) {
    let ty = format!("Any{}", type_name(name));
    let mut members: Vec<&str> = model.concrete_below(name);
    if !class.is_abstract {
        members.insert(0, name);
    }
    if members.is_empty() {
        // An abstract class of which nothing is served yet: a reference to it can hold nothing.
        _ = writeln!(
            out,
            "/// {} Nothing below it is served.\n#[derive(Clone, Copy, Debug, PartialEq)]\npub enum {ty} {{}}\n",
            class.description
        );
    } else {
        // The variants are the names of classes, and those are not ours to choose.
        let names: Vec<String> = members.iter().map(|member| type_name(member)).collect();
        let lint = if names.len() > 2 && (share(&names, first_word) || share(&names, last_word)) {
            "#[expect(clippy::enum_variant_names, reason = \"the names of classes\")]\n"
        } else {
            ""
        };
        _ = writeln!(
            out,
            "/// {} Any class of it.\n#[derive(Clone, Debug, PartialEq)]\n{lint}pub enum {ty} {{",
            class.description
        );
        for member in &members {
            _ = writeln!(out, "/// `{member}`.\n{}(Box<{}>),", type_name(member), type_name(member));
        }
        out.push_str("}\n\n");
    }

    let known: Vec<String> = model
        .classes
        .keys()
        .filter(|other| *other == name || below(model, other, name))
        .map(|other| format!("&{}", constant(other)))
        .collect();
    let map = if members.is_empty() { "map: &mut Map, _context" } else { "map: &mut Map, context" };
    _ = writeln!(
        out,
        "impl ReadObject for {ty} {{\nfn class() -> &'static ClassInfo {{\n&{constant}\n}}\n\nfn read_object({map}: &ReadContext) -> Result<Self, ApiError> {{\nlet class = effective_class(map, &{constant}, &[{}]);{open}",
        known.join(", "),
        constant = constant(name),
        open = if members.is_empty() { "" } else { "\nmatch class.name {" }
    );
    for member in &members {
        _ = writeln!(
            out,
            "{} => {}::read_object(map, context).map(|object| Self::{}(Box::new(object))),",
            literal(member),
            type_name(member),
            type_name(member)
        );
    }
    out.push_str(if members.is_empty() {
        "Err(ApiError::object_type_abstract(class.name))\n}\n}\n\n"
    } else {
        "other => Err(ApiError::object_type_abstract(other)),\n}\n}\n}\n\n"
    });

    let arms = |body: &str| -> String {
        if members.is_empty() {
            return "match *self {}".to_owned();
        }
        let mut text = String::from("match self {\n");
        for member in &members {
            _ = writeln!(text, "Self::{}(object) => {body},", type_name(member));
        }
        text.push('}');
        text
    };
    let guarded = |member: &&&str| model.properties(member).iter().any(|(_, it)| !it.requires_permission.is_empty());
    let omit = if members.iter().any(|member| guarded(&member)) {
        format!("\n\nfn omit(&mut self, property: &str) {{\n{}\n}}", arms("object.omit(property)"))
    } else {
        String::new()
    };
    let into_arms = if members.is_empty() { "match self {}".to_owned() } else { arms("object.into_out()") };
    _ = writeln!(out, "impl IntoOut for {ty} {{\nfn into_out(self) -> Out {{\n{into_arms}\n}}\n}}\n");
    _ = writeln!(
        out,
        "impl ApiObject for {ty} {{\nfn class_of(&self) -> &'static ClassInfo {{\n{}\n}}\n\nfn mentions(&self) -> Vec<Mention> {{\n{}\n}}{omit}\n}}\n",
        arms("object.class_of()"),
        arms("object.mentions()")
    );
    for member in &members {
        _ = writeln!(
            out,
            "impl From<{member}> for {ty} {{\nfn from(object: {member}) -> Self {{\nSelf::{member}(Box::new(object))\n}}\n}}\n",
            member = type_name(member)
        );
    }
}

/// Whether all names have the same such word.
fn share(names: &[String], word: fn(&str) -> &str) -> bool {
    names.windows(2).all(|pair| word(&pair[0]) == word(&pair[1]))
}

fn first_word(name: &str) -> &str {
    let end = name.char_indices().skip(1).find(|(_, letter)| letter.is_ascii_uppercase());
    end.map_or(name, |(end, _)| &name[..end])
}

fn last_word(name: &str) -> &str {
    name.rfind(|letter: char| letter.is_ascii_uppercase()).map_or(name, |start| &name[start..])
}

fn below(model: &Model, name: &str, ancestor: &str) -> bool {
    let mut at = model.base(name);
    while let Some(this) = at {
        if this == ancestor {
            return true;
        }
        at = model.base(this);
    }
    false
}
