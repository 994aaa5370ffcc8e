//! Answers that serde writes straight from the type, for pages and records with free-form JSON in
//! them: poem-openapi's own `Json` builds a tree of values first.

use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;

use crate::problem::{ApiError, Problem, ProblemCode};

/// A JSON answer. Its `Serialize` must write what its schema says.
#[derive(Clone, Debug)]
pub struct Written<T>(pub T);

impl<T: Type> Payload for Written<T> {
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

impl<T: Serialize + Send> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(json) => Response::builder()
                .content_type("application/json")
                .body(json),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written");
                let detail = "The server met a fault; its log has the cause under the request id.";
                ApiError::new(Problem::new(ProblemCode::Internal, detail)).into_response()
            }
        }
    }
}

impl<T: Type + Serialize> ApiResponse for Written<T> {
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
