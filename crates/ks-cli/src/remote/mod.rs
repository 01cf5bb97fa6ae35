//! Commands about the session of a person: `ks login`, `ks whoami`, `ks logout`.

mod login;

pub(crate) use login::{LoginArgs, login};

use clap::Args;
use ks_client::{Client, Error, ErrorCode};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::output::{self, printable};
use crate::profile::{self, Profile, Profiles, Way, failure};
use crate::{runtime, when};

/// The variable with the password of `ks login`.
pub(crate) const PASSWORD_VARIABLE: &str = "KS_PASSWORD";

/// Show whose session a profile has, and whether it is still good
#[derive(Args)]
pub(crate) struct WhoamiArgs {
    /// The profile; the current one if left out
    #[arg(long, value_name = "NAME", env = profile::VARIABLE, hide_env_values = true)]
    profile: Option<String>,
}

/// End the session that `ks login` keeps in a profile, and forget it
#[derive(Args)]
pub(crate) struct LogoutArgs {
    /// The profile; the current one if left out
    #[arg(long, value_name = "NAME", env = profile::VARIABLE, hide_env_values = true)]
    profile: Option<String>,
}

/// What a session is.
struct Who {
    partner: Option<i64>,
    user: String,
    session_type: &'static str,
    expiry: Option<i64>,
    privileges: Option<String>,
}

/// Asks the server whose session this is.
async fn who(client: &Client, profile: &Profile) -> Result<Who, Failure> {
    let partner = profile.partner.map(i64::from);
    match client.session().get().await {
        Ok(info) => Ok(Who {
            partner: info.partner_id().or(partner),
            user: info.user_id().unwrap_or_default().to_owned(),
            session_type: if info.record().int("sessionType") == Some(2) { "admin" } else { "user" },
            expiry: info.expiry(),
            privileges: info.privileges().map(str::to_owned),
        }),
        // Users may not read sessions, not even their own; that they are told so means that the session is good.
        Err(error) if error.is(ErrorCode::ServiceForbidden) => {
            let user = match client.user().get().await {
                Ok(user) => user.id().unwrap_or_default().to_owned(),
                // A session may be of somebody whom the account does not know.
                Err(error) if error.is(ErrorCode::InvalidUserId) => profile.user.clone().unwrap_or_default(),
                Err(error) => return Err(failure(error)),
            };
            Ok(Who { partner, user, session_type: "user", expiry: None, privileges: None })
        }
        Err(error) => Err(failure(error)),
    }
}

pub(crate) fn whoami(args: &WhoamiArgs, json: bool) -> Result<Exit, Failure> {
    let (_, name) = chosen(args.profile.as_deref())?;
    let profile = signed_in(args.profile.as_deref())?;
    runtime::short(async {
        let client = profile.connect().await?;
        tell(&client, &profile, &name, json).await.map(|()| Exit::Done)
    })
}

fn chosen(named: Option<&str>) -> Result<(Profiles, String), Failure> {
    let all = Profiles::read()?;
    let name = all.chosen(named);
    Ok((all, name))
}

/// The profile, if it has a session.
fn signed_in(named: Option<&str>) -> Result<Profile, Failure> {
    let (all, name) = chosen(named)?;
    if named.is_none() && !all.profiles.contains_key(&name) {
        return Err(nobody());
    }
    let profile = all.find(&name)?;
    if matches!(profile.session, Way::None) { Err(nobody()) } else { Ok(profile.clone()) }
}

async fn tell(client: &Client, profile: &Profile, name: &str, json: bool) -> Result<(), Failure> {
    let who = who(client, profile).await?;
    if json {
        return output::json(&object(profile, name, &who));
    }
    let ends = who
        .expiry
        .map_or_else(|| "-".to_owned(), |at| format!("{} ({})", when::date(at), when::distance(at, when::now())));
    let lines = [
        ("Profile", printable(name)),
        ("Server", printable(&profile.url)),
        ("Account", who.partner.map_or_else(|| "-".to_owned(), |id| id.to_string())),
        ("User", if who.user.is_empty() { "-".to_owned() } else { printable(&who.user) }),
        ("Type", who.session_type.to_owned()),
        ("Ends", ends),
        ("Privileges", who.privileges.as_deref().map_or_else(|| "-".to_owned(), printable)),
    ];
    let rows: Vec<_> = lines.iter().map(|(label, value)| format!("{label:<11} {value}")).collect();
    output::line(&rows.join("\n"))
}

fn object(profile: &Profile, name: &str, who: &Who) -> Value {
    json!({
        "profile": name,
        "url": profile.url,
        "partnerId": who.partner,
        "userId": who.user,
        "sessionType": who.session_type,
        "expiry": who.expiry,
        "privileges": who.privileges,
    })
}

pub(crate) fn logout(args: &LogoutArgs, json: bool) -> Result<Exit, Failure> {
    let profile = signed_in(args.profile.as_deref())?;
    if !matches!(profile.session, Way::Login { .. }) {
        return Err(Failure::no("there is no session to end: each command makes its own with this profile"));
    }
    let ended = runtime::short(async {
        let client = profile.connect().await?;
        Ok(client.session().end().await)
    });
    // Forgotten here in any case; the server may be gone for good.
    let (mut all, name) = chosen(args.profile.as_deref())?;
    if let Some(kept) = all.profiles.get_mut(&name) {
        kept.session = Way::None;
    }
    all.write()?;
    match ended? {
        // A session that is over already is as good as ended.
        Ok(()) => {}
        Err(error) if error.is(ErrorCode::InvalidKs) => {}
        Err(error @ Error::Api(_)) => return Err(failure(error)),
        Err(error) => {
            let hint = "the session is forgotten here, and goes on there until it expires";
            return Err(failure(error).hint(hint));
        }
    }
    if json {
        output::json(&json!({ "profile": name, "url": profile.url, "status": "logged out" }))?;
    } else {
        output::line(&format!("Logged out of {}.", printable(&profile.url)))?;
    }
    Ok(Exit::Done)
}

fn nobody() -> Failure {
    Failure::no("nobody is logged in").hint("`ks login` logs in")
}
