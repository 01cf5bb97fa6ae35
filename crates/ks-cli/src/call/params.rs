//! From `key=value` to the arguments of a call.

use std::io::Read as _;

use ks_client::Upload;
use ks_schema::describe::{ActionInfo, ClassInfo, EnumInfo, EnumValues, Type};
use serde_json::{Map, Value};

use crate::exit::Failure;
use crate::output::printable;
use crate::profile::suggest;

/// What every call may carry, whatever the action.
const COMMON: [&str; 7] = ["ks", "partnerId", "language", "responseProfile", "clientTag", "ignoreNull", "p"];

/// The arguments of a call.
#[derive(Default)]
pub(super) struct Params {
    pub(super) fields: Map<String, Value>,
    pub(super) files: Vec<(String, Upload)>,
    /// Whether the standard input has been read.
    pub(super) read_input: bool,
}

/// Where a value comes from, and how it is meant.
#[derive(Clone, Copy)]
enum Given<'a> {
    Text(&'a str),
    Json(&'a str),
    File(&'a str),
    Input,
}

impl Params {
    /// Reads all words of a call.
    pub(super) fn read(words: &[String], action: Option<&'static ActionInfo>) -> Result<Self, Failure> {
        let mut params = Self::default();
        for word in words {
            params.add(word, action)?;
        }
        params.finish(action)?;
        Ok(params)
    }

    /// Reads one word, such as `category:name=Lectures`.
    pub(super) fn add(&mut self, word: &str, action: Option<&'static ActionInfo>) -> Result<(), Failure> {
        let (path, given) = split(word)?;
        let first = path.first().copied().unwrap_or_default();
        let declared = match action {
            Some(action) => Some(declared(action, first)?),
            None => None,
        };
        let ty = match declared.flatten() {
            Some(ty) => Some(below(ty, &path)?),
            None => None,
        };
        if matches!(ty, Some(Type::File)) {
            let Given::File(name) = given else {
                return Err(Failure::usage(format!("{first} is a file: write {first}=@FILE")));
            };
            let bytes = read_file(name)?;
            let short =
                std::path::Path::new(name).file_name().map_or_else(String::new, |it| it.to_string_lossy().into());
            self.files.push((first.to_owned(), Upload::new(short, bytes)));
            return Ok(());
        }
        let value = self.value(word, given, ty)?;
        let mut place = &mut self.fields;
        let (last, upper) = path.split_last().unwrap_or((&first, &[]));
        for name in upper {
            let next = place.entry((*name).to_owned()).or_insert_with(|| Value::Object(Map::new()));
            place = next.as_object_mut().ok_or_else(|| {
                Failure::usage(format!("{} is given twice, as a whole and in parts", printable(name)))
            })?;
        }
        place.insert((*last).to_owned(), value);
        Ok(())
    }

    fn value(&mut self, word: &str, given: Given<'_>, ty: Option<Type>) -> Result<Value, Failure> {
        let (text, where_from) = match given {
            Given::Text(text) => return Ok(typed(text, ty)),
            Given::Json(text) => return json(text, "this"),
            Given::File(name) => {
                let text = String::from_utf8(read_file(name)?);
                (text.map_err(|_| Failure::usage(format!("{}: this is no text", printable(name))))?, name)
            }
            Given::Input if self.read_input => {
                return Err(Failure::usage(format!("{}: the standard input can be read once", printable(word))));
            }
            Given::Input => {
                self.read_input = true;
                let mut text = String::new();
                let read = std::io::stdin().lock().read_to_string(&mut text);
                read.map_err(|error| Failure::unreachable(format!("standard input: {error}")))?;
                (text, "standard input")
            }
        };
        match ty {
            // What is text anyway is taken as it is, up to the line's end: a password, a token.
            Some(Type::Text) => Ok(text.trim_end_matches(['\r', '\n']).into()),
            None if serde_json::from_str::<Value>(&text).is_err() => Ok(text.trim_end_matches(['\r', '\n']).into()),
            _ => json(&text, where_from),
        }
    }

    /// Makes lists of what has numbers for names, and says of what class objects are.
    pub(super) fn finish(&mut self, action: Option<&'static ActionInfo>) -> Result<(), Failure> {
        for (name, value) in &mut self.fields {
            let param = action.and_then(|action| action.params.iter().find(|param| param.name == name));
            finish(value, param.map(|param| param.ty), name)?;
        }
        Ok(())
    }
}

/// `category:name=x`, `category[name]=x` and `category.name=x` are the same; `key:=…` is JSON.
fn split(word: &str) -> Result<(Vec<&str>, Given<'_>), Failure> {
    let wrong = || {
        Failure::usage(format!("{} is no key=value", printable(word)))
            .hint("for example: category:name=Lectures, filter:idIn=1,2, category=@file.json, password=-")
    };
    let (key, value) = word.split_once('=').ok_or_else(wrong)?;
    let (key, is_json) = key.strip_suffix(':').map_or((key, false), |key| (key, true));
    let path: Vec<&str> = key.split([':', '.', '[']).map(|part| part.trim_end_matches(']')).collect();
    if path.iter().any(|part| part.is_empty()) {
        return Err(wrong());
    }
    let given = match value {
        _ if is_json => Given::Json(value),
        "-" => Given::Input,
        _ => match value.strip_prefix('@') {
            // A text that begins with @ is written with two.
            Some(text) if text.starts_with('@') => Given::Text(text),
            Some(name) => Given::File(name),
            None => Given::Text(value),
        },
    };
    Ok((path, given))
}

fn read_file(name: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(name).map_err(|error| Failure::unreachable(format!("{}: {error}", printable(name))))
}

fn json(text: &str, whence: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::usage(format!("{}: no JSON: {error}", printable(whence))))
}

/// The type of a parameter; `None` for what every call may carry.
fn declared(action: &'static ActionInfo, name: &str) -> Result<Option<Type>, Failure> {
    if let Some(param) = action.params.iter().find(|param| param.name == name) {
        return Ok(Some(param.ty));
    }
    if COMMON.contains(&name) {
        return Ok(None);
    }
    let failure = Failure::usage(format!("{} has no parameter {}", action.full_name(), printable(name)));
    let names = action.params.iter().map(|param| param.name);
    Err(match action.params {
        [] => failure.hint("it takes none"),
        _ if crate::typo::nearest(name, names.clone()).is_some() => suggest(failure, name, names),
        _ => failure.hint(format!("it takes {}", names.collect::<Vec<_>>().join(", "))),
    })
}

/// The type of what a path leads to.
fn below(mut ty: Type, path: &[&str]) -> Result<Type, Failure> {
    for (at, name) in path.iter().enumerate().skip(1) {
        ty = match ty {
            Type::Object(class) => property(class, name)?,
            // The marker of an empty list.
            Type::Array(_) if *name == "-" => Type::Void,
            Type::Array(class) if name.parse::<usize>().is_ok() => Type::Object(class),
            Type::Array(_) => {
                return Err(Failure::usage(format!("{} is a list: write {}:0:…", path[at - 1], path[at - 1])));
            }
            Type::Map(class) => Type::Object(class),
            _ => return Err(Failure::usage(format!("{} is no object, and has no {}", path[at - 1], printable(name)))),
        };
    }
    Ok(ty)
}

fn property(class: &'static ClassInfo, name: &str) -> Result<Type, Failure> {
    if name == "objectType" {
        return Ok(Type::Text);
    }
    let bare = name.strip_suffix("__null").unwrap_or(name);
    // The object may be of a class below the declared one.
    let classes = || ks_schema::generated::classes::ALL.iter().filter(|other| other.is_a(class));
    let properties = || classes().flat_map(|class| class.properties);
    if let Some(property) = properties().find(|property| property.name == bare) {
        return Ok(if bare == name { property.ty } else { Type::Text });
    }
    let failure = Failure::usage(format!("{} has no property {}", class.name, printable(name)));
    Err(suggest(failure, name, properties().map(|property| property.name)))
}

/// The value that a text means: the member of an enum by its name, a number, a truth value.
fn typed(text: &str, ty: Option<Type>) -> Value {
    match ty {
        Some(Type::Int | Type::BigInt | Type::Time) => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
        Some(Type::Float) => text.parse::<f64>().map_or_else(|_| text.into(), Value::from),
        Some(Type::Bool) => match text {
            "true" | "1" | "yes" => true.into(),
            "false" | "0" | "no" => false.into(),
            _ => text.into(),
        },
        Some(Type::Enum(info)) => member(info, text),
        _ => text.into(),
    }
}

fn member(info: &EnumInfo, text: &str) -> Value {
    match info.values {
        EnumValues::Int(members) => {
            let named = members.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value);
            named.or_else(|| text.parse().ok()).map_or_else(|| text.into(), Value::from)
        }
        EnumValues::Text(members) => {
            let is_value = members.iter().any(|(_, value)| *value == text);
            let named = members.iter().find(|(name, _)| !is_value && name.eq_ignore_ascii_case(text));
            named.map_or(text, |(_, value)| value).into()
        }
    }
}

