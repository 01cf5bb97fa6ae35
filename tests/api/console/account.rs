//! The account console: the cookie that its session lies in, and its pages in a browser.

use ks_tests::browser::{Browser, Theme};
use ks_tests::house::{House, now, request};
use ks_tests::http::{Request, Response};
use serde_json::{Value, json};

pub(super) const EMAIL: &str = "owner@example.com";
pub(super) const PASSWORD: &str = "a long password of theirs";

/// A server with one account and its administrator.
fn house() -> House {
    let house = House::build();
    let account = house.account(501);
    house.person(&account, "owner", true, EMAIL, PASSWORD);
    house
}

fn post(path: &str, body: &Value) -> Request {
    Request::post(path, "application/json", body.to_string())
}

fn own(request: Request) -> Request {
    request.header("X-KS-Console", "1")
}

fn json_of(response: &Response) -> Value {
    response.json()
}

/// The cookie that signing in gives, as `name=value`, and the whole line.
fn sign_in(house: &House) -> (String, String) {
    let response = house.send(&own(post("/console/session", &json!({"loginId": EMAIL, "password": PASSWORD}))));
    assert_eq!(json_of(&response)["userId"], "owner");
    let line = response.header("Set-Cookie").expect("a cookie").to_owned();
    (line.split(';').next().expect("a pair").to_owned(), line)
}

#[test]
fn the_session_lies_in_a_cookie_that_no_script_and_no_other_site_gets() {
    let house = house();
    let (cookie, line) = sign_in(&house);
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/console", "Max-Age=28800"] {
        assert!(line.contains(attribute), "{line}");
    }
    let list = post("/console/call/user/list", &json!({})).header("Cookie", &cookie);
    assert_eq!(json_of(&house.send(&own(list)))["totalCount"], 1);
    // The answer of signing in has no KS in it: only the cookie has.
    let response = house.send(&own(post("/console/session", &json!({"loginId": EMAIL, "password": PASSWORD}))));
    let ks = cookie.split_once('=').expect("a value").1;
    assert!(!String::from_utf8_lossy(&response.body).contains(&ks[..40]));
    // The API itself reads no cookie.
    let direct = request("user.list", &json!({})).header("Cookie", &cookie);
    assert_eq!(json_of(&house.send(&direct))["code"], "SERVICE_FORBIDDEN");
}

#[test]
fn requests_that_no_page_of_this_server_makes_are_refused() {
    let house = house();
    let (cookie, _) = sign_in(&house);
    let call = || post("/console/call/user/list", &json!({})).header("Cookie", &cookie);
    assert_eq!(house.send(&call()).status, 403);
    let foreign = own(call()).header("Origin", "http://elsewhere.example");
    assert_eq!(house.send(&foreign).status, 403);
    let near = own(call()).header("Sec-Fetch-Site", "same-site");
    assert_eq!(house.send(&near).status, 403);
    assert_eq!(house.send(&post("/console/session", &json!({"loginId": EMAIL, "password": PASSWORD}))).status, 403);
    // A multirequest could carry sessions of its own.
    let many = own(post("/console/call/multirequest/x", &json!({}))).header("Cookie", &cookie);
    assert_eq!(house.send(&many).status, 404);
    assert_eq!(house.send(&own(post("/console/call/user/list", &json!([])))).status, 400);
}

#[test]
fn whoever_is_not_signed_in_gets_nothing_and_signing_out_ends_the_session() {
    let house = house();
    let list = || own(post("/console/call/user/list", &json!({})));
    assert_eq!(json_of(&house.send(&list()))["code"], "MISSING_KS");
    assert_eq!(json_of(&house.send(&own(Request::get("/console/session")))), Value::Null);
    assert_eq!(house.send(&Request::get("/console/plot.svg?measure=calls&step=3600")).status, 403);
    assert_eq!(house.send(&Request::get("/console/plot.svg?measure=x&step=3600")).status, 400);
    let wrong = own(post("/console/session", &json!({"loginId": EMAIL, "password": "not theirs at all"})));
    let refused = house.send(&wrong);
    assert_eq!(json_of(&refused)["code"], "USER_WRONG_PASSWORD");
    assert_eq!(refused.header("Set-Cookie"), None);

    let (cookie, _) = sign_in(&house);
    let out = own(Request::get("/console/session").method("DELETE")).header("Cookie", &cookie);
    let answer = house.send(&out);
    assert!(answer.header("Set-Cookie").is_some_and(|line| line.starts_with("ks_console=; ")), "{answer:?}");
    assert_eq!(json_of(&house.send(&list().header("Cookie", &cookie)))["code"], "INVALID_KS");
}

