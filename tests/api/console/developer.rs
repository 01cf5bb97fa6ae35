//! The developer console in a browser: trying an action out, and moving on with the session that came of it.

use ks_tests::browser::Browser;
use ks_tests::house::House;
use ks_tests::http::Request;
use ks_tests::server::Server;
use serde_json::{Value, json};

use super::{answer, sent, told};

/// Opens a page of the console and waits for its scripts.
pub(super) fn go(browser: &mut Browser, url: &str, rest: &str) {
    browser.open(&format!("{url}/api-docs/{rest}"));
    ready(browser);
}

pub(super) fn ready(browser: &mut Browser) {
    browser.wait_for("document.querySelector('#page')?.dataset.ready === 'yes'");
}

fn open(server: &Server, rest: &str) -> Browser {
    let mut browser = Browser::start();
    go(&mut browser, &server.url, rest);
    browser
}

/// Sends, and waits for the answer to this very request.
fn send(browser: &mut Browser) {
    browser.eval("document.querySelector('.answer').replaceChildren()");
    browser.click("button", "Send Request");
    browser.wait_for("document.querySelector('.answer .status')");
}

/// Starts an ADMIN session on the open page of `session.start` and uses it.
fn start(browser: &mut Browser, secret: &str, partner: &str) {
    browser.click("button", "Try it out");
    browser.fill("secret: string", secret);
    browser.fill("partnerId: integer", partner);
    browser.choose("type: integer", "Admin");
    send(browser);
    browser.click("button", "Use this session");
    browser.wait_for("document.querySelector('#session .badge')");
}

#[test]
fn what_is_sent_and_answered_is_shown() {
    let server = Server::dev();
    let mut browser = open(&server, "service/session/action/start");
    start(&mut browser, server.told("adminSecret"), &server.partner().to_string());
    let expected = json!({ "format": "1", "clientTag": "developer-console", "secret": "********",
                           "partnerId": server.partner(), "type": 2 });
    assert_eq!(sent(&mut browser), expected);
    let status = browser.eval("document.querySelector('.answer .status').innerText").as_str().unwrap().to_owned();
    let words: Vec<&str> = status.split_whitespace().collect();
    assert!(
        words.starts_with(&["Success", "HTTP", "200"]) && words.contains(&"ms") && words.contains(&"B"),
        "{status}"
    );
    // The KS stands there as it is, without the quotes of JSON.
    assert!(answer(&mut browser).starts_with("djJ8"), "{}", answer(&mut browser));
    browser.click("DisclosureTriangle", "Headers");
    browser.wait_for_text("x-kaltura-session");
    browser.click("DisclosureTriangle", "Global Parameters");
    browser.choose("format: integer", "XML");
    send(&mut browser);
    assert!(answer(&mut browser).starts_with("<xml>\n  <result>djJ8"), "{}", answer(&mut browser));
    browser.assert_clean(&server.url);
}

#[test]
fn the_session_goes_along_from_page_to_page_and_into_no_address_or_storage() {
    let server = Server::dev();
    let mut browser = open(&server, "service/session/action/start");
    start(&mut browser, server.told("adminSecret"), &server.partner().to_string());
    browser.click("link", "user");
    browser.wait_for("document.querySelector('h1').textContent === 'user'");
    browser.click("link", "get");
    browser.wait_for("document.querySelector('h1').textContent === 'user.get'");
    ready(&mut browser);
    assert_eq!(browser.eval("document.title"), "user.get: Developer console · ks");
    browser.click("button", "Try it out");
    browser.choose("userId: send, omit or null", "Omit");
    send(&mut browser);
    assert_eq!(sent(&mut browser)["ks"], "********");
    // Back is back, and the session is still there.
    browser.eval("history.back()");
    browser.wait_for("document.querySelector('h1').textContent === 'user'");
    browser.eval("history.back()");
    browser.wait_for("document.querySelector('h1').textContent === 'session.start'");
    let chip = browser.eval("document.querySelector('#session').innerText").as_str().unwrap().to_owned();
    assert!(chip.contains("partner 102") && chip.contains("ADMIN"), "{chip}");
    let kept = browser.eval("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])");
    assert_eq!(kept, "[{},{},\"\"]");
    let asked = browser.requests().join("\n");
    assert!(!asked.contains("djJ8") && !asked.contains(server.told("adminSecret")), "{asked}");
    browser.click("button", "Stop using it");
    browser.wait_for("document.querySelector('#session').hidden");
    browser.reload();
    ready(&mut browser);
    assert_eq!(browser.eval("document.querySelector('#session').hidden"), true);
    browser.assert_clean(&server.url);
}

