//! The product's tables as a `tower_sessions` store: only the hash of the id is kept, a session exists only with its
//! sign-in, and saving never makes a row, so that a signed-out session stays signed out (T13, T14, T24).

use async_trait::async_trait;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use crate::domain::sign_in::SignInId;
use crate::error::AppError;
use crate::server::clock::Clock;
use crate::server::secret::Hashed;
use crate::server::services::Services;
use crate::server::sign_ins::{Credential, SignIns};
use crate::server::store::{Store, StoreError};

/// The session's entry that names its sign-in.
pub(super) const SIGN_IN: &str = "sign_in";

/// The data of a session that remembers nothing yet but whose it is.
pub(super) fn begin_data(sign_in_id: &SignInId) -> String {
    serde_json::json!({ SIGN_IN: sign_in_id }).to_string()
}

#[derive(Clone, Debug)]
pub(super) struct SignInSessions {
    store: Store,
    clock: Clock,
    sign_ins: SignIns,
}

impl SignInSessions {
    pub(super) fn of(services: &Services) -> Self {
        Self {
            store: services.store.clone(),
            clock: services.clock.clone(),
            sign_ins: services.sign_ins.clone(),
        }
    }

    fn forget(&self, id: &Id) {
        self.sign_ins
            .forget(&Credential::of_session(&id.to_string()));
    }
}

#[async_trait]
impl SessionStore for SignInSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let sign_in = record
            .data
            .get(SIGN_IN)
            .and_then(|id| id.as_str())
            .ok_or_else(|| Error::Encode("a session begins with a sign-in".to_owned()))?;
        let sign_in_id = SignInId::from(sign_in.to_owned());
        self.store
            .insert_session(&hashed(&record.id), &sign_in_id, &encode(record)?)
            .await
            .map_err(backend)
    }

    /// Whoever writes a session's data may have changed whom it names.
    async fn save(&self, record: &Record) -> Result<()> {
        let saved = self
            .store
            .update_session(&hashed(&record.id), &encode(record)?)
            .await;
        self.forget(&record.id);
        saved.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let data = self
            .store
            .find_session(&hashed(id), self.clock.now())
            .await
            .map_err(backend)?;
        data.map(|data| {
            Ok(Record {
                id: *id,
                data: serde_json::from_str(&data)
                    .map_err(|error| Error::Decode(error.to_string()))?,
                // The sign-in row knows when it ends; what stands here is not used.
                expiry_date: OffsetDateTime::UNIX_EPOCH,
            })
        })
        .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let deleted = self.store.delete_session(&hashed(id)).await;
        self.forget(id);
        deleted.map_err(backend)
    }
}

fn hashed(id: &Id) -> Hashed {
    Hashed::of(&id.to_string())
}

fn encode(record: &Record) -> Result<String> {
    serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))
}

/// The trait carries texts only, so the causes are logged here.
fn backend(error: StoreError) -> Error {
    Error::Backend(AppError::from(error).to_string())
}
