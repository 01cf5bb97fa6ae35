//! A mail server for tests: takes mails on loopback and keeps them.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// A mail that was taken.
#[derive(Clone, Debug)]
pub struct Received {
    /// The sender, as the envelope has it.
    pub from: String,
    /// To whom, as the envelope has it.
    pub to: String,
    /// The header lines, unfolded.
    pub headers: Vec<String>,
    /// The text, decoded.
    pub text: String,
}

impl Received {
    /// The value of a header.
    ///
    /// # Panics
    ///
    /// When it has none.
    #[must_use]
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().filter_map(|line| line.split_once(": "));
        let found = found.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next();
        found.unwrap_or_else(|| panic!("no {name}: {:?}", self.headers))
    }

    /// The key that stands alone on a line.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn key(&self) -> &str {
        let key = self.text.lines().find(|line| line.len() > 40 && !line.contains([' ', '#']));
        key.unwrap_or_else(|| panic!("no key: {}", self.text))
    }
}

#[derive(Default)]
struct State {
    mails: Vec<Received>,
    logins: Vec<String>,
    /// What the next mails are answered instead of being taken.
    refusals: Vec<String>,
    /// How many mails were offered.
    offered: usize,
}

/// The mail server. Its threads end with the process.
#[derive(Clone)]
pub struct Sink {
    shared: Arc<(Mutex<State>, Condvar)>,
    /// Where it listens.
    pub port: u16,
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sink").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Sink {
    /// Starts one on a free port.
    ///
    /// # Panics
    ///
    /// When it cannot listen.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let sink = Self { shared: Arc::default(), port };
        let other = sink.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sink = other.clone();
                std::thread::spawn(move || sink.talk(&stream));
            }
        });
        sink
    }

    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let done = work(&mut self.shared.0.lock().expect("no thread panics"));
        self.shared.1.notify_all();
        done
    }

    /// Answers the next mail with this line instead of taking it.
    pub fn refuse(&self, line: &str) {
        self.state(|state| state.refusals.push(line.to_owned()));
    }

    /// The mails that were taken so far.
    #[must_use]
    pub fn mails(&self) -> Vec<Received> {
        self.state(|state| state.mails.clone())
    }

    /// With what the last clients logged in, as they sent it.
    #[must_use]
    pub fn logins(&self) -> Vec<String> {
        self.state(|state| state.logins.clone())
    }

    /// How many mails were offered, taken or not.
    #[must_use]
    pub fn offered(&self) -> usize {
        self.state(|state| state.offered)
    }

    /// Waits for a state.
    #[track_caller]
    fn wait(&self, what: &str, good: impl Fn(&State) -> bool) {
        let until = Instant::now() + Duration::from_mins(1);
        let mut state = self.shared.0.lock().expect("no thread panics");
        while !good(&state) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{what} did not come: {:?}", state.mails);
            state = self.shared.1.wait_timeout(state, left).expect("no thread panics").0;
        }
    }

    /// Waits until so many mails were offered.
    #[track_caller]
    pub fn wait_for_offers(&self, count: usize) {
        self.wait("an offer", |state| state.offered >= count);
    }

    /// Waits for a mail to an address whose subject is this.
    #[must_use]
    #[track_caller]
    pub fn mail(&self, to: &str, subject: &str) -> Received {
        let is = |mail: &&Received| mail.to == to && mail.header("Subject") == subject;
        self.wait(&format!("{subject:?} to {to}"), |state| state.mails.iter().any(|mail| is(&mail)));
        let mails = self.mails();
        mails.iter().rev().find(is).expect("it has come").clone()
    }

    /// One conversation (RFC 5321).
    fn talk(&self, stream: &TcpStream) {
        let mut out = stream;
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let mut say = |text: &str| write!(out, "{text}\r\n").is_ok();
        let (mut from, mut to) = (String::new(), String::new());
        say("220 sink.example ESMTP");
        while let Some(line) = lines.next() {
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            let answered = match verb.as_str() {
                "EHLO" => say("250-sink.example\r\n250-8BITMIME\r\n250 AUTH PLAIN"),
                "AUTH" => {
                    let sent = line.rsplit(' ').next().unwrap_or_default().to_owned();
                    self.state(|state| state.logins.push(sent));
                    say("235 welcome")
                }
                "MAIL" => {
                    from = address();
                    say("250 ok")
                }
                "RCPT" => {
                    to = address();
                    let refusal = self.state(|state| {
                        state.offered += 1;
                        if state.refusals.is_empty() { None } else { Some(state.refusals.remove(0)) }
                    });
                    say(refusal.as_deref().unwrap_or("250 ok"))
                }
                "DATA" => {
                    say("354 go on");
                    let data: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                    let mail = read(from.clone(), to.clone(), &data);
                    self.state(|state| state.mails.push(mail));
                    say("250 taken")
                }
                "QUIT" => {
                    say("221 bye");
                    return;
                }
                _ => say("250 ok"),
            };
            if !answered {
                return;
            }
        }
    }
}

fn read(from: String, to: String, data: &[String]) -> Received {
    let end = data.iter().position(String::is_empty).unwrap_or(data.len());
    let mut headers: Vec<String> = Vec::new();
    for line in &data[..end] {
        match headers.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
            _ => headers.push(line.clone()),
        }
    }
    let body: Vec<&str> = data.iter().skip(end + 1).map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
    let encoding = headers.iter().find_map(|line| line.strip_prefix("Content-Transfer-Encoding: ")).unwrap_or("7bit");
    let text = match encoding {
        "quoted-printable" => quoted_printable(&body.join("\n")),
        "base64" => {
            let bytes = base64_simd::forgiving_decode_to_vec(body.concat().as_bytes()).expect("base64");
            String::from_utf8(bytes).expect("UTF-8")
        }
        _ => body.join("\n"),
    };
    Received { from, to, headers, text: text.replace("\r\n", "\n") }
}

/// RFC 2045, 6.7.
fn quoted_printable(text: &str) -> String {
    let mut bytes = Vec::new();
    let joined = text.replace("=\n", "");
    let mut parts = joined.split('=');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).expect("two hexadecimal digits"));
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).expect("UTF-8")
}
