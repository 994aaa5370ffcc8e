//! All embeddings of a dataset, as lines that an import takes.

use serde::Serialize;

use super::{
    filter::Filter,
    model::{Embedding, Include},
    store::{self, Condition},
    vector::Vector,
};
use crate::{
    datasets::model::Dataset,
    db::{Db, DbError, TenantId},
    page::Page,
    raw_json::RawObject,
    stream::{Place, Sender, lines},
    values::Id,
};

/// The most embeddings that are read at once; a page also ends at 8 MiB.
const BATCH: usize = 500;

/// An export.
pub struct Export {
    /// The database.
    pub db: Db,
    /// Whose it is.
    pub tenant: TenantId,
    /// Of what.
    pub dataset: Dataset,
    /// Only of those with such metadata.
    pub filter: Option<Filter>,
}

/// An embedding on a line.
#[derive(Serialize)]
struct Line<'a> {
    id: Id,
    content: &'a str,
    metadata: &'a RawObject,
    embedding: &'a Option<Vector>,
}

impl<'a> From<&'a Embedding> for Line<'a> {
    fn from(embedding: &'a Embedding) -> Self {
        Self {
            id: embedding.id,
            content: &embedding.content,
            metadata: &embedding.metadata,
            embedding: &embedding.embedding,
        }
    }
}

impl Export {
    /// The embeddings behind one, in the order of their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn page(&self, after: Option<Id>) -> Result<Page<Embedding>, DbError> {
        let connection = self.db.pooled().await?.for_rows();
        let filter = self.filter.as_ref().map(Condition::new);
        let page = store::list(
            &connection,
            self.tenant,
            &self.dataset,
            Include::Embedding,
            filter,
            after,
            BATCH,
        );
        self.db.query(page).await
    }

    /// Hands all embeddings over, from the first page on. The next page is read when the client has taken
    /// the one before, so that no connection waits for it.
    pub async fn write(
        self,
        mut page: Page<Embedding>,
        place: Place,
        lines: Sender<bytes::Bytes>,
    ) -> Result<(), &'static str> {
        loop {
            for embeddings in page.items.chunks(50) {
                lines.send(text(embeddings)?).await?;
            }
            let Some(last) = page.items.last().filter(|_| page.more) else {
                drop(place);
                return Ok(());
            };
            page = self.page(Some(last.id)).await.map_err(|error| {
                tracing::warn!(%error, "an export cannot go on");
                "database"
            })?;
        }
    }
}

/// Embeddings as lines.
///
/// # Errors
/// When one cannot be written, which is a fault of ours.
pub fn text(embeddings: &[Embedding]) -> Result<bytes::Bytes, &'static str> {
    let all: Vec<Line<'_>> = embeddings.iter().map(Line::from).collect();
    lines::text(&all).map_err(|error| {
        tracing::error!(%error, "an embedding cannot be written");
        "unwritable"
    })
}
