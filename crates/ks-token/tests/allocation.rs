//! What is allocated on the way of a token: nothing until its signature is checked.

mod support;

use allocation_counter::measure;
use ks_token::{Claims, Envelope, PartnerId, Scratch, generate_v1, generate_v2};

fn claims() -> Claims {
    let mut claims = Claims::new(PartnerId::new(102), 4_102_444_800);
    claims.user_id = Some("alice@example.com".into());
    claims.privileges = Some("edit:0_abc1234,sview:*".into());
    claims
}

#[test]
fn decoding_and_checking_a_signature_allocates_nothing() {
    let keys = [support::key(), support::key()];
    let v1 = generate_v1(&claims(), &keys[0], "1700000000.1234").unwrap();
    let v2 = generate_v2(&claims(), &keys[0], [1; 16]).unwrap();
    let wrong = [ks_token::SecretKey::new(&ks_token::Secret::new("another").unwrap())];
    // What nobody's token is checked against is made once.
    let _ = Envelope::decode(v2.as_bytes(), &mut Scratch::new()).unwrap().signed_by(&[]);
    for token in [&v1, &v2] {
        for (keys, right) in [(&keys[..], true), (&wrong[..], false), (&[], false)] {
            let count = measure(|| {
                let mut scratch = Scratch::new();
                let found = Envelope::decode(token.as_bytes(), &mut scratch).unwrap().signed_by(keys);
                assert_eq!(found.is_ok(), right);
            });
            assert_eq!(count.count_total, 0, "{token}");
        }
        for broken in [&token[1..], "", "MA==", "not a token!"] {
            let count = measure(|| assert!(Envelope::decode(broken.as_bytes(), &mut Scratch::new()).is_err()));
            assert_eq!(count.count_total, 0, "{broken}");
        }
    }
}

#[test]
fn a_verified_session_of_short_texts_owns_nothing() {
    let keys = [support::key()];
    let mut scratch = Scratch::new();
    // Each of these texts is too long to lie in place.
    let long = Claims {
        user_id: Some("somebody-with-a-long-name@example.com".into()),
        privileges: Some("edit:0_abc1234,sview:*,list:*".into()),
        ..claims()
    };
    for (claims, most) in [(claims(), 0), (long, 2)] {
        for token in [
            generate_v1(&claims, &keys[0], "1700000000.1234").unwrap(),
            generate_v2(&claims, &keys[0], [1; 16]).unwrap(),
        ] {
            let read = || drop(Envelope::decode(token.as_bytes(), &mut scratch).unwrap().verify(&keys).unwrap());
            let count = measure(read);
            assert_eq!(count.count_total, most, "{token}");
            assert_eq!(count.count_current, 0);
        }
    }
}

#[test]
fn a_minted_token_is_one_allocation() {
    let (claims, key) = (claims(), support::key());
    assert_eq!(measure(|| drop(generate_v2(&claims, &key, [1; 16]).unwrap())).count_total, 1);
    assert_eq!(measure(|| drop(generate_v1(&claims, &key, "1700000000.1234").unwrap())).count_total, 1);
}
