//! `ks-client`, the typed client, against a running server.

mod batch;
mod every;
mod examples;
mod faults;
#[rustfmt::skip]
mod generated;
mod recorder;
mod session;
mod verify;

use ks_client::{Client, Credentials};
use ks_tests::server::Server;

/// Runs asynchronous work.
fn block<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

fn partner(server: &Server) -> i32 {
    server.partner().try_into().expect("a number of an account")
}

/// A client with an administrator's session, made without a call.
async fn admin(server: &Server) -> Client {
    let client = Client::new(&server.url).expect("an address");
    let credentials = Credentials::local(server.told("adminSecret"), partner(server)).admin("me");
    client.sign_in(credentials).await.expect("a session")
}
