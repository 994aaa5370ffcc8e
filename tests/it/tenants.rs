//! What one tenant has, another cannot see, change or guess, for every operation of the
//! specification.

use agentdata::auth::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, TestApp,
    contract::{self, Operation, example, operations},
};

const NOWHERE: &str = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";

/// A resource of the tenant for each path parameter that operations have.
async fn id_for(app: &TestApp, parameter: &str, token: &str) -> String {
    let path = match parameter {
        "agent_id" => "/agents",
        other => panic!("say here how to create a resource for `{other}`"),
    };
    let schema = contract::operation("POST", path).unwrap();
    let body = example(
        schema.body_schema().unwrap(),
        &agentdata::values::Id::new().to_string(),
    );
    let answer = app
        .send(
            app.anonymous(Method::POST, path)
                .bearer_auth(token)
                .json(&body),
        )
        .await;
    assert_eq!(answer.status, 201);
    answer.json["id"].as_str().unwrap().to_owned()
}

async fn call(app: &TestApp, operation: &Operation, id: &str, token: &str) -> Answer {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let mut request = app
        .anonymous(method, &operation.path_with(id))
        .bearer_auth(token);
    if let Some(schema) = operation.body_schema() {
        request = request.json(&example(schema, &agentdata::values::Id::new().to_string()));
    }
    app.send(request).await
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
        let Some(parameter) = operation
            .parameters("path")
            .first()
            .map(|p| p["name"].as_str().unwrap())
        else {
            continue;
        };
        let id = id_for(&app, parameter, &owner).await;
        let foreign = call(&app, &operation, &id, &stranger).await;
        let absent = call(&app, &operation, NOWHERE, &stranger).await;
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
        let own = call(&app, &operation, &id, &owner).await;
        assert!(own.status < 300, "{}: {}", operation.id, own.text);
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
    id_for(&app, "agent_id", &owner).await;
    let lists: Vec<_> = operations()
        .into_iter()
        .filter(|o| {
            o.method == "GET" && o.id.starts_with("list_") && o.parameters("path").is_empty()
        })
        .collect();
    assert!(!lists.is_empty());
    for operation in lists {
        let own = call(&app, &operation, "", &owner).await;
        assert_eq!(
            own.json["items"].as_array().unwrap().len(),
            1,
            "{}",
            operation.id
        );
        let foreign = call(&app, &operation, "", &stranger).await;
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
        id_for(&app, "agent_id", &a).await;
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
