//! The examples of `ks-client`, as they stand in its folder.

use ks_tests::server::{Server, run_command};

#[test]
fn every_example_runs() {
    let expected = [
        ("batch", "Faculty>Physics\nDUPLICATE_CATEGORY: "),
        ("errors", "no category 204796843\nSERVICE_DOES_NOT_EXISTS\n"),
        ("sessions", "secret: "),
    ];
    let folder = ks_tests::root().join("crates/ks-client/examples");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, expected.map(|(name, _)| name));
    let server = Server::dev();
    for (name, output) in expected {
        let code = std::fs::read_to_string(folder.join(format!("{name}.rs"))).unwrap();
        let program = ks_tests::rust::compile(&code);
        let done = run_command(program.command().env("KS_URL", &server.url));
        assert!(done.good().starts_with(output), "{name}: {}", done.out);
    }
}
