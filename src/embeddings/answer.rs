//! How a search is answered: by comparing with everything, or by the index, and then, when that does
//! not find enough, by comparing with everything after all.

use super::{
    fit,
    fusion::Fusion,
    provider::Provider,
    search::{FoundEmbeddings, SearchEmbeddings, SearchMethod, SearchMode},
    store::{self, By, Condition, Estimate, Found, Search},
    texts::Texts,
};
use crate::{
    body,
    datasets::{
        graph::{EF_SEARCH, Graph},
        model::Dataset,
        words::IndexState,
    },
    db::{Db, DbError, Pooled, TenantId},
    problem::{ApiError, FieldError, Problem},
};

/// A search whose vector is at hand.
pub struct Query<'a> {
    asked: &'a SearchEmbeddings,
    vector: Option<pgvector::Vector>,
}

/// Searches with their vectors, those that are made of texts included. Each search comes with its place in
/// the request.
///
/// # Errors
/// 422 with every search that asks for what does not go together or does not fit the dataset; those of
/// the provider.
pub async fn queries<'a>(
    provider: Option<&Provider>,
    dataset: &Dataset,
    asked: &[(String, &'a SearchEmbeddings)],
) -> Result<Vec<Query<'a>>, ApiError> {
    let mut errors = Vec::new();
    let mut texts = Texts::default();
    for (place, asked) in asked {
        match check(dataset, asked) {
            Err((field, message)) => {
                errors.push(FieldError::body(format!("{place}/{field}"), message))
            }
            Ok(()) if asked.mode == SearchMode::Text || asked.vector.is_some() => {}
            Ok(()) => texts.add(
                format!("{place}/vector"),
                format!("{place}/text"),
                asked.text.as_deref().unwrap_or_default(),
            ),
        }
    }
    if !errors.is_empty() {
        return Err(ApiError::new(Problem::invalid(errors)));
    }
    let mut made = texts.embed(provider, dataset).await?.into_iter();
    let mut all = Vec::with_capacity(asked.len());
    for (place, asked) in asked {
        let vector = match &asked.vector {
            _ if asked.mode == SearchMode::Text => None,
            Some(vector) => Some(vector.0.clone()),
            None => made.next().map(|vector| vector.0),
        };
        if let Some(vector) = &vector {
            fit::check(vector.as_slice(), dataset.dimension, dataset.distance)
                .map_err(|message| body::invalid(format!("{place}/vector"), message))?;
        }
        all.push(Query { asked, vector });
    }
    Ok(all)
}

/// What does not go together, and the field that says it.
fn check(dataset: &Dataset, asked: &SearchEmbeddings) -> Result<(), (&'static str, String)> {
    let by_text = asked.mode != SearchMode::Vector;
    if by_text && asked.text.is_none() {
        return Err(("text", "must be given under this mode".into()));
    }
    if asked.mode == SearchMode::Text {
        let distances = [
            ("vector", asked.vector.is_some()),
            ("max_distance", asked.max_distance.is_some()),
            ("min_score", asked.min_score.is_some()),
        ];
        return match distances.iter().find(|(_, given)| *given) {
            Some((field, _)) => Err((field, "says nothing under the mode `text`".into())),
            None => Ok(()),
        };
    }
    match (&asked.vector, &asked.text) {
        (None, None) => Err(("vector", "must be given, or `text`".into())),
        (Some(_), Some(_)) if !by_text => Err((
            "text",
            "says nothing beside `vector` under this mode".into(),
        )),
        (Some(vector), _) => fit::check(vector.0.as_slice(), dataset.dimension, dataset.distance)
            .map_err(|message| ("vector", message)),
        (None, Some(_)) => Ok(()),
    }
}

