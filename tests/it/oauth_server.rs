//! The built-in authorization server: revocation, introspection, rotation of keys, limits.

use std::time::Duration;

use agentdata::{
    auth::{ScopeSet, client, jwt::UnverifiedToken},
    values::Timestamp,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Events, TestApp,
    cluster::{self, Session},
    eventually,
    signer::{Signer, own_claims},
};

/// A client of a tenant: its id and its secret.
async fn make_client(app: &TestApp, name: &str, tenant: &str) -> (String, String) {
    let scopes = ScopeSet::parse("agents:read admin").unwrap();
    let made = client::create(&app.app.db, name, scopes, tenant)
        .await
        .unwrap();
    let (client, secret) = made.unwrap();
    (client.id.to_string(), secret.reveal().to_owned())
}

async fn post(
    app: &TestApp,
    path: &str,
    client: &(String, String),
    form: &[(&str, &str)],
) -> Answer {
    let request = app.anonymous(Method::POST, path).form(form);
    app.send(request.basic_auth(&client.0, Some(&client.1)))
        .await
}

async fn token(app: &TestApp, client: &(String, String)) -> String {
    let answer = post(
        app,
        "/oauth/token",
        client,
        &[("grant_type", "client_credentials")],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["access_token"].as_str().unwrap().to_owned()
}

async fn status_with(app: &TestApp, token: &str) -> u16 {
    let request = app.anonymous(Method::GET, "/agents");
    app.send(request.bearer_auth(token)).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_here_at_once_and_elsewhere_soon() {
    let here = TestApp::start().await;
    let url = here.url.as_str();
    let elsewhere = TestApp::on_database(here.database_url.clone(), &[]).await;
    let client = make_client(&here, "c", "default").await;
    let (good, revoked) = (token(&here, &client).await, token(&here, &client).await);
    assert_eq!(status_with(&here, &revoked).await, 200);

    let answer = post(&here, "/oauth/revoke", &client, &[("token", &revoked)]).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(status_with(&here, &revoked).await, 401);
    assert_eq!(status_with(&here, &good).await, 200);
    // The other server has another URL here, so its own tokens name another issuer; what it knows of
    // revocations is the same.
    let parsed = UnverifiedToken::parse(&revoked).unwrap();
    assert_eq!(parsed.issuer(), Some(url));
    let claims = revoked.split('.').nth(1).unwrap();
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims);
    let claims: Value = serde_json::from_slice(&claims.unwrap()).unwrap();
    let id = claims["jti"].as_str().unwrap().parse().unwrap();
    eventually(
        "the other server knows",
        Duration::from_secs(5),
        async || elsewhere.app.authenticator.revocations().contain(id),
    )
    .await;
    // Again, and of nonsense: RFC 7009 §2.2.
    for form in [
        vec![("token", revoked.as_str())],
        vec![("token", "x"), ("token_type_hint", "refresh_token")],
    ] {
        assert_eq!(
            post(&here, "/oauth/revoke", &client, &form).await.status,
            200
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_token_or_its_client() {
    let app = TestApp::start().await;
    let agent = app.post("/agents", &json!({ "name": "a" })).await.json["id"].clone();
    let path = format!("/agents/{}", agent.as_str().unwrap());
    let body = json!({ "name": "streams", "scopes": ["logs:read", "configs:read"] });
    let made = app.post("/oauth/clients", &body).await.json;
    let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let client = (text("/client/client_id"), text("/client_secret"));
    let open = async |token: &str, stream: &str| {
        let request = app.anonymous(Method::GET, &format!("{path}/{stream}"));
        Events::open(request.bearer_auth(token)).await
    };
    let (revoked, kept) = (token(&app, &client).await, token(&app, &client).await);
    let mut tail = open(&revoked, "logs/tail").await;
    let mut others = [
        open(&kept, "logs/tail").await,
        open(&kept, "config-changes").await,
    ];
    post(&app, "/oauth/revoke", &client, &[("token", &revoked)]).await;
    let end = json!({ "reason": "token_revoked" });
    assert_eq!(tail.next().await.unwrap().data, end);
    assert_eq!(tail.next().await, None);
    assert_eq!(
        app.delete(&format!("/oauth/clients/{}", client.0))
            .await
            .status,
        204
    );
    for stream in &mut others {
        assert_eq!(stream.next().await.unwrap().data, end);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_revokes_the_token_of_another() {
    let app = TestApp::start().await;
    let (owner, other) = (
        make_client(&app, "a", "t").await,
        make_client(&app, "b", "t").await,
    );
    let token = token(&app, &owner).await;
    let answer = post(&app, "/oauth/revoke", &other, &[("token", &token)]).await;
    assert_eq!(
        (answer.status, &answer.json["error"]),
        (400, &json!("unauthorized_client"))
    );
    assert_eq!(status_with(&app, &token).await, 200);
    let answer = post(
        &app,
        "/oauth/revoke",
        &(owner.0, "wrong".into()),
        &[("token", &token)],
    )
    .await;
    assert_eq!(
        (answer.status, &answer.json["error"]),
        (401, &json!("invalid_client"))
    );
    let anonymous = app
        .anonymous(Method::POST, "/oauth/revoke")
        .form(&[("token", &token)]);
    assert_eq!(app.send(anonymous).await.status, 401);
    assert_eq!(status_with(&app, &token).await, 200);
    let answer = post(&app, "/oauth/revoke", &other, &[]).await;
    assert_eq!(
        (answer.status, &answer.json["error"]),
        (400, &json!("invalid_request"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_tells_a_tenant_of_its_own_tokens_only() {
    let app = TestApp::start().await;
    let owner = make_client(&app, "a", "acme").await;
    let (colleague, stranger) = (
        make_client(&app, "b", "acme").await,
        make_client(&app, "c", "umbrella").await,
    );
    let good = token(&app, &owner).await;
    let ask = async |client: &(String, String), token: &str| {
        let answer = post(&app, "/oauth/introspect", client, &[("token", token)]).await;
        assert_eq!(answer.status, 200);
        answer.json
    };
    for client in [&owner, &colleague] {
        let answer = ask(client, &good).await;
        assert_eq!(answer["active"], true);
        assert_eq!(answer["client_id"], owner.0.as_str());
        assert_eq!(answer["sub"], owner.0.as_str());
        assert_eq!(answer["scope"], "agents:read admin");
        assert_eq!(answer["tenant"], "acme");
        assert_eq!(answer["iss"], app.url.as_str());
        assert_eq!(answer["aud"], app.url.as_str());
        assert_eq!(answer["token_type"], "Bearer");
        let exp = answer["exp"].as_i64().unwrap() - Timestamp::now().unix_seconds();
        assert!((880..=900).contains(&exp), "{exp}");
    }
    // RFC 7662 §2.2: of a token that is not active nothing else is said.
    let inactive = json!({ "active": false });
    assert_eq!(ask(&stranger, &good).await, inactive);
    let forged = Signer::new("ES256").token(
        json!({ "alg": "ES256", "typ": "at+jwt" }),
        &own_claims(&app),
    );
    for bad in ["", "x", &good[1..], &forged] {
        assert_eq!(ask(&owner, bad).await, inactive, "{bad}");
    }
    post(&app, "/oauth/revoke", &owner, &[("token", &good)]).await;
    assert_eq!(ask(&owner, &good).await, inactive);
    let wrong = post(
        &app,
        "/oauth/introspect",
        &(owner.0, "x".into()),
        &[("token", &good)],
    )
    .await;
    assert_eq!(wrong.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_published_before_it_signs_and_old_ones_go() {
    let app = TestApp::start().await;
    let database = Session::open(&app.database_url).await;
    let keys = app.app.authenticator.tokens().keys();
    let published = async || {
        let answer = app.send(app.anonymous(Method::GET, "/oauth/jwks")).await;
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
        let keys = answer.json["keys"].as_array().unwrap().clone();
        keys.iter()
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let signed_by = || {
        let token = app.token(&[], "default");
        UnverifiedToken::parse(&token)
            .unwrap()
            .kid()
            .unwrap()
            .to_owned()
    };
    let first = signed_by();
    let early = app.token(&[agentdata::auth::Scope::AgentsRead], "default");
    let second = keys.rotate(&app.app.db, false).await.unwrap();
    assert_eq!(published().await, [first.clone(), second.clone()]);
    assert_eq!(signed_by(), first, "others may not know the new one yet");

    let later = |seconds: u32| {
        format!("UPDATE signing_keys SET created_at = created_at - interval '{seconds} seconds'")
    };
    let day = Duration::from_secs(86_400);
    database.run(&later(700)).await;
    keys.load(&app.app.db).await.unwrap();
    assert_eq!(signed_by(), second);
    keys.rotate_by_age(&app.app.db, day).await.unwrap();
    keys.load(&app.app.db).await.unwrap();
    assert_eq!(published().await, [first.clone(), second.clone()]);
    assert_eq!(status_with(&app, &early).await, 200);

    // A day after the second has begun to sign no token by the first is good any more.
    database.run(&later(86_400)).await;
    keys.load(&app.app.db).await.unwrap();
    keys.rotate_by_age(&app.app.db, day).await.unwrap();
    keys.load(&app.app.db).await.unwrap();
    let now = published().await;
    assert_eq!(
        (now.len(), &now[0]),
        (2, &second),
        "and by its age it has a successor"
    );
    assert_eq!(signed_by(), second);
    keys.rotate_by_age(&app.app.db, day).await.unwrap();
    keys.load(&app.app.db).await.unwrap();
    assert_eq!(published().await, now, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_all_other_keys_ends_every_token() {
    let app = TestApp::start().await;
    let token = |app: &TestApp| app.token(&[agentdata::auth::Scope::AgentsRead], "default");
    let (used, unused) = (token(&app), token(&app));
    assert_eq!(status_with(&app, &used).await, 200);
    let keys = app.app.authenticator.tokens().keys();
    keys.rotate(&app.app.db, true).await.unwrap();
    assert_eq!(status_with(&app, &unused).await, 401);
    assert_eq!(
        status_with(&app, &token(&app)).await,
        200,
        "the new key signs at once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_rotate_at_once_make_one_key() {
    let app = TestApp::start().await;
    let database = Session::open(&app.database_url).await;
    database
        .run("UPDATE signing_keys SET created_at = now() - interval '100 days'")
        .await;
    let others: Vec<_> = futures_util::future::join_all(
        (0..4).map(|_| async { TestApp::on_database(app.database_url.clone(), &[]).await }),
    )
    .await;
    let age = Duration::from_secs(90 * 86_400);
    let rotated = others.iter().map(|other| {
        other
            .app
            .authenticator
            .tokens()
            .keys()
            .rotate_by_age(&other.app.db, age)
    });
    for result in futures_util::future::join_all(rotated).await {
        result.unwrap();
    }
    assert_eq!(
        database.number("SELECT count(*) FROM signing_keys").await,
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_too_many_tokens_must_wait() {
    let app = TestApp::with_flags(&["--token-rate", "3", "--token-rate-per-address", "1000"]).await;
    let (eager, other) = (
        make_client(&app, "a", "t").await,
        make_client(&app, "b", "t").await,
    );
    let grant = [("grant_type", "client_credentials")];
    // Who does not know the secret uses nothing up.
    for _ in 0..5 {
        let answer = post(
            &app,
            "/oauth/token",
            &(eager.0.clone(), "wrong".into()),
            &grant,
        )
        .await;
        assert_eq!(answer.status, 401);
    }
    for _ in 0..3 {
        assert_eq!(post(&app, "/oauth/token", &eager, &grant).await.status, 200);
    }
    let answer = post(&app, "/oauth/token", &eager, &grant).await;
    assert_eq!(
        (answer.status, &answer.json["error"]),
        (429, &json!("temporarily_unavailable"))
    );
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(post(&app, "/oauth/token", &other, &grant).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_guesses_secrets_must_wait() {
    let app = TestApp::with_flags(&[
        "--token-rate-per-address",
        "5",
        "--trusted-proxies",
        "127.0.0.1",
    ])
    .await;
    let client = make_client(&app, "a", "t").await;
    let try_from = async |address: &str, secret: &str| {
        let request = app
            .anonymous(Method::POST, "/oauth/token")
            .form(&[("grant_type", "client_credentials")])
            .basic_auth(&client.0, Some(secret))
            .header("x-forwarded-for", address);
        app.send(request).await.status
    };
    for _ in 0..5 {
        assert_eq!(try_from("192.0.2.1", "guess").await, 401);
    }
    assert_eq!(
        try_from("192.0.2.1", &client.1).await,
        429,
        "whether it is right is not said"
    );
    assert_eq!(try_from("192.0.2.2", &client.1).await, 200);
    // One network of IPv6 is one address.
    for n in 0..5 {
        assert_eq!(try_from(&format!("2001:db8::{n}"), "guess").await, 401);
    }
    assert_eq!(try_from("2001:db8::ffff", "guess").await, 429);
    assert_eq!(try_from("2001:db8:0:1::1", "guess").await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_a_client_can_be_limited() {
    let app = TestApp::with_flags(&["--api-rate", "5"]).await;
    let (eager, other) = (
        app.token(agentdata::auth::Scope::ALL, "a"),
        app.token(agentdata::auth::Scope::ALL, "a"),
    );
    let mut statuses = Vec::new();
    for _ in 0..50 {
        let answer = app
            .send(app.anonymous(Method::GET, "/agents").bearer_auth(&eager))
            .await;
        if answer.status == 429 {
            assert_eq!(answer.header("retry-after"), "1");
            assert_eq!(answer.json["code"], "too_many_requests");
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses[..5], [200; 5]);
    assert!(statuses.contains(&429));
    assert_eq!(status_with(&app, &other).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn revocations_go_when_their_tokens_have_ended() {
    let app = TestApp::start().await;
    let client = make_client(&app, "c", "t").await;
    let token = token(&app, &client).await;
    post(&app, "/oauth/revoke", &client, &[("token", &token)]).await;
    let database = Session::open(&app.database_url).await;
    let count = "SELECT count(*) FROM revocations";
    let connector = agentdata::db::Connector::new(&app.database_url, &cluster::bounds()).unwrap();
    let connection = connector.connect().await.unwrap();
    agentdata::auth::store::purge_revocations(&connection)
        .await
        .unwrap();
    assert_eq!(database.number(count).await, 1);
    database
        .run("UPDATE revocations SET until = now() - interval '1 second'")
        .await;
    agentdata::auth::store::purge_revocations(&connection)
        .await
        .unwrap();
    assert_eq!(database.number(count).await, 0);
}
