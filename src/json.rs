//! JSON answers, written by serde straight from the value.
//!
//! poem-openapi's own `Json` first builds a tree of the whole answer, key by key; for a page of a
//! thousand items that is most of the work.

use poem::{IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;

use crate::problem::ApiError;

/// Most answers have no more bytes.
const USUAL_BYTES: usize = 1024;

/// An answer in JSON. `Type` documents it and `Serialize` writes it; the tests check every answer
/// against the specification, so the two cannot differ.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Type> Payload for Json<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        content_type == Self::CONTENT_TYPE
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Serialize + Send> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut json = Vec::with_capacity(USUAL_BYTES);
        match serde_json::to_writer(&mut json, &self.0) {
            Ok(()) => Response::builder()
                .header(header::CONTENT_TYPE, "application/json")
                .body(json),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written");
                ApiError::internal().into_response()
            }
        }
    }
}

impl<T: Type + Serialize + Send> ApiResponse for Json<T> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
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
