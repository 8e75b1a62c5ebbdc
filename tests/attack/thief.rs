//! A thief who is signed in elsewhere as the victim: what the owner does about it, and what the thief cannot do without the
//! password.

use std::sync::Arc;

use crate::catalogue::{Attack, Group};
use crate::lab::{Lab, Person};
use crate::outcome::{Inconclusive, Means, Trials, Verdict, brief, control};
use crate::support::program::{ME, Program, SIGN_INS, TOKEN, credentials, post_json};
use crate::support::reachable::Reachable;
use crate::support::{Answer, Browser, PASSWORD};

pub const GROUP: Group = Group {
    title: "A thief who is signed in",
    attacks: &[
        Attack::new(
            "a thief's sign-in goes on after the owner ended that very one",
            "SE-09, SE-12",
            "401, and 400 `invalid_grant` for a program: every proof of it is dead",
            |lab| Box::pin(after_ending_one(lab)),
        ),
        Attack::new(
            "a thief's sign-in goes on after the owner ended all others",
            "SE-09, SE-12",
            "401, and 400 `invalid_grant` for a program: every proof of it is dead",
            |lab| Box::pin(after_ending_others(lab)),
        ),
        Attack::new(
            "a thief's sign-in goes on after the owner chose another password",
            "PW-12",
            "401, and 400 `invalid_grant` for a program: every other sign-in has ended",
            |lab| Box::pin(after_another_password(lab)),
        ),
        Attack::new(
            "the old password, after the owner chose another",
            "PW-12",
            "401, and 400 `invalid_grant` for a program",
            |lab| Box::pin(old_password(lab)),
        ),
        Attack::new(
            "a thief without the password gives a wrong one again, or changes it",
            "PW-12, SU-01",
            "422, and everything is as it was",
            |lab| Box::pin(wrong_passwords(lab)),
        ),
    ],
};

pub const NEW_PASSWORD: &str = "seven lamps over a quiet harbour";
const CHANGE: &str = "/api/change_password";
const OUT: Means = Means::of(&[401], "error");
const SPENT: Means = Means::of(&[400], "invalid_grant");
const WRONG: Means = Means::of(&[422], "password");

struct Thief {
    browser: Browser,
    program: Program,
}

impl Thief {
    async fn of(lab: &Lab, owner: &Person) -> Result<Self, Inconclusive> {
        let mut browser = lab.sign_in_as(owner).await?;
        let program = Program::sign_in_as(lab, &owner.email).await;
        let account = browser.call("/api/account", &[]).await;
        control(account.status == 200, "the thief is in", brief(&account))?;
        let me = program.ask("GET", ME).await;
        control(me.status == 200, "their program as well", brief(&me))?;
        Ok(Self { browser, program })
    }

    /// Tries everything that a sign-in is good for.
    async fn judge(mut self, trials: &mut Trials, after: &str) {
        for path in ["/api/account", "/api/refresh", "/api/account"] {
            let answer = self.browser.call(path, &[]).await;
            trials.judge(format!("{path} after {after}"), &answer, OUT);
        }
        let me = self.program.ask("GET", ME).await;
        trials.judge(format!("{ME} after {after}"), &me, OUT);
        let renewal = self.program.renew(&self.program.refresh_token, None).await;
        trials.judge(format!("a renewal after {after}"), &renewal, SPENT);
    }
}

async fn does(
    owner: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
) -> Result<(), Inconclusive> {
    let answer = owner.call(path, fields).await;
    control(answer.status == 200, path, brief(&answer))
}

async fn is_still_in(owner: &mut Browser) -> Result<(), Inconclusive> {
    let account = owner.call("/api/account", &[]).await;
    control(account.status == 200, "the owner is in", brief(&account))
}

async fn after_ending_one(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.person().await?;
    let thief = Thief::of(&lab, &owner).await?;
    let list = owner.browser.call("/api/sign_ins", &[]).await;
    let rows = list.json().as_array().cloned().unwrap_or_default();
    let others = rows.iter().filter(|row| row["is_this_device"] != true);
    let ids: Vec<_> = others.filter_map(|row| row["id"].as_str()).collect();
    control(!ids.is_empty(), "the owner sees the thief", brief(&list))?;
    for id in ids {
        does(&mut owner.browser, "/api/end_sign_in", &[("id", id)]).await?;
    }
    let mut trials = Trials::stopped_by("401 or 400 invalid_grant");
    thief.judge(&mut trials, "its end").await;
    is_still_in(&mut owner.browser).await?;
    trials.verdict()
}

