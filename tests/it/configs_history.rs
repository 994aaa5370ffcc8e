//! Every version of a config stays: it can be listed, read as of a time, and restored.

use serde_json::{Value, json};

use crate::{
    configs::configs,
    support::{TestApp, cluster::Session},
};

/// Sets the key to these values, one after the other.
async fn history(app: &TestApp, path: &str, values: &[Value]) {
    for value in values {
        let set = app.post(path, &json!({ "key": "k", "value": value })).await;
        assert!(set.status < 300, "{}", set.text);
    }
}

/// What the versions hold, oldest first; null for those that deleted.
async fn values(app: &TestApp, path: &str) -> Vec<Value> {
    let list = app.get(&format!("{path}/k/versions?limit=1000")).await;
    let items = list.json["items"].as_array().unwrap();
    items
        .iter()
        .rev()
        .map(|item| item["value"].clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_listed_newest_first_in_pages() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    history(&app, &path, &[json!(1), json!(2), json!(3)]).await;
    app.delete(&format!("{path}/k")).await;
    history(&app, &path, &[json!(5)]).await;
    let (mut versions, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{path}/k/versions?limit=2{cursor}")).await;
        versions.extend(page.json["items"].as_array().unwrap().clone());
        let Some(next) = page.json["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    let numbers: Vec<_> = versions
        .iter()
        .map(|v| v["version"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [5, 4, 3, 2, 1]);
    let deleted: Vec<_> = versions.iter().map(|v| v["deleted"] == true).collect();
    assert_eq!(deleted, [false, true, false, false, false]);
    assert_eq!(versions[1]["value"], json!(null));
    let nothing = app.get(&format!("{path}/never/versions")).await;
    assert_eq!(nothing.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_version_is_read_by_number_and_as_of_a_time() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let one = format!("{path}/k");
    history(&app, &path, &[json!("a"), json!("b")]).await;
    app.delete(&one).await;
    history(&app, &path, &[json!("d")]).await;
    for (version, status, value) in [
        (1, 200, json!("a")),
        (2, 200, json!("b")),
        (3, 404, json!(null)),
        (4, 200, json!("d")),
        (5, 404, json!(null)),
        (1_i64 << 31, 404, json!(null)),
    ] {
        let read = app.get(&format!("{one}?version={version}")).await;
        assert_eq!(
            (read.status, &read.json["value"]),
            (status, &value),
            "{version}"
        );
    }
    let session = Session::open(&app.database_url).await;
    session
        .run(
            "UPDATE config_versions SET changed_at = timestamptz '2026-01-01 00:00Z' + version * interval '1 h';
             UPDATE configs SET created_at = timestamptz '2026-01-01 01:00Z'",
        )
        .await;
    for (time, status, value) in [
        ("00:59:59.999999Z", 404, json!(null)),
        ("01:00:00Z", 200, json!("a")),
        ("01:59:59.999999Z", 200, json!("a")),
        ("02:00:00Z", 200, json!("b")),
        ("04:00:00%2B02:00", 200, json!("b")),
        ("03:30:00Z", 404, json!(null)),
        ("04:00:00Z", 200, json!("d")),
        ("23:00:00Z", 200, json!("d")),
    ] {
        let read = app.get(&format!("{one}?as_of=2026-01-01T{time}")).await;
        assert_eq!(
            (read.status, &read.json["value"]),
            (status, &value),
            "{time}"
        );
    }
    for (query, places) in [
        ("version=0", vec!["version"]),
        ("version=-1", vec!["version"]),
        ("version=x", vec!["version"]),
        ("version=9223372036854775808", vec!["version"]),
        ("as_of=yesterday", vec!["as_of"]),
        ("as_of=2026-01-01T00:00:00", vec!["as_of"]),
        (
            "version=1&as_of=2026-01-01T00:00:00Z",
            vec!["version", "as_of"],
        ),
    ] {
        let refused = app.get(&format!("{one}?{query}")).await;
        assert_eq!((refused.status, refused.places()), (422, places), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_config_is_gone_and_its_versions_are_not() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let one = format!("{path}/k");
    history(&app, &path, &[json!(1)]).await;
    let deleted = app.delete(&one).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    assert_eq!(app.get(&one).await.status, 404);
    assert_eq!(app.delete(&one).await.status, 404);
    assert_eq!(app.get(&format!("{one}?version=1")).await.json["value"], 1);
    let again = app.post(&path, &json!({ "key": "k", "value": 1 })).await;
    assert_eq!((again.status, &again.json["version"]), (201, &json!(3)));
    assert_eq!(values(&app, &path).await, [json!(1), json!(null), json!(1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn restoring_makes_a_new_version_of_an_old_one() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let restore = format!("{path}/k/restore");
    let first =
        json!({ "key": "k", "value": 1, "description": "one", "schema": { "type": "integer" } });
    app.post(&path, &first).await;
    let second =
        json!({ "key": "k", "value": "2", "description": "two", "schema": null, "secret": true });
    app.post(&path, &second).await;
    let restored = app.post(&restore, &json!({ "version": 1 })).await;
    assert_eq!((restored.status, restored.header("etag")), (200, "\"3\""));
    for (member, value) in first.as_object().unwrap() {
        assert_eq!(&restored.json[member], value, "{member}");
    }
    assert_eq!(restored.json["secret"], false);
    let again = app.post(&restore, &json!({ "version": 3 })).await;
    assert_eq!(
        (again.status, &again.json),
        (200, &restored.json),
        "nothing changes"
    );
    let secret = app.post(&restore, &json!({ "version": 2 })).await;
    assert_eq!(
        (&secret.json["value"], &secret.json["secret"]),
        (&json!("2"), &json!(true))
    );
    app.delete(&format!("{path}/k")).await;
    let revived = app.post(&restore, &json!({ "version": 1 })).await;
    assert_eq!((revived.status, &revived.json["version"]), (200, &json!(6)));
    assert_eq!(app.get(&format!("{path}/k")).await.json, revived.json);
    for (version, status) in [(5, 404), (7, 404), (1_i64 << 31, 404), (0, 422), (-1, 422)] {
        let refused = app.post(&restore, &json!({ "version": version })).await;
        assert_eq!(refused.status, status, "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_times_of_versions_go_forward_though_clocks_go_back() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    history(&app, &path, &[json!(1)]).await;
    let session = Session::open(&app.database_url).await;
    session
        .run("UPDATE config_versions SET changed_at = now() + interval '1 hour'")
        .await;
    history(&app, &path, &[json!(2)]).await;
    let list = app.get(&format!("{path}/k/versions")).await;
    let items = &list.json["items"];
    assert_eq!(items[0]["changed_at"], items[1]["changed_at"]);
    let at = items[0]["changed_at"].as_str().unwrap();
    let read = app.get(&format!("{path}/k?as_of={at}")).await;
    assert_eq!(read.json["value"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deleted_agent_had_goes_in_chunks() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let path = configs(&app).await;
    let other = configs(&app).await;
    history(&app, &path, &[json!(1)]).await;
    history(&app, &other, &[json!(1)]).await;
    let agent = path.split('/').nth(2).unwrap();
    session
        .run(&format!(
            "INSERT INTO configs SELECT tenant_id, agent_id, 'n' || i, 1, false, now()
                FROM config_heads, generate_series(2, 1200) AS i WHERE agent_id = '{agent}';
             INSERT INTO config_versions SELECT tenant_id, agent_id, 'n' || i, 1, i, '1', NULL, NULL, NULL, false,
                false, now(), agent_id FROM config_heads, generate_series(2, 1200) AS i WHERE agent_id = '{agent}';
             CREATE TABLE gone (transaction xid8);
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN INSERT INTO gone VALUES (pg_current_xact_id()); RETURN NULL; END';
             CREATE TRIGGER note AFTER DELETE ON configs FOR EACH ROW EXECUTE FUNCTION note();
             CREATE TRIGGER note AFTER DELETE ON config_versions FOR EACH ROW EXECUTE FUNCTION note();
             CREATE TRIGGER note AFTER DELETE ON config_heads FOR EACH ROW EXECUTE FUNCTION note();
             CREATE TRIGGER note AFTER DELETE ON agents FOR EACH ROW EXECUTE FUNCTION note()"
        ))
        .await;
    app.delete(path.trim_end_matches("/configs")).await;
    session
        .run(
            "UPDATE agents SET deleted_at = now() - interval '1 hour' WHERE deleted_at IS NOT NULL",
        )
        .await;
    assert_eq!(app.maintain().await, 1200 + 1200 + 1 + 1);
    let largest = "SELECT max(n) FROM (SELECT count(*) AS n FROM gone GROUP BY transaction) AS t";
    assert!(session.number(largest).await <= 1_000);
    for table in ["configs", "config_versions", "config_heads", "agents"] {
        let left = session
            .number(&format!("SELECT count(*) FROM {table}"))
            .await;
        assert_eq!(left, 1, "{table}");
    }
    assert_eq!(app.get(&format!("{other}/k")).await.status, 200);
}
