//! The index for searching logs: made beside writers, whole, for partitions to come too, and used.

use agentdata::{
    db::{Connector, partitions, search_index},
    values::Timestamp,
};
use serde_json::json;

use crate::support::{
    TestApp,
    cluster::{self, Session},
    ingest::agent,
};

/// The partitions of logs, and how many of them have a valid part of the index.
const STATE: &str = "SELECT count(*), count(x.indexrelid) FILTER (WHERE x.indisvalid)
    FROM pg_inherits AS p LEFT JOIN (pg_inherits AS i JOIN pg_index AS x ON x.indexrelid = i.inhrelid)
        ON x.indrelid = p.inhrelid AND i.inhparent = to_regclass('logs_message_idx')
    WHERE p.inhparent = 'logs'::regclass";

async fn state(session: &Session) -> (i64, i64) {
    let number = async |column: usize| {
        let columns = ["a", "b"];
        let name = columns[column];
        session
            .number(&format!("SELECT {name} FROM ({STATE}) AS s (a, b)"))
            .await
    };
    (number(0).await, number(1).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_made_for_all_partitions_and_those_to_come() {
    let app = TestApp::start().await;
    let agent = agent(&app, "a").await;
    let connector = Connector::new(&app.database_url, &cluster::bounds()).unwrap();
    let session = Session::open(&app.database_url).await;
    session
        .run(
            "INSERT INTO logs SELECT tenant_id, id, now() - i * interval '1 minute', gen_random_uuid(), 3, \
                CASE WHEN i = 30000 THEN 'the Needle of 100%' ELSE md5(i::text) END, '{}' \
             FROM agents, generate_series(1, 40000) AS i",
        )
        .await;
    let (all, none) = state(&session).await;
    assert_eq!(none, 0);
    search_index::create(&connector).await.unwrap();
    assert_eq!(state(&session).await, (all, all));
    // Half made, as a crash would leave it.
    session.run("DROP INDEX logs_message_idx").await;
    session
        .run("CREATE INDEX logs_history_message_idx ON logs_history (level)")
        .await;
    search_index::create(&connector).await.unwrap();
    search_index::create(&connector).await.unwrap();
    assert_eq!(state(&session).await, (all, all));
    let later = Timestamp::now().plus(std::time::Duration::from_secs(21 * 86_400));
    let mut connection = connector.connect().await.unwrap();
    let made = partitions::make_missing(&mut connection, later)
        .await
        .unwrap();
    assert!(made > 0);
    let (more, with_index) = state(&session).await;
    assert!(more > all);
    assert_eq!(with_index, more);
    session.run("ANALYZE logs").await;
    let plan = session
        .texts(
            "EXPLAIN SELECT * FROM logs WHERE message ILIKE '%needle%' \
             ORDER BY timestamp DESC, id DESC LIMIT 101",
        )
        .await;
    assert!(plan.join("\n").contains("message_idx"), "{plan:?}");
    let found = app
        .get(&format!("/agents/{agent}/logs?q=needle%20of%20100%25"))
        .await;
    assert_eq!(
        found.json["items"].as_array().unwrap().len(),
        1,
        "{}",
        found.text
    );
    let body = json!({ "level": "info", "message": "a new needle" });
    app.post(&format!("/agents/{agent}/logs"), &body).await;
    let found = app.get(&format!("/agents/{agent}/logs?q=NEEDLE")).await;
    assert_eq!(
        found.json["items"].as_array().unwrap().len(),
        2,
        "{}",
        found.text
    );
    search_index::drop(&connector).await.unwrap();
    assert_eq!(state(&session).await, (more, 0));
}
