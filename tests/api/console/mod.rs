//! The pages around the API.

mod account;
mod developer;
mod docs;
mod entitlement;
mod examples;
mod features;
mod howto;
mod inspector;
mod looks;
mod openapi;
mod pages;
mod second_factor;
mod sessions;
mod tools;
mod trial;
mod weight;
mod workflows;

use ks_tests::browser::Browser;
use serde_json::Value;

/// Waits for what the server says of a session that was filled in: it moves what stands below.
fn told(browser: &mut Browser) {
    browser.wait_for("document.querySelector('#session strong')");
}

/// Waits for the form of the action that was chosen in the test console: what was there before it sends nothing.
fn form(browser: &mut Browser) {
    browser.wait_for(
        "['multirequest', ''].includes(document.querySelector('#service')?.value ?? '') \
         || document.querySelector('#params > .params')",
    );
}

/// The body that went out, as the console shows it.
fn sent(browser: &mut Browser) -> Value {
    let text = browser.eval("document.querySelector('#panel-sent pre').textContent");
    let body = text.as_str().unwrap_or_default().split_once("\n\n").map(|(_, body)| body).unwrap_or_default();
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The lines of the answer that is shown.
fn answer(browser: &mut Browser) -> String {
    let lines = browser.eval("[...document.querySelectorAll('.lines li')].map((it) => it.textContent).join('\\n')");
    lines.as_str().unwrap_or_default().to_owned()
}
