//! The service `partner`.

mod lists;
mod object;
mod register;
mod secrets;
mod update;

use ks_schema::generated::classes::{
    self, FeatureStatusListResponse, PartnerListResponse, PartnerPublicInfo, PartnerStatistics, PartnerUsage,
};
use ks_schema::{ApiError, Field};

use crate::call::{Call, partner_id};
use crate::generated::partner::{
    Count, Get, GetInfo, GetPublicInfo, GetSecrets, GetStatistics, GetUsage, List, ListFeatureStatus,
    ListPartnersForUser, Register, RegistrationValidation, Service, Update,
};
use object::describe;

/// The account itself.
#[derive(Debug, Default)]
pub(crate) struct Partners;

impl Service for Partners {
    async fn registration_validation(&self, call: &Call<'_>, args: RegistrationValidation) -> Result<bool, ApiError> {
        let wish = register::Wish {
            partner: args.partner,
            password: args.cms_password,
            template: args.template_partner_id,
            silent: args.silent,
        };
        register::validate(call, wish).await.map(|_| true)
    }

    async fn register(&self, call: &Call<'_>, args: Register) -> Result<classes::Partner, ApiError> {
        let wish = register::Wish {
            partner: args.partner,
            password: args.cms_password,
            template: args.template_partner_id,
            silent: args.silent,
        };
        register::register(call, wish).await
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<classes::Partner, ApiError> {
        update::update(call, args).await
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<classes::Partner, ApiError> {
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
        let account = account.ok_or_else(|| ApiError::invalid_partner_id(asked))?;
        let mut shown = describe(call, &account);
        // Its secrets open it, and only a parent with the right to may enter.
        if account.partner.id != own.partner.id && !own.partner.may_impersonate {
            shown.secret = Field::Absent;
            shown.admin_secret = Field::Absent;
        }
        Ok(shown)
    }

    async fn get_secrets(&self, call: &Call<'_>, args: GetSecrets) -> Result<classes::Partner, ApiError> {
        secrets::get_secrets(call, args).await
    }

    async fn get_info(&self, call: &Call<'_>, _args: GetInfo) -> Result<classes::Partner, ApiError> {
        Ok(describe(call, call.account()?))
    }

    /// Media are not kept here, so an account has used none, at any time.
    async fn get_usage(&self, call: &Call<'_>, _args: GetUsage) -> Result<PartnerUsage, ApiError> {
        call.account()?;
        Ok(PartnerUsage {
            hosting_gb: 0.0.into(),
            percent: 0.0.into(),
            package_bw: 0.into(),
            usage_gb: 0.0.into(),
            reached_limit_date: Field::Absent,
            usage_graph: String::new().into(),
        })
    }

    /// As [`Service::get_usage`].
    async fn get_statistics(&self, call: &Call<'_>, _args: GetStatistics) -> Result<PartnerStatistics, ApiError> {
        call.account()?;
        Ok(PartnerStatistics {
            package_bandwidth_and_storage: 0.into(),
            hosting: 0.0.into(),
            bandwidth: 0.0.into(),
            usage: 0.into(),
            usage_percent: 0.0.into(),
            reached_limit_date: Field::Absent,
        })
    }

    async fn list_partners_for_user(
        &self,
        call: &Call<'_>,
        args: ListPartnersForUser,
    ) -> Result<PartnerListResponse, ApiError> {
        lists::list_partners_for_user(call, args).await
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<PartnerListResponse, ApiError> {
        lists::list(call, args).await
    }

    /// Nothing here works in the background, so no feature is ever busy.
    async fn list_feature_status(
        &self,
        call: &Call<'_>,
        _args: ListFeatureStatus,
    ) -> Result<FeatureStatusListResponse, ApiError> {
        call.session()?;
        Ok(FeatureStatusListResponse { total_count: 0.into(), objects: Field::Set(Vec::new()) })
    }

    async fn count(&self, call: &Call<'_>, args: Count) -> Result<i64, ApiError> {
        lists::count(call, args).await
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
