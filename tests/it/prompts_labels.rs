//! Labels on the versions of a prompt.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    prompts::{create, prompts, text, versions},
    support::{Answer, TestApp, cluster::Session},
};

/// The path of the prompts of a new agent that has so many versions.
async fn versions_of(app: &TestApp, count: usize) -> String {
    let path = prompts(app).await;
    for number in 1..=count {
        create(app, &path, &text(&format!("{number}"))).await;
    }
    path
}

/// Puts a label on a version, with a precondition.
async fn put(
    app: &TestApp,
    path: &str,
    label: &str,
    version: i64,
    condition: Option<(&str, &str)>,
) -> Answer {
    let body = json!({ "version": version });
    let mut request = app
        .request(Method::PUT, &format!("{path}/labels/{label}"))
        .json(&body);
    if let Some((header, tags)) = condition {
        request = request.header(header, tags);
    }
    app.send(request).await
}

/// The labels of an agent, and the versions on which they sit.
async fn labels(app: &TestApp, path: &str) -> Vec<(String, i64)> {
    let page = app.get(&format!("{path}/labels")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let items = page.json["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let label = item["label"].as_str().unwrap().to_owned();
            (label, item["version"].as_i64().unwrap())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_sits_on_one_version_and_moves() {
    let app = TestApp::start().await;
    let path = versions_of(&app, 3).await;
    let by_label = format!("{path}/labels/production");
    assert_eq!(app.get(&by_label).await.status, 404);
    for version in [2, 3, 1] {
        let set = put(&app, &path, "production", version, None).await;
        assert_eq!(set.status, 200, "{}", set.text);
        assert_eq!(
            (&set.json["label"], &set.json["version"]),
            (&json!("production"), &json!(version))
        );
        assert_eq!(set.header("etag"), format!("\"{version}\""));
        let read = app.get(&by_label).await;
        let by_number = app.get(&format!("{path}/{version}")).await;
        assert_eq!((read.status, &read.text), (200, &by_number.text));
        assert_eq!(read.header("etag"), format!("\"{version}\""));
        assert_eq!(read.header("cache-control"), "private, no-cache");
        let list = app.get(&format!("{path}/labels")).await;
        assert_eq!(
            list.json,
            json!({ "items": [set.json], "next_cursor": null })
        );
        let filtered = app.get(&format!("{path}?label=production")).await;
        assert_eq!(filtered.json["items"], json!([by_number.json]));
    }
    assert_eq!(
        app.get(&format!("{path}?label=other")).await.json["items"],
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_takes_labels_with_it_in_one_step() {
    let app = TestApp::start().await;
    let path = versions_of(&app, 1).await;
    put(&app, &path, "staging", 1, None).await;
    let mut body = text("t");
    body["labels"] = json!(["staging", "a.b_c-d", "0"]);
    create(&app, &path, &body).await;
    let sit = |version: i64| {
        let all = ["0", "a.b_c-d", "staging"].map(|label| (label.to_owned(), version));
        all.to_vec()
    };
    assert_eq!(labels(&app, &path).await, sit(2));
    // What is refused moves nothing.
    body["parent_version"] = json!(1);
    assert_eq!(app.post(&path, &body).await.status, 409);
    assert_eq!(labels(&app, &path).await, sit(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn latest_is_the_newest_version_and_nobodys_to_move() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let latest = format!("{path}/labels/latest");
    assert_eq!(app.get(&latest).await.status, 404);
    for version in 1..=3 {
        let created = create(&app, &path, &text("t")).await;
        let read = app.get(&latest).await;
        assert_eq!(
            (&read.json, &created["version"]),
            (&created, &json!(version))
        );
        assert_eq!(
            versions(&app.get(&format!("{path}?label=latest")).await),
            [version]
        );
    }
    let mut body = text("t");
    body["labels"] = json!(["a", "latest"]);
    let refused = app.post(&path, &body).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["/labels/1"]));
    for refused in [
        put(&app, &path, "latest", 1, None).await,
        app.delete(&latest).await,
    ] {
        assert_eq!((refused.status, refused.places()), (422, vec!["label"]));
    }
    assert_eq!(labels(&app, &path).await, []);
    assert_eq!(app.get(&latest).await.json["version"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_compares_with_the_version_on_which_the_label_sits() {
    let app = TestApp::start().await;
    let path = versions_of(&app, 3).await;
    let set = async |version, header, tags| {
        let answer = put(&app, &path, "l", version, Some((header, tags))).await;
        answer.status
    };
    // There is no such label yet.
    assert_eq!(set(1, "If-Match", "\"1\"").await, 412);
    assert_eq!(set(1, "If-Match", "*").await, 412);
    assert_eq!(labels(&app, &path).await, []);
    assert_eq!(set(1, "If-None-Match", "*").await, 200);
    assert_eq!(set(2, "If-None-Match", "*").await, 412);
    assert_eq!(set(2, "If-None-Match", "\"1\"").await, 412);
    assert_eq!(set(2, "If-Match", "\"2\"").await, 412);
    assert_eq!(set(2, "If-Match", "W/\"1\"").await, 412);
    assert_eq!(labels(&app, &path).await, [("l".to_owned(), 1)]);
    assert_eq!(set(2, "If-Match", "\"1\"").await, 200);
    assert_eq!(set(3, "If-Match", "*").await, 200);
    assert_eq!(set(3, "If-Match", "\"7\", \"3\"").await, 200);
    let delete = async |tags: &str| {
        let request = app.request(Method::DELETE, &format!("{path}/labels/l"));
        app.send(request.header("If-Match", tags)).await.status
    };
    assert_eq!(delete("\"2\"").await, 412);
    assert_eq!(delete("\"3\"").await, 204);
    assert_eq!(delete("\"3\"").await, 404);
    assert_eq!(set(1, "If-Match", "*").await, 412);
    assert_eq!(set(1, "If-None-Match", "*").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn if_none_match_tells_whether_the_label_has_moved() {
    let app = TestApp::start().await;
    let path = versions_of(&app, 2).await;
    put(&app, &path, "l", 1, None).await;
    let get = async |tags: &str| {
        let request = app.request(Method::GET, &format!("{path}/labels/l"));
        app.send(request.header("If-None-Match", tags)).await
    };
    let same = get("\"1\"").await;
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    assert_eq!(same.header("etag"), "\"1\"");
    assert_eq!(same.header("cache-control"), "private, no-cache");
    put(&app, &path, "l", 2, None).await;
    assert_eq!(get("\"1\"").await.json["version"], 2);
    app.delete(&format!("{path}/labels/l")).await;
    assert_eq!(get("*").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_moves_of_a_label_are_kept_with_time_and_client() {
    let app = TestApp::start().await;
    let path = versions_of(&app, 2).await;
    let moves = format!("{path}/labels/l/moves");
    assert_eq!(app.get(&moves).await.status, 404);
    let first = put(&app, &path, "l", 1, None).await.json;
    let second = put(&app, &path, "l", 2, None).await.json;
    // It sits there already: no move.
    assert_eq!(put(&app, &path, "l", 2, None).await.json, second);
    app.delete(&format!("{path}/labels/l")).await;
    let mut body = text("t");
    body["labels"] = json!(["l"]);
    create(&app, &path, &body).await;
    let history = app.get(&moves).await;
    let items = history.json["items"].as_array().unwrap();
    let brief: Vec<_> = items
        .iter()
        .map(|item| (item["number"].as_i64().unwrap(), item["version"].as_i64()))
        .collect();
    assert_eq!(brief, [(4, Some(3)), (3, None), (2, Some(2)), (1, Some(1))]);
    for (item, label) in [(&items[3], &first), (&items[2], &second)] {
        assert_eq!(item["moved_at"], label["moved_at"]);
        assert_eq!(item["moved_by"], label["moved_by"]);
    }
    let page = app.get(&format!("{moves}?limit=3")).await;
    let cursor = page.json["next_cursor"].as_str().unwrap();
    let rest = app.get(&format!("{moves}?limit=3&cursor={cursor}")).await;
    assert_eq!(
        rest.json,
        json!({ "items": [items[3]], "next_cursor": null })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_listed_by_name_in_pages() {
    let app = TestApp::start().await;
    let path = versions_of(&app, 1).await;
    for label in ["b", "a-1", "a.1", "a_1", "a", "render", "diff", "labels"] {
        assert_eq!(
            put(&app, &path, label, 1, None).await.status,
            200,
            "{label}"
        );
        assert_eq!(app.get(&format!("{path}/labels/{label}")).await.status, 200);
    }
    app.delete(&format!("{path}/labels/b")).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{path}/labels?limit=3{cursor}")).await;
        let items = page.json["items"].as_array().unwrap().iter();
        seen.extend(items.map(|item| item["label"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["a", "a-1", "a.1", "a_1", "diff", "labels", "render"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_label_or_no_version_is_refused() {
    let app = TestApp::start().await;
    let path = versions_of(&app, 1).await;
    let other = versions_of(&app, 2).await;
    for label in ["A", "-a", "a%20b", "%C3%A4", "a%2Fb", &"a".repeat(64)] {
        let refused = put(&app, &path, label, 1, None).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["label"]),
            "{label}"
        );
        let refused = app.get(&format!("{path}/labels/{label}")).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["label"]),
            "{label}"
        );
    }
    // The version of another agent is none of this one.
    for version in [0, -1, 2, i64::from(i32::MAX), 1 << 31] {
        let refused = put(&app, &path, "l", version, None).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["/version"]),
            "{version}"
        );
    }
    assert_eq!(put(&app, &other, "l", 2, None).await.status, 200);
    let nowhere = "/agents/019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11/prompts";
    assert_eq!(put(&app, nowhere, "l", 1, None).await.status, 404);
    assert_eq!(app.get(&format!("{nowhere}/labels")).await.status, 404);
    assert_eq!(
        app.get(&format!("{path}/labels")).await.json["items"],
        json!([])
    );
    let session = Session::open(&app.database_url).await;
    let kept = "SELECT count(*) FROM prompt_labels WHERE label <> 'l'";
    assert_eq!(session.number(kept).await, 0);
}

/// What one server has answered with success, another one on the same database does not contradict.
#[tokio::test(flavor = "multi_thread")]
async fn a_moved_label_is_seen_at_once_by_another_server() {
    let one = TestApp::start().await;
    let two = TestApp::on_database(one.database_url.clone(), &[]).await;
    let path = versions_of(&one, 2).await;
    let by_label = format!("{path}/labels/production");
    for round in 0..300 {
        let version = 1 + round % 2;
        let set = put(&one, &path, "production", version, None).await;
        assert_eq!(set.status, 200);
        let (first, second) = tokio::join!(two.get(&by_label), two.get(&by_label));
        for read in [first, second] {
            assert_eq!(read.json["version"], version, "round {round}");
        }
        let tag = set.header("etag").to_owned();
        let same = two
            .request(Method::GET, &by_label)
            .header("If-None-Match", tag);
        assert_eq!(two.send(same).await.status, 304, "round {round}");
    }
    for _ in 0..100 {
        let created = create(&one, &path, &text("t")).await;
        let read = two.get(&format!("{path}/labels/latest")).await;
        assert_eq!(read.json, created);
    }
    assert_eq!(one.delete(&by_label).await.status, 204);
    assert_eq!(two.get(&by_label).await.status, 404);
    let history = two.get(&format!("{by_label}/moves?limit=1")).await;
    assert_eq!(history.json["items"][0]["number"], 301);
    assert_eq!(history.json["items"][0]["version"], Value::Null);
}
