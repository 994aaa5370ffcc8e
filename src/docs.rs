//! Swagger UI at `/docs`, ReDoc at `/reference`, and the specification that both show.

use std::sync::Arc;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use poem::{
    Endpoint, IntoResponse, Request, Response, Route,
    endpoint::{make, make_sync},
    get,
    http::{Uri, header},
};
use poem_openapi::{ApiResponse, OpenApi, OpenApiService};
use serde_json::{Map, Value, json};

use crate::{auth::Authenticator, openapi, problem::ApiError, settings::OutsideSettings};

/// The script of the page of `/docs`. It makes the server that the page came from the one that the page calls,
/// whatever name people reached it under.
const SCRIPT: &str = "
fetch('openapi.json').then((response) => response.json()).then((spec) => {
  const base = new URL('.', window.location.href).href.replace(/\\/$/, '');
  spec.servers = [{ url: base }];
  for (const scheme of Object.values(spec.components.securitySchemes ?? {})) {
    if (scheme.flows?.clientCredentials) {
      scheme.flows.clientCredentials.tokenUrl = base + '/oauth/token';
    }
  }
  const place = document.getElementById('ui');
  const ui = SwaggerUIBundle({
    spec, domNode: place, deepLinking: true, displayRequestDuration: true,
    persistAuthorization: false, tryItOutEnabled: true, filter: true, validatorUrl: null,
    oauth2RedirectUrl: base + '/docs/oauth-receiver.html',
  });
  ui.initOAuth({
    clientId: place.dataset.clientId, scopes: place.dataset.scopes,
    usePkceWithAuthorizationCodeGrant: true, scopeSeparator: ' ',
  });
});
";

/// The script of the page of `/reference`. As in `/docs`, the server is the one that the page came from.
const REFERENCE_SCRIPT: &str = "
fetch('openapi.json').then((response) => response.json()).then((spec) => {
  spec.servers = [{ url: new URL('.', window.location.href).href.replace(/\\/$/, '') }];
  Redoc.init(spec, { sortRequiredPropsFirst: true }, document.getElementById('ui'));
});
";

/// Leads people who come to `/` to the docs. It is no operation of the API, but poem's router gives
/// whoever has the API's paths `/` as well.
pub struct RootApi;

