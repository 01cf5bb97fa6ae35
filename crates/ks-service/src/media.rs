//! The service `media`: videos, pictures and sounds.

use ks_schema::generated::classes::{
    AnyBaseEntry, MediaEntry, MediaListResponse, ModerationFlagListResponse, SearchResult,
};
use ks_schema::generated::enums::EntryStatus;
use ks_schema::{ApiError, Field};

use crate::call::Call;
use crate::entry::{self, Content, Kind, MEDIA_CLIP, as_media, check_media};
use crate::generated::media::{
    Add, AddContent, AddFromEntry, AddFromFlavorAsset, AddFromRecordedWebcam, AddFromSearchResult, AddFromUploadedFile,
    AddFromUrl, AnonymousRank, Approve, ApproveReplace, CancelReplace, Count, Delete, Flag, Get, List, ListFlags,
    Reject, Service, Update, UpdateContent, UpdateThumbnail, UpdateThumbnailFromSourceEntry, UpdateThumbnailFromUrl,
};

/// Videos, pictures and sounds.
#[derive(Debug, Default)]
pub(crate) struct Media;

/// Makes an entry with content, which must say what kind of media it is.
async fn add_from(call: &Call<'_>, sent: MediaEntry, content: Content) -> Result<MediaEntry, ApiError> {
    check_media(&sent)?;
    as_media(entry::add_from(call, sent.into(), MEDIA_CLIP, content).await?)
}

impl Service for Media {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<MediaEntry, ApiError> {
        as_media(entry::add(call, args.entry.into(), MEDIA_CLIP).await?)
    }

    async fn add_content(&self, call: &Call<'_>, args: AddContent) -> Result<MediaEntry, ApiError> {
        as_media(entry::add_content(call, Kind::Media, &args.entry_id, args.resource.as_ref()).await?)
    }

    async fn add_from_url(&self, call: &Call<'_>, args: AddFromUrl) -> Result<MediaEntry, ApiError> {
        add_from(call, args.media_entry, Content::at(&args.url)?).await
    }

    async fn add_from_search_result(&self, call: &Call<'_>, args: AddFromSearchResult) -> Result<MediaEntry, ApiError> {
        let (mut sent, result) = (args.media_entry.unwrap_or_default(), args.search_result.unwrap_or_default());
        let content = Content::found(&result);
        let SearchResult { title, description, tags, media_type, search_source, id, .. } = result;
        fill(&mut sent.name, title);
        fill(&mut sent.description, description);
        fill(&mut sent.tags, tags);
        fill(&mut sent.media_type, media_type);
        fill(&mut sent.search_provider_type, search_source);
        fill(&mut sent.search_provider_id, id);
        add_from(call, sent, content).await
    }

    async fn add_from_uploaded_file(&self, call: &Call<'_>, args: AddFromUploadedFile) -> Result<MediaEntry, ApiError> {
        if args.upload_token_id.is_empty() {
            return Err(ApiError::invalid_upload_token_id());
        }
        add_from(call, args.media_entry, Content::uploaded(&args.upload_token_id)).await
    }

    async fn add_from_recorded_webcam(
        &self,
        call: &Call<'_>,
        args: AddFromRecordedWebcam,
    ) -> Result<MediaEntry, ApiError> {
        if args.webcam_token_id.is_empty() {
            return Err(ApiError::invalid_webcam_token_id());
        }
        add_from(call, args.media_entry, Content::recorded(&args.webcam_token_id)).await
    }

    async fn add_from_entry(&self, call: &Call<'_>, args: AddFromEntry) -> Result<MediaEntry, ApiError> {
        let source = as_media(entry::get(call, Kind::Media, &args.source_entry_id).await?)?;
        // There are no renditions to choose from.
        if args.source_flavor_params_id.is_some_and(|id| id != 0) {
            return Err(ApiError::flavor_params_not_found());
        }
        if source.status.get() == Some(&EntryStatus::NoContent) {
            return Err(ApiError::original_flavor_asset_is_missing());
        }
        let mut sent = args.media_entry.unwrap_or_default();
        fill(&mut sent.name, source.name);
        fill(&mut sent.media_type, source.media_type);
        add_from(call, sent, Content::of_entry(&args.source_entry_id)).await
    }

