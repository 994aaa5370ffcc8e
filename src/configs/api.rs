//! The operations on configs.

use std::sync::Arc;

use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
};
use serde::{Deserialize, Serialize};

use super::{
    answers::{
        DeleteConfigResponse, GetConfigResponse, ListConfigVersionsResponse, ListConfigsResponse,
        RestoreConfigResponse, SetConfigResponse,
    },
    change::{Changed, Changer, Conditions, no_agent, no_config},
    key::ConfigKey,
    model::{At, ConfigPage, ConfigVersionPage, RestoreConfig, SetConfig},
    store,
    vault::Vault,
};
use crate::{
    agents,
    auth::{Caller, Scope},
    body::Body,
    db::Db,
    etag::{EntityTags, etag},
    idempotency,
    json::Json,
    master_key::MasterKey,
    openapi::Tag,
    page,
    problem::{ApiError, FieldError, Problem},
    values::{Id, Timestamp},
};

/// The operations on configs.
pub struct ConfigsApi {
    /// The database.
    pub db: Db,
    /// The key under which secrets are sealed.
    pub master: Arc<MasterKey>,
    /// Base URL of the server, for `Location`.
    pub public_url: String,
}

/// What an idempotency key keeps of an answer: it is read again from the version that it made, so
/// that no value is kept twice, and no secret in the clear.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: i64,
    created: bool,
}

