//! The cookies around the proof: what they are called, who else can set them, and what is no cookie at all.

use std::sync::Arc;

use app::auth::mode::Mode;

use crate::catalogue::{Attack, Group};
use crate::lab::{Lab, user_in, viewer_with};
use crate::outcome::{Means, Trials, Verdict, brief, control};
use crate::session::{WHY, session_of};
use crate::support::reachable::Reachable;
use crate::support::{Answer, PASSWORD};

pub const GROUP: Group = Group {
    title: "Cookies",
    attacks: &[
        Attack::new(
            "reading or planting cookies that lack an attribute",
            "SE-05, RT-09",
            "every cookie is HttpOnly, Secure, SameSite, without a Domain, and named __Host- or __Secure-",
            |lab| Box::pin(attributes(lab)),
        ),
        Attack::new(
            "two session cookies, one of them planted",
            "SE-05, T22",
            "400 `malformed`: none is picked",
            |lab| Box::pin(duplicates(lab)),
        )
        .only_in(Mode::CookieSession, WHY),
        Attack::new(
            "a session planted by a subdomain, under every name that it may set",
            "SE-05",
            "only the name that browsers keep from subdomains is read, to the byte",
            |lab| Box::pin(planted(lab)),
        )
        .only_in(Mode::CookieSession, WHY),
        Attack::new(
            "a refresh cookie planted by a subdomain, exchanged for the attacker's session",
            "SF-02",
            "401 `signed_out`: a refresh cookie is exchanged only beside its sign-in's id",
            |lab| Box::pin(planted_refresh(lab)),
        )
        .only_in(
            Mode::CookieSession,
            "a build for tokens exchanges no refresh cookie",
        ),
        Attack::new(
            "the session id in the address, in the body or in a header of its own",
            "SE-05, JW-14",
            "nobody is signed in by it",
            |lab| Box::pin(elsewhere(lab)),
        )
        .only_in(Mode::CookieSession, WHY),
    ],
};

async fn attributes(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.sign_in().await?;
    let credentials = [("email", lab.owner.email.as_str()), ("password", PASSWORD)];
    let wrong = [("email", lab.owner.email.as_str()), ("password", "")];
    let answers = [
        lab.browser().call("/api/sign_in", &credentials).await,
        lab.browser()
            .post_form("/sign-in", "/api/sign_in", &wrong)
            .await,
        owner.call("/api/refresh", &[]).await,
        owner.call("/api/sign_out", &[]).await,
        lab.browser().get("/").await,
        lab.browser().get("/sign-in").await,
    ];
    let mut trials = Trials::stopped_by("every attribute is there");
    for answer in &answers {
        for cookie in answer.set_cookies() {
            let missing = what_is_missing(cookie);
            let name = cookie.split('=').next().unwrap_or_default();
            trials.note(!missing.is_empty(), format!("{name} lacks {missing:?}"));
        }
    }
    trials.verdict()
}

fn what_is_missing(cookie: &str) -> Vec<&'static str> {
    let mut parts = cookie
        .split(';')
        .map(|part| part.trim().to_ascii_lowercase());
    let name = parts.next().unwrap_or_default();
    let parts: Vec<_> = parts.collect();
    let has = |wanted: &str| parts.iter().any(|part| part == wanted);
    let mut missing = Vec::new();
    for (is_there, what) in [
        (has("httponly"), "HttpOnly"),
        (has("secure"), "Secure"),
        (has("samesite=lax") || has("samesite=strict"), "SameSite"),
        (
            !parts.iter().any(|part| part.starts_with("domain")),
            "no Domain",
        ),
        (
            (name.starts_with("__host-") && has("path=/")) || name.starts_with("__secure-"),
            "a prefix in its name",
        ),
        (
            !name.contains("refresh") || (!has("path=/") && has("samesite=strict")),
            "a path of its own, and SameSite=Strict",
        ),
    ] {
        if !is_there {
            missing.push(what);
        }
    }
    missing
}

async fn duplicates(lab: Arc<Lab>) -> Verdict {
    let (owner, attacker) = (lab.sign_in().await?, lab.person().await?.browser);
    let ((name, good), (_, planted)) = (session_of(&owner)?, session_of(&attacker)?);
    let one = viewer_with(&lab, &[("cookie", &format!("{name}={good}"))]).await?;
    control(user_in(&one).is_some(), "one cookie signs in", brief(&one))?;
    let mut trials = Trials::stopped_by("400 malformed");
    for other in [planted.as_str(), "AAAAAAAAAAAAAAAAAAAAAA"] {
        for (first, second) in [(good.as_str(), other), (other, good.as_str())] {
            let pairs = (format!("{name}={first}"), format!("{name}={second}"));
            let both = format!("{}; {}", pairs.0, pairs.1);
            let apart = [("cookie", pairs.0.as_str()), ("cookie", pairs.1.as_str())];
            for headers in [vec![("cookie", both.as_str())], apart.to_vec()] {
                let answer = viewer_with(&lab, &headers).await?;
                let what = format!("{} headers", headers.len());
                trials.judge(what, &answer, Means::of(&[400], "malformed"));
            }
        }
    }
    trials.verdict()
}

