//! Embeddings on their way into a dataset: their ids and vectors, whether they fit, what is in their way.

use std::collections::HashSet;

use super::{
    api::{busy, find},
    fit,
    model::{NewEmbedding, OnConflict},
    provider::Provider,
    store::{self, NewRow, WriteError},
    texts::Texts,
};
use crate::{
    body,
    datasets::{model::Dataset, store::Shape},
    db::{Db, DbError, TenantId},
    problem::{ApiError, FieldError, Problem, ProblemCode},
    values::Id,
};

/// How often a write looks at its dataset anew, when others change it meanwhile.
const ATTEMPTS: usize = 3;

/// What writes embeddings into a dataset.
pub struct Writer<'a> {
    /// The database.
    pub db: &'a Db,
    /// What makes the vectors that are missing.
    pub provider: Option<&'a Provider>,
    /// Whose it is.
    pub tenant: TenantId,
    /// Where to.
    pub dataset: Id,
    /// What becomes of an embedding whose id is there already.
    pub on_conflict: OnConflict,
}

/// What was stored.
pub struct Stored {
    /// The ids of all embeddings, in their order.
    pub ids: Vec<Id>,
    /// How many of them are new.
    pub new: usize,
}

/// Where the embeddings stand in the request.
#[derive(Clone, Copy)]
pub struct Places {
    /// The pointer to the list that they are in.
    pub list: &'static str,
    /// The number of the first.
    pub first: usize,
}

impl Places {
    /// The place of an embedding.
    fn of(self, index: usize) -> String {
        format!("{}/{}", self.list, self.first + index)
    }
}

impl Writer<'_> {
    /// Stores embeddings, all or none.
    ///
    /// # Errors
    /// 404 when there is no such dataset; 409 when an id is there with another content; 422 when an id is
    /// there twice, or a vector is missing and cannot be made, or does not fit; those of the provider and
    /// of the database.
    pub async fn store(&self, items: &[NewEmbedding], places: Places) -> Result<Stored, ApiError> {
        let mut dataset = find(self.db, self.tenant, self.dataset).await?;
        let rows = self.rows(&dataset, items, places).await?;
        for _ in 0..ATTEMPTS {
            let shape = fit_all(&dataset, &rows, places)?;
            let mut connection = self.db.pooled().await?;
            let (tenant, id) = (self.tenant, self.dataset);
            let create = store::create(&mut connection, tenant, id, shape, self.on_conflict, &rows);
            let created = self.db.within(async { Ok::<_, DbError>(create.await) });
            return match created.await? {
                Ok(created) => Ok(Stored {
                    ids: rows.iter().map(|row| row.id).collect(),
                    new: created.stored,
                }),
                Err(WriteError::Changed) => {
                    dataset = find(self.db, tenant, id).await?;
                    continue;
                }
                Err(WriteError::Taken(ids)) => Err(taken(&rows, &ids, places)),
                Err(WriteError::Database(error)) => match DbError::from(error) {
                    DbError::Contended(_) => continue,
                    error => Err(error.into()),
                },
            };
        }
        Err(busy())
    }

    /// The embeddings with their ids and vectors.
    async fn rows<'a>(
        &self,
        dataset: &Dataset,
        items: &'a [NewEmbedding],
        places: Places,
    ) -> Result<Vec<NewRow<'a>>, ApiError> {
        let mut seen = HashSet::new();
        let mut ids = Vec::with_capacity(items.len());
        let mut texts = Texts::default();
        for (index, item) in items.iter().enumerate() {
            let id = item.id.unwrap_or_default();
            if !seen.insert(id) {
                let place = format!("{}/id", places.of(index));
                return Err(body::invalid(place, "is in the request twice").into());
            }
            ids.push(id);
            if item.embedding.is_none() {
                let place = places.of(index);
                texts.add(
                    format!("{place}/embedding"),
                    format!("{place}/content"),
                    &item.content,
                );
            }
        }
        let mut made = texts.embed(self.provider, dataset).await?.into_iter();
        let mut rows = Vec::with_capacity(items.len());
        for (id, new) in ids.into_iter().zip(items) {
            let vector = match &new.embedding {
                Some(vector) => vector.clone(),
                None => made.next().ok_or_else(ApiError::internal)?,
            };
            let vector = vector.0;
            rows.push(NewRow { id, new, vector });
        }
        Ok(rows)
    }
}

/// The shape of the dataset with these embeddings in it, which the first of them fixes when it has
/// none. 422 with every embedding that does not fit.
fn fit_all(dataset: &Dataset, rows: &[NewRow<'_>], places: Places) -> Result<Shape, ApiError> {
    let first = rows.first().map_or(0, |row| row.vector.as_slice().len());
    let dimension = dataset.dimension.unwrap_or_else(|| number(first));
    let errors = rows.iter().enumerate().filter_map(|(index, row)| {
        let fit = fit::check(row.vector.as_slice(), Some(dimension), dataset.distance);
        let place = format!("{}/embedding", places.of(index));
        fit.err().map(|message| FieldError::body(place, message))
    });
    let errors: Vec<_> = errors.collect();
    if !errors.is_empty() {
        return Err(ApiError::new(Problem::invalid(errors)));
    }
    Ok(Shape {
        dimension,
        distance: dataset.distance,
    })
}

/// 409 for embeddings whose ids are there with another content.
fn taken(rows: &[NewRow<'_>], ids: &[Id], places: Places) -> ApiError {
    let detail = "The dataset has embeddings of these ids with another text, vector or metadata; \
                  `on_conflict=update` replaces them.";
    let errors = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| ids.contains(&row.id))
        .map(|(index, _)| {
            let message = "is the id of an embedding with another content";
            FieldError::body(format!("{}/id", places.of(index)), message)
        });
    ApiError::new(Problem {
        errors: errors.collect(),
        ..Problem::new(ProblemCode::IdTaken, detail)
    })
}

/// A number of embeddings, as answers and columns have it.
pub fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
