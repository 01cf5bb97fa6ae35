//! The first five minutes: every command that the README prints, run in its order by somebody who has nothing else.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ks_tests::http::Request;
use ks_tests::programs::{feed, program};
use ks_tests::server::{binary, run_command};
use serde_json::Value;

/// How a command of the README is run.
enum Run {
    /// It ends well.
    Ends,
    /// It serves, and answers `system.ping`, until it is ended.
    Serves,
    /// It serves while the commands behind it run.
    Stays,
    /// It reads this.
    Reads(&'static str),
    /// It is not run here, and why.
    Not(&'static str),
}
use Run::{Ends, Not, Reads, Serves, Stays};

/// What the README says, in its order.
const COMMANDS: &[(&str, Run)] = &[
    ("cargo run --release -- dev", Not("it builds for minutes; `ks dev` itself is run below")),
    ("cargo xtask test", Not("it is what runs this")),
    ("ks inspect TOKEN --secret SECRET", Ends),
    ("ks why 'REQUEST-ID'", Ends),
    ("ks dev --seed world.yaml --rng-seed 7 --strict", Serves),
    ("export KS_DATA_DIR=/var/lib/ks", Not("the walk begins with this variable, and another folder")),
    ("ks serve", Stays),
    ("ks backup ks.backup", Ends),
    (
        "KS_SMTP='smtps://user:password@mail.example.com' ks serve \
         --mail-from 'Sessions <ks@example.com>' --public-url https://people.example.com",
        Stays,
    ),
    ("ks partner create --name \"Lecture capture\" --admin-email ops@example.com", Ends),
    ("ks partner list", Ends),
    ("ks partner block 101", Ends),
    ("ks partner set 101 --max-expiry 3600 --v1 off", Ends),
    ("ks import partner account.yaml", Ends),
    ("ks partner secret add 100", Ends),
    ("ks partner secret list 100", Ends),
    ("ks partner secret set-primary 100 7", Ends),
    ("ks partner secret disable 100 1", Ends),
    ("ks seed world.yaml", Ends),
    ("ks inspect -", Reads("TOKEN\n")),
    (
        "ks login --url http://127.0.0.1:8080 --login-id ops@example.com",
        Not("it asks a person; see the tests of `ks login`"),
    ),
    ("ks login --login-id ops@example.com", Not("it asks a person; see the tests of `ks login`")),
    ("ks health", Not("it needs the operator's own listener; see `packaging.rs`")),
    ("ks mail-template set --help", Ends),
    ("ks completions bash", Not("the tests of the command line run it")),
    ("ks whoami", Not("it needs `ks login`")),
    ("ks logout", Not("it needs `ks login`")),
];

const ACCOUNT: &str = "id: 4711\nname: From elsewhere\nadminSecrets: [secret-from-elsewhere]\n";
const WORLD: &str = "accounts: [{id: 102, users: [{id: ann}]}]\n";

/// The commands of blocks of shell that `readme.rs` does not run, and those within the text.
fn printed(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut in_shell, mut in_other, mut line) = (false, false, String::new());
    for part in text.lines() {
        match part {
            "```sh" => in_shell = true,
            "```" => (in_shell, in_other) = (false, false),
            part if part.starts_with("```") => in_other = true,
            part if in_shell => {
                // A remark is none of the command.
                let part = part.split("  #").next().unwrap_or_default().split(" # ").next().unwrap_or_default().trim();
                match part.strip_suffix('\\') {
                    Some(begun) => line.push_str(&format!("{} ", begun.trim())),
                    None if !part.is_empty() => found.push(std::mem::take(&mut line) + part),
                    None => {}
                }
            }
            part if !in_other => {
                let spans = part.split('`').skip(1).step_by(2).filter(|span| span.starts_with("ks "));
                found.extend(spans.map(str::to_owned));
            }
            _ => {}
        }
    }
    found
}

/// The commands of `ks` in blocks that `readme.rs` runs.
fn commands_that_run(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut runs = false;
    for line in text.lines() {
        match line {
            "```sh run" => runs = true,
            "```" => runs = false,
            line if runs && line.starts_with("ks ") => found.push(line.to_owned()),
            _ => {}
        }
    }
    found
}

#[test]
fn every_command_of_the_readme_is_known_to_the_walk() {
    let text = std::fs::read_to_string(ks_tests::root().join("README.md")).expect("what a test stands on");
    let printed = printed(&text);
    let blocks = commands_that_run(&text);
    for command in &printed {
        // The name of a command in a sentence is one that is run in full somewhere.
        let words = command.strip_suffix(" --help").unwrap_or(command);
        let known = COMMANDS.iter().map(|(known, _)| *known).chain(blocks.iter().map(String::as_str));
        let is_known = known.clone().any(|known| known == words || known.starts_with(&format!("{words} ")));
        assert!(is_known, "the README prints `{command}`: say in COMMANDS how it is run");
    }
    for (command, how) in COMMANDS {
        match how {
            Not(reason) => assert!(reason.len() > 10, "{command}"),
            _ => assert!(printed.iter().any(|it| it == command), "the README does not print `{command}` any more"),
        }
    }
}

/// A newcomer's surroundings.
struct Newcomer {
    folder: tempfile::TempDir,
    listen: SocketAddr,
    token: String,
    request_id: String,
}

impl Newcomer {
    /// A shell with this command, exactly as it stands there but for what is written in capitals.
    fn shell(&self, command: &str) -> Command {
        let command = command
            .replace("TOKEN", &self.token)
            .replace("SECRET", &self.secret())
            .replace("'REQUEST-ID'", &format!("'{}'", self.request_id));
        let mut shell = program("sh");
        let (folder, path) =
            (binary().parent().expect("what a test stands on").to_owned(), std::env::var("PATH").unwrap_or_default());
        shell.env("PATH", format!("{}:{path}", folder.display())).env("HOME", self.folder.path());
        shell.env("KS_DATA_DIR", self.folder.path().join("data")).env("KS_LISTEN", self.listen.to_string());
        // `exec`: so that what is ended is the command and not the shell around it.
        let (variables, command) = match command.split_once(" ks ") {
            Some((before, rest)) if before.starts_with("KS_") => (format!("{before} "), format!("ks {rest}")),
            _ => (String::new(), command),
        };
        shell.current_dir(self.folder.path()).arg("-euc").arg(format!("{variables}exec {command}"));
        shell
    }

