//! What helps experts in both consoles: import from curl, the command palette, two answers side by side.

use ks_tests::browser::Browser;
use ks_tests::programs::{feed, node};
use ks_tests::server::Server;
use serde_json::{Value, json};

use super::developer::{go, ready};
use super::told;

/// Runs a function of one of our modules over a list of inputs, in Node.
fn module(name: &str, function: &str, inputs: &Value) -> Value {
    let path = ks_tests::root().join("crates/ks-console/assets").join(name);
    let code = format!(
        "import {{ {function} }} from {:?};\n\
         const inputs = {inputs};\n\
         const run = (it) => {{ try {{ return {function}(...it); }} catch (error) {{ return {{ error: error.message }}; }} }};\n\
         console.log(JSON.stringify(inputs.map(run)));",
        format!("file://{}", path.display())
    );
    feed(node().args(["--input-type=module", "-"]), code.as_bytes()).json()
}

#[test]
fn a_line_of_curl_is_read_as_a_shell_reads_it() {
    let lines = [
        r"curl -s 'http://h/api_v3' -d a=1",
        r#"curl "a \"b\" \$c \\d" 'it'\''s' plain\ space"#,
        "curl \\\n  -d x=1 \\\n  -d y=2",
        r#"curl '' "" a''b"#,
    ];
    // The shell itself says what the words are.
    let by_shell = |line: &&str| -> Value {
        let script = format!("curl() {{ printf '%s\\0' curl \"$@\"; }}\n{line}");
        let output = feed(ks_tests::programs::program("sh").args(["-c", &script]), b"");
        output.good().split_terminator('\0').collect()
    };
    let theirs: Value = lines.iter().map(by_shell).collect();
    let inputs: Vec<Value> = lines.iter().map(|line| json!([line])).collect();
    assert_eq!(module("curl.js", "words", &json!(inputs)), theirs);
    let ansi = json!([[r"curl $'a\nb\u00e9\'c'"], ["curl 'open"]]);
    assert_eq!(
        module("curl.js", "words", &ansi),
        json!([["curl", "a\nb\u{e9}'c"], { "error": "A quote is opened and not closed." }])
    );
}

#[test]
fn a_line_of_curl_becomes_the_call_that_it_makes() {
    let call = |service: &str, action: &str, values: Value, globals: Value| json!({ "service": service, "action": action, "values": values, "globals": globals });
    let cases = [
        (
            "curl -s 'http://127.0.0.1:8080/api_v3/service/session/action/start?format=1' -d partnerId=102 -d type=2 -d userId=me --data-urlencode 'privileges=all:*,x y'",
            call(
                "session",
                "start",
                json!({ "partnerId": "102", "type": "2", "userId": "me", "privileges": "all:*,x y" }),
                json!({ "format": "1", "partnerId": "102" }),
            ),
        ),
        (
            r#"curl -X POST --url https://h/api_v3/service/user/action/list -H 'Content-Type: application/json' --data-raw '{"ks":"abc","filter":{"idEqual":"me"},"format":1}'"#,
            call("user", "list", json!({ "filter": { "idEqual": "me" } }), json!({ "ks": "abc", "format": 1 })),
        ),
        (
            "curl h/api_v3/ -dservice=category -daction=list -d 'filter:objectType=KalturaCategoryFilter&filter:idEqual=7&filter:tagsLike__null='",
            call(
                "category",
                "list",
                json!({ "filter": { "objectType": "KalturaCategoryFilter", "idEqual": "7", "tagsLike": null } }),
                json!({}),
            ),
        ),
        (
            "$ curl -sS http://h/api_v3/service/category/action/get/id/12/ks/abc",
            call("category", "get", json!({ "id": "12" }), json!({ "ks": "abc" })),
        ),
    ];
    let inputs: Vec<Value> = cases.iter().map(|(line, _)| json!([line])).collect();
    let found = module("curl.js", "parseCurl", &json!(inputs));
    for (index, (line, expected)) in cases.iter().enumerate() {
        assert_eq!(&found[index], expected, "{line}");
    }
    let multi = "curl h/api_v3/service/multirequest -d 1:service=session -d 1:action=start -d 1:secret=s -d 2:service=user -d 2:action=get -d '2:ks={1:result}' -d format=1";
    let found = module("curl.js", "parseCurl", &json!([[multi]]));
    assert_eq!(
        found[0]["calls"],
        json!([{ "service": "session", "action": "start", "values": { "secret": "s" } },
               { "service": "user", "action": "get", "values": { "ks": "{1:result}" } }])
    );
    for (line, why) in [
        ("wget http://h/", "This is no line of curl"),
        ("curl", "There is no address in it."),
        ("curl http://h/elsewhere", "It names no service and action"),
        ("curl http://h/api_v3/service/a/action/b -d '{broken'", "looks like JSON and is none"),
    ] {
        let found = module("curl.js", "parseCurl", &json!([[line]]));
        assert!(found[0]["error"].as_str().is_some_and(|it| it.contains(why)), "{line}: {found}");
    }
}