/// The way to the docs.
#[derive(ApiResponse)]
enum RootResponse {
    /// The docs are there.
    #[oai(status = 303)]
    SeeOther(
        /// `docs`, relative, so that it holds behind any proxy.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi]
impl RootApi {
    #[oai(path = "/", method = "get", hidden)]
    async fn get_root(&self) -> RootResponse {
        RootResponse::SeeOther("docs".into())
    }
}

/// Where the documentation is.
pub const PATHS: [&str; 5] = [
    "/docs",
    "/docs/oauth-receiver.html",
    "/reference",
    "/openapi.json",
    "/openapi.yaml",
];

/// The specification as this server serves it: with the ways to a token that there are here.
struct Spec {
    spec: Value,
    authenticator: Authenticator,
    /// What people may ask the outside issuer for.
    scopes: Map<String, Value>,
}

impl Spec {
    /// The specification, and the origin of the outside issuer's token endpoint, if people log in there.
    async fn now(&self) -> (Value, Option<String>) {
        let mut spec = self.spec.clone();
        let flows = &mut spec["components"]["securitySchemes"]["oauth2"]["flows"];
        let endpoints = self.authenticator.issuers().endpoints().await;
        if let (Some(endpoints), Some(flows)) = (&endpoints, flows.as_object_mut()) {
            flows.insert(
                "authorizationCode".into(),
                json!({
                    "authorizationUrl": endpoints.authorization.as_str(),
                    "tokenUrl": endpoints.token.as_str(),
                    "scopes": self.scopes,
                }),
            );
            if !self.authenticator.issues() {
                flows.shift_remove("clientCredentials");
            }
        }
        let origin = endpoints.map(|endpoints| endpoints.token.origin().ascii_serialization());
        (spec, origin)
    }

    async fn text(
        &self,
        write: fn(&Value) -> anyhow::Result<String>,
        content_type: &'static str,
    ) -> Response {
        match write(&self.now().await.0) {
            Ok(text) => text.with_content_type(content_type).into_response(),
            Err(error) => {
                tracing::error!(%error, "the specification cannot be written");
                ApiError::internal().into_response()
            }
        }
    }
}

/// The routes of documentation, at [`PATHS`].
pub fn routes(
    spec: Value,
    authenticator: Authenticator,
    settings: &OutsideSettings,
) -> anyhow::Result<Route> {
    let own = spec.pointer("/components/securitySchemes/oauth2/flows/clientCredentials/scopes");
    let own = own.and_then(Value::as_object).cloned().unwrap_or_default();
    let asked = settings.oauth_ui_scopes.iter();
    let asked: Map<_, _> = asked.map(|scope| (scope.clone(), json!(""))).collect();
    // Swagger UI selects these beforehand.
    let selected: Vec<_> = asked.keys().map(String::as_str).collect();
    let place = format!(
        "<div id=\"ui\" data-client-id=\"{}\" data-scopes=\"{}\"></div>",
        escaped(settings.oauth_ui_client_id.as_deref().unwrap_or_default()),
        escaped(&selected.join(" ")),
    );
    let spec = Arc::new(Spec {
        spec,
        authenticator,
        scopes: if asked.is_empty() { own } else { asked },
    });
    let docs_page = Page::new(&swagger_ui()?, SCRIPT, &place);
    let reference_page = Page::new(&redoc()?, REFERENCE_SCRIPT, "<div id=\"ui\"></div>");
    let docs = {
        let spec = Arc::clone(&spec);
        make(move |_| {
            let (spec, page) = (Arc::clone(&spec), docs_page.clone());
            async move {
                let (_, origin) = spec.now().await;
                page.response(&format!(
                    "connect-src 'self' {}",
                    origin.unwrap_or_default()
                ))
            }
        })
    };
    // Its search runs in a worker, which ReDoc makes of a text.
    let reference =
        make_sync(move |_| reference_page.response("connect-src 'self'; worker-src blob:"));
    let [docs_at, receiver_at, reference_at, json_at, yaml_at] = PATHS;
    Ok(Route::new()
        .at(docs_at, get(docs))
        .at(receiver_at, get(receiver()))
        .at(reference_at, get(reference))
        .at(
            json_at,
            get(text(&spec, openapi::to_json, "application/json")),
        )
        .at(
            yaml_at,
            get(text(&spec, openapi::to_yaml, "application/yaml")),
        ))
}

/// A page that needs nothing but itself and the specification, whatever its bundled script would like to load.
#[derive(Clone)]
struct Page {
    html: Bytes,
    /// The hashes of its scripts, as its policy names them.
    scripts: String,
}

impl Page {
    fn new(assets: &Assets, script: &str, place: &str) -> Self {
        let Assets { style, bundle } = assets;
        Self {
            html: Bytes::from(format!(
                "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
                 <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
                 <title>agentdata API</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{style}</style>\n</head>\n\
                 <body>\n{place}\n<script>{bundle}</script>\n<script>{script}</script>\n</body>\n</html>\n"
            )),
            scripts: format!("'sha256-{}' 'sha256-{}'", sha256(bundle), sha256(script)),
        }
    }

    /// The page, under a policy that allows it what is said here beside its own scripts and styles.
    fn response(&self, also: &str) -> Response {
        let policy = format!(
            "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; script-src {}; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'; {also};",
            self.scripts
        );
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, policy)
            .body(self.html.clone())
    }
}

fn text(
    spec: &Arc<Spec>,
    write: fn(&Value) -> anyhow::Result<String>,
    content_type: &'static str,
) -> impl Endpoint<Output = Response> + use<> {
    let spec = Arc::clone(spec);
    make(move |_| {
        let spec = Arc::clone(&spec);
        async move { spec.text(write, content_type).await }
    })
}

/// The page to which an issuer sends people back. It hands the code to Swagger UI's page, which has opened
/// it.
fn receiver() -> impl Endpoint<Output = Response> {
    make(|_| async {
        // poem-openapi gives the page to requests only. Few come: one for each time that people log in.
        let service = OpenApiService::new((), "", "");
        let request = Request::builder()
            .uri(Uri::from_static("/oauth-receiver.html"))
            .finish();
        let page = service.swagger_ui().call(request).await?.into_response();
        let page = page.into_body().into_string().await?;
        let script = between(&page, "<script>", "</script>").unwrap_or_default();
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{}'",
            sha256(&script)
        );
        let response = Response::builder()
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, policy)
            .body(page);
        Ok::<_, poem::Error>(response)
    })
}

/// A text within a quoted attribute of HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

fn between(text: &str, start: &str, end: &str) -> Option<String> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner.to_owned())
}

/// The style sheet and the script that a page is made of.
struct Assets {
    style: String,
    bundle: String,
}

/// Swagger UI, taken out of the page that poem-openapi bundles it into; it offers it in no other way.
fn swagger_ui() -> anyhow::Result<Assets> {
    let html = OpenApiService::new((), "", "").swagger_ui_html();
    let style = between(&html, "<style charset=\"UTF-8\">", "</style>\n");
    let bundle = between(&html, "<script charset=\"UTF-8\">", "</script>\n</head>");
    style
        .zip(bundle)
        .map(|(style, bundle)| Assets { style, bundle })
        .ok_or_else(changed)
}

/// ReDoc, taken out of its page likewise. It brings its styles itself.
fn redoc() -> anyhow::Result<Assets> {
    let html = OpenApiService::new((), "", "").redoc_html();
    let bundle = between(&html, "<script charset=\"UTF-8\">", "</script>\n  </head>");
    bundle
        .map(|bundle| Assets {
            style: "body { margin: 0 }".into(),
            bundle,
        })
        .ok_or_else(changed)
}

fn changed() -> anyhow::Error {
    anyhow::anyhow!("poem-openapi's page has changed; docs.rs must follow")
}

fn sha256(text: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_assets_are_found_whole() {
        let Assets { style, bundle } = swagger_ui().unwrap();
        assert!(style.contains(".swagger-ui") && style.len() > 50_000);
        assert!(bundle.contains("SwaggerUIBundle") && bundle.len() > 500_000);
        assert!(!bundle.contains("</script"));
        let Assets { bundle, .. } = redoc().unwrap();
        assert!(bundle.contains("Redoc") && bundle.len() > 500_000);
        assert!(!bundle.contains("</script"));
    }
}
