//! The embeddings of one request: their ids, whether they fit their dataset, what is in their way.

use std::collections::HashSet;

use super::{
    fit,
    model::{NO_PROVIDER, NewEmbeddings},
    store::NewRow,
};
use crate::{
    body,
    datasets::{model::Dataset, store::Shape},
    problem::{ApiError, FieldError, Problem, ProblemCode},
    values::Id,
};

/// The embeddings with their ids and vectors.
///
/// # Errors
/// 422 when an id is there twice, or a vector is missing.
pub fn rows(new: &NewEmbeddings) -> Result<Vec<NewRow<'_>>, ApiError> {
    let mut seen = HashSet::new();
    let mut rows = Vec::with_capacity(new.items.len());
    for (index, item) in new.items.iter().enumerate() {
        let place = |field: &str| format!("/items/{index}/{field}");
        let id = item.id.unwrap_or_default();
        if !seen.insert(id) {
            return Err(body::invalid(place("id"), "is in the request twice").into());
        }
        let vector = item.embedding.get();
        rows.push(NewRow {
            id,
            new: item,
            vector: vector.ok_or_else(|| body::invalid(place("embedding"), NO_PROVIDER))?,
        });
    }
    Ok(rows)
}

/// The shape of the dataset with these embeddings in it, which the first of them fixes when it has
/// none.
///
/// # Errors
/// 422 with every embedding that does not fit.
pub fn fit_all(dataset: &Dataset, rows: &[NewRow<'_>]) -> Result<Shape, ApiError> {
    let first = rows.first().map_or(0, |row| row.vector.as_slice().len());
    let dimension = dataset.dimension.unwrap_or_else(|| number(first));
    let errors = rows.iter().enumerate().filter_map(|(index, row)| {
        let fit = fit::check(row.vector.as_slice(), Some(dimension), dataset.distance);
        let place = format!("/items/{index}/embedding");
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
pub fn taken(rows: &[NewRow<'_>], ids: &[Id]) -> ApiError {
    let detail = "The dataset has embeddings of these ids with another text, vector or metadata; \
                  `on_conflict=update` replaces them.";
    let places = rows.iter().enumerate();
    let errors = places
        .filter(|(_, row)| ids.contains(&row.id))
        .map(|(index, _)| {
            let message = "is the id of an embedding with another content";
            FieldError::body(format!("/items/{index}/id"), message)
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
