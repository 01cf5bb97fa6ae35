//! The service `partner`, as far as it tells what an account is.

use ks_schema::generated::classes::{Partner, PartnerPublicInfo};
use ks_schema::generated::enums::{PartnerAuthenticationType, PartnerStatus};
use ks_schema::{ApiError, Field, PartnerId};
use ks_store::Account;

use crate::call::{Call, partner_id};
use crate::generated::partner::{Get, GetInfo, GetPublicInfo, Service};

/// The account itself.
#[derive(Debug, Default)]
pub(crate) struct Partners;

impl Service for Partners {
    async fn get(&self, call: &Call<'_>, args: Get) -> Result<Partner, ApiError> {
        let own = call.account()?;
        let Some(asked) = args.id.filter(|id| *id != 0) else { return Ok(describe(call, own)) };
        let id = partner_id(asked).filter(|id| id.get() > 0);
        let account = match id {
            Some(id) if id == own.partner.id => Some(std::sync::Arc::clone(own)),
            Some(id) => {
                call.node.account(id).await?.filter(|account| account.partner.parent_id == Some(own.partner.id))
            }
            None => None,
        };
        // An account that is not below the caller's is one that does not exist.
        account.map(|account| describe(call, &account)).ok_or_else(|| ApiError::invalid_partner_id(asked))
    }

    async fn get_info(&self, call: &Call<'_>, _args: GetInfo) -> Result<Partner, ApiError> {
        Ok(describe(call, call.account()?))
    }

    async fn get_public_info(&self, call: &Call<'_>, args: GetPublicInfo) -> Result<PartnerPublicInfo, ApiError> {
        let asked = args.id.unwrap_or(0);
        let account = match partner_id(asked).filter(|id| id.get() > 0) {
            Some(id) => call.node.account(id).await?,
            None => None,
        };
        let Some(account) = account else { return Err(ApiError::invalid_partner_id(asked)) };
        let properties = &account.partner.properties;
        let text = |name: &str| properties.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        Ok(PartnerPublicInfo {
            analytics_url: text("analyticsUrl").into(),
            ott_environment_url: text("ottEnvironmentUrl").into(),
            analytics_persistent_session_id: Field::Set(
                properties.get("analyticsPersistentSessionId").is_some_and(|value| value.as_bool() == Some(true)),
            ),
        })
    }
}

/// The account as its people see it. The secrets are for sessions that may see them, and for none when the account
/// hides them.
fn describe(call: &Call<'_>, account: &Account) -> Partner {
    let partner = &account.partner;
    let shows_secrets = call.permissions.has("INTEGRATION_BASE") && !partner.hide_secrets;
    let text = |name: &str| -> Field<String> {
        partner.properties.get(name).and_then(|value| value.as_str()).map(str::to_owned).into()
    };
    let secret = |secret: Option<&ks_store::AccountSecret>| -> Field<String> {
        secret.filter(|_| shows_secrets).map(|secret| secret.secret.expose().to_owned()).into()
    };
    Partner {
        id: i64::from(partner.id.get()).into(),
        name: partner.name.clone().into(),
        website: text("website"),
        created_at: partner.created_at.into(),
        admin_name: partner.admin_name.clone().into(),
        admin_email: partner.admin_email.clone().into(),
        description: partner.description.clone().into(),
        phone: text("phone"),
        first_name: text("firstName"),
        last_name: text("lastName"),
        country: text("country"),
        state: text("state"),
        status: Field::Set(match partner.status {
            ks_store::PartnerStatus::Deleted => PartnerStatus::Deleted,
            ks_store::PartnerStatus::Active => PartnerStatus::Active,
            ks_store::PartnerStatus::Blocked => PartnerStatus::Blocked,
            ks_store::PartnerStatus::FullBlock => PartnerStatus::FullBlock,
            ks_store::PartnerStatus::ReadOnly => PartnerStatus::ReadOnly,
        }),
        secret: secret(account.primary_user_secret()),
        admin_secret: secret(account.primary_admin_secret()),
        admin_user_id: partner.account_owner.as_ref().map(|user| user.as_str().to_owned()).into(),
        default_entitlement_enforcement: partner.default_entitlement_enforcement.into(),
        partner_parent_id: partner.parent_id.map(PartnerId::get).map(i64::from).into(),
        authentication_type: PartnerAuthenticationType::PasswordOnly.into(),
        ..Partner::default()
    }
}
