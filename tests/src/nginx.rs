//! nginx in front of a service, with the example of the documentation.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::programs::{free, program};

/// A running nginx, and the service behind it. Both end when it goes out of scope.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    /// Where it listens.
    pub addr: SocketAddr,
    folder: TempDir,
}

impl Nginx {
    /// Starts nginx with the example, in front of a service that answers what it was asked, and beside a `ks` at this
    /// address.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start(ks: SocketAddr) -> Self {
        let service = echo();
        let addr = free();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path();
        let examples = crate::root().join("docs/examples");
        for name in ["ks_verify.conf", "ks_identity.conf"] {
            std::fs::copy(examples.join(name), path.join(name)).expect("an example");
        }
        let example = std::fs::read_to_string(examples.join("nginx.conf")).expect("the example");
        let mut site = example;
        for (theirs, ours) in [("127.0.0.1:8080", ks), ("127.0.0.1:3000", service), ("127.0.0.1:8000", addr)] {
            assert!(site.contains(theirs), "the example listens on other ports");
            site = site.replace(&format!("{theirs};"), &format!("{ours};"));
        }
        let config = path.join("test.conf");
        std::fs::write(&config, around(path, &site)).expect("a file");
        let mut child = program("nginx")
            .arg("-e")
            .arg(path.join("error.log"))
            .arg("-p")
            .arg(path)
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed: `cargo xtask test --install`");
        let until = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(addr).is_err() {
            let log = || std::fs::read_to_string(path.join("error.log")).unwrap_or_default();
            assert!(child.try_wait().is_ok_and(|it| it.is_none()), "nginx has ended: {}", log());
            assert!(Instant::now() < until, "nginx does not listen: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, addr, folder }
    }

    /// What it wrote into its log of errors.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers when it is asked to; killed, it would leave them behind.
        let _ = program("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// What nginx needs around the example, all in one folder.
fn around(folder: &Path, site: &str) -> String {
    let folder = folder.display();
    format!(
        "daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nevents {{ worker_connections 512; }}\nhttp {{\n\
         access_log off;\nclient_body_temp_path {folder}/body;\nproxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/fastcgi;\nuwsgi_temp_path {folder}/uwsgi;\nscgi_temp_path {folder}/scgi;\n\
         {site}\n}}\n"
    )
}

/// A service that answers with the head of what it was asked. Its thread ends with the process.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
                while let Ok(read @ 1..) = stream.read(&mut buffer) {
                    head.extend_from_slice(&buffer[..read]);
                    while let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
                        let asked: Vec<u8> = head.drain(..end + 4).collect();
                        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", asked.len());
                        if stream.write_all(answer.as_bytes()).and_then(|()| stream.write_all(&asked)).is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    addr
}