#[test]
fn a_link_fills_the_form_and_has_no_secret() {
    let server = Server::dev();
    let mut browser = open(&server, "service/SESSION/action/START#userId=a%26b&type=2");
    assert_eq!(browser.value("textbox", "userId: string"), "a&b");
    assert_eq!(browser.value("combobox", "type: integer"), "Admin");
    browser.fill("secret: string", server.told("adminSecret"));
    browser.fill("privileges: string", "edit:*");
    browser.wait_for("location.hash.includes('privileges=edit')");
    let link = browser.eval("location.href").as_str().unwrap().to_owned();
    assert!(link.contains("userId=a%26b") && !link.contains(server.told("adminSecret")), "{link}");
    browser.click("button", "Hide");
    browser.wait_for("document.activeElement.textContent === 'Try it out'");
    assert_eq!(browser.eval("location.hash"), "");
    // What was typed is still there.
    browser.press("Enter", 13);
    browser.wait_for("document.querySelector('.tryout')?.checkVisibility()");
    assert_eq!(browser.value("textbox", "privileges: string"), "edit:*");
    browser.assert_clean(&server.url);
}

#[test]
fn an_invalid_ks_leads_to_what_a_ks_is_and_an_action_says_what_it_needs() {
    let server = Server::dev();
    let mut browser = open(&server, "service/user/action/get#try");
    browser.wait_for_text("This action needs a session");
    browser.click("DisclosureTriangle", "Global Parameters");
    browser.fill("ks: string", "djJ8MTAyfG5vbnNlbnNl");
    told(&mut browser);
    send(&mut browser);
    browser.wait_for_text("INVALID_KS: Invalid KS");
    assert!(!browser.text().contains("This action needs a session"));
    browser.click("link", "What a KS is, and why one is refused");
    browser.wait_for("location.pathname === '/console/what-is-a-ks' && location.hash === '#refused'");
    browser.assert_clean(&server.url);
}

#[test]
fn what_is_not_found_under_enforcement_comes_with_the_cure() {
    let house = House::build();
    let account = house.account(905);
    house.change(&account, |partner| partner.default_entitlement_enforcement = true);
    let url = format!("http://{}", house.addr);
    let all = account.mint(2, "root", "all:*,disableentitlement");
    let category =
        json!({ "objectType": "KalturaCategory", "name": "Hidden", "privacyContext": "lectures", "privacy": 3 });
    let id = house.good("category.add", &json!({ "ks": all, "category": category }))["id"].to_string();
    let mut browser = Browser::start();
    go(&mut browser, &url, "service/session/action/start");
    start(&mut browser, &account.admin_secret, "905");
    browser.click("link", "category");
    browser.wait_for("document.querySelector('h1').textContent === 'category'");
    browser.click("link", "get");
    browser.wait_for("document.querySelector('h1').textContent === 'category.get'");
    browser.click("button", "Try it out");
    browser.fill("id: integer", &id);
    send(&mut browser);
    browser.wait_for_text("CATEGORY_NOT_FOUND");
    browser.wait_for_text("This account enforces entitlement.");
    browser.click("button", "Start a session that sees everything");
    browser.wait_for("document.querySelector('h1').textContent === 'session.start'");
    assert_eq!(browser.value("textbox", "privileges: string"), "all:*,disableentitlement");
    assert_eq!(browser.value("textbox", "partnerId: integer"), "905");
    browser.fill("secret: string", &account.admin_secret);
    send(&mut browser);
    browser.click("button", "Use this session");
    browser.wait_for("document.querySelector('#session').innerText.includes('disableentitlement')");
    browser.click("link", "category");
    browser.wait_for("document.querySelector('h1').textContent === 'category'");
    browser.click("link", "get");
    browser.wait_for("document.querySelector('h1').textContent === 'category.get'");
    browser.click("button", "Try it out");
    browser.fill("id: integer", &id);
    send(&mut browser);
    assert!(answer(&mut browser).contains("\"objectType\": \"KalturaCategory\""), "{}", answer(&mut browser));
    browser.assert_clean(&url);
}

