//! Noting refusals, reading a person's events and clearing old ones away. What succeeded is noted by the store itself.

use std::error::Error;
use std::time::Duration;

use super::{Event, Outcome};
use crate::domain::email::Email;
use crate::domain::sign_in::{Moment, SignInId};
use crate::domain::user::{User, UserId};
use crate::server::batches::delete_in_batches;
use crate::server::caller::Caller;
use crate::server::clock::Clock;
use crate::server::secret::Hashed;
use crate::server::store::{Bucket, Rule, Store, StoreError};
use crate::server::throttle::Limit;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
/// Sign-ups with one address that is taken.
const TAKEN_AN_HOUR: u32 = 10;

/// Whom an event is about.
#[derive(Clone, Copy, Debug)]
pub enum Whom<'a> {
    Nobody,
    User(&'a UserId),
    /// Whoever has the address, if anybody. Found by the statement that writes, which takes as long for nobody (EN-01).
    Owner(&'a Email),
    /// The sign-in, and whoever it is of.
    SignIn(&'a SignInId),
}

/// An event as it was noted.
#[derive(Clone, Debug)]
pub struct Noted {
    pub code: String,
    pub outcome: String,
    pub reason: Option<String>,
    pub factor: String,
    pub happened_at: Moment,
    pub user_agent: String,
    pub address: String,
    pub request_id: String,
    pub sign_in_id: Option<SignInId>,
}

impl Noted {
    /// What people read; an event of a newer release is one that this one has no words for.
    pub fn in_words(&self) -> &'static str {
        let event = Event::find(&self.code, self.reason.as_deref());
        event.map_or("Something else", Event::in_words)
    }

    pub fn is_refused(&self) -> bool {
        self.outcome == Outcome::Refused.as_str()
    }
}

#[derive(Clone, Debug)]
pub struct Audit {
    store: Store,
    clock: Clock,
}

impl Audit {
    /// So many of their events a person sees of what was done, and as many of what was refused, the newest: a page to be read at
    /// a glance, and one that costs as much however long somebody guesses at the account. Strangers can bring about refusals
    /// alone, and push nothing off the page that was done. The others are in the database.
    pub const SHOWN_OF_EACH: u32 = 25;

    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Notes a refusal that something else bounds already. The refusal stands even if it cannot be noted: the log has it.
    pub async fn refused(&self, event: Event, whom: Whom<'_>, caller: &Caller) {
        log(event, whom, caller);
        warn(self.store.note(event, whom, caller, self.clock.now()).await);
    }

    /// Notes that `limit` refused a try unseen, the first time in an hour: whatever is tried on writes nothing (TH-09). A limit
    /// of one account is noted for its `owner`, any other for nobody.
    pub async fn refused_by(&self, limit: &Limit, event: Event, owner: Whom<'_>, caller: &Caller) {
        let whom = if limit.is_of_account {
            owner
        } else {
            Whom::Nobody
        };
        let key = format!("{} {}", event.code(), limit.key);
        self.refused_at_most(1, HOUR, &key, event, whom, caller)
            .await;
    }

    /// Notes a sign-up with an address that is taken, for its owner.
    pub async fn address_was_taken(&self, email: &Email, caller: &Caller) {
        let (event, whom) = (Event::SignUpTaken, Whom::Owner(email));
        self.refused_at_most(TAKEN_AN_HOUR, HOUR, email.as_str(), event, whom, caller)
            .await;
    }

    /// Notes that a live token, or what renews it, was shown without what it is bound to: a copy, or a browser that lost its
    /// key. One row a minute for a sign-in: whoever has a copy may show it as often as they like.
    pub async fn lacked_key(&self, event: Event, id: &SignInId, caller: &Caller) {
        self.refused_at_most(1, MINUTE, id.as_str(), event, Whom::SignIn(id), caller)
            .await;
    }

    /// The latest events of a person, done and refused, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest_of(&self, user: &User) -> Result<Vec<Noted>, StoreError> {
        let most = Self::SHOWN_OF_EACH;
        self.store.find_latest_events(&user.id, most).await
    }

    /// Deletes what is older than `kept`, a few at a time; says how many. Several nodes may do so at once.
    ///
    /// # Errors
    /// [`StoreError`]; what was deleted before stays deleted.
    pub async fn purge(&self, kept: Duration) -> Result<usize, StoreError> {
        let (store, before) = (&self.store, self.clock.now().before(kept));
        store.let_events_go(before).await?;
        let find = |most| store.find_events_before(before, most);
        let delete = |id: String| async move { store.delete_event(&id).await };
        delete_in_batches(find, delete).await
    }

    async fn refused_at_most(
        &self,
        budget: u32,
        per: Duration,
        key: &str,
        event: Event,
        whom: Whom<'_>,
        caller: &Caller,
    ) {
        log(event, whom, caller);
        let now = self.clock.now();
        let bucket = Bucket {
            key: format!("noted {} {}", event.code(), Hashed::of(key).as_str()),
            rule: Rule::Steady { budget, per },
        };
        match self.store.count_try(&[bucket], now).await {
            Ok(Ok(())) => warn(self.store.note(event, whom, caller, now).await),
            Ok(Err(_)) => {}
            Err(error) => warn(Err(error)),
        }
    }
}

/// The precise reason, in a line of the request that the client was told the id of. Whose it is follows from the row.
fn log(event: Event, whom: Whom<'_>, caller: &Caller) {
    let sid = match whom {
        Whom::SignIn(id) => id.as_str(),
        _ => "",
    };
    let user = match whom {
        Whom::User(id) => id.as_str(),
        _ => "",
    };
    tracing::info!(
        event = event.code(),
        reason = event.reason().unwrap_or_default(),
        user,
        sid,
        address = caller.device.address,
        "refused"
    );
}

fn warn(result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::error!(
            error = &error as &(dyn Error + 'static),
            "an audit event could not be noted"
        );
    }
}
