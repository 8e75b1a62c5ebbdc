//! Load over connections that stay open: threads that write a request and read the answer, and do nothing else.

use std::borrow::Cow;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::Server;

const CONNECTIONS: usize = 4;

pub struct Request {
    address: SocketAddr,
    bytes: Vec<u8>,
}

impl Request {
    pub fn get(server: &Server, path: &str) -> Self {
        Self::of(
            server,
            &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        )
    }

    /// A call as the page's own script makes it; `proof` is a header line or nothing.
    pub fn post(server: &Server, path: &str, proof: &str) -> Self {
        let head = "Host: localhost\r\nAccept: application/json\r\nSec-Fetch-Site: same-origin\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n";
        Self::of(
            server,
            &format!("POST {path} HTTP/1.1\r\n{head}{proof}\r\n"),
        )
    }

    fn of(server: &Server, text: &str) -> Self {
        Self {
            address: server.address,
            bytes: text.as_bytes().to_vec(),
        }
    }
}

/// Sends `requests` one after the other, and again from the first, but as often as `most`.
pub fn requests_per_second(requests: &[Request], most: usize, during: Duration) -> f64 {
    let (next, answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut connection = Connection::to(requests[0].address);
                while start.elapsed() < during {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= most {
                        break;
                    }
                    connection.answer(&requests[index % requests.len()]);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let answered = u32::try_from(answered.into_inner()).unwrap();
    f64::from(answered) / start.elapsed().as_secs_f64()
}

pub struct Connection {
    stream: TcpStream,
    buffer: [u8; 16 * 1024],
}

impl Connection {
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: [0; 16 * 1024],
        }
    }

    /// Sends the request and waits for the whole answer, which must be a 200.
    pub fn answer(&mut self, request: &Request) {
        let answer = self.ask(request);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }

    /// The same, whatever the answer is.
    pub fn ask(&mut self, request: &Request) -> Cow<'_, str> {
        self.stream.write_all(&request.bytes).unwrap();
        let (mut read, mut whole) = (0, None);
        while whole.is_none_or(|whole| read < whole) {
            let more = self.stream.read(&mut self.buffer[read..]).unwrap();
            assert!(more > 0, "the server hung up");
            read += more;
            whole = whole.or_else(|| length(&self.buffer[..read]));
        }
        String::from_utf8_lossy(&self.buffer[..read])
    }
}

/// How long an answer is, as soon as its head is there.
fn length(read: &[u8]) -> Option<usize> {
    const NAME: &str = "\r\ncontent-length: ";
    let text = std::str::from_utf8(read).unwrap();
    let head = text.find("\r\n\r\n")? + 4;
    let from = text[..head].find(NAME).expect("an answer has a length") + NAME.len();
    let digits = text[from..].split('\r').next()?;
    Some(head + digits.parse::<usize>().ok()?)
}
