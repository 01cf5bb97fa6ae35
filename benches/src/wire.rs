//! As much of HTTP/1.1 as the load generator needs.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use memchr::memmem;

use crate::Result;

/// What the bytes received so far are.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer<'b> {
    /// Not yet an answer.
    Part,
    /// A whole one with status 200.
    Body(&'b [u8]),
    /// None at all.
    Wrong(&'static str),
}

/// Reads an answer that states its length; what follows it makes it wrong, because nothing more was asked for.
pub(crate) fn read(bytes: &[u8]) -> Answer<'_> {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else { return Answer::Part };
    let (head, body) = (&bytes[..end], &bytes[end + 4..]);
    if !head.starts_with(b"HTTP/1.1 200 ") {
        return Answer::Wrong("the status is not 200");
    }
    let Some(length) = content_length(head) else { return Answer::Wrong("the answer does not state its length") };
    match body.len() {
        received if received < length => Answer::Part,
        received if received > length => Answer::Wrong("more than one answer"),
        _ => Answer::Body(body),
    }
}

/// The status and the body of an answer that states its length, if it is whole.
pub(crate) fn whole(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let end = memmem::find(bytes, b"\r\n\r\n")?;
    let status = std::str::from_utf8(bytes.get(9..12)?).ok()?.parse().ok()?;
    let length = content_length(&bytes[..end])?;
    Some((status, bytes.get(end + 4..end + 4 + length)?))
}

fn content_length(head: &[u8]) -> Option<usize> {
    let at = memmem::find(head, b"content-length: ").or_else(|| memmem::find(head, b"Content-Length: "))?;
    let digits = head[at + 16..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.map(|digit| usize::from(digit - b'0')).reduce(|number, digit| number * 10 + digit)
}

/// A connection that asks one thing after the other.
pub(crate) struct Connection(TcpStream);

impl Connection {
    pub(crate) fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self(stream))
    }

    /// Sends a request, and gives the body of its answer.
    pub(crate) fn ask(&mut self, request: &str) -> Result<String> {
        self.0.write_all(request.as_bytes())?;
        let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
        loop {
            match read(&bytes) {
                Answer::Body(body) => return Ok(String::from_utf8(body.to_vec())?),
                Answer::Wrong(why) => return Err(why.into()),
                Answer::Part => match self.0.read(&mut piece)? {
                    0 => return Err("the server closed the connection".into()),
                    count => bytes.extend_from_slice(&piece[..count]),
                },
            }
        }
    }
}

/// Sends one request on a connection of its own, and gives the body.
pub(crate) fn once(address: &str, request: &str) -> Result<String> {
    Connection::open(address)?.ask(request)
}

/// Sends a request several times, one after the other, and gives the last body.
pub(crate) fn many(address: &str, request: &str, times: usize) -> Result<String> {
    let mut connection = Connection::open(address)?;
    let mut last = String::new();
    for _ in 0..times {
        last = connection.ask(request)?;
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_length_is_there() {
        let whole = b"HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 12\r\n\r\nhello, there";
        assert_eq!(read(whole), Answer::Body(b"hello, there"));
        for cut in 0..whole.len() {
            assert_eq!(read(&whole[..cut]), Answer::Part, "{cut}");
        }
        let mut two = whole.to_vec();
        two.push(b'H');
        assert_eq!(read(&two), Answer::Wrong("more than one answer"));
        assert_eq!(read(b"HTTP/1.1 500 Oh\r\n\r\n"), Answer::Wrong("the status is not 200"));
        let busy = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nbusy";
        assert_eq!(super::whole(busy), Some((503, &b"busy"[..])));
        assert_eq!(super::whole(&busy[..busy.len() - 1]), None);
        assert_eq!(read(b"HTTP/1.1 200 OK\r\n\r\n"), Answer::Wrong("the answer does not state its length"));
    }
}
