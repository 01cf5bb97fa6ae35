//! A service that takes Kaltura Sessions of its own accord: it knows the account's secrets, and asks nobody.
//!
//! `GET /lectures/0_abc` with `Authorization: Bearer KS` answers the lecture to sessions that may edit it. With the crate
//! `ks-tower` the function `allow` below is a layer.
//!
//! ```sh
//! KS_SECRET=… cargo run --example verify
//! curl -H "Authorization: Bearer $(KS_SECRET=… ks generate --partner 102 --privileges edit:0_abc)" http://127.0.0.1:PORT/lectures/0_abc
//! ```

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};

use ks_token::{Envelope, Ks, PartnerId, RequestContext, Scratch, Secret, SecretKey};

/// The accounts of this service, each with its secrets in the order in which they are tried: while a secret is being
/// replaced there are two. Making a key is work, so it is done once.
struct Accounts(Vec<(PartnerId, Vec<SecretKey>)>);

/// What the caller is told: 401 is "I do not know you", 403 is "I know you, and no".
type Refusal = (u16, &'static str);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secrets = std::env::var("KS_SECRET")?;
    let keys = secrets.split(',').map(|text| Secret::new(text).map(|secret| SecretKey::new(&secret)));
    let accounts = Accounts(vec![(PartnerId::new(102), keys.collect::<Result<_, _>>()?)]);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    for stream in listener.incoming() {
        serve(&stream?, &accounts)?;
    }
    Ok(())
}

fn serve(mut stream: &TcpStream, accounts: &Accounts) -> std::io::Result<()> {
    let lines: Vec<String> =
        BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or("/");
    let token = lines.iter().find_map(|line| line.strip_prefix("Authorization: Bearer "));
    let caller = stream.peer_addr()?.ip();
    let (status, text) = match allow(accounts, token, path, caller) {
        Ok(ks) => (200, format!("Good day, {}.", ks.user_id.as_deref().unwrap_or("whoever you are"))),
        Err((status, why)) => (status, why.to_owned()),
    };
    write!(stream, "HTTP/1.1 {status} -\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}", text.len())
}

fn allow(accounts: &Accounts, token: Option<&str>, path: &str, caller: IpAddr) -> Result<Ks, Refusal> {
    let unknown = (401, "This session is not known.");
    let token = token.ok_or((401, "A session is needed."))?;

    // 1. The token says in the open whose it is. Nothing of it is believed yet.
    let mut scratch = Scratch::new();
    let envelope = Envelope::decode(token.as_bytes(), &mut scratch).map_err(|_| unknown)?;
    let account = accounts.0.iter().find(|(id, _)| *id == envelope.partner_id());
    let (_, keys) = account.ok_or(unknown)?;

    // 2. The signature. Whatever is wrong with it, the answer is the same.
    let ks = envelope.verify(keys).map_err(|_| unknown)?;

    // 3. What the token itself says of its use: until when, from where, for what.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    ks.check(&RequestContext { now, remote_addr: caller, uri: path }).map_err(|_| (401, "This session is over."))?;

    // 4. What this service requires. Whether the session was revoked, only the server knows that keeps such lists.
    let lecture = path.strip_prefix("/lectures/").unwrap_or_default();
    if ks.is_admin() || ks.privileges.verify("edit", lecture) {
        Ok(ks)
    } else {
        Err((403, "This session may not edit this lecture."))
    }
}
