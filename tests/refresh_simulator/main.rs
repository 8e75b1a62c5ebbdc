//! Refresh tokens under every order of events: a model of the browser, a thief and two servers, which are the real
//! `SignIns` on a real SQLite database, with a clock that moves only as a schedule says (RT-02 to RT-06, MI-04).
//!
//! **The theorem.** After every schedule of six events of an honest browser with two tabs, with and without a thief, and
//! after thousands of up to twenty-four with three tabs and two servers whose clocks differ by half a minute:
//!
//! 1. If nobody showed a copy, no answer ends the sign-in, and one more undisturbed renewal succeeds. This holds without
//!    the lock of `auth/jwt/renewal_lock.rs`, for requests and answers that are lost, late, or given up.
//! 2. A token that was spent more than ten seconds ago, or whose successor was spent, is never renewed for somebody who
//!    does not name the attempt that spent it; showing it ends the sign-in, and nothing is renewed from then on. Nothing
//!    else ends a sign-in.
//! 3. A token has one successor, whoever asks and however often, and a sign-in one live token.
//! 4. Whatever somebody with a copy did, of the cookie alone or of the name in storage as well: two requests later the owner
//!    has a new token, and nobody else the live one, or the sign-in has ended.
//!
//! A thief of the cookie who is quicker than its owner gets the successor, as anybody would: then law 2 is about the owner.
//! The owner has no key here; a thief may have one, and binds what it renews. The owner's next request ends the sign-in then,
//! within the ten seconds too: the successor is not the owner's any more.
//!
//! **The bounds**, and why they are where they are:
//!
//! - One sign-in, and it does not run out: at most six sleeps, of 25 hours. What runs out is for `tests/lifetimes.rs`.
//! - A server handles a request in one transaction. A process that dies in the middle has done all of it or nothing: that
//!   is a lost answer or a lost request. Two at once are for `tests/refresh_tokens.rs` and `database_server.rs`.
//! - An answer is heard for ten seconds, as `ANSWER_PATIENCE` gives the request up then. The request itself may arrive at
//!   any time later.
//! - An answer that was on its way when the machine fell asleep comes before anything new is sent, or never: it waits in
//!   the machine already, or the server has given the connection up.
//! - Head and body of an answer arrive together while another tab waits for one, as they are one packet. A tab that dies
//!   between them alone is in the model.
//! - Tabs see what others stored. Browsers allow themselves a moment without Web Locks; then two tabs may give one renewal
//!   two names, and the one that loses has the ten seconds of everybody else.
//! - Clocks go forward. What a clock that is set back does to the ten seconds is what two servers do whose clocks differ.
//! - A new token is used for four and a half minutes. A browser whose clock jumps renews at once, which is one more
//!   renewal, but with no other on its way.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on should stop, and its modules are for this crate alone"
)]

mod bench;
mod browser;
mod event;
mod exchange;
mod law;
mod run;
mod search;
mod world;

use std::env;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use app::auth::MODE;
use app::auth::mode::Mode;

use self::bench::Spoiled;
use self::browser::Naming;
use self::event::{Event, Start};
use self::run::Scope;
use self::search::{Failure, Outcome};

const HONEST: Scope = Scope {
    start: Start::Renewals,
    tabs: 2,
    has_thief: false,
    thief_binds: false,
    naming: Naming::GivenAnew,
};
const WITH_THIEF: Scope = Scope {
    has_thief: true,
    ..HONEST
};
const WITH_BINDING_THIEF: Scope = Scope {
    thief_binds: true,
    ..WITH_THIEF
};
/// The most events of a schedule at random.
const LONGEST: usize = 24;

#[test]
fn a_hundred_thousand_interleavings_keep_the_theorem() {
    if MODE == Mode::CookieSession {
        return; // The server's half is the same in both builds, and once is enough.
    }
    let sound = Spoiled::default();

    let honest = passed("honest, 6 events", || search::all(6, HONEST, sound));
    let stolen = passed("with a thief, 6 events", || {
        search::all(6, WITH_THIEF, sound)
    });
    let bound = passed("with a thief who has a key, 5 events", || {
        search::all(5, WITH_BINDING_THIEF, sound)
    });
    let long = passed("at random", || at_random(1, |number, _| number >= 5_000));

    assert!(honest + stolen + bound + long >= 100_000);
}

/// `bin/simulate-refresh`.
#[test]
#[ignore = "bin/simulate-refresh runs it, for as long as it is told"]
fn as_many_interleavings_as_time_allows() {
    let seconds = variable("SECONDS").map_or(60, |text| text.parse().unwrap());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = variable("SEED").map_or(now.as_secs(), |text| text.parse().unwrap());
    if let Some(schedule) = variable("SCHEDULE") {
        let outcome = search::one(&schedule.parse().unwrap(), three_tabs(WITH_BINDING_THIEF));
        assert_eq!(outcome, Ok(()), "{schedule}");
        return;
    }

    println!("SIMULATE_REFRESH_SEED={seed}");
    let limit = Duration::from_secs(seconds);
    passed("at random", || {
        at_random(seed, |_, started| started.elapsed() >= limit)
    });
}

