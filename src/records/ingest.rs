//! The way of new records into the database, as handlers see it.

use std::sync::Arc;

use crate::{
    db::{
        TenantId,
        group_commit::{GroupCommit, Record, WriteError, Written},
    },
    problem::{ApiError, Problem, ProblemCode},
    values::Id,
};

/// Stores records of an agent, all or none; answers, in their order, the places of those that were
/// there before.
///
/// # Errors
/// 404 when there is no such agent, 503 when too much waits or the database cannot be reached, 504
/// when it is too slow. The problem says whether the records may be stored nevertheless.
pub async fn store<R: Record>(
    writer: &GroupCommit<R>,
    tenant: TenantId,
    agent: Id,
    records: Arc<[R]>,
) -> Result<Vec<usize>, ApiError> {
    match writer.write(tenant, agent, records).await? {
        Written::NoAgent => Err(ApiError::not_found("agent")),
        Written::Stored { duplicates } => Ok(duplicates),
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        let (code, detail) = match &error {
            WriteError::Full => (
                ProblemCode::Unavailable,
                "Too many records wait to be stored. Nothing was stored; try again.",
            ),
            WriteError::Stopping => (
                ProblemCode::Unavailable,
                "The server is stopping. Nothing was stored; try again.",
            ),
            WriteError::Unavailable(_) => (
                ProblemCode::Unavailable,
                "The database cannot be reached or is busy. Nothing was stored; try again.",
            ),
            WriteError::Unknown(_) => (
                ProblemCode::OutcomeUnknown,
                "The database was lost before it answered, so the records may be stored or not. \
                 To send them again with the same ids is safe.",
            ),
            WriteError::Timeout => (
                ProblemCode::Timeout,
                "The database did not answer in time, so the records may be stored or not. To send \
                 them again with the same ids is safe.",
            ),
            WriteError::Query(_) => (
                ProblemCode::Internal,
                "The server met a fault; its log has the cause under the request id.",
            ),
        };
        tracing::error!(%error, "records were not stored");
        Self::new(Problem::new(code, detail))
    }
}
