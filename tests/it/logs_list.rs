//! Lists of logs: every filter in both orders, page by page, against what was stored.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, cluster::Session, ingest::agent};

const LEVELS: [&str; 6] = ["trace", "debug", "info", "warn", "error", "fatal"];
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Two agents' logs of some weeks, many of them of one instant.
async fn fill(app: &TestApp) -> String {
    let path = format!("/agents/{}/logs", agent(app, "a").await);
    agent(app, "b").await;
    let session = Session::open(&app.database_url).await;
    session
        .run(&format!(
            "INSERT INTO logs \
             SELECT tenant_id, a.id, \
                date_trunc('day', now()) - (i / 7) * interval '2 days' - (i % 2) * interval '1 s', \
                gen_random_uuid(), 1 + i % 6, 'm' || i, '{{}}', \
                CASE WHEN i % 5 = 0 THEN decode('{TRACE}', 'hex') END, NULL, \
                CASE WHEN i % 3 = 0 THEN 's-' || i % 4 END \
             FROM agents AS a, generate_series(1, 200) AS i"
        ))
        .await;
    path
}

async fn list(app: &TestApp, path: &str, query: &[(&str, &str)]) -> Answer {
    app.send(app.request(reqwest::Method::GET, path).query(query))
        .await
}

/// All pages of a list.
async fn walk(app: &TestApp, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut query = query.to_vec();
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = list(app, path, &query).await;
        assert_eq!(page.status, 200, "{query:?}: {}", page.text);
        all.extend(page.json["items"].as_array().unwrap().iter().cloned());
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return all,
        }
    }
}

