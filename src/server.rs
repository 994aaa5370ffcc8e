//! The loop that serves connections, and what is around the operations.
//!
//! hyper is driven here and not by poem's own server, which has no header timeout, caps nothing and
//! never sets `TCP_NODELAY`.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulConnection, GracefulShutdown},
    },
    service::TowerToHyperService,
};
use poem::{
    EndpointExt, IntoEndpoint, Request, Response, Route,
    endpoint::BoxEndpoint,
    get,
    http::{HeaderName, HeaderValue, Method, header, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceBuilder;
use tower_http::{
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, Predicate, SizeAbove},
    },
    cors::{AllowOrigin, CorsLayer},
};

pub use self::answers::AnswerBudget;
use self::linger::Linger;
use crate::{
    app::App,
    auth::{Authenticator, refresh},
    body::BodyBudget,
    docs,
    middleware::Around,
    openapi::{self, Routes},
    settings::ServeSettings,
};

mod answers;
mod linger;

/// Smaller answers are not worth compressing.
const COMPRESS_ABOVE: u64 = 1024;
/// Largest head of a request, and most headers in it.
const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;
/// Most requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 250;
/// How long a peer may go on sending what nobody reads, after its answer.
const LINGER: Duration = Duration::from_secs(5);
/// After the listener has failed (out of descriptors, say), the next try waits this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What answers requests, and what handlers find in them.
struct Endpoints {
    around: Around,
    cors: Option<CorsLayer>,
    authenticator: Authenticator,
    body_budget: BodyBudget,
    /// Answers what the specification does not have: the docs.
    pages: BoxEndpoint<'static>,
    pages_at: Vec<&'static str>,
    api: BoxEndpoint<'static>,
}

impl Endpoints {
    fn new(app: &App, settings: &ServeSettings) -> anyhow::Result<Self> {
        let service = openapi::service(app);
        let spec = openapi::spec(&service)?;
        let around = Around::new(app, Routes::new(&spec), settings);
        let spec = openapi::with_public_url(spec, &app.public_url);
        let outside = &settings.identity.outside;
        let mut pages = docs::routes(spec, app.authenticator.clone(), outside)?;
        let mut pages_at = docs::PATHS.to_vec();
        if settings.open_metrics {
            pages = open_metrics(pages, app);
            pages_at.push("/metrics");
        }
        Ok(Self {
            around,
            cors: cors(&settings.cors_origins)?,
            authenticator: app.authenticator.clone(),
            body_budget: BodyBudget::new(&settings.limits),
            pages: pages.boxed(),
            pages_at,
            api: service.into_endpoint(),
        })
    }

    /// Answers a request. Every endpoint that is wrapped around another copies the request and its
    /// future once more, so the operations have none that they do not need.
    async fn answer(&self, mut request: Request) -> Response {
        request.set_data(self.authenticator.clone());
        request.set_data(self.body_budget.clone());
        let endpoint = if self.pages_at.contains(&request.uri().path()) {
            &self.pages
        } else {
            &self.api
        };
        self.around.answer(endpoint, request).await
    }
}

/// `/metrics` for everybody, in the place of the operation that wants a token.
fn open_metrics(routes: Route, app: &App) -> Route {
    let app = app.clone();
    let metrics = poem::endpoint::make(move |_| {
        let app = app.clone();
        async move { app.metrics.render(&app.db).await }
    });
    routes.at("/metrics", get(metrics))
}

/// What browsers are told when pages of other origins call. Who is not on the list gets the same
/// answers without that, and the browser keeps them from the page.
fn cors(origins: &[String]) -> anyhow::Result<Option<CorsLayer>> {
    const HEADERS: [&str; 7] = [
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "last-event-id",
        "x-request-id",
    ];
    if origins.is_empty() {
        return Ok(None);
    }
    let origins = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let origins = origins.iter().map(|origin| {
            let value = HeaderValue::from_str(origin);
            value.with_context(|| format!("`{origin}` is not an origin"))
        });
        AllowOrigin::list(origins.collect::<anyhow::Result<Vec<_>>>()?)
    };
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers(HEADERS.map(HeaderName::from_static))
        .expose_headers([
            header::ETAG,
            header::LOCATION,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            HeaderName::from_static("x-request-id"),
        ]);
    Ok(Some(layer))
}

