//! The flood: requests at a fixed rate over many connections, whatever the server makes of them.
//!
//! Unlike the load generator it does not wait for an answer before the next request is due, so that a server that gets
//! slow is asked no less.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::machine::cpu_seconds;
use crate::running::ask_child;
use crate::wire;

/// Longer than any answer that is asked for.
const ROOM: usize = 64 << 10;
/// How long answers may take that were asked for at the end.
const AFTERWARDS: Duration = Duration::from_secs(5);

/// What to send.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Flood {
    pub(crate) address: String,
    /// The request, head and body.
    pub(crate) request: String,
    /// The body that it is answered with where it is accepted.
    pub(crate) expected: String,
    pub(crate) connections: usize,
    pub(crate) per_second: u64,
    pub(crate) millis: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Flooded {
    pub(crate) sent: u64,
    /// Requests that were due while every connection was waiting for an answer.
    pub(crate) unsent: u64,
    pub(crate) accepted: u64,
    /// Answers of HTTP 503.
    pub(crate) refused: u64,
    /// Other answers than the right one, and connections that broke off.
    pub(crate) failed: u64,
    /// How long accepted ones took, in milliseconds: half of them, 99 of 100, and the longest.
    pub(crate) half: f64,
    pub(crate) most: f64,
    pub(crate) longest: f64,
    /// Processor time of the generator as a share of one core.
    pub(crate) busy: f64,
}

struct Connection {
    stream: TcpStream,
    bytes: Vec<u8>,
    filled: usize,
    sent_at: Instant,
    is_waiting: bool,
}

/// Lets a generator on a core of its own send a flood.
pub(crate) fn run(core: Option<usize>, flood: &Flood) -> Result<Flooded> {
    ask_child(core, "flood", flood)
}

/// The process: its input is a [`Flood`] as JSON, its output [`Flooded`].
pub(crate) fn main() -> Result<()> {
    let flood: Flood = serde_json::from_reader(std::io::stdin())?;
    println!("{}", serde_json::to_string(&send(&flood)?)?);
    Ok(())
}

fn send(flood: &Flood) -> Result<Flooded> {
    let address: SocketAddr = flood.address.parse()?;
    let mut poll = Poll::new()?;
    let mut connections =
        (0..flood.connections).map(|index| connect(&poll, address, index)).collect::<Result<Vec<_>>>()?;
    let mut events = Events::with_capacity(flood.connections);
    let mut free: VecDeque<usize> = (0..flood.connections).collect();
    let (mut told, mut took) = (Flooded::default(), Vec::new());
    let (began, cpu) = (Instant::now(), cpu_seconds(std::process::id())?);
    let end = Duration::from_millis(flood.millis);
    let mut due = 0;
    loop {
        let now = began.elapsed();
        let is_over = now >= end;
        if is_over && (now >= end + AFTERWARDS || connections.iter().all(|connection| !connection.is_waiting)) {
            break;
        }
        let until = if is_over { due } else { now.as_nanos() * u128::from(flood.per_second) / 1_000_000_000 };
        while due < until {
            due += 1;
            let Some(index) = free.pop_front() else {
                told.unsent += 1;
                continue;
            };
            match connections[index].send(&flood.request) {
                Ok(()) => told.sent += 1,
                Err(_) => {
                    told.failed += 1;
                    connections[index] = connect(&poll, address, index)?;
                    free.push_back(index);
                }
            }
        }
        poll.poll(&mut events, Some(Duration::from_millis(1)))?;
        for event in &events {
            let index = event.token().0;
            let Some(connection) = connections.get_mut(index) else { continue };
            match connection.receive(&flood.expected) {
                Received::Nothing => continue,
                Received::Accepted => {
                    told.accepted += 1;
                    took.push(connection.sent_at.elapsed());
                }
                Received::Refused => told.refused += 1,
                Received::Wrong => told.failed += 1,
                Received::Broken => {
                    told.failed += u64::from(connection.is_waiting);
                    *connection = connect(&poll, address, index)?;
                }
            }
            connection.is_waiting = false;
            free.push_back(index);
        }
    }
    // What was never answered failed, too.
    told.failed += connections.iter().map(|connection| u64::from(connection.is_waiting)).sum::<u64>();
    told.busy = (cpu_seconds(std::process::id())? - cpu) / began.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |hundredths: usize| {
        let index = took.len().saturating_sub(1) * hundredths / 100;
        took.get(index).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    };
    (told.half, told.most, told.longest) = (at(50), at(99), at(100));
    Ok(told)
}

fn connect(poll: &Poll, address: SocketAddr, index: usize) -> Result<Connection> {
    let stream = std::net::TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    poll.registry().register(&mut stream, Token(index), Interest::READABLE)?;
    Ok(Connection { stream, bytes: vec![0; ROOM], filled: 0, sent_at: Instant::now(), is_waiting: false })
}

/// What a look at a connection gave.
enum Received {
    Nothing,
    Accepted,
    Refused,
    Wrong,
    Broken,
}

impl Connection {
    /// The socket's buffer is empty when a request is due, so that it takes the whole of it.
    fn send(&mut self, request: &str) -> Result<()> {
        self.sent_at = Instant::now();
        self.filled = 0;
        let sent = self.stream.write(request.as_bytes())?;
        self.is_waiting = true;
        if sent == request.len() { Ok(()) } else { Err("the server takes no more requests".into()) }
    }

    fn receive(&mut self, expected: &str) -> Received {
        loop {
            match self.stream.read(&mut self.bytes[self.filled..]) {
                Ok(0) => return Received::Broken,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Received::Nothing,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return Received::Broken,
            }
            match wire::whole(&self.bytes[..self.filled]) {
                None => {}
                Some((200, body)) if body == expected.as_bytes() => return Received::Accepted,
                Some((503, _)) => return Received::Refused,
                Some(_) => return Received::Wrong,
            }
        }
    }
}
