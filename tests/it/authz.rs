//! Who gets in, for every operation of the specification.

use agentdata::{
    auth::{Scope, ScopeSet},
    values::Timestamp,
};
use reqwest::Method;
use serde_json::json;

use crate::support::{
    TestApp,
    contract::{Operation, operations},
    signer::{Signer, own_claims, own_key, with},
};

fn request(app: &TestApp, operation: &Operation) -> reqwest::RequestBuilder {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let request = app
        .anonymous(method, &operation.path_with(&operation.names_of_nothing()))
        .query(&operation.required_query());
    operation.with_example(request, "authz")
}

#[test]
fn the_public_operations_are_these() {
    let public: Vec<_> = operations()
        .into_iter()
        .filter(|o| o.scope().is_none())
        .map(|o| o.id)
        .collect();
    let expected = [
        "issue_token",
        "revoke_token",
        "introspect_token",
        "get_jwks",
        "get_oauth_metadata",
        "get_protected_resource_metadata",
        "get_health",
        "get_readiness",
    ];
    assert_eq!(
        public, expected,
        "an operation that is public on purpose belongs into this list"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_every_other_operation_answers_401() {
    let app = TestApp::start().await;
    for operation in operations().iter().filter(|o| o.scope().is_some()) {
        let answer = app.send(request(&app, operation)).await;
        assert_eq!(answer.status, 401, "{}", operation.id);
        // RFC 6750 §3.1: no error code when there was no token.
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer realm=\"agentdata\", resource_metadata="),
            "{challenge}"
        );
        let answer = app
            .send(request(&app, operation).bearer_auth("nonsense"))
            .await;
        assert_eq!(answer.status, 401, "{}", operation.id);
        assert!(
            answer
                .header("www-authenticate")
                .contains("error=\"invalid_token\"")
        );
    }
}

/// The scope that the specification documents is the scope that the code requires: all others
/// together do not open the operation, it alone does.
#[tokio::test(flavor = "multi_thread")]
async fn the_documented_scope_is_the_enforced_one() {
    let app = TestApp::start().await;
    for operation in operations() {
        let Some(scope) = operation.scope() else {
            continue;
        };
        let others: Vec<_> = Scope::ALL
            .iter()
            .copied()
            .filter(|other| other.as_str() != scope)
            .collect();
        assert_eq!(
            others.len(),
            Scope::ALL.len() - 1,
            "{}: {scope} is no scope",
            operation.id
        );
        let answer = app
            .send(request(&app, &operation).bearer_auth(app.token(&others, "default")))
            .await;
        assert_eq!(answer.status, 403, "{}", operation.id);
        let challenge =
            format!("Bearer realm=\"agentdata\", error=\"insufficient_scope\", scope=\"{scope}\"");
        assert!(answer.header("www-authenticate").starts_with(&challenge));
        for other in others {
            let token = app.token(&[other], "default");
            let answer = app.send(request(&app, &operation).bearer_auth(token)).await;
            assert_eq!(
                answer.status,
                403,
                "{} with {}",
                operation.id,
                other.as_str()
            );
        }
        let answer = app
            .send(
                request(&app, &operation)
                    .bearer_auth(app.token(&[scope.parse().unwrap()], "default")),
            )
            .await;
        assert!(
            ![401, 403].contains(&answer.status),
            "{} → {}",
            operation.id,
            answer.status
        );
    }
}

