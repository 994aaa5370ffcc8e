//! Series of metrics: right to the last number, by an oracle that reckons for itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, LocalResult, Months, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use crate::support::{TestApp, ingest::agent};

#[derive(Clone, Debug)]
struct Point {
    at: i64,
    value: f64,
    counter: bool,
    unit: Option<&'static str>,
    queue: Option<Value>,
}

#[derive(Clone, Debug)]
struct Case {
    zone: &'static str,
    bucket: &'static str,
    /// In seconds since the epoch, with parts.
    from: i64,
    to: i64,
    points: Vec<Point>,
}

/// Around an instant at which the clocks of a zone are set forward or back.
fn case() -> impl Strategy<Value = Case> {
    let change = prop_oneof![
        Just(("UTC", 1_743_296_400_i64)),
        Just(("Europe/Berlin", 1_743_296_400)), // 2025-03-30, forward
        Just(("Europe/Berlin", 1_761_440_400)), // 2025-10-26, back
        Just(("America/Sao_Paulo", 1_541_300_400)), // 2018-11-04, forward at midnight
        Just(("Asia/Kolkata", 1_743_296_400)),
        Just(("Australia/Lord_Howe", 1_743_865_200)), // 2025-04-05, back by half an hour
    ];
    let width = prop_oneof![
        Just(("1m", 3_600)),
        Just(("5m", 3_600)),
        Just(("15m", 40_000)),
        Just(("1h", 100_000)),
        Just(("6h", 200_000)),
        Just(("1d", 700_000)),
        Just(("1w", 5_000_000)),
        Just(("1mo", 20_000_000)),
    ];
    (change, width).prop_flat_map(|((zone, change), (bucket, span))| {
        let range = (change - span..change + span, 1..span);
        let point = (
            change - span..change + span,
            prop_oneof![-100.0..100.0_f64, Just(0.0), Just(1e15)],
            any::<bool>(),
            prop_oneof![Just(None), Just(Some("ms"))],
            prop_oneof![
                Just(None),
                Just(Some(json!("a"))),
                Just(Some(json!(1))),
                Just(Some(json!(true)))
            ],
        )
            .prop_map(|(at, value, counter, unit, queue)| Point {
                at,
                value,
                counter,
                unit,
                queue,
            });
        (range, prop::collection::vec(point, 0..60)).prop_map(move |((from, length), points)| {
            Case {
                zone,
                bucket,
                from,
                to: from + length,
                points,
            }
        })
    })
}

fn instant(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(at, 0).unwrap()
}

/// Midnight of a day; when the clocks pass over it, as far behind the change as it would be.
fn midnight(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_hms_opt(0, 0, 0).unwrap();
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(_, at) => at.to_utc(),
        LocalResult::None => {
            let before = zone.from_local_datetime(&(local - TimeDelta::hours(3)));
            before.unwrap().to_utc() + TimeDelta::hours(3)
        }
    }
}

/// Where the bucket of an instant begins, and where the next does.
fn bucket(case: &Case, at: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let zone: Tz = case.zone.parse().unwrap();
    let day = at.with_timezone(&zone).date_naive();
    let (first, next) = match case.bucket {
        "1d" => (day, day + Days::new(1)),
        "1w" => {
            let monday = day - Days::new(day.weekday().num_days_from_monday().into());
            (monday, monday + Days::new(7))
        }
        "1mo" => {
            let first = day.with_day(1).unwrap();
            (first, first + Months::new(1))
        }
        fixed => {
            let seconds = match fixed {
                "1m" => 60,
                "5m" => 300,
                "15m" => 900,
                "1h" => 3600,
                _ => 21_600,
            };
            let start = at.timestamp().div_euclid(seconds) * seconds;
            return (instant(start), instant(start + seconds));
        }
    };
    (midnight(zone, first), midnight(zone, next))
}

fn percentile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let (low, high) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    low + (high - low) * place.fract()
}

/// What a bucket must say, by the names of aggregations.
fn expected(values: &[f64], counter: bool, seconds: f64) -> BTreeMap<&'static str, Option<f64>> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let sum: f64 = sorted.iter().sum();
    let some = |value: f64| (!values.is_empty()).then_some(value);
    let at = |part| (!sorted.is_empty()).then(|| percentile(&sorted, part));
    BTreeMap::from([
        ("sum", some(sum)),
        ("avg", some(sum / values.len() as f64)),
        ("min", sorted.first().copied()),
        ("max", sorted.last().copied()),
        ("p50", at(0.5)),
        ("p90", at(0.9)),
        ("p95", at(0.95)),
        ("p99", at(0.99)),
        ("rate", some(sum / seconds).filter(|_| counter)),
    ])
}

