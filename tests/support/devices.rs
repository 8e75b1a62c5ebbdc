//! A person with several browsers, and what they see and end of their sign-ins.

use app::domain::email::Email;
use app::domain::password::Password;
use app::domain::user::User;
use app::server::accounts::Credentials;
use app::server::caller::Caller;
use app::server::throttle::Guesser;
use serde_json::Value;

use super::{Answer, Browser, EMAIL, PASSWORD, TestServer};

pub const END_ONE: &str = "/api/end_sign_in";
pub const END_OTHERS: &str = "/api/end_other_sign_ins";
pub const END_ALL: &str = "/api/end_all_sign_ins";

pub async fn list_of(browser: &mut Browser) -> Vec<Value> {
    let answer = browser.call("/api/sign_ins", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json().as_array().unwrap().clone()
}

pub async fn end(browser: &mut Browser, id: &str) -> Answer {
    browser.call(END_ONE, &[("id", id)]).await
}

pub fn id_of(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}

/// Three browsers of one person, who signed up in the first.
pub async fn three_browsers(server: &TestServer) -> [Browser; 3] {
    let mut all = [server.browser(), server.browser(), server.browser()];
    all[0].sign_up().await;
    all[1].sign_in().await;
    all[2].sign_in().await;
    all
}

pub async fn are_signed_in(browsers: &mut [Browser]) -> Vec<bool> {
    let mut are = Vec::new();
    for browser in browsers {
        are.push(browser.viewer().await.is_some());
    }
    are
}

/// Whoever signed up, as the server knows them.
pub async fn user_of(server: &TestServer) -> User {
    let credentials = Credentials {
        email: Email::parse(EMAIL).unwrap(),
        password: Password::parse(PASSWORD.to_owned()).unwrap(),
    };
    let accounts = &server.services.accounts;
    let guesser = Guesser::default();
    let caller = Caller::default();
    let user = accounts.authenticate(&credentials, &guesser, &caller);
    user.await.unwrap()
}
