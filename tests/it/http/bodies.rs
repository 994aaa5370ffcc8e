//! What a request's body may be, and what comes of any other.

use std::time::Duration;

use async_compression::tokio::bufread::{GzipEncoder, ZstdEncoder};
use reqwest::{Body, Method};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::answers::assert_problem;
use crate::support::{Answer, Raw, TestApp, eventually, raw::PATIENCE};

async fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut encoder = GzipEncoder::new(bytes);
    encoder.read_to_end(&mut compressed).await.unwrap();
    compressed
}

async fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut encoder = ZstdEncoder::new(bytes);
    encoder.read_to_end(&mut compressed).await.unwrap();
    compressed
}

fn post(app: &TestApp, body: impl Into<Body>) -> reqwest::RequestBuilder {
    app.request(Method::POST, "/agents")
        .header("content-type", "application/json")
        .body(body)
}

async fn send(app: &TestApp, body: impl Into<Body>) -> Answer {
    app.send(post(app, body)).await
}

/// A body that the client sends in chunks because it does not say how long it is.
fn chunked(parts: Vec<Vec<u8>>) -> Body {
    let parts = parts.into_iter().map(Ok::<_, std::io::Error>);
    Body::wrap_stream(futures_util::stream::iter(parts))
}

/// The head of a POST of an agent, with these header lines.
fn head(app: &TestApp, lines: &str) -> String {
    let token = app.token(agentdata::auth::Scope::ALL, "default");
    format!(
        "POST /agents HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n{lines}\r\n\r\n"
    )
}

#[tokio::test]
async fn a_body_larger_than_the_limit_is_refused_however_it_comes() {
    let app = TestApp::with_flags(&["--max-body-bytes", "2000"]).await;
    let of_size = |size: usize| {
        let frame = json!({ "name": size.to_string(), "description": "" })
            .to_string()
            .len();
        let fill = "x".repeat(size - frame);
        json!({ "name": size.to_string(), "description": fill }).to_string()
    };
    assert_eq!(
        send(&app, of_size(2000)).await.status,
        201,
        "the limit itself passes"
    );
    assert_problem(&send(&app, of_size(2001)).await, 413, "too_large");
    assert_problem(&send(&app, "x".repeat(3_000_000)).await, 413, "too_large");
    let parts = of_size(2001)
        .into_bytes()
        .chunks(100)
        .map(<[u8]>::to_vec)
        .collect();
    assert_problem(&send(&app, chunked(parts)).await, 413, "too_large");
    let parts = vec![vec![b' '; 1000]; 3000];
    assert_problem(&send(&app, chunked(parts)).await, 413, "too_large");
}

#[tokio::test]
async fn a_content_length_over_the_limit_is_refused_before_the_body_is_read() {
    let app = TestApp::with_flags(&["--max-body-bytes", "2000"]).await;
    for lines in [
        "Content-Length: 2001",
        "Content-Length: 1000000000000",
        "Content-Length: 2001\r\nExpect: 100-continue",
    ] {
        let mut raw = Raw::connect(app.address).await;
        raw.send(head(&app, lines)).await;
        let answer = raw.answer().await;
        assert_eq!(answer.status, 413, "{}", answer.body);
        assert!(answer.head.contains("connection: close"), "{}", answer.head);
        raw.rest().await;
    }
}

/// Whoever is refused before the body was read is told that the connection ends, and does not send the next
/// request into it.
#[tokio::test]
async fn an_answer_that_leaves_a_body_unread_says_that_the_connection_closes() {
    let app = TestApp::start().await;
    let answer_to = async |lines: &str, body: &str| {
        let mut raw = Raw::connect(app.address).await;
        let head = format!("POST /agents HTTP/1.1\r\nHost: test\r\n{lines}\r\n\r\n{body}");
        raw.send(head).await;
        let answer = raw.answer().await;
        assert_eq!(answer.status, 401);
        answer.head
    };
    for lines in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
        let head = answer_to(lines, "").await;
        assert!(head.contains("connection: close"), "{head}");
    }
    let head = answer_to("Content-Length: 2", "{}").await;
    assert!(!head.contains("connection: close"), "{head}");
}

#[tokio::test]
async fn a_client_that_expects_100_continue_gets_it() {
    let app = TestApp::start().await;
    let body = r#"{"name":"continued"}"#;
    let mut raw = Raw::connect(app.address).await;
    let lines = format!("Content-Length: {}\r\nExpect: 100-continue", body.len());
    raw.send(head(&app, &lines)).await;
    assert_eq!(raw.answer().await.status, 100);
    raw.send(body).await;
    assert_eq!(raw.answer().await.status, 201);
}

#[tokio::test]
async fn a_bomb_is_refused_at_the_limit_of_the_inflated_size() {
    let app = TestApp::with_flags(&["--max-body-bytes", "100000"]).await;
    let bomb = vec![b' '; 50_000_000];
    for (encoding, body) in [("gzip", gzip(&bomb).await), ("zstd", zstd(&bomb).await)] {
        assert!(body.len() < 100_000, "{encoding}: {}", body.len());
        let request = post(&app, body).header("content-encoding", encoding);
        assert_problem(&app.send(request).await, 413, "too_large");
    }
}

