//! nginx that asks `ks` about each request, against nginx that asks nobody.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Settings, Subject};
use crate::bare::Sizes;
use crate::machine::spawn_on;
use crate::report::{Bar, Line};
use crate::request::{Check, Load, START, post, start_form};
use crate::running::{Running, gateway};
use crate::stats::{Spread, count};
use crate::{Result, load, wire};

pub(crate) const SUBJECT: Subject =
    Subject { name: "gateway", title: "The gateway", about: include_str!("gateway.md"), figures };

/// How large the service's answers are.
const ANSWER: usize = 1000;
const WARM_UP_MS: u64 = 100;
const COUNTED_MS: u64 = 500;

/// Lines about latency and rate behind nginx.
fn figures(settings: &Settings) -> Result<Vec<Line>> {
    let folder = tempfile::tempdir()?;
    let (_ks, ready) = gateway(&settings.ks, folder.path())?;
    let ks = ready.address()?;
    let started = wire::once(&ks, &start_form(&ks, ready.partner()?, &ready.secret()?, 0))?;
    let token = started.trim_matches('"').to_owned();
    let (_service, service) = service()?;
    let (asking, alone) = (free()?, free()?);
    let _nginx = nginx(folder.path(), &ks, &service, &asking, &alone)?;
    let request = |address: &str| {
        let request = post(address, START, "text/plain", "");
        request.replacen("\r\n", &format!("\r\nAuthorization: Bearer {token}\r\n"), 1)
    };
    let refused = request(&asking).replace("Bearer", "Basic");
    if wire::once(&asking, &refused).is_ok() {
        return Err("nginx lets anybody through".into());
    }
    let mut lines = Vec::new();
    for connections in [1, 16] {
        let load = |address: &str| Load {
            address: address.to_owned(),
            request: request(address),
            check: Check::Exactly(Sizes::body(ANSWER)),
            connections,
            warm_up_ms: WARM_UP_MS,
            counted_ms: COUNTED_MS,
        };
        let (with, without) = (load(&asking), load(&alone));
        let (mut asked, mut bare) = (Vec::new(), Vec::new());
        for round in 0..settings.rounds {
            let turn = |load: &Load, times: &mut Vec<f64>| -> Result<()> {
                let counted = load::run(None, load)?;
                // With so many on the way all the time, each takes this long.
                times.push(counted.seconds * 1e6 * connections as f64 / count(counted.answers));
                Ok(())
            };
            // Who goes first changes from round to round.
            if round % 2 == 0 {
                turn(&with, &mut asked)?;
                turn(&without, &mut bare)?;
            } else {
                turn(&without, &mut bare)?;
                turn(&with, &mut asked)?;
            }
        }
        let middle = |times: &[f64]| Spread::of(times.iter().copied()).median;
        let (ours, theirs) = (middle(&asked), middle(&bare));
        lines.push(Line {
            what: format!("time of a request through nginx that asks `ks`, of nginx alone; {connections} at a time"),
            figure: format!("{ours:.0} against {theirs:.0} µs: {:.0} µs more", ours - theirs),
            ratio: Spread::of_ratios(&asked, &bare),
            unit: "×",
            bar: Bar::None,
            is_decided: true,
        });
    }
    Ok(lines)
}

/// A service that knows nothing of sessions.
fn service() -> Result<(Running, String)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bare").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = Running::new(spawn_on(None, &mut command)?);
    running.tell(&serde_json::to_string(&Sizes { start: ANSWER, get: ANSWER })?)?;
    let address = running.first_line()?;
    Ok((running, address))
}

fn free() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// nginx, as the example in `docs/examples` has it, twice: one that asks and one that does not.
fn nginx(folder: &Path, ks: &str, service: &str, asking: &str, alone: &str) -> Result<Running> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples");
    for name in ["ks_verify.conf", "ks_identity.conf"] {
        std::fs::copy(here.join(name), folder.join(name))?;
    }
    let at = folder.display();
    let to_service = "proxy_http_version 1.1;\nproxy_set_header Connection \"\";\nproxy_pass http://service;";
    // One process: killed with its owner, it leaves nobody behind.
    let config = format!(
        "daemon off;\nmaster_process off;\npid {at}/nginx.pid;\nevents {{ worker_connections 512; }}\nhttp {{\n\
         access_log off;\nkeepalive_requests 10000000;\nclient_body_temp_path {at}/body;\nproxy_temp_path {at}/proxy;\n\
         fastcgi_temp_path {at}/fastcgi;\nuwsgi_temp_path {at}/uwsgi;\nscgi_temp_path {at}/scgi;\n\
         upstream ks {{ server {ks}; keepalive 64; keepalive_requests 10000000; }}\n\
         upstream service {{ server {service}; keepalive 64; keepalive_requests 10000000; }}\n\
         server {{ listen {asking};\n\
         location / {{ auth_request /_ks/any; include ks_identity.conf; proxy_pass http://service; }}\n\
         location = /_ks/any {{ include ks_verify.conf; proxy_pass http://ks/auth/verify; }} }}\n\
         server {{ listen {alone};\nlocation / {{ {to_service} }} }}\n}}\n"
    );
    let file = folder.join("nginx.conf");
    std::fs::File::create(&file)?.write_all(config.as_bytes())?;
    let mut command = Command::new("nginx");
    command.arg("-e").arg(folder.join("error.log")).arg("-p").arg(folder).arg("-c").arg(&file);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let running = Running::new(spawn_on(None, &mut command)?);
    let until = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(alone).is_err() {
        if Instant::now() > until {
            let log = std::fs::read_to_string(folder.join("error.log")).unwrap_or_default();
            return Err(format!("nginx does not start (it is installed by `cargo xtask test --install`): {log}").into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(running)
}
