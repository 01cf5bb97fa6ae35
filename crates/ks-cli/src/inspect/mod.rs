//! `ks inspect`: what a token says, whether it is valid, and why not; offline.

mod explain;
mod human;
mod object;
mod report;
mod unverified;

use std::io::BufRead;
use std::net::IpAddr;

use clap::Args;
use ks_token::SecretKey;

use crate::exit::{Exit, Failure};
use crate::inspect::report::{Report, Verdict};
use crate::secrets::ManySecrets;
use crate::{output, when};

/// Say what a token contains, and whether it is valid
///
/// Works offline. Give the account's secrets to have the signature checked; a version 2 token can be read only with them.
/// Whether the session was ended, has used up its actions, or belongs to a blocked account, only the server knows.
#[derive(Args)]
#[command(after_help = "\
Exit code 0: valid. 1: not valid. 4: no secret was given, so nobody can say (and the token is not known to be bad).
With several tokens: the worst of them.

Examples:
  ks inspect \"$KS\" --secret-file admin.secret
  KS_SECRET=… ks inspect \"$KS\" --ip 203.0.113.7 --uri /api_v3/service/media/action/get
  ks inspect - --json < tokens.txt")]
pub(crate) struct InspectArgs {
    /// The token; `-` reads one from each line of standard input, where the list of processes does not show it
    #[arg(value_name = "TOKEN", allow_hyphen_values = true)]
    token: String,
    #[command(flatten)]
    secrets: ManySecrets,
    /// Would a request for this path and query be allowed? (urirestrict)
    #[arg(long, value_name = "PATH")]
    uri: Option<String>,
    /// Would a request from this address be allowed? (iprestrict)
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<IpAddr>,
    /// Judge as of this time instead of now: Unix seconds, or a date such as 2030-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = when::parse, allow_negative_numbers = true)]
    now: Option<i64>,
}

/// What a token is judged by.
struct Question<'q> {
    keys: Vec<SecretKey>,
    now: i64,
    uri: Option<&'q str>,
    ip: Option<IpAddr>,
}

pub(crate) fn run(args: &InspectArgs, json: bool) -> Result<Exit, Failure> {
    let keys = args.secrets.find()?.iter().map(SecretKey::new).collect();
    let now = args.now.unwrap_or_else(when::now);
    let question = Question { keys, now, uri: args.uri.as_deref(), ip: args.ip };
    if args.token != "-" {
        let report = Report::of(args.token.as_bytes(), &question);
        print(&report, &question, json)?;
        return Ok(exit(&report));
    }
    let mut worst = Exit::Done;
    let mut first = true;
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.map_err(|error| Failure::unreachable(format!("standard input: {error}")))?;
        let token = line.trim_ascii();
        if token.is_empty() {
            continue;
        }
        if !json && !std::mem::take(&mut first) {
            output::line("")?;
        }
        let report = Report::of(token, &question);
        print(&report, &question, json)?;
        worst = match (worst, exit(&report)) {
            (Exit::No, _) | (_, Exit::No) => Exit::No,
            (worst, Exit::Done) => worst,
            (_, other) => other,
        };
    }
    Ok(worst)
}

fn print(report: &Report, question: &Question<'_>, json: bool) -> Result<(), Failure> {
    if json { output::json(&object::of(report, question)) } else { output::line(&human::text(report, question)) }
}

fn exit(report: &Report) -> Exit {
    match report.verdict {
        Verdict::Valid => Exit::Done,
        Verdict::Malformed(_) | Verdict::Refused(_) => Exit::No,
        Verdict::Unchecked => Exit::Undecided,
    }
}
