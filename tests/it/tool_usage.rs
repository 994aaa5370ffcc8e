//! Calls of tools: stored and read back as sent, refused in their place, listed by every filter.

use agentdata::values::Id;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{TestApp, cluster::Session, ingest::agent};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

async fn path(app: &TestApp) -> String {
    format!("/agents/{}/tool-usage", agent(app, "user").await)
}

fn minimal() -> Value {
    json!({ "tool_name": "t", "status": "success" })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_created_is_read_back_at_once() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let id = Id::at("2026-01-02T03:04:05.678901Z".parse().unwrap(), 0).unwrap();
    let mut body = json!({
        "id": id,
        "timestamp": "2026-01-02T03:04:05.678901Z",
        "tool_name": "search 𝕏",
        "tool_type": "mcp",
        "call_id": "call_1",
        "status": "timeout",
        "input": { "q": ["a", 1.50, null] },
        "output": "text",
        "error_type": "ReadTimeout",
        "error_message": "no answer",
        "duration_ms": 30000,
        "input_tokens": 9007199254740993_i64,
        "output_tokens": 0,
        "cost_usd": "0.0000000001",
        "prompt_version": 7,
        "trace_id": TRACE,
        "span_id": "00f067aa0ba902b7",
        "session_id": "s",
    });
    let created = app.post(&path, &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    body["agent_id"] = json!(path.split('/').nth(2).unwrap());
    assert_eq!(created.json, body);
    let location = created.header("location");
    assert_eq!(location, format!("{}{path}/{id}", app.url));
    let got = app.get(&location[app.url.len()..]).await;
    assert_eq!((got.status, &got.json), (200, &body));
    assert_eq!(app.get(&path).await.json["items"], json!([body]));
    let created = app.post(&path, &minimal()).await.json;
    let nulls = created
        .as_object()
        .unwrap()
        .values()
        .filter(|value| value.is_null());
    assert_eq!(nulls.count(), 14);
    let got = app
        .get(&format!("{path}/{}", created["id"].as_str().unwrap()))
        .await;
    assert_eq!(got.json, created);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cost_is_exact_and_has_one_form() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    for (sent, stored) in [
        ("0", "0"),
        ("1.50", "1.5"),
        ("9999999999.9999999999", "9999999999.9999999999"),
        ("0.1", "0.1"),
    ] {
        let mut body = minimal();
        body["cost_usd"] = json!(sent);
        let created = app.post(&path, &body).await;
        assert_eq!(created.json["cost_usd"], stored, "{}", created.text);
        let got = app
            .get(&format!("{path}/{}", created.json["id"].as_str().unwrap()))
            .await;
        assert_eq!(got.json["cost_usd"], stored);
    }
    for bad in [
        json!(0.1),
        json!("1e3"),
        json!("-1"),
        json!("0.00000000001"),
        json!("NaN"),
    ] {
        let mut body = minimal();
        body["cost_usd"] = bad;
        let refused = app.post(&path, &body).await;
        assert_eq!((refused.status, refused.places()), (422, vec!["/cost_usd"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_stores_nothing_twice_and_the_first_stays() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let mut body = minimal();
    body["id"] = json!(Id::new());
    let first = app.post(&path, &body).await;
    body["tool_name"] = json!("other");
    for resend in join_all((0..5).map(|_| app.post(&path, &body))).await {
        assert_eq!((resend.status, &resend.json), (201, &first.json));
    }
    assert_eq!(app.get(&path).await.json["items"], json!([first.json]));
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_are_bounded_and_checked() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    for field in ["input", "output"] {
        let mut body = minimal();
        body[field] = json!("x".repeat(256 * 1024 - 2));
        assert_eq!(app.post(&path, &body).await.status, 201);
        body[field] = json!("x".repeat(256 * 1024 - 1));
        let refused = app.post(&path, &body).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![format!("/{field}").as_str()])
        );
        body[field] = json!({ "a": ["\0"] });
        let refused = app.post(&path, &body).await;
        let place = format!("/{field}/a/0");
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place.as_str()])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_in_both_orders_finds_what_matches_page_by_page() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let session = Session::open(&app.database_url).await;
    session
        .run(&format!(
            "INSERT INTO tool_usage (tenant_id, agent_id, timestamp, id, tool_name, status, \
                duration_ms, trace_id, session_id) \
             SELECT tenant_id, id, now() - (i / 4) * interval '1 day', gen_random_uuid(), \
                't' || i % 3, 1 + i % 4, i, CASE WHEN i % 5 = 0 THEN decode('{TRACE}', 'hex') END, \
                CASE WHEN i % 2 = 0 THEN 's' END \
             FROM agents, generate_series(1, 120) AS i"
        ))
        .await;
    for (query, matches) in [
        (String::new(), (|_| true) as fn(u32) -> bool),
        ("&tool_name=t1".into(), |i| i % 3 == 1),
        ("&status=error".into(), |i| i % 4 == 1),
        (format!("&trace_id={TRACE}"), |i| i % 5 == 0),
        ("&session_id=s".into(), |i| i % 2 == 0),
        ("&session_id=s&status=success&tool_name=t0".into(), |i| {
            i % 12 == 0
        }),
        ("&tool_name=nothing".into(), |_| false),
    ] {
        let expected: Vec<u32> = (1..=120).filter(|i| matches(*i)).collect();
        let mut orders = Vec::new();
        for order in ["timestamp_asc", "timestamp_desc"] {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = app
                    .get(&format!("{path}?order={order}&limit=7{query}{cursor}"))
                    .await;
                assert_eq!(page.status, 200, "{}", page.text);
                let items = page.json["items"].as_array().unwrap();
                found.extend(
                    items
                        .iter()
                        .map(|item| item["duration_ms"].as_u64().unwrap() as u32),
                );
                match page.json["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            orders.push(found);
        }
        orders[1].reverse();
        assert_eq!(orders[0], orders[1], "{query}");
        orders[0].sort_unstable();
        assert_eq!(orders[0], expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_agents_records_of_every_kind_go_before_its_row() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let agent = agent(&app, "doomed").await;
    let metric = json!({ "name": "m", "kind": "gauge", "value": 1 });
    let log = json!({ "level": "info", "message": "m" });
    for (path, body) in [
        ("logs", log),
        ("metrics", metric),
        ("tool-usage", minimal()),
    ] {
        for _ in 0..3 {
            let path = format!("/agents/{agent}/{path}");
            assert_eq!(app.post(&path, &body).await.status, 201);
        }
    }
    app.delete(&format!("/agents/{agent}")).await;
    session
        .run("UPDATE agents SET deleted_at = now() - interval '1 hour'")
        .await;
    assert_eq!(app.maintain().await, 10);
    for table in ["logs", "metrics", "tool_usage", "agents"] {
        let left = format!("SELECT count(*) FROM {table}");
        assert_eq!(session.number(&left).await, 0, "{table}");
    }
}
