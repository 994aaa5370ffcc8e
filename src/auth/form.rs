//! Requests to the endpoints of tokens: forms, in which the client says who it is (RFC 6749 §2.3.1), and
//! errors as RFC 6749 §5.2 writes them.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use poem::{FromRequest, IntoResponse, Request, RequestBody, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, Enum, ExtractParamOptions, Object,
    payload::{Form, Json, Payload},
    registry::{MetaMediaType, MetaRequest, Registry},
    types::Type,
};
use serde::de::DeserializeOwned;

use crate::{db::DbError, problem::retry_after, secret::Secret};

/// The longest form that is read.
const MAX_FORM_BYTES: usize = 16 * 1024;

/// Why the request is refused (RFC 6749 §5.2, RFC 7009 §2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum TokenErrorCode {
    /// The request lacks a parameter, repeats one, or cannot be read.
    InvalidRequest,
    /// The client is unknown, or its secret is wrong.
    InvalidClient,
    /// The scope is unknown, or more than the client may have.
    InvalidScope,
    /// The token was issued to another client.
    UnauthorizedClient,
    /// The grant is not `client_credentials`.
    UnsupportedGrantType,
    /// The token is of another issuer, who alone can revoke it.
    UnsupportedTokenType,
    /// The server cannot answer now, or the client asks too often; try again.
    TemporarilyUnavailable,
}

/// Why the request is refused (RFC 6749 §5.2).
#[derive(Debug, Object)]
pub struct TokenError {
    /// The kind of error, for programs.
    pub error: TokenErrorCode,
    /// What is wrong, for people.
    pub error_description: String,
}

/// Why the request is refused. These answers have the form of RFC 6749, not of RFC 9457.
#[derive(Debug, ApiResponse)]
pub enum FormError {
    /// The request cannot be granted.
    #[oai(status = 400)]
    Refused(Json<TokenError>),
    /// The client is unknown, or its secret is wrong.
    #[oai(status = 401)]
    InvalidClient(
        Json<TokenError>,
        /// The `Basic` challenge.
        #[oai(header = "WWW-Authenticate")]
        String,
    ),
    /// This server issues no tokens.
    #[oai(status = 404)]
    SwitchedOff(Json<TokenError>),
    /// The client or its address asks too often.
    #[oai(status = 429)]
    TooMany(
        Json<TokenError>,
        /// Seconds to wait before the next try.
        #[oai(header = "Retry-After")]
        String,
    ),
    /// The database cannot be reached.
    #[oai(status = 503)]
    Unavailable(
        Json<TokenError>,
        /// Seconds to wait before the next try.
        #[oai(header = "Retry-After")]
        String,
    ),
}

impl FormError {
    /// 400 for this reason.
    pub fn refused(error: TokenErrorCode, description: impl Into<String>) -> Self {
        Self::Refused(json(error, description))
    }

    /// 401.
    pub fn invalid_client() -> Self {
        let description = "the client is unknown or its secret is wrong";
        Self::InvalidClient(
            json(TokenErrorCode::InvalidClient, description),
            "Basic realm=\"agentdata\"".into(),
        )
    }

    /// 404.
    pub fn switched_off() -> Self {
        let description = "this server issues no tokens; ask the issuer that its metadata name";
        Self::SwitchedOff(json(TokenErrorCode::InvalidRequest, description))
    }

    /// 429.
    pub fn too_many(wait: Duration) -> Self {
        let description = "too many requests; wait as long as Retry-After says";
        Self::TooMany(
            json(TokenErrorCode::TemporarilyUnavailable, description),
            retry_after(wait),
        )
    }
}

impl From<DbError> for FormError {
    fn from(error: DbError) -> Self {
        tracing::error!(error = %error, "database");
        let description = "the server cannot reach its database; try again";
        Self::Unavailable(
            json(TokenErrorCode::TemporarilyUnavailable, description),
            "1".into(),
        )
    }
}

fn json(error: TokenErrorCode, description: impl Into<String>) -> Json<TokenError> {
    Json(TokenError {
        error,
        error_description: description.into(),
    })
}

