//! Fuzz targets, which are property tests under `cargo test`.
//!
//! Each first goes through its committed corpus. With the feature `planted-bug` each parser has a deliberate bug; then
//! every target skips its corpus, must find its bug by itself, and passes only if it fails.

#[path = "../../../tests/fuzz/long.rs"]
mod long;
mod support;

use std::sync::atomic::{AtomicU64, Ordering};

use ks_token::{Claims, Envelope, PartnerId, Privileges, Scratch, generate_v1, generate_v2};
use support::{key, model, open, sign_v1, sign_v2};

/// Runs a check over a corpus and over random inputs.
macro_rules! target {
    ($name:ident, $check:expr) => {
        #[test]
        #[cfg_attr(feature = "planted-bug", should_panic)]
        fn $name() {
            static INPUTS: AtomicU64 = AtomicU64::new(0);
            let check: fn(&[u8]) = $check;
            #[cfg(not(feature = "planted-bug"))]
            corpus(stringify!($name), check);
            bolero::check!().with_test_time(long::time()).for_each(|input: &[u8]| {
                INPUTS.fetch_add(1, Ordering::Relaxed);
                check(input);
            });
            long::report(env!("CARGO_PKG_NAME"), stringify!($name), INPUTS.load(Ordering::Relaxed));
        }
    };
}

#[cfg(not(feature = "planted-bug"))]
fn corpus(target: &str, check: fn(&[u8])) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
    let mut files = 0;
    for entry in std::fs::read_dir(&folder).expect("a corpus") {
        check(&std::fs::read(entry.expect("an entry").path()).expect("a file"));
        files += 1;
    }
    assert!(files > 0, "{target} has no corpus");
}

/// Bytes as text over the characters that mean something, so that random bytes get somewhere.
fn spelled(input: &[u8], alphabet: &str) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    input.iter().map(|byte| alphabet[usize::from(*byte) % alphabet.len()]).collect()
}

target!(token, |input| {
    let mut scratch = Scratch::new();
    if let Ok(envelope) = Envelope::decode(input, &mut scratch) {
        assert!(envelope.verify(&[key()]).is_err());
    }
    // What a secret signed gets further: as it is, and spelled with what means something.
    let _ = open(&sign_v1(input));
    let _ = open(&sign_v1(format!("102;102;1;{}", spelled(input, "0129;;;:,|-ab*/é")).as_bytes()));
    for query in [input.to_vec(), spelled(input, "%&=+_etumdz019aF2[/,:*é").into_bytes()] {
        // The padding of the format cannot tell a NUL at the end.
        if query.last() == Some(&0) {
            continue;
        }
        let ks = open(&sign_v2(&query));
        let fields = model::v2_fields(&query);
        assert_eq!(ks.is_ok(), fields.is_some(), "{:?}", String::from_utf8_lossy(&query));
        if let (Ok(ks), Some(fields)) = (ks, fields) {
            assert_eq!(ks.privileges.text(), model::v2_text(&fields.privileges));
            assert_eq!((ks.expiry, ks.session_type), (fields.expiry, fields.session_type));
            assert_eq!(ks.user_id.as_deref(), fields.user_id.as_deref());
        }
    }
});

target!(privileges, |input| {
    for text in [String::from_utf8_lossy(input).into_owned(), spelled(input, "ab01:,/* \t_u[é")] {
        let raw = Privileges::from_text(&text);
        assert_eq!(raw.text(), text);
        assert_eq!(raw.iter().count(), model::map(&model::v1_items(&text)).len());
        let pairs = model::v2_items(&text);
        assert_eq!(Privileges::normalised(&text).text(), model::v2_text(&pairs));
        let mut claims = Claims::new(PartnerId::new(102), 1);
        claims.privileges = Some(text.clone());
        // What can be minted is read as it was meant.
        if let Ok(token) = generate_v1(&claims, &key(), "") {
            assert_eq!(open(&token).unwrap().privileges.text(), text);
        }
        if let Ok(token) = generate_v2(&claims, &key(), [0; 16]) {
            let pairs: model::Pairs = pairs.into_iter().filter(|(name, _)| name != "_e" && name != "_t").collect();
            assert_eq!(open(&token).unwrap().privileges.text(), model::v2_text(&pairs));
        }
    }
});
