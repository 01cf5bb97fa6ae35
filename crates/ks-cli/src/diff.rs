//! `ks diff`: what two servers answer to the same calls.

use std::collections::BTreeSet;

use clap::Args;
use ks_client::{Client, Error};
use ks_schema::describe::KsUse;
use ks_token::{Envelope, Scratch};
use serde_json::{Value, json};

use crate::call::{Typed, is_secret};
use crate::exit::{Exit, Failure, api_object};
use crate::output::{self, printable};
use crate::profile::{self, Profile, Profiles, Way, address, failure};
use crate::runtime;

/// How much of a value is shown.
const SHOWN: usize = 60;

/// Compare what two servers answer to the same calls
///
/// Asks the server of a profile and another one, with sessions of their own, and tells where the answers differ: nothing,
/// with exit code 0, if nowhere. Errors are answers. Two sessions count as the same if they are of one account, and what
/// is a secret is compared but not shown.
#[derive(Args)]
#[command(after_help = "\
Examples:
  ks diff --against https://kaltura.example.com session.get
  ks diff --against staging category.list filter:parentIdEqual=0 --ignore id,createdAt,updatedAt
  ks diff --against https://kaltura.example.com --calls calls.txt --shape")]
pub(crate) struct DiffArgs {
    /// The other server: the name of its profile, or its URL, where the sessions are those of this profile, too
    #[arg(long, value_name = "PROFILE|URL")]
    against: String,
    /// The profile; the current one if left out
    #[arg(long, value_name = "NAME", env = profile::VARIABLE, hide_env_values = true)]
    profile: Option<String>,
    /// A file of calls, each on a line of its own as it would be typed; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "call", required_unless_present = "call")]
    calls: Option<String>,
    /// Properties that are not compared, between commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Compare which properties there are, and of what type, but not their values
    #[arg(long)]
    shape: bool,
    /// Make calls that change something, too, on both servers
    #[arg(long)]
    write: bool,
    /// Send a session or a secret to another machine without encryption
    #[arg(long)]
    plain_http: bool,
    /// The action and its arguments, as `ks call` takes them
    #[arg(value_name = "SERVICE.ACTION [KEY=VALUE]")]
    call: Vec<String>,
}

/// A place where two answers differ.
struct Difference {
    /// `objects[0].name`; empty: the whole answer.
    path: String,
    /// What each has there; none: nothing.
    here: Option<String>,
    there: Option<String>,
}

/// How answers are compared.
struct Comparison<'a> {
    ignored: BTreeSet<&'a str>,
    shape: bool,
    found: Vec<Difference>,
}

pub(crate) fn run(args: &DiffArgs, json: bool) -> Result<Exit, Failure> {
    let calls = calls(args)?;
    let (here, there) = servers(args)?;
    for (text, words) in &calls {
        let call = Typed::read(words)?;
        call.guard(&here)?;
        call.guard(&there)?;
        if call.info.writes && !args.write {
            let failure = Failure::usage(format!("{} changes something on both servers", printable(text)));
            return Err(failure.hint("--write makes it all the same"));
        }
    }
    runtime::short(async {
        let here = Side::connect(&here).await?;
        let there = Side::connect(&there).await?;
        let mut exit = Exit::Done;
        for (text, words) in &calls {
            let (mine, other) = (here.answer(words).await?, there.answer(words).await?);
            let ignored = args.ignore.iter().map(String::as_str).collect();
            let mut comparison = Comparison { ignored, shape: args.shape, found: Vec::new() };
            comparison.compare("", Some(&mine), Some(&other));
            if !comparison.found.is_empty() {
                exit = Exit::No;
            }
            tell(text, &comparison.found, json)?;
        }
        Ok(exit)
    })
}

/// Each call as text, and in words.
fn calls(args: &DiffArgs) -> Result<Vec<(String, Vec<String>)>, Failure> {
    let Some(name) = &args.calls else {
        return Ok(vec![(args.call.join(" "), args.call.clone())]);
    };
    let text = if name == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(name) };
    let text = text.map_err(|error| Failure::unreachable(format!("{}: {error}", printable(name))))?;
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| match shlex::split(line) {
            Some(words) => Ok((line.to_owned(), words)),
            None => Err(Failure::usage(format!("line {number} of {}: a quote has no end", printable(name)))),
        })
        .collect()
}

