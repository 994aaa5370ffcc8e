//! JSON Web Tokens (RFC 7519), read strictly: one form for each token, and nothing of it is believed
//! before its signature, its issuer, its audience and its times are checked (RFC 8725 §3).

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, errors::ErrorKind};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::{db::DbError, raw_json::RawObject, values::Timestamp};

/// Longer tokens are refused unread.
pub const MAX_LENGTH: usize = 8 * 1024;
/// By how many seconds another server's clock may differ (RFC 7519 §4.1.4).
pub const LEEWAY_SECONDS: i64 = 60;
/// Tokens that live longer than this many seconds from now on are refused, whoever made them.
pub const MAX_LIFETIME_SECONDS: i64 = 24 * 3600;

const MALFORMED: TokenError = TokenError::Refused("it is not a well-formed JWT");

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The token itself; the words are for the caller.
    #[error("{0}")]
    Refused(&'static str),
    /// The database that has the keys, or the tenants.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The outside issuer, whose keys are not to be had; the words are for the log.
    #[error("{0}")]
    Issuer(String),
}

/// A token of which nothing is believed yet.
pub struct UnverifiedToken<'a> {
    text: &'a str,
    algorithm: Algorithm,
    typ: String,
    kid: Option<String>,
    claims: Map<String, Value>,
}

impl<'a> UnverifiedToken<'a> {
    /// Reads the compact form (RFC 7515 §7.1): three parts of base64url without padding, of which the
    /// first two are JSON objects without repeated members.
    ///
    /// The header may name a key only by its id. Keys and URLs of keys in it (`jwk`, `jku`, `x5c`,
    /// `x5u`) are not looked at; extensions (`crit`, `b64`, `zip`, `enc`) and nested tokens are refused.
    ///
    /// # Errors
    /// Refused, with what is wrong.
    pub fn parse(text: &'a str) -> Result<Self, TokenError> {
        const NOT_ALLOWED: TokenError = TokenError::Refused("its algorithm is not allowed");
        if text.len() > MAX_LENGTH {
            return Err(TokenError::Refused("it is too long"));
        }
        let parts: Vec<&str> = text.splitn(4, '.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(MALFORMED);
        };
        let header = object(header)?;
        let claims = object(claims)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| MALFORMED)?;
        let member = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(MALFORMED),
        };
        let nested = member("cty")?.is_some_and(|cty| cty.to_ascii_lowercase().ends_with("jwt"));
        if nested
            || ["crit", "b64", "zip", "enc"]
                .iter()
                .any(|name| header.contains_key(*name))
        {
            return Err(TokenError::Refused(
                "its header asks for an extension that is not supported",
            ));
        }
        let algorithm = member("alg")?.ok_or(MALFORMED)?;
        let algorithm = algorithm.parse().map_err(|_| NOT_ALLOWED)?;
        if signature.is_empty() {
            return Err(TokenError::Refused("it has no signature"));
        }
        // RFC 7515 §4.1.9: `application/` may be left out, and case does not matter (RFC 2045 §5.1).
        let typ = member("typ")?.unwrap_or("JWT").to_ascii_lowercase();
        let typ = typ.strip_prefix("application/").unwrap_or(&typ).to_owned();
        let kid = member("kid")?.map(str::to_owned);
        Ok(Self {
            text,
            algorithm,
            typ,
            kid,
            claims,
        })
    }

    /// Who claims to have made it.
    pub fn issuer(&self) -> Option<&str> {
        self.claims.get("iss").and_then(Value::as_str)
    }

    /// The algorithm that it claims to be signed with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its media type, in small letters and without `application/`; `jwt` when it does not say.
    pub fn typ(&self) -> &str {
        &self.typ
    }

    /// The id of the key that it claims to be signed with.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Its claims, once signature, issuer, audience and times are right. The caller has chosen the key,
    /// and knows that it is one for the token's algorithm.
    ///
    /// # Errors
    /// Refused, with what is wrong.
    pub fn verify(
        self,
        key: &DecodingKey,
        issuer: &str,
        audiences: &[String],
    ) -> Result<Claims, TokenError> {
        let mut validation = Validation::new(self.algorithm);
        // Times are checked below: the library cannot read those with a fraction.
        validation.validate_exp = false;
        validation.set_issuer(&[issuer]);
        validation.set_audience(audiences);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        jsonwebtoken::decode::<IgnoredAny>(self.text, key, &validation).map_err(|error| {
            TokenError::Refused(match error.kind() {
                ErrorKind::InvalidIssuer => "another issuer made it",
                ErrorKind::InvalidAudience => "it is for another audience",
                ErrorKind::InvalidSignature => "its signature is wrong",
                ErrorKind::MissingRequiredClaim(_) => "it lacks a claim",
                _ => return MALFORMED,
            })
        })?;
        let claims = Claims(self.claims);
        let now = Timestamp::now().unix_seconds();
        let expires_at = claims
            .seconds("exp")?
            .ok_or(TokenError::Refused("it lacks a claim"))?;
        if expires_at <= now - LEEWAY_SECONDS {
            return Err(TokenError::Refused("it has expired"));
        }
        if expires_at > now + MAX_LIFETIME_SECONDS + LEEWAY_SECONDS {
            return Err(TokenError::Refused("it lives too long"));
        }
        for begin in ["nbf", "iat"] {
            if claims
                .seconds(begin)?
                .is_some_and(|begin| begin > now + LEEWAY_SECONDS)
            {
                return Err(TokenError::Refused("it is not valid yet"));
            }
        }
        Ok(claims)
    }
}

