//! What one tenant has, another cannot see, change or guess, for every operation of the
//! specification.

use agentdata::auth::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, TestApp,
    contract::{self, Operation, operations},
    resources::{self, Names},
};

/// An agent of the token's tenant.
async fn agent(app: &TestApp, token: &str) -> String {
    let get = contract::operation("GET", "/agents/{agent_id}").unwrap();
    resources::names(app, &get, token).await["agent_id"].clone()
}

async fn call(app: &TestApp, operation: &Operation, names: &Names, token: &str) -> Answer {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let request = app
        .anonymous(method, &operation.path_with(names))
        .query(&operation.required_query())
        .bearer_auth(token);
    let unique = agentdata::values::Id::new().to_string();
    app.send(operation.with_example(request, &unique)).await
}

fn without_instance(answer: &Answer) -> Value {
    let mut json = answer.json.clone();
    json.as_object_mut().unwrap().remove("instance");
    json
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_resource_looks_like_one_that_never_was() {
    let app = TestApp::start().await;
    let (owner, stranger) = (
        app.token(Scope::ALL, "owner"),
        app.token(Scope::ALL, "stranger"),
    );
    let mut tried = 0;
    for operation in operations() {
        let Some(parent) = operation.path_parameters().next() else {
            continue;
        };
        let own = resources::names(&app, &operation, &owner).await;
        // The same names but for the parent, which is that of nothing.
        let mut nowhere = own.clone();
        nowhere.insert(
            parent.to_owned(),
            operation.names_of_nothing()[parent].clone(),
        );
        let foreign = call(&app, &operation, &own, &stranger).await;
        let absent = call(&app, &operation, &nowhere, &stranger).await;
        assert_eq!(
            (foreign.status, absent.status),
            (404, 404),
            "{}",
            operation.id
        );
        assert_eq!(
            without_instance(&foreign),
            without_instance(&absent),
            "{}",
            operation.id
        );
        let answer = call(&app, &operation, &own, &owner).await;
        assert!(answer.status < 300, "{}: {}", operation.id, answer.text);
        tried += 1;
    }
    assert!(
        tried >= 4,
        "the specification has operations on single resources"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_shows_what_another_tenant_has() {
    let app = TestApp::start().await;
    let (owner, stranger) = (
        app.token(Scope::ALL, "owner"),
        app.token(Scope::ALL, "stranger"),
    );
    agent(&app, &owner).await;
    let lists: Vec<_> = operations()
        .into_iter()
        .filter(|o| {
            o.method == "GET" && o.id.starts_with("list_") && o.path_parameters().next().is_none()
        })
        .collect();
    assert!(!lists.is_empty());
    for operation in lists {
        let own = call(&app, &operation, &Names::new(), &owner).await;
        assert_eq!(
            own.json["items"].as_array().unwrap().len(),
            1,
            "{}",
            operation.id
        );
        let foreign = call(&app, &operation, &Names::new(), &stranger).await;
        assert_eq!(foreign.json["items"], json!([]), "{}", operation.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_ids_and_idempotency_keys_are_each_tenants_own() {
    let app = TestApp::start().await;
    let id = agentdata::values::Id::new().to_string();
    let body = json!({ "id": id, "name": "same" });
    let mut created = Vec::new();
    for tenant in ["a", "b"] {
        let request = app
            .anonymous(Method::POST, "/agents")
            .bearer_auth(app.token(Scope::ALL, tenant))
            .header("idempotency-key", "same")
            .json(&body);
        let answer = app.send(request).await;
        assert_eq!(answer.status, 201);
        created.push(answer.json["created_at"].clone());
    }
    assert_ne!(
        created[0], created[1],
        "the second is no replay of the first"
    );
    let gone = app
        .anonymous(Method::DELETE, &format!("/agents/{id}"))
        .bearer_auth(app.token(Scope::ALL, "a"));
    assert_eq!(app.send(gone).await.status, 204);
    let other = app
        .anonymous(Method::GET, &format!("/agents/{id}"))
        .bearer_auth(app.token(Scope::ALL, "b"));
    assert_eq!(app.send(other).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_no_good_in_another_tenant() {
    let app = TestApp::start().await;
    let (a, b) = (app.token(Scope::ALL, "a"), app.token(Scope::ALL, "b"));
    for _ in 0..2 {
        agent(&app, &a).await;
    }
    let page = app
        .send(
            app.anonymous(Method::GET, "/agents?limit=1")
                .bearer_auth(&a),
        )
        .await;
    let cursor = page.json["next_cursor"].as_str().unwrap();
    let path = format!("/agents?limit=1&cursor={cursor}");
    assert_eq!(
        app.send(app.anonymous(Method::GET, &path).bearer_auth(&a))
            .await
            .status,
        200
    );
    let foreign = app
        .send(app.anonymous(Method::GET, &path).bearer_auth(&b))
        .await;
    assert_eq!((foreign.status, foreign.places()), (422, vec!["cursor"]));
}
