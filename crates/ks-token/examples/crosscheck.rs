//! Verifies and mints tokens by JSON lines, so that other programs can be judged by it, and it by them.
//!
//!     mint.py 10000 | cargo run --release -p ks-token --example crosscheck -- verify
//!     cargo run --release -p ks-token --example crosscheck -- mint < lines
//!     cargo run --release -p ks-token --example crosscheck -- random 10000 SEED
//!
//! `verify` reads the lines of `tests/clients/python/mint.py`, checks every token and every field of it, and says how many
//! there were. `mint` reads the lines that `tests/clients/python/naive_ks.py` reads, and prints one token for each, as that
//! does. `random` prints so many lines of that kind. It fails at the first line that is not as it should be.

use std::io::{BufRead, Write};
use std::process::ExitCode;

use ks_token::{
    Claims, Envelope, Ks, PartnerId, Privileges, Scratch, Secret, SecretKey, Version, generate_v1, generate_v2,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Deserialize, Serialize};

/// A token that somebody else minted, and what it was asked to say.
#[derive(Deserialize)]
struct Minted {
    token: String,
    version: u8,
    partner: i32,
    secret: String,
    user: String,
    #[serde(rename = "type")]
    session_type: i32,
    privileges: String,
    from: i64,
    to: i64,
}

/// A token that is to be minted, with a secret made up for it.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    version: u8,
    partner: i32,
    secret: String,
    user: Option<String>,
    #[serde(rename = "type")]
    session_type: i32,
    expiry: i64,
    privileges: Option<String>,
    rand: String,
    #[serde(default)]
    master: Option<i32>,
    #[serde(default)]
    data: Option<String>,
}

type Outcome<T> = Result<T, String>;

fn key(secret: &str) -> Outcome<SecretKey> {
    Secret::new(secret).map(|secret| SecretKey::new(&secret)).map_err(|error| error.to_string())
}

fn verify(line: &str) -> Outcome<()> {
    let minted: Minted = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let mut scratch = Scratch::new();
    let envelope = Envelope::decode(minted.token.as_bytes(), &mut scratch).map_err(|fault| fault.to_string())?;
    let ks = envelope.verify(&[key(&minted.secret)?]).map_err(|fault| fault.to_string())?;
    match difference(&minted, &ks) {
        None => Ok(()),
        Some(field) => Err(format!("{field} is not what was asked for")),
    }
}

/// The first field that is not as it was asked for.
fn difference(minted: &Minted, ks: &Ks) -> Option<&'static str> {
    let expected = match ks.version {
        Version::V1 => Privileges::from_text(&minted.privileges),
        Version::V2 => Privileges::normalised(&minted.privileges),
    };
    let checks = [
        ("the version", ks.version.number() == minted.version),
        ("the partner", ks.partner_id.get() == minted.partner),
        ("the user", ks.user_id.as_deref() == Some(minted.user.as_str())),
        ("the type", ks.session_type == Some(minted.session_type)),
        ("the expiry", ks.expiry.is_some_and(|expiry| (minted.from..=minted.to).contains(&expiry))),
        ("the privileges", ks.privileges.iter().eq(expected.iter()) && ks.privileges.text() == expected.text()),
    ];
    checks.into_iter().find(|(_, right)| !right).map(|(field, _)| field)
}

fn mint(line: &str) -> Outcome<String> {
    let order: Order = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let key = key(&order.secret)?;
    let mut claims = Claims::new(PartnerId::new(order.partner), order.expiry);
    claims.user_id = order.user;
    claims.session_type = order.session_type;
    claims.privileges = order.privileges;
    claims.master_partner_id = order.master.map(PartnerId::new);
    claims.additional_data = order.data;
    let token = match order.version {
        1 => generate_v1(&claims, &key, &order.rand),
        _ => {
            let bytes = order
                .rand
                .as_bytes()
                .as_chunks::<2>()
                .0
                .iter()
                .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
            let bytes: Vec<u8> = bytes.collect::<Option<_>>().ok_or("rand is not hexadecimal")?;
            generate_v2(&claims, &key, bytes.try_into().map_err(|_| "rand is not 16 bytes")?)
        }
    };
    token.map_err(|error| error.to_string())
}

/// Orders that a token can be minted for: version 1 has no semicolons and control characters.
fn orders() -> impl Strategy<Value = Order> {
    let item = "( ?|\t)(edit|list|sview|0|\\*|privacycontext|é|a b|_x|\\.m)(:[ -+\\--:<-~é日]{0,12})? ?";
    let privileges = prop::collection::vec(item, 0..6).prop_map(|items| items.join(","));
    let text = "[ -:<-~éß日🚀]{0,20}";
    let numbers = (prop_oneof![Just(102), 0..i32::MAX, Just(-1)], prop_oneof![Just(0), Just(2), any::<i32>()]);
    let expiry = prop_oneof![any::<i64>(), 1_700_000_000..4_102_444_800i64];
    let more = (prop::option::of(any::<i32>()), prop::option::of(text));
    (
        1..=2u8,
        numbers,
        "[0-9a-f]{32}",
        prop::option::of(text),
        expiry,
        prop::option::of(privileges),
        any::<[u8; 16]>(),
        more,
    )
        .prop_map(|(version, (partner, session_type), secret, user, expiry, privileges, rand, (master, data))| {
            let rand = match version {
                1 => format!("{}.{:04}", u32::from_le_bytes([rand[0], rand[1], rand[2], rand[3]]), rand[4]),
                _ => rand.iter().map(|byte| format!("{byte:02x}")).collect(),
            };
            // A tab is white space to version 2, and a control character to version 1.
            let privileges: Option<String> =
                privileges.map(|text: String| if version == 1 { text.replace('\t', "") } else { text });
            Order { version, partner, secret, user, session_type, expiry, privileges, rand, master, data }
        })
}

fn random(count: usize, seed: u8, out: &mut impl Write) -> Outcome<()> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for _ in 0..count {
        let order = orders().new_tree(&mut runner).map_err(|reason| reason.to_string())?.current();
        let line = serde_json::to_string(&order).map_err(|error| error.to_string())?;
        writeln!(out, "{line}").map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run(arguments: &[String]) -> Outcome<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let work: fn(&str) -> Outcome<Option<String>> = match texts[..] {
        ["verify"] => |line| verify(line).map(|()| None),
        ["mint"] => |line| mint(line).map(Some),
        ["random", count, ref seed @ ..] => {
            let count = count.parse().map_err(|_| "how many?")?;
            let seed = seed.first().map_or(Ok(0), |seed| seed.parse()).map_err(|_| "a seed is 0 to 255")?;
            return random(count, seed, &mut out);
        }
        _ => return Err("say verify, mint, or random COUNT [SEED]".into()),
    };
    let mut count = 0;
    for line in std::io::stdin().lock().lines() {
        count += 1;
        let line = line.map_err(|error| error.to_string())?;
        if let Some(token) = work(&line).map_err(|reason| format!("line {count}: {reason}: {line}"))? {
            writeln!(out, "{token}").map_err(|error| error.to_string())?;
        }
    }
    drop(out);
    eprintln!("{count} lines, all as they should be");
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
