//! The exchange of proofs, when the server is rebuilt for the other mode while pages of either are open.
//!
//! **The theorem.** After every schedule of five events without a thief and four with one, begun with a refresh token or
//! with a session just after the server was built for the other mode:
//!
//! 1. If nobody showed a copy, nothing ends the sign-in, and a page that is loaded afterwards finds the person signed in. The
//!    one exception is that of an exchange whose answer was lost, or whose body alone was, met again in the mode before: then the other mode
//!    still does.
//! 2. A proof that is shown again is given what it was given, or refused, or ends the sign-in as a copy, exactly as `law.rs`
//!    says; a session that was exchanged is nobody's; nothing is given once the sign-in has ended.
//! 3. A sign-in never has two live proofs, refresh tokens and sessions together: a trigger of the database watches.
//! 4. Whatever a thief did, afterwards the owner is signed in and nobody else has the live refresh token, or the sign-in has
//!    ended; perhaps only once two pages were loaded, or two more in the other mode. A session does not rotate: the thief has
//!    the live one only by copying it, or by showing the refresh token under the browser's own name, copied from storage. A
//!    thief who exchanges a **session** under that name and uses the token is left out: the server takes the owner for a tab
//!    that was slower.
//!
//! **The bounds**, besides those of the renewals: requests may arrive at a server of the other mode, answers arrive before the
//! server is replaced or never; no machine sleeps, and the clocks of the servers agree; loading a page is one step; the memory
//! of who was signed in a second ago is left out.
//!
//! What lies beyond five events, and does end an honest sign-in: an exchange that another tab's renewal overtook by more than
//! ten seconds on its way, and whose answer is lost then; and a mode that is changed there and back within minutes while
//! answers are lost. A mode is changed once, by whoever deploys; the person signs in again then.

mod afterwards;
mod answer;
mod browser;
mod law;
mod server;
pub mod world;

use app::auth::MODE;
use app::auth::mode::Mode;

use super::bench::Spoiled;
use super::browser::Naming;
use super::event::Start;
use super::run::Scope;
use super::{HONEST, WITH_THIEF, passed, search};

#[test]
fn exchanges_keep_the_theorem_whatever_the_order() {
    if MODE == Mode::CookieSession {
        return; // As for the renewals, once is enough.
    }
    for start in [Start::Tokens, Start::Sessions] {
        let honest = Scope { start, ..HONEST };
        let stolen = Scope {
            start,
            ..WITH_THIEF
        };
        let sound = Spoiled::default();

        passed("exchanges, honest", || search::all(5, honest, sound));
        passed("exchanges, with a thief", || search::all(4, stolen, sound));
    }
}

#[test]
fn an_exchange_whose_name_is_not_kept_is_noticed() {
    let scope = Scope {
        start: Start::Tokens,
        naming: Naming::None,
        ..HONEST
    };

    let failure = search::all(4, scope, Spoiled::default()).unwrap_err();

    assert_eq!(failure.breach, "a retry ends the sign-in", "{failure:?}");
}

#[test]
fn an_exchange_that_is_kept_as_a_renewal_is_noticed() {
    let spoiled = Spoiled {
        sql: Some(
            "CREATE TRIGGER spoiled AFTER UPDATE OF is_exchanged ON refresh_tokens WHEN NEW.is_exchanged = 1 \
             BEGIN UPDATE refresh_tokens SET is_exchanged = 0 WHERE secret_hash = NEW.secret_hash; END",
        ),
        grace: None,
    };
    let start = Start::Tokens;

    let failure = search::all(4, Scope { start, ..HONEST }, spoiled).unwrap_err();

    assert_eq!(failure.breach, "a retry ends the sign-in", "{failure:?}");
}
