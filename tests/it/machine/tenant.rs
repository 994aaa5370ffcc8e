//! A tenant as it must be, and the requests that it sends.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use agentdata::{
    auth::{Scope, ScopeSet},
    values::Id,
};
use reqwest::Method;
use serde_json::Value;

use super::{
    agents::Agent,
    expect::{NOT_FOUND, assert_refused, assert_same_items},
};
use crate::support::{Answer, TestApp, contract};

/// The requests of a case with their answers, for whoever must find out why it failed.
#[derive(Default)]
pub struct Requests(RefCell<Told>);

#[derive(Default)]
struct Told {
    text: String,
    /// What is told for good, when only the last request after it is told.
    kept: Option<usize>,
}

impl Requests {
    /// From here on only the last request is told.
    pub fn only_last(&self) {
        let mut told = self.0.borrow_mut();
        told.kept = Some(told.text.len());
    }

    fn sent(&self, request: &str) {
        let mut told = self.0.borrow_mut();
        if let Some(kept) = told.kept {
            told.text.truncate(kept);
        }
        told.text += request;
        told.text.push('\n');
    }

    fn answered(&self, answer: &Answer) {
        let line = format!("    {} {}\n", answer.status, answer.text);
        self.0.borrow_mut().text += &line;
    }

    pub fn told(&self) -> String {
        self.0.borrow().text.clone()
    }
}

/// A request.
#[derive(Clone)]
pub struct Call {
    method: Method,
    pub path: String,
    query: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Call {
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn post(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::POST, path).body(body)
    }

    pub fn body(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self.header("Content-Type", Some("application/json".into()))
    }

    pub fn header(mut self, name: &'static str, value: Option<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.extend(value.map(|value| (name, value)));
        self
    }

    pub fn query(mut self, name: &str, value: Option<impl ToString>) -> Self {
        let value = value.map(|value| value.to_string());
        self.query
            .extend(value.map(|value| (name.to_owned(), value)));
        self
    }
}

/// The first answer to a request with an idempotency key.
struct Kept {
    request: (String, String),
    status: u16,
    text: String,
}

/// A tenant as it must be.
pub struct Tenant<'a> {
    app: &'a TestApp,
    requests: &'a Requests,
    name: &'static str,
    realm: String,
    pub client: Id,
    /// Whether each request is sent by somebody without its scope first, which must change nothing.
    pub denied: bool,
    /// Whether the caller lacks the scope that shows secrets.
    pub blind: bool,
    pub agents: BTreeMap<String, Agent>,
    /// Ids that agents and datasets have or had.
    pub agent_ids: BTreeSet<String>,
    pub dataset_ids: BTreeSet<String>,
    kept: BTreeMap<&'static str, Kept>,
    /// By the scope that they lack.
    tokens: RefCell<BTreeMap<String, String>>,
}

impl<'a> Tenant<'a> {
    pub fn new(app: &'a TestApp, name: &'static str, requests: &'a Requests) -> Self {
        Self {
            app,
            requests,
            name,
            realm: format!("{name} {}", Id::new()),
            client: Id::new(),
            denied: false,
            blind: false,
            agents: BTreeMap::new(),
            agent_ids: BTreeSet::new(),
            dataset_ids: BTreeSet::new(),
            kept: BTreeMap::new(),
            tokens: RefCell::default(),
        }
    }

    fn token_without(&self, lacking: &str) -> String {
        let mut tokens = self.tokens.borrow_mut();
        let token = tokens.entry(lacking.to_owned()).or_insert_with(|| {
            let scopes = Scope::ALL.iter().copied();
            let scopes: ScopeSet = scopes.filter(|have| have.as_str() != lacking).collect();
            let tokens = self.app.app.authenticator.tokens();
            tokens.issue(self.client, &self.realm, scopes).unwrap()
        });
        token.clone()
    }

