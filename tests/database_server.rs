//! What only a database of several nodes has: a server of its own, a network in between, nodes that start together.

use axum::Router;
use tempfile::TempDir;

use crate::support::process::assert_refused_in;
use crate::support::{Database, EMAIL, Mode, TestServer};
use crate::{only_in, only_on};

const SERVER: &str = "SQLite is a file and has no server to reach";

#[tokio::test]
async fn the_connection_is_encrypted_when_the_url_says_so() {
    only_on!(Database::Postgres, SERVER);

    for sslmode in ["require", "verify-full"] {
        let directory = TempDir::new().unwrap();
        let url = Database::encrypted_url(directory.path(), sslmode).await;
        let server = TestServer::start_with(&[("TWOFOLD_DATABASE_URL", &url)], Router::new()).await;
        let mut browser = server.browser();
        browser.sign_up().await;

        let connections = server
            .select(
                "SELECT s.ssl::text FROM pg_stat_ssl s JOIN pg_stat_activity a ON a.pid = s.pid \
                 WHERE a.usename = current_user AND a.pid <> pg_backend_pid()",
            )
            .await;

        assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
        assert_ne!(connections, Vec::<String>::new());
        assert!(connections.iter().all(|ssl| ssl == "true"), "{sslmode}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_who_it_should_be_is_refused() {
    only_on!(Database::Postgres, SERVER);
    let directory = TempDir::new().unwrap();
    let good = Database::encrypted_url(directory.path(), "verify-full").await;
    let other_name = good.replace("localhost", "127.0.0.1");
    let (unknown_authority, _) = good.split_once("&sslrootcert").unwrap();

    for url in [other_name.as_str(), unknown_authority] {
        assert_refused_in(
            &directory,
            &[("TWOFOLD_DATABASE_URL", url)],
            "TWOFOLD_DATABASE_URL: the database cannot be used",
        );
    }
}

#[tokio::test]
async fn nodes_that_start_together_on_an_empty_database_all_start() {
    only_on!(Database::Postgres, "a SQLite file has one node");
    let directory = TempDir::new().unwrap();
    let url = Database::url(directory.path()).await;

    let variables = [("TWOFOLD_DATABASE_URL", url.as_str())];
    let start = || TestServer::start_with(&variables, Router::new());
    let (first, second, third) = tokio::join!(start(), start(), start());

    for (number, node) in [first, second, third].iter().enumerate() {
        let email = format!("{number}@example.com");
        assert_eq!(node.browser().sign_up_as(&email).await.status, 200, "AV-11");
    }
}

#[tokio::test]
async fn renewals_on_several_nodes_at_once_have_one_successor() {
    only_in!(Mode::Jwt, "cookie mode has nothing to renew");
    let first = TestServer::start().await;
    let second = first.another_node(&[], Router::new()).await;
    let mut browser = first.browser();
    browser.sign_up().await;

    for _ in 0..2 {
        let tasks: Vec<_> = (0..200)
            .map(|number| {
                let node = if number % 2 == 0 { &first } else { &second };
                let mut tab = node.browser();
                tab.cookies.clone_from(&browser.cookies);
                tokio::spawn(async move {
                    let status = tab.call("/api/refresh", &[]).await.status.as_u16();
                    (status, tab.cookies)
                })
            })
            .collect();
        let mut successors = std::collections::HashSet::new();
        for task in tasks {
            let (status, cookies) = task.await.unwrap();
            assert_eq!(status, 200, "RT-03");
            successors.insert(cookies["__Secure-refresh"].0.clone());
            browser.cookies = cookies;
        }
        assert_eq!(successors.len(), 1, "RT-04, MI-02");
    }

    let live = "SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL";
    assert_eq!(first.select(live).await, ["1"]);
}
