//! What is packed: the unit, the scripts, the Debian package in a root that is thrown away, and the image's recipe.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ks_tests::http::Request;
use ks_tests::programs::program;
use ks_tests::scale;
use ks_tests::server::{Output, run_command};

const UNIT: &str = "packaging/systemd/ks.service";

fn read(path: &str) -> String {
    let path = ks_tests::root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The value of a line of the unit.
fn of_unit(unit: &str, name: &str) -> String {
    let line = unit.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("the unit has no {name}")).to_owned()
}

#[test]
fn everything_that_is_packed_is_there_or_is_made() {
    let manifest: toml::Table = read("crates/ks-cli/Cargo.toml").parse().expect("TOML");
    let deb = &manifest["package"]["metadata"]["deb"];
    let here = ks_tests::root().join("crates/ks-cli");
    let mut packed = BTreeSet::new();
    for asset in deb["assets"].as_array().expect("assets") {
        let part = |at: usize| asset[at].as_str().expect("a text").to_owned();
        let (from, to, mode) = (part(0), part(1), part(2));
        assert!(["644", "755"].contains(&mode.as_str()), "{from}: {mode}");
        // The binary, manual pages and completions are made by `cargo xtask package`.
        let is_made = from.starts_with("target/release/") || from.contains("target/package/");
        assert!(is_made || here.join(&from).exists(), "{from} is not there");
        packed.insert(to);
    }
    let unit = read(UNIT);
    let command = of_unit(&unit, "ExecStart");
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[1..3], ["serve", "--config"]);
    for path in [words[0], words[3]] {
        let path = path.trim_start_matches('/');
        let is_packed = packed.iter().any(|to| to == path || to.ends_with('/') && path.starts_with(to.as_str()));
        assert!(is_packed, "the unit names {path}, which is not packed");
    }
    let conf_files: Vec<&str> =
        deb["conf-files"].as_array().expect("what a test stands on").iter().filter_map(|it| it.as_str()).collect();
    assert_eq!(conf_files, ["/etc/ks/ks.toml"]);
    for script in ["postinst", "prerm", "postrm"] {
        let path = ks_tests::root().join("packaging/debian").join(script);
        let _ = run_command(program("sh").arg("-n").arg(&path)).good();
        assert!(read(&format!("packaging/debian/{script}")).contains("\nset -e\n"), "{script}");
    }
    // What is packed as settings is what the server takes.
    let checked = ks_tests::server::run(&["serve", "--check", "--json", "--config", &root("packaging/ks.toml")]);
    assert_eq!(checked.json()["database"], "sqlite:/var/lib/ks/ks.db");
}

fn root(path: &str) -> String {
    ks_tests::root().join(path).to_str().expect("UTF-8").to_owned()
}

#[test]
fn the_unit_is_one_and_gives_little_away() {
    if run_command(&mut tolerant("systemd-analyze", &["--version"])).status.code() != Some(0) {
        scale::skip("packaging::the_unit_is_one_and_gives_little_away", "systemd-analyze is not here");
        return;
    }
    let folder = tempfile::tempdir().expect("what a test stands on");
    let unit = folder.path().join("ks.service");
    // The binary is not installed here: another one stands for it.
    std::fs::write(&unit, read(UNIT).replace("/usr/bin/ks ", "/bin/true ")).expect("what a test stands on");
    let verified = run_command(program("systemd-analyze").args(["verify", "--man=no"]).arg(&unit));
    let ours: Vec<&str> = verified.err.lines().filter(|line| line.contains("ks.service")).collect();
    assert!(ours.is_empty(), "{ours:?}");
    let safe = run_command(program("systemd-analyze").args(["security", "--offline=yes", "--threshold=20"]).arg(&unit));
    assert!(safe.status.success(), "exposure above 2.0:\n{}{}", safe.out, safe.err);
}

fn tolerant(name: &str, args: &[&str]) -> Command {
    let mut command = program("sh");
    command.arg("-c").arg("exec \"$@\" 2>/dev/null").arg("sh").arg(name).args(args);
    command
}

