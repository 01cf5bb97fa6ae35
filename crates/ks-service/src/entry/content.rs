//! Actions that name the content of an entry. Nothing is fetched and nothing is kept but where it was said to be: what is
//! said makes the entry ready.

use ks_schema::generated::classes::{AnyBaseEntry, AnyResource, SearchResult};
use ks_schema::{ApiError, IntoOut, Out};
use ks_store::{Entry, EntryPeople};
use serde_json::{Map, Value as Json, json};

use super::owner::Gate;
use super::{AUTOMATIC, Kind, MEDIA_CLIP, NO_CONTENT, READY, add, change_error, changeable, describe, visible};
use crate::call::Call;

/// Where content is said to be. Secrets are never part of it.
#[derive(Debug)]
pub(crate) struct Content {
    /// `KalturaSourceType`, where that follows.
    source: Option<&'static str>,
    said: Map<String, Json>,
}

/// `KalturaSourceType`.
mod source {
    pub(super) const FILE: &str = "1";
    pub(super) const WEBCAM: &str = "2";
    pub(super) const URL: &str = "5";
    pub(super) const SEARCH_PROVIDER: &str = "6";
}

/// The longest text that is kept of where content is.
const LONGEST: usize = 2048;

impl Content {
    fn new(class: &str, source: Option<&'static str>, said: &[(&str, Option<&str>)]) -> Self {
        let mut map = Map::new();
        map.insert("objectType".to_owned(), class.into());
        for (name, value) in said {
            if let Some(value) = value.filter(|value| value.len() <= LONGEST) {
                map.insert((*name).to_owned(), value.into());
            }
        }
        Self { source, said: map }
    }

    /// What was uploaded under a token.
    pub(crate) fn uploaded(token: &str) -> Self {
        Self::new("KalturaUploadedFileTokenResource", Some(source::FILE), &[("token", Some(token))])
    }

    /// What a camera recorded.
    pub(crate) fn recorded(token: &str) -> Self {
        Self::new("KalturaWebcamTokenResource", Some(source::WEBCAM), &[("token", Some(token))])
    }

    /// What lies at an address.
    pub(crate) fn at(url: &str) -> Result<Self, ApiError> {
        if url.is_empty() {
            return Err(ApiError::property_validation_min_length("url", 1));
        }
        Ok(Self::new("KalturaUrlResource", Some(source::URL), &[("url", Some(without_password(url)))]))
    }

    /// The content of another entry.
    pub(crate) fn of_entry(entry: &str) -> Self {
        Self::new("KalturaEntryResource", None, &[("entryId", Some(entry))])
    }

    /// What a search elsewhere found.
    pub(crate) fn found(result: &SearchResult) -> Self {
        let url = result.url.get().map(|url| without_password(url));
        let id = result.id.get().map(String::as_str);
        Self::new("KalturaSearchResult", Some(source::SEARCH_PROVIDER), &[("id", id), ("url", url)])
    }

    fn write_to(self, entry: &mut Entry, now: i64) {
        entry.status = READY;
        if entry.kind == AUTOMATIC {
            MEDIA_CLIP.clone_into(&mut entry.kind);
        }
        if entry.source_type.is_none() {
            entry.source_type = self.source.map(str::to_owned);
        }
        let version = entry.properties.get("version").and_then(Json::as_i64).unwrap_or(0) + 1;
        entry.properties.insert("version".to_owned(), version.into());
        entry.properties.insert("content".to_owned(), json!({"at": now, "resource": self.said}));
    }
}

/// An address without what stands before an `@` in its host: that may be a password.
fn without_password(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    // The rest would have to be put together anew; such an address is kept without its host.
    if rest[..host_end].contains('@') { scheme } else { url }
}

