//! Lists of agents: filters, orders and pages.

use std::collections::BTreeSet;

use agentdata::{auth::Scope, values::Id};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents::create,
    support::{Answer, TestApp, cluster::Session},
};

const ORDERS: [&str; 4] = ["created_at_asc", "created_at_desc", "name_asc", "name_desc"];

async fn list(app: &TestApp, query: &[(&str, &str)]) -> Answer {
    app.send(app.request(Method::GET, "/agents").query(query))
        .await
}

/// The names on a page.
fn names(page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let items = page.json["items"].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The names on all pages, and how long each page was.
async fn walk(app: &TestApp, query: &[(&str, &str)]) -> (Vec<String>, Vec<usize>) {
    let (mut all, mut lengths) = (Vec::new(), Vec::new());
    let mut cursor: Option<String> = None;
    loop {
        let mut query = query.to_vec();
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = list(app, &query).await;
        let names = names(&page);
        lengths.push(names.len());
        all.extend(names);
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return (all, lengths),
        }
    }
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

/// The filters, and the numbers of the agents that they find.
type Case<'a> = (Vec<(&'a str, &'a str)>, &'a [usize]);

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
async fn a_walk_in_pages_of_any_size_meets_everything_once() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let ids = ["c", "a", "b"].map(|_| Id::new().to_string());
    for (number, name) in ["b", "ä", "a", "Z", "é", "e", "aa", "A", "🦀", "z"]
        .iter()
        .enumerate()
    {
        let id = ids.get(number).cloned();
        let body = json!({ "id": id, "name": name, "tags": ["t"] });
        assert_eq!(app.post("/agents", &body).await.status, 201);
    }
    // Equal instants: the id decides.
    session
        .run("UPDATE agents SET created_at = '2026-01-01Z' WHERE name IN ('b', 'a', 'e', 'z')")
        .await;
    for order in ORDERS {
        for filter in [
            vec![],
            vec![("tag", "t")],
            vec![("created_after", "2020-01-01T00:00:00Z")],
        ] {
            let mut query = vec![("order", order), ("limit", "1000")];
            query.extend(filter);
            let whole = names(&list(&app, &query).await);
            assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 10);
            if order == "name_asc" {
                assert!(whole.is_sorted());
            }
            for size in 1..=11_usize {
                let limit = size.to_string();
                let mut query = query.clone();
                query[1] = ("limit", &limit);
                let (all, lengths) = walk(&app, &query).await;
                assert_eq!(all, whole, "{query:?}");
                assert!(
                    lengths[..lengths.len() - 1]
                        .iter()
                        .all(|length| *length == size)
                );
                assert!(lengths.iter().all(|length| *length > 0), "{query:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_what_stands_far_ahead_in_the_order() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    create(&app, "template").await;
    // More than a search looks ahead; what it is for stands at both ends and once in the middle.
    session
        .run(
            "INSERT INTO agents
             SELECT t.tenant_id, gen_random_uuid(), to_char(i, 'FM00000') ||
                    CASE WHEN i <= 30 OR i = 2500 OR i > 4970 THEN '-needle' ELSE '' END,
                t.description, t.status, t.model,
                CASE WHEN i <= 30 OR i = 2500 OR i > 4970 THEN ARRAY['needle'] ELSE '{}' END,
                t.metadata, 1, timestamptz '2026-01-01Z' + i * interval '1 s', now(), NULL
             FROM agents AS t, generate_series(1, 5000) AS i",
        )
        .await;
    let expected: Vec<_> = (1..=5000)
        .filter(|i| *i <= 30 || *i == 2500 || *i > 4970)
        .map(|i| format!("{i:05}-needle"))
        .collect();
    for order in ORDERS {
        for filter in [("q", "needle"), ("tag", "needle")] {
            for limit in ["7", "30", "31", "61", "100"] {
                let query = [filter, ("order", order), ("limit", limit)];
                let (mut all, lengths) = walk(&app, &query).await;
                if order.ends_with("desc") {
                    all.reverse();
                }
                assert_eq!(all, expected, "{query:?}");
                assert_eq!(
                    lengths.len(),
                    61_usize.div_ceil(limit.parse().unwrap()),
                    "{query:?}"
                );
            }
        }
    }
    let first = "2026-01-01T00:00:30Z";
    let query = [
        ("created_before", first),
        ("order", "name_desc"),
        ("limit", "10"),
    ];
    let (all, lengths) = walk(&app, &query).await;
    assert_eq!((all.len(), lengths), (29, vec![10, 10, 9]));
    assert!(all.is_sorted_by(|a, b| a > b));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_and_goes_meanwhile_neither_repeats_nor_hides_the_rest() {
    let app = TestApp::start().await;
    for order in ORDERS {
        for filter in ["", "&tag=t", "&q=n"] {
            let tenant = format!("{order}{filter}");
            let token = app.token(Scope::ALL, &tenant);
            let send = async |method: Method, path: &str, body: Option<Value>| {
                let mut request = app.anonymous(method, path).bearer_auth(&token);
                if let Some(body) = body {
                    request = request.json(&body);
                }
                app.send(request).await
            };
            let mut paths = Vec::new();
            for number in (10..40).step_by(2) {
                let body = json!({ "name": format!("n{number}"), "tags": ["t"] });
                let created = send(Method::POST, "/agents", Some(body)).await;
                paths.push(format!("/agents/{}", created.json["id"].as_str().unwrap()));
            }
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            for round in 0.. {
                let path = format!("/agents?limit=4&order={order}{filter}{cursor}");
                let page = send(Method::GET, &path, None).await;
                seen.extend(names(&page));
                let Some(next) = page.json["next_cursor"].as_str() else {
                    break;
                };
                cursor = format!("&cursor={next}");
                // One in front, one behind, one between; and one goes, which is the page's last.
                for number in [round, 90 + round, 11 + 2 * round] {
                    let body = json!({ "name": format!("n{number:02}"), "tags": ["t"] });
                    send(Method::POST, "/agents", Some(body)).await;
                }
                if round == 0 {
                    let last = page.json["items"][3]["id"].as_str().unwrap();
                    let gone = send(Method::DELETE, &format!("/agents/{last}"), None).await;
                    assert_eq!(gone.status, 204);
                }
                assert!(round < 20, "the walk does not end");
            }
            let distinct: BTreeSet<_> = seen.iter().collect();
            assert_eq!(distinct.len(), seen.len(), "{tenant}: {seen:?}");
            for number in (10..40).step_by(2) {
                assert!(
                    distinct.contains(&format!("n{number}")),
                    "{tenant}: n{number}: {seen:?}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_serves_its_own_list_only() {
    let app = TestApp::start().await;
    for name in ["aaa", "aab", "aac"] {
        create(&app, name).await;
    }
    let own = [
        ("q", "aa"),
        ("status", "active"),
        ("order", "name_asc"),
        ("limit", "1"),
    ];
    let page = list(&app, &own).await;
    let cursor = page.json["next_cursor"].as_str().unwrap();
    let with = |query: &[(&'static str, &'static str)]| {
        let mut query = query.to_vec();
        query.push(("cursor", Box::leak(cursor.to_owned().into_boxed_str())));
        query
    };
    assert_eq!(names(&list(&app, &with(&own)).await), ["aab"]);
    // The page's size is no part of the list.
    let larger = [
        ("q", "aa"),
        ("status", "active"),
        ("order", "name_asc"),
        ("limit", "9"),
    ];
    assert_eq!(names(&list(&app, &with(&larger)).await), ["aab", "aac"]);
    for other in [
        vec![],
        vec![("q", "aa"), ("status", "active")],
        vec![("q", "aa"), ("status", "active"), ("order", "name_desc")],
        vec![
            ("q", "aa"),
            ("status", "active"),
            ("order", "created_at_asc"),
        ],
        vec![("q", "a"), ("status", "active"), ("order", "name_asc")],
        vec![("q", "aa"), ("order", "name_asc")],
        vec![("q", "aa"), ("status", "paused"), ("order", "name_asc")],
        vec![
            ("q", "aa"),
            ("status", "active"),
            ("order", "name_asc"),
            ("tag", "t"),
        ],
        vec![
            ("q", "aa"),
            ("status", "active"),
            ("order", "name_asc"),
            ("name", "aab"),
        ],
        vec![
            ("q", "aa"),
            ("status", "active"),
            ("order", "name_asc"),
            ("created_after", "2020-01-01T00:00:00Z"),
        ],
        vec![
            ("q", "aa"),
            ("status", "active"),
            ("order", "name_asc"),
            ("created_before", "2999-01-01T00:00:00Z"),
        ],
    ] {
        let refused = list(&app, &with(&other)).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["cursor"]),
            "{other:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_altered_is_refused() {
    let app = TestApp::start().await;
    for name in ["a", "b"] {
        create(&app, name).await;
    }
    let page = list(&app, &[("limit", "1")]).await;
    let cursor = page.json["next_cursor"].as_str().unwrap();
    let flip = |index: usize| {
        let mut bytes = cursor.as_bytes().to_vec();
        // One that differs in more than the bits that base64 leaves unused at the end.
        bytes[index] = if bytes[index] == b'Q' { b'h' } else { b'Q' };
        String::from_utf8(bytes).unwrap()
    };
    let mut altered: Vec<_> = (0..cursor.len()).map(flip).collect();
    altered.extend(["x", "%", "🦀", "AAAA", "null", "0"].map(str::to_owned));
    altered.push(cursor[1..].to_owned());
    altered.push(cursor[..cursor.len() - 1].to_owned());
    altered.push(format!("{cursor}="));
    altered.push(format!("{cursor}AAAA"));
    altered.push("A".repeat(2000));
    for cursor in altered {
        let refused = list(&app, &[("cursor", &cursor)]).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["cursor"]),
            "{cursor}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_ends_at_8_mib_and_the_walk_goes_on() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    create(&app, "n000").await;
    session
        .run(
            "INSERT INTO agents
             SELECT t.tenant_id, gen_random_uuid(), 'n' || to_char(i, 'FM000'), t.description,
                t.status, t.model, '{t}', jsonb_build_object('a', repeat('x', 65000)), 1,
                now() + i * interval '1 s', now(), NULL
             FROM agents AS t, generate_series(1, 299) AS i",
        )
        .await;
    for query in [
        vec![("order", "name_asc"), ("limit", "1000")],
        vec![("tag", "t"), ("limit", "1000")],
    ] {
        let page = list(&app, &query).await;
        let length = page.text.len();
        assert!((7 << 20..=8 << 20).contains(&length), "{length} bytes");
        let (all, lengths) = walk(&app, &query).await;
        let distinct: BTreeSet<_> = all.iter().collect();
        let expected = if query[0].0 == "tag" { 299 } else { 300 };
        assert_eq!((all.len(), distinct.len()), (expected, expected));
        assert_eq!(lengths.len(), 3, "{lengths:?}");
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