fn finish(value: &mut Value, ty: Option<Type>, name: &str) -> Result<(), Failure> {
    let Value::Object(map) = value else {
        if let (Value::Array(items), Some(Type::Array(class))) = (value, ty) {
            for item in items {
                finish(item, Some(Type::Object(class)), name)?;
            }
        }
        return Ok(());
    };
    let is_list = !map.is_empty() && map.keys().all(|key| key.parse::<usize>().is_ok());
    if is_list && !matches!(ty, Some(Type::Map(_))) {
        let mut items: Vec<_> = std::mem::take(map).into_iter().collect();
        items.sort_by_key(|(key, _)| key.parse::<usize>().unwrap_or_default());
        *value = Value::Array(items.into_iter().map(|(_, item)| item).collect());
        return finish(value, ty, name);
    }
    if let Some(Type::Object(class)) = ty {
        let named = map.get("objectType").and_then(Value::as_str).map(str::to_owned);
        let known = |name: &str| ks_schema::generated::classes::ALL.iter().copied().find(|class| class.name == name);
        let class = match named {
            Some(text) => match known(&text).filter(|other| other.is_a(class)) {
                Some(class) => class,
                None => return Err(no_class(class, &text)),
            },
            None if class.is_abstract => return Err(which_class(class, name)),
            None => {
                map.insert("objectType".to_owned(), class.name.into());
                class
            }
        };
        for (key, value) in map {
            let property = class.properties.iter().find(|property| property.name == key);
            finish(value, property.map(|property| property.ty), key)?;
        }
    } else if let Some(Type::Map(class)) = ty {
        for (key, value) in map {
            finish(value, Some(Type::Object(class)), key)?;
        }
    }
    Ok(())
}