#[tokio::test]
async fn compressed_bodies_are_read() {
    let app = TestApp::start().await;
    let body = |name: &str| {
        json!({ "name": name, "tags": ["a"] })
            .to_string()
            .into_bytes()
    };
    let in_two = [gzip(br#"{"name":"#).await, gzip(br#""gzip in two"}"#).await].concat();
    for (name, encoding, bytes) in [
        ("gzip", "gzip", gzip(&body("gzip")).await),
        ("zstd", "zstd", zstd(&body("zstd")).await),
        ("identity", "identity", body("identity")),
        ("capitals", "GZIP", gzip(&body("capitals")).await),
        ("gzip in two", "gzip", in_two),
    ] {
        let answer = app
            .send(post(&app, bytes).header("content-encoding", encoding))
            .await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.text);
        assert_eq!(answer.json["name"], name);
    }
    let half = gzip(&body("half")).await;
    let trailing = [half.clone(), b"trailing".to_vec()].concat();
    for broken in [
        half[..half.len() / 2].to_vec(),
        body("not compressed"),
        trailing,
    ] {
        let answer = app
            .send(post(&app, broken).header("content-encoding", "gzip"))
            .await;
        assert_problem(&answer, 400, "malformed_request");
    }
}

#[tokio::test]
async fn a_content_type_or_encoding_that_is_not_read_is_refused() {
    let app = TestApp::start().await;
    let body = r#"{"name":"typed"}"#;
    let typed = |content_type: &str| {
        app.request(Method::POST, "/agents")
            .header("content-type", content_type)
            .body(body)
    };
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/problem+json",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
        "application/jsonx",
        "nonsense",
        "",
    ] {
        let answer = app.send(typed(content_type)).await;
        assert_problem(&answer, 415, "unsupported_media_type");
    }
    let answer = app
        .send(app.request(Method::POST, "/agents").body(body))
        .await;
    assert_problem(&answer, 415, "unsupported_media_type");
    for encoding in ["br", "deflate", "compress", "gzip, gzip", "nonsense", ""] {
        let answer = app
            .send(post(&app, body).header("content-encoding", encoding))
            .await;
        assert_problem(&answer, 415, "unsupported_media_type");
    }
    for content_type in ["application/json", "Application/JSON; Charset=\"UTF-8\""] {
        let answer = app.send(typed(content_type)).await;
        assert!(
            matches!(answer.status, 201 | 409),
            "{content_type}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn what_is_not_json_is_a_400() {
    let app = TestApp::start().await;
    let deep = |depth: usize| {
        format!(
            r#"{{"name":"deep {depth}","metadata":{{"a":{}{}}}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let utf_16: Vec<u8> = r#"{"name":"x"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let texts: [(&str, Vec<u8>); 15] = [
        ("empty", vec![]),
        ("blank", b"  \n".to_vec()),
        ("words", b"not json".to_vec()),
        ("cut off", br#"{"name":"x""#.to_vec()),
        ("trailing data", br#"{"name":"x"} {}"#.to_vec()),
        ("trailing comma", br#"{"name":"x",}"#.to_vec()),
        ("comment", br#"{"name":"x"} // x"#.to_vec()),
        ("BOM", b"\xEF\xBB\xBF{\"name\":\"x\"}".to_vec()),
        ("UTF-16", utf_16),
        ("invalid UTF-8", b"{\"name\":\"\xFF\"}".to_vec()),
        ("lone surrogate", br#"{"name":"\ud800"}"#.to_vec()),
        (
            "lone surrogate in metadata",
            br#"{"name":"x","metadata":{"a":"\udc00"}}"#.to_vec(),
        ),
        ("control character", b"{\"name\":\"a\x01\"}".to_vec()),
        ("NaN", br#"{"name":"x","metadata":{"a":NaN}}"#.to_vec()),
        ("depth 200", deep(200).into_bytes()),
    ];
    for (what, bytes) in texts {
        let answer = send(&app, bytes).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
        assert_problem(&answer, 400, "malformed_request");
    }
    assert_problem(&send(&app, deep(100_000)).await, 400, "malformed_request");
    assert_eq!(send(&app, deep(100)).await.status, 201);
}

#[tokio::test]
async fn json_that_does_not_fit_names_the_place() {
    let app = TestApp::start().await;
    for (body, place) in [
        (r#"{"name":"a\u0000b"}"#, "/name"),
        (r#"{"name":"x","tags":["a","\u0000"]}"#, "/tags/1"),
        (
            r#"{"name":"x","metadata":{"a":[{"b/c~d":"\u0000"}]}}"#,
            "/metadata/a/0/b~1c~0d",
        ),
        (r#"{"name":"x","metadata":{"a\u0000":1}}"#, "/metadata"),
        (r#"{"name":7}"#, "/name"),
        (r#"{"name":null}"#, "/name"),
        (r#"{"name":"x","tags":"a"}"#, "/tags"),
        (r#"{"name":"x","tags":["a",7]}"#, "/tags/1"),
        (r#"{"name":"x","metadata":[]}"#, "/metadata"),
        (r#"{"name":"x","metadata":{"a":1e400}}"#, "/metadata"),
        (r#"{"name":"x","metadata":{"a":[-1E+400]}}"#, "/metadata"),
        (r#"{"name":"x","metadata":{"a":1e-20000}}"#, "/metadata"),
        (r#"{"name":"x","status":"asleep"}"#, "/status"),
        (r#"{"name":"x","nmae":"y"}"#, "/nmae"),
        (r#"{"description":"x"}"#, "/name"),
        ("[]", ""),
        ("\"x\"", ""),
        ("null", ""),
    ] {
        let answer = send(&app, body).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        assert_problem(&answer, 422, "invalid_request");
        assert_eq!(answer.places(), [place], "{body}: {}", answer.text);
    }
    assert_eq!(app.get("/agents").await.json["items"], json!([]));
}

#[tokio::test]
async fn numbers_keep_their_digits() {
    let app = TestApp::start().await;
    let numbers = [
        "123456789012345678901234567890",
        "-9007199254740993",
        "18446744073709551616",
        "0.1000000000000000055511151231257827",
        "3.14159265358979323846264338327950288",
    ];
    let body = format!(
        r#"{{"name":"exact","metadata":{{"numbers":[{}]}}}}"#,
        numbers.join(",")
    );
    let created = send(&app, body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let path = format!("/agents/{}", created.json["id"].as_str().unwrap());
    for text in [
        created.text,
        app.get(&path).await.text,
        app.get("/agents").await.text,
    ] {
        for number in numbers {
            let found = text.split([',', '[', ']', ' ']).any(|part| part == number);
            assert!(found, "{number} in {text}");
        }
    }
    // As do those that a patch leaves alone.
    let patched = app
        .patch(&path, &json!({ "metadata": { "more": 1 } }))
        .await;
    assert!(patched.text.contains(numbers[0]), "{}", patched.text);
    let Value::Object(metadata) = &patched.json["metadata"] else {
        panic!("{}", patched.text);
    };
    assert_eq!(metadata.len(), 2);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_a_408() {
    let app = TestApp::with_flags(&["--body-timeout", "0.5"]).await;
    for lines in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let begin = std::time::Instant::now();
        let mut raw = Raw::connect(app.address).await;
        raw.send(head(&app, lines)).await;
        raw.send(if lines.contains("chunked") {
            "3\r\n{\"n\r\n"
        } else {
            "{\"n"
        })
        .await;
        let answer = raw.answer().await;
        assert_eq!(answer.status, 408, "{}", answer.body);
        assert!(
            answer.head.contains("application/problem+json"),
            "{}",
            answer.head
        );
        assert!(answer.body.contains("request_timeout"), "{}", answer.body);
        raw.rest().await;
        assert!(
            (0.4..10.0).contains(&begin.elapsed().as_secs_f64()),
            "{:?}",
            begin.elapsed()
        );
    }
}

#[tokio::test]
async fn beyond_the_budget_of_bodies_the_answer_is_503_until_there_is_room() {
    // Room for one body.
    let app = TestApp::with_flags(&["--body-budget", "16384", "--max-body-bytes", "16000"]).await;
    let body = r#"{"name":"slow but sure"}"#;
    let mut slow = Raw::connect(app.address).await;
    slow.send(head(&app, &format!("Content-Length: {}", body.len())))
        .await;
    slow.send(&body[..5]).await;
    eventually("the slow body holds the budget", PATIENCE, || async {
        let answer = send(&app, "{}").await;
        if answer.status == 422 {
            return false;
        }
        assert_problem(&answer, 503, "unavailable");
        assert_eq!(answer.header("retry-after"), "1");
        true
    })
    .await;
    assert_eq!(
        app.get("/agents").await.status,
        200,
        "what has no body goes on"
    );
    slow.send(&body[5..]).await;
    assert_eq!(slow.answer().await.status, 201);
    eventually(
        "the budget is free again",
        Duration::from_secs(5),
        || async { send(&app, "{}").await.status == 422 },
    )
    .await;
}

#[tokio::test]
async fn an_abandoned_body_gives_its_budget_back() {
    let app = TestApp::with_flags(&["--body-budget", "16384"]).await;
    let mut lost = Raw::connect(app.address).await;
    lost.send(head(&app, "Content-Length: 100")).await;
    lost.send("{").await;
    eventually("the lost body holds the budget", PATIENCE, || async {
        send(&app, "{}").await.status == 503
    })
    .await;
    drop(lost);
    eventually(
        "the budget is free again",
        Duration::from_secs(5),
        || async { send(&app, "{}").await.status == 422 },
    )
    .await;
}
