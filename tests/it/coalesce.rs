//! Reads that share statements: each gets its own answer, and no caller's fate is another's.

use std::{sync::Mutex, time::Duration};

use agentdata::{
    auth::{self, Scope},
    db::{DbError, TenantId, coalesce::Reader},
    prompt_labels::Label,
    prompts::store,
    values::Id,
};
use diesel::{QueryResult, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::{prompts, support::TestApp};

/// Sizes of the statements that `doubled` has sent for a test, by the test's first key.
static STATEMENTS: Mutex<Vec<(i64, usize)>> = Mutex::new(Vec::new());

/// Twice the key for even keys, nothing for odd ones; a tenth of a second for each statement.
async fn doubled(connection: &AsyncPgConnection, keys: &[i64]) -> QueryResult<Vec<Option<i64>>> {
    let mut connection = connection;
    STATEMENTS
        .lock()
        .unwrap()
        .push((keys[0] / 1_000, keys.len()));
    sql_query("SELECT pg_sleep(0.1)")
        .execute(&mut connection)
        .await?;
    Ok(keys
        .iter()
        .map(|key| (key % 2 == 0).then_some(key * 2))
        .collect())
}

fn reader(app: &TestApp) -> Reader<i64, i64> {
    Reader::new(app.app.db.clone(), |connection, keys| {
        Box::pin(doubled(connection, keys))
    })
}

fn statements_of(test: i64) -> Vec<usize> {
    let all = STATEMENTS.lock().unwrap();
    let own = all.iter().filter(|(other, _)| *other == test);
    own.map(|(_, keys)| *keys).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_shares_a_statement_and_gets_the_own_answer() {
    let app = TestApp::start().await;
    let reader = reader(&app);
    let keys = 1_000..1_300;
    let found = join_all(keys.clone().map(|key| reader.get(key))).await;
    for (key, found) in keys.zip(found) {
        assert_eq!(found.unwrap(), (key % 2 == 0).then_some(key * 2));
    }
    let statements = statements_of(1);
    assert_eq!(statements.iter().sum::<usize>(), 300);
    assert!(
        statements.len() <= 8,
        "300 reads took the statements {statements:?}"
    );
    // When all is done the next read is again sent at once, alone.
    assert_eq!(reader.get(1_400).await.unwrap(), Some(2_800));
    assert_eq!(statements_of(1).last(), Some(&1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_gives_up_takes_nobody_along() {
    let app = TestApp::start().await;
    let reader = reader(&app);
    let impatient =
        (2_000..2_100).map(|key| tokio::time::timeout(Duration::from_millis(20), reader.get(key)));
    let patient = (2_100..2_200).map(|key| reader.get(key));
    let (gave_up, found) = tokio::join!(join_all(impatient), join_all(patient));
    assert!(gave_up.iter().all(Result::is_err));
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(reader.get(2_300).await.unwrap(), Some(4_600));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_statement_fails_those_that_share_it_and_no_later_one() {
    let app = TestApp::start().await;
    let failing = Reader::new(
        app.app.db.clone(),
        |connection: &AsyncPgConnection, keys: &[i64]| {
            Box::pin(async move {
                let mut connection = connection;
                let fails = keys.contains(&25);
                let statement = if fails { "SELECT 1 / 0" } else { "SELECT 1" };
                sql_query(statement).execute(&mut connection).await?;
                Ok(keys.iter().map(|key| Some(*key)).collect())
            })
        },
    );
    let found = join_all((0..50).map(|key| failing.get(key))).await;
    assert!(matches!(found[25], Err(DbError::Query(_))));
    for (key, found) in (0..).zip(found) {
        // Who shared the statement has its error, everybody else the value.
        assert!(found.is_err() || found.unwrap() == Some(key));
    }
    assert_eq!(failing.get(7).await.unwrap(), Some(7));
}

/// Tenants share statements and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn agents_of_several_tenants_are_read_at_once_and_kept_apart() {
    let app = TestApp::start().await;
    let tokens = ["a", "b", "c"].map(|tenant| app.token(Scope::ALL, tenant));
    let mut agents = Vec::new();
    for (owner, token) in tokens.iter().enumerate() {
        for number in 0..5 {
            let body = json!({ "name": format!("agent {number}") });
            let create = app.anonymous(Method::POST, "/agents").bearer_auth(token);
            let id = app.send(create.json(&body)).await.json["id"].clone();
            agents.push((owner, id.as_str().unwrap().to_owned()));
        }
    }
    let mut reads = Vec::new();
    for (owner, id) in &agents {
        for (caller, token) in tokens.iter().enumerate() {
            let get = app.anonymous(Method::GET, &format!("/agents/{id}"));
            let get = app.send(get.bearer_auth(token));
            reads.push(async move { (*owner == caller, id, get.await) });
        }
    }
    for (own, id, answer) in join_all(reads).await {
        assert_eq!(answer.status, if own { 200 } else { 404 });
        assert!(!own || answer.json["id"] == id.as_str());
    }
}

/// The statement for one key and the statement for many answer alike.
#[tokio::test(flavor = "multi_thread")]
async fn prompts_are_the_same_alone_and_among_many() {
    let app = TestApp::start().await;
    let mut agents = Vec::new();
    for number in 0..3 {
        let path = prompts::prompts(&app).await;
        for version in 1..=3 {
            let text = prompts::text(&format!("{number} {version}"));
            prompts::create(&app, &path, &text).await;
        }
        let label = format!("{path}/labels/production");
        let moved = app.put(&label, &json!({ "version": number + 1 })).await;
        assert_eq!(moved.status, 200, "{}", moved.text);
        agents.push(path.split('/').nth(2).unwrap().parse::<Id>().unwrap());
    }
    let deleted = format!("/agents/{}", agents[2]);
    assert_eq!(app.delete(&deleted).await.status, 204);

    let db = &app.app.db;
    let connection = db.lookups().await.unwrap();
    let tenant = auth::store::tenant_id(&connection, "default");
    let tenant = tenant.await.unwrap();
    let tenants = [tenant, TenantId(tenant.0 + 1)];
    let mut numbers = Vec::new();
    let mut labels = Vec::new();
    for tenant in tenants {
        for agent in &agents {
            numbers.extend((0..=4).map(|version| (tenant, *agent, version)));
            let names = ["production", "latest", "staging"].map(|name| name.parse().unwrap());
            labels.extend(names.map(|label: Label| (tenant, *agent, label)));
        }
    }
    let many = store::get(&connection, &numbers).await.unwrap();
    for (key, found) in numbers.iter().zip(&many) {
        let alone = store::get(&connection, &[*key]).await.unwrap();
        assert_eq!(&alone[0], found);
        let there = key.0 == tenant && key.1 != agents[2] && (1..=3).contains(&key.2);
        assert_eq!(
            found.as_ref().map(|prompt| prompt.version),
            there.then_some(key.2)
        );
    }
    let many = store::get_by_label(&connection, &labels).await.unwrap();
    for (key, found) in labels.iter().zip(&many) {
        let alone = store::get_by_label(&connection, std::slice::from_ref(key));
        assert_eq!(&alone.await.unwrap()[0], found);
    }
    let versions: Vec<_> = many
        .iter()
        .map(|found| found.as_ref().map(|p| p.version))
        .collect();
    let expected = [Some(1), Some(3), None, Some(2), Some(3), None];
    assert_eq!(versions[..6], expected);
    assert!(versions[6..].iter().all(Option::is_none));
}

/// A read that begins after a write was answered never joins a statement from before.
#[tokio::test(flavor = "multi_thread")]
async fn under_load_a_read_sees_what_was_written_before_it() {
    let app = TestApp::start().await;
    let id = app.post("/agents", &json!({ "name": "v0" })).await.json["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/agents/{id}");
    let load = async {
        loop {
            // Not checked against the specification, which would take longer than the read.
            join_all((0..32).map(|_| app.request(Method::GET, &path).send())).await;
        }
    };
    let writes = async {
        for version in 1..=20 {
            let name = format!("v{version}");
            let written = app.put(&path, &json!({ "name": name })).await;
            assert_eq!(written.status, 200, "{}", written.text);
            assert_eq!(app.get(&path).await.json["name"], name.as_str());
        }
    };
    tokio::select! {
        () = writes => {}
        () = load => {}
    }
}