#[test]
fn the_image_runs_as_nobody_and_is_looked_after() {
    let recipe = read("Dockerfile");
    let last = recipe.rsplit("\nFROM ").next().expect("what a test stands on");
    assert!(last.contains("\nUSER ks\n") && last.contains("HEALTHCHECK") && last.contains("VOLUME /var/lib/ks"));
    assert!(!last.contains("KS_ADMIN_SECRET") && recipe.matches("\nFROM ").count() == 2);
}

/// The crates that are for others' programs, from the bottom floor up.
const LIBRARIES: [&str; 4] = ["ks-token", "ks-schema", "ks-client", "ks-tower"];

#[test]
fn the_libraries_can_be_published() {
    let folder = tempfile::tempdir().expect("what a test stands on");
    let mut cargo = program(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    cargo.args(["package", "--no-verify", "--offline", "--allow-dirty", "--target-dir"]).arg(folder.path());
    for library in LIBRARIES {
        cargo.args(["--package", library]);
        let manifest: toml::Table = read(&format!("crates/{library}/Cargo.toml")).parse().expect("TOML");
        let package = manifest["package"].as_table().expect("a package");
        assert!(!package.contains_key("publish"), "{library} is kept from being published");
        for field in ["description", "keywords", "categories", "license"] {
            assert!(package.contains_key(field), "{library} has no {field}");
        }
    }
    let _ = run_command(cargo.current_dir(ks_tests::root())).good();
    for library in LIBRARIES {
        let file = folder.path().join(format!("package/{library}-{}.crate", env!("CARGO_PKG_VERSION")));
        let packed = run_command(program("tar").arg("-tzf").arg(&file));
        let list = packed.good();
        assert!(list.contains("/src/lib.rs\n") && list.contains("/Cargo.toml\n"), "{library}: {list}");
    }
}

#[test]
fn health_is_told_by_the_exit_code() {
    let data = tempfile::tempdir().expect("what a test stands on");
    let mut command = ks_tests::server::Server::serve_command(data.path());
    let server = ks_tests::server::Server::start(command.args(["--admin-listen", "127.0.0.1:0"]));
    let address = server.told("adminUrl").trim_start_matches("http://").to_owned();
    let ask = |address: &str| ks_tests::server::run(&["health", "--admin-listen", address]);
    ks_tests::account::eventually("it is ready", || ask(&address).status.success());
    let ready = ask(&address);
    assert_eq!((ready.status.code(), ready.out.as_str()), (Some(0), "ready\n"));
    // The listener for everybody tells nobody.
    assert_eq!(ask(&server.addr.to_string()).status.code(), Some(1));
    drop(server);
    assert_eq!(ask(&address).status.code(), Some(3));
}

/// A root that is thrown away, with a database of packages of its own.
struct Root(tempfile::TempDir);

impl Root {
    fn make() -> Self {
        let folder = tempfile::tempdir().expect("what a test stands on");
        for path in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log", "etc", "usr/bin", "run"] {
            std::fs::create_dir_all(folder.path().join(path)).expect("what a test stands on");
        }
        for file in ["var/lib/dpkg/status", "var/lib/dpkg/available", "etc/passwd", "etc/group"] {
            std::fs::write(folder.path().join(file), "").expect("what a test stands on");
        }
        Self(folder)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    /// dpkg on this root, with the package's own scripts, which learn of it by DPKG_ROOT.
    fn dpkg(&self, args: &[&str]) -> Output {
        let mut command = program("dpkg");
        command.arg(format!("--root={}", self.0.path().display()));
        // Libraries are the machine's own; they are not known to this root.
        command.args(["--force-script-chrootless", "--force-depends", "--force-not-root"]);
        run_command(command.args(args))
    }

    /// Everything in it, but dpkg's own.
    fn files(&self) -> BTreeSet<String> {
        let listed = run_command(program("find").arg(self.0.path()).args(["-not", "-path", "*/var/lib/dpkg*"]));
        let root = self.0.path().display().to_string();
        listed.good().lines().map(|line| line.trim_start_matches(&root).to_owned()).collect()
    }
}

#[test]
fn the_debian_package_installs_starts_and_goes() {
    if !scale::is_soak() {
        // A package needs a build of its own; the soak makes it.
        return;
    }
    if !is_root() {
        scale::skip("packaging::the_debian_package_installs_starts_and_goes", "a package is installed by root only");
        return;
    }
    let made = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--package", "xtask", "--", "package", "--profile", "release"])
        .current_dir(ks_tests::root())
        .output()
        .expect("what a test stands on");
    assert!(
        made.status.success(),
        "{}{}",
        String::from_utf8_lossy(&made.stdout),
        String::from_utf8_lossy(&made.stderr)
    );
    let package = root("target/package/ks.deb");
    let root = Root::make();
    let before = root.files();
    let _ = root.dpkg(&["--install", &package]).good();
    for path in [
        "/usr/bin/ks",
        "/etc/ks/ks.toml",
        "/usr/lib/systemd/system/ks.service",
        "/usr/lib/sysusers.d/ks.conf",
        "/usr/share/man/man1/ks-serve.1.gz",
        "/usr/share/bash-completion/completions/ks",
        "/usr/share/doc/ks/copyright",
    ] {
        assert!(root.path(path).exists(), "{path} is not installed: {:?}", root.files());
    }
    let passwd = std::fs::read_to_string(root.path("/etc/passwd")).expect("what a test stands on");
    assert!(passwd.starts_with("ks:"), "the user is made: {passwd:?}");
    starts(&root);
    // Removed, settings and data stay; purged, nothing does but the user.
    let _ = root.dpkg(&["--remove", "ks"]).good();
    assert!(!root.path("/usr/bin/ks").exists());
    assert!(root.path("/etc/ks/ks.toml").exists() && root.path("/var/lib/ks/ks.db").exists());
    let _ = root.dpkg(&["--purge", "ks"]).good();
    let left: Vec<String> = root.files().difference(&before).filter(|path| !is_of_the_user(path)).cloned().collect();
    assert!(left.is_empty(), "{left:?}");
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}

/// Files that hold users, and what programs keep beside them.
fn is_of_the_user(path: &str) -> bool {
    ["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/.pwd.lock", "/var/log/"]
        .iter()
        .any(|it| path.starts_with(it))
}

/// Starts what the unit starts, as the user that it names, and asks it.
fn starts(root: &Root) {
    let unit = std::fs::read_to_string(root.path("/usr/lib/systemd/system/ks.service")).expect("what a test stands on");
    let passwd = std::fs::read_to_string(root.path("/etc/passwd")).expect("what a test stands on");
    let user: Vec<&str> = passwd.lines().next().expect("what a test stands on").split(':').collect();
    assert_eq!((of_unit(&unit, "User").as_str(), of_unit(&unit, "StateDirectory").as_str()), ("ks", "ks"));
    // What systemd does: the state folder, and the paths of the other root.
    let state = root.path("/var/lib/ks");
    let _ = run_command(program("install").args(["-d", "-m", "700", "-o", user[2], "-g", user[3]]).arg(&state)).good();
    let _ = run_command(program("chmod").args(["755"]).arg(root.path("/"))).good();
    let port = ks_tests::programs::free();
    let command = of_unit(&unit, "ExecStart");
    let words: Vec<String> = command
        .split(' ')
        .map(|word| if word.starts_with('/') { root.path(word).display().to_string() } else { word.to_owned() })
        .collect();
    let mut server = program("setpriv");
    server.args(["--reuid", user[2], "--regid", user[3], "--clear-groups"]).args(&words);
    server.env("KS_LISTEN", port.to_string()).env("KS_DATA_DIR", &state);
    let mut child = server.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("what a test stands on");
    let ping = Request::get("/api_v3/service/system/action/ping?format=1");
    let until = Instant::now() + Duration::from_secs(60);
    let answer = loop {
        if let Ok(answer) = ping.send(port) {
            break answer;
        }
        assert!(
            child.try_wait().expect("what a test stands on").is_none() && Instant::now() < until,
            "it does not start"
        );
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(answer.text(), "true");
    assert!(is_private(&state.join("first-account.txt")));
    let _ = run_command(program("kill").args(["-TERM", &child.id().to_string()])).good();
    assert!(child.wait().expect("what a test stands on").success());
}

fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 == 0)
}
