//! The server that is measured: a process with a directory of its own, on one core where that can be had.

use std::fs::read_to_string;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use crate::load::{Connection, Request};

pub struct Server {
    child: Child,
    directory: TempDir,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(program: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let child = on_one_core(program)
            .env("TWOFOLD_DATA_DIR", directory.path())
            .env("LEPTOS_SITE_ADDR", address.to_string())
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            child,
            directory,
            address,
        };
        for _ in 0..500 {
            if TcpStream::connect(address).is_ok() {
                // It listens before it has a database, and answers only afterwards.
                Connection::to(address).answer(&Request::get(&server, "/healthz"));
                return server;
            }
            sleep(Duration::from_millis(20));
        }
        panic!("the server did not begin to answer");
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    pub fn resident_kilobytes(&self) -> usize {
        let status = read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.unwrap().split_whitespace().next().unwrap();
        number.parse().unwrap()
    }
}

/// With a core to itself the server is what limits the rate, and not who asks.
fn on_one_core(program: &str) -> Command {
    let can = Command::new("taskset").args(["-c", "0", "true"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", "0", program]);
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
