//! Swagger UI at `/docs`, and the specification that it shows.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use poem::{Endpoint, IntoResponse, Response, Route, endpoint::make_sync, get, http::header};
use poem_openapi::{ApiResponse, OpenApi, OpenApiService};

/// The script of our page. It makes the server that the page came from the one that the page calls,
/// whatever name people reached it under.
const SCRIPT: &str = "
fetch('openapi.json').then((response) => response.json()).then((spec) => {
  const base = new URL('.', window.location.href).href.replace(/\\/$/, '');
  spec.servers = [{ url: base }];
  for (const scheme of Object.values(spec.components.securitySchemes ?? {})) {
    for (const flow of Object.values(scheme.flows ?? {})) {
      flow.tokenUrl = base + '/oauth/token';
    }
  }
  const ui = SwaggerUIBundle({
    spec, dom_id: '#ui', deepLinking: true, displayRequestDuration: true,
    persistAuthorization: false, tryItOutEnabled: true, filter: true, validatorUrl: null,
  });
  ui.initOAuth({ usePkceWithAuthorizationCodeGrant: true, scopeSeparator: ' ' });
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
pub const PATHS: [&str; 3] = ["/docs", "/openapi.json", "/openapi.yaml"];

/// The routes of documentation, at [`PATHS`].
pub fn routes(json: String, yaml: String) -> anyhow::Result<Route> {
    let (style, bundle) = assets()?;
    let policy = format!(
        "default-src 'none'; connect-src 'self'; img-src 'self' data:; style-src 'unsafe-inline'; \
         script-src 'sha256-{}' 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        sha256(&bundle),
        sha256(SCRIPT),
    );
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>agentdata API</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{style}</style>\n</head>\n\
         <body>\n<div id=\"ui\"></div>\n<script>{bundle}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    );
    let page = Bytes::from(page);
    let docs = make_sync(move |_| {
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, policy.as_str())
            .body(page.clone())
    });
    let [docs_at, json_at, yaml_at] = PATHS;
    Ok(Route::new()
        .at(docs_at, get(docs))
        .at(json_at, get(text(json, "application/json")))
        .at(yaml_at, get(text(yaml, "application/yaml"))))
}

fn text(text: String, content_type: &'static str) -> impl Endpoint<Output = Response> {
    make_sync(move |_| text.clone().with_content_type(content_type).into_response())
}

/// The style sheet and the script of Swagger UI, taken out of the page that poem-openapi bundles
/// them into; it offers them in no other way.
fn assets() -> anyhow::Result<(String, String)> {
    let html = OpenApiService::new((), "", "").swagger_ui_html();
    let between = |start: &str, end: &str| {
        let (_, rest) = html.split_once(start)?;
        rest.split_once(end).map(|(asset, _)| asset.to_owned())
    };
    let style = between("<style charset=\"UTF-8\">", "</style>\n");
    let script = between("<script charset=\"UTF-8\">", "</script>\n</head>");
    style
        .zip(script)
        .ok_or_else(|| anyhow::anyhow!("poem-openapi's page has changed; docs.rs must follow"))
}

fn sha256(text: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_assets_are_found_whole() {
        let (style, script) = assets().unwrap();
        assert!(style.contains(".swagger-ui") && style.len() > 50_000);
        assert!(script.contains("SwaggerUIBundle") && script.len() > 500_000);
        assert!(!script.contains("</script"));
    }
}
