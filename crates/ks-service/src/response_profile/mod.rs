//! The service `responseProfile`, and what a request's `responseProfile` does to its answer.

mod related;
mod wanted;

use ks_schema::generated::classes::{self, ResponseProfileCacheRecalculateResults, ResponseProfileListResponse};
use ks_schema::generated::enums::ResponseProfileStatus;
use ks_schema::read::{ReadContext, ReadObject};
use ks_schema::write::{ApiObject, Mention, check_insert, check_update};
use ks_schema::{ApiError, Field, IntoOut, Out};
use ks_store::{ResponseProfile, ResponseProfileFault};
use serde_json::{Map, Value as Json};

use crate::call::{Call, database_error};
use crate::generated::response_profile::{
    Add, Clone as CloneArgs, Delete, Get, List, Recalculate, Service, Update, UpdateStatus,
};
use crate::list::{Held, Lowered, lower, page};
use crate::user::sent::to_map;

pub(crate) use related::{Budget, apply};
pub(crate) use wanted::read;

/// What lists of response profiles compare.
const HELD: [Held; 5] = [
    Held::number("id", "id"),
    Held::text("systemName", "system_name"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
    Held::number("status", "status"),
];

/// What a profile says, beside its name for programs.
const SAID: [&str; 7] = ["name", "type", "fields", "filter", "pager", "relatedProfiles", "mappings"];

/// Which properties of answers are wanted.
#[derive(Debug, Default)]
pub(crate) struct ResponseProfiles;

impl Service for ResponseProfiles {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<classes::ResponseProfile, ApiError> {
        let sent = args.add_response_profile;
        check_insert(&sent)?;
        let mut new = ResponseProfile {
            id: 0,
            partner_id: call.account()?.partner.id,
            system_name: None,
            status: ResponseProfileStatus::Enabled.value(),
            version: 1,
            properties: Map::new(),
            created_at: call.now,
            updated_at: call.now,
        };
        change(&sent, &mut new);
        related::check_kept(&new.properties)?;
        kept(call, new).await
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<classes::ResponseProfile, ApiError> {
        describe(&stored(call, args.id).await?)
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<classes::ResponseProfile, ApiError> {
        let sent = args.update_response_profile;
        let mut after = stored(call, args.id).await?;
        check_update(&sent, &describe(&after)?)?;
        change(&sent, &mut after);
        related::check_kept(&after.properties)?;
        changed(call, args.id, move |profile| change(&sent, profile)).await
    }

    async fn update_status(&self, call: &Call<'_>, args: UpdateStatus) -> Result<classes::ResponseProfile, ApiError> {
        // There is an action for that.
        if args.status == ResponseProfileStatus::Deleted {
            return Err(ApiError::invalid_field_value("status"));
        }
        changed(call, args.id, move |profile| profile.status = args.status.value()).await
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
        let deleted = call.store().delete_response_profile(call.account()?.partner.id, args.id, call.now).await;
        deleted.map_err(|fault| refused(&fault, args.id))
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<ResponseProfileListResponse, ApiError> {
        let partner = call.account()?.partner.id;
        let Lowered { condition, order } = lower(args.filter, &HELD, |_, _| None);
        let page = page(args.pager.as_ref());
        let found = call.node.store.response_profiles(partner, condition, &order, page).await;
        let (profiles, total) = found.map_err(|error| database_error(&error))?;
        Ok(ResponseProfileListResponse {
            total_count: i64::try_from(total).unwrap_or(i64::MAX).into(),
            objects: Field::Set(profiles.iter().map(describe).collect::<Result<_, _>>()?),
        })
    }

    /// Answers are made when they are asked for, and none are kept.
    async fn recalculate(
        &self,
        _call: &Call<'_>,
        _args: Recalculate,
    ) -> Result<ResponseProfileCacheRecalculateResults, ApiError> {
        Ok(ResponseProfileCacheRecalculateResults { last_object_key: Field::Absent, recalculated: 0.into() })
    }

    async fn clone(&self, call: &Call<'_>, args: CloneArgs) -> Result<classes::ResponseProfile, ApiError> {
        let source = stored(call, args.id).await?;
        check_insert(&args.profile)?;
        let mut new = ResponseProfile { status: ResponseProfileStatus::Enabled.value(), ..source };
        change(&args.profile, &mut new);
        related::check_kept(&new.properties)?;
        kept(call, new).await
    }
}

async fn stored(call: &Call<'_>, id: i64) -> Result<ResponseProfile, ApiError> {
    let found = call.node.store.response_profile(call.account()?.partner.id, id).await;
    found.map_err(|error| database_error(&error))?.ok_or_else(|| ApiError::response_profile_id_not_found(id))
}

async fn kept(call: &Call<'_>, new: ResponseProfile) -> Result<classes::ResponseProfile, ApiError> {
    let id = new.id;
    let added = call.store().add_response_profile(new, call.now).await;
    describe(&added.map_err(|fault| refused(&fault, id))?)
}

async fn changed(
    call: &Call<'_>,
    id: i64,
    change: impl FnOnce(&mut ResponseProfile) + Send + 'static,
) -> Result<classes::ResponseProfile, ApiError> {
    let changed = call.store().update_response_profile(call.account()?.partner.id, id, call.now, change).await;
    describe(&changed.map_err(|fault| refused(&fault, id))?)
}

fn refused(fault: &ResponseProfileFault, id: i64) -> ApiError {
    match fault {
        ResponseProfileFault::NotFound => ApiError::response_profile_id_not_found(id),
        ResponseProfileFault::Taken(name) => ApiError::response_profile_duplicate_system_name(name),
        ResponseProfileFault::Store(error) => database_error(error),
        _ => ApiError::internal_database_error(),
    }
}

/// Applies what a request says.
fn change(sent: &classes::ResponseProfile, profile: &mut ResponseProfile) {
    let Out::Object(said) = sent.clone().into_out() else { return };
    for ((info, value), mention) in said.class.properties.iter().zip(&said.values).zip(sent.mentions()) {
        match (info.name, mention) {
            (_, Mention::Absent) => {}
            ("systemName", _) => {
                profile.system_name = match value {
                    Out::Text(name) if !name.is_empty() => Some(name.clone()),
                    _ => None,
                };
            }
            (name, Mention::Set) if SAID.contains(&name) => {
                profile.properties.insert(name.to_owned(), to_json(value));
            }
            (name, Mention::Null) if SAID.contains(&name) => {
                profile.properties.shift_remove(name);
            }
            _ => {}
        }
    }
}

/// A value as it is kept: objects keep the name of their class.
fn to_json(out: &Out) -> Json {
    match out {
        Out::Bool(value) => Json::Bool(*value),
        Out::Int(value) => Json::from(*value),
        Out::Float(value) => Json::from(*value),
        Out::Text(text) => Json::String(text.clone()),
        Out::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Out::Map(items) => Json::Object(items.iter().map(|(key, value)| (key.clone(), to_json(value))).collect()),
        Out::Object(object) => {
            let class = ("objectType".to_owned(), Json::from(object.class.name));
            let values = object.class.properties.iter().zip(&object.values).filter(|(_, value)| **value != Out::Null);
            let values = values.map(|(info, value)| (info.name.to_owned(), to_json(value)));
            Json::Object(std::iter::once(class).chain(values).collect())
        }
        Out::Null | Out::Error(_) | Out::File(_) => Json::Null,
    }
}

fn describe(profile: &ResponseProfile) -> Result<classes::ResponseProfile, ApiError> {
    // Times were made absolute when they were sent.
    let context = ReadContext { time_base: 0 };
    let said = classes::ResponseProfile::read_object(&mut to_map(&profile.properties), &context)?;
    Ok(classes::ResponseProfile {
        id: profile.id.into(),
        system_name: profile.system_name.clone().into(),
        partner_id: i64::from(profile.partner_id.get()).into(),
        created_at: profile.created_at.into(),
        updated_at: profile.updated_at.into(),
        status: ResponseProfileStatus::from_value(profile.status).into(),
        version: profile.version.into(),
        ..said
    })
}
