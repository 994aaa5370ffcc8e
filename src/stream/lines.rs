//! Streams of records as JSON objects on lines (NDJSON).

use std::{future::Future, io};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use poem::{Body, IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::{BUFFER, Sender};

/// A stream of JSON objects on lines. `OpenAPI` cannot say what each of them is: the operations'
/// descriptions do.
pub struct Lines(Body);

impl Payload for Lines {
    const CONTENT_TYPE: &'static str = "application/x-ndjson";

    fn check_content_type(content_type: &str) -> bool {
        content_type == Self::CONTENT_TYPE
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
    }
}

impl IntoResponse for Lines {
    fn into_response(self) -> Response {
        Response::builder()
            .header(header::CONTENT_TYPE, Self::CONTENT_TYPE)
            .body(self.0)
    }
}

impl ApiResponse for Lines {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "A JSON object on each line.",
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

    fn register(_: &mut Registry) {}
}

/// Begins a stream of the lines that `write` hands over. Unless it says that they are all, the answer
/// is cut off without its end, so that no client takes it for complete.
pub fn begin<F>(write: impl FnOnce(Sender<Bytes>) -> F) -> Lines
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
    // What compresses answers asks once more after the end.
    Lines(Body::from_bytes_stream(body.fuse()))
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
