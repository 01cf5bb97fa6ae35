//! Enums: a Rust enum, its descriptor, and how a value is read.

use std::fmt::Write as _;

use super::model::{Enum, Model};
use super::naming::{constant, literal, type_name, upper_camel};

pub(crate) fn render(model: &Model) -> String {
    let mut out = String::from(
        "//! Every enum that is declared.\n\n\
         use crate::describe::{EnumInfo, EnumValues};\n\
         use crate::read::{ReadEnum, cast_text, enum_number};\n\
         use crate::{IntoOut, Out, Tree};\n\n",
    );
    for (name, declared) in &model.enums {
        one(&mut out, name, declared);
    }
    out.push_str("/// Every enum, by name.\npub static ALL: &[&EnumInfo] = &[\n");
    for name in model.enums.keys() {
        _ = writeln!(out, "&{},", constant(name));
    }
    out.push_str("];\n");
    out
}

/// Whether all members begin or end with the same word, which Clippy notices from three members on.
fn repeat_a_word(declared: &Enum) -> bool {
    let same = |word: fn(&String) -> Option<&str>| {
        let mut words = declared.values.keys().map(word);
        let first = words.next().flatten();
        first.is_some() && words.all(|word| word == first)
    };
    declared.values.len() > 2
        && (same(|key| key.split_once('_').map(|(first, _)| first))
            || same(|key| key.rsplit_once('_').map(|(_, last)| last)))
}

fn one(out: &mut String, name: &str, declared: &Enum) {
    let ty = type_name(name);
    let is_int = declared.ty == "int";
    let members: Vec<(String, String, String)> = declared
        .values
        .iter()
        .map(|(key, value)| {
            let text = match value {
                toml::Value::String(text) => literal(text),
                other => other.to_string(),
            };
            (key.clone(), upper_camel(key), text)
        })
        .collect();
    _ = writeln!(
        out,
        "/// {}\n{}#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\npub enum {ty} {{",
        declared.description,
        // The names are the protocol's, not ours to choose.
        if repeat_a_word(declared) {
            "#[expect(clippy::enum_variant_names, reason = \"the names of the protocol\")]\n"
        } else {
            ""
        }
    );
    for (key, variant, value) in &members {
        _ = writeln!(out, "/// `{key}`: {} on the wire.\n{variant},", value.trim_matches('"'));
    }
    let (value_type, kind) = if is_int { ("i64", "Int") } else { ("&'static str", "Text") };
    _ = writeln!(out, "}}\n\nimpl {ty} {{\n/// Every member.\npub const ALL: &'static [Self] = &[");
    for (_, variant, _) in &members {
        _ = writeln!(out, "Self::{variant},");
    }
    _ = writeln!(
        out,
        "];\n\n/// The value on the wire.\n#[must_use]\npub const fn value(self) -> {value_type} {{\nmatch self {{"
    );
    for (_, variant, value) in &members {
        _ = writeln!(out, "Self::{variant} => {value},");
    }
    let from = if is_int { "i64" } else { "&str" };
    _ = writeln!(
        out,
        "}}\n}}\n\n/// The member with this value on the wire.\n#[must_use]\npub fn from_value(value: {from}) -> Option<Self> {{\nSelf::ALL.iter().copied().find(|member| member.value() == value)\n}}\n}}\n"
    );
    let read =
        if is_int { "enum_number(value).and_then(Self::from_value)" } else { "Self::from_value(&cast_text(value))" };
    // Its clients spell a nullable boolean as text, and no text at all means false.
    let read = if name == "KalturaNullableBoolean" {
        format!("if matches!(value, Tree::Text(text) if text.is_empty()) {{ return Some(Self::FalseValue); }}\n{read}")
    } else {
        read.to_owned()
    };
    let into = if is_int { "Out::Int(self.value())" } else { "Out::Text(self.value().to_owned())" };
    _ = writeln!(
        out,
        "impl ReadEnum for {ty} {{\nfn info() -> &'static EnumInfo {{\n&{constant}\n}}\n\nfn from_tree(value: &Tree) -> Option<Self> {{\n{read}\n}}\n}}\n\nimpl IntoOut for {ty} {{\nfn into_out(self) -> Out {{\n{into}\n}}\n}}\n\n/// Describes [`{ty}`].\npub static {constant}: EnumInfo = EnumInfo {{ name: {}, description: {}, values: EnumValues::{kind}(&[",
        literal(name),
        literal(&declared.description),
        constant = constant(name)
    );
    for (key, _, value) in &members {
        _ = writeln!(out, "({}, {value}),", literal(key));
    }
    out.push_str("]) };\n\n");
}
