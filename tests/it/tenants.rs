//! What one tenant has, another cannot see, change or guess, for every operation of the
//! specification.

use std::time::Duration;

use agentdata::{
    auth::Scope,
    values::{Id, Timestamp},
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{
    Answer, Events, TestApp,
    contract::{self, Operation, operations},
    resources::{self, Names},
};

/// An agent of the token's tenant.
async fn agent(app: &TestApp, token: &str) -> String {
    let get = contract::operation("GET", "/agents/{agent_id}").unwrap();
    resources::names(app, &get, token).await["agent_id"].clone()
}

fn request(app: &TestApp, operation: &Operation, names: &Names, token: &str) -> RequestBuilder {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let request = app
        .anonymous(method, &operation.path_with(names))
        .query(&operation.required_query())
        .bearer_auth(token);
    let unique = agentdata::values::Id::new().to_string();
    operation.with_example(request, &unique)
}

async fn call(app: &TestApp, operation: &Operation, names: &Names, token: &str) -> Answer {
    app.send(request(app, operation, names, token)).await
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
    let lists: Vec<_> = operations()
        .into_iter()
        .filter(|o| {
            o.method == "GET" && o.id.starts_with("list_") && o.path_parameters().next().is_none()
        })
        .collect();
    assert!(!lists.is_empty());
    for operation in lists {
        let create = contract::operation("POST", &operation.path).unwrap();
        let made = call(&app, &create, &Names::new(), &owner).await;
        assert_eq!(made.status, 201, "{}", made.text);
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

/// Every operation that names a child: the right one under another parent of the same tenant is not there,
/// just as one that never was.
#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_found_under_its_own_parent_only() {
    let app = TestApp::start().await;
    let token = app.token(Scope::ALL, "owner");
    let mut tried = 0;
    for operation in operations() {
        let parameters: Vec<_> = operation.path_parameters().collect();
        let [parent, children @ ..] = parameters.as_slice() else {
            continue;
        };
        if children.is_empty() {
            continue;
        }
        let own = resources::names(&app, &operation, &token).await;
        let mut elsewhere = own.clone();
        let other = resources::of(&app, parent, &token).await;
        elsewhere.insert((*parent).to_owned(), other);
        let mut nothing = elsewhere.clone();
        for child in children {
            let name = operation.names_of_nothing()[*child].clone();
            nothing.insert((*child).to_owned(), name);
        }
        let wrong = call(&app, &operation, &elsewhere, &token).await;
        let absent = call(&app, &operation, &nothing, &token).await;
        // A label can be made anew: then the version that it is to name is what is not there.
        let status = if operation.id == "set_prompt_label" {
            422
        } else {
            404
        };
        assert_eq!(
            (wrong.status, absent.status),
            (status, status),
            "{}",
            operation.id
        );
        assert_eq!(
            without_instance(&wrong),
            without_instance(&absent),
            "{}",
            operation.id
        );
        let answer = call(&app, &operation, &own, &token).await;
        assert!(answer.status < 300, "{}: {}", operation.id, answer.text);
        tried += 1;
    }
    assert!(tried >= 10, "{tried}");
}

/// Every list that pages: a cursor that one tenant got is refused in another.
#[tokio::test(flavor = "multi_thread")]
async fn no_list_takes_a_foreign_cursor() {
    let app = TestApp::start().await;
    let (owner, stranger) = (
        app.token(Scope::ALL, "owner"),
        app.token(Scope::ALL, "stranger"),
    );
    let mut tried = Vec::new();
    for operation in operations() {
        let pages = operation
            .parameters("query")
            .iter()
            .any(|parameter| parameter["name"] == "cursor");
        let Some(create) = contract::operation("POST", &operation.path).filter(|_| pages) else {
            continue;
        };
        let own = resources::names(&app, &operation, &owner).await;
        for _ in 0..2 {
            let made = call(&app, &create, &own, &owner).await;
            assert!(made.status < 300, "{}: {}", create.id, made.text);
        }
        let list = async |names: &Names, cursor: Option<&str>, token: &str| {
            let request = app
                .anonymous(Method::GET, &operation.path_with(names))
                .query(&operation.required_query())
                .query(&[("limit", "1")])
                .bearer_auth(token);
            let request = match cursor {
                Some(cursor) => request.query(&[("cursor", cursor)]),
                None => request,
            };
            app.send(request).await
        };
        let page = list(&own, None, &owner).await;
        let Some(cursor) = page.json["next_cursor"].as_str() else {
            // The example of a config or a name always is the same one.
            continue;
        };
        assert_eq!(
            list(&own, Some(cursor), &owner).await.status,
            200,
            "{}",
            operation.id
        );
        let foreign = resources::names(&app, &operation, &stranger).await;
        let answer = list(&foreign, Some(cursor), &stranger).await;
        assert_eq!(
            (answer.status, answer.places()),
            (422, vec!["cursor"]),
            "{}",
            operation.id
        );
        tried.push(operation.id.clone());
    }
    assert!(tried.len() >= 8, "{tried:?}");
}

/// Every operation with an `Idempotency-Key`: that of another tenant replays nothing.
#[tokio::test(flavor = "multi_thread")]
async fn no_operation_replays_a_foreign_idempotency_key() {
    let app = TestApp::start().await;
    let mut tried = 0;
    for operation in operations() {
        let keyed = operation
            .parameters("header")
            .iter()
            .any(|parameter| parameter["name"] == "Idempotency-Key");
        if !keyed {
            continue;
        }
        let mut answers = Vec::new();
        for tenant in ["owner", "stranger"] {
            let token = app.token(Scope::ALL, tenant);
            let names = resources::names(&app, &operation, &token).await;
            let send = async || {
                let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
                let request = app
                    .anonymous(method, &operation.path_with(&names))
                    .bearer_auth(&token)
                    .header("Idempotency-Key", "the same");
                let answer = app.send(operation.with_example(request, "keyed")).await;
                assert!(answer.status < 300, "{}: {}", operation.id, answer.text);
                answer.text
            };
            let first = send().await;
            assert_eq!(send().await, first, "{}: its own is replayed", operation.id);
            answers.push(first);
            // The next operation takes the same key.
            let database = crate::support::cluster::Session::open(&app.database_url).await;
            if tenant == "stranger" {
                database.run("DELETE FROM idempotency_keys").await;
            }
        }
        assert_ne!(answers[0], answers[1], "{}", operation.id);
        tried += 1;
    }
    assert!(tried >= 4, "{tried}");
}

/// Two tenants have an agent and a dataset of the same ids. Whatever one of them writes, no operation that
/// reads gives the other another answer: no list, count, statistics, series, search or export.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_tenant_writes_changes_no_answer_of_another() {
    let app = TestApp::start().await;
    let (owner, stranger) = (
        app.token(Scope::ALL, "owner"),
        app.token(Scope::ALL, "stranger"),
    );
    let (agent, dataset) = (Id::new().to_string(), Id::new().to_string());
    let post = async |token: &str, path: &str, body: Value| {
        let request = app.anonymous(Method::POST, path).bearer_auth(token);
        let answer = app.send(request.json(&body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    };
    for token in [&owner, &stranger] {
        post(token, "/agents", json!({ "id": agent, "name": "same" })).await;
        let path = format!("/agents/{agent}/datasets");
        post(
            token,
            &path,
            json!({ "id": dataset, "name": "same", "distance": "cosine" }),
        )
        .await;
    }
    let reads: Vec<_> = operations()
        .into_iter()
        .filter(|operation| {
            let reads = operation
                .scope()
                .is_some_and(|scope| scope.ends_with(":read"));
            // Streams that go on, and what names a single thing that the stranger has not.
            reads && !operation.id.starts_with("tail_") && !operation.id.starts_with("watch_")
        })
        .collect();
    // Of one range, as one that ends when it is asked for moves the axis of a chart.
    let (now, hour) = (Timestamp::now(), Duration::from_secs(3_600));
    let range = [("from", now.minus(hour)), ("to", now.plus(hour))];
    let range = range.map(|(name, at)| (name, at.to_string()));
    let answers = async |token: &str| {
        let mut answers = Vec::new();
        for operation in &reads {
            let mut names = operation.names_of_nothing();
            for (name, id) in [("agent_id", &agent), ("dataset_id", &dataset)] {
                names
                    .entry(name.to_owned())
                    .and_modify(|value| value.clone_from(id));
            }
            let mut request = request(&app, operation, &names, token);
            let parameters = operation.parameters("query");
            if parameters.iter().any(|known| known["name"] == "from") {
                request = request.query(&range);
            }
            let mut answer = app.send(request).await;
            if let Some(object) = answer.json.as_object_mut() {
                // The id of the request.
                object.remove("instance");
                answer.text = answer.json.to_string();
            }
            answers.push((operation.id.clone(), answer.status, answer.text));
        }
        answers
    };
    let before = answers(&stranger).await;
    let owners = answers(&owner).await;
    let mut written = 0;
    for operation in operations() {
        let under_both = operation.path.starts_with("/agents/{agent_id}/")
            || operation.path.starts_with("/datasets/{dataset_id}/");
        let writes = operation
            .scope()
            .is_some_and(|scope| scope.ends_with(":write"));
        let alone = operation.path_parameters().count() == 1;
        if operation.method == "POST" && under_both && writes && alone {
            let names = Names::from([
                ("agent_id".to_owned(), agent.clone()),
                ("dataset_id".to_owned(), dataset.clone()),
            ]);
            let answer = call(&app, &operation, &names, &owner).await;
            assert!(answer.status < 300, "{}: {}", operation.id, answer.text);
            written += 1;
        }
    }
    assert!(
        written >= 10 && before.len() >= 20,
        "{written} {}",
        before.len()
    );
    let changed = answers(&owner).await.into_iter().zip(owners);
    let changed = changed.filter(|(after, before)| after != before).count();
    assert!(changed >= 15, "only {changed} answers tell of it");
    for (after, before) in answers(&stranger).await.into_iter().zip(before) {
        assert_eq!(after, before);
    }
}

/// The streams that go on: of an agent that two tenants have under one id, each hears its own.
#[tokio::test(flavor = "multi_thread")]
async fn no_stream_tells_what_another_tenant_writes() {
    let app = TestApp::start().await;
    let agent = Id::new().to_string();
    let tokens = ["owner", "stranger"].map(|tenant| app.token(Scope::ALL, tenant));
    let [owner, stranger] = &tokens;
    let post = async |token: &str, path: &str, body: Value| {
        let request = app.anonymous(Method::POST, path).bearer_auth(token);
        let answer = app.send(request.json(&body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    };
    for token in &tokens {
        post(token, "/agents", json!({ "id": agent, "name": "same" })).await;
    }
    let open = async |stream: &str| {
        let path = format!("/agents/{agent}/{stream}");
        Events::open(app.anonymous(Method::GET, &path).bearer_auth(stranger)).await
    };
    let (mut logs, mut configs) = (open("logs/tail").await, open("config-changes").await);
    for (token, text) in [(owner, "foreign"), (stranger, "own")] {
        let log = json!({ "level": "info", "message": text });
        post(token, &format!("/agents/{agent}/logs"), log).await;
        let config = json!({ "key": "k", "value": text });
        post(token, &format!("/agents/{agent}/configs"), config).await;
    }
    assert_eq!(logs.next().await.unwrap().data["message"], "own");
    assert_eq!(configs.next().await.unwrap().data["value"], "own");
}
