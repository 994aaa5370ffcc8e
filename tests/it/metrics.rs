//! Data points of metrics: stored and read back as sent, refused in their place, listed by name and
//! time.

use agentdata::values::{Id, Timestamp};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, cluster::Session, ingest::agent};

async fn path(app: &TestApp) -> String {
    format!("/agents/{}/metrics", agent(app, "measured").await)
}

fn point(name: &str) -> Value {
    json!({ "name": name, "kind": "gauge", "value": 1.5 })
}

async fn send(app: &TestApp, path: &str, body: &str) -> Answer {
    let request = app
        .request(Method::POST, path)
        .header("content-type", "application/json")
        .body(body.to_owned());
    app.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_created_is_read_back_at_once() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let id = Id::at("2026-01-02T03:04:05.678901Z".parse().unwrap(), 0).unwrap();
    let mut body = json!({
        "id": id,
        "timestamp": "2026-01-02T03:04:05.678901Z",
        "name": "http.server/duration_s-1",
        "kind": "counter",
        "value": -1.25e-300,
        "unit": "{request}/s",
        "attributes": { "text": "x", "number": 17, "flag": false },
    });
    let created = app.post(&path, &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    body["agent_id"] = json!(path.split('/').nth(2).unwrap());
    let value = |json: &Value| json["value"].as_f64().unwrap();
    assert_eq!(value(&created.json), -1.25e-300);
    let list = app.get(&path).await.json;
    assert_eq!(value(&list["items"][0]), -1.25e-300);
    for mut json in [created.json.clone(), list["items"][0].clone()] {
        json["value"] = body["value"].clone();
        assert_eq!(json, body);
    }
    let minimal = app.post(&path, &point("m")).await.json;
    assert_eq!(
        (&minimal["unit"], &minimal["attributes"]),
        (&Value::Null, &json!({}))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_stores_nothing_twice_and_the_first_stays() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let mut body = point("first");
    body["id"] = json!(Id::new());
    let first = app.post(&path, &body).await;
    body["name"] = json!("second");
    for resend in join_all((0..5).map(|_| app.post(&path, &body))).await {
        assert_eq!((resend.status, &resend.json), (201, &first.json));
    }
    assert_eq!(app.get(&path).await.json["items"], json!([first.json]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_rule_is_refused_in_its_place() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let body = |name: &str, value: &str, rest: &str| {
        format!(r#"{{"name":{name},"kind":"gauge","value":{value}{rest}}}"#)
    };
    let many = |count: usize| {
        let members: Vec<_> = (0..count).map(|n| format!(r#""k{n}":{n}"#)).collect();
        format!(r#","attributes":{{{}}}"#, members.join(","))
    };
    let good = body(r#""m""#, "1e308", &many(32));
    assert_eq!(send(&app, &path, &good).await.status, 201);
    let long = format!(r#","attributes":{{"a":"{}"}}"#, "x".repeat(16 * 1024));
    for (name, value, rest, place) in [
        (r#""1m""#, "1", "", "/name"),
        (r#""m é""#, "1", "", "/name"),
        (r#""""#, "1", "", "/name"),
        (r#""m""#, "1e309", "", "/value"),
        (r#""m""#, r#""NaN""#, "", "/value"),
        (r#""m""#, "null", "", "/value"),
        (r#""m""#, "1", r#","unit":"µs""#, "/unit"),
        (r#""m""#, "1", r#","unit":"""#, "/unit"),
        (r#""m""#, "1", r#","attributes":{"a":[1]}"#, "/attributes"),
        (r#""m""#, "1", r#","attributes":{"a":null}"#, "/attributes"),
        (r#""m""#, "1", &many(33), "/attributes"),
        (r#""m""#, "1", &long, "/attributes"),
        (r#""m""#, "1", r#","kind":"histogram""#, "/kind"),
    ] {
        let mut body = body(name, value, rest);
        if place == "/kind" {
            body = r#"{"name":"m","kind":"histogram","value":1}"#.into();
        }
        let refused = send(&app, &path, &body).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place]),
            "{body:.100}"
        );
    }
    for bad in ["NaN", "Infinity", "-"] {
        assert_eq!(
            send(&app, &path, &body(r#""m""#, bad, "")).await.status,
            400,
            "{bad}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_finds_by_name_and_time_in_both_orders_page_by_page() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let session = Session::open(&app.database_url).await;
    session
        .run(
            "INSERT INTO metrics \
             SELECT tenant_id, id, now() - (i / 3) * interval '1 day', gen_random_uuid(), \
                'm' || i % 3, 1, i, NULL, '{}' \
             FROM agents, generate_series(1, 90) AS i",
        )
        .await;
    let from = Timestamp::now().minus(std::time::Duration::from_secs(86_400 * 10));
    for (query, total) in [
        (String::new(), 90),
        ("&name=m1".into(), 30),
        ("&name=M1".into(), 0),
        (format!("&name=m1&from={from}"), 10),
        (format!("&to={from}"), 60),
    ] {
        let mut orders = Vec::new();
        for order in ["timestamp_asc", "timestamp_desc"] {
            let (mut values, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = app
                    .get(&format!("{path}?order={order}&limit=7{query}{cursor}"))
                    .await;
                assert_eq!(page.status, 200, "{}", page.text);
                let items = page.json["items"].as_array().unwrap();
                values.extend(items.iter().map(|item| item["value"].to_string()));
                match page.json["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            // Days that are cut at `from` hold three, two or one of the points.
            assert!(
                values.len().abs_diff(total) <= 2,
                "{query}: {}",
                values.len()
            );
            orders.push(values);
        }
        orders[1].reverse();
        assert_eq!(orders[0], orders[1], "{query}");
    }
}
