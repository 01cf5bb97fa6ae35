//! The service `session`.

mod end;
pub(crate) mod get;
mod impersonate;
pub(crate) mod mint;
pub(crate) mod start;
mod start_widget_session;

use ks_schema::ApiError;
use ks_schema::generated::classes::{AnyStartWidgetSessionResponse, SessionInfo};

use crate::call::Call;
use crate::generated::session::{End, Get, Impersonate, ImpersonateByKs, Service, Start, StartWidgetSession};

/// Starting, inspecting and ending sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions;

impl Service for Sessions {
    async fn start(&self, call: &Call<'_>, args: Start) -> Result<String, ApiError> {
        start::start(call, args).await
    }

    async fn end(&self, call: &Call<'_>, _args: End) -> Result<(), ApiError> {
        end::end(call).await
    }

    async fn impersonate(&self, call: &Call<'_>, args: Impersonate) -> Result<String, ApiError> {
        impersonate::impersonate(call, args).await
    }

    async fn impersonate_by_ks(&self, call: &Call<'_>, args: ImpersonateByKs) -> Result<SessionInfo, ApiError> {
        impersonate::impersonate_by_ks(call, args).await
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<SessionInfo, ApiError> {
        get::get(call, args).await
    }

    async fn start_widget_session(
        &self,
        call: &Call<'_>,
        args: StartWidgetSession,
    ) -> Result<AnyStartWidgetSessionResponse, ApiError> {
        start_widget_session::start_widget_session(call, args).await.map(Into::into)
    }
}
