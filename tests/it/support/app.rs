//! A server under test, and requests to it.

use std::{net::SocketAddr, time::Duration};

use agentdata::{
    app::App,
    auth::{Scope, ScopeSet},
    datasets::indexes,
    db::{Bounds, Connector, Db, maintenance},
    embeddings::provider::Provider,
    master_key::MasterKey,
    server,
    settings::{Indexing, ServeSettings},
    values::Id,
};
use clap::Parser;
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{cluster, contract};

/// A server of its own on a database of its own. It stops when it is dropped.
pub struct TestApp {
    /// Base URL.
    pub url: String,
    /// Its address.
    pub address: SocketAddr,
    /// URL of its database.
    pub database_url: String,
    /// Its parts.
    pub app: App,
    /// A client without a token.
    pub http: reqwest::Client,
    token: String,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<anyhow::Result<()>>>,
}

/// An answer, read whole and checked against the specification.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as JSON; null when it is empty or something else.
    pub json: Value,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The pointers and parameters of a problem's errors, in order.
    pub fn places(&self) -> Vec<&str> {
        let errors = self.json["errors"].as_array().unwrap();
        errors
            .iter()
            .map(|error| {
                error["pointer"]
                    .as_str()
                    .or(error["parameter"].as_str())
                    .unwrap()
            })
            .collect()
    }
}

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    serve: ServeSettings,
}

/// The settings of `agentdata serve` with these flags.
pub fn settings(flags: &[&str]) -> ServeSettings {
    Settings::parse_from(std::iter::once(&"test").chain(flags)).serve
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}

impl TestApp {
    /// A server with default settings.
    pub async fn start() -> Self {
        Self::with_flags(&[]).await
    }

    /// A server with these flags of `agentdata serve`.
    pub async fn with_flags(flags: &[&str]) -> Self {
        Self::on_database(cluster::database().await, flags).await
    }

    /// A server on this database.
    pub async fn on_database(database_url: String, flags: &[&str]) -> Self {
        Self::with_bounds(database_url, cluster::bounds(), flags).await
    }

    /// A server whose connections to the database have these bounds.
    pub async fn with_bounds(database_url: String, bounds: Bounds, flags: &[&str]) -> Self {
        let app = Self::without_database(database_url, bounds, flags).await;
        let tokens = app.app.authenticator.tokens();
        tokens.keys().load(&app.app.db).await.unwrap();
        app.with_token()
    }

    /// A server that has not asked its database for anything yet, and so has no keys for tokens.
    pub async fn without_database(database_url: String, bounds: Bounds, flags: &[&str]) -> Self {
        let settings = settings(flags);
        let db = Db::new(Connector::new(&database_url, &bounds).unwrap(), bounds).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        // One key for all servers of a run, as for all servers of a deployment.
        let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        let key = MasterKey::load(Some(&key.to_owned().into()), std::path::Path::new("")).unwrap();
        let mut app = App::new(db, key, url.clone(), None, &settings.identity).unwrap();
        app.retention = settings.retention;
        app.provider = Provider::new(&settings.provider).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = {
            let app = app.clone();
            tokio::spawn(async move {
                let stop = async { drop(stopped.await) };
                server::serve(&app, &settings, listener, stop, std::future::pending()).await
            })
        };
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .no_proxy()
            .build()
            .unwrap();
        Self {
            url,
            address,
            database_url,
            app,
            http,
            token: String::new(),
            stop: Some(stop),
            served: Some(served),
        }
    }

    fn with_token(mut self) -> Self {
        self.token = self.token(Scope::ALL, "default");
        self
    }

    /// A token with these scopes for this tenant.
    pub fn token(&self, scopes: &[Scope], tenant: &str) -> String {
        let scopes: ScopeSet = scopes.iter().copied().collect();
        self.app
            .authenticator
            .tokens()
            .issue(Id::new(), tenant, scopes)
            .unwrap()
    }

    /// A request with a token of every scope for the tenant `default`.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.anonymous(method, path).bearer_auth(&self.token)
    }

    /// The token of every scope for the tenant `default`.
    pub fn all_scopes(&self) -> &str {
        &self.token
    }

    /// A request without a token.
    pub fn anonymous(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// Sends a request; panics when the answer is not one that the specification documents.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = self.http.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        // A stream of events does not end by itself.
        let text = if is_event_stream(&headers) {
            String::new()
        } else {
            response.text().await.unwrap()
        };
        let json = serde_json::from_str(&text).unwrap_or_default();
        let answer = Answer {
            status,
            headers,
            json,
            text,
        };
        contract::check(method.as_str(), &path, &answer);
        answer
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// PUT of a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// PATCH of a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body))
            .await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A pass of maintenance that must be able to do all; answers how many rows it purged.
    pub async fn maintain(&self) -> usize {
        let pass = maintenance::pass(&self.app.db, &self.app.retention).await;
        assert!(pass.errors.is_empty(), "{:?}", pass.errors);
        pass.purged
    }

    /// A pass over the indexes of datasets, of which those of so many embeddings get some.
    pub async fn index(&self, threshold: i64) -> indexes::Pass {
        let connector = Connector::new(&self.database_url, &cluster::bounds()).unwrap();
        let indexing = Indexing {
            index_threshold: threshold,
            index_memory: 64,
        };
        let pass = indexes::pass(&connector, &indexing).await.unwrap();
        assert!(pass.errors.is_empty(), "{:?}", pass.errors);
        pass
    }

    /// Tells the server to stop, as a first SIGTERM does, and waits until it has.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        self.served.take().unwrap().await.unwrap().unwrap();
    }

    /// Tells the server to stop and does not wait.
    pub fn begin_stop(&mut self) {
        drop(self.stop.take());
    }
}
