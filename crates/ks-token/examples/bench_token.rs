//! How long it takes to verify and to generate a typical token, as ratios within one run.
//!
//!     cargo run --release -p ks-token --example bench_token [--json]
//!
//! Two yardsticks: the bare floor (base64, SHA-1 and AES-CBC on the same bytes with the same crates), and `jsonwebtoken`
//! with HS256, its fastest provider, a key built outside the loop and the same claims. The three take turns in short rounds
//! and the medians are compared, so that whatever else the machine does hits all alike. Every answer is checked.

use std::hint::black_box;
use std::time::Instant;

use aes::Aes128;
use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use base64_simd::{AsOut, STANDARD, URL_SAFE};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use ks_token::{Claims, Envelope, PartnerId, Scratch, Secret, SecretKey, generate_v1, generate_v2};
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const EXPIRY: i64 = 4_102_444_800;
const USER: &str = "alice@example.com";
const PRIVILEGES: &str = "edit:0_abc1234,sview:*";
const RAND: [u8; 16] = *b"0123456789abcdef";
const RAND_TEXT: &str = "1700000000.1234";

/// Rounds of which the medians are taken.
const ROUNDS: usize = 401;
/// Calls in each round.
const CALLS: u32 = 500;

/// The same claims as a JSON web token.
#[derive(Serialize, Deserialize)]
struct Jwt {
    exp: i64,
    partner: i32,
    user: String,
    #[serde(rename = "type")]
    session_type: i32,
    privileges: String,
}

/// What is measured: a name, and how often its work came out right.
struct Contender<'c> {
    name: &'static str,
    call: Box<dyn FnMut() -> bool + 'c>,
    nanoseconds: Vec<f64>,
}

impl<'c> Contender<'c> {
    fn new(name: &'static str, call: impl FnMut() -> bool + 'c) -> Self {
        Self { name, call: Box::new(call), nanoseconds: Vec::with_capacity(ROUNDS) }
    }

    fn round(&mut self) {
        let start = Instant::now();
        let right = (0..CALLS).filter(|_| (self.call)()).count();
        let elapsed = start.elapsed();
        assert_eq!(right, CALLS as usize, "{} gave a wrong answer", self.name);
        self.nanoseconds.push(elapsed.as_secs_f64() * 1e9 / f64::from(CALLS));
    }

    fn median(&mut self) -> f64 {
        self.nanoseconds.sort_by(f64::total_cmp);
        self.nanoseconds[self.nanoseconds.len() / 2]
    }
}

/// Lets all take turns, and gives the median of each in nanoseconds.
fn race(contenders: &mut [Contender<'_>]) -> Vec<(&'static str, f64)> {
    for _ in 0..ROUNDS {
        for contender in contenders.iter_mut() {
            contender.round();
        }
    }
    contenders.iter_mut().map(|contender| (contender.name, contender.median())).collect()
}

fn cipher() -> Aes128 {
    let key: [u8; 20] = Sha1::digest(SECRET).into();
    Aes128::new_from_slice(&key[..16]).expect("16 bytes")
}

fn claims() -> Claims {
    let mut claims = Claims::new(PartnerId::new(102), EXPIRY);
    claims.user_id = Some(USER.into());
    claims.privileges = Some(PRIVILEGES.into());
    claims
}

fn jwt() -> Jwt {
    Jwt { exp: EXPIRY, partner: 102, user: USER.into(), session_type: 0, privileges: PRIVILEGES.into() }
}

fn verify_race() -> Vec<(&'static str, f64)> {
    let secret = Secret::new(SECRET).expect("a secret");
    let keys = [SecretKey::new(&secret)];
    let v1 = generate_v1(&claims(), &keys[0], RAND_TEXT).expect("a token");
    let v2 = generate_v2(&claims(), &keys[0], RAND).expect("a token");
    println!("version 1: {} characters, version 2: {} characters", v1.len(), v2.len());
    let json =
        encode(&Header::new(Algorithm::HS256), &jwt(), &EncodingKey::from_secret(SECRET.as_bytes())).expect("a token");
    let (jwt_key, validation) = (DecodingKey::from_secret(SECRET.as_bytes()), Validation::new(Algorithm::HS256));

    let (mut scratch, mut again) = (Scratch::new(), Scratch::new());
    let ours = |text: &str, scratch: &mut Scratch| {
        let Ok(envelope) = Envelope::decode(black_box(text).as_bytes(), scratch) else { return false };
        let Ok(ks) = envelope.verify(&keys) else { return false };
        black_box(&ks);
        ks.expiry == Some(EXPIRY) && ks.user_id.as_deref() == Some(USER)
    };
    let cipher = cipher();
    let floor_v1 = || {
        let mut out = [0; 256];
        let bytes = STANDARD.decode(black_box(&v1).as_bytes(), out.as_mut_slice().as_out()).expect("base64");
        let mut sha1 = Sha1::new();
        sha1.update(SECRET);
        sha1.update(&bytes[41..]);
        let hash: [u8; 20] = sha1.finalize().into();
        black_box(hash)[0] >> 4 == u8::try_from(char::from(bytes[0]).to_digit(16).expect("a digit")).expect("small")
    };
    let floor_v2 = || {
        let mut out = [0; 256];
        let bytes = URL_SAFE.decode(black_box(&v2).as_bytes(), out.as_mut_slice().as_out()).expect("base64");
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes[7..]);
        cbc::Decryptor::inner_iv_init(&cipher, &Array([0; 16])).decrypt_blocks(blocks);
        let plain = &bytes[7..];
        let len = plain.iter().rposition(|&byte| byte != 0).expect("some text") + 1;
        let hash: [u8; 20] = Sha1::digest(&plain[20..len]).into();
        black_box(hash) == plain[..20]
    };
    race(&mut [
        Contender::new("verify v2", || ours(&v2, &mut scratch)),
        Contender::new("floor v2", floor_v2),
        Contender::new("verify v1", || ours(&v1, &mut again)),
        Contender::new("floor v1", floor_v1),
        Contender::new("jsonwebtoken", || {
            let Ok(data) = decode::<Jwt>(black_box(&json), &jwt_key, &validation) else { return false };
            black_box(&data);
            data.claims.exp == EXPIRY && data.claims.user == USER
        }),
    ])
}

