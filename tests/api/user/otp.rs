//! The second factor.

use ks_tests::house::{House, now};
use ks_tests::programs::program;
use ks_tests::totp::{base32, code};
use serde_json::json;

use super::{OTHER, RIGHT};

#[test]
fn a_code_counts_once() {
    let house = House::build();
    let account = house.account(750);
    house.set(&account, &json!({"useTwoFactorAuthentication": true}));
    house.person(&account, "ann", true, "ann750@example.com", RIGHT);
    let login = house.wait(house.store.login("ann750@example.com")).expect("a store").expect("a login");
    let seed = b"12345678901234567890";
    house.wait(house.store.set_totp_seed(login.id, Some(seed), now())).expect("a seed");
    let try_code = |code: &str| {
        house.call("user.loginByLoginId", &json!({"loginId": "ann750@example.com", "password": RIGHT, "otp": code}))
    };
    let step = u64::try_from(now() / 30).expect("a time");
    let present = code(seed, step);
    assert!(try_code(&present).is_string());
    assert_eq!(try_code(&present)["code"], "INVALID_OTP");
    // One step off is close enough; what is older than the last one used is not.
    assert!(try_code(&code(seed, step + 1)).is_string());
    assert_eq!(try_code(&present)["code"], "INVALID_OTP");
}

/// What whoever has the account's secret reads: by PHP's OpenSSL, since the published server is one of PHP.
fn decrypted(secret: &str, sealed: &str) -> String {
    let script = "$k = substr(sha1($argv[1], true), 0, 16); echo rtrim(openssl_decrypt(base64_decode($argv[2]), \
                  'aes-128-cbc', $k, OPENSSL_RAW_DATA | OPENSSL_ZERO_PADDING, str_repeat(\"\\0\", 16)), \"\\0\");";
    let done = program("php").args(["-r", script, "--", secret, sealed]).output().expect("PHP runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("a text")
}

#[test]
fn programs_of_the_account_get_the_seed_encrypted() {
    let house = House::build();
    let account = house.account(752);
    house.user(&account, "ann", &[]);
    house.user(&account, "bob", &[]);
    let enable = |id: &str| {
        let email = format!("{id}752@example.com");
        let enable = json!({"ks": account.admin(), "userId": id, "loginId": email, "password": RIGHT});
        house.good("user.enableLogin", &enable)
    };
    assert_eq!(enable("bob").get("encryptedSeed"), None, "the account wants no second factor");
    house.set(&account, &json!({"useTwoFactorAuthentication": true}));
    let enabled = enable("ann");
    let seed = decrypted(&account.admin_secret, enabled["encryptedSeed"].as_str().expect("a seed"));
    let log_in = |password: &str, step: u64| {
        let otp = code(&base32(&seed), step);
        house.call("user.loginByLoginId", &json!({"loginId": "ann752@example.com", "password": password, "otp": otp}))
    };
    let step = u64::try_from(now() / 30).expect("a time");
    assert!(log_in(RIGHT, step).is_string());
    let reset = json!({"ks": account.admin(), "loginDataId": "ann752@example.com", "newPassword": OTHER});
    assert_eq!(house.good("user.loginDataResetPassword", &reset)["encryptedSeed"], enabled["encryptedSeed"]);
    assert!(log_in(OTHER, step + 1).is_string());
    // Nobody else sees it: neither other actions, nor another account with the same person.
    let get = house.good("user.get", &json!({"ks": account.admin(), "userId": "ann"}));
    assert_eq!(get.get("encryptedSeed"), None);
    let other = house.account(753);
    house.set(&other, &json!({"useTwoFactorAuthentication": true}));
    house.user(&other, "ann", &[]);
    let enable = json!({"ks": other.admin(), "userId": "ann", "loginId": "ann752@example.com", "password": RIGHT});
    assert_eq!(house.good("user.enableLogin", &enable).get("encryptedSeed"), None);
}

#[test]
fn the_picture_comes_with_the_first_password() {
    let house = House::build();
    let account = house.account(751);
    house.set(&account, &json!({"useTwoFactorAuthentication": true}));
    house.person(&account, "ann", true, "ann751@example.com", RIGHT);
    let ask = || {
        house.good("adminUser.resetPassword", &json!({"email": "ann751@example.com"}));
        house.mailed_key("ann751@example.com")
    };
    let is_png = |text: &str| {
        let bytes = base64_simd::STANDARD.decode_to_vec(text).expect("base64");
        bytes.starts_with(b"\x89PNG\r\n\x1a\n")
    };
    let set = house.good("user.setInitialPassword", &json!({"hashKey": ask(), "newPassword": OTHER}));
    assert!(is_png(set["qrCode"].as_str().expect("a picture")));
    let key = ask();
    let picture = house.good("user.generateQrCode", &json!({ "hashKey": key }));
    assert!(is_png(picture.as_str().expect("a picture")));
    assert_eq!(house.fault("user.generateQrCode", &json!({ "hashKey": key })).0, "INVALID_HASH");
}
