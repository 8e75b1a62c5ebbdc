//! Another site makes the owner's browser send what the owner never asked for.

use std::sync::Arc;

use app::server::access::{Kind, Line, TABLE};
use axum::http::Method;

use crate::catalogue::{Attack, Group};
use crate::lab::{Lab, cookies_for, new_address};
use crate::outcome::{Means, Outcome, Trials, Verdict, brief, control};
use crate::support::reachable::Reachable;
use crate::support::{Answer, PASSWORD};

pub const GROUP: Group = Group {
    title: "Other sites (CSRF)",
    attacks: &[
        Attack::new(
            "a foreign page calls everything that may change something",
            "SF-01, SF-02, T01",
            "403 `cross_site`, by Sec-Fetch-Site, else Origin, else Referer",
            |lab| Box::pin(foreign_pages(lab)),
        ),
        Attack::new(
            "a foreign form, in each of the three encodings of forms",
            "SF-03, SF-05, T02",
            "403 `cross_site`",
            |lab| Box::pin(foreign_forms(lab)),
        ),
        Attack::new(
            "a form in another encoding than functions take, from this very origin",
            "SF-03, T02",
            "415 `unsupported_media_type`",
            |lab| Box::pin(other_encodings(lab)),
        ),
        Attack::new(
            "a foreign page signs a stranger in to the attacker's account",
            "SF-02",
            "403 `cross_site` before anybody is signed in, and no cookie",
            |lab| Box::pin(sign_in_for_the_attacker(lab)),
        ),
        Attack::new(
            "a foreign page opens a socket with the owner's cookies",
            "SF-09, T10",
            "403 `cross_site`",
            |lab| Box::pin(foreign_sockets(lab)),
        ),
        Attack::new(
            "a foreign script asks whether it may read answers (CORS)",
            "SF-15",
            "no Access-Control-Allow-Origin on any answer",
            |lab| Box::pin(reading_from_elsewhere(lab)),
        ),
    ],
};

pub const REFUSED: Means = Means::of(&[403], "cross_site");
pub const URL_ENCODED: &str = "application/x-www-form-urlencoded";

/// Everything that takes another method than GET, and what it takes it for. Reports of browsers come without saying from where.
pub fn unsafe_lines() -> impl Iterator<Item = &'static Line> {
    TABLE
        .iter()
        .filter(|line| line.method != Method::GET && line.path != "/csp-report")
}

/// As a browser would send it from somewhere else.
fn foreign_heads() -> [Vec<(&'static str, &'static str)>; 10] {
    let evil = ("origin", "https://evil.example");
    [
        vec![("sec-fetch-site", "cross-site"), evil],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "none, cross-site")],
        vec![evil],
        vec![("origin", "null")],
        vec![("origin", "http://localhost:1")],
        vec![("origin", "http://localhost.evil.example")],
        vec![("referer", "https://evil.example/page")],
        vec![],
    ]
}

async fn foreign_pages(lab: Arc<Lab>) -> Verdict {
    let mut victim = lab.sign_in().await?;
    let body = format!("email={}&password=one+that+is+long+enough", new_address());
    let mut trials = Trials::stopped_by("403 cross_site");
    for line in unsafe_lines() {
        let path = line.path.replace("{id}", "AAAAAAAAAAAAAAAAAAAAAA");
        // A browser without any cookie of ours sends none; then the last head is a program's, which may call.
        let cookies = format!("{}; of=ours", cookies_for(&victim, &path));
        for head in foreign_heads() {
            let mut request = lab.browser().bare(line.method.as_str(), &path);
            request = request
                .header("content-type", URL_ENCODED)
                .body(body.clone());
            for (name, value) in [("cookie", cookies.trim_start_matches("; "))]
                .into_iter()
                .chain(head.iter().copied())
            {
                request = request.header(name, value);
            }
            let answer = Answer::of(request.send().await?).await;
            let what = format!("{} {path} {head:?}", line.method);
            trials.judge(what, &answer, REFUSED);
        }
    }
    if !victim.is_still_in().await {
        trials.succeeded("the owner is signed out".to_owned());
    }
    trials.verdict()
}

async fn foreign_forms(lab: Arc<Lab>) -> Verdict {
    let victim = lab.sign_in().await?;
    let email = new_address();
    let fields = format!("email={email}&password=one+that+is+long+enough");
    let multipart = format!(
        "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n{email}\r\n--x--\r\n"
    );
    let json = format!("{{\"username\":\"{email}\",\"password\":\"{PASSWORD}\",\"a\":\"=\"}}");
    let mut trials = Trials::stopped_by("403 cross_site");
    for path in [
        "/api/sign_up",
        "/api/sign_out",
        "/api/end_all_sign_ins",
        "/api/v1/token",
    ] {
        for (encoding, body) in [
            (URL_ENCODED, &fields),
            ("multipart/form-data; boundary=x", &multipart),
            ("text/plain", &json),
            ("text/plain", &fields),
        ] {
            let request = lab
                .browser()
                .bare("POST", path)
                .header("accept", "text/html")
                .header("origin", "https://evil.example")
                .header("sec-fetch-site", "cross-site")
                .header("cookie", cookies_for(&victim, path))
                .header("content-type", encoding)
                .body(body.clone());
            let answer = Answer::of(request.send().await?).await;
            trials.judge(format!("{path} as {encoding}"), &answer, REFUSED);
        }
    }
    trials.verdict()
}