/// What a token says of its time, its audience and its issuer holds for every operation.
#[tokio::test(flavor = "multi_thread")]
async fn no_operation_takes_a_token_that_is_not_good_now_and_here() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let all: ScopeSet = Scope::ALL.iter().copied().collect();
    let claims = with(&own_claims(&app), "scope", json!(all.to_string()));
    let now = Timestamp::now().unix_seconds();
    let header = || json!({ "alg": "ES256", "typ": "at+jwt" });
    let good = signer.token(header(), &claims);
    let refused = [
        (
            "expired",
            signer.token(header(), &with(&claims, "exp", json!(now - 3600))),
        ),
        (
            "wrong audience",
            signer.token(
                header(),
                &with(&claims, "aud", json!("https://other.example")),
            ),
        ),
        (
            "other issuer",
            signer.token(
                header(),
                &with(&claims, "iss", json!("https://other.example")),
            ),
        ),
        ("other key", Signer::new("ES256").token(header(), &claims)),
    ];
    for operation in operations().iter().filter(|o| o.scope().is_some()) {
        for (what, token) in &refused {
            let answer = app.send(request(&app, operation).bearer_auth(token)).await;
            assert_eq!(answer.status, 401, "{}: {what}", operation.id);
        }
        let answer = app.send(request(&app, operation).bearer_auth(&good)).await;
        assert!(![401, 403].contains(&answer.status), "{}", operation.id);
    }
}

