//! `groupUser.sync`: all groups of a user at once.
//!
//! The reference makes a job of long lists and answers with the job. Here everything is done at once, and the answer
//! is a job that has ended.

use ks_schema::generated::classes::{BulkUpload, BulkUploadResult};
use ks_schema::generated::enums::{BatchJobStatus, BulkUploadAction, BulkUploadObjectType, BulkUploadResultStatus};
use ks_schema::{ApiError, Field, UserId};
use ks_store::{StoreError, Sync, Synced};

use crate::call::{Call, database_error};
use crate::generated::group_user::Sync as SyncArgs;
use crate::group_user::MOST_GROUPS;
use crate::user::fields;

/// How many groups a list may name; what is beyond it is refused.
const LONGEST: usize = MOST_GROUPS * 2;

pub(crate) async fn sync(call: &Call<'_>, args: SyncArgs) -> Result<BulkUpload, ApiError> {
    let partner = call.account()?.partner.id;
    let person = crate::group_user::user(call, &args.user_id).await?.ok_or_else(ApiError::invalid_user_id)?;
    let text = args.group_ids.unwrap_or_default();
    let mut wanted: Vec<&str> = Vec::new();
    for id in text.split([';', ',']).map(str::trim).filter(|id| !id.is_empty()) {
        if !wanted.contains(&id) && wanted.len() < LONGEST {
            wanted.push(id);
        }
    }
    let (good, bad): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|id| fields::check_id(id).is_ok());
    let how = Sync { remove: args.remove_from_existing_groups, create: args.create_new_groups, most: MOST_GROUPS };
    let good = good.into_iter().map(UserId::new).collect();
    let synced = call.store().sync_groups(partner, person.user_id.clone(), good, how, call.now).await;
    let synced = synced.map_err(|error| match error {
        StoreError::NotFound(_) => ApiError::invalid_user_id(),
        other => database_error(&other),
    })?;
    let mut lines: Vec<(String, Result<BulkUploadAction, ApiError>)> =
        synced.into_iter().map(|(id, became)| (id.as_str().to_owned(), outcome(became))).collect();
    lines.extend(bad.into_iter().map(|id| (id.to_owned(), Err(ApiError::invalid_field_value("groupIds")))));
    let failed = lines.iter().any(|(_, outcome)| outcome.is_err());
    Ok(BulkUpload {
        uploaded_by_user_id: call.session()?.ks.user_id.as_deref().map(str::to_owned).into(),
        uploaded_on: call.now.into(),
        status: Field::Set(if failed { BatchJobStatus::FinishedPartially } else { BatchJobStatus::Finished }),
        num_of_objects: i64::try_from(lines.len()).unwrap_or(i64::MAX).into(),
        bulk_upload_object_type: Field::Set(BulkUploadObjectType::User),
        results: Field::Set((1..).zip(lines).map(|(number, line)| result(call, number, line)).collect()),
        ..BulkUpload::default()
    })
}

/// What was done to a membership, or why nothing was.
fn outcome(became: Synced) -> Result<BulkUploadAction, ApiError> {
    match became {
        Synced::Joined | Synced::Kept => Ok(BulkUploadAction::Add),
        Synced::Left => Ok(BulkUploadAction::Delete),
        Synced::Missing | Synced::NoGroup => Err(ApiError::group_not_found()),
        Synced::TooMany => Err(ApiError::user_exceeded_max_groups()),
    }
}

fn result(
    call: &Call<'_>,
    number: i64,
    (id, outcome): (String, Result<BulkUploadAction, ApiError>),
) -> BulkUploadResult {
    let (action, error) = match outcome {
        Ok(action) => (action, None),
        Err(error) => (BulkUploadAction::Add, Some(error)),
    };
    BulkUploadResult {
        line_index: number.into(),
        partner_id: i64::from(call.partner_id().get()).into(),
        status: Field::Set(if error.is_some() { BulkUploadResultStatus::Error } else { BulkUploadResultStatus::Ok }),
        action: Field::Set(action),
        object_id: id.into(),
        bulk_upload_result_object_type: Field::Set(BulkUploadObjectType::User),
        error_description: error.as_ref().map(ApiError::message).into(),
        error_code: error.as_ref().map(|error| error.code().info().code.to_owned()).into(),
        ..BulkUploadResult::default()
    }
}
