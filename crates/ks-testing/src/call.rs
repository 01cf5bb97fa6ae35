//! One call over the wire: as little of a client as tests need who have none at hand.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) async fn call(to: SocketAddr, name: &str, params: &[(&str, &str)]) -> Result<Value> {
    let (service, action) = name.split_once('.').unwrap_or((name, ""));
    let mut body: Map<String, Value> = params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    body.insert("format".to_owned(), json!(1));
    let body = Value::Object(body).to_string();
    let head = format!(
        "POST /api_v3/service/{service}/action/{action} HTTP/1.1\r\nHost: {to}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(to).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let broken = || Error::new(ErrorKind::InvalidData, "the answer broke off");
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(broken)?;
    let text = std::str::from_utf8(&answer[end + 4..]).map_err(|_| broken())?;
    // What is no JSON comes back as text.
    Ok(serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
}