/// Serves until `stop` is done, then lets the requests under way finish.
///
/// Connections beyond the cap wait in the listen queue. When the time to finish is over, or `force`
/// is done, what is left is cut off.
pub async fn serve(
    app: &App,
    settings: &ServeSettings,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
    force: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let endpoints = Arc::new(Endpoints::new(app, settings)?);
    let limits = &settings.limits;
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.header_timeout)
        .max_header_list_size(MAX_HEAD_BYTES as u32)
        .max_concurrent_streams(MAX_STREAMS);
    let refreshing = tokio::spawn(refresh::run(
        app.db.clone(),
        app.authenticator.clone(),
        settings.identity.key_days,
    ));
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(limits.max_connections));
    let accept = async {
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
                return;
            };
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let used = Arc::new(AtomicBool::new(false));
            let endpoints = Arc::clone(&endpoints);
            let connection = Connection {
                stream,
                peer,
                used: Arc::clone(&used),
                write_timeout: limits.write_timeout,
            };
            let connection = connection.serve(&builder, endpoints);
            let connection = graceful.watch(connection);
            let first_request = limits.header_timeout;
            tokio::spawn(async move {
                let mut connection = std::pin::pin!(connection);
                // hyper's header timeout begins only when it knows which HTTP the peer speaks.
                let ended = match timeout(first_request, &mut connection).await {
                    Err(_) if !used.load(Ordering::Relaxed) => Ok(()),
                    Err(_) => connection.await,
                    Ok(ended) => ended,
                };
                // The peer's faults (resets, time-outs, nonsense) end its connection and nothing else.
                if let Err(error) = ended {
                    tracing::debug!(%error, %peer, "a connection has ended");
                }
                drop(slot);
            });
        }
    };
    tokio::select! {
        () = accept => {}
        () = stop => {}
    }
    refreshing.abort();
    app.stopping.store(true, Ordering::Relaxed);
    app.streams.stop();
    drop(listener);
    tracing::info!("stopping: requests under way may finish");
    tokio::select! {
        finished = timeout(limits.shutdown_timeout, graceful.shutdown()) => {
            if finished.is_err() {
                tracing::warn!("stopping: some requests did not finish in time");
            }
            app.drain().await;
        }
        () = force => tracing::warn!("stopping at once"),
    }
    Ok(())
}

/// A connection that was accepted.
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    /// Set when its first request has arrived.
    used: Arc<AtomicBool>,
    write_timeout: Duration,
}

impl Connection {
    fn serve(
        self,
        builder: &auto::Builder<TokioExecutor>,
        endpoints: Arc<Endpoints>,
    ) -> impl GracefulConnection<Error: std::fmt::Display + Send> + Send + 'static + use<> {
        let Self { stream, used, .. } = self;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        let local = LocalAddr(stream.local_addr().unwrap_or(self.peer).into());
        let remote = RemoteAddr(self.peer.into());
        let cors = tower::util::option_layer(endpoints.cors.clone());
        let linger = Arc::new(AtomicBool::new(false));
        let mut stream = TimeoutStream::new(Linger::new(stream, Arc::clone(&linger), LINGER));
        stream.set_write_timeout(Some(self.write_timeout));
        let service = tower::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            used.store(true, Ordering::Relaxed);
            let (endpoints, linger) = (Arc::clone(&endpoints), Arc::clone(&linger));
            let request = Request::from((request, local.clone(), remote.clone(), Scheme::HTTP));
            // In a box, because every layer would move the whole future.
            Box::pin(async move {
                let response = endpoints.answer(request).await;
                // Said of requests that are not read to their end.
                let closes = response.headers().contains_key(header::CONNECTION);
                linger.store(closes, Ordering::Relaxed);
                Ok::<_, Infallible>(hyper::Response::from(response))
            })
        });
        let compression = CompressionLayer::new()
            .compress_when(DefaultPredicate::new().and(SizeAbove::new(COMPRESS_ABOVE)));
        let service = ServiceBuilder::new()
            .layer(compression)
            .layer(cors)
            .service(service);
        builder
            .serve_connection(
                TokioIo::new(Box::pin(stream)),
                TowerToHyperService::new(service),
            )
            .into_owned()
    }
}
