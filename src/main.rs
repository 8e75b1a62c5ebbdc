//! Reads the configuration, builds the server, runs it. A start that cannot work is refused in one line.

use std::process::ExitCode;

use twofold::server::config::Config;
use twofold::server::{Server, shutdown, telemetry};

#[tokio::main]
async fn main() -> ExitCode {
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    telemetry::start(&config);
    match Server::build(config).await {
        Ok(server) => {
            server.run(shutdown::signal()).await;
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("twofold cannot start: {error}");
    ExitCode::FAILURE
}
