//! The test console in a browser: what it sends, what it shows, what it keeps.

use ks_tests::browser::Browser;
use ks_tests::house::House;
use ks_tests::server::Server;
use serde_json::{Value, json};

use super::{answer, form, sent, told};

fn open(server: &Server, rest: &str) -> Browser {
    let mut browser = Browser::start();
    go(&mut browser, server, rest);
    browser
}

fn go(browser: &mut Browser, server: &Server, rest: &str) {
    browser.open(&format!("{}/api_v3/testme/{rest}", server.url));
    browser.wait_for("document.documentElement.dataset.ready === 'yes'");
}

/// Sends, and waits for the answer to this very request.
fn send(browser: &mut Browser) {
    form(browser);
    browser.eval("document.querySelector('#answer').replaceChildren()");
    browser.click("button", "Send");
    browser.wait_for("document.querySelector('#answer .status')");
}

fn start(browser: &mut Browser, server: &Server) {
    browser.fill("secret (string)", server.told("adminSecret"));
    browser.fill("partnerId (int)", &server.partner().to_string());
}

#[test]
fn a_field_is_sent_left_out_or_null() {
    let server = Server::dev();
    let mut browser = open(&server, "?service=session&action=start");
    start(&mut browser, &server);
    browser.choose("userId: send, omit or null", "Null");
    send(&mut browser);
    let body = sent(&mut browser);
    let common = json!({ "format": "2", "clientTag": "testme", "apiVersion": "22.19.0", "secret": "********" });
    for (name, value) in common.as_object().unwrap() {
        assert_eq!(&body[name], value, "{body}");
    }
    assert!(body.get("userId").is_some_and(Value::is_null), "{body}");
    assert_eq!(body["partnerId"], server.partner());
    for left_out in ["type", "expiry", "privileges", "ks"] {
        assert!(body.get(left_out).is_none(), "{left_out} was sent: {body}");
    }
    // Typing into a field that was left out sends it; leaving it out again keeps the text.
    browser.fill("expiry (int)", "60");
    assert_eq!(browser.value("combobox", "expiry: send, omit or null"), "Send");
    browser.choose("expiry: send, omit or null", "Omit");
    assert_eq!(browser.value("textbox", "expiry (int)"), "60");
    browser.choose("clientTag: send, omit or null", "Omit");
    send(&mut browser);
    let body = sent(&mut browser);
    assert!(body.get("expiry").is_none() && body.get("clientTag").is_none(), "{body}");
    browser.assert_clean(&server.url);
}

#[test]
fn json_is_shown_with_status_time_size_and_headers() {
    let server = Server::dev();
    let mut browser = open(&server, "?service=session&action=start");
    start(&mut browser, &server);
    browser.choose("Format (int)", "JSON");
    // The keyboard is enough.
    browser.press_with("Enter", 13, 2);
    browser.wait_for("document.querySelector('#answer .status')");
    let shown = answer(&mut browser);
    assert!(shown.starts_with("\"djJ8") && shown.ends_with('"'), "{shown}");
    let status = browser.eval("document.querySelector('#answer .status').innerText").as_str().unwrap().to_owned();
    let words: Vec<&str> = status.split_whitespace().collect();
    assert!(
        words.starts_with(&["Success", "HTTP", "200"]) && words.contains(&"ms") && words.contains(&"B"),
        "{status}"
    );
    browser.click("tab", "Headers");
    browser.wait_for_text("x-kaltura-session");
    // Arrow keys move between the views.
    browser.press("ArrowLeft", 37);
    browser.wait_for("document.activeElement.textContent === 'Tree' && !document.querySelector('#panel-tree').hidden");
    assert!(browser.has("button", "Copy") && browser.has("button", "Download"));
    browser.assert_clean(&server.url);
}

#[test]
fn objects_are_built_by_class_with_enums_by_name_and_times_as_dates() {
    let server = Server::dev();
    let mut browser = open(&server, "?service=user&action=list");
    browser.fill("Kaltura API session (string)", &server.admin_ks());
    told(&mut browser);
    browser.choose("filter: send, omit or null", "Send");
    browser.choose("Add a property to filter", "statusEqual (KalturaUserStatus)");
    browser.choose("statusEqual (KalturaUserStatus)", "ACTIVE");
    browser.choose("Add a property to filter", "createdAtGreaterThanOrEqual (time)");
    browser.fill("createdAtGreaterThanOrEqual (time)", "1000000000");
    browser.wait_for_text("2001-09-09 01:46:40 UTC");
    browser.choose("Add a property to filter", "idEqual (string)");
    browser.fill("idEqual (string)", "nobody");
    browser.click("button", "Remove idEqual");
    send(&mut browser);
    let filter =
        json!({ "objectType": "KalturaUserFilter", "statusEqual": 1, "createdAtGreaterThanOrEqual": 1_000_000_000 });
    assert_eq!(sent(&mut browser)["filter"], filter);
    assert!(answer(&mut browser).contains("<objectType>KalturaUserListResponse</objectType>"));
    browser.click("tab", "Tree");
    browser.wait_for_text("KalturaUserListResponse");
    // Null inside an object, and another class in its place.
    browser.choose("statusEqual: send, omit or null", "Null");
    send(&mut browser);
    assert_eq!(sent(&mut browser)["filter"]["statusEqual__null"], "");
    browser.assert_clean(&server.url);
}

