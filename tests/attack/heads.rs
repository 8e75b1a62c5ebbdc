//! Heads of requests that lie about where they are sent, where they come from, and where a header ends.

use std::sync::Arc;

use crate::catalogue::{Attack, Group};
use crate::lab::Lab;
use crate::outcome::{Trials, Verdict, brief, control, short};
use crate::socket::ask;
use crate::support::elsewhere::{HOSTS, heads_naming, injections, once};
use crate::support::program::{SIGN_INS, TOKEN, ask_with, credentials};
use crate::support::reachable::Reachable;
use crate::support::{Answer, PASSWORD};

pub const GROUP: Group = Group {
    title: "Heads that lie",
    attacks: &[
        Attack::new(
            "Host, X-Forwarded-Host, Forwarded, X-Original-URL and absolute targets of another host",
            "FE-16, RE-05",
            "no answer depends on them: links, redirects and cookies come from the configuration",
            |lab| Box::pin(hosts(lab)),
        ),
        Attack::new(
            "line breaks in every field, to write a header of one's own",
            "FE-17",
            "no field reaches a header as it is",
            |lab| Box::pin(line_breaks(lab)),
        ),
        Attack::new(
            "X-Forwarded-For and its relatives, to come from somewhere else",
            "TH-05",
            "believed of configured proxies only",
            |lab| Box::pin(addresses(lab)),
        ),
    ],
};

async fn hosts(lab: Arc<Lab>) -> Verdict {
    let rest = "Accept: text/html\r\nSec-Fetch-Site: same-origin\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n";
    let plain = ask(
        &lab,
        &format!("GET /sign-in HTTP/1.1\r\nHost: localhost\r\n{rest}"),
    )
    .await?;
    control(plain.status == 200, "a true Host", brief(&plain))?;
    let mut trials = Trials::stopped_by("nothing in the answer names it");
    for host in HOSTS {
        for names in heads_naming(host) {
            for start in [
                "GET /sign-in",
                "GET /account",
                "POST /api/sign_in",
                "GET http://evil.example/sign-in",
            ] {
                let form = if start.starts_with("POST") { form } else { "" };
                let head = format!("{start} HTTP/1.1\r\n{names}{rest}{form}");
                let answer = ask(&lab, &head).await?;
                let all = format!("{:?} {}", answer.headers, answer.body).to_ascii_lowercase();
                // By more of it than a nonce may spell by chance.
                let is_named = all.contains("vil.example") || all.contains("domain=");
                let what = short(&format!("{start} {names}"));
                if answer.status.is_server_error() {
                    trials.odd(format!("{what}: {}", brief(&answer)));
                } else {
                    trials.note(is_named, format!("{what}: {}", brief(&answer)));
                }
            }
        }
    }
    trials.verdict()
}

async fn line_breaks(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("no header of the attacker's");
    for text in injections() {
        let fields = [
            ("email", text.as_str()),
            ("password", &text),
            ("next", &text),
            ("keep", &text),
            ("id", &text),
            ("sid", &text),
        ];
        for path in [
            "/api/sign_up",
            "/api/sign_in",
            "/api/sign_out",
            "/api/end_sign_in",
            "/api/refresh",
            "/api/refresh/exchange",
        ] {
            let mut browser = lab.browser();
            let by_script = browser.call(path, &fields).await;
            judge(&mut trials, path, &by_script);
            let by_form = browser.post_form("/sign-in", path, &fields).await;
            judge(&mut trials, path, &by_form);
        }
        for path in [
            "/sign-in?next=",
            "/account?",
            "/account/",
            "/sign-in/?next=",
            "/sign-in?__path=x&__err=",
        ] {
            let path = format!("{path}{}", once(&text));
            judge(&mut trials, &short(&path), &lab.browser().get(&path).await);
        }
    }
    trials.verdict()
}

fn judge(trials: &mut Trials, what: &str, answer: &Answer) {
    let cookies = answer.set_cookies();
    let has_cookie = cookies.iter().any(|cookie| cookie.contains("injected=1"));
    let leads_away = answer.header("location").starts_with("//");
    let evidence = format!("{what}: {} {cookies:?}", brief(answer));
    if answer.status.is_server_error() || answer.status == 429 {
        trials.odd(evidence);
    } else {
        trials.note(has_cookie || leads_away, evidence);
    }
}

/// The list of sign-ins says from where each was begun.
async fn addresses(lab: Arc<Lab>) -> Verdict {
    const LIE: &str = "203.0.113.66";
    let person = lab.person().await?;
    let mut trials = Trials::stopped_by("the address is the connection's");
    for (name, value) in [
        ("x-forwarded-for", LIE.to_owned()),
        ("x-forwarded-for", format!("127.0.0.1, {LIE}")),
        ("x-real-ip", LIE.to_owned()),
        ("forwarded", format!("for={LIE};proto=https")),
        ("x-client-ip", LIE.to_owned()),
        ("true-client-ip", LIE.to_owned()),
        ("cf-connecting-ip", LIE.to_owned()),
    ] {
        let body = credentials(&person.email, PASSWORD).to_string();
        let request = lab.browser().bare("POST", TOKEN);
        let request = request
            .header("content-type", "application/json")
            .header(name, &value)
            .body(body);
        let grant = Answer::of(request.send().await?).await;
        control(grant.status == 200, "signing in", brief(&grant))?;
        let token = grant.json()["access_token"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        let list = ask_with(&lab.browser(), "GET", SIGN_INS, &headers).await;
        let own = list.json()[0]["address"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        control(!own.is_empty(), "the list says from where", brief(&list))?;
        trials.note(own.contains(LIE), format!("{name}: {value} became {own}"));
    }
    trials.verdict()
}
