//! Lists of agents: filters and orders.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents::create,
    support::{Answer, TestApp, cluster::Session},
};

pub const ORDERS: [&str; 4] = ["created_at_asc", "created_at_desc", "name_asc", "name_desc"];

/// A page.
pub async fn list(app: &TestApp, query: &[(&str, &str)]) -> Answer {
    app.send(app.request(Method::GET, "/agents").query(query))
        .await
}

/// Filters, and which agents they find.
type Case<'a> = (Vec<(&'a str, &'a str)>, &'a [usize]);

/// The names on a page.
pub fn names(page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let items = page.json["items"].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Agents in the order of their creation.
async fn fill(app: &TestApp, agents: &[Value]) -> Vec<Value> {
    let mut created = Vec::new();
    for agent in agents {
        let answer = app.post("/agents", agent).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        created.push(answer.json);
    }
    created
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_finds_what_it_says_alone_and_with_others() {
    let app = TestApp::start().await;
    let agents = fill(
        &app,
        &[
            json!({ "name": "Support Ärger", "tags": ["a", "b"], "status": "paused" }),
            json!({ "name": "support-mail", "tags": ["a"] }),
            json!({ "name": "SUPER", "tags": ["b"], "status": "archived" }),
            json!({ "name": "last ärger", "tags": ["A", "a b", "a,b"] }),
        ],
    )
    .await;
    let instant = |agent: usize| agents[agent]["created_at"].as_str().unwrap();
    let by_name = |name: &str| match name {
        "Support Ärger" => 0,
        "support-mail" => 1,
        "SUPER" => 2,
        _ => 3,
    };
    let cases: Vec<Case<'_>> = vec![
        (vec![], &[0, 1, 2, 3]),
        (vec![("name", "SUPER")], &[2]),
        (vec![("name", "super")], &[]),
        (vec![("name", "SUPER"), ("q", "sup")], &[2]),
        (vec![("name", "SUPER"), ("q", "mail")], &[]),
        (vec![("name", "SUPER"), ("tag", "a")], &[]),
        (vec![("name", "SUPER"), ("created_before", instant(2))], &[]),
        (vec![("q", "s")], &[0, 1, 2]),
        (vec![("q", "SU")], &[0, 1, 2]),
        (vec![("q", "up")], &[]),
        (vec![("q", "upp")], &[0, 1]),
        (vec![("q", "SuP")], &[0, 1, 2]),
        (vec![("q", "ÄRG")], &[0, 3]),
        (vec![("q", "ärg")], &[0, 3]),
        (vec![("q", "Är")], &[]),
        (vec![("q", "t ä")], &[0, 3]),
        (vec![("q", "support-mail-")], &[]),
        (vec![("tag", "a")], &[0, 1]),
        (vec![("tag", "a"), ("tag", "b")], &[0]),
        (vec![("tag", "A")], &[3]),
        (vec![("tag", "a,b")], &[3]),
        (vec![("tag", "a b"), ("tag", "A")], &[3]),
        (vec![("tag", "a"), ("tag", "A")], &[]),
        (vec![("status", "active")], &[1, 3]),
        (vec![("status", "paused")], &[0]),
        (vec![("created_after", instant(2))], &[2, 3]),
        (vec![("created_before", instant(2))], &[0, 1]),
        (
            vec![
                ("created_after", instant(1)),
                ("created_before", instant(3)),
            ],
            &[1, 2],
        ),
        (
            vec![
                ("created_after", instant(3)),
                ("created_before", instant(1)),
            ],
            &[],
        ),
        (vec![("q", "sup"), ("tag", "b")], &[0, 2]),
        (vec![("q", "sup"), ("status", "active")], &[1]),
        (vec![("q", "sup"), ("created_after", instant(1))], &[1, 2]),
        (vec![("tag", "b"), ("status", "archived")], &[2]),
        (vec![("tag", "a"), ("created_before", instant(1))], &[0]),
        (
            vec![("status", "active"), ("created_after", instant(2))],
            &[3],
        ),
        (
            vec![
                ("q", "s"),
                ("tag", "a"),
                ("tag", "b"),
                ("status", "paused"),
                ("created_after", instant(0)),
                ("created_before", instant(1)),
            ],
            &[0],
        ),
    ];
    for (mut query, expected) in cases {
        for order in ORDERS {
            query.push(("order", order));
            let found = names(&list(&app, &query).await);
            let mut expected: Vec<_> = expected
                .iter()
                .map(|agent| agents[*agent]["name"].as_str().unwrap())
                .collect();
            expected.sort_by_key(|name| by_name(name));
            if order.starts_with("name") {
                expected.sort_unstable();
            }
            if order.ends_with("desc") {
                expected.reverse();
            }
            assert_eq!(found, expected, "{query:?}");
            query.pop();
        }
    }
    assert_eq!(
        names(&list(&app, &[]).await)[0],
        "last ärger",
        "newest first by default"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wildcards_are_plain_characters() {
    let app = TestApp::start().await;
    let all = [
        "%",
        "100% sure",
        "100 sure",
        "_a_b_",
        "xaybz",
        r"c:\dir",
        "c:dir",
        r"\%",
        "é_",
    ];
    for name in all {
        create(&app, name).await;
    }
    for (q, expected) in [
        ("%", vec!["%"]),
        ("_", vec!["_a_b_"]),
        ("\\", vec![r"\%"]),
        (r"\%", vec![r"\%"]),
        ("0% ", vec!["100% sure"]),
        ("_a_", vec!["_a_b_"]),
        (r"c:\", vec![r"c:\dir"]),
        (r":\d", vec![r"c:\dir"]),
        ("É_", vec!["é_"]),
        ("%%%", vec![]),
    ] {
        let found = names(&list(&app, &[("q", q), ("order", "name_asc")]).await);
        assert_eq!(found, expected, "{q}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_read_with_any_offset_and_none_is_refused() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    create(&app, "n").await;
    session
        .run("UPDATE agents SET created_at = '2026-03-01T12:00:00.000001Z'")
        .await;
    for (after, found) in [
        ("2026-03-01T12:00:00.000001Z", 1),
        ("2026-03-01T12:00:00.000002Z", 0),
        ("2026-03-01T14:00:00.000001+02:00", 1),
        ("2026-03-01T14:00:00.000002+02:00", 0),
        ("2026-03-01T06:30:00.000001-05:30", 1),
        ("2026-02-28T23:59:60Z", 1),
        ("0001-01-01T00:00:00Z", 1),
        ("9999-12-31T23:59:59.999999Z", 0),
    ] {
        let after = list(&app, &[("created_after", after)]).await;
        assert_eq!(names(&after).len(), found, "{after:?}");
    }
    for bad in [
        "",
        "now",
        "2026-03-01",
        "2026-03-01T12:00:00",
        "infinity",
        "2026-02-30T00:00:00Z",
        "2026-03-01T12:00:00 02:00",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
    ] {
        for parameter in ["created_after", "created_before"] {
            let refused = list(&app, &[(parameter, bad)]).await;
            assert_eq!(
                (refused.status, refused.places()),
                (422, vec![parameter]),
                "{bad}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_out_of_their_bounds_are_refused_by_name() {
    let app = TestApp::start().await;
    for (parameter, value) in [
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "1001"),
        ("limit", "2147483648"),
        ("limit", "9223372036854775808"),
        ("limit", "10abc"),
        ("limit", "1.0"),
        ("limit", ""),
        ("order", "id"),
        ("order", "name_asc; DROP TABLE agents"),
        ("status", "Active"),
        ("status", ""),
        ("q", ""),
        ("name", ""),
        ("cursor", ""),
    ] {
        let refused = list(&app, &[(parameter, value)]).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![parameter]),
            "{value}"
        );
    }
    let long = "x".repeat(201);
    for parameter in ["q", "name"] {
        let refused = list(&app, &[(parameter, &long)]).await;
        assert_eq!((refused.status, refused.places()), (422, vec![parameter]));
        assert_eq!(list(&app, &[(parameter, &long[1..])]).await.status, 200);
    }
    let tags = vec![("tag", "t"); 65];
    let refused = list(&app, &tags).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["tag"]));
    assert_eq!(list(&app, &tags[1..]).await.status, 200);
}
