//! A server of the lab's own: as it is by default but for what is said, with an empty database, gone when the lab is done.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::outcome::Inconclusive;

pub struct OwnServer {
    child: Child,
    port: u16,
    /// Removed with it.
    directory: TempDir,
}

impl OwnServer {
    /// Starts on a free port and waits until it answers.
    pub async fn start(program: &str, variables: &[(&str, &str)]) -> Result<Self, Inconclusive> {
        let directory = TempDir::new()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("TWOFOLD_DATA_DIR", directory.path())
            .env("LEPTOS_SITE_ADDR", format!("127.0.0.1:{port}"))
            // What it would log is what the lab does to it.
            .env("RUST_LOG", "off")
            .envs(variables.iter().copied())
            .stdout(Stdio::null());
        let mut server = Self {
            child: command.spawn()?,
            port,
            directory,
        };
        for _ in 0..500 {
            let health = format!("{}/healthz", server.base());
            if reqwest::get(health).await.is_ok() {
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                return Err(Inconclusive(format!("{program} ended at once: {status}")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(Inconclusive(format!("{program} did not begin to answer")))
    }

    pub fn base(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Where its keys are.
    pub fn keys(&self) -> PathBuf {
        self.directory.path().join("keys")
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