#[test]
fn code_that_the_console_writes_with_curl_can_be_pasted_into_it() {
    let server = Server::dev();
    let mut browser = Browser::start();
    let curl = format!(
        "curl -s '{}/api_v3/service/session/action/start' -d format=1 -d secret={} -d type=2 -d partnerId={} -d userId=pasted",
        server.url,
        server.told("adminSecret"),
        server.partner()
    );
    // The test console.
    browser.open(&format!("{}/api_v3/testme/", server.url));
    browser.wait_for("document.documentElement.dataset.ready === 'yes'");
    browser.click("DisclosureTriangle", "Import from curl");
    browser.fill("A line of curl", "curl http://h/api_v3/service/session/action/nothing");
    browser.click("button", "Import");
    browser.wait_for_text("There is no action session.nothing here.");
    browser.fill("A line of curl", &curl);
    browser.click("button", "Import");
    browser.wait_for("document.querySelector('#action').value === 'start'");
    browser.wait_for("document.querySelector('[data-name=userId] input')?.value === 'pasted'");
    assert_eq!(browser.value("textbox", "secret (string)"), server.told("adminSecret"));
    assert_eq!(browser.value("combobox", "type (KalturaSessionType)"), "ADMIN");
    assert_eq!(browser.value("combobox", "Format (int)"), "JSON");
    assert_eq!(browser.value("textbox", "A line of curl"), "", "the line, and the secret in it, stays");
    // The developer console goes to the action's page.
    go(&mut browser, &server.url, "");
    browser.click("DisclosureTriangle", "Import from curl");
    browser.fill("A line of curl", &curl);
    browser.click("button", "Import");
    browser.wait_for("document.querySelector('h1').textContent === 'session.start'");
    ready(&mut browser);
    assert_eq!(browser.value("textbox", "userId: string"), "pasted");
    assert_eq!(browser.value("textbox", "secret: string"), server.told("adminSecret"));
    browser.click("button", "Send Request");
    browser.wait_for("document.querySelector('.lines li')?.textContent.startsWith('djJ8')");
    let asked = browser.requests().join("\n") + browser.eval("location.href").as_str().unwrap();
    assert!(!asked.contains(server.told("adminSecret")), "{asked}");
    browser.assert_clean(&server.url);
}

#[test]
fn the_palette_leads_anywhere_by_keyboard() {
    let server = Server::dev();
    let mut browser = Browser::start();
    browser.open(&format!("{}/", server.url));
    browser.wait_for("!document.querySelector('[data-palette]').hidden");
    browser.press_with("k", 75, 2);
    browser.wait_for("document.activeElement.id === 'palette-input'");
    browser.insert("category get");
    browser.wait_for(
        "document.querySelector('#palette-list [aria-selected=true]')?.textContent.startsWith('category.get ')",
    );
    browser.press("ArrowDown", 40);
    browser.press("ArrowUp", 38);
    assert_eq!(browser.axe(), Vec::<String>::new());
    browser.screenshot("palette", false);
    browser.press("Enter", 13);
    browser.wait_for("location.pathname === '/api-docs/service/category/action/get'");
    ready(&mut browser);
    // Within the developer console it is the same document, and Esc leaves everything as it is.
    browser.eval("window.same = true");
    browser.press_with("k", 75, 2);
    browser.wait_for("document.activeElement.id === 'palette-input'");
    browser.insert("nothing is called this");
    browser.wait_for_text("Nothing is called that.");
    browser.press("Escape", 27);
    browser.wait_for("!document.querySelector('dialog').open");
    browser.click("button", "Go to… Ctrl K");
    browser.wait_for("document.activeElement.id === 'palette-input'");
    browser.insert("loginByLoginId");
    browser.wait_for(
        "document.querySelector('#palette-list [aria-selected=true]')?.textContent.includes('user.loginByLoginId')",
    );
    browser.press("Enter", 13);
    browser.wait_for("document.querySelector('h1').textContent.endsWith('loginByLoginId')");
    assert_eq!(browser.eval("window.same"), true);
    // The test console chooses the action.
    browser.open(&format!("{}/api_v3/testme/", server.url));
    browser.wait_for("document.documentElement.dataset.ready === 'yes'");
    browser.press_with("k", 75, 2);
    browser.wait_for("document.activeElement.id === 'palette-input'");
    browser.insert("system.ping");
    browser.wait_for(
        "document.querySelector('#palette-list [aria-selected=true]')?.textContent.startsWith('system.ping ')",
    );
    browser.press("Enter", 13);
    browser.wait_for("document.querySelector('#action').value === 'ping'");
    assert_eq!(browser.eval("location.pathname"), "/api_v3/testme/");
    browser.assert_clean(&server.url);
}

