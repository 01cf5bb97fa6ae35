//! The service `appToken`.

mod lift;
mod privileges;
mod proof;
mod start_session;

use std::sync::Arc;

use ks_access::Excess;
use ks_schema::generated::classes::{self, AppTokenListResponse, SessionInfo};
use ks_schema::generated::enums::{AppTokenHashType, AppTokenStatus, SessionType};
use ks_schema::write::{check_insert, check_update};
use ks_schema::{ApiError, AppTokenId, Field};
use ks_store::{Account, AppToken, AppTokenHash, Maker, NewAppToken, StoreError};
use ks_token::Secret;

use crate::call::{Call, database_error};
use crate::generated::app_token::{Add, Delete, Get, List, Service, StartSession, Update};
use crate::list::{Held, Lowered, lower, page};
use crate::rights;
use crate::user::fields;

/// What lists of app tokens compare.
const HELD: [Held; 5] = [
    Held::text("id", "id"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
    Held::number("status", "status"),
    Held::text("sessionUserId", "session_user_id"),
];

/// Keys for programs of others.
#[derive(Debug, Default)]
pub(crate) struct AppTokens;

impl Service for AppTokens {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<classes::AppToken, ApiError> {
        let account = call.account()?;
        let partner = account.partner.id;
        let sent = args.app_token;
        check_insert(&sent)?;
        check_user(&sent)?;
        let new = NewAppToken {
            hash_type: sent.hash_type.get().map_or(AppTokenHash::Sha1, |hash| kept_hash(*hash)),
            expiry: sent.expiry.into_option(),
            session_type: sent.session_type.get().map(|kind| kind.value()),
            session_user_id: sent.session_user_id.into_option(),
            session_duration: sent.session_duration.into_option(),
            session_privileges: sent.session_privileges.into_option(),
            description: sent.description.into_option(),
            maker: maker(call).await?,
            ..NewAppToken::of(partner)
        };
        check_rights(call, account, &draft(&new)?).await?;
        let added = call.store().add_app_token(new, call.now).await.map_err(|error| database_error(&error))?;
        Ok(describe(&added))
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<classes::AppToken, ApiError> {
        shown(call, &stored(call, &args.id).await?).await
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<classes::AppToken, ApiError> {
        let account = call.account()?;
        let partner = account.partner.id;
        let found = stored(call, &args.id).await?;
        let sent = args.app_token;
        check_update(&sent, &shown(call, &found).await?)?;
        check_user(&sent)?;
        let longest = account.partner.ks_max_expiry;
        let mut after = found.clone();
        change(&mut after, sent.clone(), longest);
        check_rights(call, account, &after).await?;
        let maker = maker(call).await?;
        let change = move |token: &mut AppToken| {
            change(token, sent, longest);
            token.maker = maker;
        };
        match call.store().update_app_token(partner, found.id, call.now, change).await {
            Ok(token) => Ok(describe(&token)),
            Err(error) => Err(not_found(&error, &args.id)),
        }
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
        let partner = call.account()?.partner.id;
        let deleted = call.store().delete_app_token(partner, AppTokenId::new(args.id.as_str()), call.now).await;
        deleted.map_err(|error| not_found(&error, &args.id))
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<AppTokenListResponse, ApiError> {
        let partner = call.account()?.partner.id;
        let Lowered { condition, order } = lower(args.filter, &HELD, |_, _| None);
        let page = page(args.pager.as_ref());
        let found = call.node.store.app_tokens(partner, condition, &order, page).await;
        let (tokens, total) = found.map_err(|error| database_error(&error))?;
        let mut objects = Vec::with_capacity(tokens.len());
        for token in &tokens {
            objects.push(shown(call, token).await?);
        }
        Ok(AppTokenListResponse {
            total_count: i64::try_from(total).unwrap_or(i64::MAX).into(),
            objects: objects.into(),
        })
    }

    async fn start_session(&self, call: &Call<'_>, args: StartSession) -> Result<SessionInfo, ApiError> {
        start_session::start_session(call, args).await
    }
}

/// An app token of the account that the call works on. Deleted ones and those of others do not exist.
async fn stored(call: &Call<'_>, id: &str) -> Result<AppToken, ApiError> {
    let partner = call.account()?.partner.id;
    let found = call.node.store.app_token(partner, &AppTokenId::new(id)).await;
    match found {
        Ok(found) => found.ok_or_else(|| ApiError::app_token_id_not_found(id)),
        Err(error) => Err(not_found(&error, id)),
    }
}

fn not_found(error: &StoreError, id: &str) -> ApiError {
    match error {
        StoreError::NotFound("app token") | StoreError::Invalid(_) => ApiError::app_token_id_not_found(id),
        error => database_error(error),
    }
}

/// What is shown of an app token: its key only to those who may do what its sessions may.
async fn shown(call: &Call<'_>, token: &AppToken) -> Result<classes::AppToken, ApiError> {
    let mut object = describe(token);
    if lift::excess(call, call.account()?, token).await?.is_some() {
        object.token = Field::Absent;
    }
    Ok(object)
}

/// Refuses to make an app token whose sessions may do more than who makes it.
async fn check_rights(call: &Call<'_>, account: &Arc<Account>, token: &AppToken) -> Result<(), ApiError> {
    let Some(excess) = lift::excess(call, account, token).await? else { return Ok(()) };
    let field = match (excess, token.session_type) {
        (Excess::User, _) => "sessionUserId",
        (Excess::Type, _) | (Excess::Permissions, Some(2)) => "sessionType",
        (Excess::Permissions, _) if token.session_user_id.is_some() => "sessionUserId",
        (Excess::Permissions, _) => "sessionPrivileges",
    };
    Err(ApiError::invalid_field_value(field).because(
        "rights",
        "Sessions of this app token could do more than the session that makes it.",
        Some(account.partner.id),
    ))
}

/// A new app token as if it were there, so that its sessions can be judged.
fn draft(new: &NewAppToken) -> Result<AppToken, ApiError> {
    Ok(AppToken {
        id: AppTokenId::new("0_draft"),
        partner_id: new.partner_id,
        status: ks_store::AppTokenStatus::Active,
        token: Secret::new("draft").map_err(|_| ApiError::internal_serverl_error())?,
        hash_type: new.hash_type,
        expiry: new.expiry,
        session_type: new.session_type,
        session_user_id: new.session_user_id.clone(),
        session_duration: new.session_duration.unwrap_or_default(),
        session_privileges: new.session_privileges.clone(),
        description: None,
        maker: None,
        created_at: 0,
        updated_at: 0,
    })
}

/// What is kept of who makes an app token or changes it: its sessions never do more, whatever becomes of their user.
/// Administrators who may do everything anyhow are not kept.
async fn maker(call: &Call<'_>) -> Result<Option<Maker>, ApiError> {
    let is_admin = call.session()?.ks.is_admin();
    if is_admin && call.permissions.is_unrestricted() {
        return Ok(None);
    }
    let own = call.node.store.own_permissions(call.account()?.partner.id).await;
    let own = own.map_err(|error| database_error(&error))?;
    let had = call.own_permissions();
    let permission_names = had.names(rights::all_names(&own)).into_iter().collect::<Vec<_>>().join(",");
    Ok(Some(Maker { is_admin, permission_names }))
}

/// Refuses a user id that no user can have.
fn check_user(sent: &classes::AppToken) -> Result<(), ApiError> {
    match sent.session_user_id.get().filter(|id| !id.is_empty()) {
        Some(id) => fields::check_id(id).map_err(|_| ApiError::invalid_field_value("sessionUserId")),
        None => Ok(()),
    }
}

/// Applies what a request says of an app token.
fn change(token: &mut AppToken, sent: classes::AppToken, longest: i64) {
    sent.expiry.apply_to(&mut token.expiry);
    match sent.session_type {
        Field::Absent => {}
        Field::Null => token.session_type = None,
        Field::Set(kind) => token.session_type = Some(kind.value()),
    }
    sent.session_user_id.apply_to(&mut token.session_user_id);
    match sent.session_duration {
        Field::Absent => {}
        Field::Null => token.session_duration = longest,
        Field::Set(seconds) => token.session_duration = seconds,
    }
    sent.session_privileges.apply_to(&mut token.session_privileges);
    if let Field::Set(hash) = sent.hash_type {
        token.hash_type = kept_hash(hash);
    }
    sent.description.apply_to(&mut token.description);
}

fn kept_hash(hash: AppTokenHashType) -> AppTokenHash {
    match hash {
        AppTokenHashType::Md5 => AppTokenHash::Md5,
        AppTokenHashType::Sha1 => AppTokenHash::Sha1,
        AppTokenHashType::Sha256 => AppTokenHash::Sha256,
        AppTokenHashType::Sha512 => AppTokenHash::Sha512,
    }
}

fn describe(token: &AppToken) -> classes::AppToken {
    classes::AppToken {
        id: token.id.as_str().to_owned().into(),
        token: token.token.expose().to_owned().into(),
        partner_id: i64::from(token.partner_id.get()).into(),
        created_at: token.created_at.into(),
        updated_at: token.updated_at.into(),
        status: Field::Set(match token.status {
            ks_store::AppTokenStatus::Disabled => AppTokenStatus::Disabled,
            ks_store::AppTokenStatus::Active => AppTokenStatus::Active,
        }),
        expiry: token.expiry.into(),
        session_type: token.session_type.and_then(SessionType::from_value).into(),
        session_user_id: token.session_user_id.clone().into(),
        session_duration: token.session_duration.into(),
        session_privileges: token.session_privileges.clone().into(),
        hash_type: AppTokenHashType::from_value(token.hash_type.name()).into(),
        description: token.description.clone().into(),
    }
}
