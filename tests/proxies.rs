//! From where a request came: what a client says about that is believed only where a proxy of ours says it.

use axum::Router;

use crate::support::{Answer, TestServer};

const FEW: (&str, &str) = ("TWOFOLD_GUESSES_PER_ADDRESS", "5");

async fn guess(server: &TestServer, index: usize, headers: &[(&str, String)]) -> u16 {
    let email = format!("person{index}@example.com");
    let browser = server.browser();
    let mut request = browser
        .bare("POST", "/api/sign_in")
        .header("accept", "application/json")
        .header("sec-fetch-site", "same-origin")
        .form(&[("email", email.as_str()), ("password", "a wrong password")]);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    Answer::of(request.send().await.unwrap())
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn forwarding_headers_of_a_client_are_ignored() {
    let server = TestServer::start_outside_time(&[FEW], Router::new()).await;

    let mut statuses = Vec::new();
    for index in 0..6 {
        let address = format!("203.0.113.{index}");
        let headers = [
            ("x-forwarded-for", address.clone()),
            ("forwarded", format!("for={address}")),
            ("x-real-ip", address.clone()),
            ("x-forwarded-host", "evil.example".to_owned()),
            ("x-forwarded-proto", "https".to_owned()),
        ];
        statuses.push(guess(&server, index, &headers).await);
    }

    assert_eq!(statuses, [401, 401, 401, 401, 401, 429], "TH-05");
}

#[tokio::test]
async fn behind_a_configured_proxy_the_last_hop_before_it_counts() {
    let variables = [FEW, ("TWOFOLD_TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8")];
    let server = TestServer::start_outside_time(&variables, Router::new()).await;
    let from = async |hops: String, index: usize| {
        guess(&server, index, &[("x-forwarded-for", hops)]).await
    };

    // What the client itself put in front changes from guess to guess.
    let mut one_client = Vec::new();
    for index in 0..6 {
        one_client.push(from(format!("6.6.6.{index}, 203.0.113.7, 10.0.0.1"), index).await);
    }
    let another = from("203.0.113.8".to_owned(), 6).await;

    assert_eq!(one_client, [401, 401, 401, 401, 401, 429], "TH-05");
    assert_eq!(another, 401, "TH-05");
}

#[tokio::test]
async fn fifty_spellings_and_addresses_of_one_subscriber_are_one() {
    let variables = [FEW, ("TWOFOLD_TRUSTED_PROXIES", "127.0.0.1")];
    let server = TestServer::start_outside_time(&variables, Router::new()).await;
    let spellings = (0..50).map(|index| match index % 4 {
        0 => format!("2001:db8:1:2::{index:x}"),
        1 => format!("2001:0DB8:0001:0002:ffff:0:0:{index:x}"),
        2 => format!("[2001:db8:1:2:{index:x}::9]:{}", 1000 + index),
        _ => format!("2001:db8:1:2:0:0:203.0.113.{index}"),
    });

    let mut evaluated = 0;
    for (index, spelling) in spellings.enumerate() {
        let status = guess(&server, index, &[("x-forwarded-for", spelling)]).await;
        evaluated += usize::from(status == 401);
    }
    let mut mapped = Vec::new();
    for (index, spelling) in ["203.0.113.7", "::ffff:203.0.113.7", "::ffff:cb00:7107"]
        .iter()
        .cycle()
        .take(6)
        .enumerate()
    {
        mapped.push(
            guess(
                &server,
                index,
                &[("x-forwarded-for", (*spelling).to_owned())],
            )
            .await,
        );
    }

    assert_eq!(evaluated, 5, "TH-04");
    assert_eq!(mapped, [401, 401, 401, 401, 401, 429], "TH-04");
}