#[test]
fn arrays_grow_shrink_and_are_put_in_order() {
    let server = Server::dev();
    let mut browser = open(&server, "?service=partner&action=update");
    browser.fill("Kaltura API session (string)", &server.admin_ks());
    told(&mut browser);
    browser.choose("Add a property to partner", "additionalParams (array of KalturaKeyValue)");
    for number in 1..=3 {
        browser.click("button", "Add to additionalParams");
        browser.choose(&format!("Add a property to additionalParams {number}"), "key (string)");
        // Three fields of one name: the last one is meant.
        browser.wait_for(&format!("document.querySelectorAll('.item [data-name=key] input').length === {number}"));
        browser.eval(&format!(
            "(() => {{ const input = [...document.querySelectorAll('.item [data-name=key] input')].at(-1);
                      input.value = 'k{number}'; input.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
        ));
    }
    // The third moves up over the second; then the first is taken out.
    browser.eval("[...document.querySelectorAll('.item')][2].querySelectorAll('button')[0].click()");
    browser.eval("[...document.querySelectorAll('.item')][0].querySelectorAll('button')[1].click()");
    send(&mut browser);
    let items =
        json!([{ "objectType": "KalturaKeyValue", "key": "k3" }, { "objectType": "KalturaKeyValue", "key": "k2" }]);
    assert_eq!(sent(&mut browser)["partner"]["additionalParams"], items);
    // An empty one is sent as the protocol has it.
    for _ in 0..2 {
        browser.eval("document.querySelectorAll('.item')[0].querySelectorAll('button')[1].click()");
    }
    browser.wait_for_text("Nothing in it: an empty one is sent.");
    send(&mut browser);
    assert_eq!(sent(&mut browser)["partner"]["additionalParams"], json!({ "-": "" }));
    browser.assert_clean(&server.url);
}

#[test]
fn another_service_keeps_nothing_of_the_one_before() {
    let server = Server::dev();
    let mut browser = open(&server, "?service=user&action=get#userId=left-over");
    browser.choose("Select service", "system");
    browser.choose("Select action", "ping");
    send(&mut browser);
    let body = sent(&mut browser);
    assert_eq!(body, json!({ "format": "2", "clientTag": "testme", "apiVersion": "22.19.0" }));
    browser.assert_clean(&server.url);
}

#[test]
fn the_history_survives_a_reload_and_keeps_no_secret() {
    let server = Server::dev();
    let mut browser = open(&server, "?service=session&action=start");
    assert_eq!(browser.eval("document.querySelector('#history').options.length"), 1, "a request that nobody sent");
    start(&mut browser, &server);
    browser.fill("userId (string)", "kept");
    browser.fill("privileges (string)", &server.admin_ks());
    send(&mut browser);
    browser.click("button", "Use this session");
    go(&mut browser, &server, "?service=user&action=loginByLoginId");
    browser.fill("loginId (string)", server.told("adminEmail"));
    browser.fill("password (string)", server.told("adminPassword"));
    send(&mut browser);
    let kept = browser.eval("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])");
    let kept = kept.as_str().unwrap();
    assert!(kept.contains("kept"), "{kept}");
    for secret in [server.told("adminSecret"), server.told("adminPassword"), "djJ8"] {
        assert!(!kept.contains(secret), "{kept}");
    }
    browser.reload();
    browser.wait_for("document.documentElement.dataset.ready === 'yes'");
    browser.choose("History", "1. session.start");
    browser.wait_for("document.querySelector('#action').value === 'start'");
    assert_eq!(browser.value("textbox", "userId (string)"), "kept");
    assert_eq!(browser.value("textbox", "secret (string)"), "");
    assert_eq!(browser.value("textbox", "privileges (string)"), "");
    browser.click("button", "Clear");
    browser.wait_for("document.querySelector('#history').options.length === 1");
    browser.assert_clean(&server.url);
}