/// A form in which a client may say who it is.
pub trait Credentials: Type + DeserializeOwned + Send {
    /// The id and the secret in the form.
    fn take_credentials(&mut self) -> (Option<String>, Option<String>);
}

/// Declares where a form has the client's id and secret.
macro_rules! credentials {
    ($form:ty) => {
        impl $crate::auth::form::Credentials for $form {
            fn take_credentials(&mut self) -> (Option<String>, Option<String>) {
                (self.client_id.take(), self.client_secret.take())
            }
        }
    };
}
pub(crate) use credentials;

/// A form and the client's credentials, however the client sent them.
pub struct ClientForm<F> {
    /// The form, without the credentials.
    pub form: F,
    basic: Option<(String, Secret)>,
}

impl<'a, F: Credentials> ApiExtractor<'a> for ClientForm<F> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        F::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: Form::<Empty>::CONTENT_TYPE,
                schema: F::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let invalid = |description: &str| {
            let error = FormError::refused(TokenErrorCode::InvalidRequest, description);
            poem::Error::from_response(error.into_response())
        };
        if !request
            .content_type()
            .is_some_and(Form::<Empty>::check_content_type)
        {
            return Err(invalid(
                "send the request as application/x-www-form-urlencoded",
            ));
        }
        let body = <poem::Body as FromRequest>::from_request(request, body).await?;
        let bytes = body
            .into_bytes_limit(MAX_FORM_BYTES)
            .await
            .map_err(|_| invalid("the form is too long or did not arrive whole"))?;
        let form =
            serde_urlencoded::from_bytes(&bytes).map_err(|error| invalid(&error.to_string()))?;
        let mut headers = request.headers().get_all(header::AUTHORIZATION).iter();
        let basic = match (headers.next(), headers.next()) {
            (None, _) => None,
            (Some(_), Some(_)) => return Err(invalid("there are two Authorization headers")),
            (Some(value), None) => {
                let parsed = value.to_str().ok().and_then(parse_basic);
                Some(parsed.ok_or_else(|| {
                    poem::Error::from_response(FormError::invalid_client().into_response())
                })?)
            }
        };
        Ok(Self { form, basic })
    }
}

impl<F: Credentials> ClientForm<F> {
    /// The client's id and secret, which it must have sent in one way only.
    ///
    /// # Errors
    /// 400 or 401.
    pub fn credentials(&mut self) -> Result<(String, Secret), FormError> {
        match (self.basic.take(), self.form.take_credentials()) {
            (Some(_), (_, Some(_))) => Err(FormError::refused(
                TokenErrorCode::InvalidRequest,
                "the client authenticates in two ways at once",
            )),
            (Some((id, _)), (Some(other), None)) if id != other => Err(FormError::refused(
                TokenErrorCode::InvalidRequest,
                "the client_id differs from the authenticated one",
            )),
            (Some(basic), _) => Ok(basic),
            (None, (Some(id), Some(secret))) => Ok((id, secret.into())),
            (None, _) => Err(FormError::invalid_client()),
        }
    }
}

/// For what is the same of every form: its content type.
#[derive(Object)]
struct Empty {}

/// RFC 6749 §2.3.1: id and secret are form-encoded before they go into HTTP Basic.
fn parse_basic(value: &str) -> Option<(String, Secret)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let unescape = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .ok()
            .map(String::from)
    };
    Some((unescape(id)?, unescape(secret)?.into()))
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(value in any::<String>()) {
            let _whatever = parse_basic(&value);
            let _whatever = parse_basic(&format!("Basic {}", STANDARD.encode(&value)));
        }

        #[test]
        fn what_was_encoded_is_read(id in "[ -~]{1,40}", secret in any::<String>()) {
            use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
            let pair = [&id, &secret].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
            let header = format!("basic {}", STANDARD.encode(pair.join(":")));
            let (read_id, read_secret) = parse_basic(&header).unwrap();
            prop_assert_eq!((read_id.as_str(), read_secret.reveal()), (id.as_str(), secret.as_str()));
        }
    }
}
