//! Places that look like this origin to whoever compares carelessly, and what a foreign page has the owner's browser read.

use std::sync::Arc;

use app::auth::mode::Mode;
use app::server::access::{Access, Kind, TABLE};

use crate::catalogue::{Attack, Group};
use crate::cross_site::{REFUSED, URL_ENCODED, unsafe_lines};
use crate::lab::{Lab, cookies_for, new_address};
use crate::outcome::{Inconclusive, Trials, Verdict, brief, control};
use crate::session::WHY;
use crate::support::program::ME;
use crate::support::reachable::Reachable;
use crate::support::{Answer, Browser};

pub const GROUP: Group = Group {
    title: "Other sites: lookalikes and reading",
    attacks: &[
        Attack::new(
            "an Origin or a Referer that begins like ours, or has ours in it",
            "SF-01",
            "403 `cross_site`: an origin is compared whole",
            |lab| Box::pin(lookalikes(lab)),
        ),
        Attack::new(
            "a foreign page has what is personal asked for, as a picture, a script, a frame",
            "SF-04, FE-11",
            "403 `cross_site`, by Fetch Metadata; of a page, a browser keeps what is same-origin and in no frame",
            |lab| Box::pin(foreign_reads(lab)),
        )
        .only_in(Mode::CookieSession, WHY),
    ],
};

/// A header that says where a request comes from, and what it says.
fn almost_ours(origin: &str) -> Vec<(&'static str, String)> {
    let (scheme, host) = origin.split_once("://").unwrap_or_default();
    let other_scheme = if scheme == "https" { "http" } else { "https" };
    let places = [
        format!("{origin}.evil.example"),
        format!("{origin}0"),
        format!("{origin}@evil.example"),
        format!("{scheme}://evil.{host}"),
        format!("{scheme}://evil{host}"),
        format!("{other_scheme}://{host}"),
        format!("https://evil.example/?{origin}"),
        format!("https://evil.example/{origin}"),
    ];
    let said = places.into_iter().flat_map(|place| {
        let page = format!("{place}/");
        [
            ("origin", place),
            ("origin", page.clone()),
            ("referer", page),
        ]
    });
    said.collect()
}

/// Without Fetch Metadata, so that this header decides.
async fn from(
    browser: &Browser,
    (method, path): (&str, &str),
    cookies: &str,
    (name, place): (&'static str, &str),
) -> Result<Answer, Inconclusive> {
    let body = format!("email={}&password=one+that+is+long+enough", new_address());
    let request = browser
        .bare(method, path)
        .header("content-type", URL_ENCODED)
        .header("cookie", cookies)
        .header(name, place)
        .body(body);
    Ok(Answer::of(request.send().await?).await)
}

async fn lookalikes(lab: Arc<Lab>) -> Verdict {
    let mut victim = lab.sign_in().await?;
    let mut trials = Trials::stopped_by("403 cross_site");
    for line in unsafe_lines() {
        let path = line.path.replace("{id}", "AAAAAAAAAAAAAAAAAAAAAA");
        // A browser without any cookie of ours sends none.
        let cookies = format!("of=ours; {}", cookies_for(&victim, &path));
        let cookies = cookies.trim_end_matches("; ");
        for (name, place) in almost_ours(&lab.origin()) {
            let whereto = (line.method.as_str(), path.as_str());
            let answer = from(&victim, whereto, cookies, (name, &place)).await?;
            trials.judge(format!("{path} with {name} {place}"), &answer, REFUSED);
        }
    }
    if !victim.is_still_in().await {
        trials.succeeded("the owner is signed out".to_owned());
    }
    let sign_out = ("POST", "/api/sign_out");
    let cookies = format!("of=ours; {}", cookies_for(&victim, sign_out.1));
    let pages = format!("{}/account", lab.origin());
    for own in [("origin", lab.origin().as_str()), ("referer", &pages)] {
        let answer = from(&victim, sign_out, &cookies, own).await?;
        control(answer.status == 200, "the origin itself", brief(&answer))?;
    }
    trials.verdict()
}

async fn read_as(
    victim: &Browser,
    path: &str,
    site: &str,
    destination: &str,
) -> Result<Answer, Inconclusive> {
    let request = victim
        .bare("GET", path)
        .header("cookie", cookies_for(victim, path))
        .header("sec-fetch-site", site)
        .header("sec-fetch-dest", destination);
    Ok(Answer::of(request.send().await?).await)
}

async fn foreign_reads(lab: Arc<Lab>) -> Verdict {
    let victim = lab.sign_in().await?;
    let own = read_as(&victim, ME, "same-origin", "empty").await?;
    control(own.status == 200, "an own page reads it", brief(&own))?;
    let personal = TABLE
        .iter()
        .filter(|line| line.method.is_safe() && line.access != Access::Public);
    let mut trials = Trials::stopped_by("403 cross_site, or the browser");
    for line in personal {
        for site in ["cross-site", "same-site"] {
            for destination in ["image", "script", "iframe", "style", "object", "empty"] {
                let answer = read_as(&victim, line.path, site, destination).await?;
                let what = format!("{} for {destination} from {site}", line.path);
                if line.kind == Kind::Page {
                    judge_page(&mut trials, &lab, &what, &answer);
                } else {
                    trials.judge(what, &answer, REFUSED);
                }
            }
        }
    }
    trials.verdict()
}

/// A page is answered, to be followed by a link from anywhere. Then the browser has to keep it from what embeds it.
fn judge_page(trials: &mut Trials, lab: &Lab, what: &str, page: &Answer) {
    let is_personal = page.body.contains(&lab.owner.email);
    let is_kept = page.header("cross-origin-resource-policy") == "same-origin"
        && page.header("x-frame-options") == "DENY";
    trials.note(is_personal && !is_kept, format!("{what}: {}", brief(page)));
}
