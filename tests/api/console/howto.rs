//! `tests/howto.md`, step by step, as a person walks it.

use std::collections::BTreeMap;

use ks_tests::browser::Browser;
use ks_tests::house::House;
use ks_tests::server::Server;
use serde_json::json;

use super::form;

/// A line of the file that says what to do.
struct Step {
    /// The numbered step that it belongs to, as a name for pictures.
    part: String,
    verb: String,
    /// The texts between backquotes.
    words: Vec<String>,
}

fn steps(text: &str) -> Vec<Step> {
    let mut part = String::new();
    let mut section = String::new();
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title[..1].to_lowercase();
            part.clone_from(&section);
        }
        let number: String = line.chars().take_while(char::is_ascii_digit).collect();
        if !number.is_empty() {
            part = format!("{section}{number}");
        }
        let Some(rest) = line.strip_prefix("   - ") else { continue };
        let verb = rest.split('`').next().unwrap_or_default().trim().to_owned();
        let words = rest.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        found.push(Step { part: part.clone(), verb, words });
    }
    found
}

/// Whatever the file leaves open, such as a KS, has this shape.
fn fits(shown: &str, pattern: &str, known: &mut BTreeMap<String, String>) -> bool {
    for (name, check) in [("{ks}", is_ks as fn(&str) -> bool), ("{seconds}", |it| it.parse::<f64>().is_ok())] {
        if let Some((before, after)) = pattern.split_once(name) {
            let value = shown.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            return value.is_some_and(|value| {
                if name == "{ks}" {
                    // Once shown, it is the same one everywhere.
                    let first = known.entry(name.to_owned()).or_insert_with(|| value.to_owned());
                    return check(value) && first == value;
                }
                check(value)
            });
        }
    }
    shown == pattern
}

fn is_ks(text: &str) -> bool {
    text.len() > 80 && text.starts_with("djJ8")
}

/// A field is a text box or a drop-down: the label does not say which.
fn role_of(browser: &mut Browser, label: &str) -> &'static str {
    browser.wait_for(&format!(
        "[...document.querySelectorAll('label')].some((it) => it.innerText === {label:?} && it.checkVisibility())"
    ));
    if browser.has("combobox", label) { "combobox" } else { "textbox" }
}

/// Where a label, button, fold or word of status begins.
#[track_caller]
fn edge(browser: &mut Browser, text: &str, side: &str) -> f64 {
    let found = format!(
        "[...document.querySelectorAll('label, button, summary, .status .badge')]\
         .find((it) => it.innerText === {text:?} && it.checkVisibility())"
    );
    browser.wait_for(&found);
    let scroll = if side == "top" { "scrollY" } else { "scrollX" };
    browser.eval(&format!("{found}.getBoundingClientRect().{side} + {scroll}")).as_f64().expect("a place on the page")
}

fn is_fold(browser: &mut Browser, text: &str) -> bool {
    let found = format!("[...document.querySelectorAll('summary')].some((it) => it.innerText === {text:?})");
    browser.eval(&found) == true
}