#[OpenApi(tag = "Tag::Configs")]
impl ConfigsApi {
    /// List configs
    ///
    /// By key, without those that were deleted. The values of secrets are masked unless the token has
    /// the scope `configs:secrets`. A page has up to `limit` items and ends earlier at 8 MiB; follow
    /// `next_cursor` until it is null.
    #[oai(
        path = "/agents/:agent_id/configs",
        method = "get",
        operation_id = "list_configs"
    )]
    async fn list_configs(
        &self,
        #[oai(scope = "Scope::ConfigsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Only configs whose key begins with this text.
        #[oai(validator(min_length = 1, max_length = 128))]
        prefix: Query<Option<String>>,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before, with the same prefix.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<ListConfigsResponse, ApiError> {
        auth.require(Scope::ConfigsRead)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let list = ("list_configs", tenant.0, agent, &prefix.0);
        let after: Option<String> = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let connection = self.db.shared().await?;
        let page = store::list(
            &connection,
            tenant,
            agent,
            prefix.0.as_deref(),
            after.as_deref(),
            limit,
        );
        let page = self.db.query(page).await?;
        if page.items.is_empty() {
            let exists = agents::store::exists(&connection, tenant, agent);
            if !self.db.query(exists).await? {
                return Err(no_agent());
            }
        }
        let last = page.items.last().filter(|_| page.more);
        let next_cursor = last.map(|config| page::encode_cursor(&list, &config.key));
        let (vault, shown) = self.vault(&auth, agent);
        let items = page.items.into_iter();
        let items = items.map(|stored| vault.config(stored, shown));
        let items = items.collect::<Result<_, _>>()?;
        Ok(ListConfigsResponse::Page(
            Json(ConfigPage { items, next_cursor }),
            vary(),
        ))
    }

    /// Set a config
    ///
    /// Creates the config (201) or changes it (200). Each change makes a new version; the same content
    /// again makes none. What the request does not say (`description`, `schema`, `secret`) stays as it
    /// is. Send `If-Match` so as not to overwrite what somebody else has changed meanwhile, or
    /// `If-None-Match: *` to create only. Send an `Idempotency-Key` to be able to resend the request
    /// safely.
    #[oai(
        path = "/agents/:agent_id/configs",
        method = "post",
        operation_id = "set_config"
    )]
    async fn set_config(
        &self,
        #[oai(scope = "Scope::ConfigsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Entity tag that the config must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
        /// Entity tags that the config must not have; `*` when it must not be there. Else the answer
        /// is 412.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<EntityTags>>,
        /// Any text of the client's choice. For 24 hours a request with the same key and the same
        /// body gets the first answer again; one with another body is refused with 422.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 255))]
        idempotency_key: Header<Option<String>>,
        body: Body<SetConfig>,
    ) -> Result<SetConfigResponse, ApiError> {
        auth.require(Scope::ConfigsWrite)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let path = agent.to_string();
        let request =
            idempotency::Request::new(idempotency_key.0, "set_config", &[&path], body.bytes())
                // The body may hold a secret, which its plain hash would let others guess at.
                .map(|request| request.keyed(&self.master));
        let conditions = Conditions {
            if_match: if_match.0,
            if_none_match: if_none_match.0,
        };
        let set = body.into_inner();
        let (changer, shown) = self.changer(&auth, agent);
        let work = self.db.transaction(async |connection| {
            let Some(request) = &request else {
                return changer.set(connection, set.clone(), &conditions).await;
            };
            if let Some(kept) = idempotency::replay(connection, tenant, request).await? {
                let Kept { version, created } = kept;
                let at = At::Version(version);
                let stored = store::get(connection, tenant, agent, &set.key, at).await?;
                let stored = stored.ok_or_else(no_agent)?;
                return Ok(Changed { stored, created });
            }
            let changed = changer.set(connection, set.clone(), &conditions).await?;
            let kept = Kept {
                version: changed.stored.version,
                created: changed.created,
            };
            idempotency::keep(connection, tenant, request, &kept).await?;
            Ok(changed)
        });
        let Changed { stored, created } = work.await?;
        let config = changer.vault.config(stored, shown)?;
        let tag = etag(config.version);
        if !created {
            return Ok(SetConfigResponse::Updated(Json(config), tag, vary()));
        }
        let location = format!("{}/agents/{agent}/configs/{}", self.public_url, config.key);
        Ok(SetConfigResponse::Created(
            Json(config),
            location,
            tag,
            vary(),
        ))
    }

    /// Get a config
    ///
    /// As it is now, or was: `version` and `as_of` read old versions, of deleted configs too. The value
    /// of a secret is masked unless the token has the scope `configs:secrets`.
    #[oai(
        path = "/agents/:agent_id/configs/:key",
        method = "get",
        operation_id = "get_config"
    )]
    async fn get_config(
        &self,
        #[oai(scope = "Scope::ConfigsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Key of the config.
        key: Path<ConfigKey>,
        /// The number of the version to read. Default: the newest.
        #[oai(validator(minimum(value = "1")))]
        version: Query<Option<i64>>,
        /// The instant at which the version to read was the newest; not together with `version`.
        as_of: Query<Option<Timestamp>>,
        /// Entity tags that the client has; when one is still current the answer is 304.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<EntityTags>>,
    ) -> Result<GetConfigResponse, ApiError> {
        auth.require(Scope::ConfigsRead)?;
        let at = match (version.0, as_of.0) {
            (None, None) => At::Now,
            (Some(version), None) => At::Version(version),
            (None, Some(instant)) => At::Time(instant),
            (Some(_), Some(_)) => {
                let message = "must not be given together with the other";
                let errors = ["version", "as_of"].map(|name| FieldError::parameter(name, message));
                return Err(ApiError::new(Problem::invalid(errors.into())));
            }
        };
        let connection = self.db.shared().await?;
        let read = store::get(&connection, auth.tenant_id(), agent_id.0, &key.0, at);
        let stored = self.db.query(read).await?;
        let stored = stored
            .filter(|stored| !stored.is_deleted())
            .ok_or_else(no_config)?;
        let tag = etag(stored.version);
        if if_none_match
            .0
            .is_some_and(|tags| tags.matches_weakly(stored.version))
        {
            return Ok(GetConfigResponse::NotModified(tag, vary()));
        }
        let (vault, shown) = self.vault(&auth, agent_id.0);
        let config = vault.config(stored, shown)?;
        Ok(GetConfigResponse::Found(Json(config), tag, vary()))
    }

    /// Delete a config
    ///
    /// It is gone for every reader when the answer arrives. Its versions stay: they can be read and
    /// restored, and the next version continues their numbers.
    #[oai(
        path = "/agents/:agent_id/configs/:key",
        method = "delete",
        operation_id = "delete_config"
    )]
    async fn delete_config(
        &self,
        #[oai(scope = "Scope::ConfigsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Key of the config.
        key: Path<ConfigKey>,
        /// Entity tag that the config must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
    ) -> Result<DeleteConfigResponse, ApiError> {
        auth.require(Scope::ConfigsWrite)?;
        let conditions = Conditions {
            if_match: if_match.0,
            if_none_match: None,
        };
        let (changer, _) = self.changer(&auth, agent_id.0);
        let delete = self
            .db
            .transaction(async |connection| changer.delete(connection, &key.0, &conditions).await);
        delete.await?;
        Ok(DeleteConfigResponse::Deleted)
    }

    /// List the versions of a config
    ///
    /// Newest first, those that deleted it included. The values of secrets are masked unless the token
    /// has the scope `configs:secrets`.
    #[oai(
        path = "/agents/:agent_id/configs/:key/versions",
        method = "get",
        operation_id = "list_config_versions"
    )]
    async fn list_config_versions(
        &self,
        #[oai(scope = "Scope::ConfigsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Key of the config.
        key: Path<ConfigKey>,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<ListConfigVersionsResponse, ApiError> {
        auth.require(Scope::ConfigsRead)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let list = ("list_config_versions", tenant.0, agent, &key.0);
        let before: Option<i64> = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let connection = self.db.shared().await?;
        let page = store::versions(&connection, tenant, agent, &key.0, before, limit);
        let page = self.db.query(page).await?;
        if page.items.is_empty() {
            return Err(no_config());
        }
        let last = page.items.last().filter(|_| page.more);
        let next_cursor = last.map(|stored| page::encode_cursor(&list, &stored.version));
        let (vault, shown) = self.vault(&auth, agent);
        let items = page.items.into_iter();
        let items = items.map(|stored| vault.version(stored, shown));
        let items = items.collect::<Result<_, _>>()?;
        Ok(ListConfigVersionsResponse::Page(
            Json(ConfigVersionPage { items, next_cursor }),
            vary(),
        ))
    }

    /// Restore an old version of a config
    ///
    /// Makes a new version with the value, the description, the schema and the secrecy of the old one,
    /// of a deleted config too.
    #[oai(
        path = "/agents/:agent_id/configs/:key/restore",
        method = "post",
        operation_id = "restore_config"
    )]
    async fn restore_config(
        &self,
        #[oai(scope = "Scope::ConfigsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Key of the config.
        key: Path<ConfigKey>,
        /// Entity tag that the config must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
        body: Body<RestoreConfig>,
    ) -> Result<RestoreConfigResponse, ApiError> {
        auth.require(Scope::ConfigsWrite)?;
        let conditions = Conditions {
            if_match: if_match.0,
            if_none_match: None,
        };
        let (changer, shown) = self.changer(&auth, agent_id.0);
        let restore = self.db.transaction(async |connection| {
            changer
                .restore(connection, &key.0, body.version, &conditions)
                .await
        });
        let Changed { stored, .. } = restore.await?;
        let config = changer.vault.config(stored, shown)?;
        let tag = etag(config.version);
        Ok(RestoreConfigResponse::Restored(Json(config), tag, vary()))
    }
}

impl ConfigsApi {
    /// The agent's secrets, and whether the caller may see them.
    fn vault(&self, auth: &Caller, agent: Id) -> (Vault, bool) {
        let vault = Vault {
            master: Arc::clone(&self.master),
            tenant: auth.tenant_id(),
            agent,
        };
        (vault, auth.has(Scope::ConfigsSecrets))
    }

    /// The caller as one who changes the agent's configs, and whether the caller may see secrets.
    fn changer(&self, auth: &Caller, agent: Id) -> (Changer, bool) {
        let (vault, shown) = self.vault(auth, agent);
        let client = auth.client_id();
        (Changer { vault, client }, shown)
    }
}

/// Whoever caches answers must keep those to different tokens apart.
fn vary() -> String {
    "Authorization".to_owned()
}
