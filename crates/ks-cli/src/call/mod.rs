//! `ks call`: any action of any server, from a terminal.

mod complete;
mod curl;
mod pages;
mod params;
mod table;

use std::io::Write as _;

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;
use ks_client::Client;
use ks_schema::describe::{ActionInfo, KsUse, Type};
use ks_schema::generated::services::{ALL, ActionId};
use serde_json::Value;

use crate::exit::{Exit, Failure};
use crate::output::{self, printable};
use crate::profile::{self, Kind, Profile, Profiles, Way, a_day, address, failure, suggest};
use crate::runtime;
pub(crate) use curl::is_secret;
use params::Params;

/// Call an action of a server
///
/// Arguments are key=value. Inside of objects and lists, names are joined by colons: category:name=Lectures,
/// rules:0:code=x; category[name] and category.name are the same. Members of enums may be given by name. key=@FILE takes
/// the value from a file: JSON, or the text itself where text is expected, or the file where one is uploaded. key=- takes
/// it from the standard input, key:=… is JSON on the spot, and a text that begins with @ is written @@.
///
/// The server and the session are those of a profile (`ks profile --help`, `ks login --help`); ks=… sends another
/// session, and --url asks a server without a profile.
#[derive(Args)]
#[command(after_help = "\
Examples:
  ks call category.list filter:parentIdEqual=0
  ks call category.add category:name=Lectures category:tags=a,b
  ks call baseEntry.list --all --columns id,name
  ks call session.start --url http://127.0.0.1:8080 partnerId=102 type=admin secret=@secret.txt
  ks call category.get id=7 --privileges all:*,disableentitlement --format xml
  ks call category.get id=7 --curl")]
pub(crate) struct CallArgs {
    /// The action, such as category.list
    #[arg(value_name = "SERVICE.ACTION", add = ArgValueCompleter::new(complete::actions))]
    action: String,
    /// Its arguments
    #[arg(value_name = "KEY=VALUE", add = ArgValueCompleter::new(complete::params))]
    params: Vec<String>,
    /// The profile; the current one if left out
    #[arg(long, value_name = "NAME", env = profile::VARIABLE, hide_env_values = true)]
    profile: Option<String>,
    /// A server to ask without a profile, and without a session unless ks=… gives one
    #[arg(long, value_name = "URL", value_parser = address)]
    url: Option<String>,
    /// What the session that the profile starts may do, instead of what the profile says
    #[arg(long, value_name = "TEXT")]
    privileges: Option<String>,
    /// How to show the answer; xml, php and jsonp are the server's own text
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "table")]
    format: Format,
    /// Which properties to show in a table, between commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Vec<String>,
    /// Fetch every page of a list; with --json each object is a line
    #[arg(long)]
    all: bool,
    /// Print the same call with curl, and do not make it
    #[arg(long)]
    curl: bool,
    /// Print secrets and the session with --curl, too
    #[arg(long, requires = "curl")]
    show_secrets: bool,
    /// Send what is not declared, too: for actions, parameters and properties that this program does not know
    #[arg(long)]
    unchecked: bool,
    /// Send a session or a secret to another machine without encryption
    #[arg(long)]
    plain_http: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Xml,
    Php,
    Jsonp,
}

impl Format {
    /// Its number on the wire, where the server's own text is shown.
    const fn raw(self) -> Option<u32> {
        match self {
            Self::Table | Self::Json => None,
            Self::Xml => Some(2),
            Self::Php => Some(3),
            Self::Jsonp => Some(9),
        }
    }
}

pub(crate) fn run(args: &CallArgs, json: bool) -> Result<Exit, Failure> {
    let (service, action) = split(&args.action)?;
    let info = if args.unchecked { find(service, action) } else { Some(known(service, action)?) };
    let mut params = Params::read(&args.params, info.filter(|_| !args.unchecked))?;
    let mut profile = profile(args)?;
    if let Some(privileges) = &args.privileges {
        if !matches!(profile.session, Way::Secret { .. } | Way::AppToken { .. }) {
            return Err(Failure::usage("--privileges needs a profile that starts its own sessions")
                .hint("`ks profile add` with a secret or an app token makes one"));
        }
        profile.privileges = Some(privileges.clone());
    }
    guard(&profile, &params, info)?;
    // The names as they are declared, whatever the case in which they were typed.
    let names = info.map_or((service, action), |info| (info.service, info.name));
    let own_ks = params.fields.contains_key("ks");
    let wants_ks = !own_ks && info.is_none_or(|info| info.ks != KsUse::Ignored);
    runtime::short(async {
        if args.curl {
            if wants_ks && !matches!(profile.session, Way::None) {
                let ks = if args.show_secrets { profile.connect().await?.ks().await.map_err(failure)? } else { None };
                let text = ks.as_ref().map_or("", |ks| ks.as_str());
                params.fields.insert("ks".to_owned(), text.into());
            }
            let format = args.format.raw().unwrap_or(1);
            let line = curl::command(&profile.url, names, format, &params, info, args.show_secrets);
            return output::line(&line).map(|()| Exit::Done);
        }
        let client = if wants_ks { profile.connect().await? } else { profile.client()? };
        if args.all {
            let info = info.filter(|info| pages::has_pages(info)).ok_or_else(|| {
                Failure::usage(format!("{} has no pages", printable(&args.action))).hint("leave --all out")
            })?;
            return pages::all(&client, info, &params, &args.columns, json || args.format == Format::Json).await;
        }
        if let Some(format) = args.format.raw() {
            return raw(&client, names, params, format).await;
        }
        if info.is_some_and(|info| matches!(info.result, Type::File)) {
            return raw(&client, names, params, 1).await;
        }
        let answer = prepared(&client, names, params).await.map_err(failure)?;
        show(&answer, args, json).map(|()| Exit::Done)
    })
}

