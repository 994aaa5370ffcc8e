//! The bound on answers that wait for their readers.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};
use poem::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::{ApiError, Problem, ProblemCode};

/// What an answer takes from the budget at a time; what is smaller takes nothing.
const CHUNK: usize = 64 * 1024;

/// The bytes of answers that may wait in memory until their readers have taken them, over all connections.
/// Answers that are written as they are read, exports and event streams, hold little and do not count.
#[derive(Clone)]
pub struct AnswerBudget(Arc<Semaphore>);

/// Bytes of an answer, and their part of the budget as long as anybody holds them.
struct Held {
    bytes: Bytes,
    _budget: Arc<Option<OwnedSemaphorePermit>>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AnswerBudget {
    /// A budget of so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new((bytes / CHUNK).max(1))))
    }

    /// The answer, when there is room for it until it is read; else 503. The answer to a request that may have
    /// stored something is never refused: it counts as long as there is room.
    pub fn hold(&self, response: Response, is_safe: bool) -> Response {
        let (parts, body) = response.into_parts();
        let body = BoxBody::from(body);
        let size = body.size_hint().exact().unwrap_or_default();
        let chunks = usize::try_from(size).unwrap_or(usize::MAX) / CHUNK;
        if chunks == 0 {
            return Response::from_parts(parts, body.into());
        }
        let chunks = u32::try_from(chunks).unwrap_or(u32::MAX);
        let budget = Arc::clone(&self.0).try_acquire_many_owned(chunks).ok();
        if budget.is_none() && is_safe {
            let detail = "Too many answers wait for their readers; try again.";
            return ApiError::new(Problem::new(ProblemCode::Unavailable, detail)).into_response();
        }
        let body = HeldBody {
            body,
            budget: Arc::new(budget),
        };
        Response::from_parts(parts, BoxBody::new(body).into())
    }
}

/// A body whose bytes are [`Held`].
struct HeldBody {
    body: BoxBody<Bytes, io::Error>,
    budget: Arc<Option<OwnedSemaphorePermit>>,
}

impl Body for HeldBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let hold = |bytes| {
            Bytes::from_owner(Held {
                bytes,
                _budget: Arc::clone(&self.budget),
            })
        };
        Poll::Ready(frame.map(|frame| Ok(frame?.map_data(hold))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn answer(size: usize) -> Response {
        Response::builder().body(vec![1; size])
    }

    #[tokio::test]
    async fn an_answer_counts_until_its_bytes_are_gone() {
        let budget = AnswerBudget::new(4 * CHUNK);
        let large = budget.hold(answer(3 * CHUNK), true);
        assert_eq!(large.status(), 200);
        let body = BoxBody::from(large.into_body());
        assert_eq!(body.size_hint().exact(), Some(3 * CHUNK as u64));
        let bytes = body.collect().await.unwrap().to_bytes();
        assert_eq!(bytes.len(), 3 * CHUNK);
        assert_eq!(budget.hold(answer(2 * CHUNK), true).status(), 503);
        assert_eq!(budget.hold(answer(CHUNK - 1), true).status(), 200);
        assert_eq!(
            budget.hold(answer(2 * CHUNK), false).status(),
            200,
            "what a write has done is told"
        );
        drop(bytes);
        assert_eq!(budget.hold(answer(2 * CHUNK), true).status(), 200);
    }
}
