//! What somebody finds who copies the database or the files. What the log holds is in `secrets_in_the_log.rs`.

use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::support::{Database, EMAIL, PASSWORD, TestServer};

#[tokio::test]
async fn the_database_holds_no_proof_that_works() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    browser.call("/api/refresh", &[]).await;

    let dump = dump(&server).await;
    let contains = |needle: &str| {
        dump.windows(needle.len())
            .any(|window| window == needle.as_bytes())
    };
    assert!(contains(EMAIL), "the dump is the right file");
    assert!(!contains(PASSWORD), "PW-01");
    for (value, _) in browser.cookies.values() {
        assert!(!contains(value), "SE-04, RT-01");
    }
}

/// Everything that somebody with a copy would have.
async fn dump(server: &TestServer) -> Vec<u8> {
    match Database::of_this_run() {
        Database::Sqlite => {
            let file = server.database_file();
            let mut dump = std::fs::read(&file).unwrap();
            dump.extend(std::fs::read(file.with_extension("db-wal")).unwrap());
            dump
        }
        Database::Postgres => {
            let sql = "SELECT t::text FROM users t UNION ALL SELECT t::text FROM sign_ins t UNION ALL \
                       SELECT t::text FROM sessions t UNION ALL SELECT t::text FROM refresh_tokens t";
            server.select(sql).await.concat().into_bytes()
        }
    }
}

#[tokio::test]
async fn a_hash_from_the_database_opens_nothing() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let hashes = server
        .select("SELECT id_hash FROM sessions UNION ALL SELECT secret_hash FROM refresh_tokens")
        .await;

    for hash in &hashes {
        let mut thief = server.browser();
        thief
            .cookies
            .insert("__Host-session".into(), (hash.clone(), "/".into()));
        thief.cookies.insert(
            "__Secure-refresh".into(),
            (hash.clone(), "/api/refresh".into()),
        );
        assert_eq!(thief.viewer().await, None);
        assert_eq!(thief.call("/api/refresh", &[]).await.status, 401);
    }
    assert_eq!(hashes.len(), 1);
}

#[tokio::test]
async fn passwords_are_argon2id_with_a_salt_of_their_own() {
    let server = TestServer::start().await;
    server.browser().sign_up_as("ada@example.com").await;
    server.browser().sign_up_as("bob@example.com").await;

    let hashes = server.select("SELECT password_hash FROM users").await;

    assert!(
        hashes
            .iter()
            .all(|hash| hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")),
        "PW-01"
    );
    let salts: Vec<_> = hashes.iter().map(|hash| salt_of(hash)).collect();
    assert_ne!(salts[0], salts[1], "PW-02");
    for salt in salts {
        assert_eq!(salt.len(), 16, "PW-02");
    }
}

/// The bytes behind the fourth dollar sign of a PHC string.
fn salt_of(hash: &str) -> Vec<u8> {
    let salt = hash.split('$').nth(4).unwrap();
    STANDARD_NO_PAD.decode(salt).unwrap()
}

#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;

    let folders = [
        server.directory.path().to_owned(),
        server.directory.path().join("keys"),
    ];
    for entry in folders.iter().flat_map(|folder| folder.read_dir().unwrap()) {
        let entry = entry.unwrap();
        let data = entry.metadata().unwrap();
        let expected = if data.is_dir() { 0o700 } else { 0o600 };
        let mode = data.permissions().mode() & 0o777;
        assert_eq!(mode, expected, "{:?}", entry.file_name());
    }
}