/// Walks steps in a browser; what they leave open is kept in `known`.
fn walk(browser: &mut Browser, url: &str, steps: &[Step]) {
    let mut known = BTreeMap::new();
    // Labels must follow each other down the page as they do in the file.
    let mut place = -1.0;
    for (index, step) in steps.iter().enumerate() {
        let word = |at: usize| step.words.get(at).map(String::as_str).unwrap_or_default();
        match step.verb.as_str() {
            "open" => browser.open(&format!("{url}{}", word(0))),
            "heading" => assert!(browser.has("heading", word(0)), "no heading {}", word(0)),
            "follow" => browser.click("link", word(0)),
            "tab" => assert!(browser.has("link", word(0)), "no tab {}", word(0)),
            "language" => assert!(browser.has("tab", word(0)), "no language {}", word(0)),
            "field" | "button" | "fold" => {
                if step.verb == "field" {
                    role_of(browser, word(0));
                }
                let top = edge(browser, word(0), "top");
                assert!(top > place, "{} is out of order", word(0));
                place = top;
            }
            "row" => {
                let edges: Vec<(f64, f64)> =
                    step.words.iter().map(|it| (edge(browser, it, "top"), edge(browser, it, "left"))).collect();
                let in_row = |pair: &[(f64, f64)]| pair[0].0 == pair[1].0 && pair[0].1 < pair[1].1;
                assert!(edges.windows(2).all(in_row), "{:?} do not stand side by side: {edges:?}", step.words);
            }
            "right" => {
                browser.wait_for_text(word(0));
                let form = edge(browser, "Send Request", "left");
                assert!(edge(browser, word(0), "left") > form + 200.0, "{} is not on the right", word(0));
            }
            "option" => {
                const TEXTS: &str = "(label) => [...[...document.querySelectorAll('label')]
                    .find((it) => it.innerText === label && it.checkVisibility()).control.options]
                    .map((it) => it.textContent)";
                let texts = browser.eval(&format!("({TEXTS})({:?})", word(0)));
                assert!(texts.as_array().is_some_and(|it| it.iter().any(|it| it == word(1))), "{texts}");
            }
            "first-option" => {
                let first = browser.eval("document.querySelector('#format').options[0].textContent");
                assert_eq!((word(0), first.as_str()), ("Format (int)", Some(word(1))));
            }
            "value" | "chosen" => {
                let role = role_of(browser, word(0));
                let value = browser.value(role, word(0));
                assert!(fits(&value, word(1), &mut known), "{}: {value}", word(0));
            }
            "choose" => browser.choose(word(0), word(1)),
            "fill" => browser.fill(word(0), word(1)),
            "press" if ["Send", "Send Request"].contains(&word(0)) => {
                form(browser);
                // The answer before must not be taken for this one.
                browser.eval("document.querySelector('.answer').replaceChildren()");
                browser.click("button", word(0));
                browser.wait_for("document.querySelector('.answer .status')");
            }
            "press" if is_fold(browser, word(0)) => browser.click("DisclosureTriangle", word(0)),
            "press" => browser.click("button", word(0)),
            "shows" => browser.wait_for_text(word(0)),
            line if line.starts_with("line ") => {
                let number: usize = line[5..].parse().expect("a number");
                let all = browser.eval("[...document.querySelectorAll('.lines li')].map((it) => it.textContent)");
                let shown = all[number - 1].as_str().unwrap_or_default().to_owned();
                assert!(fits(&shown, word(0), &mut known), "line {number}: {shown:?}");
                let counted = "getComputedStyle(document.querySelector('.lines li'), '::before').content";
                assert_eq!(browser.eval(counted), "counter(line)", "lines have no numbers");
            }
            other => panic!("nobody knows how to {other}"),
        }
        let last = steps.get(index + 1).is_none_or(|next| next.part != step.part);
        if last {
            browser.screenshot(&format!("howto-{}", step.part), false);
            place = -1.0;
        }
    }
    browser.assert_clean(url);
}

/// The steps of a section of the file, with what is known put into them.
fn section(name: &str, known: &[(&str, &str)]) -> Vec<Step> {
    let mut text = std::fs::read_to_string(ks_tests::root().join("tests/howto.md")).expect("tests/howto.md");
    for (place, value) in known {
        text = text.replace(place, value);
    }
    let steps: Vec<Step> = steps(&text).into_iter().filter(|step| step.part.starts_with(name)).collect();
    assert!(steps.len() > 20, "section {name} has lost its steps");
    steps
}

/// Walks a section on a server of its own.
fn follow(name: &str) {
    let server = Server::dev();
    let partner = server.partner().to_string();
    let known = [
        ("{partner}", partner.as_str()),
        ("{adminSecret}", server.told("adminSecret")),
        ("{email}", server.told("adminEmail")),
        ("{password}", server.told("adminPassword")),
    ];
    walk(&mut Browser::start(), &server.url, &section(name, &known));
}

#[test]
fn the_developer_console_can_be_followed_word_for_word() {
    follow("a");
}

#[test]
fn the_test_console_can_be_followed_word_for_word() {
    follow("b");
}

#[test]
fn what_seems_to_be_missing_is_found_word_for_word() {
    let house = House::build();
    let account = house.account(903);
    house.change(&account, |partner| partner.default_entitlement_enforcement = true);
    let all = account.mint(2, "root", "all:*,disableentitlement");
    let category =
        json!({ "objectType": "KalturaCategory", "name": "Lectures", "privacyContext": "lectures", "privacy": 3 });
    let made = house.good("category.add", &json!({ "ks": all, "category": category }));
    let id = made["id"].to_string();
    let steps = section("c", &[("{partner}", "903"), ("{adminSecret}", &account.admin_secret), ("{category}", &id)]);
    walk(&mut Browser::start(), &format!("http://{}", house.addr), &steps);
}
