//! `Idempotency-Key`: a resend of the same request gets the first answer again.
//!
//! The key's row is written in the transaction of the write itself. A second request with the key
//! waits for that transaction, then replays its answer or, when it was rolled back, takes its place.
//! So there is no "running" state that a crash could leave behind.

use std::time::Duration;

use aws_lc_rs::digest;
use diesel::{prelude::*, result::QueryResult, upsert::excluded};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    db::{TenantId, schema::idempotency_keys},
    master_key::MasterKey,
    problem::{ApiError, Problem, ProblemCode},
    values::Timestamp,
};

/// How long an answer is kept.
pub const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A request that carries a key.
pub struct Request {
    key: String,
    hash: Vec<u8>,
}

impl Request {
    /// The request to this operation, at this path, with this body, under this key.
    pub fn new(key: Option<String>, operation: &str, path: &[&str], body: &[u8]) -> Option<Self> {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in std::iter::once(&operation).chain(path) {
            context.update(part.as_bytes());
            context.update(&[0]);
        }
        context.update(body);
        Some(Self {
            key: key?,
            hash: context.finish().as_ref().to_vec(),
        })
    }

    /// The same request, known by a hash that nobody can compute without the master key: for a body
    /// that may hold a secret.
    #[must_use]
    pub fn keyed(self, master: &MasterKey) -> Self {
        Self {
            hash: master.hash("idempotency_keys", &self.hash),
            ..self
        }
    }
}

/// The first answer to this request, or `None` when this is the first; then the caller does the work
/// and [`keep`]s its answer, all in one transaction.
///
/// # Errors
/// 422 when the key was used for another request.
pub async fn replay<T: DeserializeOwned>(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    request: &Request,
) -> Result<Option<T>, ApiError> {
    if claim(connection, tenant, request).await? {
        return Ok(None);
    }
    let (hash, answer): (Vec<u8>, Option<String>) = idempotency_keys::table
        .find((tenant.0, &request.key))
        .select((idempotency_keys::request_hash, idempotency_keys::answer))
        .first(connection)
        .await?;
    if hash != request.hash {
        let detail =
            "The Idempotency-Key was used for a request with another operation, path or body.";
        return Err(ApiError::new(Problem::new(
            ProblemCode::IdempotencyKeyReused,
            detail,
        )));
    }
    serde_json::from_str(&answer.unwrap_or_default())
        .map(Some)
        .map_err(internal)
}

/// Keeps the answer to the first request.
pub async fn keep<T: Serialize>(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    request: &Request,
    answer: &T,
) -> Result<(), ApiError> {
    let text = serde_json::to_string(answer).map_err(internal)?;
    diesel::update(idempotency_keys::table.find((tenant.0, &request.key)))
        .set(idempotency_keys::answer.eq(text))
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes the key's row; false when there is one that is not too old. Waits for a transaction that
/// is about to write it.
async fn claim(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    request: &Request,
) -> QueryResult<bool> {
    use diesel::query_dsl::methods::FilterDsl;
    let now = Timestamp::now();
    let insert = diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::tenant_id.eq(tenant.0),
            idempotency_keys::key.eq(&request.key),
            idempotency_keys::request_hash.eq(&request.hash),
            idempotency_keys::created_at.eq(now),
        ))
        .on_conflict((idempotency_keys::tenant_id, idempotency_keys::key))
        .do_update()
        .set((
            idempotency_keys::request_hash.eq(excluded(idempotency_keys::request_hash)),
            idempotency_keys::created_at.eq(excluded(idempotency_keys::created_at)),
            idempotency_keys::answer.eq(None::<String>),
        ));
    let written = FilterDsl::filter(insert, idempotency_keys::created_at.lt(now.minus(LIFETIME)))
        .execute(connection)
        .await?;
    Ok(written == 1)
}

fn internal(error: serde_json::Error) -> ApiError {
    tracing::error!(%error, "an idempotent answer cannot be written or read");
    ApiError::internal()
}

/// Removes keys that are too old, up to a number; answers how many. A maintenance statement: it
/// goes over all tenants.
pub async fn purge(connection: &mut AsyncPgConnection, limit: i64) -> QueryResult<usize> {
    let too_old = || idempotency_keys::created_at.lt(Timestamp::now().minus(LIFETIME));
    // No FOR UPDATE: behind Citus a statement over all tenants may not lock. Instead two servers
    // meet in one order, and a key that was taken anew meanwhile is left alone.
    let mut keys = idempotency_keys::table
        .filter(too_old())
        .select((idempotency_keys::tenant_id, idempotency_keys::key))
        .limit(limit)
        .load::<(i64, String)>(connection)
        .await?;
    keys.sort_unstable();
    let mut purged = 0;
    for key in keys {
        purged += diesel::delete(idempotency_keys::table.find(key).filter(too_old()))
            .execute(connection)
            .await?;
    }
    Ok(purged)
}
