//! Every page in light and dark, wide and narrow: nobody is kept out, nothing sticks out, and a picture is kept of each.

use ks_tests::browser::{Browser, Theme};
use ks_tests::http::Request;
use ks_tests::server::Server;

/// Pages, with a name for their pictures.
pub(super) const PAGES: &[(&str, &str)] = &[
    ("start", "/"),
    ("testme", "/api_v3/testme/?service=session&action=start#type=2&userId=me"),
    ("testme-object", "/api_v3/testme/?service=user&action=list#filter={\"idEqual\":\"me\",\"statusEqual\":\"1\"}"),
    ("developer", "/api-docs/"),
    ("developer-service", "/api-docs/service/session"),
    ("developer-action", "/api-docs/service/category/action/get"),
    ("developer-try", "/api-docs/service/session/action/start#type=2&userId=me"),
    ("developer-error", "/api-docs/service/user/action/list#filter={\"idEqual\":\"me\",\"statusEqual\":\"1\"}"),
    ("developer-search", "/api-docs/?q=session"),
    ("workflows", "/api-docs/workflows/"),
    ("workflow-authentication", "/api-docs/workflows/authentication"),
    ("workflow-app-tokens", "/api-docs/workflows/app_tokens"),
    ("workflow-entitlement", "/api-docs/workflows/entitlement"),
    ("docs", "/api_v3/testmeDoc/"),
    ("docs-service", "/api_v3/testmeDoc/?service=session"),
    ("docs-action", "/api_v3/testmeDoc/?action=user.list"),
    ("docs-object", "/api_v3/testmeDoc/?object=KalturaUser"),
    ("docs-enum", "/api_v3/testmeDoc/?enum=KalturaSessionType"),
    ("docs-search", "/api_v3/testmeDoc/?q=session"),
    ("schema", "/api_v3/xsdDoc/"),
    ("schema-type", "/api_v3/xsdDoc/?type=KalturaSessionInfo"),
    ("libraries", "/api_v3/testme/client-libs.php"),
    ("parity", "/api_v3/testme/parity"),
    ("inspector", "/console/ks"),
    ("what-is-a-ks", "/console/what-is-a-ks"),
];

/// Waits until a page of the developer console has its scripts' parts.
fn ready(browser: &mut Browser) {
    browser.wait_for("document.querySelector('#page')?.dataset.ready === 'yes'");
}

/// Fills pages that are empty at first, so that what they show later is looked at too.
fn prepare(browser: &mut Browser, server: &Server, name: &str) {
    match name {
        "testme" => {
            browser.wait_for("document.documentElement.dataset.ready === 'yes'");
            browser.fill("secret (string)", server.told("adminSecret"));
            browser.fill("partnerId (int)", &server.partner().to_string());
            browser.fill("privileges (string)", "all:*,disableentitlement");
            browser.click("button", "Send");
            browser.click("button", "Use this session");
            browser.wait_for("document.querySelector('#session .badge')");
            browser.click("button", "Show Code Example");
            browser.eval("scrollTo(0, 0)");
        }
        "testme-object" => {
            browser.wait_for("document.documentElement.dataset.ready === 'yes'");
            browser.fill("Kaltura API session (string)", "djJ8MTAyfG5vbnNlbnNl");
            // What the server says of it moves the button.
            browser.wait_for_text("the server does not know it");
            browser.click("button", "Send");
            browser.wait_for_text("INVALID_KS");
            browser.eval("scrollTo(0, 0)");
        }
        "developer-try" => {
            ready(browser);
            browser.fill("secret: string", server.told("adminSecret"));
            browser.fill("partnerId: integer", &server.partner().to_string());
            browser.fill("privileges: string", "all:*,disableentitlement");
            browser.click("button", "Send Request");
            browser.click("button", "Use this session");
            browser.wait_for("document.querySelector('#session .badge')");
            browser.click("button", "Show Code Example");
            browser.wait_for("document.querySelector('.code-text pre')");
            browser.eval("scrollTo(0, 0)");
        }
        "developer-error" => {
            ready(browser);
            browser.click("DisclosureTriangle", "Global Parameters");
            browser.fill("ks: string", "djJ8MTAyfG5vbnNlbnNl");
            browser.wait_for_text("the server does not know it");
            browser.click("button", "Send Request");
            browser.wait_for_text("INVALID_KS");
            browser.eval("scrollTo(0, 0)");
        }
        "workflow-authentication" => {
            ready(browser);
            browser.fill("secret: string", server.told("adminSecret"));
            browser.fill("partnerId: integer", &server.partner().to_string());
            browser.click("button", "Run step 1");
            browser.wait_for_text("Go to step 2");
            browser.eval("scrollTo(0, 300)");
        }
        name if name.starts_with("developer") || name.starts_with("workflow") => ready(browser),
        "inspector" => {
            browser.fill("KS", &server.start_ks(2, "alice", "edit:0_abc,iprestrict:203.0.113.7"));
            browser.fill("Secret", server.told("adminSecret"));
            browser.wait_for_text("Valid");
        }
        _ => {}
    }
}

