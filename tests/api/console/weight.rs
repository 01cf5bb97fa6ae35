//! What pages weigh, with every style and module that they load, and with those that they load when something is opened.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use ks_tests::browser::Browser;
use ks_tests::http::Request;
use ks_tests::server::Server;

use super::looks::PAGES;

/// As it comes over the wire, and as it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    plain: usize,
    packed: usize,
}

fn weigh(server: &Server, target: &str) -> (Weight, String) {
    let plain = server.send(&Request::get(target));
    assert_eq!(plain.status, 200, "{target}");
    let packed = server.send(&Request::get(target).header("Accept-Encoding", "gzip"));
    (Weight { plain: plain.body.len(), packed: packed.body.len() }, plain.text())
}

/// The modules that a module names: those that it always loads, and those that it loads when they are wanted.
fn modules(code: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (mark, wanted) in [(" from \"", false), ("import(\"", true)] {
        let names = code.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
        found.extend(
            names.filter(|name| name.starts_with('.') && name.ends_with(".js")).map(|it| (it.to_owned(), wanted)),
        );
    }
    found
}

/// The address that a relative name has, seen from a module.
fn beside(module: &str, name: &str) -> String {
    let mut path = PathBuf::from(module);
    path.pop();
    for part in Path::new(name).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(part) => path.push(part),
            _ => {}
        }
    }
    path.display().to_string()
}

/// A page with what it loads, and with everything that it can load.
fn page(server: &Server, path: &str) -> (Weight, Weight) {
    let (own, html) = weigh(server, path);
    let mut found: BTreeMap<String, (Weight, bool)> = BTreeMap::new();
    let mut left: Vec<(String, bool)> = html
        .split("\"/assets/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|name| (format!("/assets/{name}"), false))
        .collect();
    while let Some((target, wanted)) = left.pop() {
        // What is loaded at once is so, whoever else loads it later.
        if found.get(&target).is_some_and(|(_, before)| !before || wanted) {
            continue;
        }
        let (weight, code) = weigh(server, &target);
        found.insert(target.clone(), (weight, wanted));
        if target.ends_with(".js") {
            left.extend(modules(&code).into_iter().map(|(name, later)| (beside(&target, &name), wanted || later)));
        }
    }
    let sum = |all: bool| {
        let weights = found.values().filter(|(_, wanted)| all || !wanted).map(|(weight, _)| *weight);
        weights.fold(own, |sum, it| Weight { plain: sum.plain + it.plain, packed: sum.packed + it.packed })
    };
    (sum(false), sum(true))
}

const KB: usize = 1024;

#[test]
fn a_page_weighs_less_than_150_kb_and_much_less_on_the_wire() {
    let server = Server::dev();
    for (name, path) in PAGES {
        let (loaded, all) = page(&server, path.split('#').next().unwrap_or_default());
        let told =
            |weight: Weight| format!("{} KB, {} KB packed", weight.plain.div_ceil(KB), weight.packed.div_ceil(KB));
        println!("{name}: {}; with everything that can be opened {}", told(loaded), told(all));
        assert!(loaded.plain < 150 * KB && loaded.packed < 64 * KB, "{name} loads {}", told(loaded));
        assert!(all.packed < 80 * KB, "{name} can load {}", told(all));
        assert!(loaded.packed < loaded.plain && loaded.plain <= all.plain, "{name} was not weighed");
    }
}

#[test]
fn what_a_browser_loads_is_what_was_weighed() {
    let server = Server::dev();
    let mut browser = Browser::start();
    for path in ["/api_v3/testme/", "/api-docs/service/session/action/start", "/console/ks"] {
        browser.open(&format!("{}{path}", server.url));
        let loaded = browser.eval(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]\
             .filter((it) => !it.name.endsWith('.svg')).reduce((sum, it) => sum + it.decodedBodySize, 0)",
        );
        let icon = server.send(&Request::get("/favicon.ico")).header("location").unwrap_or_default().to_owned();
        let icon = server.send(&Request::get(&icon)).body.len();
        let (weighed, _) = page(&server, path);
        assert_eq!(loaded.as_u64(), Some((weighed.plain - icon) as u64), "{path}");
    }
}
