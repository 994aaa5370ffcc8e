//! Statistics of tool usage: right to the last cent, by an oracle that reckons for itself.

use std::{cmp::Reverse, collections::BTreeMap};

use bigdecimal::BigDecimal;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, ingest::agent};

#[derive(Clone, Debug)]
struct Call {
    hour: i64,
    tool: &'static str,
    version: Option<i64>,
    status: &'static str,
    error: Option<&'static str>,
    duration: Option<i64>,
    tokens: Option<i64>,
    cost: Option<String>,
}

impl Call {
    fn json(&self) -> Value {
        json!({
            "timestamp": format!("2026-01-{:02}T{:02}:59:59.999999Z", 1 + self.hour / 24, self.hour % 24),
            "tool_name": self.tool, "prompt_version": self.version, "status": self.status,
            "error_type": self.error, "duration_ms": self.duration, "input_tokens": self.tokens,
            "output_tokens": self.tokens.map(|tokens| tokens * 2), "cost_usd": self.cost,
        })
    }

    /// What it is told apart by.
    fn key(&self, group_by: &[&str], with_day: bool) -> Vec<Value> {
        let day = format!("2026-01-{:02}T00:00:00.000000Z", 1 + self.hour / 24);
        let by = |name| group_by.contains(&name);
        vec![
            json!(with_day.then_some(day)),
            json!(by("tool_name").then_some(self.tool)),
            json!(self.version.filter(|_| by("prompt_version"))),
            json!(by("status").then_some(self.status)),
        ]
    }
}

fn call() -> impl Strategy<Value = Call> {
    let text = |texts: &'static [&'static str]| prop::sample::select(texts);
    (
        0..72_i64,
        text(&["a", "b", "ä"]),
        prop::option::of(1..3_i64),
        text(&["success", "error", "timeout", "cancelled"]),
        prop::option::of(text(&["E1", "E2", "E3", "E4", "E5", "E6", "E7"])),
        prop::option::of(0..5_000_i64),
        prop::option::of(0..1_000_000_i64),
        prop::option::of("[0-9]{1,10}\\.[0-9]{1,10}"),
    )
        .prop_map(
            |(hour, tool, version, status, error, duration, tokens, cost)| Call {
                hour,
                tool,
                version,
                status,
                error,
                duration,
                tokens,
                cost,
            },
        )
}

fn percentile(mut values: Vec<i64>, part: f64) -> Option<f64> {
    values.sort_unstable();
    let place = part * values.len().checked_sub(1)? as f64;
    let (low, high) = (
        values[place.floor() as usize],
        values[place.ceil() as usize],
    );
    Some(low as f64 + (high - low) as f64 * place.fract())
}

