//! `twofold keys`, and what a start says of keys that are missing, wrong or no secret.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;

use app::domain::sign_in::Moment;
use app::server::clock::Clock;
use app::server::keys::file::KeyFile;
use jws::key_pair::{Algorithm, KeyPair};
use tempfile::TempDir;

use crate::support::process::{keys, refused};

#[test]
fn the_keys_command_makes_lists_and_retires() {
    let directory = TempDir::new().unwrap();

    let none = keys(&directory, &[], &["list"]);
    let first = keys(&directory, &[], &["rotate"]);
    let second = keys(&directory, &[("TWOFOLD_TOKEN_ALG", "ES256")], &["rotate"]);
    let list = keys(&directory, &[], &["list"]);
    let unknown = keys(&directory, &[], &["retire", "nonsense"]);
    let first_id = first.1.split(' ').next().unwrap();
    let early = keys(&directory, &[], &["retire", "--now", "--", first_id]);
    let nothing = keys(&directory, &[], &[]);

    assert_eq!(none.0, 1);
    assert!(
        none.2.contains("`twofold keys rotate` makes one"),
        "{none:?}"
    );
    assert!(first.1.contains("EdDSA  signing "), "{first:?}");
    assert!(second.1.contains("ES256  next "), "{second:?}");
    assert_eq!(list.1.lines().count(), 3, "{list:?}");
    assert_eq!(
        (unknown.0, unknown.2.lines().count()),
        (1, 1),
        "{unknown:?}"
    );
    assert_eq!(early.0, 1);
    assert!(early.2.contains("try again in 15 s"), "{early:?}");
    assert_eq!(nothing.0, 2);
    assert!(nothing.2.contains("usage:"), "{nothing:?}");
}

#[test]
fn a_key_that_no_token_can_need_is_retired_and_a_younger_one_only_now() {
    let directory = TempDir::new().unwrap();
    let now = Clock::default().now();
    let ids = [9_000, 6_000, 60].map(|age| make_key(&directory, Moment(now.0 - age)));
    let retire = |words: &[&str]| keys(&directory, &[], &[&["retire"], words].concat()).0;

    let old = retire(&["--", &ids[0]]);
    let younger = retire(&["--", &ids[1]]);
    let listed = keys(&directory, &[], &["list"]).1;
    let at_once = retire(&["--now", "--", &ids[1]]);
    let signing = retire(&["--now", "--", &ids[2]]);
    let left = keys(&directory, &[], &["list"]).1;

    assert_eq!((old, younger, at_once, signing), (0, 1, 0, 1));
    assert!(!listed.contains(&ids[0]), "{listed}");
    assert!(
        listed.contains(&format!("{}  EdDSA  verifying", ids[1])),
        "{listed}"
    );
    assert!(!left.contains(&ids[1]), "{left}");
    assert!(left.contains(&ids[2]), "{left}");
}

/// The id of a key made then.
fn make_key(directory: &TempDir, created: Moment) -> String {
    let folder = directory.path().join("keys");
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(&folder).unwrap();
    let pem = KeyPair::generate(Algorithm::EdDsa);
    let file = KeyFile::write(&folder, &pem, created).unwrap();
    file.pair.id().to_owned()
}

#[test]
fn a_start_with_a_key_that_is_no_secret_is_refused_by_name() {
    use std::os::unix::fs::PermissionsExt;
    // RFC 8037 A.1, and a P-256 key whose number is one.
    const PUBLISHED: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    const ONE: &str = "-----BEGIN PRIVATE KEY-----\nMEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAAAAAQ==\n-----END PRIVATE KEY-----\n";
    let random = KeyPair::generate(Algorithm::EdDsa);
    for (pem, mode, words) in [
        (PUBLISHED, 0o600, "published sample"),
        (ONE, 0o600, "published sample"),
        ("secret", 0o600, "no private Ed25519 or P-256 key"),
        ("", 0o600, "no private Ed25519 or P-256 key"),
        (random.as_str(), 0o640, "can be read by other users"),
        (random.as_str(), 0o604, "can be read by other users"),
    ] {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("keys/1-a.pem");
        std::fs::create_dir(file.parent().unwrap()).unwrap();
        std::fs::write(&file, pem).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();

        let output = refused(&directory, &[("LEPTOS_SITE_ADDR", "127.0.0.1:0")]);
        let message = String::from_utf8(output.stderr).unwrap();

        assert!(message.contains("TWOFOLD_KEYS_DIR: "), "JW-16 {message}");
        assert!(message.contains("1-a.pem"), "JW-16 {message}");
        assert!(message.contains(words), "JW-16 {message}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), pem);
    }
}

#[test]
fn production_makes_no_key_and_takes_none_of_another_algorithm() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("keys").display().to_string();
    let database = format!("sqlite:{}/db", directory.path().display());
    let mut production = vec![
        ("LEPTOS_SITE_ADDR", "127.0.0.1:0"),
        ("TWOFOLD_ENV", "production"),
        ("TWOFOLD_ORIGIN", "https://app.example.com"),
        ("TWOFOLD_DATABASE_URL", &database),
        ("TWOFOLD_KEYS_DIR", &path),
    ];
    let refusal = |variables: &[(&str, &str)]| {
        String::from_utf8(refused(&directory, variables).stderr).unwrap()
    };

    let without_key = refusal(&production);
    let made = keys(&directory, &production, &["rotate"]);
    production.push(("TWOFOLD_TOKEN_ALG", "ES256"));
    let other_algorithm = refusal(&production);

    assert!(without_key.contains("TWOFOLD_KEYS_DIR"), "{without_key}");
    assert_eq!(made.0, 0, "{made:?}");
    assert!(
        other_algorithm.contains("TWOFOLD_TOKEN_ALG is ES256"),
        "{other_algorithm}"
    );
}
