//! The service `ks_account` of the plugin `ks`.

use ks_schema::generated::classes::KsAccountSettings;
use ks_schema::generated::enums::KsSecondFactor;
use ks_schema::{ApiError, Field};
use ks_store::{Partner, StoreError};

use crate::call::{Call, database_error};
use crate::generated::ks_account::{Get, Service, Update};
use crate::login::settings::Settings;

/// Settings of the account that the protocol only shows.
#[derive(Debug, Default)]
pub(crate) struct KsAccounts;

impl Service for KsAccounts {
    async fn get(&self, call: &Call<'_>, _args: Get) -> Result<KsAccountSettings, ApiError> {
        Ok(describe(&call.account()?.partner))
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<KsAccountSettings, ApiError> {
        let id = call.account()?.partner.id;
        let sent = args.settings;
        let changed = call.store().update_partner(id, call.now, move |partner| apply(partner, &sent)).await;
        match changed {
            Ok(partner) => Ok(describe(&partner)),
            Err(StoreError::NotFound(_)) => Err(ApiError::unknown_partner_id(id)),
            Err(error) => Err(database_error(&error)),
        }
    }
}

fn describe(partner: &Partner) -> KsAccountSettings {
    let login = Settings::of_properties(&partner.properties);
    let second_factor = match (login.needs_otp(Some(true)), login.needs_otp(Some(false))) {
        (false, false) => KsSecondFactor::Nobody,
        (true, true) => KsSecondFactor::Everybody,
        (true, false) => KsSecondFactor::Administrators,
        (false, true) => KsSecondFactor::AllButAdministrators,
    };
    KsAccountSettings {
        default_entitlement_enforcement: partner.default_entitlement_enforcement.into(),
        second_factor: Field::Set(second_factor),
    }
}

fn apply(partner: &mut Partner, sent: &KsAccountSettings) {
    if let Some(enforced) = sent.default_entitlement_enforcement.get() {
        partner.default_entitlement_enforcement = *enforced;
    }
    // The properties by which the protocol shows it.
    if let Some(wanted) = sent.second_factor.get() {
        let mode = match wanted {
            KsSecondFactor::Nobody | KsSecondFactor::Everybody => 0,
            KsSecondFactor::Administrators => 1,
            KsSecondFactor::AllButAdministrators => 2,
        };
        let on = *wanted != KsSecondFactor::Nobody;
        partner.properties.insert("useTwoFactorAuthentication".to_owned(), on.into());
        partner.properties.insert("twoFactorAuthenticationMode".to_owned(), mode.into());
    }
}
