//! What holds a secret does not show it when it is printed, e.g. in a failure or in the log (AU-02, T25).

use std::fmt::Debug;

use app::auth::jwt::{AccessToken, Grant};
use app::domain::email::Email;
use app::domain::password::{NewPassword, Password};
use app::domain::sign_in::{Moment, SignInId};
use app::domain::user::{User, UserId};
use app::server::accounts::Credentials;
use app::server::caller::Caller;
use app::server::password_hash::PasswordHash;
use app::server::secret::{Secret, SessionId};
use app::server::store::{Account, Attempt, Exchange, Held, Renaming, Rotation, Shown};
use twofold::server::config::Config;

const PASSWORD: &str = "canary-password-1";

fn assert_hidden(secret: &str, value: &impl Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains(secret), "AU-02 {text}");
    }
}

fn user() -> User {
    User {
        id: UserId::from("id".to_owned()),
        email: Email::parse("ada@example.com").unwrap(),
        created_at: Moment(1),
        password_version: 0,
    }
}

#[test]
fn what_a_person_knows_is_not_printed() {
    let password = || Password::parse(PASSWORD.to_owned()).unwrap();
    let email = Email::parse("ada@example.com").unwrap();
    let hash = || PasswordHash::from_store("$argon2id$canary-password-1".to_owned());

    assert_hidden(PASSWORD, &password());
    assert_hidden(PASSWORD, &NewPassword::parse(PASSWORD.to_owned(), 8));
    assert_hidden(
        PASSWORD,
        &Credentials {
            email,
            password: password(),
        },
    );
    assert_hidden(PASSWORD, &hash());
    let account = Account {
        user: user(),
        password_hash: hash(),
        is_disabled: false,
    };
    assert_hidden(PASSWORD, &account);
}

#[test]
fn what_a_client_keeps_is_not_printed() {
    let (secret, session) = (Secret::random(), SessionId::random());
    let sign_in_id = SignInId::from("id".to_owned());
    let access_token = AccessToken {
        token: PASSWORD.to_owned(),
        expires_in: 1,
    };

    assert_hidden(secret.reveal(), &secret);
    assert_hidden(session.reveal(), &session);
    assert_hidden(PASSWORD, &access_token);
    assert_hidden(PASSWORD, &Grant { access_token });
    let shown = Shown {
        proof: secret.clone(),
        attempt: Attempt::default(),
        caller: Caller::default(),
        held: Held::Key(None),
    };
    assert_hidden(secret.reveal(), &shown);
    let renaming = Renaming {
        from: session.hashed(),
        to: session.hashed(),
    };
    assert_hidden(session.reveal(), &renaming);
    let renewed = Rotation::Renewed {
        sign_in_id: sign_in_id.clone(),
        successor: secret.clone(),
    };
    assert_hidden(secret.reveal(), &renewed);
    let given = Exchange::Given {
        sign_in_id,
        successor: session.clone(),
    };
    assert_hidden(session.reveal(), &given);
}

#[test]
fn what_the_operator_keeps_is_not_printed() {
    let pepper = tempfile::NamedTempFile::new().unwrap();
    let secret = "canarypepper".repeat(4);
    std::fs::write(pepper.path(), format!("2026a {secret}")).unwrap();
    let variables = [
        (
            "TWOFOLD_DATABASE_URL",
            "postgres://ada:canary-password-1@localhost/db",
        ),
        ("TWOFOLD_PEPPER_FILE", pepper.path().to_str().unwrap()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));

    let config = Config::parse(variables).unwrap();

    assert_hidden(PASSWORD, &config);
    assert_hidden("canarypepper", &config);
}
