//! Lists of agents: pages and cursors.

use std::collections::BTreeSet;

use agentdata::{auth::Scope, values::Id};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents::create,
    agents_list::{ORDERS, list, names},
    support::{TestApp, cluster::Session},
};

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
