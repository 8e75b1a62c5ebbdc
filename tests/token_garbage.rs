//! Tokens that something happened to, thousands of them: each is the same 401, and the server goes on. What random bytes do to
//! the parser alone is `bin/fuzz`'s affair.

use serde_json::json;

use crate::support::tokens::{Mint, asked_with, asked_with_bytes, signed_in_server};
use crate::support::{Browser, EMAIL};

/// Repeats its numbers at every run, so that a failure can be looked into.
struct Dice(u64);

impl Dice {
    /// Xorshift64 (Marsaglia 2003).
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// A header value that was a token before something happened to it.
    fn spoilt(&mut self, mint: &Mint) -> Vec<u8> {
        const ODD: &[u8] = b".=-_AZaz09 {}\"\\/+~\t\xff\xe9";
        let name = ["alg", "typ", "kid", "exp", "sub", "x"][self.below(6)];
        let mut bytes = match self.below(4) {
            0 => mint.with_header(name, json!(self.below(9))).into_bytes(),
            1 => mint.with_claim(name, json!(self.below(9))).into_bytes(),
            _ => mint.token().into_bytes(),
        };
        for _ in 0..=self.below(6) {
            let place = self.below(bytes.len());
            let byte = ODD[self.below(ODD.len())];
            match self.below(4) {
                0 => bytes.truncate(place + 1),
                1 => bytes.insert(place, byte),
                _ => bytes[place] = byte,
            }
        }
        bytes
    }
}

#[tokio::test]
async fn ten_thousand_spoilt_tokens_are_ten_thousand_times_the_same_401() {
    let (_server, mut browser, mint) = signed_in_server().await;
    let clients: Vec<_> = (1..=8)
        .map(|seed| tokio::spawn(refusals(browser.clone(), mint.clone(), Dice(seed * 7919))))
        .collect();

    let mut refused = 0;
    for client in clients {
        refused += client.await.unwrap();
    }

    assert_eq!(refused, 10_000, "JW-15");
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

async fn refusals(browser: Browser, mint: Mint, mut dice: Dice) -> usize {
    let genuine = mint.token().into_bytes();
    for _ in 0..1250 {
        let mut token = dice.spoilt(&mint);
        if token == genuine {
            token.push(b'.');
        }
        let value = [b"Bearer ", token.as_slice()].concat();
        let answer = asked_with_bytes(&browser, &value).await;
        let what = String::from_utf8_lossy(&token);
        assert_eq!(answer.status, 401, "JW-15 {what}");
        assert_eq!(answer.body, r#"{"error":"invalid_token"}"#, "JW-15 {what}");
    }
    let answer = asked_with(&browser, &format!("Bearer {}", mint.token())).await;
    assert_eq!(answer.status, 200);
    1250
}
