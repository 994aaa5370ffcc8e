//! Tokens of outside issuers: by configuration alone, with the issuer's keys fetched over HTTP.

use std::time::Duration;

use agentdata::{auth::Scope, values::Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, TestApp, eventually,
    issuer::{FakeIssuer, JWKS, OPENID, Page},
    signer::{Signer, hmac_token, with},
};

const AUDIENCE: &str = "https://agentdata.example";

/// A server that takes the tokens of an issuer, and asks for its keys as often as there is a reason.
async fn server(issuer: &FakeIssuer, more: &[&str]) -> TestApp {
    let mut flags = vec!["--oauth-issuer", &issuer.url, "--oauth-audience", AUDIENCE];
    if !more.contains(&"--oauth-key-interval") {
        flags.extend(["--oauth-key-interval", "0.001"]);
    }
    flags.extend(more);
    TestApp::with_flags(&flags).await
}

async fn list_with(app: &TestApp, token: &str) -> Answer {
    let request = app.anonymous(Method::GET, "/agents");
    app.send(request.bearer_auth(token)).await
}

async fn create_with(app: &TestApp, token: &str, name: &str) -> Answer {
    let request = app.anonymous(Method::POST, "/agents").bearer_auth(token);
    app.send(request.json(&json!({ "name": name }))).await
}

fn header(alg: &str) -> Value {
    json!({ "alg": alg, "typ": "JWT" })
}

