//! What the tests need besides Rust: programs of the system, and the published clients.
//!
//! Third-party code is never kept in the repository; exact versions are, in `tests/clients`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{contents, on_path, run, succeeds};
use crate::suite::Scale;

/// A program, and the Debian package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    ("php", "php-cli"),
    ("chromium", "chromium"),
    ("python3", "python3-venv"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("strace", "strace"),
    ("curl", "curl"),
    ("openssl", "openssl"),
    ("ruby", "ruby"),
    ("mcs", "mono-mcs"),
    ("nginx", "nginx"),
    ("javac", "default-jdk-headless"),
];

/// What the soak alone needs: a program, the Debian package that brings it, and the service that Debian starts with it.
const PROGRAMS_OF_SOAK: &[(&str, &str, &str)] = &[
    ("patroni", "patroni", "patroni"),
    ("etcd", "etcd-server", "etcd"),
    ("haproxy", "haproxy", "haproxy"),
    ("pgbouncer", "pgbouncer", "pgbouncer"),
];

/// Where the published clients are installed.
fn home() -> PathBuf {
    crate::root().join("target/test-deps")
}

/// Whether this runs in CI.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// Whether missing things may be installed without being asked to.
pub(crate) fn may_install() -> bool {
    in_ci() || is_root()
}

/// Makes sure that everything is there. Where nothing may be installed, the answer is the line to run.
pub(crate) fn ensure(scale: Scale, asked: bool) -> Result<(), String> {
    // Which are missing now: once they are installed, none is.
    let of_soak: Vec<_> = PROGRAMS_OF_SOAK.iter().filter(|(name, ..)| scale == Scale::Soak && !on_path(name)).collect();
    let mut packages = missing_packages();
    packages.extend(of_soak.iter().map(|(_, package, _)| *package));
    let pythons: Vec<_> = PYTHONS.iter().filter(|python| !python.is_ready()).collect();
    let node = !node_is_ready();
    if packages.is_empty() && pythons.is_empty() && !node {
        return Ok(());
    }
    if !asked && !may_install() {
        return Err(advice(scale, &packages));
    }
    if !packages.is_empty() {
        install_packages(&packages)?;
        let services: Vec<&str> = of_soak.iter().map(|(.., service)| *service).collect();
        end_services(&services)?;
    }
    for python in pythons {
        python.install()?;
    }
    if node {
        install_node()?;
    }
    Ok(())
}

/// The exact line that brings what is missing.
fn advice(scale: Scale, packages: &[&str]) -> String {
    let mut line = String::new();
    if !packages.is_empty() {
        line = format!(
            "sudo apt-get update && sudo apt-get install -y --no-install-recommends {} && ",
            packages.join(" ")
        );
    }
    format!(
        "The tests drive real clients, and some are not here. To install them (system packages with apt-get, \
         clients into target/test-deps), run:\n{line}cargo xtask {} --install",
        scale.verb()
    )
}

fn missing_packages() -> Vec<&'static str> {
    let mut packages: Vec<_> =
        PROGRAMS.iter().filter(|(name, _)| !on_path(name)).map(|(_, package)| *package).collect();
    // Debian splits `venv` off its Python.
    let venv = succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"]));
    if !venv && !packages.contains(&"python3-venv") {
        packages.push("python3-venv");
    }
    // Its server's programs are not on the path.
    if !ks_test_cluster::is_installed() {
        packages.push("postgresql");
    }
    packages
}

fn install_packages(packages: &[&str]) -> Result<(), String> {
    let apt = || {
        let mut command = as_root("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(apt().arg("update"))?;
    run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

/// Ends what Debian has started with packages that were just installed: tests start their own.
fn end_services(services: &[&str]) -> Result<(), String> {
    if services.is_empty() || !Path::new("/run/systemd/system").exists() {
        return Ok(());
    }
    run(as_root("systemctl").args(["disable", "--now"]).args(services))
}

fn as_root(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut sudo = Command::new("sudo");
    sudo.arg(program);
    sudo
}

/// A folder is ready when it was made from the list that the repository has now.
fn is_ready(folder: &Path, list: &str) -> bool {
    let wanted = contents(&crate::root().join(list));
    !wanted.is_empty() && contents(&folder.join("made-from")) == wanted
}

fn mark_ready(folder: &Path, list: &str) -> Result<(), String> {
    let wanted = contents(&crate::root().join(list));
    std::fs::write(folder.join("made-from"), wanted).map_err(|error| format!("{}: {error}", folder.display()))
}

/// A Python with the packages of a list. What is installed together needs the same versions of what it shares, so
/// programs that have nothing to do with each other are apart.
struct Python {
    folder: &'static str,
    list: &'static str,
}

const PYTHONS: &[Python] = &[
    Python { folder: "venv", list: "tests/clients/python/requirements.txt" },
    Python { folder: "judges", list: "tests/clients/judges/requirements.txt" },
];
const NODE_LIST: &str = "tests/clients/node/package.json";

impl Python {
    fn is_ready(&self) -> bool {
        let folder = home().join(self.folder);
        is_ready(&folder, self.list) && succeeds(Command::new(folder.join("bin/python")).arg("--version"))
    }

    fn install(&self) -> Result<(), String> {
        let folder = home().join(self.folder);
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        run(Command::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(crate::root().join(self.list)))?;
        mark_ready(&folder, self.list)
    }
}

fn node_is_ready() -> bool {
    is_ready(&home().join("node"), NODE_LIST)
}

fn install_node() -> Result<(), String> {
    let folder = home().join("node");
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(failed)?;
    }
    std::fs::create_dir_all(&folder).map_err(failed)?;
    std::fs::copy(crate::root().join(NODE_LIST), folder.join("package.json")).map_err(failed)?;
    run(Command::new("npm")
        .args(["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
        .current_dir(&folder))?;
    mark_ready(&folder, NODE_LIST)
}

/// Whether this process may install system packages.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}
