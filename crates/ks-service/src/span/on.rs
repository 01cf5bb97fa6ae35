//! Spans for whoever listens.

use ks_schema::generated::services::ActionId;
use ks_schema::{ApiError, ErrorCode};
use ks_store::span::{Span, TARGET};
use ks_token::PartnerId;
use ks_wire::CallTree;
use tracing::field::Empty;

/// A call, by the names that are declared: what is not may be anything.
pub(crate) fn call(call: &CallTree) -> Span {
    let action = || ActionId::find(call.service()?, call.action()?).map(ActionId::info);
    let info = action();
    let span = tracing::info_span!(
        target: TARGET,
        "call",
        otel.kind = "internal",
        otel.name = info.map(|info| format!("{}.{}", info.service, info.name)),
        ks.service = info.map(|info| info.service),
        ks.action = info.map(|info| info.name),
        ks.partner_id = Empty,
        ks.error_code = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    );
    span.into()
}

/// Says how a call ended. Only what is a fault of ours is one of the span: most errors are answers.
pub(crate) fn answered(span: &Span, partner: Option<PartnerId>, error: Option<&ApiError>) {
    if let Some(partner) = partner {
        span.record("ks.partner_id", i64::from(partner.get()));
    }
    let Some(error) = error else { return };
    let code = error.code();
    span.record("ks.error_code", code.info().code);
    if matches!(code, ErrorCode::InternalServerlError | ErrorCode::InternalDatabaseError) {
        span.record("error.type", code.info().code);
        span.record("otel.status_code", "ERROR");
    }
}
