//! The server as a process of its own, for what only its start, its end and its log show.

use std::io::Read;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Database;

/// A command for the executable with an empty environment but for `variables`.
pub fn command(directory: &TempDir, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twofold"));
    command
        .env_clear()
        .env("TWOFOLD_DATA_DIR", directory.path())
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A start with an empty directory ends at once, with one line that `names` what is wrong.
pub fn assert_refused(variables: &[(&str, &str)], names: &str) {
    let directory = TempDir::new().unwrap();
    assert_refused_in(&directory, variables, names);
}

pub fn assert_refused_in(directory: &TempDir, variables: &[(&str, &str)], names: &str) {
    let port = free_port().to_string();
    let address = format!("127.0.0.1:{port}");
    let mut all = vec![("LEPTOS_SITE_ADDR", address.as_str())];
    all.extend(variables);
    let output = refused(directory, &all);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains(names), "{message}");
    assert!(
        message
            .lines()
            .any(|line| line.starts_with("twofold cannot start: ")),
        "{message}"
    );
    assert!(!message.contains("panicked"), "{message}");
}

/// Starts and waits for the refusal: a start that should fail and does not is killed.
pub fn refused(directory: &TempDir, variables: &[(&str, &str)]) -> Output {
    let mut child = command(directory, variables).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("the server started although it should have refused: {variables:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

/// Runs `twofold keys …`: its exit code, its output and its error stream.
pub fn keys(
    directory: &TempDir,
    variables: &[(&str, &str)],
    words: &[&str],
) -> (i32, String, String) {
    let output = command(directory, variables)
        .arg("keys")
        .args(words)
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// A server that is running; killed when dropped.
pub struct Process {
    child: Child,
    /// Read all the time: a server whose log nobody takes stands still.
    log: Option<JoinHandle<String>>,
    pub port: u16,
}

impl Process {
    /// Starts on a free port and waits until it answers.
    pub async fn start(directory: &TempDir, variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let database_url = Database::url(directory.path()).await;
        let mut all = vec![
            ("LEPTOS_SITE_ADDR", address.as_str()),
            ("TWOFOLD_DATABASE_URL", &database_url),
        ];
        all.extend(variables);
        let mut child = command(directory, &all).spawn().unwrap();
        let mut errors = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            errors.read_to_string(&mut log).unwrap();
            log
        });
        let process = Self {
            child,
            log: Some(log),
            port,
        };
        for _ in 0..500 {
            if reqwest::get(format!("http://{address}/healthz"))
                .await
                .is_ok()
            {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the server did not begin to answer");
    }

    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    }

    /// The most memory it has had at a time.
    pub fn peak_kilobytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.unwrap().trim().trim_end_matches(" kB");
        peak.parse().unwrap()
    }

    /// Waits for its end; its exit code and its whole log.
    pub fn finish(mut self) -> (Option<i32>, String) {
        let log = self.log.take().unwrap().join().unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
