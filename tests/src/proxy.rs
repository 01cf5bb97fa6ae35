//! A way from TCP to a Unix socket, or to another port, that can be cut: such as the one between a node and its database.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// It listens on loopback until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub addr: SocketAddr,
    way: Arc<Way>,
}

#[derive(Debug)]
struct Way {
    to: To,
    is_cut: AtomicBool,
    is_over: AtomicBool,
    open: Mutex<Vec<(Stream, Stream)>>,
}

/// Where a way leads.
#[derive(Debug)]
enum To {
    Socket(PathBuf),
    Port(SocketAddr),
}

/// A connection of either kind.
#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Proxy {
    /// Leads to a socket.
    ///
    /// # Panics
    ///
    /// When no port is free.
    #[must_use]
    pub fn to(socket: &Path) -> Self {
        Self::leading(To::Socket(socket.to_owned()))
    }

    /// Leads to another port.
    ///
    /// # Panics
    ///
    /// When no port is free.
    #[must_use]
    pub fn to_port(addr: SocketAddr) -> Self {
        Self::leading(To::Port(addr))
    }

    fn leading(to: To) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let way = Arc::new(Way {
            to,
            is_cut: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            open: Mutex::new(Vec::new()),
        });
        let accepting = Arc::clone(&way);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if accepting.is_over.load(Ordering::SeqCst) {
                    return;
                }
                accepting.lead(Stream::Tcp(client));
            }
        });
        Self { addr, way }
    }

    /// Drops every connection, and takes no more.
    pub fn cut(&self) {
        self.way.is_cut.store(true, Ordering::SeqCst);
        self.way.drop_all();
    }

    /// Takes connections again.
    pub fn mend(&self) {
        self.way.is_cut.store(false, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.way.is_over.store(true, Ordering::SeqCst);
        self.way.drop_all();
        // Wakes the listener up.
        drop(TcpStream::connect(self.addr));
    }
}

impl Way {
    /// Leads one client on; whoever comes while the way is cut is sent away.
    fn lead(&self, client: Stream) {
        let Ok(server) = self.to.connect() else { return };
        let (Ok(client2), Ok(server2)) = (client.again(), server.again()) else { return };
        let (Ok(client3), Ok(server3)) = (client.again(), server.again()) else { return };
        let mut open = self.open.lock().expect("no panic");
        // Asked under the lock, so that no connection slips through a cut.
        if self.is_cut.load(Ordering::SeqCst) {
            return;
        }
        open.push((client3, server3));
        std::thread::spawn(move || pass_on(client, server));
        std::thread::spawn(move || pass_on(server2, client2));
    }

    fn drop_all(&self) {
        for (client, server) in self.open.lock().expect("no panic").drain(..) {
            client.end();
            server.end();
        }
    }
}

/// Passes on what comes, until either end is gone; then both are.
fn pass_on(mut from: Stream, mut to: Stream) {
    drop(io::copy(&mut from, &mut to));
    from.end();
    to.end();
}

impl To {
    fn connect(&self) -> io::Result<Stream> {
        match self {
            Self::Socket(path) => UnixStream::connect(path).map(Stream::Unix),
            Self::Port(addr) => TcpStream::connect(addr).map(Stream::Tcp),
        }
    }
}

impl Stream {
    fn again(&self) -> io::Result<Self> {
        match self {
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
            Self::Unix(stream) => stream.try_clone().map(Self::Unix),
        }
    }

    fn end(&self) {
        // It may have ended already.
        drop(match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
        });
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            Self::Unix(stream) => stream.read(into),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.flush(),
            Self::Unix(stream) => stream.flush(),
        }
    }
}
