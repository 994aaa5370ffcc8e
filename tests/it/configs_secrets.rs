//! Secret values: encrypted in the database, masked for most, and nowhere else.

use agentdata::auth::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    configs::{configs, set_if},
    support::{Answer, TestApp, cluster::Session},
};

const SECRET: &str = "hunter2-correct-horse";

/// Calls with a token that has not the scope `configs:secrets`.
async fn plainly(app: &TestApp, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let scopes = [Scope::ConfigsRead, Scope::ConfigsWrite];
    let mut request = app
        .anonymous(method, path)
        .bearer_auth(app.token(&scopes, "default"));
    if let Some(body) = body {
        request = request.json(body);
    }
    app.send(request).await
}

/// Every row of every table as text.
async fn dump(app: &TestApp) -> String {
    let session = Session::open(&app.database_url).await;
    let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
    let mut all = String::new();
    for table in session.texts(tables).await {
        let rows = session
            .texts(&format!("SELECT t::text FROM {table} AS t"))
            .await;
        all.push_str(&rows.join("\n"));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_to_tokens_with_the_scope_only() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let one = format!("{path}/api.key");
    let body = json!({ "key": "api.key", "value": { "token": SECRET }, "secret": true });
    let created = plainly(&app, Method::POST, &path, Some(&body)).await;
    assert_eq!(
        (created.status, &created.json["masked"]),
        (201, &json!(true))
    );
    for answer in [
        created,
        plainly(&app, Method::GET, &one, None).await,
        plainly(&app, Method::GET, &format!("{one}?version=1"), None).await,
    ] {
        assert_eq!(
            (&answer.json["value"], &answer.json["masked"]),
            (&json!(null), &json!(true))
        );
        assert!(!answer.text.contains(SECRET));
    }
    for list in [&path, &format!("{one}/versions")] {
        let masked = plainly(&app, Method::GET, list, None).await;
        let item = &masked.json["items"][0];
        assert_eq!(
            (&item["value"], &item["masked"]),
            (&json!(null), &json!(true))
        );
        assert!(!masked.text.contains(SECRET));
        let shown = app.get(list).await;
        let item = &shown.json["items"][0];
        assert_eq!(
            (&item["value"], &item["masked"]),
            (&body["value"], &json!(false))
        );
    }
    let shown = app.get(&one).await;
    assert_eq!(
        (&shown.json["value"], &shown.json["masked"]),
        (&body["value"], &json!(false))
    );
    let masked = plainly(&app, Method::GET, &one, None).await;
    assert_eq!(
        masked.header("etag"),
        shown.header("etag"),
        "the tag says nothing of the value"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_stays_one_until_the_request_says_otherwise() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let set = async |body: Value| app.post(&path, &body).await.json;
    set(json!({ "key": "k", "value": 1, "secret": true })).await;
    let again = set(json!({ "key": "k", "value": 1 })).await;
    assert_eq!(
        (&again["version"], &again["secret"]),
        (&json!(1), &json!(true))
    );
    let other = set(json!({ "key": "k", "value": 2, "secret": null })).await;
    assert_eq!(
        (&other["version"], &other["secret"]),
        (&json!(2), &json!(true))
    );
    let open = set(json!({ "key": "k", "value": 2, "secret": false })).await;
    assert_eq!(
        (&open["version"], &open["secret"]),
        (&json!(3), &json!(false))
    );
    app.delete(&format!("{path}/k")).await;
    let anew = set(json!({ "key": "k", "value": 2 })).await;
    assert_eq!(anew["secret"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_holds_a_secret_in_the_clear() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let restore = format!("{path}/k/restore");
    let values = [
        json!(SECRET),
        json!({ SECRET: [SECRET] }),
        json!([SECRET, 1]),
    ];
    for (index, value) in values.iter().enumerate() {
        let body =
            json!({ "key": "k", "value": value, "secret": true, "description": "api.example" });
        let key = format!("key{index}");
        let set = set_if(&app, &path, &body, ("Idempotency-Key", &key)).await;
        assert!(set.status < 300, "{}", set.text);
    }
    app.post(&restore, &json!({ "version": 1 })).await;
    app.delete(&format!("{path}/k")).await;
    app.post(&restore, &json!({ "version": 2 })).await;
    let all = dump(&app).await;
    assert!(
        all.contains("api.example"),
        "the dump has what it should have"
    );
    assert!(!all.contains(SECRET));
    let hex = |text: &str| {
        text.bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    assert!(!all.contains(&hex(SECRET)));
    // Nor a hash that others could compute, to try guesses.
    let request = |body: &Value| {
        let agent = path.split('/').nth(2).unwrap();
        let mut text = format!("set_config\0{agent}\0").into_bytes();
        text.extend(serde_json::to_vec(body).unwrap());
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text)
    };
    for value in &values {
        let body =
            json!({ "key": "k", "value": value, "secret": true, "description": "api.example" });
        let hash: String = request(&body)
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert!(!all.contains(&hash));
    }
    let sealed = "SELECT DISTINCT encode(sealed_value, 'hex') FROM config_versions WHERE secret AND NOT deleted";
    let session = Session::open(&app.database_url).await;
    assert_eq!(
        session.texts(sealed).await.len(),
        5,
        "the same value never looks the same"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_does_not_open_is_a_clear_error_for_it_alone() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    for (key, secret) in [("bad", true), ("good", true), ("plain", false)] {
        app.post(
            &path,
            &json!({ "key": key, "value": SECRET, "secret": secret }),
        )
        .await;
    }
    let session = Session::open(&app.database_url).await;
    // Another's value is sealed under another name, and so is as good as under another key.
    session
        .run(
            "UPDATE config_versions SET sealed_value =
                (SELECT sealed_value FROM config_versions WHERE key = 'good') WHERE key = 'bad'",
        )
        .await;
    for broken in [
        app.get(&format!("{path}/bad")).await,
        app.get(&path).await,
        app.get(&format!("{path}/bad/versions")).await,
    ] {
        assert_eq!(
            (broken.status, &broken.json["code"]),
            (500, &json!("secret_unreadable"))
        );
        let detail = broken.json["detail"].as_str().unwrap();
        assert!(
            detail.contains("`bad`") && detail.contains("master key"),
            "{detail}"
        );
    }
    for (key, status) in [("good", 200), ("plain", 200)] {
        assert_eq!(app.get(&format!("{path}/{key}")).await.status, status);
    }
    let masked = plainly(&app, Method::GET, &path, None).await;
    assert_eq!(
        (
            masked.status,
            masked.json["items"].as_array().unwrap().len()
        ),
        (200, 3)
    );
    let restored = app
        .post(&format!("{path}/bad/restore"), &json!({ "version": 1 }))
        .await;
    assert_eq!(restored.json["code"], "secret_unreadable");
    let mended = app
        .post(&path, &json!({ "key": "bad", "value": SECRET }))
        .await;
    assert_eq!((mended.status, &mended.json["version"]), (200, &json!(2)));
    assert_eq!(app.get(&format!("{path}/bad")).await.json["value"], SECRET);
}
