//! Finds an outside issuer's keys and endpoints, and keeps them for as long as they are good.
//!
//! `OpenID` Connect Discovery 1.0 §4 and RFC 8414 §3 say where. What is fetched is bounded in size, in
//! time and in how often; nothing that a token says decides what is fetched.

use std::{
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::{StatusCode, Url, header, redirect};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::jwks::{NoKey, PublicKeys};
use crate::auth::jwt::TokenError;

/// The longest answer that is read.
const MAX_ANSWER_BYTES: usize = 512 * 1024;
/// How long an issuer may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long keys are good when the issuer does not say (`Cache-Control: max-age`), and at most.
const DEFAULT_AGE: Duration = Duration::from_secs(300);
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);
const MAX_REDIRECTS: usize = 3;

/// What an issuer says of itself. Members that we do not use are not read.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
}

/// Where people get tokens of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Where a browser goes to log in.
    pub authorization: Url,
    /// Where the code is exchanged for a token.
    pub token: Url,
}

/// What was fetched, and when.
struct Fetched {
    keys: PublicKeys,
    endpoints: Option<Endpoints>,
    fresh_until: Instant,
}

/// When the next request to the issuer may be made.
#[derive(Default)]
struct Attempts {
    /// The last one that was made for an unknown key.
    for_unknown: Option<Instant>,
    /// The last one, if it failed.
    failed: Option<Instant>,
}

/// An issuer's keys and endpoints.
pub struct Discovery {
    /// The issuer, letter by letter as its tokens name it.
    issuer: String,
    url: Url,
    client: reqwest::Client,
    interval: Duration,
    stale: Duration,
    fetched: RwLock<Option<Arc<Fetched>>>,
    attempts: Arc<Mutex<Attempts>>,
}

impl Discovery {
    /// Of this issuer. Nothing is fetched before it is needed.
    ///
    /// # Errors
    /// When the issuer is no `https` URL (or `http` on this machine).
    pub fn new(issuer: &str, interval: Duration, stale: Duration) -> anyhow::Result<Self> {
        let url = trusted_url(issuer).context("the setting AGENTDATA_OAUTH_ISSUER")?;
        let same_host = redirect::Policy::custom(|attempt| {
            let from = attempt.previous().last().map(Url::origin);
            if from.is_some_and(|from| from != attempt.url().origin()) {
                attempt.error("the redirect leads to another host")
            } else if attempt.previous().len() > MAX_REDIRECTS {
                attempt.error("too many redirects")
            } else {
                attempt.follow()
            }
        });
        Ok(Self {
            issuer: issuer.to_owned(),
            url,
            client: reqwest::Client::builder()
                .timeout(TIMEOUT)
                .redirect(same_host)
                .user_agent(concat!("agentdata/", env!("CARGO_PKG_VERSION")))
                .build()?,
            interval,
            stale,
            fetched: RwLock::default(),
            attempts: Arc::default(),
        })
    }

