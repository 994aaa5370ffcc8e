//! A config may have a JSON Schema, which its values must fit.

use serde_json::{Value, json};

use crate::{
    configs::configs,
    support::{Answer, TestApp},
};

async fn set(app: &TestApp, path: &str, body: Value) -> Answer {
    app.post(path, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_breaks_the_schema_is_refused_by_place() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": { "port": { "$ref": "#/$defs/port" }, "tags": { "items": { "pattern": "^[a-z]+$" } } },
        "required": ["port"],
        "$defs": { "port": { "type": "integer", "minimum": 1, "maximum": 65535 } },
    });
    let body = |value: Value| json!({ "key": "k", "value": value, "schema": schema });
    for (value, places) in [
        (json!({ "port": 0 }), vec!["/value/port"]),
        (
            json!({ "port": "80", "tags": ["a", "B"] }),
            vec!["/value/port", "/value/tags/1"],
        ),
        (json!({}), vec!["/value"]),
        (json!(null), vec!["/value"]),
    ] {
        let refused = set(&app, &path, body(value.clone())).await;
        let mut found = refused.places();
        found.sort_unstable();
        assert_eq!((refused.status, found), (422, places), "{value}");
    }
    assert_eq!(
        app.get(&path).await.json["items"],
        json!([]),
        "nothing was stored"
    );
    let good = set(&app, &path, body(json!({ "port": 80, "tags": ["a"] }))).await;
    assert_eq!((good.status, &good.json["schema"]), (201, &schema));
    // It guards later values too, until it is taken away.
    let refused = set(&app, &path, json!({ "key": "k", "value": { "port": -1 } })).await;
    assert_eq!(
        (refused.status, refused.places()),
        (422, vec!["/value/port"])
    );
    let freed = set(
        &app,
        &path,
        json!({ "key": "k", "value": -1, "schema": null }),
    )
    .await;
    assert_eq!((freed.status, &freed.json["version"]), (200, &json!(2)));
    let restored = app
        .post(&format!("{path}/k/restore"), &json!({ "version": 1 }))
        .await;
    assert_eq!(restored.json["schema"], schema);
    let refused = set(&app, &path, json!({ "key": "k", "value": { "port": -1 } })).await;
    assert_eq!(refused.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_none_or_leads_out_is_refused() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    for (schema, place) in [
        (json!({ "type": "strin" }), "/schema/type"),
        (
            json!({ "$ref": "https://example.com/schema.json" }),
            "/schema/$ref",
        ),
        (json!({ "$ref": "file:///etc/passwd" }), "/schema/$ref"),
        (json!({ "$ref": "#" }), "/schema/$ref"),
        (
            json!({ "$schema": "http://json-schema.org/draft-04/schema#" }),
            "/schema/$schema",
        ),
        (json!({ "pattern": "(" }), "/schema/pattern"),
    ] {
        let refused = set(
            &app,
            &path,
            json!({ "key": "k", "value": 1, "schema": schema }),
        )
        .await;
        assert_eq!(refused.status, 422, "{schema}: {}", refused.text);
        assert!(
            refused.places().contains(&place),
            "{schema}: {}",
            refused.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_secret_that_breaks_its_schema_nothing_is_quoted() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let schema =
        json!({ "properties": { "p": { "maxLength": 3 } }, "additionalProperties": false });
    let value = json!({ "p": "hunter2", "hunter2": 1 });
    let body = json!({ "key": "k", "value": value, "schema": schema, "secret": true });
    let refused = set(&app, &path, body).await;
    assert_eq!(
        (refused.status, refused.places()),
        (422, vec!["/value", "/value"])
    );
    assert!(!refused.text.contains("hunter2"), "{}", refused.text);
}
