//! tmp
use ks_token::*;
use std::hint::black_box;
fn main() {
    let mode = std::env::args().nth(1).unwrap();
    let key = [SecretKey::new(&Secret::new("0123456789abcdef0123456789abcdef").unwrap())];
    let mut claims = Claims::new(PartnerId::new(102), 4_102_444_800);
    claims.user_id = Some("alice@example.com".into());
    claims.privileges = Some("edit:0_abc1234,sview:*".into());
    let v2 = generate_v2(&claims, &key[0], *b"0123456789abcdef").unwrap();
    let v1 = generate_v1(&claims, &key[0], "1700000000.1234").unwrap();
    let mut scratch = Scratch::new();
    let n = 3_000_000u32;
    let t = std::time::Instant::now();
    for _ in 0..n {
        match mode.as_str() {
            "v2" => { black_box(Envelope::decode(black_box(v2.as_bytes()), &mut scratch).unwrap().verify(&key).unwrap()); }
            "v1" => { black_box(Envelope::decode(black_box(v1.as_bytes()), &mut scratch).unwrap().verify(&key).unwrap()); }
            "s2" => { black_box(Envelope::decode(black_box(v2.as_bytes()), &mut scratch).unwrap().signed_by(&key).unwrap()); }
            "s1" => { black_box(Envelope::decode(black_box(v1.as_bytes()), &mut scratch).unwrap().signed_by(&key).unwrap()); }
            "d2" => { black_box(Envelope::decode(black_box(v2.as_bytes()), &mut scratch).unwrap()); }
            "g2" => { black_box(generate_v2(black_box(&claims), &key[0], black_box(*b"0123456789abcdef")).unwrap()); }
            "g1" => { black_box(generate_v1(black_box(&claims), &key[0], black_box("1700000000.1234")).unwrap()); }
            _ => {}
        }
    }
    println!("{mode} {:.0} ns", t.elapsed().as_secs_f64() * 1e9 / f64::from(n));
}
