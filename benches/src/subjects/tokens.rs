//! Verifying and generating a typical token, against the bare floor and against `jsonwebtoken`.

use std::hint::black_box;

use aes::Aes128;
use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use base64_simd::{AsOut, STANDARD, URL_SAFE};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use ks_token::{Claims, Envelope, PartnerId, Scratch, Secret, SecretKey, generate_v1, generate_v2};
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::{Settings, Subject};
use crate::Result;
use crate::race::{Contender, race};
use crate::report::{Bar, Line};
use crate::request::{PRIVILEGES, USER};
use crate::stats::Spread;

pub(crate) const SUBJECT: Subject =
    Subject { name: "tokens", title: "Tokens", about: include_str!("tokens.md"), figures };

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const EXPIRY: i64 = 4_102_444_800;
const RAND: [u8; 16] = *b"0123456789abcdef";
const RAND_TEXT: &str = "1700000000.1234";

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

/// Nanoseconds, round by round: version 2 and its floor, version 1 and its floor, `jsonwebtoken`.
type Times = [Vec<f64>; 5];

/// Lines about verifying and generating.
fn figures(_settings: &Settings) -> Result<Vec<Line>> {
    let mut lines = lines("verify", &verify(), 4.0);
    lines.extend(self::lines("generate", &generate(), 3.0));
    Ok(lines)
}

fn lines(verb: &str, [v2, floor_v2, v1, floor_v1, jwt]: &Times, times_faster: f64) -> Vec<Line> {
    let middle = |times: &[f64]| Spread::of(times.iter().copied()).median;
    let mut lines = Vec::new();
    for (version, ours, floor) in [(2, v2, floor_v2), (1, v1, floor_v1)] {
        lines.push(Line {
            what: format!("{verb} a token of version {version}: time, of the floor's"),
            figure: format!("{:.0} against {:.0} ns", middle(ours), middle(floor)),
            ratio: Spread::of_ratios(ours, floor),
            unit: "×",
            bar: Bar::AtMost(2.0),
            is_decided: true,
        });
        lines.push(Line {
            what: format!("{verb} a token of version {version}: times faster than jsonwebtoken"),
            figure: format!("{:.0} against {:.0} ns", middle(ours), middle(jwt)),
            ratio: Spread::of_ratios(jwt, ours),
            unit: "×",
            bar: Bar::AtLeast(times_faster),
            is_decided: true,
        });
    }
    lines
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

fn verify() -> Times {
    let secret = Secret::new(SECRET).expect("a secret");
    let keys = [SecretKey::new(&secret)];
    let v1 = generate_v1(&claims(), &keys[0], RAND_TEXT).expect("a token");
    let v2 = generate_v2(&claims(), &keys[0], RAND).expect("a token");
    println!("tokens: version 2 has {} characters, version 1 has {}", v2.len(), v1.len());
    let (header, jwt_key) = (Header::new(Algorithm::HS256), EncodingKey::from_secret(SECRET.as_bytes()));
    let json = encode(&header, &jwt(), &jwt_key).expect("a token");
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
        char::from_digit(u32::from(black_box(hash)[0] >> 4), 16) == Some(char::from(bytes[0]))
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
    race([
        Contender::new("verify v2", || ours(&v2, &mut scratch)),
        Contender::new("the floor of v2", floor_v2),
        Contender::new("verify v1", || ours(&v1, &mut again)),
        Contender::new("the floor of v1", floor_v1),
        Contender::new("jsonwebtoken", || {
            let Ok(data) = decode::<Jwt>(black_box(&json), &jwt_key, &validation) else { return false };
            black_box(&data);
            data.claims.exp == EXPIRY && data.claims.user == USER
        }),
    ])
}

fn generate() -> Times {
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
    race([
        Contender::new("generate v2", || {
            black_box(generate_v2(black_box(&claims), &key, black_box(RAND))).is_ok_and(|token| token == v2)
        }),
        Contender::new("the floor of v2", floor_v2),
        Contender::new("generate v1", || {
            black_box(generate_v1(black_box(&claims), &key, black_box(RAND_TEXT))).is_ok_and(|token| token == v1)
        }),
        Contender::new("the floor of v1", floor_v1),
        Contender::new("jsonwebtoken", || {
            black_box(encode(&header, black_box(&jwt), &jwt_key)).is_ok_and(|token| token == json)
        }),
    ])
}
