//! Secret values: sealed on the way into the database, opened or masked on the way out.

use std::sync::Arc;

use super::{
    key::ConfigKey,
    model::{Config, ConfigVersion},
    store::{Content, Stored},
    value::ConfigValue,
};
use crate::{
    db::TenantId,
    master_key::MasterKey,
    problem::{ApiError, Problem, ProblemCode},
    values::Id,
};

/// The secrets of one agent's configs. A sealed value is bound to its tenant, agent, key and version:
/// moved to another row it does not open.
pub struct Vault {
    /// The key under which they are sealed.
    pub master: Arc<MasterKey>,
    /// The agent's tenant.
    pub tenant: TenantId,
    /// The agent.
    pub agent: Id,
}

impl Vault {
    /// What is stored of a value: itself, or sealed for this version when it is a secret.
    pub fn close(
        &self,
        key: &ConfigKey,
        version: i64,
        value: &ConfigValue,
        secret: bool,
    ) -> Result<Content, ApiError> {
        if !secret {
            return Ok(Content::Plain(value.clone()));
        }
        let sealed = self
            .master
            .seal(&self.name(key, version), &value.encoded())
            .map_err(|error| {
                tracing::error!(%error, "a secret cannot be sealed");
                let detail = "The server met a fault; its log has the cause under the request id.";
                ApiError::new(Problem::new(ProblemCode::Internal, detail))
            })?;
        Ok(Content::Sealed(sealed))
    }

    /// The value of a version; null of one that deleted the config.
    ///
    /// # Errors
    /// When it is sealed and does not open: then the master key is another one than it was sealed
    /// under.
    pub fn open(&self, stored: &Stored) -> Result<ConfigValue, ApiError> {
        let sealed = match &stored.content {
            Content::Plain(value) => return Ok(value.clone()),
            Content::Deleted => return Ok(ConfigValue::default()),
            Content::Sealed(sealed) => sealed,
        };
        let name = self.name(&stored.key, stored.version);
        let opened = self.master.open(&name, sealed);
        opened
            .and_then(|text| Ok(ConfigValue::decode(&text)?))
            .map_err(|_| {
                let (key, version) = (&stored.key, stored.version);
                tracing::error!(agent = %self.agent, %key, version, "a secret does not open");
                let detail = format!(
                    "The secret value of `{key}`, version {version}, cannot be decrypted: the server's \
                     master key is not the one that it was encrypted with."
                );
                ApiError::new(Problem::new(ProblemCode::SecretUnreadable, detail))
            })
    }

    fn name(&self, key: &ConfigKey, version: i64) -> String {
        format!("configs/{}/{}/{key}/{version}", self.tenant.0, self.agent)
    }

    /// The version as a config, its value masked when it is a secret and secrets are not `shown`.
    pub fn config(&self, stored: Stored, shown: bool) -> Result<Config, ApiError> {
        let (value, masked) = self.shown(&stored, shown)?;
        Ok(Config {
            value,
            masked,
            key: stored.key,
            description: stored.description,
            schema: stored.schema,
            secret: stored.secret,
            version: stored.version,
            created_at: stored.created_at,
            updated_at: stored.changed_at,
            updated_by: stored.changed_by,
        })
    }

    /// The version as such, its value masked likewise.
    pub fn version(&self, stored: Stored, shown: bool) -> Result<ConfigVersion, ApiError> {
        let (value, masked) = self.shown(&stored, shown)?;
        Ok(ConfigVersion {
            value,
            masked,
            deleted: stored.is_deleted(),
            key: stored.key,
            version: stored.version,
            description: stored.description,
            schema: stored.schema,
            secret: stored.secret,
            changed_at: stored.changed_at,
            changed_by: stored.changed_by,
        })
    }

    fn shown(&self, stored: &Stored, shown: bool) -> Result<(ConfigValue, bool), ApiError> {
        if matches!(stored.content, Content::Sealed(_)) && !shown {
            return Ok((ConfigValue::default(), true));
        }
        Ok((self.open(stored)?, false))
    }
}