/// Nothing of a request is looked at before its token.
#[tokio::test(flavor = "multi_thread")]
async fn anonymous_callers_learn_nothing_from_bad_requests() {
    let app = TestApp::start().await;
    let requests = [
        app.anonymous(Method::POST, "/agents")
            .body("{")
            .header("content-type", "application/json"),
        app.anonymous(Method::POST, "/agents")
            .body("x")
            .header("content-type", "text/plain"),
        app.anonymous(Method::GET, "/agents/not-an-id"),
        app.anonymous(Method::GET, "/agents?limit=0"),
    ];
    for request in requests {
        assert_eq!(app.send(request).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_travels_in_one_authorization_header_only() {
    let app = TestApp::start().await;
    let token = app.token(&[Scope::AgentsRead], "default");
    let in_query = app.anonymous(Method::GET, &format!("/agents?access_token={token}"));
    assert!([401, 422].contains(&app.send(in_query).await.status));
    let twice = app
        .anonymous(Method::GET, "/agents")
        .bearer_auth(&token)
        .header("authorization", "Bearer x");
    assert_eq!(app.send(twice).await.status, 400);
    let lower_case = app
        .anonymous(Method::GET, "/agents")
        .header("authorization", format!("bearer {token}"));
    assert_eq!(app.send(lower_case).await.status, 200);
    for scheme in ["Basic", "DPoP", "Token"] {
        let other = app
            .anonymous(Method::GET, "/agents")
            .header("authorization", format!("{scheme} {token}"));
        assert_eq!(app.send(other).await.status, 401, "{scheme}");
    }
    let huge = app
        .anonymous(Method::GET, "/agents")
        .bearer_auth("a".repeat(16 * 1024));
    assert_eq!(app.send(huge).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_any_part_altered_is_refused() {
    let app = TestApp::start().await;
    let token = app.token(&[Scope::AgentsRead], "default");
    for part in 0..3 {
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let middle = parts[part].len() / 2;
        let flipped = if parts[part].as_bytes()[middle] == b'A' {
            "B"
        } else {
            "A"
        };
        parts[part].replace_range(middle..=middle, flipped);
        let request = app
            .anonymous(Method::GET, "/agents")
            .bearer_auth(parts.join("."));
        assert_eq!(app.send(request).await.status, 401, "part {part}");
    }
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    assert_eq!(
        app.send(app.anonymous(Method::GET, "/agents").bearer_auth(unsigned))
            .await
            .status,
        401
    );
    let foreign = TestApp::start()
        .await
        .token(&[Scope::AgentsRead], "default");
    assert_eq!(
        app.send(app.anonymous(Method::GET, "/agents").bearer_auth(foreign))
            .await
            .status,
        401
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_endpoint_follows_rfc_6749() {
    let app = TestApp::start().await;
    let scopes = "agents:read agents:write".parse_scopes();
    let (client, secret) = agentdata::auth::client::create(&app.app.db, "c", scopes, "acme")
        .await
        .unwrap()
        .unwrap();
    let id = client.id.to_string();
    let form = |pairs: &[(&str, &str)]| app.anonymous(Method::POST, "/oauth/token").form(pairs);
    let grant = ("grant_type", "client_credentials");

    let basic = app
        .send(form(&[grant]).basic_auth(&id, Some(secret.reveal())))
        .await;
    assert_eq!(
        (basic.status, basic.header("cache-control")),
        (200, "no-store")
    );
    assert_eq!(basic.json["token_type"], "Bearer");
    assert_eq!(basic.json["scope"], "agents:read agents:write");
    let post = [
        grant,
        ("client_id", &id),
        ("client_secret", secret.reveal()),
        ("scope", "agents:read"),
    ];
    let narrowed = app.send(form(&post)).await;
    assert_eq!(narrowed.json["scope"], "agents:read");
    let token = narrowed.json["access_token"].as_str().unwrap();
    assert_eq!(
        app.send(app.anonymous(Method::GET, "/agents").bearer_auth(token))
            .await
            .status,
        200
    );
    let create = app
        .anonymous(Method::POST, "/agents")
        .bearer_auth(token)
        .json(&json!({ "name": "a" }));
    assert_eq!(app.send(create).await.status, 403);

    let refused = [
        (form(&[grant]), 401, "invalid_client"),
        (
            form(&[grant]).basic_auth(&id, Some("wrong")),
            401,
            "invalid_client",
        ),
        (
            form(&[grant]).basic_auth("nobody", Some(secret.reveal())),
            401,
            "invalid_client",
        ),
        (
            form(&[]).basic_auth(&id, Some(secret.reveal())),
            400,
            "invalid_request",
        ),
        (
            form(&[grant, grant]).basic_auth(&id, Some(secret.reveal())),
            400,
            "invalid_request",
        ),
        (
            form(&post).basic_auth(&id, Some(secret.reveal())),
            400,
            "invalid_request",
        ),
        (
            form(&[grant, ("scope", "admin")]).basic_auth(&id, Some(secret.reveal())),
            400,
            "invalid_scope",
        ),
        (
            form(&[grant, ("scope", "nonsense")]).basic_auth(&id, Some(secret.reveal())),
            400,
            "invalid_scope",
        ),
        (
            form(&[("grant_type", "password")]).basic_auth(&id, Some(secret.reveal())),
            400,
            "unsupported_grant_type",
        ),
        (
            form(&[("grant_type", "authorization_code")]).basic_auth(&id, Some(secret.reveal())),
            400,
            "unsupported_grant_type",
        ),
        (
            app.anonymous(Method::POST, "/oauth/token").json(&json!({})),
            400,
            "invalid_request",
        ),
    ];
    for (request, status, error) in refused {
        let answer = app.send(request).await;
        assert_eq!(
            (answer.status, answer.json["error"].as_str().unwrap()),
            (status, error)
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(
            answer.headers.contains_key("www-authenticate"),
            status == 401
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_leads_to_the_keys_of_the_tokens() {
    let app = TestApp::start().await;
    let metadata = app
        .send(app.anonymous(Method::GET, "/.well-known/oauth-authorization-server"))
        .await;
    assert_eq!(metadata.json["issuer"], app.url.as_str());
    assert_eq!(
        metadata.json["token_endpoint"],
        format!("{}/oauth/token", app.url)
    );
    let jwks = app.send(app.anonymous(Method::GET, "/oauth/jwks")).await;
    let key = &jwks.json["keys"][0];
    let decoding = jsonwebtoken::DecodingKey::from_ec_components(
        key["x"].as_str().unwrap(),
        key["y"].as_str().unwrap(),
    )
    .unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&[&app.url]);
    let token = app.token(&[Scope::Admin], "acme");
    let decoded =
        jsonwebtoken::decode::<serde_json::Value>(&token, &decoding, &validation).unwrap();
    assert_eq!(decoded.header.kid.as_deref(), key["kid"].as_str());
    assert_eq!(decoded.header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(decoded.claims["tenant"], "acme");
    let private = ["d", "p", "q"];
    assert!(private.iter().all(|member| key.get(*member).is_none()));
}

trait ParseScopes {
    fn parse_scopes(&self) -> agentdata::auth::ScopeSet;
}

impl ParseScopes for str {
    fn parse_scopes(&self) -> agentdata::auth::ScopeSet {
        agentdata::auth::ScopeSet::parse(self).unwrap()
    }
}
