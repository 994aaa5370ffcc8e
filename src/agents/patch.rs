//! Changes to an agent (RFC 7396).

use garde::Validate;
use poem_openapi::{
    Object,
    types::{Example, MaybeUndefined},
};
use serde::Deserialize;

use super::model::{AgentStatus, UpdateAgent};
use crate::values::JsonObject;

/// Changes to an agent, as a JSON Merge Patch (RFC 7396): absent fields stay, `null` clears, and
/// `metadata` merges member by member.
#[derive(Clone, Debug, Default, Object, Deserialize)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields, default)]
pub struct PatchAgent {
    /// Its name, unique among the tenant's agents that are not deleted.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: MaybeUndefined<String>,
    /// What it does, in words; `null` removes it.
    #[oai(nullable, validator(max_length = 4000))]
    pub description: MaybeUndefined<String>,
    /// Whether it is in use; `null` goes back to `active`.
    #[oai(nullable)]
    pub status: MaybeUndefined<AgentStatus>,
    /// The model that it runs on; `null` removes it.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    pub model: MaybeUndefined<String>,
    /// All of its tags; `null` removes them.
    #[oai(
        nullable,
        validator(max_items = 64, unique_items, min_length = 1, max_length = 100)
    )]
    pub tags: MaybeUndefined<Vec<String>>,
    /// Members to set, or with `null` to remove; `null` for the whole removes all.
    #[oai(nullable)]
    pub metadata: MaybeUndefined<JsonObject>,
}

impl PatchAgent {
    /// The agent with the changes in it. Its metadata may have become too long.
    pub fn apply(self, agent: UpdateAgent) -> UpdateAgent {
        let mut metadata = agent.metadata;
        match self.metadata {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => metadata = JsonObject::default(),
            MaybeUndefined::Value(patch) => metadata.merge(patch),
        }
        UpdateAgent {
            name: patched(self.name, Some(agent.name)).unwrap_or_default(),
            description: patched(self.description, agent.description),
            status: patched(self.status, Some(agent.status)).unwrap_or_default(),
            model: patched(self.model, agent.model),
            tags: patched(self.tags, Some(agent.tags)).unwrap_or_default(),
            metadata,
        }
    }
}

/// The bounds of a change are those of the agent that it makes of a valid one.
impl Validate for PatchAgent {
    type Context = ();

    fn validate_into(
        &self,
        ctx: &(),
        parent: &mut dyn FnMut() -> garde::Path,
        report: &mut garde::Report,
    ) {
        if self.name.is_null() {
            report.append(parent().join("name"), garde::Error::new("must not be null"));
            return;
        }
        let valid = UpdateAgent::example();
        self.clone().apply(valid).validate_into(ctx, parent, report);
    }
}

impl Example for PatchAgent {
    fn example() -> Self {
        Self {
            status: MaybeUndefined::Value(AgentStatus::Paused),
            ..Self::default()
        }
    }
}

/// The value of a field after a change to it.
pub fn patched<T>(patch: MaybeUndefined<T>, current: Option<T>) -> Option<T> {
    match patch {
        MaybeUndefined::Undefined => current,
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(value) => Some(value),
    }
}
