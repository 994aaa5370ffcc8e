//! The embedding provider: a service that makes vectors of texts, by `OpenAI`'s API
//! (`POST {base}/embeddings`), which Ollama, vLLM, Text Embeddings Inference and others speak too.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::{StatusCode, header, redirect};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep, timeout_at};

use super::vector::NewVector;
use crate::{
    problem::{ApiError, Problem, ProblemCode},
    secret::Secret,
    settings::ProviderSettings,
};

/// Requests of one call that are under way at once.
const CONCURRENT: usize = 4;
/// The longest answer that is read. 32 vectors of 16,000 numbers take about 11 MB.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// The pause before the first retry; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A provider that is configured. Cheap to clone.
#[derive(Clone)]
pub struct Provider {
    client: reqwest::Client,
    url: String,
    key: Option<Secret>,
    model: Option<String>,
    batch: usize,
    timeout: Duration,
    retries: u32,
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    input: &'a [&'a str],
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: NewVector,
}

/// Why a request to the provider gave no vectors.
enum Failure {
    /// It may go better later, perhaps after so long.
    Passing(String, Option<Duration>),
    /// It will not go better.
    Lasting(String),
}

impl Provider {
    /// The provider that the settings name; `None` when they name none.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn new(settings: &ProviderSettings) -> anyhow::Result<Option<Self>> {
        let Some(base) = &settings.embeddings_url else {
            return Ok(None);
        };
        let url = format!("{}/embeddings", base.trim_end_matches('/'));
        let parsed = reqwest::Url::parse(&url).ok();
        if !parsed.is_some_and(|url| ["http", "https"].contains(&url.scheme())) {
            anyhow::bail!("the URL of the embedding provider must begin with http:// or https://");
        }
        let client = reqwest::Client::builder()
            // The key is for this host and no other.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("agentdata/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Some(Self {
            client,
            url,
            key: settings.embeddings_key.clone(),
            model: settings.embeddings_model.clone(),
            batch: settings.embeddings_batch.into(),
            timeout: settings.embeddings_timeout,
            retries: settings.embeddings_retries,
        }))
    }

    /// The vectors of texts, in their order, made by a model or else by the one that is configured.
    ///
    /// # Errors
    /// 422 when no model is named, 502 when the provider refuses the request or its answer makes no
    /// sense, 503 when it cannot be reached or is busy, also after the retries, 504 when it takes too
    /// long.
    pub async fn embed(
        &self,
        model: Option<&str>,
        texts: &[&str],
        dimension: Option<i32>,
    ) -> Result<Vec<NewVector>, ApiError> {
        let model = model.or(self.model.as_deref()).ok_or_else(|| {
            let detail = "The server cannot make vectors of texts: neither the dataset's \
                          `embedding_model` nor AGENTDATA_EMBEDDINGS_MODEL names a model.";
            ApiError::new(Problem::new(ProblemCode::InvalidRequest, detail))
        })?;
        let deadline = Instant::now() + self.timeout;
        let batches = texts.chunks(self.batch);
        let requests: Vec<_> = batches
            .map(|texts| self.with_retries(model, texts, deadline))
            .collect();
        let answers = stream::iter(requests).buffered(CONCURRENT);
        let vectors = answers.try_collect::<Vec<_>>().await?.concat();
        // A dataset that has no dimension yet gets one, and not several.
        let length = |vector: &NewVector| i32::try_from(vector.0.as_slice().len()).ok();
        let dimension = dimension.or_else(|| vectors.first().and_then(length));
        let wrong = |vector: &&NewVector| {
            let count = i32::try_from(vector.0.as_slice().len());
            dimension.is_some_and(|dimension| count != Ok(dimension))
        };
        if let Some(vector) = vectors.iter().find(wrong) {
            return Err(failed(&format!(
                "The model `{model}` of the embedding provider makes vectors of {} numbers, but the \
                 dataset's dimension is {}.",
                vector.0.as_slice().len(),
                dimension.unwrap_or_default(),
            )));
        }
        Ok(vectors)
    }

    /// One batch, tried again while that may help.
    async fn with_retries(
        &self,
        model: &str,
        texts: &[&str],
        deadline: Instant,
    ) -> Result<Vec<NewVector>, ApiError> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 0;
        loop {
            let Ok(answer) = timeout_at(deadline, self.request(model, texts)).await else {
                let detail = "The embedding provider did not answer in time.";
                return Err(ApiError::new(Problem::new(
                    ProblemCode::ProviderTimeout,
                    detail,
                )));
            };
            let (reason, wait) = match answer {
                Ok(vectors) => return Ok(vectors),
                Err(Failure::Lasting(reason)) => return Err(failed(&reason)),
                Err(Failure::Passing(reason, wait)) => (reason, wait),
            };
            let wait = wait.unwrap_or(pause);
            if attempt >= self.retries || Instant::now() + wait >= deadline {
                tracing::warn!(reason, "the embedding provider");
                return Err(ApiError::unavailable(
                    Problem::new(ProblemCode::ProviderUnavailable, reason),
                    wait,
                ));
            }
            tracing::debug!(reason, attempt, "the embedding provider is asked again");
            sleep(wait).await;
            pause *= 2;
            attempt += 1;
        }
    }

    async fn request(&self, model: &str, texts: &[&str]) -> Result<Vec<NewVector>, Failure> {
        let mut request = self.client.post(&self.url).json(&Request {
            model,
            input: texts,
        });
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.reveal());
        }
        let unreachable = |error: reqwest::Error| {
            tracing::warn!(error = %error.without_url(), "the embedding provider");
            let reason = "The embedding provider cannot be reached.";
            Failure::Passing(reason.into(), None)
        };
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let wait = retry_after(answer.headers());
        let bytes = read(answer).await?;
        let reason = format!("The embedding provider answered {status}.");
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            return Err(Failure::Passing(reason, wait));
        }
        if !status.is_success() {
            let said = loggable(&bytes, self.key.as_ref());
            tracing::error!(%status, said, "the embedding provider");
            return Err(Failure::Lasting(reason));
        }
        in_order(&bytes, texts.len()).map_err(|error| {
            Failure::Lasting(format!(
                "The answer of the embedding provider makes no sense: {error}."
            ))
        })
    }
}

