//! The service `ks_secret` of the plugin `ks`.

use ks_schema::generated::classes::{KsSecret, KsSecretListResponse};
use ks_schema::generated::enums::{KsSecretKind, KsSecretStatus};
use ks_schema::{ApiError, Field, SecretId};
use ks_store::{AccountSecret, SecretKind, SecretState, StoreError};
use ks_token::Secret;

use crate::call::{Call, database_error};
use crate::generated::ks_secret::{Add, Disable, List, Service, SetPrimary};

/// A shorter secret could be guessed: it is the key of every token.
const MIN_LENGTH: usize = 16;

/// The secrets of an account.
#[derive(Debug, Default)]
pub(crate) struct KsSecrets;

impl Service for KsSecrets {
    async fn list(&self, call: &Call<'_>, _args: List) -> Result<KsSecretListResponse, ApiError> {
        let partner = call.account()?.partner.id;
        let secrets = call.node.store.secrets(partner).await.map_err(|error| database_error(&error))?;
        let objects: Vec<KsSecret> = secrets.iter().map(describe).collect();
        Ok(KsSecretListResponse {
            total_count: i64::try_from(objects.len()).unwrap_or(i64::MAX).into(),
            objects: objects.into(),
        })
    }

    async fn add(&self, call: &Call<'_>, args: Add) -> Result<KsSecret, ApiError> {
        let partner = call.account()?.partner.id;
        let kind = match args.kind {
            KsSecretKind::User => SecretKind::User,
            KsSecretKind::Admin => SecretKind::Admin,
        };
        let given = match args.value.filter(|value| !value.is_empty()) {
            Some(value) if value.len() < MIN_LENGTH => {
                return Err(ApiError::property_validation_min_length("value", MIN_LENGTH));
            }
            // Some clients write lists of secrets with commas between them.
            Some(value) if !value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',') => {
                return Err(ApiError::invalid_field_value("value"));
            }
            Some(value) => Secret::new(value).ok(),
            None => None,
        };
        match call.store().add_secret(partner, kind, given, call.now).await {
            Ok(secret) => {
                let mut shown = describe(&secret);
                shown.value = Field::Set(secret.secret.expose().to_owned());
                Ok(shown)
            }
            Err(StoreError::Conflict(_)) => Err(ApiError::ks_secret_already_exists()),
            Err(error) => Err(database_error(&error)),
        }
    }

    async fn set_primary(&self, call: &Call<'_>, args: SetPrimary) -> Result<KsSecret, ApiError> {
        let partner = call.account()?.partner.id;
        let changed = call.store().set_primary_secret(partner, SecretId::new(args.id), call.now).await;
        changed.map_err(|error| secret_error(&error, args.id))?;
        one(call, args.id).await
    }

    async fn disable(&self, call: &Call<'_>, args: Disable) -> Result<KsSecret, ApiError> {
        let partner = call.account()?.partner.id;
        let changed = call.store().disable_secret(partner, SecretId::new(args.id), call.now).await;
        changed.map_err(|error| secret_error(&error, args.id))?;
        one(call, args.id).await
    }
}

async fn one(call: &Call<'_>, id: i64) -> Result<KsSecret, ApiError> {
    let partner = call.account()?.partner.id;
    let secrets = call.node.store.secrets(partner).await.map_err(|error| database_error(&error))?;
    let secret = secrets.iter().find(|secret| secret.id.get() == id);
    secret.map(describe).ok_or_else(|| ApiError::ks_secret_not_found(id))
}

/// What may be said of a secret; its value is not.
fn describe(secret: &AccountSecret) -> KsSecret {
    KsSecret {
        id: secret.id.get().into(),
        kind: Field::Set(match secret.kind {
            SecretKind::User => KsSecretKind::User,
            SecretKind::Admin => KsSecretKind::Admin,
        }),
        status: Field::Set(match secret.state {
            SecretState::Enabled => KsSecretStatus::Enabled,
            SecretState::Disabled => KsSecretStatus::Disabled,
            SecretState::Revoked => KsSecretStatus::Revoked,
        }),
        primary: secret.is_primary.into(),
        value: Field::Absent,
        created_at: secret.created_at.into(),
        last_used_at: secret.last_used_at.into(),
        disabled_at: secret.disabled_at.into(),
    }
}

/// The protocol's answer to a change of a secret that the store refuses.
pub(crate) fn secret_error(error: &StoreError, id: i64) -> ApiError {
    match error {
        StoreError::NotFound(_) => ApiError::ks_secret_not_found(id),
        StoreError::PrimarySecret => {
            ApiError::ks_secret_in_use(id, "it is the primary one; make another one primary first")
        }
        StoreError::LastSecret => {
            ApiError::ks_secret_in_use(id, "it is the last one of its kind; add another one first")
        }
        StoreError::Invalid(reason) => ApiError::ks_secret_in_use(id, reason),
        other => database_error(other),
    }
}