    /// There are no renditions.
    async fn add_from_flavor_asset(&self, _call: &Call<'_>, args: AddFromFlavorAsset) -> Result<MediaEntry, ApiError> {
        Err(ApiError::flavor_asset_id_not_found(args.source_flavor_asset_id))
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<MediaEntry, ApiError> {
        as_media(entry::get(call, Kind::Media, &args.entry_id).await?)
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<MediaEntry, ApiError> {
        as_media(entry::update(call, Kind::Media, &args.entry_id, args.media_entry.into()).await?)
    }

    async fn update_content(&self, call: &Call<'_>, args: UpdateContent) -> Result<MediaEntry, ApiError> {
        let profile = args.conversion_profile_id;
        as_media(entry::update_content(call, Kind::Media, &args.entry_id, &args.resource, profile).await?)
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
        entry::delete(call, Kind::Media, &args.entry_id).await
    }

    /// New content counts at once, so none ever waits for a decision.
    async fn approve_replace(&self, call: &Call<'_>, args: ApproveReplace) -> Result<MediaEntry, ApiError> {
        as_media(entry::unchanged(call, Kind::Media, &args.entry_id).await?)
    }

    /// As approving.
    async fn cancel_replace(&self, call: &Call<'_>, args: CancelReplace) -> Result<MediaEntry, ApiError> {
        as_media(entry::unchanged(call, Kind::Media, &args.entry_id).await?)
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<MediaListResponse, ApiError> {
        let (entries, total) = entry::list(call, Kind::Media, args.filter, args.pager.as_ref()).await?;
        let objects = entries.into_iter().map(as_media).collect::<Result<_, _>>()?;
        Ok(MediaListResponse { total_count: total.into(), objects: Field::Set(objects) })
    }

    async fn count(&self, call: &Call<'_>, args: Count) -> Result<i64, ApiError> {
        entry::count(call, Kind::Media, args.filter).await
    }

    async fn update_thumbnail(&self, call: &Call<'_>, args: UpdateThumbnail) -> Result<MediaEntry, ApiError> {
        let id = &args.entry_id;
        as_media(entry::thumbnail_from_entry(call, Kind::Media, id, id, args.time_offset).await?)
    }

    async fn update_thumbnail_from_source_entry(
        &self,
        call: &Call<'_>,
        args: UpdateThumbnailFromSourceEntry,
    ) -> Result<MediaEntry, ApiError> {
        let (id, source) = (&args.entry_id, &args.source_entry_id);
        as_media(entry::thumbnail_from_entry(call, Kind::Media, id, source, args.time_offset).await?)
    }

    async fn update_thumbnail_from_url(
        &self,
        call: &Call<'_>,
        args: UpdateThumbnailFromUrl,
    ) -> Result<AnyBaseEntry, ApiError> {
        entry::thumbnail_from_url(call, Kind::Media, &args.entry_id, args.url).await
    }

    async fn flag(&self, call: &Call<'_>, args: Flag) -> Result<(), ApiError> {
        entry::flag(call, Kind::Media, args.moderation_flag).await
    }

    async fn reject(&self, call: &Call<'_>, args: Reject) -> Result<(), ApiError> {
        entry::reject(call, Kind::Media, &args.entry_id).await
    }

    async fn approve(&self, call: &Call<'_>, args: Approve) -> Result<(), ApiError> {
        entry::approve(call, Kind::Media, &args.entry_id).await
    }

    async fn list_flags(&self, call: &Call<'_>, args: ListFlags) -> Result<ModerationFlagListResponse, ApiError> {
        entry::list_flags(call, Kind::Media, &args.entry_id, args.pager.as_ref()).await
    }

    async fn anonymous_rank(&self, call: &Call<'_>, args: AnonymousRank) -> Result<(), ApiError> {
        entry::rank(call, Kind::Media, &args.entry_id, args.rank).await
    }
}

/// Takes a value over where none was sent.
fn fill<T>(field: &mut Field<T>, value: Field<T>) {
    if !field.is_mentioned() {
        *field = value;
    }
}
