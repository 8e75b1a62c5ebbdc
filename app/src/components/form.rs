//! A form that calls a server function: by the page's script where it runs, by the browser alone where it does not. Either
//! way the same fields travel in the same encoding.
//!
//! Stock `ActionForm` would read the fields into the function's arguments first, which every first visitor has to download;
//! and it shows whatever error a link carries (T05).

use bytes::Bytes;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::client::Client;
use leptos::server_fn::codec::PostUrl;
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::{ContentType, ServerFn};
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement, UrlSearchParams};

use crate::auth;
use crate::auth::viewer::use_form_failure;
use crate::components::signed_in::use_way_to;
use crate::error::AppError;
use crate::json::{JsonText, read};

/// The calls that a form makes, one at a time, and the latest answer; cheap to copy.
pub struct Submission<T: Send + Sync + 'static> {
    path: &'static str,
    answer: RwSignal<Option<Result<T, AppError>>>,
    is_pending: RwSignal<bool>,
}

impl<T: Send + Sync + 'static> Clone for Submission<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Submission<T> {}

impl<T: Clone + DeserializeOwned + Send + Sync> Submission<T> {
    /// To the server function `F`, whose fields the form has to have.
    pub fn to<F: ServerFn<Output = T, Error = AppError>>() -> Self {
        Self {
            path: F::PATH,
            answer: RwSignal::new(None),
            is_pending: RwSignal::new(false),
        }
    }

    /// The answer to the latest call; nothing before the first.
    pub fn answer(self) -> Option<Result<T, AppError>> {
        self.answer.get()
    }

    pub fn error(self) -> Option<AppError> {
        self.answer().and_then(Result::err)
    }

    /// Why it was refused: the latest call, or before the first the form that was sent without scripts.
    pub fn refusal(self) -> Signal<Option<AppError>> {
        let from_plain_form = use_form_failure(self.path);
        Signal::derive(move || match self.answer() {
            None => from_plain_form.clone(),
            Some(answer) => answer.err(),
        })
    }

    pub fn is_pending(self) -> Signal<bool> {
        self.is_pending.into()
    }

    fn submit(self, event: &SubmitEvent) {
        event.prevent_default();
        let Some(fields) = fields_of(event) else {
            return;
        };
        self.is_pending.set(true);
        spawn_local(async move {
            let answer = call(self.path, fields)
                .await
                .and_then(|json| read(&json).map_err(|_| AppError::Malformed));
            // The page may have been left meanwhile.
            let _ = self.is_pending.try_set(false);
            let _ = self.answer.try_set(Some(answer));
        });
    }
}

/// Sends the fields around `children` to the server function of `submission`. Where the password is needed once more, the way
/// leads there and back.
#[component]
pub fn Form<T: Clone + DeserializeOwned + Send + Sync + 'static>(
    submission: Submission<T>,
    children: Children,
) -> impl IntoView {
    let go_to_confirm = use_way_to("/confirm");
    Effect::new(move |_| {
        if submission.error() == Some(AppError::ConfirmationNeeded) {
            go_to_confirm();
        }
    });
    view! {
        <form action=submission.path method="post" on:submit=move |event| submission.submit(&event)>
            {children()}
        </form>
    }
}

/// As the browser itself would send them.
fn fields_of(event: &SubmitEvent) -> Option<String> {
    let form = event.target()?.unchecked_into::<HtmlFormElement>();
    let fields = FormData::new_with_form(&form).ok()?;
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    Some(String::from(fields.to_string()))
}

async fn call(path: &str, fields: String) -> Result<Bytes, AppError> {
    let request = ClientReq::<AppError>::try_new_post(
        path,
        PostUrl::CONTENT_TYPE,
        JsonText::CONTENT_TYPE,
        fields,
    )?;
    let response = <auth::Client as Client<AppError>>::send(request).await?;
    let is_refused = ClientRes::<AppError>::status(&response) >= 400;
    let body = ClientRes::<AppError>::try_into_bytes(response).await?;
    if is_refused {
        return Err(AppError::de(body));
    }
    Ok(body)
}
