//! The embeddings of one request: their ids and vectors, whether they fit their dataset, what is in
//! their way.

use std::collections::HashSet;

use super::{fit, model::NewEmbedding, provider::Provider, store::NewRow, texts::Texts};
use crate::{
    body,
    datasets::{model::Dataset, store::Shape},
    problem::{ApiError, FieldError, Problem, ProblemCode},
    values::Id,
};

/// The embeddings with their ids and vectors; the provider makes the vectors that are missing. Their
/// places are `pointer` and their number.
///
/// # Errors
/// 422 when an id is there twice, or a vector is missing and cannot be made; those of the provider.
pub async fn rows<'a>(
    provider: Option<&Provider>,
    dataset: &Dataset,
    items: &'a [NewEmbedding],
    pointer: &str,
) -> Result<Vec<NewRow<'a>>, ApiError> {
    let mut seen = HashSet::new();
    let mut ids = Vec::with_capacity(items.len());
    let mut texts = Texts::default();
    for (index, item) in items.iter().enumerate() {
        let id = item.id.unwrap_or_default();
        if !seen.insert(id) {
            let place = format!("{pointer}/{index}/id");
            return Err(body::invalid(place, "is in the request twice").into());
        }
        ids.push(id);
        if item.embedding.is_none() {
            texts.add(format!("{pointer}/{index}"), &item.content);
        }
    }
    let mut made = texts.embed(provider, dataset).await?.into_iter();
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

/// The shape of the dataset with these embeddings in it, which the first of them fixes when it has
/// none. Their places are `pointer` and their number.
///
/// # Errors
/// 422 with every embedding that does not fit.
pub fn fit_all(dataset: &Dataset, rows: &[NewRow<'_>], pointer: &str) -> Result<Shape, ApiError> {
    let first = rows.first().map_or(0, |row| row.vector.as_slice().len());
    let dimension = dataset.dimension.unwrap_or_else(|| number(first));
    let errors = rows.iter().enumerate().filter_map(|(index, row)| {
        let fit = fit::check(row.vector.as_slice(), Some(dimension), dataset.distance);
        let place = format!("{pointer}/{index}/embedding");
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
pub fn taken(rows: &[NewRow<'_>], ids: &[Id], pointer: &str) -> ApiError {
    let detail = "The dataset has embeddings of these ids with another text, vector or metadata; \
                  `on_conflict=update` replaces them.";
    let places = rows.iter().enumerate();
    let errors = places
        .filter(|(_, row)| ids.contains(&row.id))
        .map(|(index, _)| {
            let message = "is the id of an embedding with another content";
            FieldError::body(format!("{pointer}/{index}/id"), message)
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
