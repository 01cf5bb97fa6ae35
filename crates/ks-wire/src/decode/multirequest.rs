//! The parts of a multirequest.

use ks_schema::{Map, Tree, Upload};
use smol_str::SmolStr;

use super::call::{CallTree, is_absent};
use super::limits::{MOST_COPIED, out_of_range};
use super::{Calls, Limits, Refused};
use crate::number::{canonical_int, scalar_text};

/// What a part takes over from the common level when it has none of its own.
const INHERITED: [&str; 3] = ["clientTag", "ks", "partnerId"];

/// One call, or the numbered parts of a multirequest.
pub(super) fn split(params: Map, spare: Vec<(String, Upload)>, limits: &Limits) -> Result<Calls, Refused> {
    let is_multi = params.get("service").and_then(scalar_text).is_some_and(|name| super::call::is_multirequest(&name));
    if !is_multi {
        return Ok(Calls::Single(CallTree::new(params, spare)));
    }
    let mut params = params;
    let keys = part_keys(&params);
    let refuse = |error| Refused { error, parts: Some(keys.len()) };
    if keys.len() > limits.max_sub_requests {
        return Err(refuse(out_of_range("multirequest", limits.max_sub_requests)));
    }
    let inherited: Vec<(&'static str, Tree)> =
        INHERITED.iter().filter_map(|name| params.swap_remove(*name).map(|value| (*name, value))).collect();
    for (name, value) in &inherited {
        let most = MOST_COPIED / keys.len().max(1);
        if text_size(value) > most {
            return Err(refuse(out_of_range(name, most)));
        }
    }
    let mut parts: Vec<CallTree> = Vec::with_capacity(keys.len());
    for key in &keys {
        let Some(Tree::Map(mut part)) = params.swap_remove(key.as_str()) else { break };
        part.shift_remove("format");
        for (name, value) in &inherited {
            if is_absent(part.get(*name)) {
                part.insert(SmolStr::new_static(name), value.clone());
            }
        }
        parts.push(CallTree::new(part, Vec::new()));
    }
    for (name, upload) in spare {
        // `2:fileData` belongs to the part with the key 2.
        if let Some((key, rest)) = name.split_once(':')
            && let Some(index) = part_index(key, keys.first())
            && let Some(part) = parts.get_mut(index)
        {
            part.add_spare(rest.to_owned(), upload);
        }
    }
    Ok(Calls::Multi(parts))
}

/// The keys of the parts that will run, in order. Clients count from 0 or from 1; a gap, or a part without
/// a service or an action, ends the list without an error.
fn part_keys(params: &Map) -> Vec<String> {
    let first = params.keys().filter_map(|key| canonical_int(key)).filter(|number| *number >= 0).min();
    let start = first.map_or(1, |smallest| smallest.min(1));
    (start..)
        .map(|number| number.to_string())
        .take_while(|key| match params.get(key.as_str()) {
            Some(Tree::Map(part)) => ["service", "action"]
                .iter()
                .all(|name| part.get(*name).and_then(scalar_text).is_some_and(|text| !text.is_empty())),
            _ => false,
        })
        .collect()
}

/// The place of the part with this key.
fn part_index(key: &str, first: Option<&String>) -> Option<usize> {
    usize::try_from(canonical_int(key)?.checked_sub(canonical_int(first?)?)?).ok()
}

/// About how much memory a copy takes.
fn text_size(value: &Tree) -> usize {
    match value {
        Tree::Text(text) => text.len(),
        Tree::List(items) => items.iter().map(|item| 64 + text_size(item)).sum(),
        Tree::Map(map) => map.iter().map(|(key, item)| 128 + key.len() + text_size(item)).sum(),
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::File(_) => 0,
    }
}