    async fn send_without(&self, call: &Call, scope: Option<&str>) -> Answer {
        let lacking = scope.unwrap_or_default();
        let token = self.token_without(lacking);
        let Call {
            method,
            path,
            query,
            headers,
            body,
        } = call.clone();
        let asked: Vec<_> = query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let told = headers.iter().filter(|(name, _)| *name != "Content-Type");
        let told: String = told
            .map(|(name, value)| format!(" {name}: {value}"))
            .collect();
        let without = scope.map_or_else(String::new, |scope| format!(" without {scope}"));
        let asked = asked.join("&");
        let line = format!(
            "{}{without}: {method} {path} {asked}{told} {body}",
            self.name
        );
        self.requests.sent(&line);
        let mut request = self
            .app
            .anonymous(method, &path)
            .bearer_auth(token)
            .query(&query);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = self.app.send(request.body(body)).await;
        self.requests.answered(&answer);
        answer
    }

    /// Sends a request; before it, if the tenant is denied, one without the scope.
    pub async fn send(&self, call: &Call) -> Answer {
        let denied = if self.denied {
            let operation = contract::operation(call.method.as_str(), &call.path).unwrap();
            Some(self.send_without(call, operation.scope()).await)
        } else {
            None
        };
        let blind = self.blind.then_some("configs:secrets");
        let answer = self.send_without(call, blind).await;
        if let Some(denied) = denied.filter(|denied| denied.status != 403) {
            // What cannot be read is refused before anybody asks who sent it.
            assert_eq!((denied.status, answer.status), (422, 422));
        }
        answer
    }

    /// Sends a request that makes something, with an idempotency key if one is given. `None` when the key
    /// was used before; then the answer has been checked.
    pub async fn send_once(&mut self, call: Call, key: Option<&'static str>) -> Option<Answer> {
        let call = call.header("Idempotency-Key", key.map(str::to_owned));
        let answer = self.send(&call).await;
        let Some(key) = key else {
            return Some(answer);
        };
        let request = (call.path, call.body);
        match self.kept.get(key) {
            Some(kept) if kept.request != request => {
                assert_refused(&answer, (422, "idempotency_key_reused"));
                None
            }
            // What a config was is read again, and gone with its agent.
            Some(_) if request.0.ends_with("/configs") && answer.status == 404 => Some(answer),
            Some(kept) => {
                assert_eq!((answer.status, &answer.text), (kept.status, &kept.text));
                None
            }
            None => {
                if answer.status < 300 {
                    let (status, text) = (answer.status, answer.text.clone());
                    let kept = Kept {
                        request,
                        status,
                        text,
                    };
                    self.kept.insert(key, kept);
                }
                Some(answer)
            }
        }
    }

    /// Reads a list to its end, by pages of so many items. Answers the problem if there is one.
    pub async fn list(&self, call: Call, limit: usize) -> Result<Vec<Value>, Answer> {
        let call = call.query("limit", Some(limit));
        let (mut items, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.send(&call.clone().query("cursor", cursor)).await;
            if page.status != 200 {
                return Err(page);
            }
            let more = page.json["items"].as_array().unwrap();
            items.extend(more.iter().cloned());
            cursor = page.json["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                assert!(more.len() <= limit && (!more.is_empty() || items.is_empty()));
                return Ok(items);
            }
            assert_eq!(more.len(), limit, "a page that is not the last");
        }
    }

    /// Reads a list to its end, which must be these items in this order; `None` when there is no such list.
    pub async fn expect_list(&self, call: Call, limit: usize, expected: Option<Vec<Value>>) {
        match (self.list(call, limit).await, expected) {
            (Ok(items), Some(expected)) => assert_same_items(&items, &expected),
            (Ok(items), None) => panic!("{items:?}, but there is no such list"),
            (Err(answer), None) => assert_refused(&answer, NOT_FOUND),
            (Err(answer), Some(_)) => panic!("{}", answer.text),
        }
    }
}