/// Answers a search with what fits so many bytes, but one at least.
///
/// # Errors
/// Those of the database.
pub async fn answer(
    db: &Db,
    connection: &mut Pooled,
    tenant: TenantId,
    dataset: &Dataset,
    query: &Query<'_>,
    room: usize,
) -> Result<FoundEmbeddings, DbError> {
    let asked = query.asked;
    let k = i64::from(asked.k);
    let depth = if asked.mode == SearchMode::Hybrid {
        Fusion::depth(k)
    } else {
        k
    };
    let by_vectors = match &query.vector {
        Some(vector) => {
            let nearest = nearest(connection, tenant, dataset, asked, vector, depth, room);
            Some(db.within(nearest).await?)
        }
        None => None,
    };
    let by_texts = match &asked.text {
        Some(text) if asked.mode != SearchMode::Vector => {
            let search = search(asked, By::Text(text), depth, room);
            let found = store::search(connection, tenant, dataset, &search);
            Some(db.query(found).await?.page)
        }
        _ => None,
    };
    Ok(match (by_vectors, by_texts) {
        (Some((vectors, method)), Some(texts)) => {
            let more = vectors.page.more || texts.more;
            let k = usize::try_from(k).unwrap_or_default();
            let fusion = asked.fusion.unwrap_or_default();
            let fused = fusion.fuse(vectors.page.items, texts.items, k);
            let count = fused.len();
            let mut bytes = 0;
            let fits = fused.into_iter().enumerate().take_while(|(index, found)| {
                bytes += found.size();
                *index == 0 || bytes <= room
            });
            let items: Vec<_> = fits.map(|(_, found)| found).collect();
            FoundEmbeddings {
                truncated: more || items.len() < count,
                items,
                answered_by: method,
            }
        }
        (Some((Found { page, .. }, answered_by)), None) => FoundEmbeddings {
            items: page.items,
            answered_by,
            truncated: page.more,
        },
        (None, texts) => {
            let (items, truncated) =
                texts.map_or_else(Default::default, |texts| (texts.items, texts.more));
            FoundEmbeddings {
                items,
                answered_by: SearchMethod::Exact,
                truncated,
            }
        }
    })
}

fn search<'a>(asked: &SearchEmbeddings, by: By<'a>, k: i64, room: usize) -> Search<'a> {
    Search {
        by,
        k,
        filter: asked.filter.as_ref().map(Condition::new),
        include: asked.include,
        room,
    }
}

/// The graph of a dataset, if it is there.
pub fn graph(dataset: &Dataset) -> Option<Graph> {
    if dataset.index.state != IndexState::Ready {
        return None;
    }
    Graph::new(dataset.dimension?, dataset.distance)
}

/// Whether to look for the `k` nearest of those that a filter keeps by the graph of all, or to compare with
/// all that it keeps.
///
/// The graph is left as soon as `k` that pass are found, after about `k` × all ÷ kept others, each of which
/// took 50 µs where this was measured (384 numbers); to compare with one that an index has found took 3 µs. So
/// it is worth it where kept² > 16 `k` all, about. Without an index everything is looked at, for 1 µs each.
fn goes_by_graph(kept: Estimate, k: i64, all: i64) -> bool {
    let (k, all) = (k as f64, all as f64);
    let least = if kept.by_index {
        4.0 * (k * all).sqrt()
    } else {
        50.0 * k
    };
    kept.rows > least
}

async fn nearest(
    connection: &mut Pooled,
    tenant: TenantId,
    dataset: &Dataset,
    asked: &SearchEmbeddings,
    vector: &pgvector::Vector,
    k: i64,
    room: usize,
) -> Result<(Found, SearchMethod), DbError> {
    let by = |graph| By::Vector {
        vector,
        max_distance: asked.max_distance(dataset.distance),
        graph,
    };
    let graph = graph(dataset).filter(|_| !asked.exact);
    let by_graph = match &asked.filter {
        Some(filter) if graph.is_some() => {
            let filter = Condition::new(filter);
            let kept = store::estimate(connection, tenant, dataset.id, &filter).await?;
            goes_by_graph(kept, k, dataset.embedding_count)
        }
        _ => graph.is_some(),
    };
    if by_graph {
        let search = search(asked, by(graph), k, room);
        let ef_search = asked.ef_search.unwrap_or(EF_SEARCH.max(asked.k));
        let found = store::search_within(connection, tenant, dataset, &search, ef_search);
        let found = found.await?;
        if found.reached {
            return Ok((found, SearchMethod::Hnsw));
        }
    }
    let search = search(asked, by(None), k, room);
    let found = store::search(connection, tenant, dataset, &search).await?;
    Ok((found, SearchMethod::Exact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_few_is_compared_and_what_keeps_many_is_searched_by_the_graph() {
        let by_index = |rows| Estimate {
            rows,
            by_index: true,
        };
        assert!(!goes_by_graph(by_index(600.0), 10, 60_000));
        assert!(goes_by_graph(by_index(6_000.0), 10, 60_000));
        assert!(!goes_by_graph(by_index(6_000.0), 1_000, 60_000));
        let by_scan = Estimate {
            rows: 600.0,
            by_index: false,
        };
        assert!(goes_by_graph(by_scan, 10, 60_000));
        assert!(!goes_by_graph(by_scan, 100, 60_000));
    }
}
