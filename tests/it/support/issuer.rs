//! A small outside issuer: an HTTP server with metadata and keys, whose tokens the test makes by hand.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use agentdata::values::Timestamp;
use poem::{
    EndpointExt, Response, Server, endpoint::make, http::StatusCode, listener::TcpAcceptor,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use super::signer::Signer;

/// What the issuer answers at one path.
#[derive(Clone, Debug)]
pub struct Page {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// How long it takes.
    pub delay: Duration,
}

impl Page {
    /// JSON.
    pub fn json(value: &Value) -> Self {
        Self {
            status: 200,
            headers: vec![("Content-Type", "application/json".into())],
            body: value.to_string(),
            delay: Duration::ZERO,
        }
    }

    /// The same with one more header, or another value of it.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }
}

/// An issuer.
pub struct FakeIssuer {
    /// Its name and URL.
    pub url: String,
    /// What it answers, by path.
    pub pages: Arc<Mutex<HashMap<String, Page>>>,
    jwks_requests: Arc<AtomicUsize>,
    served: JoinHandle<()>,
}

impl Drop for FakeIssuer {
    fn drop(&mut self) {
        self.served.abort();
    }
}

/// Where `OpenID` Connect has the metadata.
pub const OPENID: &str = "/.well-known/openid-configuration";
/// Where the keys are.
pub const JWKS: &str = "/keys";

impl FakeIssuer {
    /// An issuer with these keys, found by `OpenID` Connect discovery.
    pub async fn start(keys: &[&Signer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let pages: Arc<Mutex<HashMap<String, Page>>> = Arc::default();
        let jwks_requests = Arc::new(AtomicUsize::new(0));
        let (answers, count) = (Arc::clone(&pages), Arc::clone(&jwks_requests));
        let endpoint = make(move |request: poem::Request| {
            let (answers, count) = (Arc::clone(&answers), Arc::clone(&count));
            async move {
                let path = request.uri().path();
                if path == JWKS {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                let page = answers.lock().unwrap().get(path).cloned();
                let Some(page) = page else {
                    return Response::builder().status(StatusCode::NOT_FOUND).finish();
                };
                tokio::time::sleep(page.delay).await;
                let status = StatusCode::from_u16(page.status).unwrap();
                let mut response = Response::builder().status(status);
                for (name, value) in page.headers {
                    response = response.header(name, value);
                }
                response.body(page.body)
            }
        });
        let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
        let served = tokio::spawn(async move {
            let server = Server::new_with_acceptor(acceptor);
            server.run(endpoint.boxed()).await.unwrap();
        });
        let issuer = Self {
            url,
            pages,
            jwks_requests,
            served,
        };
        issuer.set(OPENID, Page::json(&issuer.metadata()));
        issuer.publish(keys);
        issuer
    }

    /// What its metadata say.
    pub fn metadata(&self) -> Value {
        json!({
            "issuer": self.url,
            "jwks_uri": format!("{}{JWKS}", self.url),
            "authorization_endpoint": format!("{}/authorize", self.url),
            "token_endpoint": format!("{}/token", self.url),
        })
    }

    /// Changes what it answers at a path.
    pub fn set(&self, path: &str, page: Page) {
        self.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// Takes a path away.
    pub fn remove(&self, path: &str) {
        self.pages.lock().unwrap().remove(path);
    }

    /// Publishes these keys in the place of those before.
    pub fn publish(&self, keys: &[&Signer]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        self.publish_json(&json!({ "keys": keys }));
    }

    /// Publishes this as its key set, which caches may not keep.
    pub fn publish_json(&self, keys: &Value) {
        let page = Page::json(keys).with("Cache-Control", "no-store");
        self.set(JWKS, page);
    }

    /// How often its keys were asked for.
    pub fn jwks_requests(&self) -> usize {
        self.jwks_requests.load(Ordering::SeqCst)
    }

    /// The claims of a good token of it for this audience.
    pub fn claims(&self, audience: &str) -> Value {
        let now = Timestamp::now().unix_seconds();
        json!({
            "iss": self.url, "aud": audience, "sub": "somebody", "client_id": "some-client",
            "iat": now, "exp": now + 600, "scope": "agents:read agents:write",
        })
    }
}
