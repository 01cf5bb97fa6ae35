//! What a shell may complete: services, actions, parameters, properties, members of enums.

use std::ffi::OsStr;

use clap_complete::CompletionCandidate;
use ks_schema::describe::{ActionInfo, ClassInfo, EnumValues, Type};
use ks_schema::generated::services::{ALL, ActionId};

/// Services, and the actions of one.
pub(super) fn actions(current: &OsStr) -> Vec<CompletionCandidate> {
    let typed = current.to_string_lossy().to_lowercase();
    let all = ALL.iter().flat_map(|service| service.actions.iter().map(move |action| (service, action)));
    let begins = all.filter(|(_, action)| action.full_name().to_lowercase().starts_with(&typed));
    begins.map(|(_, action)| candidate(action.full_name(), action.description)).collect()
}

/// Parameters of the action that was typed before, and what is below them.
pub(super) fn params(current: &OsStr) -> Vec<CompletionCandidate> {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    // The words of the command line stand behind the first `--`.
    let typed = words.iter().skip_while(|word| *word != "--").skip_while(|word| *word != "call").skip(1);
    let action = typed.filter(|word| !word.starts_with('-')).find_map(|word| {
        let (service, action) = word.split_once('.')?;
        ActionId::find(&service.to_lowercase(), &action.to_lowercase())
    });
    action.map_or_else(Vec::new, |action| below(action.info(), &current.to_string_lossy()))
}

fn candidate(text: String, help: &str) -> CompletionCandidate {
    let help = (!help.is_empty()).then(|| help.to_owned().into());
    CompletionCandidate::new(text).help(help)
}

fn below(action: &'static ActionInfo, current: &str) -> Vec<CompletionCandidate> {
    let ty = |path: &str| path.split(':').skip(1).try_fold(param(action, path)?, property);
    if let Some((key, value)) = current.split_once('=') {
        return ty(key).map_or_else(Vec::new, |ty| values(key, value, ty));
    }
    let (upper, last) = current.rsplit_once(':').unwrap_or(("", current));
    if upper.is_empty() {
        let begins = action.params.iter().filter(|param| param.name.starts_with(last));
        return begins.map(|param| candidate(named("", param.name, param.ty), param.description)).collect();
    }
    let Some(class) = ty(upper).and_then(class) else { return Vec::new() };
    let begins = class.properties.iter().filter(|property| property.name.starts_with(last));
    begins.map(|it| candidate(named(upper, it.name, it.ty), it.description)).collect()
}

fn param(action: &'static ActionInfo, path: &str) -> Option<Type> {
    let first = path.split(':').next()?;
    action.params.iter().find(|param| param.name == first).map(|param| param.ty)
}

fn property(ty: Type, name: &str) -> Option<Type> {
    match ty {
        Type::Array(class) | Type::Map(class) => Some(Type::Object(class)),
        _ => class(ty)?.properties.iter().find(|property| property.name == name).map(|property| property.ty),
    }
}

const fn class(ty: Type) -> Option<&'static ClassInfo> {
    match ty {
        Type::Object(class) => Some(class),
        _ => None,
    }
}

/// The name with what follows it: a value, or a further name.
fn named(upper: &str, name: &str, ty: Type) -> String {
    let joint = if upper.is_empty() { "" } else { ":" };
    let end = match ty {
        Type::Object(_) | Type::Map(_) => ":",
        Type::Array(_) => ":0:",
        _ => "=",
    };
    format!("{upper}{joint}{name}{end}")
}

fn values(key: &str, value: &str, ty: Type) -> Vec<CompletionCandidate> {
    let names: Vec<&str> = match ty {
        Type::Bool => vec!["true", "false"],
        Type::Enum(info) => match info.values {
            EnumValues::Int(members) => members.iter().map(|(name, _)| *name).collect(),
            EnumValues::Text(members) => members.iter().map(|(name, _)| *name).collect(),
        },
        _ => Vec::new(),
    };
    let lower = value.to_lowercase();
    let begins = names.into_iter().filter(|name| name.to_lowercase().starts_with(&lower));
    begins.map(|name| candidate(format!("{key}={name}"), "")).collect()
}