/// Whether a list with this query has the log.
fn matches(log: &Value, query: &[(&str, &str)]) -> bool {
    let rank = |level: &str| LEVELS.iter().position(|name| *name == level).unwrap();
    let level = log["level"].as_str().unwrap();
    let listed: Vec<_> = query.iter().filter(|(name, _)| *name == "level").collect();
    let timestamp = log["timestamp"].as_str().unwrap();
    (listed.is_empty() || listed.iter().any(|(_, wanted)| *wanted == level))
        && query.iter().all(|(name, wanted)| match *name {
            "min_level" => rank(level) >= rank(wanted),
            "from" => timestamp >= *wanted,
            "to" => timestamp < *wanted,
            "trace_id" | "session_id" => log[name] == *wanted,
            _ => true,
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_in_both_orders_finds_what_matches_page_by_page() {
    let app = TestApp::start().await;
    let path = fill(&app).await;
    let mut all = walk(&app, &path, &[("limit", "1000")]).await;
    assert_eq!(all.len(), 200);
    all.sort_by_key(|log| {
        let text = |field: &str| log[field].as_str().unwrap().to_owned();
        (text("timestamp"), text("id"))
    });
    let instant = |index: usize| all[index]["timestamp"].as_str().unwrap();
    let filters: Vec<Vec<(&str, &str)>> = vec![
        vec![],
        vec![("level", "warn")],
        vec![("level", "warn"), ("level", "trace"), ("level", "warn")],
        vec![("min_level", "error")],
        vec![("min_level", "trace")],
        vec![("min_level", "debug")],
        vec![("level", "info"), ("level", "fatal"), ("min_level", "warn")],
        vec![("level", "info"), ("min_level", "warn")],
        vec![("trace_id", TRACE)],
        vec![("trace_id", "00000000000000000000000000000000")],
        vec![("session_id", "s-0")],
        vec![("session_id", "s-0"), ("level", "warn"), ("level", "trace")],
        vec![
            ("session_id", "s-0"),
            ("trace_id", TRACE),
            ("min_level", "info"),
        ],
        vec![("from", instant(50))],
        vec![("to", instant(50))],
        vec![
            ("from", instant(50)),
            ("to", instant(150)),
            ("min_level", "warn"),
        ],
        vec![("from", instant(50)), ("to", instant(50))],
    ];
    for filter in filters {
        let mut expected: Vec<_> = all
            .iter()
            .filter(|log| matches(log, &filter))
            .cloned()
            .collect();
        for order in ["timestamp_asc", "timestamp_desc"] {
            let mut query = filter.clone();
            query.extend([("order", order), ("limit", "7")]);
            assert_eq!(walk(&app, &path, &query).await, expected, "{query:?}");
            expected.reverse();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_its_agent_filters_and_order() {
    let app = TestApp::start().await;
    let path = fill(&app).await;
    let other = format!("/agents/{}/logs", agent(&app, "c").await);
    let page = list(&app, &path, &[("limit", "3"), ("level", "warn")]).await;
    let cursor = page.json["next_cursor"].as_str().unwrap();
    for (path, query) in [
        (&other, vec![("level", "warn")]),
        (&path, vec![]),
        (&path, vec![("level", "info")]),
        (&path, vec![("level", "warn"), ("order", "timestamp_asc")]),
        (&path, vec![("level", "warn"), ("session_id", "s-0")]),
        (
            &path,
            vec![("level", "warn"), ("from", "2026-01-01T00:00:00Z")],
        ),
    ] {
        let mut query = query;
        query.push(("cursor", cursor));
        let refused = list(&app, path, &query).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["cursor"]),
            "{query:?}"
        );
    }
    // The same filter in other words.
    let same = [
        ("limit", "9"),
        ("level", "warn"),
        ("level", "warn"),
        ("cursor", cursor),
    ];
    assert_eq!(list(&app, &path, &same).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_out_of_their_bounds_are_refused_by_name() {
    let app = TestApp::start().await;
    let path = fill(&app).await;
    for (query, place) in [
        (vec![("level", "loud")], "level"),
        (vec![("min_level", "")], "min_level"),
        (vec![("trace_id", "4bf9")], "trace_id"),
        (vec![("session_id", "")], "session_id"),
        (vec![("from", "yesterday")], "from"),
        (
            vec![
                ("from", "2026-01-02T00:00:00Z"),
                ("to", "2026-01-01T00:00:00Z"),
            ],
            "to",
        ),
        (vec![("limit", "1001")], "limit"),
        (vec![("order", "level")], "order"),
        (vec![("tracer", "x")], "tracer"),
    ] {
        let refused = list(&app, &path, &query).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place]),
            "{query:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_during_inserts_passes_over_nothing_and_sees_nothing_twice() {
    let app = TestApp::start().await;
    let path = fill(&app).await;
    let before: BTreeSet<String> = walk(&app, &path, &[("limit", "1000")])
        .await
        .iter()
        .map(|log| log["id"].as_str().unwrap().to_owned())
        .collect();
    let insert = async {
        for n in 0..60 {
            let body = json!({ "level": LEVELS[n % 6], "message": "new" });
            assert_eq!(app.post(&path, &body).await.status, 201);
        }
    };
    let (walked, ()) = tokio::join!(walk(&app, &path, &[("limit", "5")]), insert);
    let ids: Vec<_> = walked
        .iter()
        .map(|log| log["id"].as_str().unwrap().to_owned())
        .collect();
    let distinct: BTreeSet<_> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), distinct.len());
    assert!(before.is_subset(&distinct));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_ends_at_8_mib_and_the_walk_goes_on() {
    let app = TestApp::start().await;
    let path = format!("/agents/{}/logs", agent(&app, "large").await);
    let session = Session::open(&app.database_url).await;
    session
        .run(
            "INSERT INTO logs (tenant_id, agent_id, timestamp, id, level, message, attributes) \
             SELECT tenant_id, id, now() - i * interval '1 s', gen_random_uuid(), 3, repeat('x', 65000), '{}' \
             FROM agents, generate_series(1, 300) AS i",
        )
        .await;
    let page = list(&app, &path, &[("limit", "1000")]).await;
    let length = page.text.len();
    assert!((7 << 20..=8 << 20).contains(&length), "{length} bytes");
    assert_eq!(walk(&app, &path, &[("limit", "1000")]).await.len(), 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_and_attributes_are_looked_for_as_they_stand() {
    let app = TestApp::start().await;
    let agent = format!("/agents/{}", agent(&app, "searched").await);
    let path = format!("{agent}/logs");
    let log = |message: &str, attributes: Value| json!({ "level": "info", "message": message, "attributes": attributes });
    let logs = json!([
        log(
            "Grüße aus Köln",
            json!({ "city": "Köln", "n": 1, "ok": true })
        ),
        log(
            "50% of a_b",
            json!({ "n": 1.5, "nested": { "a": 1 }, "a=b": "c" })
        ),
        log("500 of aXb", json!({ "n": "1", "none": null })),
        log("日本語のログ", json!({})),
    ]);
    assert_eq!(app.post(&format!("{path}/batch"), &logs).await.status, 201);
    for (query, expected) in [
        (vec![("q", "KÖLN")], vec![0]),
        (vec![("q", "50%")], vec![1]),
        (vec![("q", "a_b")], vec![1]),
        (vec![("q", "\\")], vec![]),
        (vec![("q", "本語")], vec![3]),
        (vec![("q", "of A")], vec![1, 2]),
        (vec![("attr", "n=1")], vec![0, 2]),
        (vec![("attr", "n=1.5")], vec![1]),
        (vec![("attr", "n")], vec![0, 1, 2]),
        (vec![("attr", "none")], vec![2]),
        (vec![("attr", "none=null")], vec![]),
        (vec![("attr", "ok=true")], vec![0]),
        (vec![("attr", "nested={\"a\": 1}")], vec![1]),
        (vec![("attr", "a=b=c")], vec![]),
        (vec![("attr", "n=1"), ("attr", "city=Köln")], vec![0]),
        (
            vec![("attr", "n"), ("q", "of"), ("level", "info")],
            vec![1, 2],
        ),
        (vec![("attr", "' OR true --")], vec![]),
    ] {
        let request = app.request(Method::GET, &path).query(&query);
        let page = app.send(request.query(&[("order", "timestamp_asc")])).await;
        assert_eq!(page.status, 200, "{query:?}: {}", page.text);
        let items = page.json["items"].as_array().unwrap().iter();
        let found: Vec<&Value> = items.map(|item| &item["message"]).collect();
        let expected: Vec<&Value> = expected
            .iter()
            .map(|n: &usize| &logs[*n]["message"])
            .collect();
        assert_eq!(found, expected, "{query:?}");
    }
    // A page of a search goes on where it ended, and its cursor belongs to the search.
    let first = app.get(&format!("{path}?attr=n&limit=2")).await;
    let cursor = first.json["next_cursor"].as_str().unwrap();
    let second = app
        .get(&format!("{path}?attr=n&limit=2&cursor={cursor}"))
        .await;
    assert_eq!(second.json["items"].as_array().unwrap().len(), 1);
    let other = app
        .get(&format!("{path}?attr=ok&limit=2&cursor={cursor}"))
        .await;
    assert_eq!((other.status, other.places()), (422, vec!["cursor"]));

    let point = |host: &str| json!({ "name": "n", "kind": "gauge", "value": 1, "attributes": { "host": host } });
    let points = json!([point("a"), point("b")]);
    assert_eq!(
        app.post(&format!("{agent}/metrics/batch"), &points)
            .await
            .status,
        201
    );
    let page = app
        .get(&format!("{agent}/metrics?attr=host=b&name=n"))
        .await;
    let found = page.json["items"].as_array().unwrap();
    assert_eq!(
        (found.len(), &found[0]["attributes"]["host"]),
        (1, &json!("b"))
    );
}
