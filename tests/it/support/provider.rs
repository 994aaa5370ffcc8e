//! A small embedding provider: an HTTP server that speaks `OpenAI`'s API for embeddings.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use poem::{
    EndpointExt, Response, Route, Server,
    endpoint::make,
    http::{StatusCode, header},
    listener::TcpAcceptor,
    post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// What the provider does with a request, one after the other; what comes behind the last is answered
/// well.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Answer with vectors.
    Well,
    /// Answer with this status, and with `Retry-After` if it says so.
    Fail(u16, Option<&'static str>),
    /// Answer with this body.
    Say(Value),
    /// Take so long.
    Dawdle(Duration),
}

/// A provider. It makes vectors of a text's length and its count of the letter `e`.
pub struct FakeProvider {
    /// Its base URL.
    pub url: String,
    /// The requests that it had: key, model and texts.
    pub requests: Arc<Mutex<Vec<(String, Value)>>>,
    served: JoinHandle<()>,
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        self.served.abort();
    }
}

/// The vector of a text.
pub fn vector(text: &str) -> Value {
    json!([text.chars().count(), text.matches('e').count()])
}

impl FakeProvider {
    /// A provider that does this.
    pub async fn start(deeds: Vec<Deed>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, next) = (Arc::clone(&requests), Arc::new(AtomicUsize::new(0)));
        let embeddings = make(move |mut request: poem::Request| {
            let (seen, next, deeds) = (Arc::clone(&seen), Arc::clone(&next), deeds.clone());
            async move {
                let key = request.header(header::AUTHORIZATION).unwrap_or_default();
                let key = key.to_owned();
                let body = request.take_body().into_vec().await.unwrap();
                let body: Value = serde_json::from_slice(&body).unwrap();
                seen.lock().unwrap().push((key, body.clone()));
                let n = next.fetch_add(1, Ordering::SeqCst);
                answer(deeds.get(n).cloned().unwrap_or(Deed::Well), &body).await
            }
        });
        let app = Route::new().at("/v1/embeddings", post(embeddings)).boxed();
        let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
        let served = tokio::spawn(async move {
            Server::new_with_acceptor(acceptor).run(app).await.unwrap();
        });
        Self {
            url,
            requests,
            served,
        }
    }

    /// How many requests it had.
    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

async fn answer(deed: Deed, request: &Value) -> Response {
    let body = match deed {
        Deed::Fail(status, wait) => {
            let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
            if let Some(wait) = wait {
                response = response.header(header::RETRY_AFTER, wait);
            }
            return response.body("secret internals of the provider");
        }
        Deed::Say(body) => body,
        Deed::Dawdle(time) => {
            tokio::time::sleep(time).await;
            json!({})
        }
        Deed::Well => {
            let texts = request["input"].as_array().unwrap().iter().enumerate();
            // The last first: the index tells which is which.
            let data: Vec<Value> = texts
                .rev()
                .map(|(index, text)| {
                    json!({ "object": "embedding", "index": index, "embedding": vector(text.as_str().unwrap()) })
                })
                .collect();
            json!({ "object": "list", "data": data, "model": request["model"], "usage": { "prompt_tokens": 1, "total_tokens": 1 } })
        }
    };
    Response::builder()
        .content_type("application/json")
        .body(body.to_string())
}
