//! `ks profile`: servers, accounts and how a session is got there, by name.

mod connect;
mod kept;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ks_token::PartnerId;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::generate::account;
use crate::output::{self, printable};
pub(crate) use connect::{failure, suggest};
pub(crate) use kept::{Hash, Kind, Profile, Profiles, Source, Way, a_day};

/// The variable that names a profile.
pub(crate) const VARIABLE: &str = "KS_PROFILE";

/// Servers and accounts by name, for `ks call`, `ks login`, `ks whoami` and `ks logout`
///
/// Profiles are kept in ks/profiles.json in the folder $XDG_CONFIG_HOME, else ~/.config; only its owner can read it. A
/// secret is never in it, but where it lies: a file, or a variable. What `ks login` got is: a session.
#[derive(Args)]
pub(crate) struct ProfileArgs {
    #[command(subcommand)]
    command: ProfileCommand,
}

#[derive(Subcommand)]
enum ProfileCommand {
    Add(Box<AddArgs>),
    List(ListArgs),
    Show(ShowArgs),
    Remove(RemoveArgs),
    Use(UseArgs),
}

/// Add a profile, or replace one
///
/// With a secret, each command makes its own session on this machine; with an app token, each starts its own. With
/// neither, `ks login --profile NAME` gets a session that is kept, or calls go without one.
#[derive(Args)]
#[command(after_help = "\
Examples:
  ks profile add dev --url http://127.0.0.1:8080 --partner 102 --secret-env KS_SECRET
  ks profile add live --url https://ks.example.com --partner 102 --app-token 0_abc --token-file token.txt")]
struct AddArgs {
    /// Its name
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// The server, such as https://ks.example.com
    #[arg(long, value_name = "URL", value_parser = address)]
    url: String,
    /// The account's number
    #[arg(long, value_name = "ID", value_parser = account)]
    partner: Option<PartnerId>,
    /// A file whose first line is an administrator secret of the account
    #[arg(long, value_name = "FILE", requires = "partner", conflicts_with_all = ["secret_env", "app_token"])]
    secret_file: Option<PathBuf>,
    /// A variable with an administrator secret of the account
    #[arg(long, value_name = "VARIABLE", requires = "partner", conflicts_with = "app_token")]
    secret_env: Option<String>,
    /// The id of an app token of the account
    #[arg(long, value_name = "ID", requires = "partner")]
    app_token: Option<String>,
    /// A file whose first line is the app token's key
    #[arg(long, value_name = "FILE", requires = "app_token", conflicts_with = "token_env")]
    token_file: Option<PathBuf>,
    /// A variable with the app token's key
    #[arg(long, value_name = "VARIABLE", requires = "app_token")]
    token_env: Option<String>,
    /// How the app token takes its proof
    #[arg(long, value_name = "HASH", value_enum, default_value = "sha1", requires = "app_token")]
    hash: Hash,
    /// Whose sessions are started
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// The type of sessions that are started
    #[arg(long = "type", value_name = "TYPE", value_enum, default_value = "admin")]
    kind: Kind,
    /// What sessions that are started may do, as in `ks generate`
    #[arg(long, value_name = "TEXT")]
    privileges: Option<String>,
    /// How long sessions that are started last, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = a_day())]
    expiry: u32,
    /// Send sessions to another machine without encryption
    #[arg(long)]
    plain_http: bool,
    /// Make it the current one; the first profile always is
    #[arg(long = "use")]
    make_current: bool,
}

/// List the profiles
#[derive(Args)]
struct ListArgs {}