/// A declared call as it was typed, ready to be sent.
pub(crate) struct Typed {
    /// What is called.
    pub(crate) info: &'static ActionInfo,
    params: Params,
}

impl Typed {
    /// Reads `SERVICE.ACTION` and its `KEY=VALUE`s.
    pub(crate) fn read(words: &[String]) -> Result<Self, Failure> {
        let (name, words) = words.split_first().ok_or_else(|| Failure::usage("no action is named"))?;
        let (service, action) = split(name)?;
        let info = known(service, action)?;
        Ok(Self { info, params: Params::read(words, Some(info))? })
    }

    /// Whether an argument is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.params.fields.contains_key(name)
    }

    /// Refuses a call with a secret in it to a server that is asked in the open.
    pub(crate) fn guard(&self, profile: &Profile) -> Result<(), Failure> {
        guard(profile, &self.params, Some(self.info))
    }

    /// Makes the call.
    pub(crate) async fn send(self, client: &Client) -> Result<Value, ks_client::Error> {
        prepared(client, (self.info.service, self.info.name), self.params).await
    }
}

/// `category.list` in its two parts.
fn split(name: &str) -> Result<(&str, &str), Failure> {
    name.split_once('.').ok_or_else(|| {
        Failure::usage(format!("{} is no action", printable(name))).hint("write SERVICE.ACTION: category.list")
    })
}

fn prepared<'c>(client: &'c Client, (service, action): (&str, &str), params: Params) -> ks_client::Untyped<'c> {
    let call =
        params.fields.into_iter().fold(client.action(service, action), |call, (name, value)| call.with(&name, value));
    params.files.into_iter().fold(call, |call, (name, file)| call.with_file(&name, file))
}

/// The server's own text, as it is.
async fn raw(client: &Client, names: (&str, &str), params: Params, format: u32) -> Result<Exit, Failure> {
    let file = prepared(client, names, params).raw(format).await.map_err(failure)?;
    let mut out = std::io::stdout().lock();
    // A reader that has seen enough is not an error.
    let _ = out.write_all(&file.bytes).and_then(|()| if format == 1 { Ok(()) } else { out.write_all(b"\n") });
    let refused = String::from_utf8_lossy(&file.bytes).contains("KalturaAPIException");
    Ok(if refused && format != 1 { Exit::No } else { Exit::Done })
}

fn show(answer: &Value, args: &CallArgs, json: bool) -> Result<(), Failure> {
    if json {
        return output::json(answer);
    }
    let text = match args.format {
        Format::Json => serde_json::to_string_pretty(answer).unwrap_or_default(),
        _ => table::text(answer, &args.columns),
    };
    if text.is_empty() { Ok(()) } else { output::line(&text) }
}

fn find(service: &str, action: &str) -> Option<&'static ActionInfo> {
    ActionId::find(&service.to_lowercase(), &action.to_lowercase()).map(ActionId::info)
}

/// The action, or what was probably meant.
fn known(service: &str, action: &str) -> Result<&'static ActionInfo, Failure> {
    if let Some(info) = find(service, action) {
        return Ok(info);
    }
    let hint = "--unchecked sends it all the same";
    let Some(info) = ActionId::service(&service.to_lowercase()) else {
        let failure = Failure::usage(format!("there is no service {}", printable(service))).hint(hint);
        return Err(suggest(failure, service, ALL.iter().map(|service| service.id)));
    };
    let failure = Failure::usage(format!("{} has no action {}", info.id, printable(action))).hint(hint);
    Err(suggest(failure, action, info.actions.iter().map(|action| action.name)))
}

fn guard(profile: &Profile, params: &Params, info: Option<&ActionInfo>) -> Result<(), Failure> {
    if ks_client::is_open(&profile.url) && !profile.plain_http && has_secret(params, info) {
        return Err(Failure::usage("without TLS everybody on the way could read what is secret in this call")
            .hint("use https://, or say --plain-http"));
    }
    Ok(())
}

/// Whether something goes along that others must not read.
fn has_secret(params: &Params, info: Option<&ActionInfo>) -> bool {
    let declared = |name: &String| info.is_some_and(|it| it.params.iter().any(|it| it.name == name && it.sensitive));
    params.fields.keys().any(|name| name == "ks" || declared(name))
}

/// The profile that counts; one without a session where only a server was named.
fn profile(args: &CallArgs) -> Result<Profile, Failure> {
    if let Some(url) = &args.url {
        return Ok(Profile {
            url: url.clone(),
            partner: None,
            user: None,
            kind: Kind::Admin,
            privileges: None,
            expiry: a_day(),
            session: Way::None,
            plain_http: args.plain_http,
        });
    }
    let all = Profiles::read()?;
    let name = all.chosen(args.profile.as_deref());
    if args.profile.is_none() && !all.profiles.contains_key(&name) {
        return Err(Failure::usage("no server is named")
            .hint("`ks profile add` or `ks login` makes a profile; --url URL asks a server without one"));
    }
    let mut profile = all.find(&name)?.clone();
    profile.plain_http |= args.plain_http;
    Ok(profile)
}
