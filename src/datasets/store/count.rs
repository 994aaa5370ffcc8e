//! The count of a dataset's embeddings, and the shape of their vectors.

use diesel::{
    dsl::case_when,
    prelude::*,
    result::QueryResult,
    sql_types::{Bool, Integer, Nullable},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::of_living_agent;
use crate::{
    datasets::words::Distance,
    db::{TenantId, schema::datasets},
    values::{Id, Timestamp},
};

/// What all vectors of a dataset have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Of how many numbers they are.
    pub dimension: i32,
    /// How far they are apart.
    pub distance: Distance,
}

/// Counts embeddings that the transaction has added to a dataset, or with a negative number has
/// removed, and gives it the dimension when it has none. Vectors that were written must be of the
/// dataset's shape still. False when there is no such dataset: then the transaction must not commit.
///
/// It comes last, so that writers of one dataset wait for each other's commits only.
pub async fn count(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    id: Id,
    added: i64,
    written: Option<Shape>,
) -> QueryResult<bool> {
    let mut connection = connection;
    let (dimension, distance) = (
        written.map(|shape| shape.dimension),
        written.map(|shape| shape.distance),
    );
    let fits = datasets::dimension
        .is_null()
        .or(datasets::dimension
            .assume_not_null()
            .eq(dimension.unwrap_or_default()))
        .and(datasets::distance.eq(distance.unwrap_or_default()));
    let counted = diesel::update(
        living!(tenant)
            .filter(datasets::id.eq(id))
            .filter(written.is_none().into_sql::<Bool>().or(fits)),
    )
    .set((
        datasets::dimension.eq(
            case_when(datasets::dimension.is_not_null(), datasets::dimension)
                .otherwise(dimension.into_sql::<Nullable<Integer>>()),
        ),
        datasets::embedding_count.eq(datasets::embedding_count + added),
        datasets::version.eq(datasets::version + 1),
        datasets::updated_at.eq(Timestamp::now()),
    ))
    .execute(&mut connection)
    .await?;
    Ok(counted == 1)
}