    /// The key for a token that names this id, or none, and is signed with this algorithm.
    ///
    /// # Errors
    /// [`TokenError::Refused`] when the issuer has no such key; [`TokenError::Issuer`] when its keys are
    /// not to be had.
    pub async fn key(
        self: &Arc<Self>,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, TokenError> {
        let found = |fetched: &Fetched| fetched.keys.find(kid, algorithm).cloned();
        if let Some(fetched) = self.fresh()
            && let Ok(key) = found(&fetched)
        {
            return Ok(key);
        }
        let failed = self.refresh(|fetched| found(fetched).is_err()).await;
        // What was fetched just now is good, however short its time is.
        let usable = self
            .fetched()
            .filter(|fetched| !failed || Instant::now() < fetched.fresh_until + self.stale);
        match usable.map(|fetched| found(&fetched)) {
            Some(Ok(key)) => Ok(key),
            Some(Err(NoKey::Ambiguous)) => Err(TokenError::Refused(
                "it does not say which key has signed it",
            )),
            Some(Err(NoKey::Unknown)) if !failed => {
                Err(TokenError::Refused("it is signed by an unknown key"))
            }
            // The issuer may have the key by now: not a reason to call the token bad.
            Some(Err(NoKey::Unknown)) | None => Err(TokenError::Issuer(format!(
                "the keys of {} cannot be fetched",
                self.issuer
            ))),
        }
    }

    /// Where people get tokens; `None` when the issuer does not say, or cannot be reached.
    pub async fn endpoints(self: &Arc<Self>) -> Option<Endpoints> {
        if self.fresh().is_none() {
            self.refresh(|_| false).await;
        }
        self.fetched()?.endpoints.clone()
    }

    fn fetched(&self) -> Option<Arc<Fetched>> {
        self.fetched
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn fresh(&self) -> Option<Arc<Fetched>> {
        self.fetched()
            .filter(|fetched| Instant::now() < fetched.fresh_until)
    }

    /// Fetches what is not fresh, or lacks something, unless it was tried too short a time ago. Those
    /// who need it meanwhile wait. Answers whether the last try failed.
    async fn refresh(self: &Arc<Self>, lacking: impl Fn(&Fetched) -> bool) -> bool {
        let mut attempts = Arc::clone(&self.attempts).lock_owned().await;
        let passed =
            |last: Option<Instant>| last.is_none_or(|last| last.elapsed() >= self.interval);
        let due = match self.fresh() {
            None => passed(attempts.failed),
            // Somebody else has just fetched it, or it was there all the time.
            Some(fetched) if !lacking(&fetched) => return false,
            Some(_) if passed(attempts.for_unknown) => {
                attempts.for_unknown = Some(Instant::now());
                true
            }
            Some(_) => false,
        };
        if !due {
            return attempts.failed.is_some();
        }
        // A task of its own: callers who go away must neither stop it nor make room for one more try.
        let discovery = Arc::clone(self);
        let fetch = tokio::spawn(async move {
            match discovery.fetch().await {
                Ok(fetched) => {
                    *discovery
                        .fetched
                        .write()
                        .unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(fetched));
                    attempts.failed = None;
                }
                Err(error) => {
                    tracing::warn!(
                        issuer = discovery.issuer,
                        error = format!("{error:#}"),
                        "an outside issuer"
                    );
                    attempts.failed = Some(Instant::now());
                }
            }
            attempts.failed.is_some()
        });
        fetch.await.unwrap_or(true)
    }

    async fn fetch(&self) -> anyhow::Result<Fetched> {
        let metadata = self.metadata().await?;
        // OpenID Connect Discovery §4.3, RFC 8414 §3.3: else one issuer could speak for another.
        ensure!(
            metadata.issuer == self.issuer,
            "its metadata are those of `{}`",
            metadata.issuer
        );
        let jwks = trusted_url(&metadata.jwks_uri).context("its jwks_uri")?;
        let (json, age) = self
            .get(jwks)
            .await?
            .context("there is nothing at its jwks_uri")?;
        let keys = PublicKeys::parse(&json).context("its keys")?;
        let endpoints = metadata.authorization_endpoint.zip(metadata.token_endpoint);
        let endpoints = endpoints.and_then(|(authorization, token)| {
            Some(Endpoints {
                authorization: trusted_url(&authorization).ok()?,
                token: trusted_url(&token).ok()?,
            })
        });
        let age = age.unwrap_or(DEFAULT_AGE).min(MAX_AGE).max(self.interval);
        Ok(Fetched {
            keys,
            endpoints,
            fresh_until: Instant::now() + age,
        })
    }

    async fn metadata(&self) -> anyhow::Result<Metadata> {
        let path = self.url.path().trim_end_matches('/');
        let places = [
            format!("{path}/.well-known/openid-configuration"),
            format!("/.well-known/oauth-authorization-server{path}"),
        ];
        for place in places {
            let mut url = self.url.clone();
            url.set_path(&place);
            if let Some((json, _)) = self.get(url).await? {
                return serde_json::from_slice(&json).context("its metadata");
            }
        }
        bail!("it has metadata neither of OpenID Connect nor of RFC 8414")
    }

    /// JSON from a URL, and how long it is good; `None` when there is nothing.
    async fn get(&self, url: Url) -> anyhow::Result<Option<(Vec<u8>, Option<Duration>)>> {
        let request = self
            .client
            .get(url)
            .header(header::ACCEPT, "application/json");
        let mut response = request.send().await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let status = response.status();
        ensure!(status == StatusCode::OK, "the status is {status}");
        let text = |name| response.headers().get(name)?.to_str().ok();
        let kind = text(header::CONTENT_TYPE).unwrap_or_default();
        let kind = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        ensure!(
            kind == "application/json"
                || (kind.starts_with("application/") && kind.ends_with("+json")),
            "the content type is `{kind}`"
        );
        let age = text(header::CACHE_CONTROL).and_then(max_age);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            ensure!(
                body.len() + chunk.len() <= MAX_ANSWER_BYTES,
                "the answer is longer than {MAX_ANSWER_BYTES} bytes"
            );
            body.extend_from_slice(&chunk);
        }
        Ok(Some((body, age)))
    }
}

/// A URL whose answers nobody on the way can forge.
fn trusted_url(text: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text).with_context(|| format!("`{text}` is not a URL"))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let on_this_machine = host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    ensure!(
        url.scheme() == "https" || (url.scheme() == "http" && on_this_machine),
        "`{text}` must begin with https://"
    );
    Ok(url)
}

/// How long an answer may be kept (RFC 9111 §5.2.2).
fn max_age(cache_control: &str) -> Option<Duration> {
    let mut directives = cache_control.split(',').map(str::trim);
    if directives
        .clone()
        .any(|name| ["no-store", "no-cache"].contains(&name))
    {
        return Some(Duration::ZERO);
    }
    directives.find_map(|directive| {
        let (name, seconds) = directive.split_once('=')?;
        let seconds = seconds.trim_matches('"').parse().ok()?;
        name.eq_ignore_ascii_case("max-age")
            .then_some(Duration::from_secs(seconds))
    })
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_reached_by_https_or_on_this_machine() {
        for good in [
            "https://id.example/realm",
            "http://127.0.0.1:9/",
            "http://[::1]/x",
            "http://localhost",
        ] {
            assert!(trusted_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "id.example",
            "file:///x",
            "",
        ] {
            assert!(trusted_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_age_of_an_answer_is_read() {
        assert_eq!(max_age("public, max-age=60"), Some(Duration::from_secs(60)));
        assert_eq!(max_age("Max-Age=\"5\""), Some(Duration::from_secs(5)));
        assert_eq!(max_age("max-age=60, no-store"), Some(Duration::ZERO));
        assert_eq!(max_age("public"), None);
        assert_eq!(max_age("max-age=soon"), None);
    }
}
