//! Requests that are too much. What is served afterwards is the control.

use std::sync::Arc;

use futures::stream;

use crate::catalogue::{Attack, Group};
use crate::lab::Lab;
use crate::outcome::{Inconclusive, Means, Trials, Verdict, brief, control};
use crate::socket::ask;
use crate::support::Answer;
use crate::support::program::{TOKEN, post};
use crate::support::reachable::Reachable;

pub const GROUP: Group = Group {
    title: "Sizes",
    attacks: &[
        Attack::new(
            "bodies of three megabytes, told before and streamed",
            "AV-04, T08",
            "413, or the server hangs up",
            |lab| Box::pin(bodies(lab)),
        ),
        Attack::new(
            "JSON and field names in thousands of brackets",
            "AV-04",
            "400 `invalid_request`, or the form is refused",
            |lab| Box::pin(depths(lab)),
        ),
        Attack::new(
            "forms of hundreds and of a hundred thousand fields",
            "AV-04",
            "400 `malformed` or `invalid_request`, 413",
            |lab| Box::pin(fields(lab)),
        ),
        Attack::new(
            "addresses of twenty and of seventy kilobytes",
            "AV-04",
            "414, or the server hangs up",
            |lab| Box::pin(addresses(lab)),
        ),
        Attack::new(
            "heads of a hundred kilobytes, in one header and in hundreds",
            "AV-04",
            "431, or the server hangs up",
            |lab| Box::pin(heads(lab)),
        ),
    ],
};

const TOO_MUCH: Means = Means::of(&[404, 413, 415], "");
const FORM: &str = "application/x-www-form-urlencoded";

async fn goes_on(lab: &Lab) -> Result<(), Inconclusive> {
    let page = lab.browser().get("/sign-in").await;
    control(page.status == 200, "it goes on", brief(&page))
}

async fn bodies(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("413, or hanging up");
    for (path, content_type) in [
        ("/api/sign_in", FORM),
        ("/api/sign_out", "multipart/form-data; boundary=x"),
        (TOKEN, "application/json"),
        ("/csp-report", "application/reports+json"),
        ("/api/nothing", "application/octet-stream"),
    ] {
        for is_streamed in [false, true] {
            let parts =
                stream::iter((0..3).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1_000_000])));
            let body = if is_streamed {
                reqwest::Body::wrap_stream(parts)
            } else {
                vec![b'x'; 3_000_000].into()
            };
            let request = lab.browser().bare("POST", path);
            let request = request
                .header("sec-fetch-site", "same-origin")
                .header("content-type", content_type)
                .body(body);
            let what = format!("{path}, {}", if is_streamed { "streamed" } else { "told" });
            // The server may hang up before everything is sent.
            match request.send().await {
                Ok(answer) => judge_body(&mut trials, &what, &Answer::of(answer).await),
                Err(error) => trials.stopped(format!("{what}: {error}")),
            }
        }
    }
    goes_on(&lab).await?;
    trials.verdict()
}

/// What is nothing, or of another type, is refused before a byte of it is read; any other word about it shows that it was read.
fn judge_body(trials: &mut Trials, what: &str, answer: &Answer) {
    let is_busy = answer.status == 429 || answer.status.is_server_error();
    if is_busy || TOO_MUCH.is_how(answer) {
        trials.judge(what, answer, TOO_MUCH);
    } else {
        trials.succeeded(format!("{what}: {}", brief(answer)));
    }
}

async fn depths(lab: Arc<Lab>) -> Verdict {
    let refused = Means::of(&[400], "invalid_request");
    let mut trials = Trials::stopped_by("400 invalid_request, 413 or 422");
    for depth in [200, 5_000, 30_000] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let depth = depth / open.len();
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let body = format!(r#"{{"username":{nested}}}"#);
            let answer = post(&lab.browser(), TOKEN, "application/json", body).await;
            trials.judge(format!("{depth} times {open}"), &answer, refused);
        }
        let field = format!("email{}=x", "[a]".repeat(depth / 3));
        let answer = by_form(&lab, field).await?;
        let refused = Means::of(&[400, 413, 422], "");
        trials.judge(
            format!("{} brackets in a name", depth / 3),
            &answer,
            refused,
        );
    }
    goes_on(&lab).await?;
    trials.verdict()
}

async fn by_form(lab: &Lab, body: String) -> Result<Answer, Inconclusive> {
    let request = lab.browser().bare("POST", "/api/sign_in");
    let request = request
        .header("sec-fetch-site", "same-origin")
        .header("content-type", FORM)
        .body(body);
    Ok(Answer::of(request.send().await?).await)
}

async fn fields(lab: Arc<Lab>) -> Verdict {
    let form = |count| {
        let all = (0..count).map(|index| format!("f{index}=1&"));
        all.collect::<String>() + "grant_type=password&username=&email=&password="
    };
    // Empty ones, so that it is no guess at a password.
    let few = by_form(&lab, form(10)).await?;
    control(few.status == 422, "ten more fields are read", brief(&few))?;
    let mut trials = Trials::stopped_by("400 or 413");
    for count in [200, 3_000, 100_000] {
        let answer = by_form(&lab, form(count)).await?;
        trials.judge(
            format!("{count} fields"),
            &answer,
            Means::of(&[400, 413], ""),
        );
        let answer = post(&lab.browser(), TOKEN, FORM, form(count)).await;
        trials.judge(
            format!("{count} fields to {TOKEN}"),
            &answer,
            Means::of(&[400, 413], ""),
        );
    }
    goes_on(&lab).await?;
    trials.verdict()
}

async fn addresses(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("414, or hanging up");
    for length in [20_000, 60_000, 70_000] {
        for path in ["/sign-in?next=/", "/pkg/", "/.well-known/jwks.json?x="] {
            let long = "x".repeat(length);
            let head = format!("GET {path}{long} HTTP/1.1\r\nHost: localhost\r\n");
            let what = format!("{path}… of {length}");
            judge_head(&mut trials, &lab, &what, &head, Means::of(&[414, 431], "")).await;
        }
    }
    goes_on(&lab).await?;
    trials.verdict()
}

/// Who refuses a head while more of it comes may hang up before the answer is read.
async fn judge_head(trials: &mut Trials, lab: &Lab, what: &str, head: &str, means: Means) {
    match ask(lab, head).await {
        Ok(answer) => trials.judge(what, &answer, means),
        Err(error) => trials.stopped(format!("{what}: {error}")),
    }
}

async fn heads(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("431, or hanging up");
    let one = format!("X-Long: {}\r\n", "x".repeat(100_000));
    let many: Vec<_> = (0..90)
        .map(|index| format!("X-{index}: {}\r\n", "x".repeat(1_200)))
        .collect();
    let cookies = format!("Cookie: {}\r\n", "a=b; ".repeat(25_000));
    for (what, lines) in [
        ("one header", one),
        ("ninety headers", many.concat()),
        ("cookies", cookies),
    ] {
        let head = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{lines}");
        judge_head(&mut trials, &lab, what, &head, Means::of(&[431], "")).await;
    }
    goes_on(&lab).await?;
    trials.verdict()
}
