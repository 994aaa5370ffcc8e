//! The settings of identity: our own tokens, those of outside issuers, and who may ask how often.

use std::{num::NonZeroU32, str::FromStr, time::Duration};

use clap::{Args, Parser, ValueEnum};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::seconds;
use crate::auth::ScopeSet;

/// Who issues access tokens, and who may do what with them.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Identity")]
pub struct IdentitySettings {
    /// Seconds that an access token of this server is good for.
    #[arg(long, env = "AGENTDATA_TOKEN_LIFETIME", default_value = "900", value_parser = seconds)]
    pub token_lifetime: Duration,

    /// Days after which this server's signing key is replaced.
    #[arg(long, env = "AGENTDATA_KEY_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub key_days: u32,

    /// Take tokens of outside issuers only: this server issues none and refuses its own.
    #[arg(long, env = "AGENTDATA_NO_TOKENS", requires = "oauth_issuer")]
    pub no_tokens: bool,

    /// Requests a minute that one client may make to the token, revocation and introspection
    /// endpoints.
    #[arg(long, env = "AGENTDATA_TOKEN_RATE", default_value = "120")]
    pub token_rate: NonZeroU32,

    /// Requests a minute that one address may make to these endpoints.
    #[arg(long, env = "AGENTDATA_TOKEN_RATE_PER_ADDRESS", default_value = "600")]
    pub token_rate_per_address: NonZeroU32,

    /// Requests a second that one client may make to all other operations. Default: any number.
    #[arg(long, env = "AGENTDATA_API_RATE")]
    pub api_rate: Option<NonZeroU32>,

    /// Which requests leave a line of audit in the log, beside those that are refused with 401 or 403.
    #[arg(long, env = "AGENTDATA_AUDIT", value_enum, default_value_t = Audit::Writes)]
    pub audit: Audit,

    /// The outside issuers.
    #[command(flatten)]
    pub outside: OutsideSettings,
}

impl Default for IdentitySettings {
    /// What they are when nothing is said.
    fn default() -> Self {
        #[derive(Parser)]
        struct Alone {
            #[command(flatten)]
            identity: IdentitySettings,
        }
        Alone::parse_from([""]).identity
    }
}

/// Which requests leave a line of audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Audit {
    /// Every write.
    Writes,
    /// Every write but new logs, metrics and tool usage.
    Changes,
    /// No request that is let in.
    Refusals,
}

/// Outside issuers of access tokens, all with the same rules: JWTs that are verified with the keys
/// that the issuer publishes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Outside issuers")]
pub struct OutsideSettings {
    /// Issuers whose tokens are taken, as their tokens name them in `iss`, comma-separated. Their keys
    /// are found through their metadata (OIDC discovery or RFC 8414).
    #[arg(long, env = "AGENTDATA_OAUTH_ISSUER", value_delimiter = ',')]
    pub oauth_issuer: Vec<String>,

    /// Audiences of which their tokens must name one, comma-separated. Default: that of our own tokens.
    #[arg(long, env = "AGENTDATA_OAUTH_AUDIENCE", value_delimiter = ',')]
    pub oauth_audience: Vec<String>,

    /// Signature algorithms that they may use, comma-separated.
    #[arg(
        long,
        env = "AGENTDATA_OAUTH_ALGORITHMS",
        value_delimiter = ',',
        default_value = "RS256,RS384,RS512,PS256,ES256,ES384,EdDSA",
        value_parser = algorithm
    )]
    pub oauth_algorithms: Vec<Algorithm>,

    /// What the header of their tokens may have as `typ`, comma-separated; a token without it counts as
    /// `JWT`.
    #[arg(
        long,
        env = "AGENTDATA_OAUTH_TYPES",
        value_delimiter = ',',
        default_value = "at+jwt,JWT"
    )]
    pub oauth_types: Vec<String>,

    /// Claim that names the tenant: a name, or a JSON Pointer such as `/organization/id`. Default: everybody's
    /// tenant is `default`.
    #[arg(long, env = "AGENTDATA_OAUTH_TENANT_CLAIM")]
    pub oauth_tenant_claim: Option<ClaimPath>,

    /// Claims that list what the token allows, comma-separated; the first that the token has counts. A
    /// list is an array or a text with spaces.
    #[arg(
        long,
        env = "AGENTDATA_OAUTH_SCOPE_CLAIM",
        value_delimiter = ',',
        default_value = "scope,scp"
    )]
    pub oauth_scope_claim: Vec<ClaimPath>,

    /// Claims that name the client, comma-separated; the first that the token has counts, else `sub`.
    #[arg(
        long,
        env = "AGENTDATA_OAUTH_CLIENT_CLAIM",
        value_delimiter = ',',
        default_value = "client_id,azp,appid,cid"
    )]
    pub oauth_client_claim: Vec<ClaimPath>,

    /// What an issuer's words mean, such as `reader=agents:read logs:read,operator=admin`. Words that are not
    /// in it mean the scope of that name.
    #[arg(long, env = "AGENTDATA_OAUTH_SCOPE_MAP", value_delimiter = ',')]
    pub oauth_scope_map: Vec<ScopeMapping>,

    /// Seconds between two requests for the keys of one issuer, at least, whatever the tokens name.
    #[arg(long, env = "AGENTDATA_OAUTH_KEY_INTERVAL", default_value = "10", value_parser = seconds)]
    pub oauth_key_interval: Duration,

    /// Seconds that keys are used beyond their time while their issuer cannot be reached.
    #[arg(long, env = "AGENTDATA_OAUTH_STALE_KEYS", default_value = "3600", value_parser = seconds)]
    pub oauth_stale_keys: Duration,

    /// Client at the first outside issuer with which people log in to Swagger UI: a public client with
    /// PKCE.
    #[arg(long, env = "AGENTDATA_OAUTH_UI_CLIENT_ID")]
    pub oauth_ui_client_id: Option<String>,

    /// Scopes that Swagger UI may ask the first outside issuer for, comma-separated. Default: those of this
    /// server.
    #[arg(long, env = "AGENTDATA_OAUTH_UI_SCOPES", value_delimiter = ',')]
    pub oauth_ui_scopes: Vec<String>,
}

