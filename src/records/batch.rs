//! Many records in one request: read, checked, stamped and stored, all or none.

use std::{fmt, marker::PhantomData, sync::Arc};

use garde::Validate;
use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, Object,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
    types::{Example, Type},
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeOwned},
};
use tokio::sync::OwnedSemaphorePermit;

use super::{ingest, stamp::Clock};
use crate::{
    auth::Caller,
    body,
    db::group_commit::{GroupCommit, Record},
    json::Json,
    problem::{ApiError, FieldError, Problem},
    values::Id,
};

/// Most records in one request.
pub const MAX_ITEMS: usize = 10_000;

/// A record as clients send it.
pub trait NewRecord: Type + DeserializeOwned + Validate<Context = ()> + Send {
    /// The record as it is stored.
    type Record: Record;

    /// The record as it is to be stored. `order` is its place among those of one request.
    ///
    /// # Errors
    /// When its id and its instant do not agree or lie out of bounds.
    fn stamp(self, agent: Id, clock: &Clock, order: u16) -> Result<Self::Record, FieldError>;
}

/// The records of a request: a JSON array (`Content-Type: application/json`), or a JSON object on
/// each line (`application/x-ndjson`), where lines of white space count for nothing.
pub struct Batch<T> {
    items: Vec<T>,
    _budget: Vec<OwnedSemaphorePermit>,
}

impl<'a, T: NewRecord> ApiExtractor<'a> for Batch<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    /// The lines are in the operations' descriptions only: `OpenAPI` cannot say what each of them is,
    /// and to take the body for any text would make promises that are not kept.
    fn request_meta() -> Option<MetaRequest> {
        let array = MetaSchema {
            items: Some(Box::new(T::schema_ref())),
            min_items: Some(1),
            max_items: Some(MAX_ITEMS),
            ..MetaSchema::new("array")
        };
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: MetaSchemaRef::Inline(Box::new(array)),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let lines = if body::is_of_type(request, "application/json") {
            false
        } else if body::is_of_type(request, "application/x-ndjson") {
            true
        } else {
            let expected = "send the records as `Content-Type: application/json` in an array, or as \
                            `application/x-ndjson` on lines";
            return Err(body::unsupported(expected).into());
        };
        let (bytes, budget) = body::read(request, body, |limits| limits.max_batch_bytes).await?;
        let items = if lines {
            parse_lines(&bytes)
        } else {
            parse_array(&bytes)
        };
        let items = items.and_then(check_each).map_err(ApiError::from)?;
        Ok(Self {
            items,
            _budget: budget,
        })
    }
}

fn parse_array<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, Box<Problem>> {
    let Items(items) = body::parse(bytes)?;
    Ok(items)
}

fn parse_lines<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, Box<Problem>> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.trim_ascii().is_empty());
    let mut items = Vec::new();
    for (index, line) in lines.enumerate() {
        if index == MAX_ITEMS {
            return Err(body::invalid("", TooMany.to_string()));
        }
        let item = body::parse::<body::Object<T>>(line);
        let body::Object(item) = item.map_err(|error| error.within(&format!("/{index}")))?;
        items.push(item);
    }
    if items.is_empty() {
        return Err(body::invalid("", "has no records"));
    }
    Ok(items)
}

/// Between one and [`MAX_ITEMS`] objects in an array.
struct Items<T>(Vec<T>);

struct TooMany;

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "has more than {MAX_ITEMS} records")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Elements<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut array: A) -> Result<Vec<T>, A::Error> {
                let mut items = Vec::new();
                while items.len() < MAX_ITEMS {
                    match array.next_element()? {
                        Some(body::Object(item)) => items.push(item),
                        None if items.is_empty() => {
                            return Err(de::Error::custom("has no records"));
                        }
                        None => return Ok(items),
                    }
                }
                match array.next_element::<de::IgnoredAny>()? {
                    Some(_) => Err(de::Error::custom(TooMany)),
                    None => Ok(items),
                }
            }
        }

        deserializer
            .deserialize_seq(Elements(PhantomData))
            .map(Items)
    }
}

/// Checks the bounds of all; of the first that breaks one every place is named.
fn check_each<T: Validate<Context = ()>>(items: Vec<T>) -> Result<Vec<T>, Box<Problem>> {
    for (index, item) in items.iter().enumerate() {
        body::check(item).map_err(|error| error.within(&format!("/{index}")))?;
    }
    Ok(items)
}

/// What was stored.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct CreatedBatch {
    /// How many records the request had. All are committed.
    #[oai(validator(minimum(value = "1"), maximum(value = "10000")))]
    pub count: i32,
    /// How many of them are new; the ids of the others were there before.
    #[oai(validator(minimum(value = "0"), maximum(value = "10000")))]
    pub stored: i32,
    /// The ids of all records, in the order of the request.
    pub ids: Vec<Id>,
}

impl Example for CreatedBatch {
    fn example() -> Self {
        Self {
            count: 1,
            stored: 1,
            ids: vec![
                "01a207bd-aa3b-774b-8000-2a0d8f1e4b11"
                    .parse()
                    .unwrap_or_default(),
            ],
        }
    }
}

/// Created records.
#[derive(ApiResponse)]
pub enum CreateBatchResponse {
    /// All records are stored. A resend with the same ids stores nothing twice and gets the same
    /// ids.
    #[oai(status = 201)]
    Created(Json<CreatedBatch>),
}

/// Stores the records of a request, all or none.
///
/// # Errors
/// 422 with the index of a record whose id and instant do not agree, and those of
/// [`ingest::store`].
pub async fn store<T: NewRecord>(
    writer: &GroupCommit<T::Record>,
    caller: &Caller,
    agent: Id,
    clock: &Clock,
    batch: Batch<T>,
) -> Result<CreateBatchResponse, ApiError> {
    let mut records = Vec::with_capacity(batch.items.len());
    for (order, item) in (0..).zip(batch.items) {
        let record = item.stamp(agent, clock, order);
        let record = record
            .map_err(|error| Box::new(Problem::invalid(vec![error])).within(&format!("/{order}")));
        records.push(record?);
    }
    let records: Arc<[T::Record]> = records.into();
    let ids: Vec<Id> = records.iter().map(Record::id).collect();
    let known = ingest::store(writer, caller.tenant_id(), agent, records).await?;
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    Ok(CreateBatchResponse::Created(Json(CreatedBatch {
        count: number(ids.len()),
        stored: number(ids.len() - known.len()),
        ids,
    })))
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;
