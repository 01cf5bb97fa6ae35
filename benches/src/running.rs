//! Processes that are measured, and that end with their owner.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Result;
use crate::machine::spawn_on;

/// A process that ends with its owner.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn new(child: Child) -> Self {
        Self(child)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Writes a line to its input, and ends that.
    pub(crate) fn tell(&mut self, line: &str) -> Result<()> {
        let mut stdin = self.0.stdin.take().ok_or("the process has no input")?;
        Ok(writeln!(stdin, "{line}")?)
    }

    /// Waits for the line that says that it is ready.
    pub(crate) fn first_line(&mut self) -> Result<String> {
        let stdout = self.0.stdout.take().ok_or("the process has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        if line.is_empty() { Err("a server ended before it was ready".into()) } else { Ok(line.trim().to_owned()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What `ks serve` and `ks dev` say when they are ready.
pub(crate) struct Ready(Value);

impl Ready {
    pub(crate) fn address(&self) -> Result<String> {
        let url = self.0["url"].as_str().ok_or("the server does not say its url")?;
        Ok(url.trim_start_matches("http://").to_owned())
    }

    pub(crate) fn partner(&self) -> Result<i64> {
        self.0["partnerId"].as_i64().ok_or_else(|| "the server does not say its partnerId".into())
    }

    /// A text that it says.
    pub(crate) fn text(&self, name: &str) -> Result<&str> {
        self.0[name].as_str().ok_or_else(|| format!("the server does not say its {name}").into())
    }

    pub(crate) fn secret(&self) -> Result<String> {
        Ok(self.0["adminSecret"].as_str().ok_or("the server does not say its adminSecret")?.to_owned())
    }
}

/// Starts `ks serve` on a data folder, on one core if one is given.
pub(crate) fn serve(ks: &Path, folder: &Path, core: Option<usize>) -> Result<(Running, Ready)> {
    let mut command = quiet(ks);
    command.args(["serve", "--log", "warn", "--listen", "127.0.0.1:0", "--json", "--data-dir"]).arg(folder);
    start(&mut command, core)
}

/// Starts `ks serve` on any database, on one core if one is given.
pub(crate) fn serve_on(ks: &Path, database: &str, key: &Path, core: Option<usize>) -> Result<(Running, Ready)> {
    let mut command = quiet(ks);
    command.args(["serve", "--log", "warn", "--listen", "127.0.0.1:0", "--json", "--database", database, "--key-file"]);
    start(command.arg(key), core)
}

/// Starts `ks dev`.
pub(crate) fn dev(ks: &Path) -> Result<(Running, Ready)> {
    start(quiet(ks).args(["dev", "--listen", "127.0.0.1:0", "--json"]), None)
}

/// Starts `ks dev` with a world.
pub(crate) fn dev_with(ks: &Path, world: &Path) -> Result<(Running, Ready)> {
    start(quiet(ks).args(["dev", "--listen", "127.0.0.1:0", "--json", "--seed"]).arg(world), None)
}

/// Starts `ks serve` that answers proxies.
pub(crate) fn gateway(ks: &Path, folder: &Path) -> Result<(Running, Ready)> {
    let mut command = quiet(ks);
    command.args(["serve", "--gateway", "--log", "warn", "--listen", "127.0.0.1:0", "--json"]);
    start(command.args(["--trusted-proxy", "127.0.0.1", "--data-dir"]).arg(folder), None)
}

/// `ks` with none of this person's settings, and with its error stream shown.
pub(crate) fn quiet(ks: &Path) -> Command {
    let mut command = Command::new(ks);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("KS_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

fn start(command: &mut Command, core: Option<usize>) -> Result<(Running, Ready)> {
    let mut running = Running::new(spawn_on(core, command)?);
    let ready = serde_json::from_str(&running.first_line()?)?;
    Ok((running, Ready(ready)))
}

/// Lets a verb of this program do its work on a core of its own: what it is told, and what it answers, is JSON.
pub(crate) fn ask_child<A: DeserializeOwned>(core: Option<usize>, verb: &str, told: &impl Serialize) -> Result<A> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(verb).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = spawn_on(core, &mut command)?;
    let mut stdin = child.stdin.take().ok_or_else(|| format!("the process `{verb}` has no input"))?;
    stdin.write_all(serde_json::to_string(told)?.as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the process `{verb}` failed").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
