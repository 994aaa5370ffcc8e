//! Exports: all records that pass a filter, oldest first, as lines.

use std::future::Future;

use serde::Serialize;

use super::{list::Position, read};
use crate::{
    db::{Db, DbError, TenantId, group_commit::Record},
    page::Page,
    problem::ApiError,
    stream::{
        Place, Sender,
        lines::{self, Lines},
    },
    values::Id,
};

/// Records that are read at once.
const BATCH: usize = 500;

/// Begins an export. `read` reads a page of so many records behind a position. The next is read when
/// the client has taken the one before, so that no connection waits for it.
///
/// # Errors
/// 404 when there is no such agent, and those of reading the first page.
pub async fn begin<R, F>(
    db: &Db,
    tenant: TenantId,
    agent: Id,
    place: Place,
    read: impl Fn(Option<Position>, usize) -> F + Send + 'static,
) -> Result<Lines, ApiError>
where
    R: Record + Serialize,
    F: Future<Output = Result<Page<R>, DbError>> + Send + 'static,
{
    let first = read(None, BATCH).await?;
    read::require_agent(db, tenant, agent, first.items.is_empty()).await?;
    Ok(lines::begin(async move |lines| {
        let written = write(first, read, &lines).await;
        drop(place);
        written
    }))
}

/// Hands over a page and all behind it.
async fn write<R, F>(
    mut page: Page<R>,
    read: impl Fn(Option<Position>, usize) -> F,
    lines: &Sender<bytes::Bytes>,
) -> Result<(), &'static str>
where
    R: Record + Serialize,
    F: Future<Output = Result<Page<R>, DbError>> + Send,
{
    loop {
        for records in page.items.chunks(50) {
            let text = lines::text(records).map_err(|error| {
                tracing::error!(%error, "a record cannot be written");
                "unwritable"
            })?;
            lines.send(text).await?;
        }
        let Some(last) = page.items.last().filter(|_| page.more) else {
            return Ok(());
        };
        let position = Position(last.timestamp(), last.id());
        page = read(Some(position), BATCH).await.map_err(|error| {
            tracing::warn!(%error, "an export cannot go on");
            "database"
        })?;
    }
}