/// Show a profile; never its session or its secret
#[derive(Args)]
struct ShowArgs {
    /// Its name; the current one if left out
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// Remove a profile, with the session that is kept in it
#[derive(Args)]
struct RemoveArgs {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
}

/// Make a profile the current one
#[derive(Args)]
struct UseArgs {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
}

/// Reads the address of a server.
pub(crate) fn address(text: &str) -> Result<String, String> {
    ks_client::address(text).map_err(|error| error.to_string())
}

fn name(text: &str) -> Result<String, String> {
    let good = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if good { Ok(text.to_owned()) } else { Err("a name has letters, digits, - _ and .".to_owned()) }
}

pub(crate) fn run(args: ProfileArgs, json: bool) -> Result<Exit, Failure> {
    match args.command {
        ProfileCommand::Add(args) => add(*args, json),
        ProfileCommand::List(_) => list(json),
        ProfileCommand::Show(args) => show(&args, json),
        ProfileCommand::Remove(args) => remove(&args, json),
        ProfileCommand::Use(args) => make_current(&args, json),
    }
}

fn add(args: AddArgs, json: bool) -> Result<Exit, Failure> {
    let source = |file: Option<PathBuf>, variable: Option<String>| {
        // A path that is relative would mean another file elsewhere.
        let file = file.map(|file| std::path::absolute(&file).unwrap_or(file)).map(Source::File);
        file.or(variable.map(Source::Variable))
    };
    let token = source(args.token_file, args.token_env);
    let session = match (args.app_token, token, source(args.secret_file, args.secret_env)) {
        (Some(id), Some(from), _) => Way::AppToken { id, from, hash: args.hash },
        (Some(_), None, _) => {
            return Err(Failure::usage("the app token's key is missing").hint("give --token-file or --token-env"));
        }
        (None, _, Some(from)) => Way::Secret { from },
        (None, _, None) => Way::None,
    };
    let profile = Profile {
        url: args.url,
        partner: args.partner.map(PartnerId::get),
        user: args.user,
        kind: args.kind,
        privileges: args.privileges,
        expiry: args.expiry,
        session,
        plain_http: args.plain_http,
    };
    // What cannot be used is told now.
    profile.client()?;
    let mut all = Profiles::read()?;
    if all.current.is_none() || args.make_current {
        all.current = Some(args.name.clone());
    }
    let object = object(&args.name, &profile, all.current.as_ref() == Some(&args.name));
    all.profiles.insert(args.name.clone(), profile);
    let path = all.write()?;
    if json {
        output::json(&object)?;
    } else {
        output::line(&format!("The profile {} is kept in {}.", args.name, printable(&path.display().to_string())))?;
    }
    Ok(Exit::Done)
}

fn list(json: bool) -> Result<Exit, Failure> {
    let all = Profiles::read()?;
    let is_current = |name: &String| all.current.as_ref() == Some(name);
    if json {
        for (name, profile) in &all.profiles {
            output::json(&object(name, profile, is_current(name)))?;
        }
        return Ok(Exit::Done);
    }
    let row = |(name, profile): (&String, &Profile)| {
        let mark = if is_current(name) { "*" } else { "" };
        let account = profile.partner.map_or_else(|| "-".to_owned(), |id| id.to_string());
        vec![mark.to_owned(), name.clone(), printable(&profile.url), account, way(profile).to_owned()]
    };
    let rows: Vec<_> = all.profiles.iter().map(row).collect();
    if rows.is_empty() {
        output::line("There is no profile yet; `ks profile add` adds one.")?;
    } else {
        output::line(&output::table(&["", "NAME", "SERVER", "ACCOUNT", "SESSION"], &rows))?;
    }
    Ok(Exit::Done)
}

const fn way(profile: &Profile) -> &'static str {
    match profile.session {
        Way::None => "none",
        Way::Login { .. } => "login",
        Way::Secret { .. } => "secret",
        Way::AppToken { .. } => "app-token",
    }
}

fn object(name: &str, profile: &Profile, current: bool) -> Value {
    let from = match &profile.session {
        Way::Secret { from } | Way::AppToken { from, .. } => Some(from.describe()),
        Way::None | Way::Login { .. } => None,
    };
    json!({
        "name": name, "url": profile.url, "partnerId": profile.partner, "userId": profile.user,
        "type": profile.kind, "privileges": profile.privileges, "expiry": profile.expiry,
        "session": way(profile), "from": from, "current": current,
    })
}

fn show(args: &ShowArgs, json: bool) -> Result<Exit, Failure> {
    let all = Profiles::read()?;
    let name = all.chosen(args.name.as_deref());
    let profile = all.find(&name)?;
    let current = all.current.as_ref() == Some(&name);
    if json {
        output::json(&object(&name, profile, current))?;
        return Ok(Exit::Done);
    }
    let or_none = |text: Option<String>| text.map_or_else(|| "-".to_owned(), |text| printable(&text));
    let session = match &profile.session {
        Way::None => "none; `ks login` gets one".to_owned(),
        Way::Login { login_id, .. } => match login_id {
            Some(address) => format!("kept; {} logged in", printable(address)),
            None => "kept".to_owned(),
        },
        Way::Secret { from } => format!("made with the secret in {}", printable(&from.describe())),
        Way::AppToken { id, from, .. } => {
            format!("started with app token {}, key in {}", printable(id), printable(&from.describe()))
        }
    };
    let rows = [
        ("Profile", if current { format!("{name} (current)") } else { name.clone() }),
        ("Server", printable(&profile.url)),
        ("Account", or_none(profile.partner.map(|id| id.to_string()))),
        ("User", or_none(profile.user.clone())),
        ("Type", if profile.kind == Kind::Admin { "admin" } else { "user" }.to_owned()),
        ("Privileges", or_none(profile.privileges.clone())),
        ("Session", session),
    ];
    let lines: Vec<_> = rows.iter().map(|(label, value)| format!("{label:<11} {value}")).collect();
    output::line(&lines.join("\n"))?;
    Ok(Exit::Done)
}

fn remove(args: &RemoveArgs, json: bool) -> Result<Exit, Failure> {
    let mut all = Profiles::read()?;
    all.find(&args.name)?;
    all.profiles.remove(&args.name);
    if all.current.as_ref() == Some(&args.name) {
        all.current = None;
    }
    all.write()?;
    said(json, &args.name, "removed")
}

fn make_current(args: &UseArgs, json: bool) -> Result<Exit, Failure> {
    let mut all = Profiles::read()?;
    all.find(&args.name)?;
    all.current = Some(args.name.clone());
    all.write()?;
    said(json, &args.name, "current")
}

fn said(json: bool, name: &str, status: &str) -> Result<Exit, Failure> {
    if json {
        output::json(&json!({ "name": name, "status": status }))?;
    } else {
        let what = if status == "current" { "the current one" } else { status };
        output::line(&format!("The profile {name} is {what}."))?;
    }
    Ok(Exit::Done)
}
