//! The writer that commits rows of many callers together: what goes wrong for one harms no other,
//! and whatever was accepted is committed or answered with an error.

use std::{collections::BTreeSet, sync::Arc};

use agentdata::{
    db::{
        TenantId,
        group_commit::{GroupCommit, WriteError, Written},
    },
    logs::model::Log,
    values::Id,
};
use futures_util::future::join_all;

use crate::support::{
    TestApp,
    cluster::{Session, WAITING_FOR_LOCKS},
    eventually,
    ingest::{agent, log, tenant},
    raw::PATIENCE,
};

mod load;

const ROWS: &str = "SELECT count(*) FROM logs";
/// Flushes under way at once.
const FLUSHERS: i64 = 2;

struct Bench {
    app: TestApp,
    session: Session,
    tenant: TenantId,
    agent: Id,
    writer: GroupCommit<Log>,
}

async fn bench() -> Bench {
    on(TestApp::start().await).await
}

async fn on(app: TestApp) -> Bench {
    let agent = agent(&app, "writer").await;
    let session = Session::open(&app.database_url).await;
    let tenant = tenant(&session).await;
    let writer = app.app.logs.clone();
    Bench {
        app,
        session,
        tenant,
        agent,
        writer,
    }
}

fn stored() -> Written {
    Written::Stored { duplicates: vec![] }
}

impl Bench {
    async fn write(&self, logs: &[Log]) -> Result<Written, WriteError> {
        self.writer
            .write(self.tenant, self.agent, logs.into())
            .await
    }

    async fn write_one(&self, message: &str) -> Result<Written, WriteError> {
        self.write(&[log(self.agent, message)]).await
    }

    /// Begins a write of its own task.
    fn begin(&self, message: &str) -> tokio::task::JoinHandle<Result<Written, WriteError>> {
        let (writer, tenant, agent) = (self.writer.clone(), self.tenant, self.agent);
        let rows: Arc<[Log]> = [log(agent, message)].into();
        tokio::spawn(async move { writer.write(tenant, agent, rows).await })
    }

    /// Holds up all flushes from now on: as many as may be are under way, and wait.
    async fn hold_up(
        &self,
    ) -> (
        Session,
        Vec<tokio::task::JoinHandle<Result<Written, WriteError>>>,
    ) {
        let holder = Session::open(&self.app.database_url).await;
        holder.run("BEGIN; LOCK TABLE logs IN SHARE MODE").await;
        let mut under_way = Vec::new();
        for flush in 1..=FLUSHERS {
            under_way.push(self.begin("under way"));
            eventually("the flush waits", PATIENCE, || async {
                self.session.number(WAITING_FOR_LOCKS).await == flush
            })
            .await;
        }
        (holder, under_way)
    }

    /// Waits until so many callers are in the queue.
    async fn queued(&self, callers: usize) {
        eventually("the callers are in the queue", PATIENCE, || async {
            self.writer.waiting() == callers
        })
        .await;
    }

