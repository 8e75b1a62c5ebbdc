//! The transport of server functions in the browser: Leptos' own, but for the sending, which each mode does in its way.

use std::cell::RefCell;
use std::marker::PhantomData;

use bytes::Bytes;
use futures::{Sink, Stream};
use leptos::server_fn::client::Client;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::error::FromServerFnError;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::response::browser::BrowserResponse;
use send_wrapper::SendWrapper;

use crate::error::AppError;

/// A mode's way of sending a call and of reading what its answer says about the sign-in.
pub trait Carry {
    fn carry<E: FromServerFnError>(
        request: BrowserRequest,
    ) -> impl Future<Output = Result<BrowserResponse, E>>;
}

thread_local! {
    static REFUSAL: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The transport of the mode `C`.
pub struct Carrier<C>(PhantomData<C>);

impl<Error, InputError, OutputError, C: Carry> Client<Error, InputError, OutputError> for Carrier<C>
where
    Error: FromServerFnError,
    InputError: FromServerFnError,
    OutputError: FromServerFnError,
{
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(
        request: BrowserRequest,
    ) -> impl Future<Output = Result<BrowserResponse, Error>> + Send {
        SendWrapper::new(C::carry(request))
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<
            (
                impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static,
                impl Sink<Bytes> + Send + 'static,
            ),
            Error,
        >,
    > + Send {
        <BrowserClient as Client<Error, InputError, OutputError>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<Error, InputError, OutputError>>::spawn(future);
    }
}

/// Sends a call as it is, and keeps the reference of a refusal.
///
/// # Errors
/// When there was no answer at all.
pub(super) async fn pass_on<E: FromServerFnError>(
    request: BrowserRequest,
) -> Result<BrowserResponse, E> {
    let answer = <BrowserClient as Client<E, E, E>>::send(request).await;
    let refusal = match &answer {
        Ok(answer) if ClientRes::<E>::status(answer) < 400 => None,
        Ok(answer) => {
            let headers = answer.generate_headers();
            let id = headers.get("x-request-id");
            id.and_then(|id| Some(id.to_str().ok()?.to_owned()))
        }
        Err(_) => Some(String::new()),
    };
    if refusal.is_some() {
        REFUSAL.set(refusal);
    }
    answer
}

/// `error`, which came about in this browser: no call was refused, and the reference of an earlier one would mislead.
pub(super) fn without_call(error: AppError) -> AppError {
    REFUSAL.set(Some(String::new()));
    error
}

/// The id of the latest call that was refused, by which the server's log tells more; empty if it never got there, and nothing
/// before the first. Never anything on the server.
pub(super) fn latest_refusal() -> Option<String> {
    REFUSAL.with_borrow(Clone::clone)
}