#[track_caller]
fn assert_refused(what: &str, answer: &Answer, reason: &str) {
    assert_eq!(answer.status, 401, "{what}: {}", answer.text);
    let detail = answer.json["detail"].as_str().unwrap();
    assert!(detail.contains(reason), "{what}: {detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_algorithm_that_is_allowed_works() {
    let signers = ["RS256", "ES256", "ES384", "EdDSA"].map(Signer::new);
    let [rsa, p256, p384, ed25519] = &signers;
    let issuer = FakeIssuer::start(&signers.iter().collect::<Vec<_>>()).await;
    let app = server(&issuer, &["--oauth-key-interval", "600"]).await;
    let claims = issuer.claims(AUDIENCE);
    let pairs = [
        (rsa, "RS256"),
        (rsa, "RS384"),
        (rsa, "RS512"),
        (rsa, "PS256"),
        (p256, "ES256"),
        (p384, "ES384"),
        (ed25519, "EdDSA"),
    ];
    for (signer, alg) in pairs {
        let token = signer.token(header(alg), &claims);
        assert_eq!(list_with(&app, &token).await.status, 200, "{alg}");
    }
    assert_eq!(
        issuer.jwks_requests(),
        1,
        "a fresh set is not asked for again"
    );
    // Our own tokens work beside them.
    assert_eq!(list_with(&app, app.all_scopes()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_algorithm_that_is_not_configured_is_refused() {
    let signer = Signer::new("RS256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    let app = server(&issuer, &["--oauth-algorithms", "RS256,ES256"]).await;
    let claims = issuer.claims(AUDIENCE);
    assert_eq!(
        list_with(&app, &signer.token(header("RS256"), &claims))
            .await
            .status,
        200
    );
    for alg in ["RS384", "PS256", "EdDSA"] {
        let token = signer.token(header(alg), &claims);
        assert_refused(
            alg,
            &list_with(&app, &token).await,
            "algorithm is not allowed",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_algorithm_is_bound_to_the_key() {
    let signer = Signer::new("RS256");
    let issuer = FakeIssuer::start(&[]).await;
    let mut jwk = signer.jwk();
    jwk["alg"] = json!("RS256");
    issuer.publish_json(&json!({ "keys": [jwk] }));
    let app = server(&issuer, &[]).await;
    let claims = issuer.claims(AUDIENCE);
    assert_eq!(
        list_with(&app, &signer.token(header("RS256"), &claims))
            .await
            .status,
        200
    );
    let other = signer.token(header("PS256"), &claims);
    assert_refused("PS256", &list_with(&app, &other).await, "unknown key");
    let confused = with(&header("HS256"), "kid", json!(signer.kid));
    let hmac = hmac_token(&signer.public_bytes(), &confused, &claims);
    assert_refused(
        "HS256",
        &list_with(&app, &hmac).await,
        "algorithm is not allowed",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_are_read_where_the_settings_say() {
    let signer = Signer::new("ES256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    let flags = [
        "--oauth-tenant-claim",
        "https://example.com/tenant",
        "--oauth-scope-claim",
        "/realm_access/roles,scp",
        "--oauth-scope-map",
        "reader=agents:read logs:read,editor=agents:read agents:write",
    ];
    let app = server(&issuer, &flags).await;
    let claims = with(&issuer.claims(AUDIENCE), "scope", Value::Null);
    let claims = with(&claims, "https://example.com/tenant", json!("acme"));
    let token = |claims: &Value| signer.token(header("ES256"), claims);

    let editor = with(
        &claims,
        "realm_access",
        json!({ "roles": ["other", "editor", 7] }),
    );
    assert_eq!(create_with(&app, &token(&editor), "a").await.status, 201);
    let reader = with(&claims, "realm_access", json!({ "roles": ["reader"] }));
    assert_eq!(
        list_with(&app, &token(&reader)).await.json["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(create_with(&app, &token(&reader), "b").await.status, 403);
    // The first claim that is there counts, and words of ours mean themselves.
    let plain = with(&claims, "scp", json!("agents:read profile"));
    assert_eq!(list_with(&app, &token(&plain)).await.status, 200);
    let both = with(&reader, "scp", json!("agents:write"));
    assert_eq!(create_with(&app, &token(&both), "b").await.status, 403);
    assert_eq!(list_with(&app, &token(&claims)).await.status, 403);

    // What one tenant has made, another does not see; our own tokens of that tenant do.
    let elsewhere = with(&reader, "https://example.com/tenant", json!("umbrella"));
    assert_eq!(
        list_with(&app, &token(&elsewhere)).await.json["items"],
        json!([])
    );
    let own = app.token(&[Scope::AgentsRead], "acme");
    assert_eq!(
        list_with(&app, &own).await.json["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    for tenant in [
        Value::Null,
        json!(""),
        json!("t".repeat(129)),
        json!(["acme"]),
        json!(7),
        json!("a\0"),
    ] {
        let token = token(&with(&reader, "https://example.com/tenant", tenant.clone()));
        assert_refused(
            &tenant.to_string(),
            &list_with(&app, &token).await,
            "tenant",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_known_by_its_issuer_and_its_name() {
    let signer = Signer::new("ES256");
    let (one, two) = (
        FakeIssuer::start(&[&signer]).await,
        FakeIssuer::start(&[&signer]).await,
    );
    let both = format!("{},{}", one.url, two.url);
    let flags = [
        "--oauth-issuer",
        &both,
        "--oauth-audience",
        AUDIENCE,
        "--oauth-scope-claim",
        "scp",
    ];
    let app = TestApp::with_flags(&flags).await;
    let agent = app.post("/agents", &json!({ "name": "a" })).await.json["id"].clone();
    let path = format!("/agents/{}/prompts", agent.as_str().unwrap());
    let made_by = async |issuer: &FakeIssuer, client: Value, content: &str| {
        let claims = with(&issuer.claims(AUDIENCE), "scp", json!(["prompts:write"]));
        let claims = with(&claims, "client_id", client);
        let token = signer.token(header("ES256"), &claims);
        let request = app.anonymous(Method::POST, &path).bearer_auth(token);
        let answer = app
            .send(request.json(&json!({ "type": "text", "template": content })))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json["created_by"].clone()
    };
    let first = made_by(&one, json!("c"), "1").await;
    assert_eq!(made_by(&one, json!("c"), "2").await, first);
    assert_ne!(made_by(&one, json!("d"), "3").await, first);
    assert_ne!(made_by(&two, json!("c"), "4").await, first);
    // Without a client it is the subject.
    let subject = made_by(&one, Value::Null, "5").await;
    assert_eq!(made_by(&one, json!("somebody"), "6").await, subject);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tokens_of_the_issuer_are_no_access_tokens() {
    let signer = Signer::new("ES256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    let app = server(&issuer, &[]).await;
    let claims = issuer.claims(AUDIENCE);
    let others = [
        ("at_hash", json!("x")),
        ("c_hash", json!("x")),
        ("typ", json!("ID")),
        ("typ", json!("Refresh")),
        ("typ", json!("Offline")),
        ("token_use", json!("id")),
    ];
    for (name, value) in others {
        let token = signer.token(header("ES256"), &with(&claims, name, value));
        assert_refused(name, &list_with(&app, &token).await, "not an access token");
    }
    let bearer = with(&claims, "typ", json!("Bearer"));
    assert_eq!(
        list_with(&app, &signer.token(header("ES256"), &bearer))
            .await
            .status,
        200
    );
    for typ in ["logout+jwt", "secevent+jwt", "dpop+jwt", "id_token"] {
        let token = signer.token(with(&header("ES256"), "typ", json!(typ)), &claims);
        assert_refused(typ, &list_with(&app, &token).await, "not an access token");
    }
    let strict = server(&issuer, &["--oauth-types", "at+jwt"]).await;
    let token = signer.token(header("ES256"), &claims);
    assert_refused(
        "JWT",
        &list_with(&strict, &token).await,
        "not an access token",
    );
    let token = signer.token(with(&header("ES256"), "typ", json!("at+JWT")), &claims);
    assert_eq!(list_with(&strict, &token).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_outside_tokens_are_checked_as_strictly() {
    let signer = Signer::new("ES256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    let app = server(&issuer, &[]).await;
    let claims = issuer.claims(AUDIENCE);
    let now = Timestamp::now().unix_seconds();
    let bad = [
        ("iss", json!(format!("{}/", issuer.url))),
        ("iss", json!("https://elsewhere.example")),
        ("aud", json!(app.url)),
        ("aud", json!(format!("{AUDIENCE}/"))),
        ("aud", json!(["x"])),
        ("aud", Value::Null),
        ("exp", json!(now - 3600)),
        ("exp", Value::Null),
        ("exp", json!("soon")),
        ("exp", json!(now + 30 * 86_400)),
        ("nbf", json!(now + 3600)),
        ("iat", json!(now + 3600)),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!("s".repeat(256))),
        ("client_id", json!(7)),
        ("client_id", json!("c".repeat(256))),
    ];
    for (name, value) in bad {
        let token = signer.token(header("ES256"), &with(&claims, name, value.clone()));
        assert_eq!(list_with(&app, &token).await.status, 401, "{name} {value}");
    }
    // Times may have fractions, and neither `iat` nor a client is a must.
    let good = [
        ("exp", json!(now as f64 + 60.5)),
        ("iat", Value::Null),
        ("client_id", Value::Null),
        ("aud", json!(["x", AUDIENCE])),
    ];
    for (name, value) in good {
        let token = signer.token(header("ES256"), &with(&claims, name, value.clone()));
        assert_eq!(list_with(&app, &token).await.status, 200, "{name} {value}");
    }
    let impostor = Signer::new("ES256").called(&signer.kid);
    let token = impostor.token(header("ES256"), &claims);
    assert_refused(
        "impostor",
        &list_with(&app, &token).await,
        "signature is wrong",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_without_a_restart() {
    let (old, new) = (Signer::new("ES256"), Signer::new("RS256"));
    let issuer = FakeIssuer::start(&[&old]).await;
    // What is fetched is good for long: only the unknown key is a reason to ask again.
    issuer.set(
        JWKS,
        Page::json(&json!({ "keys": [old.jwk()] })).with("Cache-Control", "max-age=3600"),
    );
    let app = server(&issuer, &["--oauth-key-interval", "600"]).await;
    let claims = issuer.claims(AUDIENCE);
    let (before, after) = (
        old.token(header("ES256"), &claims),
        new.token(header("RS256"), &claims),
    );
    assert_eq!(list_with(&app, &before).await.status, 200);
    issuer.publish(&[&old, &new]);
    assert_eq!(list_with(&app, &after).await.status, 200);
    assert_eq!(list_with(&app, &before).await.status, 200);
    assert_eq!(issuer.jwks_requests(), 2);

    // After that a flood of unknown keys makes no request, and holds up nobody.
    for _ in 0..50 {
        let unknown = Signer::new("ES256").called("unknown");
        let token = unknown.token(header("ES256"), &claims);
        assert_refused("flood", &list_with(&app, &token).await, "unknown key");
    }
    assert_eq!(issuer.jwks_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_withdrawn_is_refused_once_the_set_is_old() {
    let (old, new) = (Signer::new("ES256"), Signer::new("ES256"));
    let issuer = FakeIssuer::start(&[&old]).await;
    let app = server(&issuer, &[]).await;
    let claims = issuer.claims(AUDIENCE);
    assert_eq!(
        list_with(&app, &old.token(header("ES256"), &claims))
            .await
            .status,
        200
    );
    issuer.publish(&[&new]);
    // Another token by the same key: the first one is known for a minute.
    let again = old.token(header("ES256"), &with(&claims, "jti", json!("2")));
    assert_refused("withdrawn", &list_with(&app, &again).await, "unknown key");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_issuer_is_down_its_keys_are_used_for_a_bounded_time() {
    let signer = Signer::new("ES256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    let patient = server(&issuer, &["--oauth-stale-keys", "600"]).await;
    let strict = server(&issuer, &["--oauth-stale-keys", "0.001"]).await;
    let claims = issuer.claims(AUDIENCE);
    let token = |n: u32| signer.token(header("ES256"), &with(&claims, "jti", json!(n)));
    for app in [&patient, &strict] {
        assert_eq!(list_with(app, &token(0)).await.status, 200);
    }
    issuer.set(
        JWKS,
        Page {
            status: 500,
            ..Page::json(&json!({}))
        },
    );
    assert_eq!(list_with(&patient, &token(1)).await.status, 200);
    let answer = list_with(&strict, &token(1)).await;
    // Not 401: the token may be good.
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
    let unknown = Signer::new("ES256").token(header("ES256"), &claims);
    assert_eq!(list_with(&patient, &unknown).await.status, 503);
    // Back again.
    issuer.publish(&[&signer]);
    assert_eq!(list_with(&strict, &token(2)).await.status, 200);
}

/// Callers who do not wait for an answer do not make the server ask its issuer again and again.
#[tokio::test(flavor = "multi_thread")]
async fn callers_who_go_away_make_one_request_to_the_issuer() {
    let signer = Signer::new("ES256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    let keys = Page::json(&json!({ "keys": [signer.jwk()] }));
    let delay = Duration::from_millis(500);
    issuer.set(JWKS, Page { delay, ..keys });
    let app = server(&issuer, &["--oauth-key-interval", "600"]).await;
    let token = signer.token(header("ES256"), &issuer.claims(AUDIENCE));
    for _ in 0..5 {
        let request = app.anonymous(Method::GET, "/agents").bearer_auth(&token);
        let impatient = request.timeout(Duration::from_millis(50)).send().await;
        assert!(impatient.is_err_and(|error| error.is_timeout()));
    }
    assert_eq!(list_with(&app, &token).await.status, 200);
    assert_eq!(issuer.jwks_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_while_its_issuer_is_down() {
    let signer = Signer::new("ES256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    issuer.remove(OPENID);
    let app = server(&issuer, &[]).await;
    let token = signer.token(header("ES256"), &issuer.claims(AUDIENCE));
    assert_eq!(list_with(&app, &token).await.status, 503);
    assert_eq!(list_with(&app, app.all_scopes()).await.status, 200);
    issuer.set(OPENID, Page::json(&issuer.metadata()));
    assert_eq!(list_with(&app, &token).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_are_also_found_where_rfc_8414_has_them() {
    let signer = Signer::new("ES256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    issuer.remove(OPENID);
    let name = format!("{}/realms/agents", issuer.url);
    let mut metadata = issuer.metadata();
    metadata["issuer"] = json!(name);
    issuer.set(
        "/.well-known/oauth-authorization-server/realms/agents",
        Page::json(&metadata),
    );
    let flags = [
        "--oauth-issuer",
        &name,
        "--oauth-audience",
        AUDIENCE,
        "--oauth-key-interval",
        "0.001",
    ];
    let app = TestApp::with_flags(&flags).await;
    let claims = with(&issuer.claims(AUDIENCE), "iss", json!(name));
    let token = signer.token(header("ES256"), &claims);
    assert_eq!(list_with(&app, &token).await.status, 200);
    // And where OpenID Connect has them, below the issuer's path.
    issuer.remove("/.well-known/oauth-authorization-server/realms/agents");
    issuer.set(
        "/realms/agents/.well-known/openid-configuration",
        Page::json(&metadata),
    );
    let app = TestApp::with_flags(&flags).await;
    assert_eq!(list_with(&app, &token).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_an_issuer_that_cannot_be_right_are_not_believed() {
    let signer = Signer::new("ES256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    let elsewhere = FakeIssuer::start(&[&signer]).await;
    let keys = json!({ "keys": [signer.jwk()] });
    let mut other_issuer = issuer.metadata();
    other_issuer["issuer"] = json!(elsewhere.url);
    let mut insecure = issuer.metadata();
    insecure["jwks_uri"] = json!("http://keys.example/jwks");
    let redirect = |to: &str| Page {
        status: 302,
        ..Page::json(&json!({})).with("Location", to)
    };
    let huge = json!({ "keys": [signer.jwk()], "filler": "x".repeat(600_000) });
    let slow = Page {
        delay: Duration::from_secs(60),
        ..Page::json(&keys)
    };
    let bad = [
        ("metadata of another", OPENID, Page::json(&other_issuer)),
        ("keys over plain HTTP", OPENID, Page::json(&insecure)),
        (
            "metadata elsewhere",
            OPENID,
            redirect(&format!("{}{OPENID}", elsewhere.url)),
        ),
        (
            "no JSON",
            OPENID,
            Page {
                body: "<html>".into(),
                ..Page::json(&keys)
            },
        ),
        (
            "keys elsewhere",
            JWKS,
            redirect(&format!("{}{JWKS}", elsewhere.url)),
        ),
        ("a circle", JWKS, redirect(JWKS)),
        (
            "another type",
            JWKS,
            Page::json(&keys).with("Content-Type", "text/html"),
        ),
        ("too long", JWKS, Page::json(&huge)),
        ("no set", JWKS, Page::json(&json!([signer.jwk()]))),
        (
            "gone",
            JWKS,
            Page {
                status: 404,
                ..Page::json(&keys)
            },
        ),
        ("too slow", JWKS, slow),
    ];
    let token = signer.token(header("ES256"), &issuer.claims(AUDIENCE));
    for (what, path, page) in bad {
        let good = issuer.pages.lock().unwrap()[path].clone();
        issuer.set(path, page);
        let app = server(&issuer, &[]).await;
        assert_eq!(list_with(&app, &token).await.status, 503, "{what}");
        issuer.set(path, good);
    }
    // A redirect on the same host is followed.
    issuer.set("/moved", Page::json(&keys));
    issuer.set(JWKS, redirect("/moved"));
    let app = server(&issuer, &[]).await;
    assert_eq!(list_with(&app, &token).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_for_signatures_open_nothing() {
    let (good, bad) = (Signer::new("ES256"), Signer::new("RS256"));
    let issuer = FakeIssuer::start(&[]).await;
    let claims = issuer.claims(AUDIENCE);
    let changed = |name: &str, value: Value| with(&bad.jwk(), name, value);
    let unfit = [
        changed("use", json!("enc")),
        changed("key_ops", json!(["sign"])),
        changed("d", json!("AQAB")),
        changed("n", json!("AQAB")),
        changed("kty", json!("oct")),
        changed("alg", json!("HS256")),
    ];
    for jwk in unfit {
        issuer.publish_json(&json!({ "keys": [jwk, { "kty": "future", "x": 1 }, good.jwk()] }));
        let app = server(&issuer, &[]).await;
        let token = bad.token(header("RS256"), &claims);
        assert_refused(
            &jwk.to_string(),
            &list_with(&app, &token).await,
            "unknown key",
        );
        let token = good.token(header("ES256"), &claims);
        assert_eq!(
            list_with(&app, &token).await.status,
            200,
            "the others still do"
        );
    }
    // Two keys of one id: nobody can say which is meant.
    let twin = Signer::new("ES256").called(&good.kid);
    issuer.publish(&[&good, &twin]);
    let app = server(&issuer, &[]).await;
    let token = good.token(header("ES256"), &claims);
    assert_refused("twins", &list_with(&app, &token).await, "which key");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_issuer_can_be_switched_off() {
    let signer = Signer::new("ES256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    let app = server(&issuer, &["--no-tokens"]).await;
    assert_refused(
        "ours",
        &list_with(&app, app.all_scopes()).await,
        "another issuer",
    );
    let claims = with(
        &issuer.claims(AUDIENCE),
        "scope",
        json!("agents:read admin"),
    );
    let token = signer.token(header("ES256"), &claims);
    assert_eq!(list_with(&app, &token).await.status, 200);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "a"),
        ("client_secret", "b"),
    ];
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] {
        let answer = app
            .send(app.anonymous(Method::POST, path).form(&form))
            .await;
        assert_eq!(answer.status, 404, "{path}");
    }
    for path in ["/oauth/jwks", "/.well-known/oauth-authorization-server"] {
        assert_eq!(
            app.send(app.anonymous(Method::GET, path)).await.status,
            404,
            "{path}"
        );
    }
    let create = app
        .anonymous(Method::POST, "/oauth/clients")
        .bearer_auth(&token);
    let create = create.json(&json!({ "name": "c", "scopes": ["admin"] }));
    assert_eq!(app.send(create).await.status, 404);
    let metadata = app
        .send(app.anonymous(Method::GET, "/.well-known/oauth-protected-resource"))
        .await;
    assert_eq!(metadata.json["authorization_servers"], json!([issuer.url]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_served_specification_leads_people_to_the_outside_issuer() {
    let signer = Signer::new("ES256");
    let issuer = FakeIssuer::start(&[&signer]).await;
    let flags = [
        "--oauth-ui-client-id",
        "docs\"<",
        "--oauth-ui-scopes",
        "api://x/read,openid",
    ];
    let app = server(&issuer, &flags).await;
    let spec = app
        .http
        .get(format!("{}/openapi.json", app.url))
        .send()
        .await
        .unwrap();
    let spec: Value = spec.json().await.unwrap();
    let flows = &spec["components"]["securitySchemes"]["oauth2"]["flows"];
    assert_eq!(
        flows["authorizationCode"]["authorizationUrl"],
        format!("{}/authorize", issuer.url)
    );
    assert_eq!(
        flows["authorizationCode"]["tokenUrl"],
        format!("{}/token", issuer.url)
    );
    assert_eq!(
        flows["authorizationCode"]["scopes"],
        json!({ "api://x/read": "", "openid": "" })
    );
    assert_eq!(
        flows["clientCredentials"]["tokenUrl"],
        format!("{}/oauth/token", app.url)
    );
    let docs = app
        .http
        .get(format!("{}/docs", app.url))
        .send()
        .await
        .unwrap();
    let policy = docs.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains(&format!("connect-src 'self' {};", issuer.url)),
        "{policy}"
    );
    assert!(
        docs.text()
            .await
            .unwrap()
            .contains("data-client-id=\"docs&quot;&lt;\"")
    );
    let receiver = app
        .http
        .get(format!("{}/docs/oauth-receiver.html", app.url))
        .send()
        .await
        .unwrap();
    assert_eq!(receiver.status(), 200);
    assert!(
        receiver
            .text()
            .await
            .unwrap()
            .contains("swaggerUIRedirectOauth2")
    );

    // While the issuer is down the rest is there; later people find the way.
    let other = FakeIssuer::start(&[]).await;
    other.remove(OPENID);
    let app = server(&other, &["--no-tokens"]).await;
    let flows = async || {
        let spec = app
            .http
            .get(format!("{}/openapi.json", app.url))
            .send()
            .await
            .unwrap();
        let spec: Value = spec.json().await.unwrap();
        spec["components"]["securitySchemes"]["oauth2"]["flows"].clone()
    };
    assert_eq!(flows().await.get("authorizationCode"), None);
    other.set(OPENID, Page::json(&other.metadata()));
    eventually("the flow is there", Duration::from_secs(5), async || {
        flows().await.get("authorizationCode").is_some()
    })
    .await;
    assert_eq!(flows().await.get("clientCredentials"), None);
}
