//! The body of a request, which tells the place of its connection when there is no more to wait for.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::places::Asked;

/// A body that may be still under way. Once it was read to the end, or nobody wants the rest of it, its request has arrived.
pub(super) struct Arriving {
    body: Incoming,
    /// Weak, because whoever keeps a body for longer than the answer takes must not keep the place with it.
    asked: Weak<Asked>,
}

impl Arriving {
    pub(super) fn new(body: Incoming, asked: &Arc<Asked>) -> Self {
        let arriving = Self {
            body,
            asked: Arc::downgrade(asked),
        };
        if arriving.is_end_stream() {
            arriving.end();
        }
        arriving
    }

    fn end(&self) {
        if let Some(asked) = self.asked.upgrade() {
            asked.has_arrived();
        }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) || self.is_end_stream() {
            self.end();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.end();
    }
}
