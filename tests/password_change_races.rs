//! A change of the password that meets something else on its way: whatever was proved with the old one comes too late (PW-12).

use app::domain::sign_in::{Keep, Kind, Moment};
use app::server::caller::Caller;
use app::server::password_hash::PasswordHash;
use app::server::secret::Hashed;
use app::server::sign_ins::{BeginError, ConfirmError};

use crate::password_change::{NEW, change};
use crate::support::devices::user_of;
use crate::support::{PASSWORD, TestServer};

#[tokio::test]
async fn a_sign_in_that_has_ended_meanwhile_changes_nothing() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let services = &server.services;
    let (sign_ins, caller) = (&services.sign_ins, Caller::default());
    let user = user_of(&server).await;
    let begun = sign_ins.begin(&user, Kind::Token, Keep::Longer, &caller);
    let id = begun.await.unwrap().id;
    sign_ins.sign_out(&id, &caller).await.unwrap();
    let rows = "SELECT password_hash || password_version FROM users";
    let before = server.select(rows).await;
    let hash = PasswordHash::from_store("another".to_owned());

    let late = sign_ins.change_password(&user, hash, &id, None, &caller);

    assert!(
        matches!(late.await, Err(ConfirmError::Ended)),
        "PW-12, SE-08"
    );
    assert_eq!(server.select(rows).await, before);
    assert!(browser.viewer().await.is_some());
}

#[tokio::test]
async fn a_sign_in_with_the_old_password_that_comes_late_makes_its_browser_no_known_one() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let proved = user_of(&server).await;
    let store = &server.services.store;
    let until = Moment(i64::MAX);

    let changed = change(&mut browser, PASSWORD, NEW).await;
    let (late, timely) = (Hashed::of("late"), Hashed::of("timely"));
    store.remember_device(&late, &proved, until).await.unwrap();
    let proved = proved.with_next_password();
    store
        .remember_device(&timely, &proved, until)
        .await
        .unwrap();

    assert_eq!(changed.status, 200);
    let now = server.services.clock.now();
    let is_known = async |device| {
        store
            .knows_device(device, &proved.email, now)
            .await
            .unwrap()
    };
    assert!(!is_known(&late).await, "TH-02");
    assert!(is_known(&timely).await);
}

#[tokio::test]
async fn an_account_that_is_disabled_meanwhile_begins_and_changes_nothing() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let (sign_ins, caller) = (&server.services.sign_ins, Caller::default());
    let user = user_of(&server).await;
    let begun = sign_ins.begin(&user, Kind::Token, Keep::Longer, &caller);
    let id = begun.await.unwrap().id;
    let disable = "UPDATE users SET disabled_at = 1".to_owned();
    server.execute(disable).await;
    let rows = "SELECT password_hash || password_version FROM users";
    let before = server.select(rows).await;
    let hash = PasswordHash::from_store("another".to_owned());

    let begun = sign_ins.begin(&user, Kind::Cookie, Keep::Longer, &caller);
    let begun = begun.await;
    let changed = sign_ins.change_password(&user, hash, &id, None, &caller);

    assert!(matches!(begun, Err(BeginError::Outdated)), "{begun:?}");
    assert!(matches!(changed.await, Err(ConfirmError::Ended)), "PW-12");
    assert_eq!(server.select(rows).await, before);
}

#[tokio::test]
async fn whoever_proved_the_old_password_just_before_begins_no_sign_in() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let services = &server.services;
    let (sign_ins, caller) = (&services.sign_ins, Caller::default());
    let proved = user_of(&server).await;

    let changed = change(&mut browser, PASSWORD, NEW).await;
    let begun = sign_ins.begin(&proved, Kind::Cookie, Keep::Longer, &caller);

    assert_eq!(changed.status, 200);
    assert!(matches!(begun.await, Err(BeginError::Outdated)), "PW-12");
    assert!(browser.viewer().await.is_some());
}