#[test]
fn a_mouse_is_not_needed() {
    let server = Server::dev();
    let mut browser = open(&server, "service/session/action/start");
    let tab_to = |browser: &mut Browser, what: &str| {
        for _ in 0..120 {
            browser.press("Tab", 9);
            let is = "document.activeElement.textContent.trim() || document.activeElement.labels?.[0]?.innerText";
            if browser.eval(is) == what {
                return;
            }
        }
        panic!("the keyboard does not reach {what}");
    };
    tab_to(&mut browser, "Try it out");
    browser.press("Enter", 13);
    // The focus is where one types.
    browser.wait_for("document.activeElement.labels?.[0]?.innerText === 'secret: string'");
    browser.insert(server.told("adminSecret"));
    tab_to(&mut browser, "partnerId: integer");
    browser.insert(&server.partner().to_string());
    browser.press_with("Enter", 13, 2);
    browser.wait_for("document.querySelector('.answer .status')");
    tab_to(&mut browser, "Use this session");
    browser.press("Enter", 13);
    browser.wait_for("document.querySelector('#session .badge')");
    tab_to(&mut browser, "Headers");
    browser.press("Enter", 13);
    browser.wait_for_text("x-kaltura-session");
    browser.assert_clean(&server.url);
}

#[test]
fn code_is_shown_for_the_call() {
    let server = Server::dev();
    let mut browser = open(&server, "service/session/action/start#userId=me");
    browser.fill("secret: string", server.told("adminSecret"));
    browser.click("button", "Show Code Example");
    let code = "document.querySelector('.code-text pre').textContent";
    browser
        .wait_for(&format!("document.querySelector('.code-text pre') && {code}.includes('$client->session->start(')"));
    assert!(!browser.eval(code).as_str().unwrap().contains(server.told("adminSecret")));
    browser.click("tab", "curl");
    browser.fill("userId: string", "typed now");
    browser.wait_for(&format!("{code}.includes('typed now') && {code}.includes('curl -s')"));
    browser.click("checkbox", "Show secrets");
    browser.wait_for(&format!("{code}.includes({:?})", server.told("adminSecret")));
    browser.assert_clean(&server.url);
}

#[test]
fn every_action_has_a_page_and_every_link_of_the_contents_leads_to_one() {
    let server = Server::dev();
    let places = server.send(&Request::get("/api-docs/actions.json")).json();
    let mut actions = 0;
    for place in places.as_array().expect("a list") {
        let href = place[1].as_str().expect("an address");
        let page = server.send(&Request::get(href));
        assert_eq!(page.status, 200, "{href}");
        if href.contains("/action/") {
            let name = place[0].as_str().expect("a name");
            assert!(page.text().contains(&format!("<h1>{name}</h1>")), "{href}");
            assert!(page.text().contains(&format!("data-action=\"{name}\"")), "{href}");
            actions += 1;
        }
    }
    assert!(actions > 100, "{actions} actions");
    let page = server.send(&Request::get("/api-docs/")).text();
    let nav = page.split("id=\"contents\"").nth(1).and_then(|rest| rest.split("</nav>").next()).expect("contents");
    for href in nav.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(server.send(&Request::get(href)).status, 200, "{href}");
    }
    assert!(nav.contains("/api-docs/openapi.json") && nav.contains("<h2>Generate API Sessions</h2>"));
    // Older and shorter addresses.
    assert_eq!(server.send(&Request::get("/api-docs")).header("location"), Some("/api-docs/"));
    assert_eq!(server.send(&Request::get("/workflows")).header("location"), Some("/api-docs/workflows/"));
    let missing = server.send(&Request::get("/api-docs/service/%3Cscript%3Ex/action/y"));
    assert_eq!(missing.status, 404);
    assert!(!missing.text().contains("<script>x"));
    let found = server.send(&Request::get("/api-docs/?q=Start+SESSION")).text();
    assert!(found.contains("/api-docs/service/session/action/start\"><code>session.start</code>"));
}

#[test]
fn an_answer_can_be_shaped_by_a_response_profile() {
    let server = Server::dev();
    let mut browser = open(&server, "service/session/action/start");
    start(&mut browser, server.told("adminSecret"), &server.partner().to_string());
    browser.click("link", "session.get");
    browser.wait_for("document.querySelector('h1').textContent === 'session.get'");
    ready(&mut browser);
    browser.click("button", "Try it out");
    browser.click("DisclosureTriangle", "Global Parameters");
    browser.choose("responseProfile: send, omit or null", "Send");
    browser.choose("Add a property to responseProfile", "type: integer");
    browser.choose("Add a property to responseProfile", "fields: string");
    browser.fill("fields: string", "partnerId");
    browser.choose("type: integer", "Include fields");
    send(&mut browser);
    assert_eq!(sent(&mut browser)["responseProfile"]["fields"], "partnerId");
    let shown: Value = serde_json::from_str(&answer(&mut browser)).unwrap();
    assert_eq!(shown, json!({ "objectType": "KalturaSessionInfo", "partnerId": server.partner() }));
    browser.assert_clean(&server.url);
}
