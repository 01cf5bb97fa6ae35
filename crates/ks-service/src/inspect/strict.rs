//! Refusing what is not declared. The protocol ignores unknown names at every depth, so a slip goes unnoticed; whoever
//! develops may want to hear of it.

use ks_schema::describe::{ActionInfo, ClassInfo, Type};
use ks_schema::generated::classes;
use ks_schema::{ApiError, Map, Tree};

/// What every call may carry, besides `ks__null`, which some clients send.
const COMMON: [&str; 17] = [
    "service",
    "action",
    "format",
    "ks",
    "p",
    "partnerId",
    "clientTag",
    "apiVersion",
    "language",
    "responseProfile",
    "ignoreNull",
    "callback",
    "kalsig",
    "nocache",
    "content-type",
    "fullObjects",
    "multirequest",
];

/// What every object may carry.
const OF_OBJECTS: [&str; 2] = ["objectType", "relatedObjects"];

/// `KS_UNKNOWN_PARAMETER` for the first name that is not declared.
pub(crate) fn check(action: &ActionInfo, params: &Map) -> Result<(), ApiError> {
    for (name, tree) in params {
        let bare = bare(name);
        match action.params.iter().find(|param| param.name == bare) {
            Some(param) => check_value(param.ty, tree, name)?,
            None if COMMON.contains(&bare) => {}
            None => {
                let known = action.params.iter().map(|param| param.name).chain(COMMON);
                return Err(unknown(name, nearest(bare, known)));
            }
        }
    }
    Ok(())
}

/// The name without the marker that clears a property.
fn bare(name: &str) -> &str {
    name.strip_suffix("__null").unwrap_or(name)
}

fn check_value(ty: Type, tree: &Tree, path: &str) -> Result<(), ApiError> {
    match (ty, tree) {
        (Type::Object(class), Tree::Map(map)) => check_object(class, map, path),
        (Type::Array(class) | Type::Map(class), Tree::Map(items)) => {
            items.iter().filter(|(name, _)| *name != "-").try_for_each(|(name, item)| match item {
                Tree::Map(map) => check_object(class, map, &format!("{path}:{name}")),
                _ => Ok(()),
            })
        }
        (Type::Array(class), Tree::List(items)) => items.iter().enumerate().try_for_each(|(at, item)| match item {
            Tree::Map(map) => check_object(class, map, &format!("{path}:{at}")),
            _ => Ok(()),
        }),
        _ => Ok(()),
    }
}

fn check_object(declared: &'static ClassInfo, map: &Map, path: &str) -> Result<(), ApiError> {
    let class = match map.get("objectType") {
        Some(Tree::Text(name)) => {
            let mut known = classes::ALL.iter().copied().filter(|class| class.is_a(declared));
            match known.find(|class| class.name.eq_ignore_ascii_case(name)) {
                Some(class) => class,
                None => {
                    let known = classes::ALL.iter().filter(|class| class.is_a(declared)).map(|class| class.name);
                    return Err(unknown(&format!("{path}:objectType={name}"), nearest(name, known)));
                }
            }
        }
        _ => declared,
    };
    for (name, tree) in map {
        let bare = bare(name);
        match class.properties.iter().find(|property| property.name == bare) {
            Some(property) => check_value(property.ty, tree, &format!("{path}:{name}"))?,
            None if OF_OBJECTS.contains(&bare) => {}
            None => {
                let known = class.properties.iter().map(|property| property.name);
                return Err(unknown(&format!("{path}:{name}"), nearest(bare, known)));
            }
        }
    }
    Ok(())
}

fn unknown(path: &str, meant: Option<&'static str>) -> ApiError {
    // A name may hold a value when a client mixes up its encodings; no more of it is repeated than names need.
    let path: String = path.chars().take(200).collect();
    ApiError::ks_unknown_parameter(path, meant.unwrap_or("none")).because(
        "strict",
        "The server runs in strict mode, which refuses parameters that are not declared.",
        None,
    )
}

/// The name that was probably meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let slips = (lower.chars().count() / 3).clamp(1, 4);
    let near = known.into_iter().map(|known| (strsim::damerau_levenshtein(&lower, &known.to_lowercase()), known));
    near.filter(|&(distance, _)| distance <= slips).min_by_key(|&(distance, _)| distance).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use ks_schema::generated::services::ActionId;

    use super::*;

    fn tree(pairs: &[(&str, Tree)]) -> Map {
        pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()
    }

    fn told(params: &[(&str, Tree)]) -> Option<Vec<String>> {
        let action = ActionId::find("category", "add").unwrap().info();
        check(action, &tree(params)).err().map(|error| error.args().map(|(_, value)| value.to_owned()).collect())
    }

    #[test]
    fn slips_are_found_at_every_depth() {
        let category = |pairs: &[(&str, Tree)]| Tree::Map(tree(pairs));
        assert_eq!(told(&[("ks", Tree::text("x")), ("category", category(&[("name", Tree::text("a"))]))]), None);
        assert_eq!(told(&[("category", category(&[("description__null", Tree::text(""))]))]), None);
        let slip = told(&[("catgory", category(&[]))]);
        assert_eq!(slip, Some(vec!["catgory".to_owned(), "category".to_owned()]));
        let deep = told(&[("category", category(&[("privacyContex", Tree::text("a"))]))]);
        assert_eq!(deep, Some(vec!["category:privacyContex".to_owned(), "privacyContext".to_owned()]));
        let class = told(&[("category", category(&[("objectType", Tree::text("KalturaCategoryy"))]))]);
        assert_eq!(class.unwrap()[1], "KalturaCategory");
        assert_eq!(told(&[("quite-else", Tree::Null)]).unwrap()[1], "none");
    }
}
