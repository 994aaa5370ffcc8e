//! The form of answers: errors that no handler makes, headers, compression, CORS, HTTP/2.

use agentdata::values::Id;
use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder};
use reqwest::{Method, StatusCode, Version, header::HeaderMap};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::support::{Answer, TestApp, contract};

const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND",
];

/// Asserts that the answer is a problem of this status and code.
pub fn assert_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json["code"], code, "{}", answer.text);
    assert_eq!(
        answer.json["type"],
        format!("urn:agentdata:problem:{code}").as_str()
    );
    assert_eq!(answer.json["status"], status);
}

#[tokio::test]
async fn a_path_that_is_none_is_a_404_problem() {
    let app = TestApp::start().await;
    for path in [
        "/nothing",
        "/agents/",
        "/agents/019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11/nothing",
        "/docs/../nothing",
        "/%2e%2e/etc/passwd",
        "//agents",
    ] {
        for method in [Method::GET, Method::POST] {
            let answer = app.send(app.request(method, path)).await;
            assert_problem(&answer, 404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_method_that_a_path_has_not_is_a_405_that_lists_those_it_has() {
    let app = TestApp::start().await;
    let members = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut paths: Vec<(String, Vec<String>)> = members(&contract::SPEC["paths"])
        .into_iter()
        .map(|path| {
            let methods = members(&contract::SPEC["paths"][&path]);
            (
                path,
                methods.iter().map(|name| name.to_uppercase()).collect(),
            )
        })
        .collect();
    for page in ["/", "/docs", "/reference", "/openapi.json", "/openapi.yaml"] {
        paths.push((page.into(), vec!["GET".into()]));
    }
    let mut refused = 0;
    for (path, mut methods) in paths {
        if methods.iter().any(|method| method == "GET") {
            methods.push("HEAD".into());
        }
        methods.sort();
        let segments = path.split('/').map(|segment| {
            if segment.starts_with('{') {
                "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11"
            } else {
                segment
            }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        for method in METHODS {
            if methods.iter().any(|known| known == method) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = app.send(app.anonymous(method.clone(), &path)).await;
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text);
            let mut allowed: Vec<_> = answer.header("allow").split(", ").collect();
            allowed.sort_unstable();
            assert_eq!(allowed, methods, "{method} {path}");
            if method != Method::HEAD {
                assert_problem(&answer, 405, "method_not_allowed");
            }
            refused += 1;
        }
    }
    assert!(refused > 50, "{refused}");
}

#[tokio::test]
async fn a_url_that_is_no_text_is_refused() {
    let app = TestApp::start().await;
    for path in [
        "/agents/%00",
        "/agents/a%00b",
        "/agents/%FF",
        "/agents/%C0%80",
        "/agents/%ED%A0%80",
        "/agents?q=%00",
        "/agents?q=%FF",
        "/%FF",
    ] {
        let answer = app.send(app.request(Method::GET, path)).await;
        assert_problem(&answer, 400, "malformed_request");
    }
}

#[tokio::test]
async fn a_query_parameter_that_the_operation_has_not_is_refused_by_name() {
    let app = TestApp::start().await;
    let answer = app.get("/agents?limit=1&stats=active&l%C3%ADmit=2").await;
    assert_problem(&answer, 422, "invalid_request");
    assert_eq!(answer.places(), ["stats", "límit"]);
    // A probe or a token endpoint ignores what it does not know.
    assert_eq!(app.get("/healthz?verbose").await.status, 200);
    // A token does not belong into a URL; it must not work there, nor come back.
    let answer = app
        .send(app.anonymous(Method::GET, "/agents?access_token=topsecret"))
        .await;
    assert_problem(&answer, 422, "invalid_request");
    assert!(!answer.text.contains("topsecret"));
}

#[tokio::test]
async fn a_request_id_is_kept_when_it_is_a_uuid_and_made_otherwise() {
    let app = TestApp::start().await;
    let send = async |id: Option<&str>, path: &str| {
        let request = app.request(Method::GET, path);
        let request = match id {
            Some(id) => request.header("x-request-id", id),
            None => request,
        };
        app.send(request).await
    };
    let given = "3f2c9a70-98a5-4d0c-9d39-0b8a5e6f1c22";
    let answer = send(Some(given), "/nothing").await;
    assert_eq!(answer.header("x-request-id"), given);
    assert_eq!(
        answer.json["instance"],
        format!("urn:uuid:{given}").as_str()
    );
    assert_eq!(
        send(Some(given), "/agents").await.header("x-request-id"),
        given
    );

    let long = "x".repeat(500);
    for other in [
        None,
        Some(""),
        Some("abc"),
        Some("%0d%0aSet-Cookie:a=b"),
        Some(&long),
    ] {
        let answer = send(other, "/nothing").await;
        let made = answer.header("x-request-id").to_owned();
        made.parse::<Id>().unwrap();
        assert_eq!(answer.json["instance"], format!("urn:uuid:{made}").as_str());
        let next = send(other, "/nothing").await;
        assert_ne!(next.header("x-request-id"), made);
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::start().await;
    for path in [
        "/agents",
        "/healthz",
        "/nothing",
        "/openapi.json",
        "/docs",
        "/reference",
        "/agents/%00",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("server"), "", "{path}");
    }
}

#[tokio::test]
async fn what_has_a_tag_may_be_kept_by_its_caller_and_nothing_else_by_anybody() {
    let app = TestApp::start().await;
    let created = app.post("/agents", &json!({ "name": "kept" })).await;
    let path = format!("/agents/{}", created.json["id"].as_str().unwrap());
    let found = app.get(&path).await;
    assert_eq!(found.header("etag"), "\"1\"");
    assert_eq!(found.header("cache-control"), "private, no-cache");
    let same = app
        .request(Method::GET, &path)
        .header("if-none-match", "\"1\"");
    let same = app.send(same).await;
    assert_eq!(same.status, 304);
    assert_eq!(same.header("cache-control"), "private, no-cache");
    assert_eq!(same.header("etag"), "\"1\"");
    for path in ["/agents", "/healthz", "/nothing"] {
        assert_eq!(
            app.get(path).await.header("cache-control"),
            "no-store",
            "{path}"
        );
    }
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let app = TestApp::start().await;
    let created = app.post("/agents", &json!({ "name": "headed" })).await;
    let one = format!("/agents/{}", created.json["id"].as_str().unwrap());
    for path in [
        &one,
        "/agents",
        "/healthz",
        "/openapi.json",
        "/agents/nonsense",
        "/nothing",
    ] {
        let get = app.get(path).await;
        let head = app.send(app.request(Method::HEAD, path)).await;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.text, "", "{path}");
        for name in ["content-type", "etag", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
    let anonymous = app.send(app.anonymous(Method::HEAD, "/agents")).await;
    assert_eq!(anonymous.status, 401);
}

#[tokio::test]
async fn large_answers_are_compressed_as_the_caller_accepts_and_small_ones_are_not() {
    let app = TestApp::start().await;
    let description = "the same words again ".repeat(150);
    app.post(
        "/agents",
        &json!({ "name": "large", "description": description }),
    )
    .await;
    let plain = app.get("/agents").await;
    assert_eq!(plain.header("content-encoding"), "");
    for (accepted, encoding) in [("gzip", "gzip"), ("br", "br"), ("gzip;q=0.1, br", "br")] {
        let request = app
            .request(Method::GET, "/agents")
            .header("accept-encoding", accepted);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], encoding);
        assert_eq!(response.headers()["vary"], "accept-encoding");
        let compressed = response.bytes().await.unwrap();
        assert!(
            compressed.len() * 4 < plain.text.len(),
            "{}",
            compressed.len()
        );
        let mut text = String::new();
        match encoding {
            "br" => {
                BrotliDecoder::new(&compressed[..])
                    .read_to_string(&mut text)
                    .await
            }
            _ => {
                GzipDecoder::new(&compressed[..])
                    .read_to_string(&mut text)
                    .await
            }
        }
        .unwrap();
        assert_eq!(text, plain.text);
    }
    for (path, accepted) in [
        ("/healthz", "gzip"),
        ("/nothing", "br"),
        ("/agents", "identity"),
    ] {
        let request = app
            .request(Method::GET, path)
            .header("accept-encoding", accepted);
        let response = request.send().await.unwrap();
        assert!(
            !response.headers().contains_key("content-encoding"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_browser_of_another_origin_gets_nothing_by_default() {
    let app = TestApp::start().await;
    let preflight = app
        .anonymous(Method::OPTIONS, "/agents")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST");
    let answer = app.send(preflight).await;
    assert_problem(&answer, 405, "method_not_allowed");
    let simple = app
        .request(Method::GET, "/agents")
        .header("origin", "https://app.example");
    let answer = app.send(simple).await;
    assert_eq!(answer.status, 200);
    assert!(
        !answer
            .headers
            .keys()
            .any(|name| name.as_str().starts_with("access-control"))
    );
}

#[tokio::test]
async fn a_browser_of_a_configured_origin_may_call_and_another_may_not() {
    let flags = ["--cors-origins", "https://app.example,https://two.example"];
    let app = TestApp::with_flags(&flags).await;
    let preflight = async |origin: &str| {
        let request = app
            .anonymous(Method::OPTIONS, "/agents")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            );
        request.send().await.unwrap()
    };
    let joined = |headers: &HeaderMap, name: &str| {
        let values = headers.get_all(name).iter();
        let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
        values.join(",").to_lowercase()
    };
    for origin in ["https://app.example", "https://two.example"] {
        let answer = preflight(origin).await;
        assert_eq!(answer.status(), 200);
        let header = |name: &str| joined(answer.headers(), name);
        assert_eq!(header("access-control-allow-origin"), origin);
        assert!(header("access-control-allow-methods").contains("patch"));
        let headers = header("access-control-allow-headers");
        for name in [
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
        ] {
            assert!(headers.contains(name), "{headers}");
        }
        assert_eq!(header("access-control-allow-credentials"), "");

        for (path, status) in [
            ("/agents", 200),
            ("/agents/nonsense", 422),
            ("/nothing", 404),
        ] {
            let answer = app
                .send(app.request(Method::GET, path).header("origin", origin))
                .await;
            assert_eq!(answer.status, status);
            let header = |name: &str| joined(&answer.headers, name);
            assert_eq!(header("access-control-allow-origin"), origin, "{path}");
            let exposed = header("access-control-expose-headers");
            assert!(
                exposed.contains("etag") && exposed.contains("x-request-id"),
                "{exposed}"
            );
            assert!(header("vary").contains("origin"), "{path}");
        }
    }
    // The browser keeps the answer from a page of an origin that is not named. Others that send an
    // Origin, such as a form of our own docs, are not hindered.
    let other = app
        .request(Method::GET, "/agents")
        .header("origin", "https://evil.example");
    let answer = app.send(other).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let refused = preflight("https://evil.example").await;
    assert_eq!(joined(refused.headers(), "access-control-allow-origin"), "");

    let open = TestApp::with_flags(&["--cors-origins", "*"]).await;
    let any = open
        .request(Method::GET, "/agents")
        .header("origin", "https://any.example");
    assert_eq!(
        open.send(any).await.header("access-control-allow-origin"),
        "*"
    );
}

#[tokio::test]
async fn http_2_is_spoken_without_tls_by_prior_knowledge() {
    let app = TestApp::start().await;
    let client = reqwest::Client::builder()
        .http2_prior_knowledge()
        .no_proxy()
        .build()
        .unwrap();
    let token = app.token(agentdata::auth::Scope::ALL, "default");
    let create = |n: usize| {
        client
            .post(format!("{}/agents", app.url))
            .bearer_auth(&token)
            .json(&json!({ "name": format!("stream {n}") }))
            .send()
    };
    // Many streams at once on the one connection.
    for response in futures_util::future::join_all((0..50).map(create)).await {
        let response = response.unwrap();
        assert_eq!(response.version(), Version::HTTP_2);
        assert_eq!(response.status(), StatusCode::CREATED);
    }
    let missing = client
        .get(format!("{}/nothing", app.url))
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        missing.headers()["content-type"],
        "application/problem+json"
    );
    let large = client
        .get(format!("{}/healthz", app.url))
        .header("x-large", "x".repeat(100 * 1024))
        .send()
        .await;
    // The peer's own limit may refuse it before it is sent.
    assert!(large.is_err() || large.is_ok_and(|answer| answer.status() == 431));
}
