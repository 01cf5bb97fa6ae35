//! Spans for whoever listens.

use sqlx::SqlStr;
use tracing::Instrument as _;
use tracing::instrument::Instrumented;

use super::summary::summary;

/// The target of all spans. It begins like no crate of ours, so that no log hears them.
pub const TARGET: &str = "spans";

/// A part of a request, from when it is made until its last handle is gone.
#[derive(Clone, Debug)]
pub struct Span(tracing::Span);

impl Span {
    /// What is no span.
    #[must_use]
    pub const fn none() -> Self {
        Self(tracing::Span::none())
    }

    /// The work, with what it does as parts of this.
    pub fn within<F: Future>(&self, work: F) -> Instrumented<F> {
        work.instrument(self.0.clone())
    }

    /// Says what was not known in the beginning.
    pub fn record(&self, field: &str, value: impl tracing::Value) {
        self.0.record(field, value);
    }
}

impl From<tracing::Span> for Span {
    fn from(span: tracing::Span) -> Self {
        Self(span)
    }
}

/// One statement, if it is a request's: what goes on in the background is no part of anything.
pub(crate) fn statement(system: &'static str, sql: &SqlStr) -> Span {
    if tracing::Span::current().is_none() {
        return Span::none();
    }
    let (operation, table) = summary(sql.as_str());
    let span = tracing::info_span!(
        target: TARGET,
        "statement",
        otel.kind = "client",
        otel.name = [Some(operation), table].into_iter().flatten().collect::<Vec<_>>().join(" "),
        db.system.name = system,
        db.operation.name = operation,
        db.collection.name = table,
    );
    Span(span)
}

/// A change, from when it is asked for until it is on disk. Others may share its transaction.
pub(crate) fn write() -> Span {
    if tracing::Span::current().is_none() {
        return Span::none();
    }
    Span(tracing::info_span!(target: TARGET, "write", otel.kind = "internal"))
}