async fn check(app: &TestApp, agent: &str, case: &Case) {
    let metrics = format!("/agents/{agent}/metrics");
    let name = format!("m{}", agentdata::values::Id::new());
    let points: Vec<_> = case
        .points
        .iter()
        .map(|point| {
            json!({
                "name": name,
                "kind": if point.counter { "counter" } else { "gauge" },
                "value": point.value,
                "unit": point.unit,
                "timestamp": instant(point.at).to_rfc3339(),
                "attributes": point.queue.as_ref().map_or(json!({}), |queue| json!({ "queue": queue })),
            })
        })
        .collect();
    if !points.is_empty() {
        let stored = app.post(&format!("{metrics}/batch"), &json!(points)).await;
        assert_eq!(stored.status, 201, "{}", stored.text);
    }
    let mut query = vec![
        ("name", name),
        ("from", instant(case.from).to_rfc3339()),
        ("to", instant(case.to).to_rfc3339()),
        ("bucket", case.bucket.to_owned()),
        ("timezone", case.zone.to_owned()),
        ("group_by", "queue".to_owned()),
    ];
    for aggregation in [
        "sum", "avg", "min", "max", "p50", "p90", "p95", "p99", "rate",
    ] {
        query.push(("aggregations", aggregation.to_owned()));
    }
    let path = format!("{metrics}/series");
    let answer = app
        .send(app.request(reqwest::Method::GET, &path).query(&query))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);

    let mut series: BTreeMap<(String, bool, Option<&str>), Vec<&Point>> = BTreeMap::new();
    for point in &case.points {
        if (case.from..case.to).contains(&point.at) {
            let queue = point.queue.as_ref();
            let queue = queue
                .map_or(json!({}), |queue| json!({ "queue": queue }))
                .to_string();
            let key = (queue, point.counter, point.unit);
            series.entry(key).or_default().push(point);
        }
    }
    let answered = answer.json["series"].as_array().unwrap();
    assert_eq!(answered.len(), series.len(), "{}", answer.text);
    for ((queue, counter, unit), points) in series {
        let kind = if counter { "counter" } else { "gauge" };
        let found = answered.iter().find(|found| {
            found["attributes"] == serde_json::from_str::<Value>(&queue).unwrap()
                && found["kind"] == kind
                && found["unit"] == json!(unit)
        });
        let mut answered = found.unwrap()["points"].as_array().unwrap().iter();
        let (from, to) = (instant(case.from), instant(case.to));
        let (mut start, mut next) = bucket(case, from);
        while start < to {
            let point = answered.next().unwrap();
            let at: DateTime<Utc> = point["timestamp"].as_str().unwrap().parse().unwrap();
            assert_eq!(at, start, "{point}");
            let within = points
                .iter()
                .filter(|point| bucket(case, instant(point.at)).0 == start);
            let values: Vec<_> = within.map(|point| point.value).collect();
            assert_eq!(point["count"], values.len(), "{point}");
            let length = next.min(to) - start.max(from);
            let seconds = length.num_seconds() as f64;
            for (name, value) in expected(&values, counter, seconds) {
                let told = point[name].as_f64();
                let same = match (told, value) {
                    (Some(told), Some(value)) => {
                        let size = values
                            .iter()
                            .fold(1.0, |size: f64, value| size.max(value.abs()));
                        (told - value).abs() <= size * 1e-9
                    }
                    (told, value) => told == value,
                };
                assert!(same, "{name}: {told:?}, not {value:?}: {point}");
            }
            (start, next) = bucket(case, next);
        }
        assert!(answered.next().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn series_are_what_an_oracle_reckons() {
    let app = TestApp::start().await;
    let agent = agent(&app, "a").await.to_string();
    let config = Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        TestRunner::new(config)
            .run(&case(), |case| {
                runtime.block_on(check(&app, &agent, &case));
                Ok(())
            })
            .unwrap();
    });
}

/// A metric of a few values an hour apart.
async fn metric(app: &TestApp, values: &[f64]) -> String {
    let path = format!("/agents/{}/metrics", agent(app, "a").await);
    let points: Vec<_> = values
        .iter()
        .enumerate()
        .map(|(hour, value)| {
            json!({ "name": "m", "kind": "gauge", "value": value, "unit": "ms",
                "timestamp": format!("2026-01-01T{hour:02}:30:00Z") })
        })
        .collect();
    let stored = app.post(&format!("{path}/batch"), &json!(points)).await;
    assert_eq!(stored.status, 201, "{}", stored.text);
    path
}

