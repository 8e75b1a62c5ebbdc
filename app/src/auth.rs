//! THE SWITCH. One feature, `jwt`, decides how this build keeps people signed in. Both modes are compiled into every
//! build and offer the same items; this file picks one of them, by name, so that a missing item fails here.
//!
//! | item | side | what it means |
//! | --- | --- | --- |
//! | `MODE` | both | which mode was picked |
//! | `Client` | browser | sends server-function calls, with the proof of who is calling |
//! | `Grant` | wire | what a sign-in hands back; `Grant::keep` keeps it, `Grant::accept` also goes on to the next page |
//! | `follow` | browser | finds out who is signed in after hydration, and notices when that changes |
//! | `forget` | browser | drops every trace of the sign-in and goes to the start page |
//! | `grant` | server | turns a person whose password was right into a sign-in with its proof |
//! | `exchange` | server | turns a proof that the other mode handed out into one of this mode, for the same sign-in |
//! | `may_exchange` | server | whether the page should ask for that, as far as its request tells |
//! | `first_viewer` | server | what the first render may know of who is asking |
//! | `page_needs_sign_in` | server | whether a guarded page is refused before it is rendered |
//! | `identify`, `confirm`, `change_password`, `end_proved`, `attach` | server | the same in both modes: either proof is understood in every build |

pub mod jwt;
pub mod mode;
pub mod next;
pub mod session;
pub mod viewer;

mod open_page;
mod transport;

#[cfg(feature = "ssr")]
mod identity;
#[cfg(feature = "ssr")]
mod same_origin;

#[cfg(feature = "ssr")]
pub use self::identity::{
    CONFIRM_PAGE, attach, change_password, confirm, end_proved, identify, spend_proof, wants_page,
};

#[cfg(all(feature = "ssr", not(feature = "jwt")))]
pub use self::session::server::{exchange, first_viewer, grant, may_exchange, page_needs_sign_in};
#[cfg(not(feature = "jwt"))]
pub use self::session::{Client, Grant, MODE, follow, forget};

#[cfg(all(feature = "ssr", feature = "jwt"))]
pub use self::jwt::server::{exchange, first_viewer, grant, may_exchange, page_needs_sign_in};
#[cfg(feature = "jwt")]
pub use self::jwt::{Client, Grant, MODE, follow, forget};
