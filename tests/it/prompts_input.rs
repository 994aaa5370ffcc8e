//! What a prompt may not hold.

use reqwest::Method;
use serde_json::json;

use crate::{
    prompts::{create, prompts, text},
    support::{TestApp, cluster::Session},
};

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let path = prompts(&app).await;
    let depth = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    let with_config =
        |config: &str| format!(r#"{{"type":"text","template":"t","config":{config}}}"#);
    let cases = [
        (r#"{"type":"text","template":"\u0000"}"#.to_owned(), 422),
        (
            r#"{"type":"chat","messages":[{"role":"user","content":"a\u0000"}]}"#.to_owned(),
            422,
        ),
        (with_config(r#"{"a":["\u0000"]}"#), 422),
        (with_config(r#"{"\u0000":1}"#), 422),
        (r#"{"type":"text","template":"\ud800"}"#.to_owned(), 400),
        (with_config(r#"{"a":"\udfff"}"#), 400),
        (with_config(r#"{"\ud800":1}"#), 400),
        (with_config(r#"{"a":1e400}"#), 422),
        (with_config(r#"{"a":[-1e999]}"#), 422),
        (with_config(r#"{"a":NaN}"#), 400),
        (with_config(&depth(200)), 400),
        (with_config(&depth(100_000)), 400),
        (with_config("[]"), 422),
        (
            with_config(&format!(r#"{{"a":"{}"}}"#, "x".repeat(65_536))),
            422,
        ),
        (
            format!(
                r#"{{"type":"text","template":"{}"}}"#,
                "x".repeat(1024 * 1024)
            ),
            413,
        ),
        (
            format!(r#"{{"type":"text","template":"{}"}}"#, "x".repeat(200_001)),
            422,
        ),
        (
            r#"{"type":"text","template":"t","labels":["latest"]}"#.to_owned(),
            422,
        ),
        (
            r#"{"type":"text","template":"t","labels":["Production"]}"#.to_owned(),
            422,
        ),
        (
            r#"{"type":"text","template":"t","labels":["a","a"]}"#.to_owned(),
            422,
        ),
        (
            r#"{"type":"text","template":"t","parent_version":-1}"#.to_owned(),
            422,
        ),
        (
            r#"{"type":"text","template":"t","parent_version":2147483648}"#.to_owned(),
            422,
        ),
        (
            r#"{"type":"text","template":"t","version":7}"#.to_owned(),
            422,
        ),
        (r#"{"type":"text","messages":[]}"#.to_owned(), 422),
        (
            r#"{"type":"chat","messages":[{"role":"user"}]}"#.to_owned(),
            422,
        ),
        (
            r#"{"type":"chat","messages":[{"role":"user","content":"a","placeholder":"b"}]}"#
                .to_owned(),
            422,
        ),
        (
            r#"{"type":"chat","messages":[{"placeholder":"a b"}]}"#.to_owned(),
            422,
        ),
        (
            r#"{"type":"chat","messages":[{"placeholder":""}]}"#.to_owned(),
            422,
        ),
        (r#"{"type":"chat","messages":[{}]}"#.to_owned(), 422),
        (
            r#"{"type":"chat","messages":[["user","a"]]}"#.to_owned(),
            422,
        ),
        (r#"["text","t"]"#.to_owned(), 422),
        ("[]".to_owned(), 422),
        ("null".to_owned(), 422),
    ];
    for (body, status) in cases {
        let request = app.request(Method::POST, &path);
        let request = request
            .header("content-type", "application/json")
            .body(body.clone());
        let answer = app.send(request).await;
        let shown: String = body.chars().take(100).collect();
        assert_eq!(answer.status, status, "{shown}: {}", answer.text);
    }
    let halves = "x".repeat(100_001);
    let messages = json!([
        { "role": "user", "content": halves }, { "role": "user", "content": halves },
    ]);
    let together = app
        .post(&path, &json!({ "type": "chat", "messages": messages }))
        .await;
    assert_eq!(
        (together.status, together.places()),
        (422, vec!["/messages"])
    );
    create(&app, &path, &text("{{ x }}")).await;
    for body in [
        r#"{"variables":{"x":"\u0000"}}"#,
        r#"{"variables":{"x":1e400}}"#,
        r#"{"variables":[]}"#,
        r#"{"variables":null}"#,
        r#"{"values":{}}"#,
    ] {
        let request = app.request(Method::POST, &format!("{path}/1/render"));
        let request = request
            .header("content-type", "application/json")
            .body(body);
        assert_eq!(app.send(request).await.status, 422, "{body}");
    }
    for version in ["0", "-1", "2147483648"] {
        let refused = app
            .post(&format!("{path}/{version}/render"), &json!({}))
            .await;
        assert_eq!((refused.status, refused.places()), (422, vec!["version"]));
    }
    assert_eq!(session.number("SELECT count(*) FROM prompts").await, 1);
    assert_eq!(
        session.number("SELECT count(*) FROM prompt_labels").await,
        0
    );
}
