//! The opponent of logins: argon2 alone, in a process of its own.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::machine::{cpu_seconds, spawn_on};

/// For how long to verify a password, before counting and while counting.
#[derive(Serialize, Deserialize)]
pub(crate) struct Work {
    pub(crate) password: String,
    pub(crate) warm_up_ms: u64,
    pub(crate) counted_ms: u64,
}

/// What was done while counting.
#[derive(Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) verified: u64,
    pub(crate) seconds: f64,
    /// Processor time, in seconds.
    pub(crate) cpu: f64,
}

/// Lets a process on a core of its own verify a password again and again.
pub(crate) fn run(core: Option<usize>, work: &Work) -> Result<Done> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("hash").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = spawn_on(core, &mut command)?;
    let mut stdin = child.stdin.take().ok_or("the process has no input")?;
    stdin.write_all(serde_json::to_string(work)?.as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err("argon2 alone failed".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The process: its input is [`Work`] as JSON, its output [`Done`].
pub(crate) fn main() -> Result<()> {
    let work: Work = serde_json::from_reader(std::io::stdin())?;
    println!("{}", serde_json::to_string(&verify(&work)?)?);
    Ok(())
}

fn verify(work: &Work) -> Result<Done> {
    // What logins cost: 19 MiB, two passes, one lane; `Argon2::default()` says so, and the hash that comes of it.
    let argon2 = Argon2::default();
    let stored = argon2.hash_password(work.password.as_bytes()).map_err(|error| error.to_string())?.to_string();
    if !stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") {
        return Err("argon2 has other costs than logins".into());
    }
    let once = || -> Result<()> {
        let stored = PasswordHash::new(&stored).map_err(|error| error.to_string())?;
        Ok(argon2.verify_password(work.password.as_bytes(), &stored).map_err(|error| error.to_string())?)
    };
    let warm = Instant::now() + Duration::from_millis(work.warm_up_ms);
    while Instant::now() < warm {
        once()?;
    }
    let (began, before, mut verified) = (Instant::now(), cpu_seconds(std::process::id())?, 0);
    while began.elapsed() < Duration::from_millis(work.counted_ms) {
        once()?;
        verified += 1;
    }
    let seconds = began.elapsed().as_secs_f64();
    Ok(Done { verified, seconds, cpu: cpu_seconds(std::process::id())? - before })
}
