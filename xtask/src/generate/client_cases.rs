//! A call of every action with the typed client, and what must arrive: written for the tests, from the declarations.

use std::fmt::Write as _;

use super::model::{Action, Model, Param, Property, Ty};
use super::naming::{literal, snake, type_name, upper_camel};

/// A value as Rust makes it, and as it must arrive in JSON.
type Sample = (String, String);

pub(crate) fn render(model: &Model) -> String {
    let mut out = String::from(
        "//! Every action, called with every argument that it takes.\n\n\
         use ks_client::{Client, classes, enums};\n\n\
         use super::every::{Case, case};\n\n\
         pub(super) fn all(client: &Client) -> Vec<Case<'_>> {\nvec![\n",
    );
    for (service, name, action) in super::services::actions(model) {
        one(&mut out, model, service, name, action);
    }
    out.push_str("]\n}\n");
    out
}

fn one(out: &mut String, model: &Model, service: &str, name: &str, action: &Action) {
    let (mut arguments, mut setters, mut expected) = (Vec::new(), String::new(), Vec::new());
    for param in &action.params {
        let required = !param.optional && param.default.is_none();
        let Some((rust, json)) = sample(model, param) else {
            // Nothing of that class is declared yet.
            if required {
                arguments.push("ks_client::Null".to_owned());
            }
            continue;
        };
        if !json.is_empty() {
            expected.push(format!("{}:{json}", literal(&param.name)));
        }
        if required {
            arguments.push(rust);
        } else {
            _ = write!(setters, ".{}({rust})", snake(&param.name));
        }
    }
    _ = writeln!(
        out,
        "case(client.{}().{}({}){setters}, {}),",
        snake(service),
        snake(name),
        arguments.join(", "),
        literal(&format!("{{{}}}", expected.join(",")))
    );
}

fn sample(model: &Model, param: &Param) -> Option<Sample> {
    match model.known_ty(&param.ty) {
        Ty::Object(class) => object(model, &class, 0),
        Ty::Array(class) => object(model, &class, 0).map(|(rust, json)| (format!("vec![{rust}]"), format!("[{json}]"))),
        // A file is no part of the JSON.
        Ty::File => Some(("ks_client::Upload::new(\"file.txt\", \"content\")".to_owned(), String::new())),
        other => scalar(model, &other),
    }
}

fn scalar(model: &Model, ty: &Ty) -> Option<Sample> {
    let same = |text: &str| Some((text.to_owned(), text.to_owned()));
    match ty {
        Ty::Int | Ty::BigInt => same("7"),
        Ty::Time => same("1700000000"),
        Ty::Float => same("1.5"),
        Ty::Bool => same("true"),
        Ty::Text => same("\"text & <more>\""),
        Ty::Enum(name) => {
            let (member, value) = model.enums[name].values.iter().next()?;
            let rust = format!("enums::{}::{}", type_name(name), upper_camel(member));
            Some((rust, value.as_str().map_or_else(|| value.to_string(), literal)))
        }
        Ty::Void | Ty::File | Ty::Object(_) | Ty::Array(_) | Ty::Map(_) => None,
    }
}

/// An object of the class, or of the first one below it that there are objects of, with one property of each type.
fn object(model: &Model, class: &str, depth: usize) -> Option<Sample> {
    let concrete = if model.classes[class].is_abstract { *model.concrete_below(class).first()? } else { class };
    let mut rust = format!("classes::{}::new()", type_name(concrete));
    let mut json = vec![format!("\"objectType\":{}", literal(concrete))];
    let mut seen: Vec<Ty> = Vec::new();
    let writable = |property: &Property| property.access.as_deref() != Some("read-only");
    for (_, property) in model.properties(concrete).into_iter().filter(|(_, property)| writable(property)) {
        let ty = model.known_ty(&property.ty);
        let kind = |other: &Ty| std::mem::discriminant(other) == std::mem::discriminant(&ty);
        if seen.iter().any(kind) {
            continue;
        }
        let value = match &ty {
            Ty::Object(class) if depth < 2 => object(model, class, depth + 1),
            Ty::Array(class) if depth < 2 => {
                object(model, class, depth + 1).map(|(rust, json)| (format!("vec![{rust}]"), format!("[{json}]")))
            }
            other => scalar(model, other),
        };
        let Some((value, text)) = value else { continue };
        seen.push(ty);
        _ = write!(rust, ".with_{}({value})", snake(&property.name).trim_start_matches("r#"));
        json.push(format!("{}:{text}", literal(&property.name)));
    }
    Some((rust, format!("{{{}}}", json.join(","))))
}
