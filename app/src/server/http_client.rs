//! Asking other servers: within a time, and for no more of an answer than is expected. Over TLS they must be who they should be,
//! by the authorities that this machine trusts. Follows no redirect and knows no proxy.

use std::error::Error;
use std::time::Duration;

use axum::http::{Request, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use super::causes::causes;

/// Keeps connections open for the next call; cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpClient(Client<HttpsConnector<HttpConnector>, Empty<Bytes>>);

/// What a call may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// For all of it, from the name's look-up to the last byte.
    pub within: Duration,
    pub most_bytes: usize,
}

/// Why there is no answer. Nothing that was sent is in its text, nor the path that was asked; the host may be, e.g. where its
/// certificate is another's.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("no answer within {0:?}")]
    TooSlow(Duration),
    #[error("an answer of more than {0} bytes")]
    TooLong(usize),
    #[error("an answer with status {0}")]
    Status(StatusCode),
    #[error("no answer: {}", causes(.0.as_ref()).join(": "))]
    Failed(Box<dyn Error + Send + Sync>),
}

impl HttpClient {
    /// # Errors
    /// When this machine trusts no authority.
    pub fn over_tls() -> std::io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(ring::default_provider())?
            .https_only()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Without TLS, for a server nearby: that needs no authority on this machine.
    ///
    /// # Errors
    /// When the cryptography has nothing for TLS: the client is ready for it all the same, and trusts nobody.
    pub fn plain() -> std::io::Result<Self> {
        let tls = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(std::io::Error::other)?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// The body of a good answer to `request`.
    ///
    /// # Errors
    /// [`CallError`]; every status but 200 is one.
    pub async fn fetch(
        &self,
        request: Request<Empty<Bytes>>,
        bounds: Bounds,
    ) -> Result<Bytes, CallError> {
        let answer = tokio::time::timeout(bounds.within, self.answer(request, bounds.most_bytes));
        answer
            .await
            .unwrap_or(Err(CallError::TooSlow(bounds.within)))
    }

    async fn answer(
        &self,
        request: Request<Empty<Bytes>>,
        most_bytes: usize,
    ) -> Result<Bytes, CallError> {
        let response = self.0.request(request).await;
        let response = response.map_err(|error| CallError::Failed(error.into()))?;
        if response.status() != StatusCode::OK {
            return Err(CallError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), most_bytes)
            .collect()
            .await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return CallError::TooLong(most_bytes);
            }
            CallError::Failed(error)
        })?;
        Ok(body.to_bytes())
    }
}
