//! Mails that anybody can ask for, and the links in them.

use std::sync::Arc;

use crate::catalogue::{Attack, Group};
use crate::lab::{Lab, new_address};
use crate::outcome::{Means, Trials, Verdict, brief, control, not_tried};
use crate::support::reachable::Reachable;
use crate::support::{Answer, Browser, PASSWORD};

pub const GROUP: Group = Group {
    title: "Mails",
    attacks: &[
        Attack::new(
            "asking for a new password with a known address and an unknown, compared to the byte",
            "EN-04",
            "the same status, headers and body: the address is looked up when the mail is sent",
            |lab| Box::pin(known_and_unknown(lab)),
        ),
        Attack::new(
            "a made-up link for a new password or a new account",
            "RE-06",
            "410 `dead_link`: only a token that was sent is one",
            |lab| Box::pin(made_up(lab)),
        ),
        Attack::new(
            "one mail for two, and headers in an address",
            "FE-17",
            "422 `email_malformed`",
            |lab| Box::pin(broken_out(lab)),
        ),
    ],
};

const ASK: &str = "/api/ask_for_reset";
const DEAD: Means = Means::of(&[410], "dead_link");
const MALFORMED: Means = Means::of(&[422], "email_malformed");

async fn ask(browser: &mut Browser, email: &str) -> Answer {
    browser.call(ASK, &[("email", email)]).await
}

fn sends_none(answer: &Answer) -> bool {
    answer.status == 404 && answer.error() == "no_mail"
}

async fn known_and_unknown(lab: Arc<Lab>) -> Verdict {
    let known = lab.person().await?.email;
    let mut trials = Trials::stopped_by("the same status, headers and body");
    for round in 0..3 {
        let unknown = new_address();
        let of_known = ask(&mut lab.browser(), &known).await;
        if sends_none(&of_known) {
            return Ok(not_tried("this instance sends no mail"));
        }
        let is_limited = of_known.status == 429;
        control(!is_limited, "asking for a mail", brief(&of_known))?;
        let of_unknown = ask(&mut lab.browser(), &unknown).await;
        let evidence = format!(
            "round {round}: {} and {}",
            brief(&of_known),
            brief(&of_unknown)
        );
        trials.note(of_known.told() != of_unknown.told(), evidence);
    }
    trials.verdict()
}

async fn made_up(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("410 dead_link");
    let token = "A".repeat(43);
    for (page, endpoint) in [
        ("/reset-password", "/api/reset_password"),
        ("/verify-email", "/api/confirm_address"),
        ("/verify-email", "/api/confirm_address_anew"),
    ] {
        for text in [&token, "", "0", "null", "%00", "../../etc/passwd"] {
            let mut browser = lab.browser();
            browser.get(&format!("{page}?token={text}")).await;
            let answer = browser.call(endpoint, &[("password", PASSWORD)]).await;
            trials.judge(format!("{page} {text:?}"), &answer, DEAD);
        }
    }
    trials.verdict()
}

async fn broken_out(lab: Arc<Lab>) -> Verdict {
    let (own, eve) = (lab.person().await?.email, new_address());
    let control_answer = ask(&mut lab.browser(), &own).await;
    if sends_none(&control_answer) {
        return Ok(not_tried("this instance sends no mail"));
    }
    control(
        control_answer.status == 200,
        "asking for a mail",
        brief(&control_answer),
    )?;
    let mut trials = Trials::stopped_by("422 email_malformed");
    for email in [
        format!("{own},{eve}"),
        format!("{own};{eve}"),
        format!("{own}\r\nBcc: {eve}"),
        format!("{own}\nCc: {eve}"),
        format!("{own}\0{eve}"),
        format!("\"{eve}\" <{own}>"),
    ] {
        let answer = ask(&mut lab.browser(), &email).await;
        trials.judge(format!("{email:?}"), &answer, MALFORMED);
    }
    trials.verdict()
}