async fn after_ending_others(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.person().await?;
    let mut trials = Trials::stopped_by("401 or 400 invalid_grant");
    let thief = Thief::of(&lab, &owner).await?;
    does(&mut owner.browser, "/api/end_other_sign_ins", &[]).await?;
    thief.judge(&mut trials, "the end of others").await;
    is_still_in(&mut owner.browser).await?;
    let thief = Thief::of(&lab, &owner).await?;
    let program = Program::sign_in_as(&*lab, &owner.email).await;
    let answer = program.ask("DELETE", SIGN_INS).await;
    let is_done = answer.status.is_success();
    control(is_done, "ending them by the API", brief(&answer))?;
    thief.judge(&mut trials, "the end by the API").await;
    trials.verdict()
}

async fn choose_another(owner: &mut Browser) -> Result<(), Inconclusive> {
    let fields = [("current", PASSWORD), ("password", NEW_PASSWORD)];
    does(owner, CHANGE, &fields).await
}

async fn after_another_password(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.person().await?;
    let thief = Thief::of(&lab, &owner).await?;
    choose_another(&mut owner.browser).await?;
    let mut trials = Trials::stopped_by("401 or 400 invalid_grant");
    thief.judge(&mut trials, "another password").await;
    is_still_in(&mut owner.browser).await?;
    trials.verdict()
}

/// How signing in with this password is answered in a browser, and in a program.
async fn entrances(lab: &Lab, email: &str, password: &str) -> (Answer, Answer) {
    let mut browser = lab.browser();
    let page = browser.sign_in_with(email, password).await;
    let program = post_json(&browser, TOKEN, &credentials(email, password)).await;
    (page, program)
}

async fn old_password(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.person().await?;
    let (page, _) = entrances(&lab, &owner.email, PASSWORD).await;
    control(page.status == 200, "it is good before", brief(&page))?;
    choose_another(&mut owner.browser).await?;
    let mut trials = Trials::stopped_by("401 or 400 invalid_grant");
    let (page, program) = entrances(&lab, &owner.email, PASSWORD).await;
    trials.judge("the old one in a browser", &page, OUT);
    trials.judge("the old one in a program", &program, SPENT);
    if !trials.has_success() {
        let (page, _) = entrances(&lab, &owner.email, NEW_PASSWORD).await;
        control(page.status == 200, "the new one signs in", brief(&page))?;
    }
    trials.verdict()
}

async fn wrong_passwords(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.person().await?;
    let mut thief = lab.sign_in_as(&owner).await?;
    let mut trials = Trials::stopped_by("422, and nothing has changed");
    // Few of them, for each is a guess.
    let wrongs = [
        "",
        "a wrong password",
        &PASSWORD.to_uppercase(),
        &PASSWORD[1..],
    ];
    for wrong in wrongs {
        let again = [("password", wrong)];
        judge_wrong(&mut trials, &mut thief, "/api/confirm", &again).await;
        let change = [("current", wrong), ("password", NEW_PASSWORD)];
        judge_wrong(&mut trials, &mut thief, CHANGE, &change).await;
    }
    if !trials.has_success() {
        let (page, _) = entrances(&lab, &owner.email, NEW_PASSWORD).await;
        trials.judge("the new one then", &page, OUT);
        let (page, _) = entrances(&lab, &owner.email, PASSWORD).await;
        control(page.status == 200, "the owner's signs in", brief(&page))?;
        let right = [("password", PASSWORD)];
        does(&mut owner.browser, "/api/confirm", &right).await?;
    }
    trials.verdict()
}

/// A password that is right gives a session another id.
async fn judge_wrong(
    trials: &mut Trials,
    thief: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
) {
    let answer = thief.call(path, fields).await;
    let what = format!("{path} with {:?}", fields[0].1);
    trials.judge(&what, &answer, WRONG);
    let set = answer.set_cookies().join(", ");
    trials.note(set.contains("session="), format!("{what} sets {set:?}"));
}
