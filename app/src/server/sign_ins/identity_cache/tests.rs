//! The orders of events between a look-up and a revocation, one by one and by the thousand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Credential, IdentityCache, LONGEST, MOST_ENTRIES};
use crate::domain::email::Email;
use crate::domain::sign_in::{Keep, Kind, Moment, SignIn, SignInId};
use crate::domain::user::{User, UserId};
use crate::server::store::SignedIn;

const NOW: Moment = Moment(1_700_000_000);
const LATER: Moment = Moment(NOW.0 + 60);

fn signed_in(person: &str, sign_in: &str) -> Arc<SignedIn> {
    let user_id = UserId::from(person.to_owned());
    Arc::new(SignedIn {
        user: User {
            id: user_id.clone(),
            email: Email::parse(&format!("{person}@example.com")).unwrap(),
            created_at: NOW,
            password_version: 0,
        },
        sign_in: SignIn {
            id: SignInId::from(sign_in.to_owned()),
            user_id,
            kind: Kind::Cookie,
            keep: Keep::Longer,
            created_at: NOW,
            authenticated_at: NOW,
            last_seen_at: NOW,
            idle_ends_at: LATER,
            absolute_ends_at: LATER,
            user_agent: String::new(),
            address: String::new(),
            bound_to: None,
        },
    })
}

/// A cache in which Ada is known by one credential.
struct Known {
    cache: IdentityCache,
    credential: Credential,
    ada: Arc<SignedIn>,
    start: Instant,
}

impl Known {
    fn new() -> Self {
        let known = Self {
            cache: IdentityCache::new(),
            credential: Credential::of_session("a session"),
            ada: signed_in("ada", "first"),
            start: Instant::now(),
        };
        let look_up = known.cache.begin(known.credential, known.start);
        known.cache.remember(look_up, known.ada.clone(), LATER);
        known
    }

    fn is_there(&self) -> bool {
        self.recall(self.start, NOW).is_some()
    }

    fn recall(&self, instant: Instant, now: Moment) -> Option<Arc<SignedIn>> {
        self.cache.recall(self.credential, instant, now)
    }
}

#[test]
fn an_entry_counts_for_less_than_a_second_since_before_its_look_up() {
    let known = Known::new();

    let almost = known.start + LONGEST.checked_sub(Duration::from_nanos(1)).unwrap();

    assert_eq!(known.recall(almost, NOW), Some(known.ada.clone()));
    assert_eq!(known.recall(known.start + LONGEST, NOW), None, "MI-01");
}

#[test]
fn an_entry_never_outlives_its_own_end() {
    let known = Known::new();

    assert!(known.recall(known.start, Moment(LATER.0 - 1)).is_some());
    assert!(known.recall(known.start, LATER).is_none(), "SE-10, SE-11");
}

#[test]
fn a_revocation_of_the_credential_the_sign_in_or_the_person_is_felt_at_once() {
    let revocations: [fn(&Known); 3] = [
        |known| known.cache.revoke(&known.credential),
        |known| known.cache.revoke(&known.ada.sign_in.id),
        |known| known.cache.revoke(&known.ada.user.id),
    ];
    for (index, revoke) in revocations.iter().enumerate() {
        let known = Known::new();
        assert!(known.is_there());

        revoke(&known);

        assert!(!known.is_there(), "{index}");
    }
}

#[test]
fn a_look_up_that_began_before_the_revocation_leaves_nothing_behind_after_it() {
    let known = Known::new();
    // The store is read here, and still says yes.
    let late = known.cache.begin(known.credential, known.start);
    known.cache.revoke(&known.ada.sign_in.id);

    known.cache.remember(late, known.ada.clone(), LATER);

    assert!(!known.is_there());
}

#[test]
fn a_look_up_that_begins_after_the_revocation_counts() {
    let known = Known::new();
    known.cache.revoke(&known.ada.user.id);

    let after = known.cache.begin(known.credential, known.start);
    known.cache.remember(after, known.ada.clone(), LATER);

    assert!(known.is_there());
}

#[test]
fn what_is_revoked_for_others_leaves_an_entry_alone() {
    let known = Known::new();
    let place = |id: &str| {
        known
            .cache
            .0
            .revocations
            .place(&UserId::from(id.to_owned()))
    };
    let taken = [
        known.cache.0.revocations.place(&known.credential),
        known.cache.0.revocations.place(&known.ada.sign_in.id),
        known.cache.0.revocations.place(&known.ada.user.id),
    ];

    for number in 0..1000 {
        let other = format!("other {number}");
        if !taken.contains(&place(&other)) {
            known.cache.revoke(&UserId::from(other));
        }
    }

    assert!(known.is_there());
}

#[test]
fn a_session_is_no_token_and_a_token_goes_with_its_keys() {
    let text = "the same text";

    let all = [
        Credential::of_session(text),
        Credential::of_token(text, []),
        Credential::of_token(text, ["one"]),
        Credential::of_token(text, ["two"]),
        Credential::of_token(text, ["one", "two"]),
    ];

    for (index, credential) in all.iter().enumerate() {
        assert!(!all[..index].contains(credential), "{index}");
    }
}

#[test]
fn more_entries_than_there_is_room_for_push_others_out() {
    let known = Known::new();
    let bob = signed_in("bob", "second");

    for number in 0..MOST_ENTRIES * 2 {
        let credential = Credential::of_session(&number.to_string());
        let look_up = known.cache.begin(credential, known.start);
        known.cache.remember(look_up, bob.clone(), LATER);
    }

    assert!(known.cache.0.entries.len() <= MOST_ENTRIES);
}

/// One thread revokes, and says so afterwards; others look up and remember without pause. The flag stands for the store:
/// set is committed.
#[test]
fn under_load_nobody_is_known_after_the_revocation_was_told() {
    for round in 0..200 {
        let (known, is_revoked) = (Known::new(), AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !is_revoked.load(Ordering::SeqCst) {
                        let look_up = known.cache.begin(known.credential, known.start);
                        let is_live = !is_revoked.load(Ordering::SeqCst);
                        thread::yield_now();
                        if is_live {
                            known.cache.remember(look_up, known.ada.clone(), LATER);
                        }
                    }
                });
            }
            thread::yield_now();
            is_revoked.store(true, Ordering::SeqCst);
            known.cache.revoke(&known.ada.sign_in.id);
            for _ in 0..100 {
                assert!(!known.is_there(), "round {round}");
            }
        });
        assert!(!known.is_there(), "round {round}");
    }
}