fn generate_race() -> Vec<(&'static str, f64)> {
    let secret = Secret::new(SECRET).expect("a secret");
    let key = SecretKey::new(&secret);
    let (claims, jwt) = (claims(), jwt());
    let v1 = generate_v1(&claims, &key, RAND_TEXT).expect("a token");
    let v2 = generate_v2(&claims, &key, RAND).expect("a token");
    let (header, jwt_key) = (Header::new(Algorithm::HS256), EncodingKey::from_secret(SECRET.as_bytes()));
    let json = encode(&header, &jwt, &jwt_key).expect("a token");
    let info = STANDARD.decode_to_vec(&v1).expect("base64")[41..].to_vec();
    let cipher = cipher();
    // What is signed, with room in front and behind, as laid out in a token.
    let mut signed = URL_SAFE.decode_to_vec(&v2).expect("base64");
    let (blocks, _) = Array::slice_as_chunks_mut(&mut signed[7..]);
    cbc::Decryptor::inner_iv_init(&cipher, &Array([0; 16])).decrypt_blocks(blocks);
    let len = signed.iter().rposition(|&byte| byte != 0).expect("some text") + 1;

    let floor_v2 = || {
        let mut room = [0u8; 256];
        let bytes = &mut room[..signed.len()];
        bytes.copy_from_slice(black_box(&signed));
        let hash: [u8; 20] = Sha1::digest(&bytes[27..len]).into();
        bytes[7..27].copy_from_slice(&hash);
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes[7..]);
        cbc::Encryptor::inner_iv_init(&cipher, &Array([0; 16])).encrypt_blocks(blocks);
        black_box(URL_SAFE.encode_to_string(bytes)) == v2
    };
    let floor_v1 = || {
        let mut sha1 = Sha1::new();
        sha1.update(SECRET);
        sha1.update(black_box(&info));
        let hash: [u8; 20] = sha1.finalize().into();
        let mut room = [b'|'; 256];
        for (place, byte) in room.chunks_exact_mut(2).zip(hash) {
            place.copy_from_slice(&[byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]));
        }
        room[41..41 + info.len()].copy_from_slice(&info);
        black_box(STANDARD.encode_to_string(&room[..41 + info.len()])) == v1
    };
    race(&mut [
        Contender::new("generate v2", || {
            black_box(generate_v2(black_box(&claims), &key, black_box(RAND))).is_ok_and(|token| token == v2)
        }),
        Contender::new("floor v2", floor_v2),
        Contender::new("generate v1", || {
            black_box(generate_v1(black_box(&claims), &key, black_box(RAND_TEXT))).is_ok_and(|token| token == v1)
        }),
        Contender::new("floor v1", floor_v1),
        Contender::new("jsonwebtoken", || {
            black_box(encode(&header, black_box(&jwt), &jwt_key)).is_ok_and(|token| token == json)
        }),
    ])
}

/// Prints one race: `name` against the floor (at most 2) and against `jsonwebtoken` (at least `bar`).
fn report(what: &'static str, times: &[(&'static str, f64)], bar: f64, as_json: bool) {
    let [(_, v2), (_, floor_v2), (_, v1), (_, floor_v1), (_, jwt)] = times else { unreachable!("five contenders") };
    for (version, ours, floor) in [(2, v2, floor_v2), (1, v1, floor_v1)] {
        let (over, faster) = (ours / floor, jwt / ours);
        if as_json {
            let line = serde_json::json!({
                "what": what, "version": version, "ns": ours, "floor_ns": floor, "jsonwebtoken_ns": jwt,
                "times_floor": over, "times_faster_than_jsonwebtoken": faster, "bars": [2.0, bar],
            });
            println!("{line}");
        } else {
            println!(
                "{what} v{version}: {ours:.0} ns, {over:.2} × the floor of {floor:.0} ns (bar 2), \
                 {faster:.1} × faster than jsonwebtoken's {jwt:.0} ns (bar {bar})"
            );
        }
    }
}

fn main() {
    let as_json = std::env::args().any(|argument| argument == "--json");
    report("verify", &verify_race(), 4.0, as_json);
    report("generate", &generate_race(), 3.0, as_json);
}