/// The two profiles that are asked.
fn servers(args: &DiffArgs) -> Result<(Profile, Profile), Failure> {
    let all = Profiles::read()?;
    let mut here = all.find(&all.chosen(args.profile.as_deref()))?.clone();
    let mut there = if args.against.contains("://") {
        let url = address(&args.against).map_err(Failure::usage)?;
        // What is agreed for one server says nothing of another.
        Profile { url, plain_http: false, ..here.clone() }
    } else {
        all.find(&args.against)?.clone()
    };
    here.plain_http |= args.plain_http;
    there.plain_http |= args.plain_http;
    Ok((here, there))
}

/// One of the servers.
struct Side {
    with_session: Client,
    without: Client,
}

impl Side {
    async fn connect(profile: &Profile) -> Result<Self, Failure> {
        let without = profile.client()?;
        let with_session =
            if matches!(profile.session, Way::None) { without.clone() } else { profile.connect().await? };
        Ok(Self { with_session, without })
    }

    /// What it answers; an error of the API is an answer.
    async fn answer(&self, words: &[String]) -> Result<Value, Failure> {
        let call = Typed::read(words)?;
        let wants_ks = call.info.ks != KsUse::Ignored && !call.has("ks");
        let client = if wants_ks { &self.with_session } else { &self.without };
        match call.send(client).await {
            Ok(answer) => Ok(answer),
            Err(Error::Api(error)) => {
                let mut answer = api_object(&error);
                answer["objectType"] = "KalturaAPIException".into();
                Ok(answer)
            }
            Err(error) => Err(failure(error)),
        }
    }
}

impl Comparison<'_> {
    fn compare(&mut self, path: &str, here: Option<&Value>, there: Option<&Value>) {
        let last = path.rsplit('.').next().unwrap_or(path);
        if self.ignored.contains(last) {
            return;
        }
        match (here, there) {
            (Some(Value::Object(mine)), Some(Value::Object(other))) => {
                for name in mine.keys().chain(other.keys().filter(|name| !mine.contains_key(*name))) {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.compare(&path, mine.get(name), other.get(name));
                }
            }
            // Lists may be of any length where only the shape counts: what both have is compared.
            (Some(Value::Array(mine)), Some(Value::Array(other))) => {
                let both = mine.len().min(other.len());
                let until = if self.shape { both } else { mine.len().max(other.len()) };
                for at in 0..until {
                    self.compare(&format!("{path}[{at}]"), mine.get(at), other.get(at));
                }
            }
            (Some(mine), Some(other)) if self.is_same(mine, other) => {}
            _ => {
                let hidden = is_secret(last.split('[').next().unwrap_or(last), None);
                let show = |value: &Value| if self.shape { kind(value).to_owned() } else { shown(value, hidden) };
                let difference = Difference { path: path.to_owned(), here: here.map(show), there: there.map(show) };
                self.found.push(difference);
            }
        }
    }

    fn is_same(&self, mine: &Value, other: &Value) -> bool {
        if self.shape {
            return kind(mine) == kind(other);
        }
        let account = |value: &Value| value.as_str().and_then(account_of);
        mine == other || account(mine).is_some_and(|account_here| Some(account_here) == account(other))
    }
}

/// The account of a session.
fn account_of(text: &str) -> Option<i32> {
    let mut scratch = Scratch::new();
    Envelope::decode(text.as_bytes(), &mut scratch).ok().map(|envelope| envelope.partner_id().get())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a float",
        Value::Number(_) => "an integer",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn shown(value: &Value, hidden: bool) -> String {
    match value {
        Value::String(text) if hidden || account_of(text).is_some() => "(not shown)".to_owned(),
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
        other => {
            let text = printable(&other.to_string());
            match text.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}

fn tell(call: &str, found: &[Difference], json: bool) -> Result<(), Failure> {
    if json {
        let differences: Vec<Value> =
            found.iter().map(|one| json!({ "path": one.path, "here": one.here, "there": one.there })).collect();
        return output::json(&json!({ "call": call.split(' ').next(), "differences": differences }));
    }
    for one in found {
        let path = if one.path.is_empty() { "the answer" } else { &one.path };
        let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        let action = printable(call.split(' ').next().unwrap_or(call));
        output::line(&format!("{action}: {}: {} here, {} there", printable(path), side(&one.here), side(&one.there)))?;
    }
    Ok(())
}