/// The beginning of what a provider says of an error, without our key, which some repeat.
fn loggable(answer: &[u8], key: Option<&Secret>) -> String {
    let text = String::from_utf8_lossy(answer);
    let text = match key {
        Some(key) => text.replace(key.reveal(), "…"),
        None => text.into_owned(),
    };
    text.chars().take(300).collect()
}

/// The vectors of an answer in the order of the request.
fn in_order(answer: &[u8], count: usize) -> Result<Vec<NewVector>, String> {
    let answer: Answer = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    if answer.data.len() != count {
        let found = answer.data.len();
        return Err(format!("{found} vectors for {count} texts"));
    }
    let mut items = answer.data;
    items.sort_by_key(|item| item.index);
    if items.iter().enumerate().any(|(n, item)| item.index != n) {
        return Err("its indexes are not those of the texts".into());
    }
    Ok(items.into_iter().map(|item| item.embedding).collect())
}

async fn read(answer: reqwest::Response) -> Result<Vec<u8>, Failure> {
    let mut answer = answer;
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= MAX_ANSWER_BYTES => {
                bytes.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => {
                let reason = "The answer of the embedding provider is too long.";
                return Err(Failure::Lasting(reason.into()));
            }
            Ok(None) => return Ok(bytes),
            Err(error) => {
                tracing::warn!(error = %error.without_url(), "the embedding provider");
                let reason = "The answer of the embedding provider broke off.";
                return Err(Failure::Passing(reason.into(), None));
            }
        }
    }
}

/// RFC 9110 §10.2.3, in seconds, an hour at most; dates are not understood.
fn retry_after(headers: &header::HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    let seconds: u64 = value.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3600)))
}

fn failed(reason: &str) -> ApiError {
    tracing::error!(reason, "the embedding provider");
    ApiError::new(Problem::new(ProblemCode::ProviderFailed, reason))
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_of_an_error_is_short_and_has_no_key() {
        let key = Secret::from("k-123".to_owned());
        let said = format!("wrong key: k-123 {}", "é".repeat(1_000));
        let logged = loggable(said.as_bytes(), Some(&key));
        assert!(logged.starts_with("wrong key: … é"), "{logged}");
        assert_eq!(logged.chars().count(), 300);
    }

    #[test]
    fn vectors_come_in_the_order_of_the_texts() {
        let answer = br#"{"object":"list","data":[
            {"object":"embedding","index":1,"embedding":[2, 2]},
            {"object":"embedding","index":0,"embedding":[1, 1]}],"model":"m"}"#;
        let vectors = in_order(answer, 2).unwrap();
        assert_eq!(vectors, [vec![1.0, 1.0].into(), vec![2.0, 2.0].into()]);
        assert!(in_order(answer, 1).is_err() && in_order(answer, 3).is_err());
        for bad in [
            &br#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}"#[..],
            br#"{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[1]}]}"#,
            br#"{"data":[{"index":0,"embedding":[1e39]},{"index":1,"embedding":[1]}]}"#,
            b"<html>",
        ] {
            assert!(in_order(bad, 2).is_err());
        }
    }
}
