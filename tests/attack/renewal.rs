//! Refresh tokens: guessed, copied, and shown again.

use std::sync::Arc;

use app::auth::mode::Mode;
use serde_json::json;

use crate::catalogue::{Attack, Group, When};
use crate::lab::{Lab, user_in};
use crate::outcome::{Inconclusive, Means, Trials, Verdict, brief, control};
use crate::support::program::{ME, Program, REFRESH, post_json};
use crate::support::reachable::Reachable;

pub const GROUP: Group = Group {
    title: "Refresh tokens",
    attacks: &[
        Attack::new(
            "a copy of a token whose successor was renewed already",
            "RT-02, RT-03",
            "400 `invalid_grant`, and the whole sign-in ends: access token, successors, all",
            |lab| Box::pin(grandparent(lab)),
        ),
        Attack::new(
            "a copy, shown later than a lost answer would be asked for again",
            "RT-02",
            "400 `invalid_grant`, and the whole sign-in ends",
            |lab| Box::pin(late_copy(lab)),
        )
        .when(When::Alongside),
        Attack::new(
            "a copy of the refresh cookie",
            "RT-02, RT-09",
            "401 `signed_out`, and the whole sign-in ends",
            |lab| Box::pin(copied_cookie(lab)),
        )
        .only_in(
            Mode::Jwt,
            "a build for sessions hands out no refresh cookie",
        ),
        Attack::new(
            "guessed refresh tokens, and other things in their place",
            "RT-01, RE-06",
            "400 `invalid_grant` or `invalid_request`",
            |lab| Box::pin(guessed(lab)),
        ),
    ],
};

const ENDED: Means = Means::of(&[400], "invalid_grant");

async fn renewed(program: &mut Program) -> Result<(), Inconclusive> {
    let answer = program.renew(&program.refresh_token, None).await;
    control(answer.status == 200, "the owner renews", brief(&answer))?;
    program.keep(&answer);
    Ok(())
}

/// The thief is refused, and what the owner has is dead as well: nobody can tell which of the two is which.
async fn judge_end(trials: &mut Trials, program: &Program) {
    let me = program.ask("GET", ME).await;
    trials.judge(
        "the access token after it",
        &me,
        Means::of(&[401], "invalid_token"),
    );
    let newest = program.renew(&program.refresh_token, None).await;
    trials.judge("the newest refresh token", &newest, ENDED);
}

async fn grandparent(lab: Arc<Lab>) -> Verdict {
    let mut program = lab.program().await;
    let copy = program.refresh_token.clone();
    for _ in 0..2 {
        renewed(&mut program).await?;
    }
    let before = program.ask("GET", ME).await;
    control(
        before.status == 200,
        "the owner is in before",
        brief(&before),
    )?;
    let mut trials = Trials::stopped_by("400 invalid_grant, and the sign-in has ended");
    trials.judge("the copy", &program.renew(&copy, None).await, ENDED);
    judge_end(&mut trials, &program).await;
    trials.verdict()
}

async fn late_copy(lab: Arc<Lab>) -> Verdict {
    let mut program = lab.program().await;
    let copy = program.refresh_token.clone();
    renewed(&mut program).await?;
    tokio::time::sleep(lab.patience.renewals).await;
    let mut trials = Trials::stopped_by("400 invalid_grant, and the sign-in has ended");
    trials.judge("the copy", &program.renew(&copy, None).await, ENDED);
    judge_end(&mut trials, &program).await;
    trials.verdict()
}

async fn copied_cookie(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.sign_in().await?;
    let mut thief = owner.clone();
    for _ in 0..2 {
        let answer = owner.call("/api/refresh", &[]).await;
        control(answer.status == 200, "the owner renews", brief(&answer))?;
    }
    let means = Means::of(&[401], "signed_out");
    let mut trials = Trials::stopped_by("401 signed_out, and the sign-in has ended");
    trials.judge("the copy", &thief.call("/api/refresh", &[]).await, means);
    trials.judge(
        "the owner's newest",
        &owner.call("/api/refresh", &[]).await,
        means,
    );
    let viewer = owner.call("/api/viewer", &[]).await;
    trials.note(
        user_in(&viewer).is_some(),
        format!("the token: {}", brief(&viewer)),
    );
    trials.verdict()
}

async fn guessed(lab: Arc<Lab>) -> Verdict {
    let mut program = lab.program().await;
    let token = program.refresh_token.clone();
    let mut guesses: Vec<_> = (0..30)
        .map(|_| crate::forge::encode([fastrand::u128(..).to_be_bytes(); 2].concat()))
        .collect();
    guesses.extend([
        String::new(),
        "null".to_owned(),
        "A".repeat(43),
        "' OR '1'='1".to_owned(),
        token[..token.len() - 1].to_owned(),
        format!("{token}A"),
        format!("{token}="),
        format!("{token}\0"),
        program.access_token.clone(),
        "x".repeat(5_000),
    ]);
    let means = Means::of(&[400], "invalid_");
    let mut trials = Trials::stopped_by("400 invalid_grant or invalid_request");
    for guess in guesses {
        let body = json!({"refresh_token": guess});
        let answer = post_json(&lab.browser(), REFRESH, &body).await;
        trials.judge(crate::outcome::short(&guess), &answer, means);
    }
    for odd in [
        json!(null),
        json!([]),
        json!([token]),
        json!({"$ne": ""}),
        json!(true),
        json!(0),
    ] {
        let what = odd.to_string();
        let answer = post_json(&lab.browser(), REFRESH, &json!({"refresh_token": odd})).await;
        trials.judge(what, &answer, means);
    }
    if !trials.has_success() {
        renewed(&mut program).await?;
    }
    trials.verdict()
}
