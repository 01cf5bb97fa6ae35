//! `tests/howto.md`, step by step, as a person walks it.

use std::collections::BTreeMap;

use ks_tests::browser::Browser;
use ks_tests::server::Server;

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
        "[...document.querySelectorAll('label')].some((it) => it.innerText === {label:?} && it.offsetParent)"
    ));
    if browser.has("combobox", label) { "combobox" } else { "textbox" }
}

#[test]
fn the_page_can_be_followed_word_for_word() {
    let server = Server::dev();
    let text = std::fs::read_to_string(ks_tests::root().join("tests/howto.md")).unwrap();
    let text =
        text.replace("{partner}", &server.partner().to_string()).replace("{adminSecret}", server.told("adminSecret"));
    let steps = steps(&text);
    assert!(steps.len() > 50, "the file has lost its steps");
    let mut browser = Browser::start();
    let mut known = BTreeMap::new();
    // Labels must follow each other down the page as they do in the file.
    let mut place = -1.0;
    for (index, step) in steps.iter().enumerate() {
        let word = |at: usize| step.words.get(at).map(String::as_str).unwrap_or_default();
        match step.verb.as_str() {
            "open" => browser.open(&format!("{}{}", server.url, word(0))),
            "tab" => assert!(browser.has("link", word(0)), "no tab {}", word(0)),
            "language" => assert!(browser.has("tab", word(0)), "no language {}", word(0)),
            "field" | "button" => {
                if step.verb == "field" {
                    role_of(&mut browser, word(0));
                }
                let find = format!(
                    "[...document.querySelectorAll('label, button')].find((it) => it.innerText === {:?} && \
                     it.offsetParent).getBoundingClientRect().top + scrollY",
                    word(0)
                );
                let top = browser.eval(&find).as_f64().unwrap();
                assert!(top > place, "{} is out of order", word(0));
                place = top;
            }
            "first-option" => {
                let first = browser.eval("document.querySelector('#format').options[0].textContent");
                assert_eq!((word(0), first.as_str()), ("Format (int)", Some(word(1))));
            }
            "value" | "chosen" => {
                let role = role_of(&mut browser, word(0));
                let value = browser.value(role, word(0));
                assert!(fits(&value, word(1), &mut known), "{}: {value}", word(0));
            }
            "choose" => browser.choose(word(0), word(1)),
            "fill" => browser.fill(word(0), word(1)),
            "press" => browser.click("button", word(0)),
            "shows" => browser.wait_for_text(word(0)),
            line if line.starts_with("line ") => {
                let number: usize = line[5..].parse().unwrap();
                browser.wait_for("document.querySelectorAll('.lines li').length >= 4");
                let all = browser.eval("[...document.querySelectorAll('.lines li')].map((it) => it.textContent)");
                let shown = all[number - 1].as_str().unwrap().to_owned();
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
    browser.assert_clean(&server.url);
}
