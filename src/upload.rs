//! Request bodies that are read as they come, because they may be longer than memory: JSON objects on
//! lines (NDJSON).

use std::time::Duration;

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
};
use tokio::{
    io::{AsyncRead, BufReader},
    sync::OwnedSemaphorePermit,
};

use crate::{
    body::{self, BodyBudget},
    problem::ApiError,
};

/// What a stream takes of the budget of request bodies: about what its reader holds at a time.
const ROOM: usize = 16 * 1024 * 1024;

/// A stream of JSON objects on lines, `Content-Encoding` `gzip` or `zstd` undone. `OpenAPI` cannot say
/// what each of them is: the operations' descriptions do.
pub struct Upload {
    /// The lines.
    pub lines: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    /// How long the next of them may take.
    pub patience: Duration,
    _room: OwnedSemaphorePermit,
}

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let binary = MetaSchema::new_with_format("string", "binary");
        Some(MetaRequest {
            description: Some("A JSON object on each line."),
            content: vec![MetaMediaType {
                content_type: "application/x-ndjson",
                schema: MetaSchemaRef::Inline(Box::new(binary)),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        if !body::is_of_type(request, "application/x-ndjson") {
            let expected = "send the lines as `Content-Type: application/x-ndjson`";
            return Err(body::unsupported(expected).into());
        }
        let budget = request
            .data::<BodyBudget>()
            .ok_or_else(ApiError::internal)?;
        Ok(Self {
            patience: budget.patience(),
            _room: budget.room(ROOM)?,
            lines: BufReader::with_capacity(
                64 * 1024,
                Box::new(body::inflated(request, body).await?.into_async_read()),
            ),
        })
    }
}
