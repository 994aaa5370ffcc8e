//! How handlers read pages of records.

use std::{ops::Deref, sync::Arc};

use diesel_async::AsyncPgConnection;
use serde::Serialize;

use super::list::Position;
use crate::{
    agents,
    db::{Connection, Db, DbError, Pooled, TenantId, group_commit::Record},
    page::{self, Page},
    problem::{ApiError, Problem, ProblemCode},
    values::Id,
};

/// A connection for a list.
pub enum ListConnection {
    /// For a stretch of an index.
    Shared(Arc<Connection>),
    /// For a search: it may take long, and on a shared connection others would wait for it.
    Pooled(Pooled),
}

impl ListConnection {
    /// A connection for a list that is a search, or is none.
    pub async fn open(db: &Db, is_search: bool) -> Result<Self, DbError> {
        if is_search {
            Ok(Self::Pooled(db.pooled().await?.for_rows()))
        } else {
            Ok(Self::Shared(db.shared().await?))
        }
    }
}

impl Deref for ListConnection {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        match self {
            Self::Shared(connection) => connection,
            Self::Pooled(connection) => connection,
        }
    }
}

/// Requires the agent of an answer that has nothing.
///
/// # Errors
/// 404 when it has nothing because there is no such agent.
pub async fn require_agent(
    db: &Db,
    tenant: TenantId,
    agent: Id,
    is_empty: bool,
) -> Result<(), ApiError> {
    if is_empty {
        let connection = db.shared().await?;
        let exists = agents::store::exists(&connection, tenant, agent);
        if !db.query(exists).await? {
            return Err(ApiError::not_found("agent"));
        }
    }
    Ok(())
}

/// The items of a page and the cursor of the next.
///
/// # Errors
/// 404 when the page is empty because there is no such agent.
pub async fn finish<R: Record>(
    db: &Db,
    tenant: TenantId,
    agent: Id,
    page: Page<R>,
    list: &impl Serialize,
) -> Result<(Vec<R>, Option<String>), ApiError> {
    require_agent(db, tenant, agent, page.items.is_empty()).await?;
    let last = page.items.last().filter(|_| page.more);
    let next = last.map(|last| {
        let position = Position(last.timestamp(), last.id());
        page::encode_cursor(list, &position)
    });
    Ok((page.items, next))
}

/// The answer to a failed statement that reckons with what callers have stored.
///
/// # Errors
/// 422 when the numbers or the time zone are beyond what `PostgreSQL` knows.
pub fn aggregate_error(error: DbError) -> ApiError {
    match &error {
        DbError::Query(error) if error.to_string().contains("out of range") => out_of_range(),
        DbError::Query(error) if error.to_string().contains("not recognized") => {
            ApiError::invalid_parameter("timezone", "is not known to this database")
        }
        _ => error.into(),
    }
}

/// 422 for a sum that no number of the answer can hold.
pub fn out_of_range() -> ApiError {
    ApiError::new(Problem::new(
        ProblemCode::InvalidRequest,
        "The values are so large that what is asked of them is out of range.",
    ))
}
