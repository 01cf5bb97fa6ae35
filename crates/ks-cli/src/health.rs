//! `ks health`: whether a server beside this process takes requests, for those who look after it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::output;
use crate::settings::address;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ask a server whether it is ready: exit code 0 if it is, 1 if it is not, 3 if it does not answer
///
/// Asks the operator's own listener (`ks serve --admin-listen`), which looks whether the database takes a write.
#[derive(Args)]
pub(crate) struct HealthArgs {
    /// Where the server answers health checks
    #[arg(long, value_name = "ADDRESS", env = "KS_ADMIN_LISTEN", hide_env_values = true, value_parser = address)]
    admin_listen: SocketAddr,
}

pub(crate) fn run(args: &HealthArgs, json: bool) -> Result<Exit, Failure> {
    let to = args.admin_listen;
    let ready = ask(to).map_err(|error| Failure::unreachable(format!("{to}: {error}")))?;
    if json {
        output::json(&json!({ "ready": ready }))?;
    } else {
        output::line(if ready { "ready" } else { "not ready" })?;
    }
    Ok(if ready { Exit::Done } else { Exit::No })
}

fn ask(to: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(64 << 10).read_to_end(&mut answer)?;
    Ok(answer.starts_with(b"HTTP/1.1 200 "))
}