#[test]
fn a_link_has_service_action_and_values_and_no_secret() {
    let server = Server::dev();
    let mut browser = open(&server, "?service=SESSION&action=START");
    start(&mut browser, &server);
    browser.fill("userId (string)", "a&b=c");
    browser.choose("type (KalturaSessionType)", "ADMIN");
    browser.choose("expiry: send, omit or null", "Null");
    browser.wait_for("location.hash.includes('expiry__null')");
    let link = browser.eval("location.href").as_str().unwrap().to_owned();
    assert!(link.contains("?service=session&action=start#"), "{link}");
    assert!(!link.contains(server.told("adminSecret")), "{link}");
    go(&mut browser, &server, link.split("/testme/").nth(1).unwrap());
    assert_eq!(browser.value("textbox", "userId (string)"), "a&b=c");
    assert_eq!(browser.value("combobox", "type (KalturaSessionType)"), "ADMIN");
    assert_eq!(browser.value("combobox", "expiry: send, omit or null"), "Null");
    assert_eq!(browser.value("textbox", "secret (string)"), "");
    go(&mut browser, &server, "?service=nothing");
    browser.wait_for_text("There is no service “nothing”.");
    go(&mut browser, &server, "?service=session&action=nothing");
    browser.wait_for_text("The service session has no action “nothing”.");
    browser.assert_clean(&server.url);
}

#[test]
fn the_session_in_use_is_shown() {
    let server = Server::dev();
    let mut browser = open(&server, "?service=session&action=start");
    start(&mut browser, &server);
    browser.fill("userId (string)", "ann");
    browser.fill("privileges (string)", "edit:*,sessionid:x1");
    browser.fill("expiry (int)", "7200");
    browser.choose("type (KalturaSessionType)", "ADMIN");
    send(&mut browser);
    browser.click("button", "Use this session");
    let chip = "document.querySelector('#session').innerText";
    browser.wait_for(&format!("{chip}.includes('1 hour 59 minutes left')"));
    let text = browser.eval(chip).as_str().unwrap().to_owned();
    for part in ["partner 102", "user ann", "ADMIN", "edit:*", "sessionid:x1"] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    browser.click("button", "Stop using it");
    browser.wait_for("document.querySelector('#session').hidden");
    assert_eq!(browser.value("textbox", "Kaltura API session (string)"), "");
    browser.assert_clean(&server.url);
}

#[test]
fn an_invalid_ks_leads_to_what_a_ks_is_and_to_why() {
    let server = Server::dev();
    let mut browser = open(&server, "?service=user&action=get");
    browser.fill("Kaltura API session (string)", "djJ8MTAyfG5vbnNlbnNl");
    told(&mut browser);
    send(&mut browser);
    browser.wait_for_text("INVALID_KS");
    assert!(browser.has("link", "What a KS is, and why one is refused"));
    browser.click("link", "Ask why this request was refused");
    browser.wait_for("location.pathname === '/console/ks'");
    // The page fills it in once its script runs.
    browser.wait_for("document.querySelector('#request-id')?.value.includes(', ')");
    browser.assert_clean(&server.url);
}

#[test]
fn what_is_not_found_under_enforcement_comes_with_the_cure() {
    let house = House::build();
    let enforcing = house.account(901);
    let open_account = house.account(902);
    house.change(&enforcing, |partner| partner.default_entitlement_enforcement = true);
    let url = format!("http://{}", house.addr);
    let mut browser = Browser::start();
    let mut ask = |ks: &str| {
        browser.open(&format!(
            "{url}/api_v3/testme/?service=widget&action=add#widget={{\"uiConfId\":1,\"entryId\":\"0_hidden\"}}"
        ));
        browser.wait_for("document.documentElement.dataset.ready === 'yes'");
        browser.fill("Kaltura API session (string)", ks);
        told(&mut browser);
        send(&mut browser);
        browser.wait_for_text("ENTRY_ID_NOT_FOUND");
        browser.text()
    };
    let cure = "Start a session that sees everything";
    let text = ask(&enforcing.admin());
    assert!(text.contains("This account enforces entitlement.") && text.contains("all:*,disableentitlement"), "{text}");
    assert!(text.contains(cure), "{text}");
    assert!(!ask(&open_account.admin()).contains(cure), "nothing is enforced there");
    let sees = enforcing.mint(2, "root", "all:*,disableentitlement");
    assert!(!ask(&sees).contains(cure), "this session sees everything");
    // The cure is a form that is filled in.
    ask(&enforcing.admin());
    browser.click("button", cure);
    browser.wait_for("document.querySelector('#action').value === 'start'");
    assert_eq!(browser.value("textbox", "privileges (string)"), "all:*,disableentitlement");
    assert_eq!(browser.value("textbox", "partnerId (int)"), "901");
    browser.fill("secret (string)", &enforcing.admin_secret);
    send(&mut browser);
    browser.click("button", "Use this session");
    browser.wait_for("document.querySelector('#session').innerText.includes('disableentitlement')");
    browser.assert_clean(&url);
}

