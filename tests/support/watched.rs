//! A process that logs all there is, and the secrets that must not be in it.

use tempfile::TempDir;

use super::database::connect;
use super::process::Process;
use super::{Answer, Browser, Database};

/// A server, and what must not be in its log.
pub struct Watched {
    directory: TempDir,
    pub process: Process,
    pub canaries: Vec<String>,
}

impl Watched {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub async fn start_with(variables: &[(&str, &str)]) -> Self {
        let directory = TempDir::new().unwrap();
        let mut all = vec![("RUST_LOG", "trace"), ("TWOFOLD_PASSWORD_MIN_LENGTH", "14")];
        all.extend(variables);
        let process = Process::start(&directory, &all).await;
        Self {
            directory,
            process,
            canaries: vec!["canary".to_owned(), "$argon2id$".to_owned()],
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(([127, 0, 0, 1], self.process.port).into())
    }

    /// Whatever an answer hands out is a secret.
    pub fn watch(&mut self, answer: &Answer) {
        for cookie in answer.set_cookies() {
            let value = cookie.split(['=', ';']).nth(1).unwrap();
            self.canaries.push(value.to_owned());
        }
        let json = answer.json();
        let tokens = [
            &json["access_token"]["token"],
            &json["token"],
            &json["access_token"],
            &json["refresh_token"],
        ];
        let tokens = tokens.into_iter().filter_map(|token| token.as_str());
        self.canaries.extend(tokens.map(str::to_owned));
    }

    pub async fn call(
        &mut self,
        browser: &mut Browser,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let answer = browser.call(path, fields).await;
        self.watch(&answer);
        answer
    }

    pub async fn database(&self) -> sqlx::AnyConnection {
        connect(&Database::url(self.directory.path()).await).await
    }

    /// The whole log, in which none of it may be. A piece of a secret is one as well.
    pub fn assert_none_of_them_is_in_the_log(self, how_many: usize) {
        self.process.terminate();
        let (_, log) = self.process.finish();
        for crate_name in ["sqlx", "tower_http", "/api/sign_"] {
            assert!(log.contains(crate_name), "{crate_name} is logged");
        }
        let canaries = self.canaries.iter().filter(|canary| canary.len() > 5);
        let mut count = 0;
        for canary in canaries {
            let piece = canary.get(..24).unwrap_or(canary);
            // Every token begins with the same header.
            let piece = if canary.starts_with("eyJ") {
                &canary[canary.len() - 24..]
            } else {
                piece
            };
            let line = log.lines().find(|line| line.contains(piece));
            assert_eq!(line, None, "AU-02 {canary}");
            count += 1;
        }
        assert!(count >= how_many, "there were secrets: {count}");
    }
}
