//! The load generator: a process of its own that keeps one request on the way on each of some connections.
//!
//! It is one thread around `poll`, so that it costs less than the servers that it measures.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::Result;
use crate::machine::cpu_seconds;
use crate::request::{Counted, Load};
use crate::running::ask_child;
use crate::wire::{self, Answer};

/// Longer than any answer that is asked for.
const ROOM: usize = 16 << 10;

struct Connection {
    stream: TcpStream,
    bytes: Vec<u8>,
    filled: usize,
    last: Vec<u8>,
}

/// Lets a generator on a core of its own send some load.
pub(crate) fn run(core: Option<usize>, load: &Load) -> Result<Counted> {
    ask_child(core, "load", load)
}

/// The process: its input is a [`Load`] as JSON, its output [`Counted`].
pub(crate) fn main() -> Result<()> {
    let load: Load = serde_json::from_reader(std::io::stdin())?;
    println!("{}", serde_json::to_string(&generate(&load)?)?);
    Ok(())
}

fn generate(load: &Load) -> Result<Counted> {
    let address: SocketAddr = load.address.parse()?;
    let mut poll = Poll::new()?;
    let mut connections =
        (0..load.connections).map(|index| connect(&poll, address, index)).collect::<Result<Vec<_>>>()?;
    let mut events = Events::with_capacity(load.connections);
    let mut counted = Counted::default();
    for connection in &mut connections {
        connection.send(load)?;
    }
    let warm = Instant::now() + Duration::from_millis(load.warm_up_ms);
    let end = warm + Duration::from_millis(load.counted_ms);
    // When counting began, with the answers until then and the processor time.
    let mut began = None;
    loop {
        let now = Instant::now();
        if began.is_none() && now >= warm {
            began = Some((now, counted.all, cpu_seconds(std::process::id())?));
        }
        if now >= end {
            break;
        }
        poll.poll(&mut events, Some(Duration::from_millis(50)))?;
        for event in &events {
            if let Some(connection) = connections.get_mut(event.token().0)
                && connection.receive(load)?
            {
                counted.all += 1;
                connection.send(load)?;
            }
        }
    }
    let (since, before, cpu) = began.ok_or("nothing was counted")?;
    counted.seconds = since.elapsed().as_secs_f64();
    counted.answers = counted.all - before;
    counted.busy = (cpu_seconds(std::process::id())? - cpu) / counted.seconds;
    counted.last = connections.iter().map(|it| String::from_utf8_lossy(&it.last).into_owned()).collect();
    Ok(counted)
}

fn connect(poll: &Poll, address: SocketAddr, index: usize) -> Result<Connection> {
    let stream = std::net::TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    poll.registry().register(&mut stream, Token(index), Interest::READABLE)?;
    Ok(Connection { stream, bytes: vec![0; ROOM], filled: 0, last: Vec::new() })
}

impl Connection {
    /// The socket's buffer is empty when a request is due, so that it takes the whole of it.
    fn send(&mut self, load: &Load) -> Result<()> {
        let sent = self.stream.write(load.request.as_bytes())?;
        if sent == load.request.len() { Ok(()) } else { Err("the server takes no more requests".into()) }
    }

    /// Whether an answer is there. One that is wrong ends the run.
    fn receive(&mut self, load: &Load) -> Result<bool> {
        loop {
            match self.stream.read(&mut self.bytes[self.filled..]) {
                Ok(0) => return Err("the server closed a connection, or answers too much".into()),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            }
            match wire::read(&self.bytes[..self.filled]) {
                Answer::Part => {}
                Answer::Wrong(why) => return Err(why.into()),
                Answer::Body(body) if load.check.accepts(body) => {
                    self.last.clear();
                    self.last.extend_from_slice(body);
                    self.filled = 0;
                    return Ok(true);
                }
                Answer::Body(body) => {
                    return Err(format!("a wrong answer: {}", String::from_utf8_lossy(body)).into());
                }
            }
        }
    }
}
