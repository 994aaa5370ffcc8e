//! How right a dataset's index is, measured on the dataset itself.

use std::time::Instant;

use super::{
    answer::graph,
    model::Include,
    search::FoundEmbedding,
    store::{self, By, Search},
};
use crate::{
    datasets::{
        graph::EF_SEARCH,
        model::{Dataset, Recall},
    },
    db::{Db, DbError, Pooled, TenantId},
    page::MAX_PAGE_BYTES,
};

/// By how much a distance may differ from the farthest that counts, as part of it: two ways to reckon
/// in single precision do not end at the same bit.
const TOLERANCE: f64 = 1e-6;

/// Measures how many of the nearest the index finds.
///
/// # Errors
/// Those of the database.
pub async fn measure(
    db: &Db,
    connection: &mut Pooled,
    tenant: TenantId,
    dataset: &Dataset,
    k: i32,
    samples: i32,
    ef_search: Option<i32>,
) -> Result<Recall, DbError> {
    let budget = db.statement_timeout() / 2;
    let started = Instant::now();
    let ef_search = ef_search.unwrap_or(EF_SEARCH.max(k));
    let Some(graph) = graph(dataset) else {
        return Ok(Recall {
            recall: 1.0,
            samples: 0,
            indexed: false,
        });
    };
    let vectors = store::sample(connection, tenant, dataset.id, samples);
    let (mut asked, mut found, mut measured) = (0, 0, 0);
    for (id, vector) in db.query(vectors).await? {
        // It is the nearest to itself, whatever the index does.
        let search = |graph| Search {
            by: By::Vector {
                vector: &vector,
                max_distance: None,
                graph,
            },
            k: i64::from(k) + 1,
            filter: None,
            include: Include::None,
            room: MAX_PAGE_BYTES,
        };
        let by_comparing = search(None);
        let exact = store::search(connection, tenant, dataset, &by_comparing);
        let exact = db.query(exact).await?.page.items;
        let by_index = search(Some(graph));
        let by_index = store::search_within(connection, tenant, dataset, &by_index, ef_search);
        let by_index = db.query(by_index).await?.page.items;
        let others = |items: &[FoundEmbedding]| -> Vec<f64> {
            let others = items.iter().filter(|found| found.id != id);
            let distances = others.filter_map(|found| found.distance);
            distances
                .take(usize::try_from(k).unwrap_or_default())
                .collect()
        };
        let (exact, by_index) = (others(&exact), others(&by_index));
        // Of several at one distance any is as good.
        let farthest = exact.last().copied().unwrap_or_default();
        let farthest = farthest + farthest.abs().max(1e-3) * TOLERANCE;
        asked += exact.len();
        found += by_index.iter().filter(|near| **near <= farthest).count();
        measured += 1;
        if started.elapsed() > budget {
            break;
        }
    }
    Ok(Recall {
        recall: if asked == 0 {
            1.0
        } else {
            found as f64 / asked as f64
        },
        samples: measured,
        indexed: true,
    })
}