/// Where in a token's claims something stands: the name of a claim, or a JSON Pointer (RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(String);

impl FromStr for ClaimPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || text == "/" {
            return Err("must be the name of a claim or a JSON Pointer".into());
        }
        Ok(Self(text.to_owned()))
    }
}

impl ClaimPath {
    /// What stands there.
    pub fn of<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        if let Some(pointer) = self.0.strip_prefix('/') {
            let (first, rest) = pointer
                .split_once('/')
                .map_or((pointer, String::new()), |(first, rest)| {
                    (first, format!("/{rest}"))
                });
            let first = first.replace("~1", "/").replace("~0", "~");
            claims.get(&first)?.pointer(&rest)
        } else {
            claims.get(&self.0)
        }
    }
}

/// What a word of an issuer means here.
#[derive(Clone, Debug)]
pub struct ScopeMapping {
    /// The issuer's word.
    pub word: String,
    /// The scopes that it stands for.
    pub scopes: ScopeSet,
}

impl FromStr for ScopeMapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The issuer's word may have an `=` in it, our scopes have none.
        let (word, scopes) = text.rsplit_once('=').ok_or("must be `word=scope scope`")?;
        let scopes = ScopeSet::parse(scopes)?;
        if word.is_empty() || scopes.is_empty() {
            return Err("must be `word=scope scope`".into());
        }
        Ok(Self {
            word: word.to_owned(),
            scopes,
        })
    }
}

/// A signature algorithm of outside tokens (RFC 7518 §3.1, RFC 8037 §3.1). None is symmetric: whoever can
/// check such a signature can make one.
fn algorithm(name: &str) -> Result<Algorithm, String> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, RS256, RS384, RS512};
    let allowed = [RS256, RS384, RS512, PS256, ES256, ES384, EdDSA];
    let found = allowed
        .into_iter()
        .find(|known| format!("{known:?}") == name);
    found.ok_or_else(|| format!("must be one of {allowed:?}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_name_or_by_pointer() {
        let claims = json!({
            "https://example.com/tenant": "a",
            "org": { "id": "b", "a/b": "c" },
        });
        let claims = claims.as_object().unwrap();
        let find = |path: &str| path.parse::<ClaimPath>().unwrap().of(claims).cloned();
        assert_eq!(find("https://example.com/tenant"), Some(json!("a")));
        assert_eq!(find("/org/id"), Some(json!("b")));
        assert_eq!(find("/org/a~1b"), Some(json!("c")));
        assert_eq!(find("/org/none"), None);
        assert_eq!(find("org.id"), None);
        assert!("".parse::<ClaimPath>().is_err());
    }

    #[test]
    fn symmetric_and_unknown_algorithms_cannot_be_configured() {
        for name in ["HS256", "none", "rs256", "ES512", "PS512"] {
            assert!(algorithm(name).is_err(), "{name}");
        }
        assert_eq!(algorithm("EdDSA"), Ok(Algorithm::EdDSA));
    }

    #[test]
    fn a_mapping_names_scopes_of_ours() {
        let mapping: ScopeMapping = "api://x/a=b=agents:read logs:read".parse().unwrap();
        assert_eq!(mapping.word, "api://x/a=b");
        assert_eq!(mapping.scopes.to_string(), "agents:read logs:read");
        for bad in ["reader", "reader=", "=admin", "reader=agents:fly"] {
            assert!(bad.parse::<ScopeMapping>().is_err(), "{bad}");
        }
    }
}
