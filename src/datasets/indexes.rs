//! The indexes of large datasets: one by which the nearest vectors are found, one of the metadata, one
//! of the words of the texts. Maintenance makes them, one at a time over all servers, while everything
//! goes on, and drops them when they are not wanted any more.
//!
//! An index covers one dataset (its predicate names tenant and dataset), because its expression depends
//! on the dataset's dimension, distance and language. Its name is a digest of all of that: so what is
//! there and what is wanted can be told by names alone, whatever was interrupted.

use std::{collections::HashSet, sync::Arc, time::Duration};

use aws_lc_rs::digest;
use tokio::sync::Notify;

use super::{
    graph::Graph,
    store::indexes::{self as store, Indexed},
    words::IndexState,
};
use crate::{
    db::{Connection, Connector, DbError},
    settings::Indexing,
    telemetry::Metrics,
    values::Timestamp,
};

/// The advisory lock of who works on indexes.
pub const LOCK: i64 = 0x0061_6764_6174_6178;
/// Time between two passes.
const INTERVAL: Duration = Duration::from_secs(60);

/// What a pass has done.
#[derive(Debug, Default)]
pub struct Pass {
    /// Indexes that were built.
    pub built: usize,
    /// Indexes that were dropped.
    pub dropped: usize,
    /// Indexes that could not be built. The next pass tries again.
    pub errors: Vec<DbError>,
}

/// Runs until it is dropped, every minute and whenever it is woken. Several servers may.
pub async fn run(direct: Connector, indexing: Indexing, wake: Arc<Notify>, metrics: Metrics) {
    let mut ticks = tokio::time::interval(INTERVAL);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = wake.notified() => {}
        }
        match pass(&direct, &indexing).await {
            Ok(pass) => {
                for error in &pass.errors {
                    tracing::error!(%error, "an index cannot be built");
                }
                metrics.indexed(&pass);
            }
            Err(error) => tracing::warn!(%error, "indexes of datasets"),
        }
    }
}

/// Brings the indexes in line with the datasets. Does nothing when another server is at it.
///
/// # Errors
/// When the database is not there.
pub async fn pass(direct: &Connector, indexing: &Indexing) -> Result<Pass, DbError> {
    let mut connection = direct.unhurried().connect().await?;
    let mut pass = Pass::default();
    // It is free again when the connection ends, in whatever way. That takes a moment, in which whoever comes next
    // would take us to be at it still, so that a pass that is done gives it back itself.
    if !store::lock(&connection, LOCK).await? {
        return Ok(pass);
    }
    store::set_memory(&connection, indexing.index_memory).await?;
    let mut failed = HashSet::new();
    // What changes while an index is built is seen in the next round.
    while round(&mut connection, indexing, &mut pass, &mut failed).await? {}
    store::unlock(&connection, LOCK).await?;
    Ok(pass)
}

/// Drops what is not wanted and builds one index; whether there may be more to do.
async fn round(
    connection: &mut Connection,
    indexing: &Indexing,
    pass: &mut Pass,
    failed: &mut HashSet<String>,
) -> Result<bool, DbError> {
    let wanted = store::wanted(connection, indexing.index_threshold).await?;
    let existing = store::existing(connection).await?;
    let is_good = |name: &str| existing.get(name) == Some(&true);
    let mut unwanted: HashSet<&str> = existing.keys().map(String::as_str).collect();
    let mut next = None;
    for dataset in &wanted {
        for kind in Kind::of(dataset) {
            let name = kind.name(dataset);
            if !is_good(&name) {
                if kind.is_graph() {
                    // While its graph is built anew a dataset is searched by the old one.
                    let old = kind.name(&dataset.before());
                    if is_good(&old) {
                        unwanted.remove(old.as_str());
                    }
                }
                if next.is_none() && !failed.contains(&name) {
                    next = Some((dataset, kind, name));
                }
                continue;
            }
            if kind.is_graph() && dataset.index_state != IndexState::Ready {
                // Whoever built it has not said so.
                let now = Some(Timestamp::now());
                store::set_state(connection, dataset, IndexState::Ready, now).await?;
            }
            unwanted.remove(name.as_str());
        }
    }
    for name in unwanted {
        store::drop(connection, name).await?;
        tracing::info!(name, "an index was dropped");
        pass.dropped += 1;
    }
    store::settle(connection, &wanted).await?;
    let Some((dataset, kind, name)) = next else {
        return Ok(false);
    };
    if kind.is_graph() && !is_good(&kind.name(&dataset.before())) {
        // From here on the dataset keeps its shape.
        let building = store::set_state(connection, dataset, IndexState::Building, None);
        if !building.await? {
            return Ok(true);
        }
    }
    tracing::info!(name, dataset = %dataset.id, "an index is being built");
    let leaf = store::leaf(connection, dataset.id).await?;
    if let Err(error) = store::build(connection, &kind.statement(&name, &leaf, dataset)).await {
        let error = DbError::from(error);
        if !connection.is_usable().await {
            return Err(error);
        }
        pass.errors.push(error);
        failed.insert(name);
        return Ok(true);
    }
    pass.built += 1;
    if kind.is_graph() {
        let now = Some(Timestamp::now());
        store::set_state(connection, dataset, IndexState::Ready, now).await?;
    }
    Ok(true)
}

