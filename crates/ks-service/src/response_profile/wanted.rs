//! What the parameter `responseProfile` of a request asks for.

use ks_schema::generated::classes::DetachedResponseProfile;
use ks_schema::read::{ReadContext, ReadObject};
use ks_schema::{ApiError, IntoOut, PartnerId, Tree};
use ks_store::StoreError;
use ks_wire::profile::{self, Holder, Profile};
use serde_json::{Map, Value as Json};

use super::related::{self, Related};
use super::to_json;
use crate::call::database_error;
use crate::node::Node;
use crate::user::sent::to_map;

/// `KalturaResponseProfileStatus`.
const ENABLED: i64 = 2;

/// What is wanted of an answer.
#[derive(Default)]
pub(crate) struct Wanted {
    /// Which properties.
    pub(crate) profile: Profile,
    /// What else with each object.
    pub(crate) related: Vec<Related>,
}

/// The parameter, as far as it can be read by itself.
pub(crate) struct Asked {
    /// Which kept profile is meant, if one is: its id or its system name.
    kept: Option<(Option<String>, Option<String>)>,
    /// What it says by itself: the protocol falls back to that where no such profile is kept.
    inline: Wanted,
}

/// Reads the parameter.
///
/// # Errors
/// Whatever the profile and its parts raise.
pub(crate) fn read(tree: &Tree, context: &ReadContext) -> Result<Asked, ApiError> {
    let (kept, profile) = match profile::read(tree)? {
        Holder::Inline(profile) => (None, profile),
        Holder::Stored(stored) => (Some((stored.id, stored.system_name)), stored.fallback),
    };
    let related = match tree.as_map() {
        Some(map) if map.get("relatedProfiles").is_some_and(|related| !related.is_empty_array()) => {
            let whole = DetachedResponseProfile::read_object(&mut map.clone(), context)?;
            match to_json(&whole.into_out()) {
                Json::Object(said) => related::of(&said)?,
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    };
    Ok(Asked { kept, inline: Wanted { profile, related } })
}

impl Asked {
    /// The profile that is meant: one of the account, or one that all accounts have.
    pub(crate) async fn find(self, node: &Node, partner: PartnerId) -> Result<Wanted, ApiError> {
        let Some((id, system_name)) = &self.kept else { return Ok(self.inline) };
        for partner in [partner, PartnerId::new(0)] {
            let found = kept(node, partner, id.as_deref(), system_name.as_deref()).await;
            if let Some(said) = found.map_err(|error| database_error(&error))? {
                return wanted(&said);
            }
        }
        Ok(self.inline)
    }
}

async fn kept(
    node: &Node,
    partner: PartnerId,
    id: Option<&str>,
    system_name: Option<&str>,
) -> Result<Option<Map<String, Json>>, StoreError> {
    let found = match (id.map(str::parse), system_name) {
        (Some(Ok(id)), _) => node.store.response_profile(partner, id).await?,
        (_, Some(name)) => node.store.response_profile_named(partner, name).await?,
        _ => None,
    };
    Ok(found.filter(|profile| profile.status == ENABLED).map(|profile| profile.properties))
}

/// What a kept profile asks for.
fn wanted(said: &Map<String, Json>) -> Result<Wanted, ApiError> {
    Ok(Wanted { profile: fields(said)?, related: related::of(said)? })
}

/// Which properties a profile asks for.
pub(super) fn fields(said: &Map<String, Json>) -> Result<Profile, ApiError> {
    let only = ["type", "fields"].into_iter().filter_map(|name| Some((name.to_owned(), said.get(name)?.clone())));
    match profile::read(&Tree::Map(to_map(&only.collect())))? {
        Holder::Inline(profile) => Ok(profile),
        Holder::Stored(stored) => Ok(stored.fallback),
    }
}
