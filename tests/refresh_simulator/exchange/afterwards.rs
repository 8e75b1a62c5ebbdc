//! What must hold once a schedule is over, and nobody disturbs the owner any more.

use app::auth::mode::Mode;

use super::super::run::Breach;
use super::answer::{Entry, Jar};
use super::law::Proof;
use super::world::{Loot, World};

/// Loads, and calls of one load, after which a browser should be settled.
const PATIENCE: usize = 4;

impl World {
    /// Afterwards one page is loaded, undisturbed. Where the answer to an exchange was lost and the mode is the first again,
    /// that has to wait for the other mode.
    pub async fn finish(mut self) -> Result<(), Breach> {
        self.wait(300);
        let is_excused = self.is_excused();
        if self.settles().await? || self.has_shown && self.settles().await? {
            return self.keep_watch().await;
        }
        if self.server.ledger.has_ended && self.has_shown {
            return Ok(());
        }
        if !self.has_shown && !is_excused {
            return Err("an honest browser is signed out".to_owned());
        }
        self.flip();
        self.wait(300);
        match self.settles().await? || self.has_shown && self.settles().await? {
            true => self.keep_watch().await,
            false if self.has_shown && self.server.ledger.has_ended => Ok(()),
            false if self.is_taken() => Ok(()),
            false if self.has_shown => Err("neither signed in nor ended".to_owned()),
            false => Err("an exchange that was lost signs out for ever".to_owned()),
        }
    }

    /// Whether the server takes the thief for the owner, who would be told nothing else after a tab that was quicker.
    fn is_taken(&self) -> bool {
        let loot = self.loot.as_ref();
        loot.is_some_and(|it| it.is_taken_for_owner)
    }

    /// "An exchange cannot be undone": what it gave never arrived, or the half of it alone that no page sees, and the mode is again that of what it was given for.
    fn is_excused(&self) -> bool {
        let Jar { session, refresh } = self.browser.jar;
        let ledger = &self.server.ledger;
        let Some(old) = (match self.server.mode {
            Mode::Jwt => refresh,
            Mode::CookieSession => session,
        }) else {
            return false;
        };
        let live = ledger.live_after(old);
        // A page of cookie mode does not see the refresh cookie: only what is in storage tells it to ask.
        let is_seen = self.server.mode == Mode::Jwt || self.browser.entry != Entry::Nothing;
        let is_held = is_seen && [session, refresh].contains(&Some(live));
        let is_other = ledger.is_session(live) == (self.server.mode == Mode::Jwt);
        ledger.came_by_exchange(live) && !is_held && is_other
    }

    /// Loads a page until it has nothing more to ask, and says whether it shows somebody.
    async fn settles(&mut self) -> Result<bool, Breach> {
        for _ in 0..PATIENCE {
            self.load(0).await?;
            let (mut is_again, mut is_second) = (false, false);
            while self.browser.is_waiting(0) && !is_again {
                let last = self.browser.calls.len() - 1;
                let call = self.browser.calls[last];
                self.deliver(last).await?;
                is_again = self.browser.arrive(last, true);
                // Overtaken: once more under the other name.
                let earlier = self.browser.names.earlier;
                if !is_second && earlier.is_some() && earlier == call.names.name {
                    is_second = true;
                    self.browser.send(0, call.act, call.has_sid);
                }
            }
            if !is_again {
                break;
            }
        }
        match self.server.mode {
            Mode::Jwt => {
                self.look(true).await?;
                Ok(self.browser.is_fresh() && !self.server.ledger.has_ended)
            }
            Mode::CookieSession => self.server.is_somebody(self.browser.jar.session).await,
        }
    }

    /// The owner is settled, and one renewal later nobody else has the live proof, but for a session that was copied as such, or
    /// exchanged by the browser's own name: it does not rotate.
    async fn keep_watch(&mut self) -> Result<(), Breach> {
        if self.has_shown && self.server.mode == Mode::Jwt {
            self.wait(300);
            if !self.settles().await? && !self.settles().await? {
                let has_ended = self.server.ledger.has_ended;
                let has_ended = has_ended || self.is_taken();
                let stuck = || "neither signed in nor ended".to_owned();
                return has_ended.then_some(()).ok_or_else(stuck);
            }
        }
        let Some(Loot { jar, shared, .. }) = &self.loot else {
            return Ok(());
        };
        let is_live = |proof: &Proof| self.server.ledger.is_live(*proof);
        let has_token = jar.refresh.as_ref().is_some_and(is_live);
        let has_session = jar.session.filter(is_live);
        if self.has_shown
            && !self.is_taken()
            && (has_token || has_session.is_some() && has_session != *shared)
        {
            return Err("a thief has the live proof unnoticed".to_owned());
        }
        Ok(())
    }
}
