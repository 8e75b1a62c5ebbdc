//! One client: keeps cookies as a browser does and, like the WASM client, the token of a grant. A story reads a cookie or
//! a header only if it is about it.

use std::collections::HashMap;
use std::net::SocketAddr;

use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::Value;

use super::{EMAIL, PASSWORD};

#[derive(Clone)]
pub struct Browser {
    client: Client,
    origin: String,
    /// By name; with the path they are sent to.
    pub cookies: HashMap<String, (String, String)>,
    pub token: Option<String>,
    /// What it calls itself, if anything.
    pub user_agent: Option<&'static str>,
    /// Its name for what it tries at `/api/refresh` and below, if it has one.
    pub attempt: Option<&'static str>,
    pub earlier_attempt: Option<&'static str>,
    /// Its proof of possession, if it has a key (DPoP); good for one call.
    pub proof: Option<String>,
}

/// What came back, read to the end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    /// A header's text; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", text_of)
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers
            .get_all(SET_COOKIE)
            .iter()
            .map(text_of)
            .collect()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// The word for what went wrong.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }
}

/// What is no text is a mark that is in none of ours.
fn text_of(value: &HeaderValue) -> &str {
    std::str::from_utf8(value.as_bytes()).unwrap_or("\u{fffd}")
}

impl Browser {
    pub fn new(address: SocketAddr) -> Self {
        let origin = format!("http://localhost:{}", address.port());
        Self::visiting(origin, Some(address))
    }

    /// One that goes to `origin`, at this address if there is one.
    pub fn visiting(origin: String, localhost: Option<SocketAddr>) -> Self {
        let mut client = Client::builder().redirect(redirect::Policy::none());
        if let Some(address) = localhost {
            client = client.resolve("localhost", address);
        }
        Self {
            client: client.build().unwrap(),
            origin,
            cookies: HashMap::new(),
            token: None,
            user_agent: None,
            attempt: None,
            earlier_attempt: None,
            proof: None,
        }
    }

    /// The same browser at another address of this machine, e.g. `127.0.0.2`.
    pub fn at(mut self, address: &str) -> Self {
        let port = self.origin.rsplit(':').next().unwrap();
        let server = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
        self.client = Client::builder()
            .redirect(redirect::Policy::none())
            .resolve("localhost", server)
            .local_address(address.parse::<std::net::IpAddr>().unwrap())
            .build()
            .unwrap();
        self
    }

    /// A bare request with nothing of this browser in it.
    pub fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.origin);
        self.client.request(method.parse().unwrap(), url)
    }

    /// As the page does after an answer that it was overtaken.
    pub fn rename_attempt(&mut self, name: &'static str) {
        self.earlier_attempt = self.attempt.replace(name);
    }

    /// Loads a page as a navigation: with cookies, without scripts, so without a token.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self
            .bare("GET", path)
            .header("accept", "text/html,application/xhtml+xml")
            .header("sec-fetch-site", "none");
        self.send(request, path).await
    }

    /// Calls a server function as the WASM client does.
    pub async fn call(&mut self, endpoint: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_to_call(endpoint, fields).await.unwrap()
    }

    /// The same, where there may be no answer.
    pub async fn try_to_call(
        &mut self,
        endpoint: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self
            .bare("POST", endpoint)
            .header("accept", "application/json")
            .header("sec-fetch-site", "same-origin")
            .form(fields);
        if let (Some(token), true) = (&self.token, endpoint != "/api/refresh") {
            request = request.bearer_auth(token);
        }
        if let Some(proof) = self.proof.take() {
            request = request.header("dpop", proof);
        }
        let answer = self.try_to_send(request, endpoint).await?;
        self.keep_token(&answer);
        Ok(answer)
    }

    /// Sends the form of `page` without scripts.
    pub async fn post_form(
        &mut self,
        page: &str,
        endpoint: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let request = self
            .bare("POST", endpoint)
            .header("accept", "text/html,application/xhtml+xml")
            .header("sec-fetch-site", "same-origin")
            .header("referer", format!("{}{page}", self.origin))
            .form(fields);
        self.send(request, endpoint).await
    }

    /// Whether it has a cookie that proves who somebody is; that it is known is no proof.
    pub fn has_proof(&self) -> bool {
        self.cookies.keys().any(|name| name != "__Host-device")
    }

    pub async fn sign_up(&mut self) -> Answer {
        self.sign_up_as(EMAIL).await
    }

    pub async fn sign_up_as(&mut self, email: &str) -> Answer {
        self.call("/api/sign_up", &[("email", email), ("password", PASSWORD)])
            .await
    }

    pub async fn sign_in(&mut self) -> Answer {
        self.sign_in_with(EMAIL, PASSWORD).await
    }

    pub async fn sign_in_with(&mut self, email: &str, password: &str) -> Answer {
        self.call("/api/sign_in", &[("email", email), ("password", password)])
            .await
    }

    /// As the page does: the token goes, whatever the server says.
    pub async fn sign_out(&mut self) -> Answer {
        let answer = self.call("/api/sign_out", &[]).await;
        self.token = None;
        answer
    }

    /// The address of whom the server takes this browser for.
    pub async fn viewer(&mut self) -> Option<String> {
        let answer = self.call("/api/viewer", &[]).await;
        answer.json()["user"]["email"].as_str().map(str::to_owned)
    }

    /// Whether the person is still signed in, as their browser would find out: renewing the token if there is one.
    pub async fn is_still_in(&mut self) -> bool {
        if self.token.is_some() {
            self.call("/api/refresh", &[]).await;
        }
        self.viewer().await.is_some()
    }

    async fn send(&mut self, request: RequestBuilder, path: &str) -> Answer {
        self.try_to_send(request, path).await.unwrap()
    }

    async fn try_to_send(
        &mut self,
        mut request: RequestBuilder,
        path: &str,
    ) -> Result<Answer, reqwest::Error> {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .filter(|(_, (_, sent_to))| path.starts_with(sent_to.as_str()))
            .map(|(name, (value, _))| format!("{name}={value}"))
            .collect();
        if let Some(user_agent) = self.user_agent {
            request = request.header("user-agent", user_agent);
        }
        let names = [
            ("idempotency-key", self.attempt),
            ("earlier-idempotency-key", self.earlier_attempt),
        ];
        for (header, name) in names {
            if let (Some(name), true) = (name, path.starts_with("/api/refresh")) {
                request = request.header(header, name);
            }
        }
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let answer = Answer::of(request.send().await?).await;
        for header in answer.set_cookies() {
            self.keep_cookie(header);
        }
        Ok(answer)
    }

    fn keep_cookie(&mut self, header: &str) {
        let mut parts = header.split("; ");
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes: Vec<_> = parts.collect();
        let path = attributes
            .iter()
            .find_map(|attribute| attribute.strip_prefix("Path="));
        if attributes.contains(&"Max-Age=0") {
            self.cookies.remove(name);
        } else {
            let kept = (value.to_owned(), path.unwrap_or("/").to_owned());
            self.cookies.insert(name.to_owned(), kept);
        }
    }

    fn keep_token(&mut self, answer: &Answer) {
        let json = answer.json();
        let token = json["access_token"]["token"]
            .as_str()
            .or(json["token"].as_str());
        if let Some(token) = token {
            self.token = Some(token.to_owned());
        }
    }
}
