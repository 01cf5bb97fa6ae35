//! The vectors: `tests/vectors/ks-vectors.json` (made by the reference) and `tests/vectors/own.json` (from the format's
//! description). Both are read in both directions: every token is parsed, and made again where its inputs are known.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect, and so may its helpers")]

mod support;

use std::collections::HashMap;
use std::path::Path;

use ks_token::{
    Claims, Envelope, Ks, PartnerId, Rand, RequestContext, Scratch, Secret, SecretKey, TokenFault, generate_v1,
    generate_v2,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    name: String,
    version: u8,
    token: String,
    context: Context,
    input: Option<Value>,
    expect: Value,
    required: Option<Required>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    remote_address: String,
    request_uri: String,
    /// What the store of revocations says; null when it says nothing.
    revoked: Option<bool>,
    partner_secrets: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Required {
    status: String,
    why: String,
}

fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    ["ks-vectors.json", "own.json"]
        .into_iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            serde_json::from_str::<Vec<Vector>>(&text).unwrap()
        })
        .collect()
}

/// The partner's keys, in their order. An empty secret is no secret, and so makes no key.
fn keys(context: &Context, partner: PartnerId) -> Vec<SecretKey> {
    let secrets = context.partner_secrets.get(&partner.to_string()).map_or("", String::as_str);
    secrets.split(',').filter_map(|text| Secret::new(text).ok()).map(|secret| SecretKey::new(&secret)).collect()
}

fn parse(vector: &Vector) -> Result<Ks, TokenFault> {
    let mut scratch = Scratch::new();
    let envelope = Envelope::decode(vector.token.as_bytes(), &mut scratch)?;
    let keys = keys(&vector.context, envelope.partner_id());
    envelope.verify(&keys)
}

/// The status that the protocol gives, with the store's answer as the vector has it.
fn status(vector: &Vector, ks: &Ks) -> &'static str {
    let context = RequestContext {
        now: support::now(),
        remote_addr: vector.context.remote_address.parse().unwrap(),
        uri: &vector.context.request_uri,
    };
    match ks.check(&context) {
        Err(refusal) => refusal.name(),
        Ok(()) if !ks.is_revocable() => "OK",
        // The reference does not look at the store for these, and lets the database decide later.
        Ok(()) if ks.privileges.text().contains("actionslimit") => "UNKNOWN",
        Ok(()) => match vector.context.revoked {
            None => "UNKNOWN",
            Some(true) => "LOGOUT",
            Some(false) => "OK",
        },
    }
}