#[test]
fn without_a_name_for_the_attempt_a_lost_answer_signs_out() {
    let scope = Scope {
        naming: Naming::None,
        ..HONEST
    };

    let failure = search::all(3, scope, Spoiled::default()).unwrap_err();

    assert_eq!(failure.breach, "an honest request ended the sign-in");
    // Whichever tab it is: the threads look into different branches.
    let schedule = failure.schedule.to_string();
    assert!(
        matches!(
            failure.schedule.events[..],
            [Event::Send(_), Event::Deliver(0)]
        ),
        "{schedule}"
    );
}

#[test]
fn an_owner_who_never_drops_the_name_of_an_overtaken_attempt_does_not_find_the_thief() {
    let scope = Scope {
        naming: Naming::Kept,
        ..WITH_THIEF
    };

    let failure = search::all(5, scope, Spoiled::default()).unwrap_err();

    assert_eq!(
        failure.breach,
        "a browser is neither renewed nor signed out"
    );
}

#[test]
fn a_longer_grace_is_noticed() {
    let day = Spoiled {
        grace: Some(Duration::from_secs(24 * 60 * 60)),
        sql: None,
    };

    let failure = search::all(5, WITH_THIEF, day).unwrap_err();

    assert_eq!(failure.breach, "a copy is renewed");
}

#[test]
fn a_revocation_that_does_not_last_is_noticed() {
    let failure = found_in(
        "CREATE TRIGGER spoiled AFTER UPDATE OF revoked_at ON sign_ins \
         BEGIN UPDATE sign_ins SET revoked_at = NULL WHERE id = NEW.id; END",
    );

    assert_eq!(failure.breach, "an ended sign-in gives an answer");
}

#[test]
fn a_successor_that_changes_is_noticed() {
    let failure = found_in(
        "CREATE TRIGGER spoiled AFTER INSERT ON refresh_tokens BEGIN UPDATE refresh_tokens \
         SET successor_seed = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' \
         WHERE sign_in_id = NEW.sign_in_id; END",
    );

    assert_eq!(failure.breach, "a second successor");
}

#[test]
fn a_second_live_token_is_noticed() {
    let second = "CREATE TRIGGER spoiled AFTER INSERT ON refresh_tokens \
         BEGIN INSERT INTO refresh_tokens (secret_hash, sign_in_id) \
         VALUES (NEW.secret_hash || '2', NEW.sign_in_id); END;";

    let unguarded = format!("DROP INDEX refresh_tokens_one_live; {second}");
    let failure = found_in(unguarded.leak());

    assert!(failure.breach.contains("one live"), "{failure:?}");
}

#[test]
fn a_spent_token_that_becomes_bound_to_the_thiefs_key_is_noticed() {
    let spoiled = Spoiled {
        sql: Some(
            "CREATE TRIGGER spoiled AFTER UPDATE OF bound_to ON sign_ins \
             BEGIN UPDATE refresh_tokens SET bound_to = NEW.bound_to WHERE sign_in_id = NEW.id; END",
        ),
        grace: None,
    };

    let failure = search::all(4, WITH_BINDING_THIEF, spoiled).unwrap_err();

    let breach = "the owner has a token that is bound to another's key";
    assert_eq!(failure.breach, breach, "{failure:?}");
}

/// What the simulator finds in a database that `sql` has spoiled.
fn found_in(sql: &'static str) -> Failure {
    let spoiled = Spoiled {
        sql: Some(sql),
        grace: None,
    };
    search::all(5, WITH_THIEF, spoiled).unwrap_err()
}

/// Half of them with a thief, who may have a key.
fn at_random(seed: u64, is_enough: impl Fn(u64, Instant) -> bool + Sync) -> Outcome {
    search::random(seed, LONGEST, three_tabs(WITH_BINDING_THIEF), is_enough)
}

fn three_tabs(scope: Scope) -> Scope {
    Scope { tabs: 3, ..scope }
}

fn variable(name: &str) -> Option<String> {
    env::var(format!("SIMULATE_REFRESH_{name}")).ok()
}

/// How many runs there were.
///
/// # Panics
/// At a failure, with the shortest schedule that fails.
fn passed(name: &str, simulate: impl FnOnce() -> Outcome) -> u64 {
    let started = Instant::now();
    match simulate() {
        Ok(runs) => {
            println!("{name}: {runs} interleavings in {:?}", started.elapsed());
            runs
        }
        Err(Failure { schedule, breach }) => {
            panic!("{name}: {breach}\nbin/simulate-refresh --schedule '{schedule}'")
        }
    }
}
