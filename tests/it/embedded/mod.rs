//! The embedded PostgreSQL, with real servers, real crashes and real broken homes.

mod lifecycle;
mod refusals;

use agentdata::db::embedded::Embedded;

use crate::support::cluster::Session;

/// The text that a query answers.
async fn value(server: &Embedded, sql: &str) -> String {
    let session = Session::open(&server.url()).await;
    session.texts(sql).await.remove(0)
}
