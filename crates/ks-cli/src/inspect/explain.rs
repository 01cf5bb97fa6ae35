//! Why a token is not valid, in plain words, and what to do about it.

use ks_token::{Ks, Refusal, TokenFault, Version};

use crate::inspect::Question;
use crate::inspect::report::{Report, Signature, Verdict};
use crate::when;

/// What is wrong, and what helps.
pub(crate) struct Explanation {
    pub(crate) why: String,
    pub(crate) advice: &'static str,
}

/// Explains every verdict but the good one.
pub(crate) fn explain(report: &Report, question: &Question<'_>) -> Option<Explanation> {
    match report.verdict {
        Verdict::Valid => None,
        Verdict::Malformed(fault) => Some(malformed(fault)),
        Verdict::Refused(refusal) => Some(refused(refusal, report.ks.as_ref(), question)),
        Verdict::Unchecked => Some(unchecked(report)),
    }
}

fn unchecked(report: &Report) -> Explanation {
    let why = match report.outside {
        Some((Version::V2, _)) => "A version 2 token is encrypted: without the secret only its account can be read.",
        _ => "Nobody checked the signature: without the secret, anybody could have written this.",
    };
    Explanation {
        why: why.to_owned(),
        advice: "Give the account's administrator secrets with --secret-file, --secret or KS_SECRET.",
    }
}

const COPY_AGAIN: &str =
    "Copy the token again, whole. If it came through a URL, it must be percent-encoded there: `+` turns into a space.";
const NEW_TOKEN: &str = "Start a new session, or make a new token with a current version of the client.";
const STRICT: &str = "Only a holder of the secret can have made it: fix the program that makes these tokens.";

fn malformed(fault: TokenFault) -> Explanation {
    let (why, advice) = match fault {
        TokenFault::Base64 => {
            ("This is not base64: it has a foreign character, wrong padding, or is cut short.", COPY_AGAIN)
        }
        TokenFault::Empty => ("There is nothing in this token.", COPY_AGAIN),
        TokenFault::Separator => {
            ("This is base64, but not of a session token: there is no `|` where one must be.", COPY_AGAIN)
        }
        TokenFault::TooFewFields => ("Fields are missing: this version 1 token is cut short.", COPY_AGAIN),
        TokenFault::HashText => (
            "It does not begin with 40 lowercase hexadecimal characters, as version 1 does, nor with `v2|`.",
            COPY_AGAIN,
        ),
        TokenFault::PartnerId => ("Its account number is not a plain whole number.", STRICT),
        TokenFault::BlockSize => ("Its encrypted part is not a whole number of blocks: it is cut short.", COPY_AGAIN),
        TokenFault::NoSecret => ("No secret is known to check it with.", "Give the account's administrator secrets."),
        TokenFault::Signature => (
            "None of the given secrets made its signature.",
            "Check that the secret is an administrator secret of this very account (the user secret never verifies a \
             token), that it is the one in force when the token was made, and that the token was not altered.",
        ),
        TokenFault::EmptyBody => ("The signature is right, but nothing is signed.", STRICT),
        TokenFault::ControlByte => (
            "The signed text has a control character. In version 1 this is the trace of an attack that appends to a \
             genuine token.",
            "Find out where it comes from. Such a token is never accepted.",
        ),
        TokenFault::Utf8 => ("The signed text is not UTF-8.", STRICT),
        TokenFault::Expiry => ("Its expiry is not a whole number.", STRICT),
        TokenFault::SessionType => ("Its session type is not a whole number.", STRICT),
        TokenFault::Bracket => ("The name of a field has a bracket, which some readers take for a list.", STRICT),
        TokenFault::DuplicateField => ("One of its own fields (_e, _t, _u, _m, _d) is there twice.", STRICT),
        TokenFault::TooManyFields => ("It has more than 1000 fields.", STRICT),
        _ => ("It is malformed.", NEW_TOKEN),
    };
    Explanation { why: why.to_owned(), advice }
}

fn refused(refusal: Refusal, ks: Option<&Ks>, question: &Question<'_>) -> Explanation {
    let restriction = |name: &'static str| {
        let items = ks.into_iter().flat_map(|ks| ks.privileges.items());
        let values: Vec<_> = items.filter(|item| item.name == name).map(|item| item.value.to_owned()).collect();
        crate::output::printable(&values.join(", "))
    };
    let (why, advice) = match refusal {
        Refusal::Expired => (
            match ks.and_then(|ks| ks.expiry) {
                Some(expiry) => format!("It expired {}.", when::distance(expiry, question.now)),
                None => "It has no expiry, which counts as expired.".to_owned(),
            },
            "Start a new session, and ask for a longer expiry if this comes too often.",
        ),
        Refusal::RestrictedIp => (
            match (question.ip, restriction("iprestrict")) {
                (_, list) if list.is_empty() => "`iprestrict` names no address, so it works from nowhere.".to_owned(),
                (Some(ip), list) => format!("It may not be used from {ip}: only from {list}."),
                (None, list) => format!("It may be used only from {list}."),
            },
            "Use it from there, or start a session whose iprestrict has the address (a proxy in between shows its own).",
        ),
        Refusal::RestrictedUri => (
            format!("It may be used only for {}.", restriction("urirestrict")),
            "Start a session whose urirestrict fits the path and query; a `*` at the end stands for any ending.",
        ),
        other => (format!("It is refused: {}.", other.name()), NEW_TOKEN),
    };
    Explanation { why, advice }
}

/// What kind of thing the signature line says.
pub(crate) fn signature(report: &Report, question: &Question<'_>) -> String {
    let count = question.keys.len();
    match report.signature {
        Signature::Right(_) if count == 1 => "right".to_owned(),
        Signature::Right(place) => format!("right, by secret {} of {count}", place + 1),
        Signature::Wrong if count == 1 => "not by the given secret".to_owned(),
        Signature::Wrong => format!("not by any of the {count} given secrets"),
        Signature::Unchecked => "not checked: no secret was given".to_owned(),
        Signature::Absent => "none".to_owned(),
    }
}
