//! Requests that are too much, in every way in which one can be (AV-04).

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::{get, post};
use futures::stream;

use crate::support::program::{DOCUMENT, ME, TOKEN, assert_problem, post as send};
use crate::support::{Answer, TestServer};

/// A route that somebody adds, and that forgets every limit.
fn greedy() -> Router {
    async fn swallow(body: Body) -> String {
        match to_bytes(body, usize::MAX).await {
            Ok(bytes) => format!("all {}", bytes.len()),
            Err(_) => "cut off".to_owned(),
        }
    }
    Router::new().route("/greedy", post(swallow))
}

#[tokio::test]
async fn no_route_gets_more_than_a_megabyte_however_it_is_sent() {
    let server = TestServer::start_with(&[], greedy()).await;
    let request = |content_type| {
        let request = server.browser().bare("POST", "/greedy");
        request
            .header("sec-fetch-site", "same-origin")
            .header("content-type", content_type)
    };
    let three_megabytes = || vec![b'x'; 3_000_000];

    for content_type in [
        "application/octet-stream",
        "multipart/form-data; boundary=x",
    ] {
        let told = request(content_type).body(three_megabytes());
        let told = Answer::of(told.send().await.unwrap()).await;
        assert_eq!(
            (told.status.as_u16(), told.error().as_str()),
            (413, "too_large"),
            "T08"
        );

        let parts = stream::iter((0..3).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1_000_000])));
        let streamed = request(content_type).body(reqwest::Body::wrap_stream(parts));
        // The server may hang up before everything is sent.
        if let Ok(response) = streamed.send().await {
            assert_eq!(Answer::of(response).await.body, "cut off", "T08");
        }
    }
    let small = Answer::of(request("text/plain").body("hi").send().await.unwrap()).await;
    assert_eq!(small.body, "all 2");
}

#[tokio::test]
async fn an_endless_path_is_414() {
    let server = TestServer::start().await;
    let endless = |path: &str| format!("{path}?next=/{}", "x".repeat(20_000));

    let page = server.browser().get(&endless("/sign-in")).await;
    let problem = server.browser().get(&endless(ME)).await;

    assert_eq!(page.status, 414, "AV-04");
    assert_eq!(page.header("cache-control"), "no-store", "FE-13");
    assert_problem(&problem, 414, "uri_too_long", "AV-04");
}

#[tokio::test]
async fn a_head_of_more_than_64_kilobytes_is_431_in_one_header_or_in_many() {
    let server = TestServer::start().await;
    let ask = async |path: &str, headers: usize, bytes: usize| {
        let mut request = server.browser().bare("GET", path);
        for index in 0..headers {
            request = request.header(format!("x-{index}"), "x".repeat(bytes));
        }
        Answer::of(request.send().await.unwrap()).await
    };

    assert_eq!(ask("/healthz", 1, 60_000).await.status, 200);
    for (headers, bytes) in [(1, 66_000), (1, 100_000), (80, 900)] {
        let answer = ask("/healthz", headers, bytes).await;
        assert_eq!(answer.status, 431, "AV-04 {headers}");
    }
    // The connection lets this one through, in one read.
    let problem = ask(DOCUMENT, 80, 850).await;
    assert_problem(&problem, 431, "head_too_large", "AV-04");
}

#[tokio::test]
async fn what_takes_half_a_minute_is_given_up_with_an_answer() {
    let slow = Router::new().route("/slow", get(std::future::pending::<()>));
    let server = TestServer::start_with(&[], slow).await;

    let answer = server.browser().get("/slow").await;

    let told = (answer.status.as_u16(), answer.error());
    assert_eq!(told, (503, "unavailable".to_owned()), "AV-04");
    assert_ne!(answer.header("retry-after"), "");
    assert_eq!(answer.header("cache-control"), "no-store", "FE-13");
}

#[tokio::test]
async fn a_form_of_very_many_fields_is_malformed() {
    let server = TestServer::start().await;
    let fields = |count| {
        let all = (0..count).map(|index| format!("f{index}=1&"));
        all.collect::<String>()
            + "grant_type=password&username=a@b.example&email=a@b.example&password=wrong"
    };
    let form = "application/x-www-form-urlencoded";
    let browser = server.browser();
    let call = async |count: usize| {
        let request = browser
            .bare("POST", "/api/sign_in")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", form)
            .body(fields(count));
        Answer::of(request.send().await.unwrap())
            .await
            .status
            .as_u16()
    };

    let few = send(&browser, TOKEN, form, fields(10)).await;
    let many = send(&browser, TOKEN, form, fields(200)).await;

    assert_eq!(call(10).await, 401);
    assert_eq!(call(200).await, 400, "AV-04");
    assert_eq!(call(100_000).await, 413, "AV-04");
    assert_problem(&few, 400, "invalid_grant", "AV-04");
    assert_problem(&many, 400, "invalid_request", "AV-04");
}

#[tokio::test]
async fn brackets_in_brackets_are_malformed_and_nothing_falls_over() {
    let server = TestServer::start().await;
    let browser = server.browser();

    for depth in [200, 30_000] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let depth = depth / open.len();
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let body = format!(r#"{{"username":{nested}}}"#);
            let answer = send(&browser, TOKEN, "application/json", body).await;
            assert_problem(&answer, 400, "invalid_request", "AV-04");
        }
        let field = format!("email{}=x", "[a]".repeat(depth / 3));
        let request = browser
            .bare("POST", "/api/sign_in")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(field);
        let status = request.send().await.unwrap().status();
        assert!(status.is_client_error(), "AV-04 {status}");
    }
    assert_eq!(server.browser().get("/healthz").await.status, 200);
}