    fn account(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("data/first-account.txt")).unwrap_or_default()
    }

    /// The secret that the first start wrote down.
    fn secret(&self) -> String {
        let account = self.account();
        let line = account.lines().find(|line| line.contains("Administrator secret")).unwrap_or_default();
        line.rsplit(' ').next().unwrap_or_default().to_owned()
    }

    fn serve(&self, command: &str) -> Child {
        let mut child =
            self.shell(command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("what a test stands on");
        let until = Instant::now() + Duration::from_secs(60);
        let ping = Request::get("/api_v3/service/system/action/ping?format=1");
        while !ping.send(self.listen).is_ok_and(|answer| answer.text() == "true") {
            assert!(
                child.try_wait().expect("what a test stands on").is_none() && Instant::now() < until,
                "{command} does not serve"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        child
    }
}

fn end(mut child: Child) {
    let _ = run_command(program("kill").args(["-TERM", &child.id().to_string()])).good();
    assert!(child.wait().expect("what a test stands on").success());
}

#[test]
fn the_first_five_minutes() {
    let folder = tempfile::tempdir().expect("what a test stands on");
    std::fs::write(folder.path().join("account.yaml"), ACCOUNT).expect("what a test stands on");
    std::fs::write(folder.path().join("world.yaml"), WORLD).expect("what a test stands on");
    let listen = ks_tests::programs::free();
    let mut who = Newcomer { folder, listen, token: String::new(), request_id: String::new() };

    // What others are about needs a server that has been started once.
    let server = who.serve("ks serve");
    let start = |secret: &str| {
        let body = format!("secret={secret}&partnerId=100&type=2&format=1");
        Request::post("/api_v3/service/session/action/start", "application/x-www-form-urlencoded", body)
            .send(listen)
            .expect("what a test stands on")
    };
    // It answers before it has made the account.
    let until = Instant::now() + Duration::from_secs(60);
    while who.secret().is_empty() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    let token: Value = start(&who.secret()).json();
    who.token = token.as_str().unwrap_or_else(|| panic!("{token} {}", who.account())).to_owned();
    let refused = start("wrong");
    who.request_id = refused.header("x-kaltura-session").expect("what a test stands on").to_owned();
    end(server);

    let mut stays: Option<Child> = None;
    for (command, how) in COMMANDS {
        match how {
            Not(_) => {}
            Ends => {
                let output = run_command(&mut who.shell(command));
                assert!(output.status.success(), "{command}\n{}{}", output.out, output.err);
            }
            Reads(input) => {
                let output = feed(&mut who.shell(command), input.replace("TOKEN", &who.token).as_bytes());
                // Without a secret nobody can say whether it is valid.
                assert!([Some(0), Some(4)].contains(&output.status.code()), "{command}\n{}{}", output.out, output.err);
            }
            Serves | Stays => {
                if let Some(child) = stays.take() {
                    end(child);
                }
                let child = who.serve(command);
                if matches!(how, Stays) {
                    stays = Some(child);
                } else {
                    end(child);
                }
            }
        }
    }
    if let Some(child) = stays {
        end(child);
    }
}
