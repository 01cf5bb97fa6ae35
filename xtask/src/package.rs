//! `cargo xtask package`: the Debian package, with manual pages and completions made by the binary itself.

use std::path::Path;
use std::process::Command;

use crate::process::{cargo, run};

/// The version that is installed, so that packages do not change by themselves.
const CARGO_DEB: &str = "3.8.0";

/// The verb. `--profile PROFILE` packs another build than `dist`, which takes long.
pub(crate) fn main(options: &[&str]) -> Result<(), String> {
    let profile = match options {
        [] => "dist",
        ["--profile", profile] => profile,
        other => return Err(format!("unknown options: {}", other.join(" "))),
    };
    let tools = crate::root().join("target/tools");
    cargo_deb(&tools)?;
    run(cargo().args(["build", "--locked", "--package", "ks-cli", "--profile", profile]))?;
    let made = crate::root().join("target/package");
    if made.exists() {
        std::fs::remove_dir_all(&made).map_err(|error| format!("{}: {error}", made.display()))?;
    }
    std::fs::create_dir_all(&made).map_err(|error| format!("{}: {error}", made.display()))?;
    let ks = crate::root().join("target").join(profile).join("ks");
    run(Command::new(&ks).arg("man").arg(made.join("man")))?;
    for shell in ["bash", "zsh", "fish"] {
        let output = Command::new(&ks).args(["completions", shell]).output();
        let script = output.map_err(|error| format!("{}: {error}", ks.display()))?.stdout;
        std::fs::write(made.join(format!("ks.{shell}")), script).map_err(|error| error.to_string())?;
    }
    let path = std::env::var("PATH").unwrap_or_default();
    run(cargo()
        .args(["deb", "--no-build", "--no-strip", "--package", "ks-cli", "--profile", profile, "--output"])
        .arg(made.join("ks.deb"))
        .env("PATH", format!("{}:{path}", tools.join("bin").display())))
}

fn cargo_deb(tools: &Path) -> Result<(), String> {
    if tools.join("bin/cargo-deb").exists() {
        return Ok(());
    }
    run(cargo().args(["install", "cargo-deb", "--locked", "--version", CARGO_DEB, "--root"]).arg(tools))
}
