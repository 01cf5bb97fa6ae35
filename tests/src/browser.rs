//! A real browser, driven over the DevTools protocol through a pipe: pages are used as people use them, by the names
//! that things have on the screen and for screen readers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::programs::{is_root, program};

/// Long enough for the slowest machine: a wait that never ends must fail a test and not hang it.
const PATIENCE: Duration = Duration::from_secs(60);

/// One page in a browser of its own. The browser ends when it goes out of scope.
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    session: String,
    next: u64,
    /// What went wrong in the page: errors on its console, exceptions, violations of its policy.
    problems: Vec<String>,
    /// Every address that the page asked for.
    requests: Vec<String>,
    _profile: TempDir,
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Browser").field("problems", &self.problems).finish_non_exhaustive()
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}

impl Theme {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Browser {
    /// Starts a browser with an empty page.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        // The protocol goes over descriptors 3 and 4, which a shell can make of the usual ones.
        let mut command: Command = program("sh");
        command.args(["-c", r#"exec "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"#, "sh", "chromium"]);
        command
            .args([
                "--headless",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
            ])
            .args(["--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage"])
            .args(["--hide-scrollbars", "--force-prefers-reduced-motion", "--remote-debugging-pipe"])
            // Whatever name a page asks for, nothing leaves this machine.
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            // It clears nothing away when it is killed.
            .env("TMPDIR", profile.path());
        if is_root() {
            // Chromium's sandbox refuses root.
            command.arg("--no-sandbox");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromium is installed: `cargo xtask test --install`");
        let to = child.stdin.take().expect("stdin is piped");
        let out = child.stdout.take().expect("stdout is piped");
        let (sender, from) = mpsc::channel();
        std::thread::spawn(move || {
            for message in BufReader::new(out).split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else { continue };
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut browser = Self {
            child,
            to,
            from,
            session: String::new(),
            next: 0,
            problems: Vec::new(),
            requests: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", &attach);
        browser.session = attached["sessionId"].as_str().expect("a session").to_owned();
        for domain in ["Page", "Runtime", "Log", "Network", "DOM", "Accessibility", "Audits"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser.size(1280, 900);
        browser
    }

    /// Sends a command of the protocol and waits for its answer.
    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.ask(method, params).unwrap_or_else(|error| panic!("{method} {params}: {error}"))
    }

    /// The same, where an error says something.
    fn ask(&mut self, method: &str, params: &Value) -> Result<Value, Value> {
        self.next += 1;
        let id = self.next;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).expect("the browser listens");
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.receive(end).unwrap_or_else(|| panic!("{method} was not answered"));
            if answer["id"] == id {
                let error = &answer["error"];
                return if error.is_null() { Ok(answer["result"].clone()) } else { Err(error.clone()) };
            }
        }
    }

    /// The next message; events are noted.
    fn receive(&mut self, end: Instant) -> Option<Value> {
        match self.from.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(message) => {
                self.note(&message);
                Some(message)
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("the browser has ended"),
        }
    }

    fn note(&mut self, message: &Value) {
        let params = &message["params"];
        match message["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => self.problems.push(format!("exception: {}", params["exceptionDetails"])),
            "Runtime.consoleAPICalled" if ["error", "warning", "assert"].iter().any(|it| params["type"] == *it) => {
                self.problems.push(format!("console: {}", params["args"]));
            }
            "Log.entryAdded" if params["entry"]["level"] == "error" => {
                self.problems.push(format!("log: {} {}", params["entry"]["text"], params["entry"]["url"]));
            }
            "Audits.issueAdded" if params["issue"]["code"] == "ContentSecurityPolicyIssue" => {
                self.problems.push(format!("policy: {}", params["issue"]["details"]));
            }
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                self.requests.push(url.to_owned());
            }
            _ => {}
        }
    }

    /// Opens an address and waits until the page is there.
    pub fn open(&mut self, url: &str) {
        // The same address again, or one that differs behind the `#` alone, is no new page unless another was between.
        self.call("Page.navigate", &json!({ "url": "about:blank" }));
        self.call("Page.navigate", &json!({ "url": url }));
        self.wait_for("location.href !== 'about:blank' && document.readyState === 'complete'");
    }

    /// Loads the page again.
    pub fn reload(&mut self) {
        self.eval("window.beforeReload = true");
        self.call("Page.reload", &json!({}));
        self.wait_for("!window.beforeReload && document.readyState === 'complete'");
    }

    /// The value of an expression; a promise is awaited.
    ///
    /// # Panics
    ///
    /// When it throws.
    #[track_caller]
    pub fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &params);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    ///
    /// # Panics
    ///
    /// When it never is.
    #[track_caller]
    pub fn wait_for(&mut self, condition: &str) {
        let end = Instant::now() + PATIENCE;
        // While a page goes away its expressions have no value.
        let params = json!({ "expression": format!("Boolean({condition})"), "returnByValue": true });
        loop {
            // Nor has a question an answer that a page goes away under.
            if self.ask("Runtime.evaluate", &params).is_ok_and(|answer| answer["result"]["value"] == true) {
                return;
            }
            assert!(Instant::now() < end, "never: {condition}\n{}\n{:?}", self.text(), self.problems);
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Waits until the page shows a text.
    #[track_caller]
    pub fn wait_for_text(&mut self, text: &str) {
        self.wait_for(&format!("document.body.innerText.includes({})", json!(text)));
    }

    /// What the page shows.
    #[track_caller]
    pub fn text(&mut self) -> String {
        self.eval("document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// The node that has this role and this name, both as screen readers are told, waiting for it to appear.
    #[track_caller]
    fn node(&mut self, role: &str, name: &str) -> i64 {
        let end = Instant::now() + PATIENCE;
        let mut tries = 0;
        loop {
            let nodes = self.named(role, name);
            let seen = nodes.iter().find(|node| node["ignored"] != true && node["backendDOMNodeId"].is_i64());
            if let Some(node) = seen {
                return node["backendDOMNodeId"].as_i64().unwrap_or_default();
            }
            assert!(Instant::now() < end, "no {role} is called {name:?} in\n{}\n{:?}", self.text(), self.problems);
            tries += 1;
            if tries % 100 == 0 {
                self.look_anew();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whether there is something of this role and name now.
    #[track_caller]
    pub fn has(&mut self, role: &str, name: &str) -> bool {
        if self.sees(role, name) {
            return true;
        }
        self.look_anew();
        self.sees(role, name)
    }

    fn sees(&mut self, role: &str, name: &str) -> bool {
        self.named(role, name).iter().any(|node| node["ignored"] != true)
    }

    /// Under load Chromium has left a part of a page out of its tree for good; a new tree has it.
    #[track_caller]
    fn look_anew(&mut self) {
        self.call("Accessibility.disable", &json!({}));
        self.call("Accessibility.enable", &json!({}));
    }

    /// What has this role and this name in the page at this moment.
    fn named(&mut self, role: &str, name: &str) -> Vec<Value> {
        let Ok(document) = self.ask("DOM.getDocument", &json!({ "depth": 0 })) else { return Vec::new() };
        let query = json!({ "nodeId": document["root"]["nodeId"], "role": role, "accessibleName": name });
        // A page that goes away between the two questions has nothing any more.
        let found = self.ask("Accessibility.queryAXTree", &query).unwrap_or_default();
        found["nodes"].as_array().cloned().unwrap_or_default()
    }

    /// Calls a function on a node.
    #[track_caller]
    fn on(&mut self, node: i64, function: &str, arguments: &[Value]) -> Value {
        let object = self.call("DOM.resolveNode", &json!({ "backendNodeId": node }))["object"]["objectId"].clone();
        let arguments: Vec<Value> = arguments.iter().map(|value| json!({ "value": value })).collect();
        let params = json!({ "objectId": object, "functionDeclaration": function, "arguments": arguments,
                             "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.callFunctionOn", &params);
        assert!(answer["exceptionDetails"].is_null(), "{function}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// Clicks what has this role and name with the mouse, where it is seen.
    #[track_caller]
    pub fn click(&mut self, role: &str, name: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.try_click(role, name) {
            assert!(Instant::now() < end, "{role} {name:?} cannot be clicked in\n{}\n{:?}", self.text(), self.problems);
        }
    }

    /// One click; false where the page had moved or replaced what was meant before the mouse was there.
    #[track_caller]
    fn try_click(&mut self, role: &str, name: &str) -> bool {
        const LISTEN: &str = "function () {
            this.wasClicked = false;
            this.addEventListener('click', () => { this.wasClicked = true; }, { capture: true, once: true });
        }";
        const WAS_CLICKED: &str = "function () { return this.wasClicked; }";
        let node = json!({ "backendNodeId": self.node(role, name) });
        let Ok(object) = self.ask("DOM.resolveNode", &node) else { return false };
        let object = object["object"]["objectId"].clone();
        let on = |function: &str| json!({ "objectId": object, "functionDeclaration": function, "returnByValue": true });
        if self.ask("Runtime.callFunctionOn", &on(LISTEN)).is_err()
            || self.ask("DOM.scrollIntoViewIfNeeded", &node).is_err()
        {
            return false;
        }
        let Ok(quads) = self.ask("DOM.getContentQuads", &node) else { return false };
        let quad: Vec<f64> = quads["quads"][0].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        if quad.len() != 8 {
            return false;
        }
        let (x, y) = ((quad[0] + quad[4]) / 2.0, (quad[1] + quad[5]) / 2.0);
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &event);
        }
        // A page that went away because of the click says nothing any more.
        let told = self.ask("Runtime.callFunctionOn", &on(WAS_CLICKED));
        told.map_or(true, |told| told["result"]["value"] == true)
    }

    /// Types a text into the field of this label, in place of what is there.
    #[track_caller]
    pub fn fill(&mut self, label: &str, text: &str) {
        let node = self.node("textbox", label);
        self.call("DOM.focus", &json!({ "backendNodeId": node }));
        self.on(node, "function () { this.select(); }", &[]);
        if text.is_empty() {
            self.press("Backspace", 8);
        } else {
            self.call("Input.insertText", &json!({ "text": text }));
        }
        self.on(node, "function () { this.dispatchEvent(new Event('change', { bubbles: true })); }", &[]);
    }

    /// Types a text where the focus is.
    pub fn insert(&mut self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// Chooses an option of the drop-down of this label, by the option's text.
    #[track_caller]
    pub fn choose(&mut self, label: &str, option: &str) {
        const CHOOSE: &str = "function (text) {
            const option = [...this.options].find((it) => it.textContent === text);
            if (!option) return [...this.options].map((it) => it.textContent).join(', ');
            this.value = option.value;
            this.dispatchEvent(new Event('input', { bubbles: true }));
            this.dispatchEvent(new Event('change', { bubbles: true }));
            return null;
        }";
        let node = self.node("combobox", label);
        self.call("DOM.focus", &json!({ "backendNodeId": node }));
        let there = self.on(node, CHOOSE, &[json!(option)]);
        assert!(there.is_null(), "{label} has no {option:?}, but {there}");
    }

    /// What the field or drop-down of this label has: its value, or the text of the chosen option.
    #[track_caller]
    pub fn value(&mut self, role: &str, label: &str) -> String {
        const READ: &str = "function () { return this.options ? this.selectedOptions[0]?.textContent : this.value; }";
        let node = self.node(role, label);
        self.on(node, READ, &[]).as_str().unwrap_or_default().to_owned()
    }

    /// Presses a key where the focus is.
    pub fn press(&mut self, key: &str, code: u32) {
        self.press_with(key, code, 0);
    }

    /// Presses a key with modifiers (2 is Ctrl, 8 is Shift).
    pub fn press_with(&mut self, key: &str, code: u32, modifiers: u32) {
        for kind in ["keyDown", "keyUp"] {
            let mut event =
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers });
            if key == "Enter" && kind == "keyDown" {
                event["text"] = json!("\r");
            }
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// The size of the window.
    pub fn size(&mut self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// What the system wants: light or dark.
    pub fn theme(&mut self, theme: Theme) {
        let features = json!([{ "name": "prefers-color-scheme", "value": theme.name() },
                              { "name": "prefers-reduced-motion", "value": "reduce" }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Keeps a picture of the page under `target/screenshots`.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    #[track_caller]
    pub fn screenshot(&mut self, name: &str, whole: bool) -> PathBuf {
        let shot = self.call("Page.captureScreenshot", &json!({ "format": "png", "captureBeyondViewport": whole }));
        let data = shot["data"].as_str().expect("a picture").as_bytes();
        let bytes = base64_simd::STANDARD.decode_to_vec(data).expect("base64");
        let path = crate::root().join("target/screenshots").join(format!("{name}.png"));
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("target/ can be written");
        std::fs::write(&path, bytes).expect("target/ can be written");
        path
    }

    /// Runs axe-core over the page: the violations that are serious or critical, in words.
    ///
    /// # Panics
    ///
    /// When axe-core is not installed.
    #[track_caller]
    pub fn axe(&mut self) -> Vec<String> {
        let path = crate::root().join("target/test-deps/node/node_modules/axe-core/axe.min.js");
        let source = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}: run `cargo xtask test --install`", path.display()));
        self.call("Runtime.evaluate", &json!({ "expression": source }));
        let found = self.eval(
            "axe.run(document, { resultTypes: ['violations'] }).then((it) => it.violations\
             .filter((violation) => ['serious', 'critical'].includes(violation.impact))\
             .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html + ' ' + \
             (node.failureSummary ?? '')).join(' | ')}`))",
        );
        found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// What went wrong so far.
    pub fn problems(&mut self) -> Vec<String> {
        // Whatever was on its way arrives before the answer to this.
        self.eval("1");
        self.problems.clone()
    }

    /// Fails where anything went wrong, or anything was asked of another host.
    ///
    /// # Panics
    ///
    /// When it did.
    #[track_caller]
    pub fn assert_clean(&mut self, url: &str) {
        let problems = self.problems();
        assert!(problems.is_empty(), "{problems:#?}");
        let ours = |asked: &&String| {
            ["about:", "data:", "blob:"].iter().any(|scheme| asked.starts_with(scheme)) || asked.starts_with(url)
        };
        let foreign: Vec<&String> = self.requests.iter().filter(|asked| !ours(asked)).collect();
        assert!(foreign.is_empty(), "asked of others: {foreign:?}");
        assert!(self.requests.iter().any(|asked| asked.starts_with(url)), "nothing was asked for at all");
    }

    /// Every address that was asked for.
    #[must_use]
    pub fn requests(&self) -> &[String] {
        &self.requests
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
