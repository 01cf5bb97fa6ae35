//! The service `baseEntry`: entries of any kind.

use ks_schema::generated::classes::{
    AnyBaseEntry, BaseEntryListResponse, EntryContextDataResult, ModerationFlagListResponse, RemotePathListResponse,
};
use ks_schema::{ApiError, Field};

use crate::call::Call;
use crate::entry::{self, Content, Kind};
use crate::generated::base_entry::{
    Add, AddContent, AddFromUploadedFile, AnonymousRank, Approve, Clone as CloneArgs, Count, Delete, Export, Flag, Get,
    GetByIds, GetContextData, GetRemotePaths, Index, List, ListByReferenceId, ListFlags, Recycle, Reject,
    RestoreRecycled, Service, Update, UpdateContent, UpdateThumbnailFromSourceEntry, UpdateThumbnailFromUrl,
};

/// Entries of any kind.
#[derive(Debug, Default)]
pub(crate) struct BaseEntries;

fn page((entries, total): (Vec<AnyBaseEntry>, i64)) -> BaseEntryListResponse {
    BaseEntryListResponse { total_count: total.into(), objects: Field::Set(entries) }
}

impl Service for BaseEntries {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<AnyBaseEntry, ApiError> {
        entry::add(call, args.entry, args.r#type.value()).await
    }

    async fn add_content(&self, call: &Call<'_>, args: AddContent) -> Result<AnyBaseEntry, ApiError> {
        entry::add_content(call, Kind::Any, &args.entry_id, Some(&args.resource)).await
    }

    async fn add_from_uploaded_file(
        &self,
        call: &Call<'_>,
        args: AddFromUploadedFile,
    ) -> Result<AnyBaseEntry, ApiError> {
        entry::add_from(call, args.entry, args.r#type.value(), Content::uploaded(&args.upload_token_id)).await
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<AnyBaseEntry, ApiError> {
        entry::get(call, Kind::Any, &args.entry_id).await
    }

    /// Content is nowhere else, since none is kept.
    async fn get_remote_paths(
        &self,
        call: &Call<'_>,
        args: GetRemotePaths,
    ) -> Result<RemotePathListResponse, ApiError> {
        entry::check_ready(call, &args.entry_id).await?;
        Ok(RemotePathListResponse { total_count: 0.into(), objects: Field::Set(Vec::new()) })
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<AnyBaseEntry, ApiError> {
        entry::update(call, Kind::Any, &args.entry_id, args.base_entry).await
    }

    async fn update_content(&self, call: &Call<'_>, args: UpdateContent) -> Result<AnyBaseEntry, ApiError> {
        entry::update_content(call, Kind::Any, &args.entry_id, &args.resource, args.conversion_profile_id).await
    }

    async fn get_by_ids(&self, call: &Call<'_>, args: GetByIds) -> Result<Vec<AnyBaseEntry>, ApiError> {
        entry::by_ids(call, &args.entry_ids).await
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
        entry::delete(call, Kind::Any, &args.entry_id).await
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<BaseEntryListResponse, ApiError> {
        entry::list(call, Kind::Any, args.filter, args.pager.as_ref()).await.map(page)
    }

    async fn list_by_reference_id(
        &self,
        call: &Call<'_>,
        args: ListByReferenceId,
    ) -> Result<BaseEntryListResponse, ApiError> {
        entry::by_reference_id(call, &args.ref_id, args.pager.as_ref()).await.map(page)
    }

    async fn count(&self, call: &Call<'_>, args: Count) -> Result<i64, ApiError> {
        entry::count(call, Kind::Any, args.filter).await
    }

    async fn update_thumbnail_from_url(
        &self,
        call: &Call<'_>,
        args: UpdateThumbnailFromUrl,
    ) -> Result<AnyBaseEntry, ApiError> {
        entry::thumbnail_from_url(call, Kind::Any, &args.entry_id, args.url).await
    }

    async fn update_thumbnail_from_source_entry(
        &self,
        call: &Call<'_>,
        args: UpdateThumbnailFromSourceEntry,
    ) -> Result<AnyBaseEntry, ApiError> {
        entry::thumbnail_from_entry(call, Kind::Any, &args.entry_id, &args.source_entry_id, args.time_offset).await
    }

    async fn flag(&self, call: &Call<'_>, args: Flag) -> Result<(), ApiError> {
        entry::flag(call, Kind::Any, args.moderation_flag).await
    }

    async fn reject(&self, call: &Call<'_>, args: Reject) -> Result<(), ApiError> {
        entry::reject(call, Kind::Any, &args.entry_id).await
    }

    async fn approve(&self, call: &Call<'_>, args: Approve) -> Result<(), ApiError> {
        entry::approve(call, Kind::Any, &args.entry_id).await
    }

    async fn list_flags(&self, call: &Call<'_>, args: ListFlags) -> Result<ModerationFlagListResponse, ApiError> {
        entry::list_flags(call, Kind::Any, &args.entry_id, args.pager.as_ref()).await
    }

    async fn anonymous_rank(&self, call: &Call<'_>, args: AnonymousRank) -> Result<(), ApiError> {
        entry::rank(call, Kind::Any, &args.entry_id, args.rank).await
    }

    async fn get_context_data(
        &self,
        call: &Call<'_>,
        args: GetContextData,
    ) -> Result<EntryContextDataResult, ApiError> {
        entry::context_data(call, &args.entry_id, args.context_data_params).await
    }

    /// There are no storages to copy content to.
    async fn export(&self, call: &Call<'_>, args: Export) -> Result<AnyBaseEntry, ApiError> {
        entry::visible(call, Kind::Any, &args.entry_id).await?;
        Err(ApiError::storage_profile_id_not_found(args.storage_profile_id))
    }

    /// Lists read the tables themselves, so there is no index that could be behind.
    async fn index(&self, call: &Call<'_>, args: Index) -> Result<i64, ApiError> {
        if call.viewer().await?.is_enforced {
            return Err(ApiError::cannot_index_object_when_entitlement_is_enable());
        }
        let entry = entry::visible(call, Kind::Any, &args.id).await?;
        // The protocol answers the id as a number.
        Ok(entry.id.as_str().split('_').next().and_then(|number| number.parse().ok()).unwrap_or(0))
    }

    async fn clone(&self, call: &Call<'_>, args: CloneArgs) -> Result<AnyBaseEntry, ApiError> {
        entry::copy(call, &args.entry_id, &args.clone_options).await
    }

    async fn recycle(&self, call: &Call<'_>, args: Recycle) -> Result<AnyBaseEntry, ApiError> {
        entry::recycle(call, &args.entry_id).await
    }

    async fn restore_recycled(&self, call: &Call<'_>, args: RestoreRecycled) -> Result<AnyBaseEntry, ApiError> {
        entry::restore(call, &args.entry_id).await
    }
}
