//! A way from TCP to a Unix socket that can be cut, such as the one between a node and its database.

use std::io::{Read, Write};
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
    to: PathBuf,
    is_cut: AtomicBool,
    is_over: AtomicBool,
    open: Mutex<Vec<(TcpStream, UnixStream)>>,
}

impl Proxy {
    /// Leads to a socket.
    ///
    /// # Panics
    ///
    /// When no port is free.
    #[must_use]
    pub fn to(socket: &Path) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let way = Arc::new(Way {
            to: socket.to_owned(),
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
                accepting.lead(client);
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
    /// Leads one client to the socket; whoever comes while the way is cut is sent away.
    fn lead(&self, client: TcpStream) {
        let Ok(server) = UnixStream::connect(&self.to) else { return };
        let (Ok(client2), Ok(server2)) = (client.try_clone(), server.try_clone()) else { return };
        let (Ok(client3), Ok(server3)) = (client.try_clone(), server.try_clone()) else { return };
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
            drop(client.shutdown(Shutdown::Both));
            drop(server.shutdown(Shutdown::Both));
        }
    }
}

/// Passes on what comes, until either end is gone; then both are.
fn pass_on(mut from: impl Read + End, mut to: impl Write + End) {
    drop(std::io::copy(&mut from, &mut to));
    from.end();
    to.end();
}

trait End {
    fn end(&self);
}

impl End for TcpStream {
    fn end(&self) {
        drop(self.shutdown(Shutdown::Both));
    }
}

impl End for UnixStream {
    fn end(&self) {
        drop(self.shutdown(Shutdown::Both));
    }
}
