//! Prompts rendered with variables.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    prompts::{create, prompts, text},
    support::{Answer, Raw, TestApp, cluster::Session},
};

/// Renders the newest version.
async fn render(app: &TestApp, path: &str, variables: Value) -> Answer {
    let body = json!({ "variables": variables });
    app.post(&format!("{path}/labels/latest/render"), &body)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_rendered_by_number_and_by_label() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let mut first = text("Hello {{ name }}!\n");
    first["config"] = json!({ "model": "m" });
    first["labels"] = json!(["production"]);
    let first = create(&app, &path, &first).await;
    create(
        &app,
        &path,
        &text("{% for n in names %}{{ loop.index }}. {{ n|upper }}\n{% endfor %}"),
    )
    .await;
    let body = json!({ "variables": { "name": "Ada <&>", "unused": [1] } });
    for by in ["1", "labels/production"] {
        let answer = app.post(&format!("{path}/{by}/render"), &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let expected = json!({
            "version": 1, "content_hash": first["content_hash"], "type": "text",
            "text": "Hello Ada <&>!\n", "messages": null, "config": { "model": "m" },
        });
        assert_eq!(answer.json, expected);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let loops = render(&app, &path, json!({ "names": ["ä", "b"] })).await;
    assert_eq!(
        (&loops.json["text"], &loops.json["version"]),
        (&json!("1. Ä\n2. B\n"), &json!(2))
    );
    for by in ["3", "labels/other"] {
        let answer = app.post(&format!("{path}/{by}/render"), &body).await;
        assert_eq!(answer.status, 404, "{by}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_rendered_with_its_placeholders() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let messages = json!([
        { "role": "system", "content": "You know {{ product }}." },
        { "placeholder": "history" },
        { "role": "user", "content": "{{ question }}" },
    ]);
    create(
        &app,
        &path,
        &json!({ "type": "chat", "messages": messages }),
    )
    .await;
    // What stands in for a placeholder is no template.
    let history = json!([
        { "role": "user", "content": "{{ product }} {% if %}" },
        { "role": "tool", "content": "" },
    ]);
    let mut variables = json!({ "product": "it", "question": "Why?", "history": history });
    let answer = render(&app, &path, variables.clone()).await;
    let expected = json!([
        { "role": "system", "content": "You know it." },
        history[0], history[1],
        { "role": "user", "content": "Why?" },
    ]);
    assert_eq!(
        (&answer.json["messages"], &answer.json["text"]),
        (&expected, &Value::Null)
    );
    for (bad, place) in [
        (json!("text"), "/variables/history"),
        (json!([history[0], "text"]), "/variables/history/1"),
        (
            json!([{ "role": "nobody", "content": "" }]),
            "/variables/history/0",
        ),
        (json!([{ "role": "user" }]), "/variables/history/0"),
        (
            json!([{ "role": "user", "content": "", "name": "x" }]),
            "/variables/history/0",
        ),
    ] {
        variables["history"] = bad;
        let refused = render(&app, &path, variables.clone()).await;
        assert_eq!((refused.status, refused.places()), (422, vec![place]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_variables_that_are_missing_are_named() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let messages = json!([
        { "role": "system", "content": "{{ a }}{{ b.c }}" },
        { "role": "user", "content": "{% for x in d %}{{ x }}{% endfor %}" },
        { "placeholder": "e" },
    ]);
    create(
        &app,
        &path,
        &json!({ "type": "chat", "messages": messages }),
    )
    .await;
    let missing = render(&app, &path, json!({ "b": { "c": 1 } })).await;
    assert_eq!(
        (missing.status, missing.places()),
        (422, vec!["/variables/a", "/variables/d", "/variables/e"])
    );
    let missing = render(&app, &path, json!({ "a": 1, "b": { "c": 1 }, "d": [] })).await;
    assert_eq!(
        (missing.status, missing.places()),
        (422, vec!["/variables/e"])
    );
    let all = json!({ "a": 1, "b": { "c": 1 }, "d": [], "e": [] });
    assert_eq!(render(&app, &path, all).await.status, 200);
    // None given at all, not even the field.
    let bare = app.post(&format!("{path}/1/render"), &json!({})).await;
    assert_eq!(bare.places().len(), 4);
    create(
        &app,
        &path,
        &text("{{ x|default('none') }}{% if y is defined %}{{ y }}{% endif %}"),
    )
    .await;
    assert_eq!(render(&app, &path, json!({})).await.json["text"], "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_template_is_refused_with_line_and_column() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    for (template, place) in [
        ("{{ a", "line 1, column 4"),
        ("a\n {% if x %}\n", "line 2, column 12"),
        ("a\nä {{ b c }}", "line 2, column 8"),
        ("{{ a|nonsense }}", "line 1, column 6"),
        ("{{ open('/etc/passwd') }}", "line 1, column 8"),
        ("{% include 'x' %}", "line 1, column 4"),
        (
            "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
            "line 1, column 4",
        ),
    ] {
        let refused = app.post(&path, &text(template)).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["/template"]),
            "{template}"
        );
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.contains(place), "{template}: {detail}");
    }
    let messages = json!([
        { "role": "user", "content": "{{ a }}" },
        { "role": "user", "content": "{{ }}" },
        { "placeholder": "p" },
        { "role": "user", "content": "{%" },
    ]);
    let refused = app
        .post(&path, &json!({ "type": "chat", "messages": messages }))
        .await;
    assert_eq!(
        (refused.status, refused.places()),
        (422, vec!["/messages/1/content", "/messages/3/content"])
    );
    assert_eq!(app.get(&path).await.json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rendering_ends_whatever_the_template() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let forever = "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}";
    let doubling = format!(
        "{{% set a = 'xxxx' %}}{}{{{{ a }}}}",
        "{% set a = a ~ a %}".repeat(40)
    );
    let long = "{% for a in range(1000) %}{{ text }}{% endfor %}";
    for template in [forever, &doubling, long] {
        create(&app, &path, &text(template)).await;
        let variables = json!({ "text": "x".repeat(2_000) });
        let refused = render(&app, &path, variables).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["/variables"]),
            "{template}"
        );
    }
    let just_so = json!({ "text": "x".repeat(1_048) });
    assert_eq!(render(&app, &path, just_so).await.status, 200);
    // 10 MB are refused before they are sent.
    let mut raw = Raw::connect(app.address).await;
    let head = format!(
        "POST {path}/labels/latest/render HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: 10000000\r\n\r\n{{\"variables\":{{\"text\":\"",
        app.all_scopes()
    );
    raw.send(head).await;
    assert_eq!(raw.answer().await.status, 413);
    assert_eq!(app.get("/agents").await.status, 200);
}

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
