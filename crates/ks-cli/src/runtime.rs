//! The asynchronous runtime, for the commands that need one. The offline ones start without it.

use std::future::Future;

use crate::exit::Failure;

/// Runs a short command on this thread.
pub(crate) fn short<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| cannot(&error))?;
    runtime.block_on(work)
}

/// After so many steps a worker looks for what else can go on, and takes no more than that from its connections: requests
/// that come in, thousands at a time, do not get in front of those that were let in and wait for the database's answer.
const STEPS: u8 = 64;

/// Runs the server on all cores.
pub(crate) fn server<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().event_interval(STEPS.into()).max_io_events_per_tick(STEPS.into());
    let runtime = builder.build().map_err(|error| cannot(&error))?;
    runtime.block_on(work)
}

fn cannot(error: &std::io::Error) -> Failure {
    Failure::unreachable(format!("the system gives no threads: {error}"))
}
