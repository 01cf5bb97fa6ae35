//! `ks login`: with an address and a password, or with an account's secret.

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use clap::Args;
use ks_client::{Client, Credentials};
use ks_token::{Envelope, PartnerId, Scratch};
use zeroize::Zeroizing;

use super::{PASSWORD_VARIABLE, tell};
use crate::exit::{Exit, Failure};
use crate::generate::account as number;
use crate::output::{self, printable};
use crate::profile::{self, Kind, Profile, Profiles, Way, address, failure};
use crate::{runtime, secrets};

/// Start a session at a server, and keep it for other commands
///
/// With --login-id, by an e-mail address and a password. The password is asked for; where nobody can be asked it is the
/// variable KS_PASSWORD, or the first line of the standard input. It is never a flag, which other users of this machine
/// could see. Without --login-id, by a secret of the account, from --secret-file or the variable KS_SECRET.
///
/// The session is kept in a profile (`ks profile --help`), for `ks call` and the others.
#[derive(Args)]
#[command(after_help = "\
Examples:
  ks login --url https://ks.example.com --login-id me@example.com
  ks login --url http://localhost:8080 --partner 102 --user me --secret-file secret.txt")]
pub(crate) struct LoginArgs {
    /// The server, such as https://ks.example.com
    #[arg(long, value_name = "URL", env = "KS_URL", hide_env_values = true, value_parser = address)]
    url: String,
    /// The profile to keep it in; the current one, or the one named default, if left out
    #[arg(long, value_name = "NAME", env = profile::VARIABLE, hide_env_values = true)]
    profile: Option<String>,
    /// The e-mail address to log in with
    #[arg(long, value_name = "ADDRESS")]
    login_id: Option<String>,
    /// The account's number; of an e-mail address the account of the last login, if left out
    #[arg(long, value_name = "PARTNER", value_parser = number, required_unless_present = "login_id")]
    partner: Option<PartnerId>,
    /// A code of the second factor
    #[arg(long, value_name = "CODE", requires = "login_id")]
    otp: Option<String>,
    /// The user of a session by secret
    #[arg(long, value_name = "USER", conflicts_with = "login_id")]
    user: Option<String>,
    /// The type of a session by secret
    #[arg(long = "type", value_enum, default_value = "admin", conflicts_with = "login_id")]
    kind: Kind,
    /// What a session by secret may do, as in `ks generate`
    #[arg(long, value_name = "TEXT", conflicts_with = "login_id")]
    privileges: Option<String>,
    /// How long the session lasts at most, in seconds; the account may allow less
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    expiry: u32,
    /// A file whose first line is the account's secret
    #[arg(long, value_name = "FILE", conflicts_with = "login_id")]
    secret_file: Option<PathBuf>,
    /// Send the password or the secret to another machine without encryption
    #[arg(long)]
    plain_http: bool,
}

pub(crate) fn login(args: &LoginArgs, json: bool) -> Result<Exit, Failure> {
    if ks_client::is_open(&args.url) && !args.plain_http {
        return Err(Failure::usage("without TLS everybody on the way could read the password")
            .hint("use https://, or say --plain-http"));
    }
    let mut all = Profiles::read()?;
    let name = all.chosen(args.profile.as_deref());
    let partner = args.partner.map(PartnerId::get);
    // Read before anything is sent.
    let credentials = match &args.login_id {
        Some(email) => {
            let mut credentials = Credentials::password(email, read_password()?.as_str());
            if let Some(code) = &args.otp {
                credentials = credentials.otp(code);
            }
            partner.into_iter().fold(credentials, Credentials::partner)
        }
        None => {
            let hint = "give --secret-file FILE, or set the variable KS_SECRET";
            let secret = secrets::find(args.secret_file.as_deref(), hint)?;
            let credentials = Credentials::secret(secret.expose(), partner.unwrap_or_default());
            let user = args.user.clone().unwrap_or_default();
            let credentials = if args.kind == Kind::Admin { credentials.admin(user) } else { credentials.user(user) };
            args.privileges.iter().fold(credentials, Credentials::privileges)
        }
    };
    runtime::short(async {
        let client = Client::new(&args.url).map_err(failure)?;
        let client = client.sign_in(credentials.expiry(args.expiry)).await.map_err(failure)?;
        let ks = client.ks().await.map_err(failure)?.unwrap_or_default();
        let profile = Profile {
            url: args.url.clone(),
            partner: Some(partner_of(&ks)?),
            user: args.user.clone(),
            kind: args.kind,
            privileges: args.privileges.clone(),
            expiry: args.expiry,
            session: Way::Login { ks: ks.to_string(), login_id: args.login_id.clone() },
            plain_http: args.plain_http,
        };
        all.profiles.insert(name.clone(), profile.clone());
        all.current.get_or_insert_with(|| name.clone());
        let path = all.write()?;
        if !json {
            output::line(&format!("Logged in. The session is kept in {}.\n", printable(&path.display().to_string())))?;
        }
        tell(&client, &profile, &name, json).await.map(|()| Exit::Done)
    })
}

/// The account that a token names to everybody.
fn partner_of(ks: &str) -> Result<i32, Failure> {
    let mut scratch = Scratch::new();
    let envelope = Envelope::decode(ks.as_bytes(), &mut scratch);
    let envelope = envelope.map_err(|_| Failure::unreachable("the server did not answer with a session"))?;
    Ok(envelope.partner_id().get())
}

/// From the variable, the terminal or the standard input.
fn read_password() -> Result<Zeroizing<String>, Failure> {
    let given = match std::env::var(PASSWORD_VARIABLE) {
        Ok(text) => Zeroizing::new(text),
        Err(std::env::VarError::NotUnicode(_)) => {
            return Err(Failure::usage(format!("the variable {PASSWORD_VARIABLE} is not UTF-8")));
        }
        Err(std::env::VarError::NotPresent) if std::io::stdin().is_terminal() => {
            let typed = rpassword::prompt_password("Password: ");
            Zeroizing::new(typed.map_err(|error| Failure::unreachable(format!("the terminal: {error}")))?)
        }
        Err(std::env::VarError::NotPresent) => {
            let mut line = Zeroizing::new(String::new());
            let read = std::io::stdin().lock().read_line(&mut line);
            read.map_err(|error| Failure::unreachable(format!("standard input: {error}")))?;
            Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned())
        }
    };
    if given.is_empty() {
        return Err(Failure::usage("no password given")
            .hint(format!("type it when asked, set the variable {PASSWORD_VARIABLE}, or write it to standard input")));
    }
    Ok(given)
}