fn concrete(class: &'static ClassInfo) -> impl Iterator<Item = &'static str> + Clone {
    let all = ks_schema::generated::classes::ALL.iter();
    all.filter(move |other| !other.is_abstract && other.is_a(class)).map(|class| class.name)
}

fn no_class(class: &'static ClassInfo, text: &str) -> Failure {
    let failure = Failure::usage(format!("{} is no {}", printable(text), class.name));
    suggest(failure, text, concrete(class))
}

fn which_class(class: &'static ClassInfo, name: &str) -> Failure {
    let names: Vec<_> = concrete(class).collect();
    Failure::usage(format!("{name} can be of several classes"))
        .hint(format!("say which: {name}:objectType=… ({})", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use ks_schema::generated::services::{base_entry, category, session};
    use serde_json::json;

    use super::*;

    fn read(action: &'static ActionInfo, words: &[&str]) -> Result<Value, Failure> {
        let mut params = Params::default();
        for word in words {
            params.add(word, Some(action))?;
        }
        params.finish(Some(action))?;
        Ok(Value::Object(params.fields))
    }

    #[test]
    fn nested_names_have_three_spellings_and_types_are_the_declared_ones() {
        let expected = json!({ "filter": { "idEqual": 7, "nameOrReferenceIdStartsWith": "7", "objectType": "KalturaCategoryFilter" } });
        for separator in [[":", ""], ["[", "]"], [".", ""]] {
            let [open, close] = separator;
            let words =
                [format!("filter{open}idEqual{close}=7"), format!("filter{open}nameOrReferenceIdStartsWith{close}=7")];
            assert_eq!(read(&category::LIST, &[&words[0], &words[1]]).unwrap(), expected);
        }
        let start = read(&session::START, &["secret=a=b", "type=admin", "userId=@@me", "expiry=soon"]).unwrap();
        assert_eq!(start, json!({ "secret": "a=b", "type": 2, "userId": "@me", "expiry": "soon" }));
        let whole = read(&category::LIST, &["filter:={\"idEqual\":7}", "ks=x"]).unwrap();
        assert_eq!(whole, json!({ "filter": { "idEqual": 7, "objectType": "KalturaCategoryFilter" }, "ks": "x" }));
        let cleared = read(&category::UPDATE, &["id=7", "category:description__null="]).unwrap();
        assert_eq!(cleared["category"], json!({ "description__null": "", "objectType": "KalturaCategory" }));
    }

    #[test]
    fn what_is_misspelt_is_answered_with_what_was_meant() {
        for (action, word, told) in [
            (&category::LIST, "fliter:idEqual=7", "did you mean filter?"),
            (&category::LIST, "filter:idEqal=7", "did you mean idEqual?"),
            (&category::LIST, "filter:idEqual:x=7", "idEqual is no object"),
            (&category::LIST, "nonsense", "is no key=value"),
            (&category::GET, "whatever=7", "it takes id"),
            (&category::ADD, "category:objectType=KalturaCategori", "did you mean KalturaCategory?"),
            (&base_entry::ADD_CONTENT, "resource:x=1", "KalturaResource"),
        ] {
            let failure = format!("{:?}", read(action, &[word]).unwrap_err());
            assert!(failure.contains(told), "{word}: {failure}");
        }
    }
}
