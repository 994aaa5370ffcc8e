//! More than there is room for, a database that does not answer, and the end.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use agentdata::{
    db::group_commit::{QUEUE_BYTES, WriteError, Written},
    logs::model::Log,
};
use futures_util::future::join_all;

use super::{ROWS, bench, on, stored};
use crate::support::{
    TestApp, cluster, eventually,
    ingest::{agent, log},
    raw::PATIENCE,
};

#[tokio::test(flavor = "multi_thread")]
async fn when_the_queue_is_full_callers_are_refused_and_what_was_accepted_is_stored() {
    let bench = bench().await;
    let (holder, mut accepted) = bench.hold_up().await;
    // Three times these are less than the queue holds, four times are more.
    let text = "x".repeat(65_536);
    let many: Arc<[Log]> = (0..QUEUE_BYTES / 200_000)
        .map(|_| log(bench.agent, &text))
        .collect();
    let mut refused = 0;
    for _ in 0..6 {
        let (writer, rows) = (bench.writer.clone(), many.clone());
        let (tenant, agent, before) = (bench.tenant, bench.agent, bench.writer.waiting());
        let write = tokio::spawn(async move { writer.write(tenant, agent, rows).await });
        eventually("it waits or is refused", PATIENCE, || async {
            write.is_finished() || bench.writer.waiting() > before
        })
        .await;
        if write.is_finished() {
            assert!(matches!(write.await.unwrap(), Err(WriteError::Full)));
            refused += 1;
        } else {
            accepted.push(write);
        }
    }
    assert_eq!((refused, accepted.len()), (3, 5));
    holder.run("COMMIT").await;
    for write in accepted {
        let written = write.await.unwrap().unwrap();
        assert!(matches!(written, Written::Stored { .. }), "{written:?}");
    }
    assert_eq!(bench.write_one("after").await.unwrap(), stored());
}

#[tokio::test(flavor = "multi_thread")]
async fn at_shutdown_everything_accepted_is_committed_or_answered_with_an_error() {
    for lost in [false, true] {
        let bench = bench().await;
        let (holder, mut accepted) = bench.hold_up().await;
        accepted.extend((0..100).map(|n| bench.begin(&format!("accepted {n}"))));
        let writer = bench.writer.clone();
        bench.queued(100).await;
        let mut drained = Box::pin(async move { writer.drain().await });
        assert!(
            futures_util::poll!(&mut drained).is_pending(),
            "rows still wait"
        );
        let late = bench.write_one("late").await;
        assert!(matches!(late, Err(WriteError::Stopping)), "{late:?}");
        if lost {
            bench.app.app.db.close().await;
            bench
                .session
                .number(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                    WHERE datname = current_database() AND wait_event_type = 'Lock'",
                )
                .await;
        }
        holder.run("COMMIT").await;
        drained.await;
        let (mut committed, mut failed) = (0, 0);
        for write in accepted {
            // The drain has waited for every answer, so that none is far.
            let answer = tokio::time::timeout(PATIENCE, write).await;
            match answer.unwrap().unwrap() {
                Ok(written) => {
                    assert_eq!(written, stored());
                    committed += 1;
                }
                Err(WriteError::Unknown(_) | WriteError::Unavailable(_)) => failed += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(committed, bench.session.number(ROWS).await);
        assert_eq!((committed, failed), if lost { (0, 102) } else { (102, 0) });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_is_a_timeout_and_afterwards_all_is_well() {
    let bounds = agentdata::db::Bounds {
        statement_timeout: Duration::from_millis(500),
        ..cluster::bounds()
    };
    let app = TestApp::with_bounds(cluster::database().await, bounds, &[]).await;
    let bench = on(app).await;
    let (holder, under_way) = bench.hold_up().await;
    for write in under_way.into_iter().chain([bench.begin("queued")]) {
        let error = write.await.unwrap().unwrap_err();
        assert!(matches!(error, WriteError::Timeout), "{error}");
    }
    holder.run("COMMIT").await;
    eventually("rows are stored again", PATIENCE, || async {
        bench.write_one("after").await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flusher_that_never_rests_gives_its_connection_to_who_waits_for_one() {
    let bounds = agentdata::db::Bounds {
        pool_size: 1,
        ..cluster::bounds()
    };
    let app = TestApp::with_bounds(cluster::database().await, bounds, &[]).await;
    let bench = on(app).await;
    let over = std::sync::atomic::AtomicBool::new(false);
    let load = async || {
        let mut sent = 0;
        while !over.load(std::sync::atomic::Ordering::Relaxed) {
            assert_eq!(bench.write_one("always").await.unwrap(), stored());
            sent += 1;
        }
        sent
    };
    let others = async {
        for n in 0..20 {
            agent(&bench.app, &format!("beside {n}")).await;
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    let (sent, ()) = tokio::join!(join_all((0..16).map(|_| load())), others);
    assert_eq!(
        bench.session.number(ROWS).await,
        sent.into_iter().sum::<i64>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlasts_sessions_that_are_cut_at_any_moment() {
    const CUT: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND application_name = 'agentdata'";
    let bench = bench().await;
    let over = std::sync::atomic::AtomicBool::new(false);
    let load = async |worker: usize| {
        let (mut acknowledged, mut lost, mut sent) = (Vec::new(), 0, 0);
        while !over.load(std::sync::atomic::Ordering::Relaxed) {
            sent += 1;
            let message = format!("{worker} {sent}");
            match bench.write_one(&message).await {
                Ok(written) => {
                    assert_eq!(written, stored());
                    acknowledged.push(message);
                }
                Err(WriteError::Unknown(_) | WriteError::Unavailable(_)) => lost += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
        (acknowledged, lost)
    };
    let storm = async {
        for _ in 0..20 {
            let before = bench.session.number(ROWS).await;
            bench.session.number(CUT).await;
            eventually("rows are stored again", PATIENCE, || async {
                bench.session.number(ROWS).await > before + 16
            })
            .await;
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    let ((), workers) = tokio::join!(storm, join_all((0..16).map(load)));
    let messages = bench.session.texts("SELECT message FROM logs").await;
    let distinct: BTreeSet<_> = messages.iter().cloned().collect();
    assert_eq!(messages.len(), distinct.len(), "no row is there twice");
    let lost: usize = workers.iter().map(|(_, lost)| lost).sum();
    assert!(lost > 0, "the cuts hit flushes");
    for message in workers
        .into_iter()
        .flat_map(|(acknowledged, _)| acknowledged)
    {
        assert!(distinct.contains(&message), "{message} was acknowledged");
    }
}