/// Every page, signed in.
const PAGES: [(&str, &str, &str); 9] = [
    ("overview", "/console", "Sessions started"),
    ("integration", "/console/settings/integration", "All secrets"),
    ("entitlement", "/console/settings/entitlement", "Entitlement enforcement disabled"),
    ("second-factor", "/console/settings/second-factor", "Your authenticator"),
    ("users", "/console/users", "owner"),
    ("roles", "/console/roles", "Publisher Administrator"),
    ("app-tokens", "/console/app-tokens", "There are no app tokens."),
    ("sessions", "/console/sessions", "A session group"),
    ("audit", "/console/audit", "user.loginByLoginId"),
];

pub(super) fn open_signed_in(house: &House) -> Browser {
    let mut browser = Browser::start();
    browser.open(&format!("http://{}/console", house.addr));
    browser.fill("E-mail", EMAIL);
    browser.fill("Password", PASSWORD);
    browser.click("button", "Sign in");
    browser.wait_for_text("Sessions started");
    browser
}

#[test]
fn every_page_shows_what_it_is_for_and_breaks_no_rule() {
    let house = house();
    let mut browser = open_signed_in(&house);
    for theme in [Theme::Light, Theme::Dark] {
        browser.theme(theme);
        for (name, path, text) in PAGES {
            browser.size(1280, 900);
            browser.open(&format!("http://{}{path}", house.addr));
            browser.wait_for_text(text);
            browser.wait_for("[...document.images].every((image) => image.complete && image.naturalWidth > 0)");
            browser.screenshot(&format!("account-{name}-{}", theme.name()), true);
            assert_eq!(browser.axe(), Vec::<String>::new(), "{name}, {}", theme.name());
            browser.size(320, 800);
            browser.screenshot(&format!("account-{name}-{}-320", theme.name()), true);
            let wide = browser.eval("document.documentElement.scrollWidth");
            assert!(wide.as_i64().is_some_and(|wide| wide <= 320), "{name} is {wide} wide at 320");
        }
    }
    assert_eq!(browser.eval("document.cookie"), "");
    assert_eq!(browser.eval("JSON.stringify({ ...localStorage, ...sessionStorage })").as_str(), Some("{}"));
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn secrets_are_masked_shown_and_rotated() {
    let house = House::build();
    let account = house.account(501);
    house.person(&account, "owner", true, EMAIL, PASSWORD);
    let mut browser = open_signed_in(&house);
    browser.open(&format!("http://{}/console/settings/integration", house.addr));
    browser.wait_for_text("All secrets");
    browser.wait_for_text("Administrator Secret");
    assert!(browser.text().contains("50100"), "the sub partner id");
    assert!(!browser.text().contains(&account.admin_secret));
    browser.click("button", "Show administrator secret");
    browser.wait_for_text(&account.admin_secret);
    browser.click("button", "Hide administrator secret");
    assert!(!browser.text().contains(&account.admin_secret));

    browser.click("button", "Add a secret");
    browser.click("button", "Add");
    browser.wait_for_text("This is shown once");
    browser.click("button", "Show new secret");
    let added = browser.eval("document.querySelector('dialog code').textContent");
    let added = added.as_str().expect("a secret").to_owned();
    browser.click("button", "I have it");
    // Whoever has it mints sessions with it.
    let ks = account.mint_with(&added, now() + 600, 2, "me", "");
    assert_eq!(house.good("session.get", &json!({ "ks": ks }))["userId"], "me");
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn people_and_app_tokens_are_made() {
    let house = House::build();
    let account = house.account(501);
    house.person(&account, "owner", true, EMAIL, PASSWORD);
    let mut browser = open_signed_in(&house);

    browser.open(&format!("http://{}/console/users", house.addr));
    browser.wait_for_text("owner@example.com");
    browser.click("button", "Add a user");
    browser.fill("User id", "anna");
    browser.click("button", "Add");
    browser.wait_for("[...document.querySelectorAll('th strong')].some((it) => it.textContent === 'anna')");
    assert_eq!(house.good("user.get", &json!({"ks": account.admin(), "userId": "anna"}))["id"], "anna");
    browser.click("button", "Block: anna");
    browser.click("button", "Block");
    browser.wait_for_text("blocked");
    assert_eq!(house.good("user.get", &json!({"ks": account.admin(), "userId": "anna"}))["status"], 0);

    browser.open(&format!("http://{}/console/app-tokens", house.addr));
    browser.wait_for_text("There are no app tokens.");
    browser.click("button", "Add an app token");
    browser.click("button", "Add");
    browser.wait_for_text("This is shown once");
    browser.click("button", "I have it");
    let tokens = house.good("appToken.list", &json!({"ks": account.admin()}));
    assert_eq!(tokens["totalCount"], 1, "{tokens}");

    browser.open(&format!("http://{}/console/audit", house.addr));
    browser.wait_for_text("user.add");
    assert_eq!(browser.problems(), Vec::<String>::new());
}
