//! The administration of clients.

use agentdata::auth::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, cluster::Session};

async fn grant(app: &TestApp, id: &Value, secret: &Value) -> Answer {
    let request = app
        .anonymous(Method::POST, "/oauth/token")
        .form(&[("grant_type", "client_credentials")])
        .basic_auth(id.as_str().unwrap(), secret.as_str());
    app.send(request).await
}

fn path(client: &Value) -> String {
    format!("/oauth/clients/{}", client["client_id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_made_used_and_deleted() {
    let app = TestApp::start().await;
    let body = json!({ "name": "ingest", "scopes": ["logs:write", "agents:read"] });
    let created = app.post("/oauth/clients", &body).await;
    assert_eq!(created.status, 201);
    let (client, secret) = (&created.json["client"], &created.json["client_secret"]);
    assert_eq!(
        created.header("location"),
        format!("{}{}", app.url, path(client))
    );
    assert_eq!(
        client["scopes"],
        json!(["agents:read", "logs:write"]),
        "in the order of the list of scopes"
    );
    assert_eq!(client["tenant"], "default");
    assert_eq!(secret.as_str().unwrap().len(), 43, "256 bits in base64url");
    assert_eq!(app.get(&path(client)).await.json, *client);

    let granted = grant(&app, &client["client_id"], secret).await;
    assert_eq!(granted.json["scope"], "agents:read logs:write");
    let token = granted.json["access_token"].as_str().unwrap();
    let list = || app.anonymous(Method::GET, "/agents").bearer_auth(token);
    assert_eq!(app.send(list()).await.status, 200);

    assert_eq!(app.delete(&path(client)).await.status, 204);
    assert_eq!(app.get(&path(client)).await.status, 404);
    assert_eq!(app.delete(&path(client)).await.status, 404);
    assert_eq!(grant(&app, &client["client_id"], secret).await.status, 401);
    assert_eq!(app.send(list()).await.status, 401, "its tokens end with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_once_and_stored_as_a_hash() {
    let app = TestApp::start().await;
    let created = app
        .post(
            "/oauth/clients",
            &json!({ "name": "c", "scopes": ["admin"] }),
        )
        .await;
    let secret = created.json["client_secret"].as_str().unwrap();
    let list = app.get("/oauth/clients").await;
    assert_eq!(list.json["items"], json!([created.json["client"]]));
    assert!(!list.text.contains(secret));
    let database = Session::open(&app.database_url).await;
    let rows = database
        .texts("SELECT row_to_json(c)::text FROM oauth_clients c")
        .await;
    assert!(rows.iter().all(|row| !row.contains(secret)));
    assert_eq!(created.header("cache-control"), "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_overlaps_for_as_long_as_is_asked() {
    let app = TestApp::start().await;
    let created = app
        .post(
            "/oauth/clients",
            &json!({ "name": "c", "scopes": ["admin"] }),
        )
        .await;
    let client = &created.json["client"];
    let (id, first) = (&client["client_id"], &created.json["client_secret"]);
    let rotate = async |body: Value| {
        let answer = app.post(&format!("{}/secret", path(client)), &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json
    };
    let rotated = rotate(json!({})).await;
    let second = &rotated["client_secret"];
    assert_ne!(second, first);
    assert!(rotated["client"]["old_secret_until"].is_string());
    for secret in [first, second] {
        assert_eq!(grant(&app, id, secret).await.status, 200);
    }
    let third = &rotate(json!({ "overlap_seconds": 3600 })).await["client_secret"];
    assert_eq!(
        grant(&app, id, first).await.status,
        401,
        "two are good at a time"
    );
    for secret in [second, third] {
        assert_eq!(grant(&app, id, secret).await.status, 200);
    }
    let last = rotate(json!({ "overlap_seconds": 0 })).await;
    assert_eq!(last["client"]["old_secret_until"], Value::Null);
    assert_eq!(grant(&app, id, third).await.status, 401);
    assert_eq!(grant(&app, id, &last["client_secret"]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sees_and_makes_clients_of_its_own_tenant_only() {
    let app = TestApp::start().await;
    let (a, b) = (
        app.token(&[Scope::Admin], "a"),
        app.token(&[Scope::Admin], "b"),
    );
    let create = async |token: &str, body: Value| {
        let request = app
            .anonymous(Method::POST, "/oauth/clients")
            .bearer_auth(token);
        app.send(request.json(&body)).await
    };
    let body = json!({ "name": "same", "scopes": ["admin", "agents:write"] });
    // The name of another tenant's client is free, and whether it is taken there cannot be found out.
    let (of_a, of_b) = (
        create(&a, body.clone()).await,
        create(&b, body.clone()).await,
    );
    assert_eq!((of_a.status, of_b.status), (201, 201));
    assert_eq!(
        (
            &of_a.json["client"]["tenant"],
            &of_b.json["client"]["tenant"]
        ),
        (&json!("a"), &json!("b"))
    );
    let again = create(&a, body).await;
    assert_eq!(
        (again.status, &again.json["code"]),
        (409, &json!("name_taken"))
    );
    let chosen = create(
        &a,
        json!({ "name": "x", "scopes": ["admin"], "tenant": "b" }),
    )
    .await;
    assert_eq!((chosen.status, chosen.places()), (422, vec!["/tenant"]));

    let list = app
        .send(app.anonymous(Method::GET, "/oauth/clients").bearer_auth(&a))
        .await;
    assert_eq!(list.json["items"], json!([of_a.json["client"]]));
    let foreign = path(&of_b.json["client"]);
    for (method, path) in [
        (Method::GET, foreign.clone()),
        (Method::DELETE, foreign.clone()),
    ] {
        let answer = app.send(app.anonymous(method, &path).bearer_auth(&a)).await;
        assert_eq!(answer.status, 404);
    }
    let rotate = app
        .anonymous(Method::POST, &format!("{foreign}/secret"))
        .bearer_auth(&a);
    assert_eq!(app.send(rotate.json(&json!({}))).await.status, 404);
    assert_eq!(
        grant(
            &app,
            &of_b.json["client"]["client_id"],
            &of_b.json["client_secret"]
        )
        .await
        .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_clients_are_refused_with_the_place() {
    let app = TestApp::start().await;
    let bad = [
        (json!({ "scopes": ["admin"] }), "/name"),
        (json!({ "name": "", "scopes": ["admin"] }), "/name"),
        (
            json!({ "name": "n".repeat(201), "scopes": ["admin"] }),
            "/name",
        ),
        (json!({ "name": "a\0", "scopes": ["admin"] }), "/name"),
        (json!({ "name": "c", "scopes": [] }), "/scopes"),
        (
            json!({ "name": "c", "scopes": ["admin", "admin"] }),
            "/scopes",
        ),
        (
            json!({ "name": "c", "scopes": ["agents:fly"] }),
            "/scopes/0",
        ),
        (json!({ "name": "c", "scopes": "admin" }), "/scopes"),
        (
            json!({ "name": "c", "scopes": ["admin"], "client_secret": "mine" }),
            "/client_secret",
        ),
    ];
    for (body, place) in bad {
        let answer = app.post("/oauth/clients", &body).await;
        assert_eq!(
            (answer.status, answer.places()),
            (422, vec![place]),
            "{body}"
        );
    }
    assert_eq!(app.get("/oauth/clients").await.json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_come_in_pages_by_name() {
    let app = TestApp::start().await;
    for name in ["d", "b", "a", "c", "e"] {
        let body = json!({ "name": name, "scopes": ["admin"] });
        assert_eq!(app.post("/oauth/clients", &body).await.status, 201);
    }
    let mut names = Vec::new();
    let mut next = "/oauth/clients?limit=2".to_owned();
    loop {
        let page = app.get(&next).await;
        let items = page.json["items"].as_array().unwrap().clone();
        names.extend(
            items
                .iter()
                .map(|client| client["name"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page.json["next_cursor"].as_str() else {
            break;
        };
        next = format!("/oauth/clients?limit=2&cursor={cursor}");
    }
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
}
