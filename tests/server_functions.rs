//! What holds for every server function there is, by the list: which bodies it takes, and that it asks for itself who may.

use std::path::Path;

use app::domain::sign_in::Kind as Proof;
use app::server::access::{Access, Kind, Line};
use reqwest::header::CONTENT_TYPE;

use crate::bad_input::assert_speaks_plainly;
use crate::support::askers::{Asker, Cast, functions};
use crate::support::{Answer, PASSWORD};

const FORM: &str = "application/x-www-form-urlencoded";

/// Asks as somebody who may, from a page of ours.
async fn post(cast: &Cast, line: &Line, content_type: Option<&str>, body: &[u8]) -> Answer {
    let proof = cast.proof(Asker::Owner(Proof::Cookie)).await;
    let (name, value) = proof.unwrap();
    let mut request = cast.request("POST", line.path).header(name, value);
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    Answer::of(request.body(body.to_vec()).send().await.unwrap()).await
}

#[tokio::test]
async fn nothing_but_a_form_is_taken() {
    let cast = Cast::assemble().await;
    let before = cast.server.select(STATE).await;
    let types = [
        Some("text/plain"),
        Some("application/json"),
        Some("multipart/form-data; boundary=x"),
        Some("multipart/form-data"),
        Some(""),
        Some("application/x-www-form-urlencodedx"),
        None,
    ];

    let body = format!("email=eve@example.com&password={PASSWORD}");
    for line in functions() {
        for content_type in types {
            let answer = post(&cast, line, content_type, body.as_bytes()).await;
            let what = format!("T02, SF-03 {} {content_type:?}", line.path);
            assert_eq!(answer.status, 415, "{what}");
            assert_eq!(answer.error(), "unsupported_media_type", "{what}");
        }
    }
    assert_eq!(cast.server.select(STATE).await, before);
}

const STATE: &str = "SELECT count(*) || ' ' || (SELECT count(*) FROM sign_ins WHERE revoked_at IS NOT NULL) FROM users";

#[tokio::test]
async fn a_body_that_is_no_form_is_malformed_or_nothing_at_all() {
    let cast = Cast::assemble().await;
    let bodies: [&[u8]; 7] = [
        b"email[]=a&email[]=b&password[]=x&id[]=x&sid[]=x",
        b"email[a][b][c]=x",
        b"%ff%fe=x&email=%ff&id=%ff",
        b"\xff\xfe",
        b"keep=perhaps",
        b"&&&===",
        TWICE,
    ];

    for line in functions() {
        for body in bodies {
            let answer = post(&cast, line, Some(FORM), body).await;
            let what = format!("SF-12 {} {}", line.path, String::from_utf8_lossy(body));
            if !answer.status.is_success() {
                assert_speaks_plainly(&answer, &what);
            }
            assert!(body != TWICE || answer.error() == "malformed", "{what}");
        }
    }
}

/// Every field of every form, and none of them once.
const TWICE: &[u8] =
    b"email=a&email=b&password=x&password=y&keep=true&keep=true&id=x&id=y&sid=x&sid=y";

#[tokio::test]
async fn unknown_fields_set_nothing() {
    let cast = Cast::assemble().await;
    let surplus = "user_id=chosen&created_at=7&disabled_at=7&password_hash=chosen&kind=chosen&user_agent=chosen\
                   &address=chosen&kept=7&last_seen_at=7&authenticated_at=7&absolute_ends_at=7&revoked_at=7\
                   &bound_to=chosen&sign_in_id=chosen&event=chosen&reason=chosen&request_id=chosen";

    for line in functions() {
        let id = if line.path == "/api/sign_up" {
            "id=chosen&"
        } else {
            ""
        };
        let body = format!("{id}email=eve@example.com&password={PASSWORD}&{surplus}");
        let answer = post(&cast, line, Some(FORM), body.as_bytes()).await;
        assert_ne!(answer.error(), "malformed", "SF-13 {}", line.path);
        for rows in CHOSEN {
            let found = cast.server.select(rows).await;
            assert_eq!(found, ["0"], "SF-13 {} {rows}", line.path);
        }
    }
    let people = cast.server.select("SELECT email FROM users").await;
    assert_eq!(people.len(), 3, "one of them is new: {people:?}");
}

/// How many rows have anything in them of what was sent beside the form.
const CHOSEN: [&str; 3] = [
    "SELECT count(*) FROM users WHERE 'chosen' IN (id, password_hash) OR created_at = 7 OR disabled_at IS NOT NULL",
    "SELECT count(*) FROM sign_ins WHERE 'chosen' IN (id, user_id, kind, user_agent, address, bound_to) \
     OR 7 IN (kept, created_at, last_seen_at, authenticated_at, absolute_ends_at, revoked_at)",
    "SELECT count(*) FROM audit_events WHERE 'chosen' IN (event, reason, user_id, sign_in_id, user_agent, address, request_id)",
];

/// The gate answers first, so no request shows whether what is behind it asks as well.
#[test]
fn each_asks_for_itself_what_its_line_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("app/src/api");
    let files = folder.read_dir().unwrap();
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let source = texts.collect::<Vec<_>>().join("\n");

    for line in functions() {
        let body = body_of(&source, line.path);
        let asks = |guards: &[&str]| guards.iter().any(|guard| body.contains(guard));
        let does = match (line.access, line.kind) {
            (Access::Public, _) => !body.contains("require_"),
            (Access::SignedIn, Kind::Reader) => {
                asks(&["require_user().await?", "require_sign_in().await?"])
            }
            (Access::SignedIn, _) => asks(&["require_checked_sign_in().await?"]),
            (Access::Confirmed, _) => asks(&["require_confirmed_sign_in().await?"]),
        };
        assert!(does, "SF-10 {} {:?}\n{body}", line.path, line.access);
    }
}

/// From the attribute that names the endpoint to the end of the function.
fn body_of<'a>(source: &'a str, path: &str) -> &'a str {
    let endpoint = path.strip_prefix("/api/").unwrap();
    let attribute = format!("endpoint = \"{endpoint}\"");
    let (_, rest) = source.split_once(&attribute).unwrap();
    rest.split("\n}").next().unwrap()
}