#[test]
fn two_texts_are_put_side_by_side_where_they_are_the_same() {
    let found = module(
        "compare.js",
        "rows",
        &json!([["a\nb\nc", "a\nx\nc"], ["a\nb\nc\nd", "a\nc\nd\ne"], ["same", "same"], ["", "new"],]),
    );
    let same = |line: &str| json!(["same", line, line]);
    assert_eq!(found[0], json!([same("a"), ["changed", "b", "x"], same("c")]));
    assert_eq!(found[1], json!([same("a"), ["left", "b", ""], same("c"), same("d"), ["right", "", "e"]]));
    assert_eq!(found[2], json!([same("same")]));
    assert_eq!(found[3], json!([["changed", "", "new"]]));
    // Whatever two texts are, each side is found again whole.
    let texts: Vec<String> = (0..40_u32)
        .map(|seed| {
            (0..seed % 9)
                .map(|at| ["a", "b", "c"][((seed * 7 + at * at * 5) % 3) as usize])
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect();
    let inputs: Vec<Value> = texts.windows(2).map(|pair| json!([pair[0], pair[1]])).collect();
    let found = module("compare.js", "rows", &json!(inputs));
    for (pair, rows) in texts.windows(2).zip(found.as_array().expect("a list")) {
        let rows = rows.as_array().expect("rows");
        for (side, missing, whole) in [(1, "right", &pair[0]), (2, "left", &pair[1])] {
            let lines: Vec<&str> =
                rows.iter().filter(|row| row[0] != missing).filter_map(|row| row[side].as_str()).collect();
            assert_eq!(&lines.join("\n"), whole, "{rows:?}");
        }
    }
}

#[test]
fn an_answer_is_kept_and_compared_with_the_next() {
    let server = Server::dev();
    let mut browser = Browser::start();
    browser.open(&format!("{}/api_v3/testme/?service=session&action=get", server.url));
    browser.wait_for("document.documentElement.dataset.ready === 'yes'");
    let send = |browser: &mut Browser, ks: &str| {
        browser.fill("Kaltura API session (string)", ks);
        told(browser);
        browser.eval("document.querySelector('#answer').replaceChildren()");
        browser.click("button", "Send");
        browser.wait_for("document.querySelector('#answer .status')");
    };
    send(&mut browser, &server.start_ks(2, "one", ""));
    assert!(!browser.has("tab", "Compare"));
    browser.click("button", "Keep to compare");
    send(&mut browser, &server.start_ks(2, "two", ""));
    browser.click("tab", "Compare");
    browser.wait_for("document.querySelector('.diff .changed')");
    let changed = browser.eval("[...document.querySelectorAll('.diff .changed td')].map((it) => it.innerText.trim())");
    let changed: Vec<&str> = changed.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(changed.iter().any(|it| it.contains("<userId>one</userId>")), "{changed:?}");
    assert!(changed.iter().any(|it| it.contains("<userId>two</userId>")), "{changed:?}");
    assert!(!changed.iter().any(|it| it.contains("<sessionType>")), "{changed:?}");
    assert_eq!(browser.axe(), Vec::<String>::new());
    browser.screenshot("compare", false);
    browser.size(320, 700);
    browser.wait_for("innerWidth === 320");
    assert!(browser.eval("document.documentElement.scrollWidth").as_i64() <= Some(320));
    browser.assert_clean(&server.url);
}
