//! The service `system`.

use ks_schema::{ApiError, File};

use crate::call::{Call, database_error};
use crate::generated::system::{GetHealthCheck, GetTime, GetVersion, Ping, PingDatabase, Service};
use crate::node::VERSION;

/// Is the server there, what time does it have, which version is it.
#[derive(Debug, Default)]
pub(crate) struct System;

impl Service for System {
    async fn ping(&self, _call: &Call<'_>, _args: Ping) -> Result<bool, ApiError> {
        Ok(true)
    }

    async fn ping_database(&self, call: &Call<'_>, _args: PingDatabase) -> Result<bool, ApiError> {
        call.node.store.ping_write(call.now).await.map_err(|error| database_error(&error))?;
        Ok(true)
    }

    async fn get_time(&self, call: &Call<'_>, _args: GetTime) -> Result<i64, ApiError> {
        Ok(call.now)
    }

    async fn get_version(&self, _call: &Call<'_>, _args: GetVersion) -> Result<String, ApiError> {
        Ok(VERSION.to_owned())
    }

    async fn get_health_check(&self, call: &Call<'_>, _args: GetHealthCheck) -> Result<File, ApiError> {
        let health = call.node.store.health();
        let written = call.node.store.ping_write(call.now).await;
        let database = match &written {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("failed: {error}"),
        };
        let follows = if health.fresh { "ok" } else { "behind" };
        let healthy = written.is_ok() && health.fresh;
        let body = format!(
            "{}\nversion: {VERSION}\nup: {} s\ndatabase: {database}\nchange log: {follows} ({} ms behind)\nrevocations: {}\n",
            if healthy { "healthy" } else { "unhealthy" },
            call.now.saturating_sub(call.node.started_at()),
            health.behind.as_millis(),
            health.revocations
        );
        Ok(File {
            status: if healthy { 200 } else { 500 },
            content_type: "text/plain; charset=utf-8",
            body: body.into_bytes(),
        })
    }
}
