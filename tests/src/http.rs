//! A small HTTP/1.1 client that hides nothing: the tests look at whole answers.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A request, as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers besides `Host`, `Connection` and `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The body; `None` sends no `Content-Length`.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// A request without a body.
    #[must_use]
    pub fn get(target: &str) -> Self {
        Self { method: "GET".to_owned(), target: target.to_owned(), headers: Vec::new(), body: None }
    }

    /// A POST with a body.
    #[must_use]
    pub fn post(target: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { method: "POST".to_owned(), target: target.to_owned(), headers: Vec::new(), body: Some(body.into()) }
            .header("Content-Type", content_type)
    }

    /// The same request by another method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// The same request with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends it on a connection of its own.
    ///
    /// # Errors
    ///
    /// When no complete answer comes back.
    pub fn send(&self, to: SocketAddr) -> io::Result<Response> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            bytes.extend_from_slice(format!("Host: {to}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"Connection: close\r\n");
        for (name, value) in &self.headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        if let Some(body) = &self.body
            && !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        exchange(to, &bytes, self.method == "HEAD")
    }
}

/// Sends raw bytes and reads the answer.
///
/// # Errors
///
/// When no complete answer comes back.
pub fn exchange(to: SocketAddr, bytes: &[u8], head: bool) -> io::Result<Response> {
    let mut stream = TcpStream::connect(to)?;
    // So that a server that never answers fails a test and does not hang it.
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    stream.set_write_timeout(Some(Duration::from_secs(120)))?;
    // A server that refuses a body may close before it has read all of it; its answer counts.
    let written = stream.write_all(bytes).and_then(|()| stream.flush());
    let mut raw = Vec::new();
    let read = stream.read_to_end(&mut raw);
    match Response::parse(&raw, head) {
        Some(response) => Ok(response),
        None => Err(written.and(read.map(drop)).err().unwrap_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("no answer in {:?}", String::from_utf8_lossy(&raw)))
        })),
    }
}

/// An answer, as it came over the wire, with the transfer coding undone.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// All headers in order.
    pub headers: Vec<(String, String)>,
    /// The body; still compressed if it was sent so.
    pub body: Vec<u8>,
}

impl Response {
    /// The answer that these bytes are; `None` while some of it is missing.
    #[must_use]
    pub fn parse(raw: &[u8], head: bool) -> Option<Self> {
        let end = raw.windows(4).position(|window| window == b"\r\n\r\n")?;
        let text = std::str::from_utf8(raw.get(..end)?).ok()?;
        let mut lines = text.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())))
            .collect::<Option<_>>()?;
        let mut response = Self { status, headers, body: Vec::new() };
        let rest = raw.get(end + 4..)?;
        response.body = if head {
            rest.to_vec()
        } else if response.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            unchunk(rest)?
        } else if let Some(length) = response.header("content-length") {
            rest.get(..length.parse().ok()?)?.to_vec()
        } else {
            rest.to_vec()
        };
        Some(response)
    }

    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    ///
    /// # Panics
    ///
    /// When it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap_or_else(|_| panic!("no UTF-8: {:?}", self.body))
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is not JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        let data = rest.get(end + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(data.get(..size)?);
        rest = data.get(size + 2..)?;
    }
}
