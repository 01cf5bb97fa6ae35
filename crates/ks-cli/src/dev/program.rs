//! `ks dev -- COMMAND`: a program that runs as long as the server does.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use ks_server::dev::Emulator;

use crate::exit::{Exit, Failure};
use crate::output::printable;
use crate::serve::{self, Ends};

/// How often it is looked whether the program has ended.
const LOOKS_EVERY: Duration = Duration::from_millis(10);

/// Runs it to its end, or until this process is told to end.
pub(super) async fn run(server: &Emulator, name: &OsStr, words: &[OsString], ends: &mut Ends) -> Result<Exit, Failure> {
    let account = server.account();
    let mut command = Command::new(name);
    command.args(words);
    // Settings of servers are not for the programs that test against one.
    for (variable, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("KS_")) {
        command.env_remove(variable);
    }
    command.env("KS_URL", serve::url(server.local_addr())).env("KS_PARTNER_ID", account.id.to_string());
    let known = [
        ("KS_ADMIN_SECRET", account.admin_secrets.first()),
        ("KS_USER_SECRET", account.user_secrets.first()),
        ("KS_ADMIN_EMAIL", account.admin_email.as_ref()),
        ("KS_ADMIN_PASSWORD", account.admin_password.as_ref()),
    ];
    command.envs(known.into_iter().filter_map(|(name, value)| Some((name, value?))));
    command.env("KS_DEV_KEY", server.key());
    let cannot = |error| Failure::unreachable(format!("{} cannot be run: {error}", printable(&name.to_string_lossy())));
    let mut child = command.spawn().map_err(cannot)?;
    let status = tokio::select! {
        status = end(&mut child) => status.map_err(cannot)?,
        () = ends.wait() => {
            // Without the server there is nothing for it to do.
            child.kill().and_then(|()| child.wait()).map_err(cannot)?;
            return Ok(Exit::Done);
        }
    };
    // As shells report a program that a signal ended.
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    Ok(Exit::Program(u8::try_from(code).unwrap_or(u8::MAX)))
}

/// Waits until it has ended.
async fn end(child: &mut Child) -> std::io::Result<ExitStatus> {
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(status),
            None => tokio::time::sleep(LOOKS_EVERY).await,
        }
    }
}