#[test]
fn several_calls_go_in_one_request_and_later_ones_use_earlier_answers() {
    /// Chooses in a drop-down of a card, by the label inside the card.
    fn pick(browser: &mut Browser, card: usize, label: &str, option: &str) {
        browser.wait_for(&format!(
            "(() => {{
                const card = document.querySelectorAll('.request-card')[{card}];
                const named = (it) => it.labels[0]?.textContent === {label:?} || it.getAttribute('aria-label') === {label:?};
                const select = [...card.querySelectorAll('select')].find(named);
                select?.focus();
                select?.dispatchEvent(new Event('focus'));
                const option = [...(select?.options ?? [])].find((it) => it.textContent === {option:?});
                if (!option) return false;
                select.value = option.value;
                select.dispatchEvent(new Event('change', {{ bubbles: true }}));
                return true;
            }})()"
        ));
    }
    let server = Server::dev();
    let mut browser = open(&server, "");
    browser.choose("Select service", "Multirequest");
    browser.wait_for("document.querySelectorAll('.request-card').length === 1");
    pick(&mut browser, 0, "Select service", "session");
    pick(&mut browser, 0, "Select action", "start");
    start(&mut browser, &server);
    pick(&mut browser, 0, "type (KalturaSessionType)", "ADMIN");
    browser.wait_for_text("must never reach an end user");
    browser.click("button", "Add Request");
    pick(&mut browser, 1, "Select service", "user");
    pick(&mut browser, 1, "Select action", "list");
    pick(&mut browser, 1, "ks: take it from an earlier answer", "{1:result}");
    browser.click("button", "Add Request");
    pick(&mut browser, 2, "Select service", "user");
    pick(&mut browser, 2, "Select action", "get");
    pick(&mut browser, 2, "userId: take it from an earlier answer", "{2:result:objects:0:id}");
    pick(&mut browser, 2, "ks: take it from an earlier answer", "{1:result}");
    browser.choose("Format (int)", "JSON");
    send(&mut browser);
    let body = sent(&mut browser);
    assert_eq!(body["1"]["secret"], "********");
    assert_eq!(body["2"]["ks"], "{1:result}");
    assert_eq!(body["3"]["userId"], "{2:result:objects:0:id}");
    let answers: Value = serde_json::from_str(&answer(&mut browser)).unwrap();
    assert!(answers[0].as_str().is_some_and(|ks| ks.starts_with("djJ8")), "{answers}");
    assert_eq!(answers[1]["objectType"], "KalturaUserListResponse", "{answers}");
    assert_eq!(answers[2]["objectType"], "KalturaUser", "{answers}");
    assert_eq!(answers[2]["id"], answers[1]["objects"][0]["id"]);
    // The history has it, and brings it back.
    browser.choose("Select service", "system");
    browser.choose("History", "1. Multi-request (3)");
    browser.wait_for("document.querySelectorAll('.request-card .params').length === 3");
    browser.choose("Format (int)", "XML");
    browser.wait_for("[...document.querySelectorAll('[data-name=ks] input')].at(-1).value === '{1:result}'");
    browser.assert_clean(&server.url);
}

#[test]
fn code_follows_the_form_and_hides_secrets_unless_asked() {
    let server = Server::dev();
    let mut browser = open(&server, "?service=session&action=start");
    start(&mut browser, &server);
    browser.click("button", "Show Code Example");
    let code = "document.querySelector('#code pre').textContent";
    browser.wait_for(&format!("{code}.includes('$client->session->start(')"));
    let shown = browser.eval(code).as_str().unwrap().to_owned();
    assert!(shown.contains("YOUR_SECRET") && !shown.contains(server.told("adminSecret")), "{shown}");
    assert!(shown.contains(&server.url), "{shown}");
    browser.fill("userId (string)", "typed now");
    browser.wait_for(&format!("{code}.includes(\"'typed now'\")"));
    browser.click("checkbox", "Show secrets");
    browser.wait_for(&format!("{code}.includes({:?})", server.told("adminSecret")));
    for (language, part) in [
        ("Java", "SessionService.start("),
        ("C#", "SessionService.Start("),
        ("Python", "client.session.start("),
        ("Javascript", "kaltura.services.session"),
        ("curl", "curl -s"),
        ("TypeScript", "new SessionStartAction({"),
        ("Ruby", "client.session_service.start("),
        ("Go", "http.PostForm("),
        ("Rust", "client.session().start("),
        ("ks", "ks generate --secret"),
    ] {
        browser.click("tab", language);
        browser.wait_for(&format!("{code}.includes({part:?})"));
        let mints = ["Javascript", "curl", "TypeScript", "Go"].contains(&language);
        assert_eq!(browser.has("heading", "Mint locally"), mints, "{language}");
    }
    browser.click("button", "Hide Code Example");
    browser.wait_for("document.querySelector('#code').hidden");
    browser.assert_clean(&server.url);
}