/// What the vector demands of us: `required` where it is there, and the reference's status otherwise. The local names for a
/// missing secret and for a crash are all the same to a client.
fn demanded(vector: &Vector) -> &str {
    let expected = vector.expect["status"].as_str().unwrap();
    match vector.required.as_ref().map_or(expected, |required| required.status.as_str()) {
        "SECRET_NOT_FOUND" | "EXCEPTION" | "MISSING" => "INVALID_STR",
        status => status,
    }
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

fn number(value: &Value) -> Option<i64> {
    value.as_str().filter(|text| !text.is_empty()).map(|text| text.parse().unwrap())
}

fn named(value: &Value) -> Vec<(String, Vec<String>)> {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn every_token_is_read_as_the_vectors_say() {
    let vectors = vectors();
    assert!(vectors.len() >= 151 + 80, "{} vectors", vectors.len());
    for vector in &vectors {
        let name = &vector.name;
        match (demanded(vector), parse(vector)) {
            ("INVALID_STR", Ok(_)) => panic!("{name} must be refused: {:?}", vector.required.as_ref().map(|r| &r.why)),
            ("INVALID_STR", Err(fault)) => assert_eq!((fault.code(), fault.name()), (-1, "INVALID_STR"), "{name}"),
            (demanded, Err(fault)) => panic!("{name} must be {demanded}, not refused: {fault}"),
            (demanded, Ok(ks)) => {
                assert_eq!(status(vector, &ks), demanded, "{name}");
                compare(vector, &ks);
            }
        }
    }
}

fn compare(vector: &Vector, ks: &Ks) {
    let (name, expect) = (&vector.name, &vector.expect);
    assert_eq!(ks.version.number(), vector.version, "{name}: version");
    assert_eq!(Some(ks.partner_id.to_string().as_str()), text(&expect["partnerId"]), "{name}: partnerId");
    assert_eq!(ks.partner_pattern.as_deref(), text(&expect["partnerPattern"]), "{name}: partnerPattern");
    assert_eq!(ks.session_type.map(i64::from), number(&expect["type"]), "{name}: type");
    assert_eq!(ks.expiry, number(&expect["expiry"]), "{name}: expiry");
    assert_eq!(ks.rand.as_ref().map(Rand::to_string).as_deref(), text(&expect["rand"]), "{name}: rand");
    assert_eq!(ks.hash.to_string(), expect["hash"], "{name}: hash");
    assert_eq!(
        ks.session_id_hash().map(|hash| hash.to_string()).as_deref(),
        text(&expect["sessionIdHash"]),
        "{name}: sessionIdHash"
    );
    assert_eq!(ks.is_admin(), expect["isAdmin"], "{name}: isAdmin");
    // Exact names change what these tokens say, so the reference's reading of their other fields is not ours.
    if vector.required.as_ref().is_some_and(|required| required.why.starts_with("field names are exact")) {
        return compare_exact(vector, ks);
    }
    assert_eq!(ks.user_id.as_deref(), text(&expect["userId"]), "{name}: userId");
    assert_eq!(ks.is_widget(), expect["isWidget"], "{name}: isWidget");
    assert_eq!(ks.is_anonymous(), expect["isAnonymous"], "{name}: isAnonymous");
    assert_eq!(ks.master_partner_id.as_deref(), text(&expect["masterPartnerId"]), "{name}: masterPartnerId");
    assert_eq!(ks.additional_data.as_deref(), text(&expect["additionalData"]), "{name}: additionalData");
    let privileges = ks.privileges.is_present().then(|| ks.privileges.to_string());
    assert_eq!(privileges.as_deref(), text(&expect["privileges"]), "{name}: privileges");
    assert_eq!(grouped(ks), named(&expect["parsedPrivileges"]), "{name}: parsedPrivileges");
}

fn grouped(ks: &Ks) -> Vec<(String, Vec<String>)> {
    ks.privileges.iter().map(|(name, parts)| (name.into(), parts.into_iter().map(str::to_owned).collect())).collect()
}

/// What the departures that stay valid must be read as.
fn compare_exact(vector: &Vector, ks: &Ks) {
    let expected: &[(&str, &str)] = match vector.name.as_str() {
        "v2-dot-m" => &[(".m", "-2"), (".d", "zz")],
        "phpclient-v2-dot-m" => &[(".m", "-2")],
        "v2-dot-u" => &[(".u", "root")],
        "v2-space-in-name" => &[("a b", "1"), (" c", "2")],
        name => panic!("{name}: say here how it is to be read"),
    };
    let expected: Vec<_> = expected.iter().map(|(name, part)| (name.to_string(), vec![part.to_string()])).collect();
    assert_eq!(grouped(ks), expected, "{}", vector.name);
    assert_eq!((ks.master_partner_id.as_deref(), ks.additional_data.as_deref()), (None, None), "{}", vector.name);
}

/// The claims of a vector's inputs, if they are complete.
fn claims(vector: &Vector) -> Option<Claims> {
    let input = vector.input.as_ref()?;
    if demanded(vector) != "OK" || input.get("expiry").is_none() || input.get("privileges").is_none() {
        return None;
    }
    // Some inputs give a user id as a number.
    let text = |name: &str| match &input[name] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let partner = vector.expect["partnerId"].as_str().unwrap().parse().unwrap();
    let mut claims = Claims::new(partner, input["expiry"].as_i64().unwrap());
    claims.session_type = i32::try_from(input["type"].as_i64().unwrap()).unwrap();
    claims.user_id = text("userId");
    claims.privileges = text("privileges");
    claims.master_partner_id =
        input["masterPartnerId"].as_i64().map(|number| PartnerId::new(i32::try_from(number).unwrap()));
    claims.additional_data = text("additionalData");
    Some(claims)
}

#[test]
fn tokens_are_made_again_byte_for_byte() {
    let mut made = HashMap::from([(1, 0), (2, 0)]);
    for vector in vectors() {
        let Some(claims) = claims(&vector) else { continue };
        let key = &keys(&vector.context, claims.partner_id)[0];
        let rand = vector.expect["rand"].as_str().unwrap();
        let token = match vector.version {
            1 => generate_v1(&claims, key, rand),
            _ => generate_v2(&claims, key, support::unhex(rand)),
        };
        assert_eq!(token.as_deref(), Ok(vector.token.as_str()), "{}", vector.name);
        *made.get_mut(&vector.version).unwrap() += 1;
    }
    assert!(made[&1] >= 26 && made[&2] >= 34, "{made:?}");
}
