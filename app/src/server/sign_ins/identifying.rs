//! Finding out who shows a credential: by the memory of this process or by the store, in the one order that is safe.

use std::sync::Arc;
use std::time::Duration;

use super::{Credential, SignIns};
use crate::domain::sign_in::{Moment, SignIn, SignInId};
use crate::domain::user::UserId;
use crate::server::store::{SignedIn, StoreError};

/// How old an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// A revocation on this node is felt at once, one on another node within a second.
    Recent,
    /// Checked in the store now, for what must not be done with a sign-in that ended anywhere.
    Fresh,
}

/// What a credential says by itself.
#[derive(Debug)]
pub struct Proof {
    pub sign_in_id: SignInId,
    /// Whose the sign-in must be, where the credential says so.
    pub user_id: Option<UserId>,
    /// The key that the credential is bound to, where it says whether it is to one.
    pub bound_to: Option<Option<String>>,
    /// From when on it proves nothing any more, where it has an end of its own.
    pub until: Option<Moment>,
}

impl SignIns {
    /// Who shows `credential`, if anybody. `proof` is only awaited if that is not known already; what it fails with, and what
    /// the store does, is never remembered, and neither is that somebody is nobody.
    ///
    /// # Errors
    /// What `proof` fails with, and [`StoreError`].
    pub async fn identify<E: From<StoreError>>(
        &self,
        credential: Credential,
        policy: Policy,
        proof: impl Future<Output = Result<Option<Proof>, E>>,
    ) -> Result<Option<Arc<SignedIn>>, E> {
        let instant = self.clock.instant();
        if policy == Policy::Recent
            && let Some(known) = self.cache.recall(credential, instant, self.clock.now())
        {
            return Ok(Some(known));
        }
        let look_up = self.cache.begin(credential, instant);
        let Some(proof) = proof.await? else {
            return Ok(None);
        };
        let found = self.find_live(&proof.sign_in_id).await?;
        let fits = |found: &SignedIn| {
            let is_theirs = proof.user_id.as_ref().is_none_or(|id| *id == found.user.id);
            let key = proof.bound_to.as_ref();
            is_theirs && key.is_none_or(|key| *key == found.sign_in.bound_to)
        };
        let Some(signed_in) = found.filter(fits).map(Arc::new) else {
            return Ok(None);
        };
        let touch_every = self.lifetimes.touch_every;
        let until = counts_until(&signed_in.sign_in, proof.until, touch_every);
        self.cache.remember(look_up, Arc::clone(&signed_in), until);
        Ok(Some(signed_in))
    }
}

/// An end of its own, or when it is due to be marked as seen (SE-10): whatever comes first.
fn counts_until(sign_in: &SignIn, proof_ends: Option<Moment>, touch_every: Duration) -> Moment {
    let due = sign_in.last_seen_at.after(touch_every);
    let ends = sign_in.idle_ends_at.min(sign_in.absolute_ends_at);
    due.min(ends).min(proof_ends.unwrap_or(ends))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::counts_until;
    use crate::domain::sign_in::{Keep, Kind, Moment, SignIn, SignInId};
    use crate::domain::user::UserId;

    #[test]
    fn whatever_ends_first_ends_the_memory() {
        let until = |[idle, absolute, seen]: [i64; 3], proof: Option<i64>| {
            let sign_in = SignIn {
                id: SignInId::from(String::new()),
                user_id: UserId::from(String::new()),
                kind: Kind::Token,
                keep: Keep::Longer,
                created_at: Moment(0),
                authenticated_at: Moment(0),
                last_seen_at: Moment(seen),
                idle_ends_at: Moment(idle),
                absolute_ends_at: Moment(absolute),
                user_agent: String::new(),
                address: String::new(),
                bound_to: None,
            };
            counts_until(&sign_in, proof.map(Moment), Duration::from_secs(60)).0
        };

        assert_eq!(until([500, 900, 700], None), 500, "the idle end");
        assert_eq!(until([900, 500, 700], None), 500, "the absolute end");
        assert_eq!(until([900, 900, 700], None), 760, "SE-10: due to be seen");
        assert_eq!(until([900, 900, 700], Some(500)), 500, "the token's end");
        assert_eq!(until([900, 900, 700], Some(950)), 760);
    }
}
