//! What the executable was asked for. Without a word it reads the configuration, builds the server and runs it; a start
//! that cannot work is refused in one line.

mod commands;

use std::process::ExitCode;

use twofold::server::config::Config;
use twofold::server::{Server, shutdown, telemetry};

use self::commands::Command;

#[tokio::main]
async fn main() -> ExitCode {
    match commands::parse(lexopt::Parser::from_env()) {
        Ok(Command::Serve) => serve().await,
        Ok(command) => commands::run(command),
        Err(error) => commands::misunderstood(&error),
    }
}

async fn serve() -> ExitCode {
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
