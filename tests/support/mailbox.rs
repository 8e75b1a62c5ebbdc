//! A mail server of a story's own, on a free port: it speaks SMTP (the crate mailin does), keeps what it takes, and can be told to
//! refuse, to be slow, or to be down.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mailin::{Action, Handler, Response, Session, SessionBuilder, response};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::TestServer;

/// What it does with mails from now on.
#[derive(Clone, Debug)]
pub enum Mood {
    Takes,
    /// As if it were down.
    HangsUp,
    /// Says this to every one.
    Refuses(Response),
    /// Takes as long over every one.
    TakesItsTime(Duration),
}

/// One mail, as it came over the wire.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    pub from: String,
    pub to: Vec<String>,
    pub raw: String,
}

pub struct Mailbox {
    pub address: SocketAddr,
    shared: Shared,
    listening: JoinHandle<()>,
}

#[derive(Clone)]
struct Shared {
    mood: Arc<Mutex<Mood>>,
    letters: Arc<Mutex<Vec<Letter>>>,
    /// Also those that were refused.
    tries: Arc<Mutex<usize>>,
}

/// Nothing that a story waits for takes as long.
const PATIENCE: Duration = Duration::from_secs(20);
/// The server looks for mails once a second.
const A_FEW_LOOKS: Duration = Duration::from_secs(4);
const UNTRIED: &str = "SELECT id FROM mails WHERE tries = 0";
const UNSENT: &str = "SELECT id FROM mails";

impl Mailbox {
    pub async fn open() -> Self {
        let shared = Shared {
            mood: Arc::new(Mutex::new(Mood::Takes)),
            letters: Arc::default(),
            tries: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listening = tokio::spawn({
            let shared = shared.clone();
            async move {
                while let Ok((socket, _)) = listener.accept().await {
                    tokio::spawn(serve(socket, shared.clone()));
                }
            }
        });
        Self {
            address,
            shared,
            listening,
        }
    }

    /// The variable that names it.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn be(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.shared.letters.lock().unwrap().clone()
    }

    pub fn tries(&self) -> usize {
        *self.shared.tries.lock().unwrap()
    }

    /// All letters, once there are as many.
    pub async fn wait_for(&self, count: usize) -> Vec<Letter> {
        let arrived = timeout(PATIENCE, async {
            while self.letters().len() < count {
                sleep(Duration::from_millis(20)).await;
            }
        });
        let is_there = arrived.await.is_ok();
        let letters = self.letters();
        assert!(
            is_there,
            "{} of {count} letters: {letters:?}",
            letters.len()
        );
        letters
    }

    /// The only letter, once it is there.
    pub async fn wait_for_one(&self) -> Letter {
        self.wait_for(1).await.pop().unwrap()
    }

    /// Until there were as many tries, taken or refused.
    pub async fn wait_for_tries(&self, count: usize) {
        let tried = timeout(PATIENCE, async {
            while self.tries() < count {
                sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(tried.await.is_ok(), "{} of {count} tries", self.tries());
    }

    /// All letters that there are when whatever is due has been tried, and nothing is left to be sent or what is left has to wait.
    pub async fn settled(&self, server: &TestServer) -> Vec<Letter> {
        let began = Instant::now();
        while !server.select(UNTRIED).await.is_empty() {
            assert!(began.elapsed() < PATIENCE, "mails are not sent");
            sleep(Duration::from_millis(50)).await;
        }
        let tried = Instant::now();
        while tried.elapsed() < A_FEW_LOOKS && !server.select(UNSENT).await.is_empty() {
            sleep(Duration::from_millis(50)).await;
        }
        self.letters()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Letter {
    pub fn header(&self, name: &str) -> &str {
        let head = self.raw.split("\r\n\r\n").next().unwrap_or_default();
        let line = head.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.strip_prefix(": "))
            .unwrap_or_default()
    }

    pub fn text(&self) -> &str {
        self.raw.split_once("\r\n\r\n").map_or("", |(_, text)| text)
    }

    /// The address of the link in it, without the origin.
    pub fn link(&self) -> String {
        let line = self.text().lines().find(|line| line.contains("?token="));
        let line = line.unwrap_or_else(|| panic!("a link: {}", self.raw));
        let (_, rest) = line.split_once("://").unwrap();
        rest[rest.find('/').unwrap()..].to_owned()
    }

    pub fn token(&self) -> String {
        self.link().split_once("token=").unwrap().1.to_owned()
    }
}

async fn serve(socket: TcpStream, shared: Shared) {
    if matches!(*shared.mood.lock().unwrap(), Mood::HangsUp) {
        return;
    }
    let clerk = Clerk {
        shared: shared.clone(),
        letter: Letter::default(),
    };
    let mut session =
        SessionBuilder::new("mail.example.com").build(IpAddr::from(Ipv4Addr::LOCALHOST), clerk);
    // Whoever sends may hang up.
    let _ = converse(socket, &mut session, &shared).await;
}

async fn converse(
    socket: TcpStream,
    session: &mut Session<Clerk>,
    shared: &Shared,
) -> io::Result<()> {
    let mut socket = BufReader::new(socket);
    let greeting = session.greeting().buffer()?;
    socket.write_all(&greeting).await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if socket.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let answer = session.process(&line);
        let mood = shared.mood.lock().unwrap().clone();
        if let (Mood::TakesItsTime(time), b".\r\n") = (mood, line.as_slice()) {
            sleep(time).await;
        }
        socket.write_all(&answer.buffer()?).await?;
        if answer.action == Action::Close {
            return Ok(());
        }
    }
}

struct Clerk {
    shared: Shared,
    letter: Letter,
}

impl Handler for Clerk {
    fn rcpt(&mut self, _to: &str) -> Response {
        match &*self.shared.mood.lock().unwrap() {
            Mood::Refuses(answer) => {
                *self.shared.tries.lock().unwrap() += 1;
                answer.clone()
            }
            Mood::Takes | Mood::HangsUp | Mood::TakesItsTime(_) => response::OK,
        }
    }

    fn data_start(&mut self, _domain: &str, from: &str, _is8bit: bool, to: &[String]) -> Response {
        self.letter = Letter {
            from: from.to_owned(),
            to: to.to_vec(),
            raw: String::new(),
        };
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.letter.raw += &String::from_utf8_lossy(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        *self.shared.tries.lock().unwrap() += 1;
        let letter = std::mem::take(&mut self.letter);
        self.shared.letters.lock().unwrap().push(letter);
        response::OK
    }
}