const DAY: &str = "name=m&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_said_has_a_default() {
    let app = TestApp::start().await;
    let path = metric(&app, &[1.0, 3.0]).await;
    let answer = app.get(&format!("{path}/series?{DAY}")).await;
    assert_eq!(answer.json["bucket"], "15m");
    assert_eq!(answer.json["timezone"], "UTC");
    let point = &answer.json["series"][0]["points"][2];
    assert_eq!(point["timestamp"], "2026-01-01T00:30:00.000000Z");
    assert_eq!(point["avg"], 1.0);
    assert_eq!(point["max"], Value::Null, "not asked for");
    assert_eq!(
        answer.json["series"][0]["points"].as_array().unwrap().len(),
        96
    );
    let now = json!({ "name": "now", "kind": "gauge", "value": 1 });
    app.post(&path, &now).await;
    let answer = app.get(&format!("{path}/series?name=now&bucket=1d")).await;
    let points = answer.json["series"][0]["points"].as_array().unwrap();
    let counts = points.iter().map(|point| point["count"].as_i64().unwrap());
    assert_eq!(counts.sum::<i64>(), 1, "the last day, up to now");
    let none = app.get(&format!("{path}/series?name=none")).await;
    assert_eq!((none.status, &none.json["series"]), (200, &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_is_refused() {
    let app = TestApp::start().await;
    let path = metric(&app, &[f64::MAX, f64::MAX, f64::MIN]).await;
    for (query, place) in [
        ("name=1", "name"),
        ("", "name"),
        ("name=m&bucket=2h", "bucket"),
        ("name=m&bucket=1s&from=2026-01-01T00:00:00Z", "bucket"),
        ("name=m&timezone=Berlin", "timezone"),
        (
            "name=m&from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z",
            "to",
        ),
        ("name=m&aggregations=p42", "aggregations"),
        (
            "name=m&group_by=a&group_by=b&group_by=c&group_by=d&group_by=e",
            "group_by",
        ),
        ("name=m&from=0001-01-01T00:00:00Z", "bucket"),
    ] {
        for kind in ["series", "chart.svg"] {
            let refused = app.get(&format!("{path}/{kind}?{query}")).await;
            assert_eq!(
                (refused.status, refused.places()),
                (422, vec![place]),
                "{query}"
            );
        }
    }
    for (aggregation, bucket) in [("sum", "1d"), ("avg", "1d"), ("p50", "1d")] {
        let query = format!("{DAY}&bucket={bucket}&aggregations={aggregation}");
        let answer = app.get(&format!("{path}/series?{query}")).await;
        assert!(
            [200, 422].contains(&answer.status),
            "{aggregation}: {}",
            answer.text
        );
        if aggregation == "sum" {
            assert_eq!(answer.status, 422, "{}", answer.text);
        }
    }
    let chart = app
        .get(&format!("{path}/chart.svg?{DAY}&aggregations=max"))
        .await;
    assert_eq!((chart.status, chart.places()), (422, vec!["aggregations"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_not_too_many_points() {
    let app = TestApp::start().await;
    let path = format!("/agents/{}/metrics", agent(&app, "a").await);
    let points: Vec<_> = (0..600)
        .map(|n| json!({ "name": "m", "kind": "gauge", "value": n, "attributes": { "n": n } }))
        .collect();
    app.post(&format!("{path}/batch"), &json!(points)).await;
    let refused = app
        .get(&format!("{path}/series?name=m&bucket=1h&group_by=n"))
        .await;
    assert_eq!((refused.status, refused.places()), (422, vec!["bucket"]));
    let answer = app
        .get(&format!("{path}/series?name=m&bucket=1w&group_by=n"))
        .await;
    assert_eq!(answer.json["series"].as_array().unwrap().len(), 600);
    let one = app
        .get(&format!(
            "{path}/series?name=m&bucket=1h&group_by=n&attr=n%3D7"
        ))
        .await;
    assert_eq!(one.json["series"][0]["attributes"], json!({ "n": 7 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_come_by_name_with_what_is_newest() {
    let app = TestApp::start().await;
    let path = format!("/agents/{}/metrics", agent(&app, "a").await);
    let names: Vec<_> = (0..25).map(|n| format!("m{n:02}")).collect();
    let points: Vec<_> = names
        .iter()
        .flat_map(|name| {
            [
                ("gauge", "2026-01-01T00:00:00Z"),
                ("counter", "2026-03-01T00:00:00Z"),
                ("gauge", "2020-01-01T00:00:00Z"),
            ]
            .map(|(kind, at)| {
                json!({ "name": name, "kind": kind, "value": 1, "timestamp": at,
                    "unit": (kind == "counter").then_some("By") })
            })
        })
        .collect();
    app.post(&format!("{path}/batch"), &json!(points)).await;
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{path}/names?limit=10{cursor}")).await;
        all.extend(page.json["items"].as_array().unwrap().clone());
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let expected: Vec<_> = names
        .iter()
        .map(|name| {
            json!({ "name": name, "kind": "counter", "unit": "By",
            "last_timestamp": "2026-03-01T00:00:00.000000Z" })
        })
        .collect();
    assert_eq!(all, expected);
    for path in ["names", "series?name=m", "chart.svg?name=m"] {
        let nowhere = format!("/agents/019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11/metrics/{path}");
        assert_eq!(app.get(&nowhere).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_is_an_svg() {
    let app = TestApp::start().await;
    let path = metric(&app, &[1.0, 3.0, 2.0]).await;
    let chart = app
        .get(&format!(
            "{path}/chart.svg?{DAY}&aggregations=avg&aggregations=max&theme=dark&bucket=1h"
        ))
        .await;
    assert_eq!(chart.status, 200, "{}", chart.text);
    assert_eq!(chart.header("content-type"), "image/svg+xml");
    assert!(chart.text.starts_with("<svg") && chart.text.ends_with("</svg>\n"));
    assert!(chart.text.contains("<polyline"));
}