/// What a verified token says.
#[derive(Debug)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// All of them.
    pub fn all(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A claim that must be a text of 1 to 255 characters.
    pub fn text(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name)?.as_str()?;
        is_name(text, 255).then_some(text)
    }

    /// When the token ends, in seconds since the epoch.
    pub fn expires_at(&self) -> i64 {
        // `verify` has made sure that it is there.
        self.seconds("exp").ok().flatten().unwrap_or_default()
    }

    /// A time in seconds since the epoch (RFC 7519 §2, `NumericDate`), which may have a fraction.
    fn seconds(&self, name: &str) -> Result<Option<i64>, TokenError> {
        let number = match self.0.get(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number,
            Some(_) => return Err(MALFORMED),
        };
        let seconds = number
            .as_f64()
            .filter(|seconds| (0.0..1e12).contains(seconds));
        seconds.map(|seconds| Some(seconds as i64)).ok_or(MALFORMED)
    }
}

/// Whether a text can be a name: not empty, not longer than so many characters, and without NUL, which
/// the database cannot keep.
pub fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count()) && !text.contains('\0')
}

/// A part of a token that is a JSON object.
fn object(part: &str) -> Result<Map<String, Value>, TokenError> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| MALFORMED)?;
    serde_json::from_slice::<RawObject>(&json).map_err(|_| MALFORMED)?;
    let Unique(object) = serde_json::from_slice(&json).map_err(|_| MALFORMED)?;
    Ok(object)
}

/// A JSON object without repeated members, of which two readers could take different ones (RFC 8725
/// §2.4).
struct Unique(Map<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Map<String, Value>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut object = Map::new();
                while let Some((name, value)) = members.next_entry()? {
                    if object.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member is repeated"));
                    }
                }
                Ok(object)
            }
        }

        deserializer.deserialize_map(Members).map(Unique)
    }
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", part(header), part(claims), part("signature"))
    }

    fn reason(text: &str) -> &'static str {
        match UnverifiedToken::parse(text) {
            Ok(_) => "",
            Err(TokenError::Refused(reason)) => reason,
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn the_header_is_read_strictly() {
        let header = |header: &str| reason(&token(header, "{}"));
        let malformed = "it is not a well-formed JWT";
        let extension = "its header asks for an extension that is not supported";
        assert_eq!(
            header(r#"{"alg":"ES256","kid":"a","jwk":{},"x5u":"x"}"#),
            ""
        );
        assert_eq!(header(r#"{"alg":"ES256","alg":"ES256"}"#), malformed);
        assert_eq!(header(r#"{"alg":"ES256","kid":7}"#), malformed);
        assert_eq!(header(r#"{"typ":"JWT"}"#), malformed);
        assert_eq!(header(r#"["ES256"]"#), malformed);
        assert_eq!(header(r#"{"alg":"none"}"#), "its algorithm is not allowed");
        assert_eq!(
            header(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#),
            extension
        );
        assert_eq!(header(r#"{"alg":"ES256","zip":"DEF"}"#), extension);
        assert_eq!(header(r#"{"alg":"ES256","cty":"JWT"}"#), extension);
    }

    #[test]
    fn the_type_is_compared_without_case_and_prefix() {
        for (typ, expected) in [
            ("\"at+JWT\"", "at+jwt"),
            ("\"application/at+jwt\"", "at+jwt"),
        ] {
            let text = token(&format!(r#"{{"alg":"ES256","typ":{typ}}}"#), "{}");
            assert_eq!(UnverifiedToken::parse(&text).unwrap().typ(), expected);
        }
        let without = token(r#"{"alg":"ES256"}"#, "{}");
        assert_eq!(UnverifiedToken::parse(&without).unwrap().typ(), "jwt");
    }

    proptest! {
        #[test]
        fn nothing_makes_the_parser_panic(text in any::<String>()) {
            let _whatever = UnverifiedToken::parse(&text);
        }

        #[test]
        fn nothing_in_three_parts_makes_the_parser_panic(header in any::<Vec<u8>>(), claims in any::<Vec<u8>>()) {
            let part = |bytes| URL_SAFE_NO_PAD.encode(bytes);
            let _whatever = UnverifiedToken::parse(&format!("{}.{}.AA", part(header), part(claims)));
        }

        #[test]
        fn a_token_has_one_form(at in 0usize..60, other in prop::char::any()) {
            let text = token(r#"{"alg":"ES256"}"#, r#"{"iss":"x"}"#);
            let mut changed: Vec<char> = text.chars().collect();
            let at = at % changed.len();
            prop_assume!(changed[at] != other);
            changed[at] = other;
            let changed: String = changed.into_iter().collect();
            // Either it is refused, or it says something else: no two texts are one token.
            if let Ok(token) = UnverifiedToken::parse(&changed) {
                let parts = |text: &str| {
                    text.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect::<Vec<_>>()
                };
                prop_assert_ne!(parts(token.text), parts(&text));
            }
        }
    }
}
