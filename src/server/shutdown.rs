//! When to stop: Ctrl-C, or the SIGTERM of whatever runs the server.

use tokio::signal::unix::{SignalKind, signal as listen};

/// Done when the process is asked to stop.
///
/// # Panics
/// When the operating system does not let the process listen for signals.
pub async fn signal() {
    let mut terminate = listen(SignalKind::terminate()).expect("SIGTERM can be listened for");
    let mut interrupt = listen(SignalKind::interrupt()).expect("SIGINT can be listened for");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
