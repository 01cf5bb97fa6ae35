//! A small balancer: it looks at `/readyz` of each node, and hands requests to those that are ready. It never tries
//! again: what fails once has failed.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::http::Request;
use crate::server::Server;

/// How often nodes are asked.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// For how long an answer is believed: for less than nodes go on after they have said that they stop.
const FRESH: Duration = Duration::from_millis(500);

/// A node behind it.
#[derive(Clone, Copy, Debug)]
struct Node {
    public: SocketAddr,
    admin: SocketAddr,
    /// When it was asked last, if it was ready then.
    ready: Option<Instant>,
}

impl Node {
    fn is_ready(&self) -> bool {
        self.ready.is_some_and(|asked| asked.elapsed() < FRESH)
    }
}

type Nodes = Arc<Mutex<Vec<Option<Node>>>>;

/// A running balancer. Its threads end with the process, or with what they serve.
#[derive(Debug)]
pub struct Balancer {
    /// Where it listens.
    pub addr: SocketAddr,
    nodes: Nodes,
    stop: Arc<AtomicBool>,
}

impl Balancer {
    /// In front of so many places for nodes.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[must_use]
    pub fn start(places: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let nodes: Nodes = Arc::new(Mutex::new(vec![None; places]));
        let stop = Arc::new(AtomicBool::new(false));
        for place in 0..places {
            let (nodes, stop) = (Arc::clone(&nodes), Arc::clone(&stop));
            std::thread::spawn(move || look(&nodes, place, &stop));
        }
        let (serving, turn) = (Arc::clone(&nodes), AtomicUsize::new(0));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (nodes, turn) = (Arc::clone(&serving), turn.fetch_add(1, Ordering::Relaxed));
                std::thread::spawn(move || {
                    let mut client = client;
                    if let Err(error) = hand_on(&mut client, &nodes, turn) {
                        let told = error.to_string();
                        let head = format!("HTTP/1.1 502 Bad Gateway\r\nContent-Length: {}\r\n\r\n", told.len());
                        let _ = client.write_all(head.as_bytes()).and_then(|()| client.write_all(told.as_bytes()));
                    }
                });
            }
        });
        Self { addr, nodes, stop }
    }

    /// Puts a node into a place. Nothing is sent to it before it says that it is ready.
    ///
    /// # Panics
    ///
    /// When the node has no listener for health checks.
    pub fn put(&self, place: usize, server: &Server) {
        let admin = server.told("adminUrl").trim_start_matches("http://").parse().expect("an address");
        self.nodes.lock().expect("no thread panics")[place] = Some(Node { public: server.addr, admin, ready: None });
    }

    /// Whether the node in a place was ready when it was asked last.
    ///
    /// # Panics
    ///
    /// Never, unless a thread of its own did.
    #[must_use]
    pub fn is_ready(&self, place: usize) -> bool {
        self.nodes.lock().expect("no thread panics")[place].is_some_and(|node| node.is_ready())
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Asks a node again and again.
fn look(nodes: &Mutex<Vec<Option<Node>>>, place: usize, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let node = nodes.lock().expect("no thread panics")[place];
        if let Some(node) = node {
            let asked = Instant::now();
            let ready = Request::get("/readyz").send(node.admin).is_ok_and(|answer| answer.status == 200);
            let mut nodes = nodes.lock().expect("no thread panics");
            // In the meantime another one may have taken its place.
            if let Some(now) = nodes[place].as_mut().filter(|now| now.admin == node.admin) {
                now.ready = ready.then_some(asked);
            }
        }
        std::thread::sleep(ASK_EVERY);
    }
}

/// Hands one request on, and its answer back. While no node is ready it waits, but for the soak.
fn hand_on(client: &mut TcpStream, nodes: &Mutex<Vec<Option<Node>>>, turn: usize) -> io::Result<()> {
    let request = read_request(client)?;
    // The soak has the machine for itself: there one is always ready. Beside other tests both may be kept from saying so.
    let until = Instant::now() + if crate::scale::is_soak() { Duration::ZERO } else { Duration::from_mins(1) };
    let to = loop {
        let ready: Vec<SocketAddr> = {
            let nodes = nodes.lock().expect("no thread panics");
            nodes.iter().flatten().filter(|node| node.is_ready()).map(|node| node.public).collect()
        };
        if let Some(to) = ready.get(turn % ready.len().max(1)) {
            break *to;
        }
        if Instant::now() > until {
            return Err(io::Error::other("no node is ready"));
        }
        std::thread::sleep(ASK_EVERY);
    };
    let mut node = TcpStream::connect(to)?;
    node.write_all(&request)?;
    // The request says that the connection is to be closed, so the answer ends with it.
    let mut answer = Vec::new();
    node.read_to_end(&mut answer)?;
    if answer.is_empty() {
        return Err(io::Error::other("the node said nothing"));
    }
    client.write_all(&answer)
}

fn read_request(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 16 << 10]);
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                return Ok(bytes);
            }
        }
        match client.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&piece[..count]),
        }
    }
}