async fn check(app: &TestApp, calls: &[Call], group_by: &[&str], with_day: bool) {
    let name = agentdata::values::Id::new().to_string();
    let path = format!("/agents/{}/tool-usage", agent(app, &name).await);
    let batch: Vec<_> = calls.iter().map(Call::json).collect();
    let stored = app.post(&format!("{path}/batch"), &json!(batch)).await;
    assert_eq!(stored.status, 201, "{}", stored.text);
    let mut query = vec![
        ("from", "2026-01-01T00:00:00Z"),
        ("to", "2026-01-04T00:00:00Z"),
    ];
    query.extend(group_by.iter().map(|name| ("group_by", *name)));
    query.extend(with_day.then_some(("bucket", "1d")));
    let request = app.request(Method::GET, &format!("{path}/statistics"));
    let answer = app.send(request.query(&query)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let text = |values: &[Value]| json!(values).to_string();
    let mut groups: BTreeMap<String, Vec<&Call>> = BTreeMap::new();
    for call in calls {
        let key = text(&call.key(group_by, with_day));
        groups.entry(key).or_default().push(call);
    }
    let items = answer.json["items"].as_array().unwrap();
    assert_eq!(items.len(), groups.len(), "{}", answer.text);
    for item in items {
        let key = ["bucket", "tool_name", "prompt_version", "status"];
        let calls = &groups[&text(&key.map(|name| item[name].clone()))];
        let count = |wanted: &[&str]| {
            calls
                .iter()
                .filter(|call| wanted.contains(&call.status))
                .count()
        };
        let errors = count(&["error", "timeout"]);
        assert_eq!(item["calls"], calls.len());
        assert_eq!(item["errors"], errors);
        assert_eq!(item["error_rate"], errors as f64 / calls.len() as f64);
        for (name, part) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            let durations = calls.iter().filter_map(|call| call.duration).collect();
            let (told, value) = (
                item[format!("duration_ms_{name}")].as_f64(),
                percentile(durations, part),
            );
            match (told, value) {
                (Some(told), Some(value)) => assert!((told - value).abs() < 1e-6, "{item}"),
                (told, value) => assert_eq!(told, value, "{item}"),
            }
        }
        let tokens: i64 = calls.iter().filter_map(|call| call.tokens).sum();
        assert_eq!(item["input_tokens"], tokens);
        assert_eq!(item["output_tokens"], tokens * 2);
        let costs = calls.iter().filter_map(|call| call.cost.as_ref());
        let cost: BigDecimal = costs.map(|cost| cost.parse::<BigDecimal>().unwrap()).sum();
        let told: BigDecimal = item["cost_usd"].as_str().unwrap().parse().unwrap();
        assert_eq!(told, cost, "exact");
        let mut kinds: BTreeMap<&str, i64> = BTreeMap::new();
        for kind in calls.iter().filter_map(|call| call.error) {
            *kinds.entry(kind).or_default() += 1;
        }
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(kind, count)| (Reverse(*count), *kind));
        let kinds: Vec<_> = kinds
            .into_iter()
            .take(5)
            .map(|(kind, count)| json!({ "error_type": kind, "calls": count }))
            .collect();
        assert_eq!(item["top_errors"], json!(kinds), "{item}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_are_what_an_oracle_reckons() {
    let app = TestApp::start().await;
    let config = Config {
        cases: 25,
        failure_persistence: None,
        ..Config::default()
    };
    let grouping = prop::sample::subsequence(vec!["tool_name", "prompt_version", "status"], 1..=3);
    let cases = (
        prop::collection::vec(call(), 1..80),
        grouping,
        any::<bool>(),
    );
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        TestRunner::new(config)
            .run(&cases, |(calls, group_by, with_day)| {
                runtime.block_on(check(&app, &calls, &group_by, with_day));
                Ok(())
            })
            .unwrap();
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_bounds() {
    let app = TestApp::start().await;
    let path = format!("/agents/{}/tool-usage", agent(&app, "a").await);
    let most = i64::MAX;
    for (tool, session, tokens) in [
        ("a", "s", 1),
        ("a", "t", 2),
        ("b", "s", 4),
        ("big", "u", most),
        ("big", "u", 1),
    ] {
        let call = json!({ "tool_name": tool, "status": "success", "session_id": session,
            "input_tokens": tokens });
        assert_eq!(app.post(&path, &call).await.status, 201);
    }
    for (query, tokens) in [
        ("tool_name=a", vec![3]),
        ("session_id=s", vec![1, 4]),
        ("tool_name=a&session_id=t&status=success", vec![2]),
        ("tool_name=a&status=error", vec![]),
        (
            "tool_name=a&group_by=status&group_by=status&bucket=1mo",
            vec![3],
        ),
    ] {
        let answer = app.get(&format!("{path}/statistics?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let items = answer.json["items"].as_array().unwrap();
        let told: Vec<_> = items
            .iter()
            .map(|item| item["input_tokens"].as_i64().unwrap())
            .collect();
        assert_eq!(told, tokens, "{query}");
    }
    let beyond = app.get(&format!("{path}/statistics")).await;
    assert_eq!(
        beyond.status, 422,
        "more tokens than a number holds: {}",
        beyond.text
    );
    for (query, place) in [
        ("group_by=agent", "group_by"),
        ("bucket=1y", "bucket"),
        ("bucket=1s&from=2026-01-01T00:00:00Z", "bucket"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
    ] {
        let refused = app.get(&format!("{path}/statistics?{query}")).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place]),
            "{query}"
        );
    }
    let nowhere = "/agents/019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11/tool-usage/statistics";
    assert_eq!(app.get(nowhere).await.status, 404);
}
