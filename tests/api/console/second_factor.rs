//! The second factor in the account console: switched on, set up by a QR code that is scanned, and used to sign in.

use ks_tests::browser::Browser;
use ks_tests::house::{House, now};
use ks_tests::totp::{code, seed};
use serde_json::{Value, json};

use super::account::{EMAIL, PASSWORD, open_signed_in};

fn step() -> u64 {
    u64::try_from(now() / 30).expect("a time")
}

#[test]
fn a_second_factor_is_wanted_set_up_and_typed() {
    let house = House::build();
    let account = house.account(501);
    house.person(&account, "owner", true, EMAIL, PASSWORD);
    let mut browser = open_signed_in(&house);
    browser.open(&format!("http://{}/console/settings/second-factor", house.addr));
    browser.wait_for_text("Your authenticator");
    browser.choose("A second factor is wanted of", "Administrators");
    browser.click("button", "Save");
    browser.click("button", "Ask for it");
    browser.wait_for("!document.querySelector('dialog')");
    let settings = house.good("ks_account.get", &json!({"ks": account.admin()}));
    assert_eq!(settings["secondFactor"], 2);
    let shown = house.good("partner.getInfo", &json!({"ks": account.admin()}));
    assert_eq!(
        (&shown["useTwoFactorAuthentication"], &shown["twoFactorAuthenticationMode"]),
        (&json!(true), &json!(1))
    );
    let login = |otp: Option<String>| {
        house.call("user.loginByLoginId", &json!({"loginId": EMAIL, "password": PASSWORD, "otp": otp}))
    };
    assert_eq!(login(None)["code"], "MISSING_OTP");

    // The address is filled in; the key comes by mail.
    assert_eq!(browser.value("textbox", "E-mail"), EMAIL);
    browser.click("button", "Send me a key");
    browser.wait_for_text("A mail is on its way.");
    browser.fill("Key from the mail", &house.mailed_key(EMAIL));
    browser.click("button", "Make the QR code");
    browser.wait_for_text("Scan this with your authenticator app now.");
    browser.wait_for("document.querySelector('img.qr').naturalWidth > 0");
    browser.screenshot("account-second-factor-set-up", true);
    assert_eq!(browser.axe(), Vec::<String>::new());
    let picture = browser.eval("document.querySelector('img.qr').src.split(',')[1]");
    let seed = seed(picture.as_str().expect("a picture"));

    browser.click("button", "Sign out");
    browser.wait_for_text("Forgot the password?");
    browser.fill("E-mail", EMAIL);
    browser.fill("Password", PASSWORD);
    browser.click("button", "Sign in");
    browser.wait_for_text("MISSING_OTP");
    browser.screenshot("account-sign-in-code", true);
    assert_eq!(browser.axe(), Vec::<String>::new());
    let now = step();
    browser.fill("One-time code", &code(&seed, now.wrapping_sub(1000)));
    browser.click("button", "Sign in");
    browser.wait_for_text("INVALID_OTP");
    browser.fill("One-time code", &code(&seed, step()));
    browser.click("button", "Sign in");
    browser.wait_for_text("Sessions started");
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn it_is_switched_off_again() {
    let house = House::build();
    let account = house.account(501);
    house.person(&account, "owner", true, EMAIL, PASSWORD);
    let mut browser = open_signed_in(&house);
    let wanted = json!({"ks": account.admin(), "settings": {"secondFactor": 1}});
    assert_eq!(house.good("ks_account.update", &wanted)["secondFactor"], 1);
    browser.open(&format!("http://{}/console/settings/second-factor", house.addr));
    browser.wait_for_text("Your authenticator");
    browser.choose("A second factor is wanted of", "Nobody: a password is enough");
    browser.click("button", "Save");
    browser.click("button", "Ask for none");
    browser.wait_for("!document.querySelector('dialog')");
    let login = house.call("user.loginByLoginId", &json!({"loginId": EMAIL, "password": PASSWORD}));
    assert!(login.is_string(), "{login}");
    assert_eq!(browser.problems(), Vec::<String>::new());
}

/// The page that mails link to renews a second factor alone, or sets one with the first password.
#[test]
fn a_mailed_link_sets_a_second_factor() {
    let house = House::build();
    let account = house.account(501);
    house.person(&account, "owner", true, EMAIL, PASSWORD);
    house.good("ks_account.update", &json!({"ks": account.admin(), "settings": {"secondFactor": 1}}));
    house.good("user.resetPassword", &json!({"email": EMAIL}));
    let mut browser = Browser::start();
    browser.open(&format!("http://{}/set-password#{}", house.addr, house.mailed_key(EMAIL)));
    browser.wait_for_text("The key from your mail is filled in.");
    browser.click("button", "Only renew the second factor");
    browser.wait_for_text("The password stays as it was.");
    let picture = browser.eval("document.querySelector('#factor img').src.split(',')[1]");
    let otp = code(&seed(picture.as_str().expect("a picture")), step());
    let login = house.call("user.loginByLoginId", &json!({"loginId": EMAIL, "password": PASSWORD, "otp": otp}));
    assert!(login.is_string(), "{login}");
    assert_eq!(browser.axe(), Vec::<String>::new());
    assert_eq!(browser.problems(), Vec::<String>::new());
    // The key counts once.
    let used = house.call("user.generateQrCode", &json!({"hashKey": house.mailed_key(EMAIL)}));
    assert_eq!(used["code"], Value::from("INVALID_HASH"));
}
