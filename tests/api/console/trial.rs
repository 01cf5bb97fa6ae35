//! A trial account from the first form to the first session, and the mails that a development server keeps.

use ks_tests::browser::{Browser, Theme};
use ks_tests::http::Request;
use ks_tests::server::Server;
use serde_json::{Value, json};

use super::account::PASSWORD;

/// Fills the form of a trial account.
fn sign_up(browser: &mut Browser, url: &str, email: &str) {
    browser.open(&format!("{url}/console/register"));
    for (label, text) in [
        ("Name of the account", "Lectures"),
        ("Your name", "Ada Example"),
        ("E-mail", email),
        ("What it is for", "Trying it out"),
        ("Password", PASSWORD),
    ] {
        browser.fill(label, text);
    }
    browser.click("button", "Open the account");
}

#[test]
fn a_trial_account_leads_to_a_session() {
    let server = Server::dev();
    let mut browser = Browser::start();
    sign_up(&mut browser, &server.url, "ada@example.com");
    browser.wait_for_text("The account is open.");
    browser.screenshot("account-register-done", true);
    assert_eq!(browser.axe(), Vec::<String>::new());
    browser.click("link", "Sign in");
    browser.fill("E-mail", "ada@example.com");
    browser.fill("Password", PASSWORD);
    browser.click("button", "Sign in");
    browser.wait_for_text("Sessions started");
    browser.click("link", "Integration settings");
    browser.wait_for_text("Administrator Secret");
    browser.click("button", "Show administrator secret");
    let secret = browser.eval("document.querySelectorAll('dd .secret code')[2].textContent");
    let secret = secret.as_str().expect("a secret").to_owned();
    assert_eq!(secret.len(), 32, "{secret}");
    // The account's id goes along to the test console; the secret does not.
    browser.click("link", "Start a session in the test console");
    browser.wait_for("document.documentElement.dataset.ready === 'yes'");
    let partner = browser.value("textbox", "partnerId (int)");
    browser.fill("secret (string)", &secret);
    browser.click("button", "Send");
    browser.click("button", "Use this session");
    browser.wait_for_text(&format!("partner {partner}"));
    assert_ne!(partner, server.partner().to_string());
    let start = json!({"secret": secret, "partnerId": partner.parse::<i64>().expect("a number"), "type": 2});
    assert!(server.call("session.start", &start).is_string());
    browser.assert_clean(&server.url);
}

#[test]
fn where_nobody_may_sign_up_the_page_says_so() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = Server::serve(data.path());
    let mut browser = Browser::start();
    sign_up(&mut browser, &server.url, "ada@example.com");
    browser.wait_for_text("nobody can open an account here but the operator");
    assert_eq!(browser.axe(), Vec::<String>::new());
    browser.assert_clean(&server.url);
}

#[test]
fn a_development_server_shows_its_mails() {
    let server = Server::dev();
    let mut browser = Browser::start();
    browser.open(&format!("{}/console", server.url));
    browser.click("link", "the mails that it keeps");
    browser.wait_for_text("No mail was sent since the server started.");
    browser.open(&format!("{}/console", server.url));
    browser.click("button", "Forgot the password?");

    browser.eval("document.querySelector('dialog input').value = 'dev@example.invalid'");
    browser.click("button", "Send the link");
    browser.wait_for("!document.querySelector('dialog')");
    for theme in [Theme::Light, Theme::Dark] {
        browser.theme(theme);
        browser.size(1280, 900);
        browser.open(&format!("{}/console/mails", server.url));
        browser.wait_for_text("To dev@example.invalid");
        browser.screenshot(&format!("account-mails-{}", theme.name()), true);
        assert_eq!(browser.axe(), Vec::<String>::new());
        browser.size(320, 800);
        browser.screenshot(&format!("account-mails-{}-320", theme.name()), true);
        let wide = browser.eval("document.documentElement.scrollWidth");
        assert!(wide.as_i64().is_some_and(|wide| wide <= 320), "{wide} wide at 320");
    }
    browser.size(1280, 900);
    browser.click("link", "Set a password with it");
    browser.wait_for_text("The key from your mail is filled in.");
    browser.fill("New password", PASSWORD);
    browser.click("button", "Set the password");
    browser.wait_for_text("The password is set.");
    browser.click("link", "Sign in to the console");
    browser.fill("E-mail", "dev@example.invalid");
    browser.fill("Password", PASSWORD);
    browser.click("button", "Sign in");
    browser.wait_for_text("Sessions started");
    assert!(browser.has("link", "Mails"), "{}", browser.text());
    browser.assert_clean(&server.url);

    // Pages of others get nothing, and neither does a name that points here.
    let ask = || Request::get("/console/mails.json");
    assert_eq!(server.send(&ask()).status, 403);
    let own = ask().header("X-KS-Console", "1");
    assert_eq!(server.send(&own).json().as_array().map(Vec::len), Some(1));
    assert_eq!(server.send(&own.header("Host", "evil.example")).status, 403);
}

#[test]
fn no_other_server_shows_mails() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = Server::serve(data.path());
    let own = |path: &str| Request::get(path).header("X-KS-Console", "1");
    assert_eq!(server.send(&own("/console/mails")).status, 404);
    assert_eq!(server.send(&own("/console/mails/")).status, 404);
    assert_eq!(server.send(&own("/console/mails.json")).status, 404);
    let session = server.send(&own("/console/session"));
    assert_eq!((session.json(), session.header("X-KS-Development")), (Value::Null, None));
}
