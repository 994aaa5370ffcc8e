//! What text an agent may hold, and that it stays as it is.

use reqwest::Method;
use serde_json::json;

use crate::{
    agents::{content, id},
    support::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn any_text_goes_in_and_comes_out_unchanged() {
    let app = TestApp::start().await;
    let names = [
        "👩‍🚀🦀",
        "שלום עולם",
        "\u{202e}rtl",
        "caf\u{e9}",
        "cafe\u{301}",
        "İıſK",
        "𝕏𝕐",
        "\u{200b}",
        "\u{feff}bom",
        "\u{10ffff}",
        "tab\tnew\nline\r\u{1}\u{7f}",
        "'; DROP TABLE agents; --",
        "\" OR \"\"=\"",
        "$1 %s {0} \\x00 \\u0000",
        "%_\\",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "null",
    ];
    for name in names {
        let body = json!({
            "name": name, "description": name, "model": name, "tags": [name],
            "status": "active", "metadata": { name: { name: [name] } },
        });
        let created = app.post("/agents", &body).await;
        assert_eq!(
            (created.status, &content(&created.json)),
            (201, &body),
            "{name:?}"
        );
        let path = format!("/agents/{}", id(&created));
        assert_eq!(app.get(&path).await.json, created.json, "{name:?}");
        for filter in [("name", name), ("q", name), ("tag", name)] {
            let list = app.request(Method::GET, "/agents").query(&[filter]);
            let list = app.send(list).await;
            assert_eq!(list.json["items"], json!([created.json]), "{filter:?}");
        }
    }
    let all = app.get("/agents").await;
    assert_eq!(all.json["items"].as_array().unwrap().len(), names.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_the_database_cannot_hold_is_refused() {
    let app = TestApp::start().await;
    for (body, place) in [
        (r#"{"name":"a\u0000b"}"#, "/name"),
        (r#"{"name":"a","description":"\u0000"}"#, "/description"),
        (r#"{"name":"a","model":"\u0000"}"#, "/model"),
        (r#"{"name":"a","tags":["ok","\u0000"]}"#, "/tags/1"),
        (
            r#"{"name":"a","metadata":{"k":["\u0000"]}}"#,
            "/metadata/k/0",
        ),
        (
            r#"{"name":"a","metadata":{"k":{"\u0000":1}}}"#,
            "/metadata/k",
        ),
    ] {
        let request = app
            .request(Method::POST, "/agents")
            .header("content-type", "application/json")
            .body(body);
        let refused = app.send(request).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place]),
            "{body}"
        );
    }
    for filter in ["name", "q", "tag", "cursor"] {
        let refused = app.get(&format!("/agents?{filter}=a%00b")).await;
        assert_eq!(refused.status, 400, "{filter}");
    }
    for body in [
        r#"{"name":"\ud800"}"#,
        "{\"name\":\"a\"} x",
        "",
        "[",
        "\u{feff}{}",
    ] {
        let request = app
            .request(Method::POST, "/agents")
            .header("content-type", "application/json")
            .body(body);
        assert_eq!(app.send(request).await.status, 400, "{body}");
    }
    assert_eq!(app.get("/agents").await.json["items"], json!([]));
}