/// The kinds of indexes of a dataset, in the order in which they are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Graph(Graph),
    Metadata,
    Text,
}

impl Kind {
    /// Those that a dataset can have.
    fn of(dataset: &Indexed) -> impl Iterator<Item = Self> {
        let graph = Graph::new(dataset.dimension, dataset.distance);
        graph
            .map(Self::Graph)
            .into_iter()
            .chain([Self::Metadata, Self::Text])
    }

    fn is_graph(self) -> bool {
        matches!(self, Self::Graph(_))
    }

    /// The name of a dataset's index. It is another one when the index would be another one.
    fn name(self, dataset: &Indexed) -> String {
        let word = match self {
            Self::Graph(_) => "graph",
            Self::Metadata => "metadata",
            Self::Text => "text",
        };
        let of = match self {
            Self::Graph(_) => format!(
                "{} {} {}",
                dataset.dimension,
                dataset.distance.as_str(),
                dataset.index_generation
            ),
            Self::Metadata => String::new(),
            Self::Text => dataset.language.as_str().to_owned(),
        };
        let all = format!("{} {} {of}", dataset.tenant_id, dataset.id);
        let digest = digest::digest(&digest::SHA256, all.as_bytes());
        let bytes = digest.as_ref().iter().take(16);
        let hex: String = bytes.map(|byte| format!("{byte:02x}")).collect();
        format!("{}{word}_{hex}", store::PREFIX)
    }

    /// The statement that builds the index without locking writers out.
    fn statement(self, name: &str, leaf: &str, dataset: &Indexed) -> String {
        let using = match self {
            Self::Graph(graph) => {
                let (before, behind) = graph.around();
                let class = graph.operator_class();
                format!("hnsw ({before}embedding{behind} {class})")
            }
            Self::Text => {
                let language = dataset.language.as_str();
                format!("gin (to_tsvector('{language}', content))")
            }
            Self::Metadata => "gin (metadata jsonb_path_ops)".into(),
        };
        format!(
            "CREATE INDEX CONCURRENTLY {name} ON {leaf} USING {using} \
             WHERE tenant_id = {} AND dataset_id = '{}'",
            dataset.tenant_id, dataset.id
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        datasets::words::{Distance, Language},
        values::Id,
    };

    #[test]
    fn an_index_has_another_name_when_it_would_be_another_one() {
        let dataset = Indexed {
            tenant_id: 1,
            id: Id::new(),
            dimension: 3,
            distance: Distance::L2,
            language: Language::Simple,
            index_state: IndexState::Exact,
            index_generation: 1,
        };
        let longer = Indexed {
            dimension: 4,
            ..dataset.clone()
        };
        let elsewhere = Indexed {
            tenant_id: 2,
            ..dataset.clone()
        };
        let german = Indexed {
            language: Language::German,
            ..dataset.clone()
        };
        let all = [&dataset, &longer, &elsewhere, &german];
        let names =
            |kind: Kind| -> HashSet<_> { all.iter().map(|dataset| kind.name(dataset)).collect() };
        let graph = Kind::of(&dataset).next().unwrap();
        assert_eq!(names(graph).len(), 3);
        assert_eq!(names(Kind::Metadata).len(), 2);
        assert_eq!(names(Kind::Text).len(), 3);
        let longest = Kind::Metadata.name(&dataset);
        assert!(longest.len() < 64, "PostgreSQL would cut {longest}");
        assert_ne!(graph.name(&dataset), graph.name(&dataset.before()));
    }
}
