//! The session id: given to somebody, guessed, kept beyond its end.

use std::sync::Arc;

use app::auth::mode::Mode;
use tokio::io::AsyncWriteExt;

use crate::catalogue::{Attack, Group};
use crate::lab::{Lab, cookies_for, user_in, viewer_with};
use crate::outcome::{Inconclusive, Trials, Verdict, brief, control};
use crate::socket::{connect, read};
use crate::support::reachable::Reachable;
use crate::support::{Browser, PASSWORD};
use crate::thief::NEW_PASSWORD;

pub const WHY: &str = "this build hands out no session cookie";

pub const GROUP: Group = Group {
    title: "Sessions",
    attacks: &[
        Attack::new(
            "fixation: a session id that the victim had before signing in",
            "SE-02, SE-03, T14",
            "a new id at every sign-in; the one from before is nobody's",
            |lab| Box::pin(fixation(lab)),
        )
        .only_in(Mode::CookieSession, WHY),
        Attack::new(
            "forged, guessed, truncated and altered session ids",
            "SE-01, SE-03",
            "nobody is signed in by them, and none is adopted",
            |lab| Box::pin(forged_ids(lab)),
        )
        .only_in(Mode::CookieSession, WHY),
        Attack::new(
            "a copy of the proof, used after signing out",
            "SE-06, RT-07",
            "the sign-in's row has ended, and every proof with it",
            |lab| Box::pin(revival(lab)),
        ),
        Attack::new(
            "the id from before a rotation (a password given again or changed, a sign-in over a sign-in)",
            "SE-02",
            "the old id is dead as soon as there is a new one",
            |lab| Box::pin(rotation(lab)),
        )
        .only_in(Mode::CookieSession, WHY),
        Attack::new(
            "slow requests that end after the sign-out they began before",
            "SE-08, T13",
            "saving a session updates and never inserts; no cookie comes back",
            |lab| Box::pin(race(lab)),
        )
        .only_in(Mode::CookieSession, WHY),
    ],
};

/// The value of the session cookie, under whatever name it has here.
pub fn session_of(browser: &Browser) -> Result<(String, String), Inconclusive> {
    let mut cookies = browser.cookies.iter();
    let found = cookies.find(|(name, _)| name.ends_with("session"));
    let (name, (value, _)) = found.ok_or(Inconclusive("no session cookie was set".to_owned()))?;
    Ok((name.clone(), value.clone()))
}

/// Whether this cookie alone signs somebody in.
pub async fn signs_in(lab: &Lab, cookie: &str) -> Result<Option<String>, Inconclusive> {
    let answer = viewer_with(lab, &[("cookie", cookie)]).await?;
    let is_told = answer.status == 200 || answer.status == 401 || answer.status == 400;
    control(is_told, "the server says who is asking", brief(&answer))?;
    Ok(user_in(&answer))
}

async fn fixation(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("a new id, and the given one is nobody's");
    let attacker = lab.sign_in_as(&lab.person().await?).await?;
    let (name, live) = session_of(&attacker)?;
    for given in [
        "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        "attackers-choice".to_owned(),
        live,
    ] {
        let mut victim = lab.browser();
        let kept = (given.clone(), "/".to_owned());
        victim.cookies.insert(name.clone(), kept);
        let answer = victim.sign_in_with(&lab.owner.email, PASSWORD).await;
        control(answer.status == 200, "the victim signs in", brief(&answer))?;
        let (_, got) = session_of(&victim)?;
        let by_given = signs_in(&lab, &format!("{name}={given}")).await?;
        let is_owner = by_given.as_deref() == Some(lab.owner.email.as_str());
        let evidence = format!(
            "{given} before, {} after, {by_given:?} by the first",
            &got[..4.min(got.len())]
        );
        trials.note(is_owner || got == given, evidence);
    }
    trials.verdict()
}

