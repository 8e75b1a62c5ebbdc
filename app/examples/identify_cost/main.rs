//! What it costs a running server to find out who asks: requests per second by cookie and by token, both known to it,
//! against the same call by nobody, in one run. With `--memory`: what it keeps for 10,000 live sign-ins.
//! `bin/identify-cost` starts it. The load comes from plain threads, so that this may be a debug build.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a measurement that cannot go on should stop, and its parts are for this program alone"
)]

mod load;
mod people;
mod proofs;
mod server;

use std::slice;
use std::time::Duration;

use load::{Request, requests_per_second};
use people::People;
use proofs::Prover;
use server::Server;

const ROUNDS: usize = 20;
const EACH: Duration = Duration::from_millis(400);
/// More than are answered in a turn would be made for nothing.
const PROOFS: usize = 2_500;
const LIVE_SIGN_INS: usize = 10_000;
/// The share of an unauthenticated call's speed that a known caller must reach.
const BUDGET: f64 = 0.85;

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [program, rest @ ..] = arguments.as_slice() else {
        panic!("usage: identify_cost SERVER [--memory]");
    };
    let server = Server::start(program);
    if rest.iter().any(|word| word == "--memory") {
        measure_memory(&server).await;
    } else {
        measure_speed(&server).await;
    }
}

async fn measure_speed(server: &Server) {
    let people = People::add(server, 1).await;
    let viewer = |proof: String| Request::post(server, "/api/viewer", &proof);
    let token = people.token(0);
    let kinds = [
        (
            "GET /healthz, without these layers",
            Request::get(server, "/healthz"),
        ),
        ("POST /api/viewer, by nobody", viewer(String::new())),
        ("POST /api/viewer, by cookie", viewer(people.cookie(0))),
        ("POST /api/viewer, by token", viewer(token.clone())),
    ];
    let prover = Prover::new(server);
    let mut best = [0.0_f64; 5];
    for _ in 0..ROUNDS {
        for (index, (_, request)) in kinds.iter().enumerate() {
            let rate = requests_per_second(slice::from_ref(request), usize::MAX, EACH);
            best[index] = best[index].max(rate);
        }
        // Each is good once.
        let with_proofs = prover.headers(&token, PROOFS).map(&viewer);
        let with_proofs: Vec<_> = with_proofs.collect();
        best[4] = best[4].max(requests_per_second(&with_proofs, PROOFS, EACH));
    }
    println!("requests per second on one core, the best of {ROUNDS} turns of {EACH:?} each:");
    let names = kinds.iter().map(|(name, _)| *name);
    for (name, rate) in names.chain(["the same, with a proof of its key"]).zip(best) {
        println!("  {name:<36} {rate:>8.0}");
    }
    for (index, name) in [(2, "cookie"), (3, "token")] {
        let ratio = best[index] / best[1];
        let verdict = if ratio >= BUDGET {
            "within"
        } else {
            "NOT within"
        };
        println!("  by {name} / by nobody: {ratio:.2}, {verdict} the budget of {BUDGET}");
    }
    let microseconds = 1e6 / best[4] - 1e6 / best[3];
    println!(
        "  a proof costs {microseconds:.0} µs, {:.2} of a call by nobody",
        microseconds * best[1] / 1e6
    );
}

async fn measure_memory(server: &Server) {
    let idle = server.resident_kilobytes();
    let people = People::add(server, LIVE_SIGN_INS).await;
    visit(server, |index| people.cookie(index));
    let by_cookie = server.resident_kilobytes();
    visit(server, |index| people.token(index));
    let by_both = server.resident_kilobytes();

    println!("resident memory, in MB:");
    for (what, kilobytes) in [
        ("after the start".to_owned(), idle),
        (
            format!("{LIVE_SIGN_INS} sign-ins seen by cookie"),
            by_cookie,
        ),
        ("and each by a token as well".to_owned(), by_both),
    ] {
        println!("  {what:<32} {:>5}", kilobytes / 1024);
    }
}

fn visit(server: &Server, proof: impl Fn(usize) -> String) {
    let mut connection = load::Connection::to(server.address);
    for index in 0..LIVE_SIGN_INS {
        let request = Request::post(server, "/api/viewer", &proof(index));
        connection.answer(&request);
    }
}