async fn planted(lab: Arc<Lab>) -> Verdict {
    let attacker = lab.person().await?;
    let (name, id) = session_of(&attacker.browser)?;
    let own = viewer_with(&lab, &[("cookie", &format!("{name}={id}"))]).await?;
    control(
        user_in(&own).is_some(),
        "its own name signs in",
        brief(&own),
    )?;
    let mut trials = Trials::stopped_by("no other name is read");
    for other in [
        "session",
        "id",
        "sid",
        "SESSION",
        "__Secure-session",
        "__host-session",
        "__HOST-SESSION",
        "__Host-Session",
        "__Host-session ",
        "$__Host-session",
        "\u{2000}__Host-session",
        "\u{a0}__Host-session",
        "__Host-session[]",
        "=__Host-session",
        "__Host-device",
        "__Secure-refresh",
    ] {
        // In the way of TWOFOLD_COOKIES=plain it is the true name.
        if other.trim() == name && other.len() == name.len() {
            continue;
        }
        let cookie = format!("{other}={id}");
        let answer = viewer_with(&lab, &[("cookie", &cookie)]).await?;
        if [200, 400].contains(&answer.status.as_u16()) {
            let who = user_in(&answer);
            trials.note(who.is_some(), format!("{other:?}: {}", brief(&answer)));
        } else {
            trials.odd(format!("{other:?}: {}", brief(&answer)));
        }
    }
    trials.verdict()
}

async fn planted_refresh(lab: Arc<Lab>) -> Verdict {
    let attackers = lab.program().await.refresh_token;
    let mut trials = Trials::stopped_by("401 signed_out, and no session");
    for sid in ["", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let request = lab
            .browser()
            .bare("POST", "/api/refresh/exchange")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", format!("__Secure-refresh={attackers}"))
            .form(&[("sid", sid)]);
        let answer = Answer::of(request.send().await?).await;
        let set = answer.set_cookies().join(", ");
        if set.contains("session=") {
            trials.succeeded(format!("sid {sid:?}: {set}"));
        } else {
            let means = Means::of(&[401], "signed_out");
            trials.judge(format!("sid {sid:?}"), &answer, means);
        }
    }
    trials.verdict()
}

async fn elsewhere(lab: Arc<Lab>) -> Verdict {
    let owner = lab.sign_in().await?;
    let (name, id) = session_of(&owner)?;
    let by_cookie = viewer_with(&lab, &[("cookie", &format!("{name}={id}"))]).await?;
    control(
        user_in(&by_cookie).is_some(),
        "the cookie signs in",
        brief(&by_cookie),
    )?;
    let mut trials = Trials::stopped_by("nobody is signed in");
    for path in [
        format!("/api/viewer?{name}={id}"),
        format!("/api/viewer?session={id}&sid={id}&session_id={id}"),
        format!("/api/viewer;jsessionid={id}"),
    ] {
        for header in [
            "x-none",
            "x-session-id",
            "session",
            "x-auth-token",
            name.as_str(),
        ] {
            let request = lab
                .browser()
                .bare("POST", &path)
                .header("sec-fetch-site", "same-origin")
                .header(header.to_ascii_lowercase(), &id)
                .form(&[(name.as_str(), id.as_str()), ("session", &id)]);
            let answer = Answer::of(request.send().await?).await;
            let who = user_in(&answer);
            let what = format!("{} and {header}", path.replace(&id, "…"));
            if who.is_none() && ![200, 404].contains(&answer.status.as_u16()) {
                trials.odd(format!("{what}: {}", brief(&answer)));
            } else {
                trials.note(who.is_some(), format!("{what}: {}", brief(&answer)));
            }
        }
    }
    for path in [
        format!("/account?session={id}"),
        format!("/account?{name}={id}"),
    ] {
        let page = lab.browser().get(&path).await;
        let is_shown = page.body.contains(&lab.owner.email);
        trials.note(
            is_shown,
            format!("{}: {}", path.replace(&id, "…"), brief(&page)),
        );
    }
    trials.verdict()
}
