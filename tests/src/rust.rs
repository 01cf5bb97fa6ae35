//! Rust programs that are text: compiled against the crates that cargo built beside the tests, and run.

use std::path::{Path, PathBuf};
use std::process::Command;

use memchr::memmem;

use crate::programs::program;
use crate::server::{Output, run_command};

/// A compiled program, until it is dropped.
#[derive(Debug)]
pub struct Compiled {
    folder: tempfile::TempDir,
}

impl Compiled {
    /// The program, apart from the surroundings of whoever runs the tests.
    #[must_use]
    pub fn command(&self) -> Command {
        program(&self.folder.path().join("program").to_string_lossy())
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(&self) -> Output {
        run_command(&mut self.command())
    }
}

/// Compiles a program that uses `ks-client`, `ks-token`, `tokio` and `serde_json`.
///
/// # Panics
/// When it does not compile.
#[must_use]
#[track_caller]
pub fn compile(code: &str) -> Compiled {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source = folder.path().join("program.rs");
    std::fs::write(&source, code).expect("a temporary file");
    let deps = deps();
    let client = newest(&deps, "ks_client", None);
    let bytes = std::fs::read(&client).expect("a library can be read");
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition", "2024", "-C", "debuginfo=0", "-o"]).arg(folder.path().join("program")).arg(&source);
    rustc.arg("-L").arg(format!("dependency={}", deps.display()));
    rustc.arg("--extern").arg(format!("ks_client={}", client.display()));
    for name in ["ks_token", "tokio", "serde_json"] {
        let library = newest(&deps, name, Some(&bytes));
        rustc.arg("--extern").arg(format!("{name}={}", library.display()));
    }
    let output = run_command(&mut rustc);
    assert!(output.status.success(), "{code}\n{}", output.err);
    Compiled { folder }
}

/// Where cargo puts libraries: the tests' own folder.
fn deps() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    test.parent().expect("a test lies in a folder").to_owned()
}

/// The library that was built last, of those that another one was built with: there may be several that differ in
/// features, and a program must not have two runtimes.
fn newest(deps: &Path, name: &str, used_by: Option<&[u8]>) -> PathBuf {
    let prefix = format!("lib{name}-");
    let files = std::fs::read_dir(deps).expect("a folder of libraries").flatten();
    let mut found: Vec<_> = files
        .filter_map(|file| {
            let text = file.file_name().to_string_lossy().into_owned();
            let hash = text.strip_prefix(&prefix)?.strip_suffix(".rlib")?.to_owned();
            let is_used = used_by.is_none_or(|bytes| memmem::find(bytes, hash.as_bytes()).is_some());
            is_used.then(|| Some((file.metadata().ok()?.modified().ok()?, file.path())))?
        })
        .collect();
    found.sort();
    let (_, path) = found.pop().unwrap_or_else(|| panic!("{name} was not built beside the tests"));
    path
}
