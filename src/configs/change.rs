//! What a request makes of a config, in one transaction that holds the lock of the agent's configs.

use diesel_async::AsyncPgConnection;
use poem_openapi::types::MaybeUndefined;

use super::{
    key::ConfigKey,
    model::{At, SetConfig},
    store::{self, Content, Stored},
    validate::validate,
    value::ConfigValue,
    vault::Vault,
};
use crate::{
    etag::EntityTags,
    problem::{ApiError, Problem, ProblemCode},
    values::{Id, JsonObject, Timestamp},
};

/// What a config must be for a request to change it.
#[derive(Clone, Default)]
pub struct Conditions {
    /// It is at one of these versions.
    pub if_match: Option<EntityTags>,
    /// It is at none of these versions.
    pub if_none_match: Option<EntityTags>,
}

impl Conditions {
    /// Refuses with 412 a config that is at this version, or not there.
    fn check(&self, version: Option<i64>) -> Result<(), ApiError> {
        let matches = self.if_match.as_ref().is_none_or(|tags| {
            version.is_some_and(|version| {
                tags.strong_versions()
                    .is_none_or(|versions| versions.contains(&version))
            })
        });
        let differs = self
            .if_none_match
            .as_ref()
            .is_none_or(|tags| version.is_none_or(|version| !tags.matches_weakly(version)));
        let detail = match (matches, differs) {
            (true, true) => return Ok(()),
            (false, _) => "The config is not at a version that If-Match names; read it again.",
            (true, false) => "The config is at a version that If-None-Match names.",
        };
        Err(ApiError::new(Problem::new(ProblemCode::Stale, detail)))
    }
}

/// Who changes the configs of which agent.
pub struct Changer {
    /// The agent's secrets.
    pub vault: Vault,
    /// The client.
    pub client: Id,
}

/// What became of a config.
pub struct Changed {
    /// Its newest version.
    pub stored: Stored,
    /// Whether it was not there before.
    pub created: bool,
}

/// The newest version of a key and the number of the agent's newest change, locked.
struct Before {
    change: i64,
    last: Option<Stored>,
}

impl Before {
    /// The config as it is, if it is there.
    fn living(&self) -> Option<&Stored> {
        self.last.as_ref().filter(|last| !last.is_deleted())
    }
}

impl Changer {
    /// Sets a key.
    pub async fn set(
        &self,
        connection: &AsyncPgConnection,
        set: SetConfig,
        conditions: &Conditions,
    ) -> Result<Changed, ApiError> {
        let before = self.lock(connection, &set.key, conditions).await?;
        let wanted = Wanted::new(set, before.living());
        self.write(connection, before, wanted).await
    }

    /// Makes an old version the newest.
    pub async fn restore(
        &self,
        connection: &AsyncPgConnection,
        key: &ConfigKey,
        version: i64,
        conditions: &Conditions,
    ) -> Result<Changed, ApiError> {
        let before = self.lock(connection, key, conditions).await?;
        let old = self
            .read(connection, key, At::Version(version))
            .await?
            // One that deleted the config has nothing to restore.
            .filter(|old| !old.is_deleted())
            .ok_or_else(|| ApiError::not_found("version of the config"))?;
        let wanted = Wanted {
            value: self.vault.open(&old)?,
            key: old.key,
            description: old.description,
            schema: old.schema,
            secret: old.secret,
        };
        self.write(connection, before, wanted).await
    }

    /// Deletes a key. Its versions stay readable.
    pub async fn delete(
        &self,
        connection: &AsyncPgConnection,
        key: &ConfigKey,
        conditions: &Conditions,
    ) -> Result<(), ApiError> {
        let before = self.lock(connection, key, conditions).await?;
        let Some(last) = before.living() else {
            return Err(no_config());
        };
        let tombstone = Stored {
            content: Content::Deleted,
            description: None,
            schema: None,
            ..self.next(&before, key.clone(), last.secret)
        };
        self.add(connection, &tombstone).await
    }