    async fn messages(&self) -> BTreeSet<String> {
        let messages = self.session.texts("SELECT message FROM logs").await;
        messages.into_iter().collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_wait_together_are_committed_together() {
    let bench = bench().await;
    let (holder, under_way) = bench.hold_up().await;
    let waiting: Vec<_> = (0..200)
        .map(|n| bench.begin(&format!("waiting {n}")))
        .collect();
    bench.queued(200).await;
    holder.run("COMMIT").await;
    for write in under_way.into_iter().chain(waiting) {
        assert_eq!(write.await.unwrap().unwrap(), stored());
    }
    assert_eq!(bench.session.number(ROWS).await, 200 + FLUSHERS);
    let commits = bench
        .session
        .number("SELECT count(DISTINCT xmin::text) FROM logs")
        .await;
    assert!(commits < 50, "{commits} commits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_row_fails_its_own_caller_only() {
    let bench = bench().await;
    bench
        .session
        .run("ALTER TABLE logs ADD CONSTRAINT poison CHECK (message NOT LIKE 'poison%')")
        .await;
    let (holder, under_way) = bench.hold_up().await;
    let good: Vec<_> = (0..30).map(|n| bench.begin(&format!("good {n}"))).collect();
    let bad: Vec<_> = (0..3)
        .map(|n| bench.begin(&format!("poison {n}")))
        .collect();
    let more: Vec<_> = (30..60)
        .map(|n| bench.begin(&format!("good {n}")))
        .collect();
    bench.queued(63).await;
    let mixed = [
        log(bench.agent, "beside poison"),
        log(bench.agent, "poison"),
    ];
    let all = async {
        holder.run("COMMIT").await;
        for write in under_way.into_iter().chain(good).chain(more) {
            assert_eq!(write.await.unwrap().unwrap(), stored());
        }
        for write in bad {
            let error = write.await.unwrap().unwrap_err();
            assert!(matches!(error, WriteError::Query(_)), "{error}");
        }
    };
    let (mixed, ()) = tokio::join!(bench.write(&mixed), all);
    assert!(matches!(mixed, Err(WriteError::Query(_))), "{mixed:?}");
    let messages = bench.messages().await;
    assert_eq!(messages.len(), 61, "{messages:?}");
    assert!(
        !messages.contains("beside poison"),
        "a caller's rows are stored all or none"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_without_an_agent_are_told_and_hinder_nobody() {
    let bench = bench().await;
    let gone = agent(&bench.app, "gone").await;
    bench.app.delete(&format!("/agents/{gone}")).await;
    let (holder, under_way) = bench.hold_up().await;
    let write = |tenant, agent| {
        let rows: Arc<[Log]> = [log(agent, "row")].into();
        let writer = bench.writer.clone();
        async move { writer.write(tenant, agent, rows).await.unwrap() }
    };
    let stranger = TenantId(bench.tenant.0 + 1);
    let (a, b, c, d, ()) = tokio::join!(
        write(bench.tenant, gone),
        write(bench.tenant, Id::new()),
        write(stranger, bench.agent),
        write(bench.tenant, bench.agent),
        async { holder.run("COMMIT").await }
    );
    assert_eq!(
        [a, b, c, d],
        [
            Written::NoAgent,
            Written::NoAgent,
            Written::NoAgent,
            stored()
        ]
    );
    join_all(under_way).await;
    assert_eq!(bench.session.number(ROWS).await, 1 + FLUSHERS);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_rows_with_one_key_the_first_stays_and_the_others_are_named() {
    let bench = bench().await;
    let first = log(bench.agent, "first");
    let second = Log {
        message: "second".into(),
        ..first.clone()
    };
    let new = log(bench.agent, "new");
    assert_eq!(
        bench.write(std::slice::from_ref(&first)).await.unwrap(),
        stored()
    );
    let again = bench.write(&[new, second.clone(), first]).await.unwrap();
    assert_eq!(
        again,
        Written::Stored {
            duplicates: vec![1, 2]
        }
    );
    assert_eq!(
        bench.messages().await,
        ["first", "new"].map(str::to_owned).into()
    );
    // In one statement, and in statements that run at once in opposite orders.
    let rows: Vec<_> = (0..50).map(|n| log(bench.agent, &format!("{n}"))).collect();
    let reversed: Vec<_> = rows.iter().rev().cloned().collect();
    let writes = (0..40).map(|n| bench.write(if n % 2 == 0 { &rows } else { &reversed }));
    let mut new = 0;
    for written in join_all(writes).await {
        let Written::Stored { duplicates } = written.unwrap() else {
            panic!("there is the agent");
        };
        new += rows.len() - duplicates.len();
    }
    assert_eq!(new, rows.len());
    assert_eq!(bench.session.number(ROWS).await, 52);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_harms_no_other() {
    let bench = bench().await;
    let (holder, under_way) = bench.hold_up().await;
    let leaving: Vec<_> = (0..20)
        .map(|n| bench.begin(&format!("leaving {n}")))
        .collect();
    let staying: Vec<_> = (0..20)
        .map(|n| bench.begin(&format!("staying {n}")))
        .collect();
    bench.queued(40).await;
    // One whose flush is under way, and those that still wait.
    under_way[0].abort();
    for write in leaving {
        write.abort();
        assert!(write.await.unwrap_err().is_cancelled());
    }
    holder.run("COMMIT").await;
    for write in staying {
        assert_eq!(write.await.unwrap().unwrap(), stored());
    }
    let messages = bench.messages().await;
    let of = |prefix: &str| {
        messages
            .iter()
            .filter(|text| text.starts_with(prefix))
            .count()
    };
    assert_eq!((of("staying"), of("leaving")), (20, 0));
    assert_eq!(bench.write_one("after").await.unwrap(), stored());
}
