//! `ks generate`: makes a token, offline.

use clap::{Args, ValueEnum};
use ks_token::{Claims, MintError, PartnerId, Privileges, SecretKey, generate_v1, generate_v2};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::secrets::OneSecret;
use crate::{output, typo, when};

/// Make a session token, offline
///
/// Signs a token with an administrator secret of the account, without asking any server. Every server that knows the
/// secret accepts it until it expires.
#[derive(Args)]
#[command(after_help = "\
Examples:
  KS_SECRET=… ks generate --partner 102 --user alice
  ks generate --secret-file admin.secret --partner 102 --type admin --privileges 'disableentitlement' --expiry 3600")]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    secret: OneSecret,
    /// The account's number
    #[arg(long, short, value_name = "ID", value_parser = account)]
    partner: PartnerId,
    /// Who the session is for; nobody in particular if left out
    #[arg(long, short, value_name = "USER")]
    user: Option<String>,
    /// What kind of session: a user's, or an administrator's, who may do everything in the account
    #[arg(long = "type", short = 't', value_name = "TYPE", value_enum, default_value = "user")]
    kind: Kind,
    /// For how many seconds from now the token is good
    #[arg(long, short, value_name = "SECONDS", default_value_t = 86_400, allow_negative_numbers = true)]
    expiry: i64,
    /// What the session may do beyond its type, such as `edit:0_abc,iprestrict:203.0.113.7`
    #[arg(long, value_name = "TEXT")]
    privileges: Option<String>,
    /// The layout of the token: 2 is encrypted, 1 can be read by anybody
    #[arg(long = "version", value_name = "NUMBER", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    layout: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// An end user
    #[value(alias = "0")]
    User,
    /// An administrator of the account
    #[value(alias = "2")]
    Admin,
}

/// Reads an account number. Account 0 holds templates and none is below it: a token for them would never be accepted.
pub(crate) fn account(text: &str) -> Result<PartnerId, String> {
    match text.parse::<PartnerId>() {
        Ok(id) if id.get() > 0 => Ok(id),
        _ => Err("an account's number is a whole number from 1 to 2147483647".to_owned()),
    }
}

pub(crate) fn run(args: &GenerateArgs, json: bool) -> Result<Exit, Failure> {
    let key = SecretKey::new(&args.secret.find()?);
    let expiry =
        when::now().checked_add(args.expiry).ok_or_else(|| Failure::usage("--expiry: no calendar reaches that far"))?;
    let mut claims = Claims::new(args.partner, expiry);
    claims.user_id.clone_from(&args.user);
    claims.privileges.clone_from(&args.privileges);
    claims.session_type = if args.kind == Kind::Admin { 2 } else { 0 };
    let made = if args.layout == 1 {
        generate_v1(&claims, &key, &when::now_with_decimals())
    } else {
        let mut rand = [0; 16];
        getrandom::fill(&mut rand)
            .map_err(|error| Failure::unreachable(format!("the system gives no randomness: {error}")))?;
        generate_v2(&claims, &key, rand)
    };
    let token = made.map_err(refused)?;
    if args.kind == Kind::Admin {
        output::err(
            "warning: this is an administrator's session: it may do everything in the account. \
             Never hand it to an end user.",
        );
    }
    for item in Privileges::from_text(claims.privileges.as_deref().unwrap_or_default()).items() {
        if let Some(meant) = typo::likely_meant(item.name.trim()) {
            let name = output::printable(item.name.trim());
            output::err(&format!("warning: the privilege `{name}` has no known meaning; `{}` has.", meant.name()));
        }
    }
    if args.expiry <= 0 {
        output::err("warning: this token has expired already.");
    }
    if json {
        output::json(&json!({ "ks": token, "expiry": expiry, "expiryDate": when::iso(expiry) }))?;
    } else {
        output::line(&token)?;
    }
    Ok(Exit::Done)
}

fn refused(error: MintError) -> Failure {
    let failure = Failure::usage(error.to_string());
    match error {
        MintError::Semicolon(_) | MintError::ControlCharacter(_) => {
            failure.hint("leave it out, or make a version 2 token, which can carry it")
        }
        MintError::ReservedName => failure.hint("_e, _t, _u, _m and _d are the token's own fields"),
        _ => failure,
    }
}