async fn forged_ids(lab: Arc<Lab>) -> Verdict {
    let victim = lab.sign_in().await?;
    let (name, id) = session_of(&victim)?;
    let by_true = signs_in(&lab, &format!("{name}={id}")).await?;
    control(by_true.is_some(), "the true id signs in", "it does not")?;
    let last = if id.ends_with('A') { "B" } else { "A" };
    let mut ids: Vec<_> = [
        "",
        "x",
        "0",
        "1",
        "null",
        "undefined",
        "%00",
        "../../etc/passwd",
        "' OR '1'='1",
        "*",
        "%",
        "_",
        "AAAAAAAAAAAAAAAAAAAAAA",
        "{\"sign_in\":\"x\"}",
        "eyJhbGciOiJub25lIn0.e30.",
    ]
    .map(str::to_owned)
    .into();
    ids.extend([
        id[..id.len() - 1].to_owned(),
        id[1..].to_owned(),
        format!("{}{last}", &id[..id.len() - 1]),
        format!("{id}A"),
        format!("{id}="),
        format!("{id}%00"),
        format!("\"{id}\""),
        id.to_lowercase() + "x",
        id.chars().rev().collect(),
        "A".repeat(8_000),
    ]);
    ids.extend((0..50).map(|_| crate::forge::encode(fastrand::u128(..).to_be_bytes())));
    let mut trials = Trials::stopped_by("nobody is signed in");
    for forged in ids {
        let cookie = format!("{name}={forged}");
        let answer = viewer_with(&lab, &[("cookie", &cookie)]).await?;
        let set = answer.set_cookies().join(", ");
        let who = user_in(&answer);
        let is_adopted = set.contains(&format!("{name}={forged};")) && !forged.is_empty();
        let what = crate::outcome::short(&cookie);
        if who.is_none() && !is_adopted && ![200, 400, 431].contains(&answer.status.as_u16()) {
            trials.odd(format!("{what}: {}", brief(&answer)));
        } else {
            trials.note(
                who.is_some() || is_adopted,
                format!("{what}: {}", brief(&answer)),
            );
        }
    }
    trials.verdict()
}

async fn revival(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("the row has ended");
    for end in ["/api/sign_out", "/api/end_all_sign_ins"] {
        let mut owner = lab.person().await?.browser;
        let mut copy = owner.clone();
        control(
            copy.viewer().await.is_some(),
            "the copy is good before",
            end,
        )?;
        let answer = owner.call(end, &[]).await;
        control(answer.status == 200, "signing out", brief(&answer))?;
        let who = match copy.call("/api/viewer", &[]).await {
            answer if answer.status == 200 || answer.status == 401 => user_in(&answer),
            answer => return Err(Inconclusive(format!("after {end}: {}", brief(&answer)))),
        };
        trials.note(who.is_some(), format!("after {end} the copy is {who:?}"));
        let renewal = copy.call("/api/refresh", &[]).await;
        let evidence = format!("and asks for a token: {}", brief(&renewal));
        trials.note(renewal.status == 200, evidence);
    }
    trials.verdict()
}

async fn rotation(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("the old id is nobody's");
    let person = lab.person().await?;
    let mut owner = person.browser;
    for (what, path, fields) in [
        (
            "a confirmation",
            "/api/confirm",
            vec![("password", PASSWORD)],
        ),
        (
            "a sign-in over it",
            "/api/sign_in",
            vec![("email", person.email.as_str()), ("password", PASSWORD)],
        ),
        (
            "another password",
            "/api/change_password",
            vec![("current", PASSWORD), ("password", NEW_PASSWORD)],
        ),
    ] {
        let (name, before) = session_of(&owner)?;
        let answer = owner.call(path, &fields).await;
        control(answer.status == 200, what, brief(&answer))?;
        let who = signs_in(&lab, &format!("{name}={before}")).await?;
        trials.note(who.is_some(), format!("after {what} the old id is {who:?}"));
    }
    trials.verdict()
}

/// Half of a body is sent before the sign-out, and the rest after it.
async fn race(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("the ended session stays ended");
    for round in 0..5 {
        let mut owner = lab.sign_in().await?;
        let (name, id) = session_of(&owner)?;
        let mut slow = Vec::new();
        for path in [
            "/api/viewer",
            "/api/sign_ins",
            "/api/account",
            "/api/confirm",
        ] {
            let mut socket = connect(&lab).await?;
            let cookies = cookies_for(&owner, path);
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookies}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\nConnection: close\r\n\r\npassw"
            );
            socket.write_all(head.as_bytes()).await?;
            slow.push((path, socket));
        }
        let (mut first, rest) = (slow.remove(0), slow);
        first.1.write_all(b"ord=x").await?;
        let early = read(&mut first.1).await?;
        control(
            user_in(&early).is_some(),
            "a slow request in time",
            brief(&early),
        )?;
        let answer = owner.sign_out().await;
        control(answer.status == 200, "signing out", brief(&answer))?;
        for (path, mut socket) in rest {
            // The server may have given it up meanwhile.
            let _ = socket.write_all(b"ord=x").await;
            let late = read(&mut socket).await?;
            let mut set = late.set_cookies().into_iter();
            let revived = set.any(|cookie| cookie.starts_with(&format!("{name}={id}")));
            trials.note(
                revived,
                format!("{path} in round {round}: {}", brief(&late)),
            );
        }
        let who = signs_in(&lab, &format!("{name}={id}")).await?;
        trials.note(
            who.is_some(),
            format!("after round {round} the id is {who:?}"),
        );
    }
    trials.verdict()
}
