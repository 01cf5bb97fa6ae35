//! The asynchronous runtime, for the commands that need one. The offline ones start without it.

use std::future::Future;

use crate::exit::Failure;

/// Runs a short command on this thread.
pub(crate) fn short<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| cannot(&error))?;
    runtime.block_on(work)
}

/// Runs the server on all cores.
pub(crate) fn server<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| cannot(&error))?;
    runtime.block_on(work)
}

fn cannot(error: &std::io::Error) -> Failure {
    Failure::unreachable(format!("the system gives no threads: {error}"))
}
