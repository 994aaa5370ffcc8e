//! The answers of the operations on configs.

use poem_openapi::ApiResponse;

use super::model::{Config, ConfigChange, ConfigPage, ConfigVersionPage};
use crate::{json::Json, stream::events::Events};

/// A config that was set.
#[derive(ApiResponse)]
pub enum SetConfigResponse {
    /// The config as it is now. There was one, and it has a new version unless it was the same
    /// already.
    #[oai(status = 200)]
    Updated(
        Json<Config>,
        /// Its entity tag, for `If-Match` and `If-None-Match`.
        #[oai(header = "ETag")]
        String,
        /// `Authorization`: whether a secret is masked depends on the access token.
        #[oai(header = "Vary")]
        String,
    ),
    /// The config as it is now. There was none.
    #[oai(status = 201)]
    Created(
        Json<Config>,
        /// URL of the config.
        #[oai(header = "Location")]
        String,
        /// Its entity tag, for `If-Match` and `If-None-Match`.
        #[oai(header = "ETag")]
        String,
        /// `Authorization`: whether a secret is masked depends on the access token.
        #[oai(header = "Vary")]
        String,
    ),
}

/// A config.
#[derive(ApiResponse)]
pub enum GetConfigResponse {
    /// The config.
    #[oai(status = 200)]
    Found(
        Json<Config>,
        /// Its entity tag, for `If-Match` and `If-None-Match`.
        #[oai(header = "ETag")]
        String,
        /// `Authorization`: whether a secret is masked depends on the access token.
        #[oai(header = "Vary")]
        String,
    ),
    /// The config is still the one that `If-None-Match` names.
    #[oai(status = 304)]
    NotModified(
        /// Its entity tag.
        #[oai(header = "ETag")]
        String,
        /// `Authorization`: whether a secret is masked depends on the access token.
        #[oai(header = "Vary")]
        String,
    ),
}

/// A page of configs.
#[derive(ApiResponse)]
pub enum ListConfigsResponse {
    /// The page.
    #[oai(status = 200)]
    Page(
        Json<ConfigPage>,
        /// `Authorization`: whether a secret is masked depends on the access token.
        #[oai(header = "Vary")]
        String,
    ),
}

/// A page of versions.
#[derive(ApiResponse)]
pub enum ListConfigVersionsResponse {
    /// The page.
    #[oai(status = 200)]
    Page(
        Json<ConfigVersionPage>,
        /// `Authorization`: whether a secret is masked depends on the access token.
        #[oai(header = "Vary")]
        String,
    ),
}

/// A restored config.
#[derive(ApiResponse)]
pub enum RestoreConfigResponse {
    /// The config as it is now: with a new version, unless it was the same already.
    #[oai(status = 200)]
    Restored(
        Json<Config>,
        /// Its new entity tag.
        #[oai(header = "ETag")]
        String,
        /// `Authorization`: whether a secret is masked depends on the access token.
        #[oai(header = "Vary")]
        String,
    ),
}

/// A deleted config.
#[derive(ApiResponse)]
pub enum DeleteConfigResponse {
    /// The config is gone for every reader; its versions are still there.
    #[oai(status = 204)]
    Deleted,
}

/// The changes of an agent's configs.
#[derive(ApiResponse)]
pub enum WatchConfigsResponse {
    /// Server-sent events: `config.set` and `config.deleted`, whose data is a `ConfigChange` in JSON
    /// and whose id is the number of the change, and at last `end`, whose data is `{"reason": "…"}`.
    #[oai(status = 200)]
    Events(Events<ConfigChange>),
}
