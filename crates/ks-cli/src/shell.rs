//! `ks completions` and `ks man`: made from the tree of commands.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::output;

/// Print the completions for a shell
///
/// They ask `ks` itself, which knows services, actions and parameters. For example: ks completions bash >
/// ~/.local/share/bash-completion/completions/ks
#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

/// Write the manual pages into a folder
#[derive(Args)]
pub(crate) struct ManArgs {
    /// The folder; it is made when it is missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let shells = Shells::builtins();
    let name = args.shell.to_string();
    let shell = shells.completer(&name).ok_or_else(|| Failure::usage(format!("no completions for {name}")))?;
    let mut script = Vec::new();
    let written = shell.write_registration("COMPLETE", "ks", "ks", "ks", &mut script);
    written.map_err(|error| Failure::unreachable(error.to_string()))?;
    output::line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Done)
}

pub(crate) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let cannot = |error: std::io::Error| Failure::unreachable(format!("{}: {error}", args.folder.display()));
    std::fs::create_dir_all(&args.folder).map_err(cannot)?;
    clap_mangen::generate_to(Cli::command(), &args.folder).map_err(cannot)?;
    Ok(Exit::Done)
}