/// Where a resource says that content is. Entries that it names must be visible.
async fn located(call: &Call<'_>, resource: &AnyResource) -> Result<Content, ApiError> {
    let Out::Object(said) = resource.clone().into_out() else { return Err(ApiError::internal_serverl_error()) };
    let class = said.class.name;
    let text = |name: &str| match said.get(name) {
        Some(Out::Text(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(ApiError::property_validation_cannot_be_null(format!("{class}::{name}"))),
    };
    Ok(match class {
        "KalturaUrlResource" | "KalturaSshUrlResource" | "KalturaRemoteStorageResource" => {
            let url = text("url")?;
            Content::new(class, Some(source::URL), &[("url", Some(without_password(&url)))])
        }
        "KalturaUploadedFileTokenResource" => Content::uploaded(&text("token")?),
        "KalturaWebcamTokenResource" => Content::recorded(&text("token")?),
        "KalturaEntryResource" => {
            let entry = text("entryId")?;
            visible(call, Kind::Any, &entry).await?;
            Content::of_entry(&entry)
        }
        "KalturaStringResource" => {
            text("content")?;
            Content::new(class, Some(source::FILE), &[])
        }
        "KalturaRemoteStorageResources"
        | "KalturaAssetParamsResourceContainer"
        | "KalturaAssetsParamsResourceContainers" => Content::new(class, None, &[]),
        // Renditions are not kept, and what is cut or joined would have to be.
        other => return Err(ApiError::resource_type_not_supported(other)),
    })
}

/// Names the content of an entry that has none.
pub(crate) async fn add_content(
    call: &Call<'_>,
    kind: Kind,
    id: &str,
    resource: Option<&AnyResource>,
) -> Result<AnyBaseEntry, ApiError> {
    let (entry, _) = changeable(call, kind, id, Gate::Edit).await?;
    if entry.status != NO_CONTENT {
        return Err(ApiError::entry_already_with_content());
    }
    let Some(resource) = resource else { return describe::one(call, &entry).await };
    let content = located(call, resource).await?;
    set(call, entry, content).await
}

/// Names new content of an entry, whether it has some or not.
pub(crate) async fn update_content(
    call: &Call<'_>,
    kind: Kind,
    id: &str,
    resource: &AnyResource,
    conversion_profile: Option<i64>,
) -> Result<AnyBaseEntry, ApiError> {
    let (mut entry, _) = changeable(call, kind, id, Gate::Edit).await?;
    let content = located(call, resource).await?;
    if let Some(profile) = conversion_profile {
        entry.conversion_profile_id = Some(profile);
    }
    set(call, entry, content).await
}

async fn set(call: &Call<'_>, entry: Entry, content: Content) -> Result<AnyBaseEntry, ApiError> {
    let (now, profile) = (call.now, entry.conversion_profile_id);
    let id = entry.id.clone();
    let change = move |entry: &mut Entry| {
        entry.conversion_profile_id = profile;
        content.write_to(entry, now);
    };
    let people = EntryPeople::default();
    let changed = call.store().update_entry(entry.partner_id, entry.id, people, None, now, change).await;
    describe::one(call, &changed.map_err(|error| change_error(&error, id.as_str()))?).await
}

/// Makes an entry and names its content.
pub(crate) async fn add_from(
    call: &Call<'_>,
    sent: AnyBaseEntry,
    kind: &str,
    content: Content,
) -> Result<AnyBaseEntry, ApiError> {
    let now = call.now;
    let made = add::made(call, sent, kind, |entry| content.write_to(entry, now)).await?;
    describe::one(call, &made).await
}

#[cfg(test)]
mod tests {
    use ks_schema::{EntryId, PartnerId};

    use super::*;

    #[test]
    fn what_is_said_makes_an_entry_ready() {
        let mut entry = Entry::new(EntryId::new("0_x"), PartnerId::new(7), AUTOMATIC, 5);
        Content::at("https://example.com/a.mp4").unwrap().write_to(&mut entry, 9);
        assert_eq!((entry.status, entry.kind.as_str(), entry.source_type.as_deref()), (READY, MEDIA_CLIP, Some("5")));
        assert_eq!(entry.properties["version"], 1);
        let said =
            json!({"at": 9, "resource": {"objectType": "KalturaUrlResource", "url": "https://example.com/a.mp4"}});
        assert_eq!(entry.properties["content"], said);
        Content::uploaded("t").write_to(&mut entry, 10);
        assert_eq!((&entry.properties["version"], entry.source_type.as_deref()), (&json!(2), Some("5")));
    }

    #[test]
    fn passwords_are_not_kept() {
        assert_eq!(without_password("https://example.com/@a"), "https://example.com/@a");
        assert_eq!(without_password("sftp://ann:secret@example.com/a"), "sftp");
        assert_eq!(without_password("no address"), "no address");
    }
}
