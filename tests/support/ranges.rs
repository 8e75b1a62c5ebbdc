//! A stand-in for the service that knows passwords from breaches, which can also misbehave.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How it answers from now on.
#[derive(Clone, Debug)]
pub enum Reply {
    /// With these lines.
    Range(String),
    Status(&'static str),
    /// Hears the question and says nothing.
    Silence,
    /// One line after the other, as fast as they are read.
    Endless,
    /// A good beginning, and then a line in a while.
    Trickle,
}

pub struct Ranges {
    /// What the server has to be told.
    pub address: String,
    reply: Arc<Mutex<Reply>>,
    questions: Arc<Mutex<Vec<String>>>,
}

impl Ranges {
    pub async fn answering(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ranges = Self {
            address: format!("http://{}/range/", listener.local_addr().unwrap()),
            reply: Arc::new(Mutex::new(reply)),
            questions: Arc::default(),
        };
        let (reply, questions) = (Arc::clone(&ranges.reply), Arc::clone(&ranges.questions));
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (reply, questions) = (Arc::clone(&reply), Arc::clone(&questions));
                tokio::spawn(async move {
                    let question = head(&mut socket).await;
                    questions.lock().unwrap().push(question);
                    let reply = reply.lock().unwrap().clone();
                    // Whoever asked may have gone.
                    let _ = answer(&mut socket, &reply).await;
                });
            }
        });
        ranges
    }

    pub fn answer_with(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    /// Every question so far, as it came over the wire.
    pub fn questions(&self) -> Vec<String> {
        self.questions.lock().unwrap().clone()
    }
}

async fn head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

async fn answer(socket: &mut TcpStream, reply: &Reply) -> std::io::Result<()> {
    const LINE: &[u8] = b"00000000000000000000000000000000000:1\r\n";
    let status = match reply {
        Reply::Status(status) => status,
        Reply::Silence => return std::future::pending().await,
        _ => "200 OK",
    };
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).await?;
    match reply {
        Reply::Range(lines) => socket.write_all(lines.as_bytes()).await,
        Reply::Endless => {
            let lines = LINE.repeat(1000);
            loop {
                socket.write_all(&lines).await?;
            }
        }
        Reply::Trickle => loop {
            socket.write_all(LINE).await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        },
        Reply::Status(_) | Reply::Silence => Ok(()),
    }
}