async fn other_encodings(lab: Arc<Lab>) -> Verdict {
    let send = async |encoding: Option<&str>| {
        let body = format!("email={}&password=one+that+is+long+enough", new_address());
        let mut request = lab.browser().bare("POST", "/api/sign_up");
        request = request.header("sec-fetch-site", "same-origin").body(body);
        if let Some(encoding) = encoding {
            request = request.header("content-type", encoding);
        }
        Ok::<_, reqwest::Error>(Answer::of(request.send().await?).await)
    };
    let form = send(Some(URL_ENCODED)).await?;
    control(form.status == 200, "a form is taken", brief(&form))?;
    let mut trials = Trials::stopped_by("415 unsupported_media_type");
    for encoding in [
        Some("text/plain"),
        Some("application/json"),
        Some("multipart/form-data; boundary=x"),
        Some("application/x-www-form-urlencodedx"),
        Some(""),
        None,
    ] {
        let answer = send(encoding).await?;
        let means = Means::of(&[415], "unsupported_media_type");
        trials.judge(format!("{encoding:?}"), &answer, means);
    }
    trials.verdict()
}

async fn sign_in_for_the_attacker(lab: Arc<Lab>) -> Verdict {
    let fields = [("email", lab.owner.email.as_str()), ("password", PASSWORD)];
    let mut trials = Trials::stopped_by("403 cross_site, and no cookie");
    for head in foreign_heads().into_iter().filter(|head| !head.is_empty()) {
        for accept in ["application/json", "text/html"] {
            let mut request = lab.browser().bare("POST", "/api/sign_in").form(&fields);
            request = request.header("accept", accept);
            for (name, value) in &head {
                request = request.header(*name, *value);
            }
            let answer = Answer::of(request.send().await?).await;
            if answer.set_cookies().is_empty() {
                trials.judge(format!("{head:?}"), &answer, REFUSED);
            } else {
                trials.succeeded(format!("{head:?}: {}", answer.set_cookies()[0]));
            }
        }
    }
    lab.sign_in().await?;
    trials.verdict()
}

async fn foreign_sockets(lab: Arc<Lab>) -> Verdict {
    let victim = lab.sign_in().await?;
    let page = victim.clone().get("/").await;
    control(
        page.status == 200,
        "the page without a socket",
        brief(&page),
    )?;
    let mut trials = Trials::stopped_by("403 cross_site");
    let paths = TABLE.iter().filter(|line| line.kind == Kind::Page);
    for path in paths.map(|line| line.path) {
        for site in ["same-site", "cross-site"] {
            let request = lab
                .browser()
                .bare("GET", path)
                .header("sec-fetch-site", site)
                .header("origin", "https://evil.example")
                .header("cookie", cookies_for(&victim, path))
                .header("connection", "upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13")
                .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
            let answer = Answer::of(request.send().await?).await;
            trials.judge(format!("{path} from {site}"), &answer, REFUSED);
        }
    }
    trials.verdict()
}

async fn reading_from_elsewhere(lab: Arc<Lab>) -> Verdict {
    const ALLOW: &str = "access-control-allow-origin";
    let mut trials = Trials::stopped_by("no Access-Control-Allow-Origin");
    for line in TABLE {
        let path = line.path.replace("{id}", "AAAA").replace("{*file}", "x.js");
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost.evil.example",
        ] {
            for method in ["OPTIONS", line.method.as_str()] {
                let request = lab
                    .browser()
                    .bare(method, &path)
                    .header("origin", origin)
                    .header("access-control-request-method", line.method.as_str())
                    .header("access-control-request-headers", "authorization");
                let answer = Answer::of(request.send().await?).await;
                let what = format!("{method} {path} from {origin}");
                if answer.status.as_u16() == 429 || answer.status.is_server_error() {
                    trials.odd(format!("{what}: {}", brief(&answer)));
                    continue;
                }
                let allowed = answer.headers.contains_key(ALLOW);
                let given = answer.header(ALLOW);
                let evidence = format!("{what}: {} {given}", answer.status.as_u16());
                trials.note(allowed, evidence);
            }
        }
    }
    match trials.verdict()? {
        Outcome::Stopped { by, evidence } => {
            let page = lab.browser().get("/").await;
            control(page.status == 200, "this origin reads pages", brief(&page))?;
            Ok(Outcome::Stopped { by, evidence })
        }
        other => Ok(other),
    }
}
