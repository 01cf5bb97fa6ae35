//! The worked example of CONTRIBUTING.md, carried out on a copy of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use ks_tests::server::{Output, run_command};

/// The first block in this language.
fn block(text: &str, language: &str) -> String {
    let open = format!("```{language}\n");
    let mut lines = text.split_inclusive('\n').skip_while(|line| !line.trim_start().eq(open.as_str())).skip(1);
    let code: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
    assert!(!code.is_empty(), "CONTRIBUTING.md has a {language} block");
    // The blocks stand in a list, indented by three.
    code.iter().map(|line| line.strip_prefix("   ").unwrap_or(line)).collect()
}

/// What the tests have compiled already need not be compiled again.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // target/<profile>/deps/api-<hash>
    test.ancestors().nth(3).expect("a test lies in a target folder").to_owned()
}

fn cargo(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(folder).env("CARGO_TARGET_DIR", target()).env_remove("CARGO_MANIFEST_DIR");
    run_command(&mut command)
}

/// `cargo xtask gen` in a copy, by the program of this repository: theirs is the same.
fn generate(copy: &Path) -> Output {
    let built = cargo(&ks_tests::root(), &["build", "--quiet", "--package", "xtask"]);
    assert!(built.status.success(), "{}", built.err);
    let mut command = Command::new(target().join("debug/xtask"));
    run_command(command.arg("gen").env("CARGO_MANIFEST_DIR", copy.join("xtask")))
}

#[test]
fn an_action_is_added_as_contributing_says() {
    let root = ks_tests::root();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path();
    // Tracked files and new ones alike: the example must work on what is about to be committed.
    let listed = Command::new("git").args(["ls-files", "-z", "-co", "--exclude-standard"]).current_dir(&root).output();
    for name in String::from_utf8(listed.unwrap().stdout).unwrap().split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (root.join(name), copy.join(name));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        // A file that was deleted and not yet committed as such is listed too.
        if from.is_file() {
            std::fs::copy(from, to).unwrap();
        }
    }
    // Cargo tells packages apart by name, version and place in their workspace, so without another version the copy's
    // artifacts would be taken for this repository's own.
    let manifest = copy.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    assert!(text.contains("version = \"0.1.0\""), "the version has changed: change this test");
    std::fs::write(&manifest, text.replace("version = \"0.1.0\"", "version = \"0.1.999\"")).unwrap();

    let guide = std::fs::read_to_string(copy.join("CONTRIBUTING.md")).unwrap();

    let declarations = copy.join("api/services/system.toml");
    let mut text = std::fs::read_to_string(&declarations).unwrap();
    text.push_str(&format!("\n{}", block(&guide, "toml")));
    std::fs::write(&declarations, text).unwrap();
    let generated = generate(copy);
    assert!(generated.status.success(), "{}", generated.err);

    // Machine code is of no use here.
    let check = ["check", "--quiet", "--package", "ks-service"];
    let refused = cargo(copy, &check);
    assert!(!refused.status.success(), "an action without a handler compiles");
    assert!(refused.err.contains("get_uptime"), "{}", refused.err);

    let service = copy.join("crates/ks-service/src/system.rs");
    let text = std::fs::read_to_string(&service).unwrap();
    let text = text
        .replace("use crate::generated::system::{", "use crate::generated::system::{GetUptime, ")
        .replace("impl Service for System {\n", &format!("impl Service for System {{\n{}\n", block(&guide, "rust")));
    std::fs::write(&service, text).unwrap();
    let built = cargo(copy, &check);
    assert!(built.status.success(), "{}", built.err);
}
