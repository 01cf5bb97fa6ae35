//! Stands between a client and a server, and remembers what the client sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) target: String,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Recorded {
    /// The body in JSON; of a form its part of that name.
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        let text = match text.split_once("name=\"json\"") {
            Some((_, rest)) => rest.trim_start().lines().next().unwrap_or_default().to_owned(),
            None => text.into_owned(),
        };
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }
}

/// What to do with a request besides remembering it.
pub(super) type Act = dyn Fn(usize, &Recorded) -> Deed + Send + Sync;

/// What becomes of a request.
pub(super) enum Deed {
    /// The server answers it.
    Pass,
    /// The server answers it, and the client does not get to know.
    Lose,
    /// This is the answer.
    Answer(String),
    /// No answer comes.
    Hang,
}

pub(super) struct Recorder {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Recorded>>>,
}

impl Recorder {
    pub(super) fn new(server: SocketAddr) -> Self {
        Self::acting(server, |_, _| Deed::Pass)
    }

    pub(super) fn acting(server: SocketAddr, act: impl Fn(usize, &Recorded) -> Deed + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (all, act): (_, Arc<Act>) = (Arc::clone(&seen), Arc::new(act));
        // The thread goes with the process: each test is one of its own.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (all, act) = (Arc::clone(&all), Arc::clone(&act));
                std::thread::spawn(move || serve(&stream, server, &all, &*act));
            }
        });
        Self { url, seen }
    }

    pub(super) fn seen(&self) -> Vec<Recorded> {
        self.seen.lock().expect("nobody panics with it").clone()
    }

    /// How many requests were for this action.
    pub(super) fn count(&self, action: &str) -> usize {
        self.seen().iter().filter(|request| request.target.ends_with(action)).count()
    }
}

/// One request; the connection ends with its answer.
fn serve(mut stream: &TcpStream, server: SocketAddr, all: &Mutex<Vec<Recorded>>, act: &Act) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).is_ok_and(|read| read == 0) {
            return;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or_default()];
    reader.read_exact(&mut body).expect("a whole body");
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let request = Recorded { target, head: head.clone(), body };
    let number = {
        let mut all = all.lock().expect("nobody panics with it");
        all.push(request.clone());
        all.len()
    };
    let answer = match act(number, &request) {
        Deed::Answer(text) => text.into_bytes(),
        Deed::Hang => {
            std::thread::sleep(std::time::Duration::from_mins(2));
            return;
        }
        deed => {
            let mut upstream = TcpStream::connect(server).expect("the server listens");
            let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
            upstream.write_all(&[head.as_bytes(), &request.body].concat()).expect("the server reads");
            let mut answer = Vec::new();
            upstream.read_to_end(&mut answer).expect("the server answers");
            if matches!(deed, Deed::Lose) { Vec::new() } else { answer }
        }
    };
    // A client that has gone away is told nothing.
    let _ = stream.write_all(&answer);
    let _ = stream.shutdown(Shutdown::Write);
}

/// An answer with this body.
pub(super) fn answer(status: &str, body: &str) -> Deed {
    let length = body.len();
    Deed::Answer(format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}