    async fn lock(
        &self,
        connection: &AsyncPgConnection,
        key: &ConfigKey,
        conditions: &Conditions,
    ) -> Result<Before, ApiError> {
        let Vault { tenant, agent, .. } = self.vault;
        let change = store::lock(connection, tenant, agent)
            .await?
            .ok_or_else(no_agent)?;
        let last = self.read(connection, key, At::Now).await?;
        let before = Before { change, last };
        conditions.check(before.living().map(|config| config.version))?;
        Ok(before)
    }

    async fn read(
        &self,
        connection: &AsyncPgConnection,
        key: &ConfigKey,
        at: At,
    ) -> Result<Option<Stored>, ApiError> {
        let Vault { tenant, agent, .. } = self.vault;
        Ok(store::get(connection, tenant, agent, key, at).await?)
    }

    /// Writes what is wanted, unless it is there already.
    async fn write(
        &self,
        connection: &AsyncPgConnection,
        before: Before,
        wanted: Wanted,
    ) -> Result<Changed, ApiError> {
        if let Some(now) = before.living().filter(|now| self.is_same(now, &wanted)) {
            return Ok(Changed {
                stored: now.clone(),
                created: false,
            });
        }
        if let Some(schema) = &wanted.schema {
            validate(schema, &wanted.value, wanted.secret).await?;
        }
        let next = self.next(&before, wanted.key, wanted.secret);
        let content = self
            .vault
            .close(&next.key, next.version, &wanted.value, wanted.secret)?;
        let stored = Stored {
            content,
            description: wanted.description,
            schema: wanted.schema,
            ..next
        };
        self.add(connection, &stored).await?;
        Ok(Changed {
            stored,
            created: before.living().is_none(),
        })
    }

    /// The version after the last, with nothing in it yet.
    fn next(&self, before: &Before, key: ConfigKey, secret: bool) -> Stored {
        let now = Timestamp::now();
        let last = before.last.as_ref();
        Stored {
            key,
            secret,
            version: last.map_or(1, |last| last.version + 1),
            change: before.change + 1,
            content: Content::Deleted,
            description: None,
            schema: None,
            created_at: last.map_or(now, |last| last.created_at),
            // The clocks of two servers differ; the times of the versions go forward all the same.
            changed_at: last.map_or(now, |last| now.max(last.changed_at)),
            changed_by: self.client,
        }
    }

    async fn add(&self, connection: &AsyncPgConnection, stored: &Stored) -> Result<(), ApiError> {
        let Vault { tenant, agent, .. } = self.vault;
        Ok(store::add(connection, tenant, agent, stored).await?)
    }

    /// Whether a config is already what is wanted. A secret that does not open is not: setting it again
    /// mends it.
    fn is_same(&self, now: &Stored, wanted: &Wanted) -> bool {
        now.secret == wanted.secret
            && now.description == wanted.description
            && now.schema == wanted.schema
            && self
                .vault
                .open(now)
                .is_ok_and(|value| value == wanted.value)
    }
}

/// What a config shall be.
struct Wanted {
    key: ConfigKey,
    value: ConfigValue,
    description: Option<String>,
    schema: Option<JsonObject>,
    secret: bool,
}

impl Wanted {
    /// What the request says, and for what it does not say, what the config has.
    fn new(set: SetConfig, now: Option<&Stored>) -> Self {
        Self {
            key: set.key,
            value: set.value,
            description: said(set.description, now.and_then(|now| now.description.clone())),
            schema: said(set.schema, now.and_then(|now| now.schema.clone())),
            secret: set.secret.or(now.map(|now| now.secret)).unwrap_or(false),
        }
    }
}

fn said<T>(said: MaybeUndefined<T>, now: Option<T>) -> Option<T> {
    match said {
        MaybeUndefined::Undefined => now,
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(value) => Some(value),
    }
}

/// 404 of an agent.
pub fn no_agent() -> ApiError {
    ApiError::not_found("agent")
}

/// 404 of a config.
pub fn no_config() -> ApiError {
    ApiError::not_found("config")
}