#[test]
fn no_page_keeps_anybody_out() {
    let server = Server::dev();
    let mut browser = Browser::start();
    for (name, path) in PAGES {
        browser.theme(Theme::Light);
        browser.size(1280, 900);
        browser.open(&format!("{}{path}", server.url));
        prepare(&mut browser, &server, name);
        for theme in [Theme::Light, Theme::Dark] {
            browser.theme(theme);
            browser.size(1280, 900);
            browser.wait_for("innerWidth === 1280");
            browser.screenshot(&format!("{name}-wide-{}", theme.name()), false);
            let found = browser.axe();
            assert!(found.is_empty(), "{name} {}: {found:#?}", theme.name());
            browser.size(320, 700);
            browser.wait_for("innerWidth === 320");
            let width = browser.eval("document.documentElement.scrollWidth").as_i64();
            let wide = "[...document.querySelectorAll('body *')].filter((it) => it.getBoundingClientRect().right > 321 \
                        && !it.closest('.scroll, pre, .lines, .tree')).map((it) => it.outerHTML.slice(0, 120))";
            assert!(width <= Some(320), "{name} is {width:?} wide: {}", browser.eval(wide));
            browser.screenshot(&format!("{name}-narrow-{}", theme.name()), false);
        }
    }
    browser.assert_clean(&server.url);
}

#[test]
fn the_switch_overrides_the_system_and_is_remembered() {
    let server = Server::dev();
    let mut browser = Browser::start();
    browser.theme(Theme::Light);
    browser.open(&format!("{}/", server.url));
    let ground = "getComputedStyle(document.body).backgroundColor";
    let light = browser.eval(ground);
    browser.click("button", "Theme: System. Switch to Light.");
    assert_eq!(browser.eval(ground), light);
    browser.click("button", "Theme: Light. Switch to Dark.");
    let dark = browser.eval(ground);
    assert_ne!(dark, light);
    browser.reload();
    assert_eq!(browser.eval(ground), dark);
    browser.click("button", "Theme: Dark. Switch to System.");
    assert_eq!(browser.eval(ground), light);
    browser.theme(Theme::Dark);
    assert_eq!(browser.eval(ground), dark);
    browser.assert_clean(&server.url);
}

#[test]
fn pages_have_one_heading_a_language_and_names_of_their_own() {
    let server = Server::dev();
    let mut titles = Vec::new();
    for (name, path) in PAGES {
        let path = path.split('#').next().unwrap_or_default();
        let html = server.send(&Request::get(path)).text();
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert!(html.contains("<html lang=\"en\">") && html.contains("class=\"skip\""), "{name}");
        titles.push(
            html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default().to_owned(),
        );
    }
    // Two of them are the same page.
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(titles.len(), PAGES.len() - 1, "{titles:?}");
}
