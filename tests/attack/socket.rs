//! Requests as no HTTP library sends them.

use std::io::{Error, ErrorKind};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::lab::Lab;
use crate::support::Answer;

const ANSWER_WITHIN: Duration = Duration::from_secs(10);

pub async fn connect(lab: &Lab) -> Result<TcpStream, Error> {
    TcpStream::connect(lab.address()).await
}

/// Sends a head, to which only the empty line is added, and reads the answer until the server hangs up.
pub async fn ask(lab: &Lab, head: &str) -> Result<Answer, Error> {
    let mut socket = connect(lab).await?;
    let head = format!("{head}Connection: close\r\n\r\n");
    // The server may answer and hang up before it has read everything.
    let _ = socket.write_all(head.as_bytes()).await;
    read(&mut socket).await
}

pub async fn read(socket: &mut TcpStream) -> Result<Answer, Error> {
    let mut bytes = Vec::new();
    let read = timeout(ANSWER_WITHIN, socket.read_to_end(&mut bytes)).await;
    match read {
        Err(_) if bytes.is_empty() => return Err(Error::new(ErrorKind::TimedOut, "no answer")),
        Ok(Err(error)) if bytes.is_empty() => return Err(error),
        _ => {}
    }
    let text = String::from_utf8_lossy(&bytes);
    let garbled = || Error::new(ErrorKind::InvalidData, format!("no HTTP: {text:?}"));
    parse(&text).ok_or_else(garbled)
}

fn parse(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(value.trim()).ok()?);
    }
    Some(Answer {
        status: StatusCode::from_bytes(status.as_bytes()).ok()?,
        headers,
        body: body.to_owned(),
    })
}
