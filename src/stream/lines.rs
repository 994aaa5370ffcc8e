//! Streams of records as JSON objects on lines (NDJSON).

use std::{future::Future, io, marker::PhantomData};

use bytes::Bytes;
use futures_util::stream;
use poem::{Body, IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::{BUFFER, Sender};

/// A stream of JSON objects on lines, documented as an array of them.
pub struct Lines<T>(Body, PhantomData<fn() -> T>);

impl<T: Type> Payload for Lines<T> {
    const CONTENT_TYPE: &'static str = "application/x-ndjson";

    fn check_content_type(content_type: &str) -> bool {
        content_type == Self::CONTENT_TYPE
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            items: Some(Box::new(T::schema_ref())),
            ..MetaSchema::new_with_format("array", "ndjson")
        }))
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T> IntoResponse for Lines<T> {
    fn into_response(self) -> Response {
        Response::builder()
            .header(header::CONTENT_TYPE, "application/x-ndjson")
            .body(self.0)
    }
}

impl<T: Type> ApiResponse for Lines<T> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "A JSON object on each line. An answer that ends early is cut off without its end.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: Self::CONTENT_TYPE,
                    schema: Self::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// Begins a stream of the lines that `write` hands over. Unless it says that they are all, the answer
/// is cut off without its end, so that no client takes it for complete.
pub fn begin<T, F>(write: impl FnOnce(Sender<Bytes>) -> F) -> Lines<T>
where
    F: Future<Output = Result<(), &'static str>> + Send + 'static,
{
    let (lines, taken) = mpsc::channel(BUFFER);
    let (complete, completed) = oneshot::channel();
    let write = write(Sender(lines.clone()));
    tokio::spawn(async move {
        let written = tokio::select! {
            () = lines.closed() => return,
            written = write => written,
        };
        match written {
            // Who has gone needs no end.
            Ok(()) => drop(complete.send(())),
            Err(reason) => tracing::debug!(reason, "a stream of lines has ended early"),
        }
    });
    let body = stream::unfold(Some((taken, completed)), async |state| {
        let (mut taken, completed) = state?;
        match taken.recv().await {
            Some(lines) => Some((Ok(lines), Some((taken, completed)))),
            None => match completed.await {
                Ok(()) => None,
                Err(_) => Some((Err(io::Error::other("these are not all lines")), None)),
            },
        }
    });
    Lines(Body::from_bytes_stream(body), PhantomData)
}

/// Values as lines.
///
/// # Errors
/// When a value cannot be written, which is a fault of ours.
pub fn text<T: Serialize>(values: &[T]) -> serde_json::Result<Bytes> {
    let mut text = Vec::new();
    for value in values {
        serde_json::to_writer(&mut text, value)?;
        text.push(b'\n');
    }
    Ok(text.into())
}
