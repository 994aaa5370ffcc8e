//! Resources for the tests that go through every operation: what the parameters of a path name.

use std::{collections::BTreeMap, pin::Pin};

use agentdata::values::Id;
use reqwest::Method;

use super::{
    TestApp,
    contract::{self, Operation, example},
};

/// By path parameter the resource that it names.
pub type Names = BTreeMap<String, String>;

/// Where the name of a new resource stands.
enum Place {
    InAnswer(&'static str),
    InBody(&'static str),
}

/// How to make a resource that a path parameter can name: where to POST the example of its schema,
/// and where its name stands.
fn recipe(parameter: &str) -> (&'static str, Place) {
    match parameter {
        "agent_id" => ("/agents", Place::InAnswer("/id")),
        "client_id" => ("/oauth/clients", Place::InAnswer("/client/client_id")),
        "dataset_id" => ("/agents/{agent_id}/datasets", Place::InAnswer("/id")),
        "embedding_id" => (
            "/datasets/{dataset_id}/embeddings",
            Place::InAnswer("/ids/0"),
        ),
        "key" => ("/agents/{agent_id}/configs", Place::InAnswer("/key")),
        "label" => ("/agents/{agent_id}/prompts", Place::InBody("/labels/0")),
        "log_id" => ("/agents/{agent_id}/logs", Place::InAnswer("/id")),
        "tool_usage_id" => ("/agents/{agent_id}/tool-usage", Place::InAnswer("/id")),
        "version" => ("/agents/{agent_id}/prompts", Place::InAnswer("/version")),
        other => panic!("say here how to make a resource for `{other}`"),
    }
}

/// Resources of the token's tenant for every parameter of the operation's path.
pub async fn names(app: &TestApp, operation: &Operation, token: &str) -> Names {
    let mut names = Names::new();
    for parameter in operation.path_parameters() {
        make(app, parameter, token, &mut names).await;
    }
    names
}

/// A new resource of the token's tenant that a parameter can name, under parents of its own.
pub async fn of(app: &TestApp, parameter: &str, token: &str) -> String {
    let mut names = Names::new();
    make(app, parameter, token, &mut names).await;
    names[parameter].clone()
}

/// Makes the resource that a parameter names, and first those that it belongs to.
fn make<'a>(
    app: &'a TestApp,
    parameter: &'a str,
    token: &'a str,
    names: &'a mut Names,
) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
    Box::pin(async move {
        if names.contains_key(parameter) {
            return;
        }
        let (path, place) = recipe(parameter);
        let create = contract::operation("POST", path).unwrap();
        for parent in create.path_parameters() {
            make(app, parent, token, names).await;
        }
        let body = example(create.body_schema().unwrap(), &Id::new().to_string());
        let request = app
            .anonymous(Method::POST, &create.path_with(names))
            .bearer_auth(token)
            .json(&body);
        let answer = app.send(request).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let name = match place {
            Place::InAnswer(place) => answer.json.pointer(place).unwrap(),
            Place::InBody(place) => body.pointer(place).unwrap(),
        };
        let name = name
            .as_str()
            .map_or_else(|| name.to_string(), str::to_owned);
        names.insert(parameter.to_owned(), name);
    })
}
