//! The service `ks_stats` of the plugin `ks`.

use ks_schema::generated::classes::{KsStatPoint, KsStatPointListResponse};
use ks_schema::generated::enums::KsStatMeasure;
use ks_schema::generated::services::ActionId;
use ks_schema::{ApiError, Field};
use ks_store::{CallCount, CountedCalls};

use crate::call::{Call, database_error};
use crate::generated::ks_stats::{List, Service};

/// What starts sessions.
const STARTS: &[ActionId] = &[
    ActionId::SessionStart,
    ActionId::SessionStartWidgetSession,
    ActionId::SessionImpersonate,
    ActionId::SessionImpersonateByKs,
    ActionId::AppTokenStartSession,
    ActionId::UserLogin,
    ActionId::UserLoginByLoginId,
    ActionId::UserLoginByKs,
    ActionId::AdminUserLogin,
];

/// What takes a password.
const LOGINS: &[ActionId] = &[ActionId::UserLogin, ActionId::UserLoginByLoginId, ActionId::AdminUserLogin];

/// More steps than these nobody looks at in one plot.
const MOST_STEPS: i64 = 24 * 92;

const DAY: i64 = 86_400;

/// Figures of the account.
#[derive(Debug, Default)]
pub(crate) struct KsStats;

impl Service for KsStats {
    async fn list(&self, call: &Call<'_>, args: List) -> Result<KsStatPointListResponse, ApiError> {
        let partner = call.account()?.partner.id;
        let step = args.step.value();
        let until = args.until.unwrap_or(call.now.saturating_add(1));
        let from = args.from.unwrap_or_else(|| until.saturating_sub(DAY));
        let steps = until.saturating_sub(from) / step;
        if !(0..=MOST_STEPS).contains(&steps) {
            return Err(ApiError::parameter_value_out_of_range("from", until.saturating_sub(MOST_STEPS * step), until));
        }
        let (actions, succeeded, by_action) = match args.measure {
            KsStatMeasure::Calls => (&[][..], None, false),
            KsStatMeasure::SessionsStarted => (STARTS, Some(true), true),
            KsStatMeasure::FailedLogins => (LOGINS, Some(false), false),
        };
        let wanted = CountedCalls { partner, from, until, step, actions, succeeded, by_action };
        let counts = call.node.store.call_counts(&wanted).await.map_err(|error| database_error(&error))?;
        Ok(KsStatPointListResponse {
            total_count: i64::try_from(counts.len()).unwrap_or(i64::MAX).into(),
            objects: Field::Set(counts.into_iter().map(describe).collect()),
        })
    }
}

fn describe(count: CallCount) -> KsStatPoint {
    KsStatPoint { at: count.at.into(), key: count.key.into(), count: count.calls.into() }
}
