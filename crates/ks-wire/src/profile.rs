//! Response profiles: which properties of the answered objects the caller wants to see.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use ks_schema::describe::ClassInfo;
use ks_schema::{ApiError, Map, Out, OutObject, Tree};

use crate::number::{loose_number, scalar_text};

/// The `responseProfile` parameter.
#[derive(Clone, PartialEq, Eq)]
pub enum Holder {
    /// A profile that the request spells out.
    Inline(Profile),
    /// A profile that is kept on the server.
    Stored(StoredProfile),
}

/// The name of a profile that is kept on the server.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredProfile {
    /// Its id, as text.
    pub id: Option<String>,
    /// Its system name.
    pub system_name: Option<String>,
    /// What the same parameter says as an inline profile: the protocol falls back to it when no such
    /// profile is kept.
    pub fallback: Profile,
}

/// Which properties to keep.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Profile {
    mode: Option<Mode>,
    /// A set, so that a long list costs no more for each property than a short one.
    fields: HashSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Include,
    Exclude,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inline(profile) => profile.fmt(f),
            Self::Stored(_) => f.write_str("StoredProfile"),
        }
    }
}

impl fmt::Debug for StoredProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredProfile")
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("mode", &self.mode).field("fields", &self.fields.len()).finish()
    }
}

impl Profile {
    /// A profile that keeps only these properties.
    pub fn include(fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { mode: Some(Mode::Include), fields: fields.into_iter().map(Into::into).collect() }
    }

    /// A profile that drops these properties.
    pub fn exclude(fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { mode: Some(Mode::Exclude), fields: fields.into_iter().map(Into::into).collect() }
    }

    fn keeps(&self, property: &str) -> bool {
        let named = self.fields.contains(property);
        match self.mode {
            Some(Mode::Include) => named,
            Some(Mode::Exclude) => !named,
            None => true,
        }
    }
}

/// Reads the `responseProfile` parameter of a call.
///
/// Related profiles are not read here: they need services of their own.
///
/// # Errors
/// `PROPERTY_VALIDATION_WRONG_FORMAT` if it is no map, `INVALID_ENUM_VALUE` for an unknown `type`.
pub fn read(tree: &Tree) -> Result<Holder, ApiError> {
    let Tree::Map(map) = tree else {
        return Err(ApiError::property_validation_wrong_format("responseProfile", "array"));
    };
    let profile = Profile { mode: read_mode(map)?, fields: read_fields(map) };
    let text = |name: &str| map.get(name).and_then(scalar_text).filter(|text| !text.is_empty()).map(Cow::into_owned);
    let is_detached =
        text("objectType").is_some_and(|name| name.eq_ignore_ascii_case("KalturaDetachedResponseProfile"));
    let (id, system_name) = (text("id"), text("systemName"));
    if is_detached || (id.is_none() && system_name.is_none()) {
        return Ok(Holder::Inline(profile));
    }
    Ok(Holder::Stored(StoredProfile { id, system_name, fallback: profile }))
}

/// `type`: 1 keeps the named fields, 2 drops them.
fn read_mode(map: &Map) -> Result<Option<Mode>, ApiError> {
    let Some(text) = map.get("type").filter(|value| !matches!(value, Tree::Null)).and_then(scalar_text) else {
        return Ok(None);
    };
    match loose_number(&text) {
        Some(1.0) => Ok(Some(Mode::Include)),
        Some(2.0) => Ok(Some(Mode::Exclude)),
        _ => Err(ApiError::invalid_enum_value(text, "type", "KalturaResponseProfileType")),
    }
}

fn read_fields(map: &Map) -> HashSet<String> {
    let Some(text) = map.get("fields").and_then(scalar_text) else { return HashSet::new() };
    text.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned).collect()
}

/// Takes the values of unwanted properties out of every answered object: of the answer itself, or of the
/// items of a list. What such an object holds inside stays whole; the wrapper around a list does too.
pub fn apply(profile: &Profile, out: &mut Out) {
    if profile.mode.is_none() || profile.fields.is_empty() {
        return;
    }
    match out {
        Out::Object(object) if is_list_response(object.class) => {
            for value in &mut object.values {
                if matches!(value, Out::List(_)) {
                    apply(profile, value);
                }
            }
        }
        Out::Object(object) => trim(profile, object),
        Out::List(items) => items.iter_mut().for_each(|item| apply(profile, item)),
        Out::Map(entries) => entries.iter_mut().for_each(|(_, item)| apply(profile, item)),
        Out::Null | Out::Bool(_) | Out::Int(_) | Out::Float(_) | Out::Text(_) | Out::Error(_) | Out::File(_) => {}
    }
}

fn trim(profile: &Profile, object: &mut OutObject) {
    for (info, value) in object.class.properties.iter().zip(&mut object.values) {
        // What related profiles attach is not a field of theirs to filter.
        if info.name != "relatedObjects" && !profile.keeps(info.name) {
            *value = Out::Null;
        }
    }
}

/// List answers extend one class, or at least follow its naming.
#[must_use]
pub fn is_list_response(class: &ClassInfo) -> bool {
    class.name.ends_with("ListResponse")
        || std::iter::successors(Some(class), |class| class.base).any(|class| class.name == "KalturaListResponse")
}
