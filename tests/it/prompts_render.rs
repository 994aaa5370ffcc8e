//! Prompts rendered with variables.

use serde_json::{Value, json};

use crate::{
    prompts::{create, prompts, text},
    support::{Answer, Raw, TestApp},
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
        (json!([["user", "a"]]), "/variables/history/0"),
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
