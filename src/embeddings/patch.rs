//! Changes to an embedding (RFC 7396).

use garde::Validate;
use poem_openapi::{
    Object,
    types::{Example, MaybeUndefined},
};
use serde::Deserialize;

use super::{
    model::{Embedding, MAX_METADATA_BYTES},
    vector::NewVector,
};
use crate::values::JsonObject;

/// Changes to an embedding, as a JSON Merge Patch (RFC 7396): absent fields stay, and `metadata` merges
/// member by member.
#[derive(Clone, Debug, Default, Object, Deserialize, Validate)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields, default)]
pub struct PatchEmbedding {
    /// The text. The vector stays as it is unless it is told too.
    #[oai(validator(max_length = 65536))]
    #[garde(custom(content_length))]
    pub content: MaybeUndefined<String>,
    /// The vector, in either form of a new embedding's.
    #[garde(custom(not_null))]
    pub embedding: MaybeUndefined<NewVector>,
    /// Have the embedding provider make the vector of the text: of `content`, or of the text that there
    /// is. `embedding` must be absent then.
    #[oai(default)]
    #[garde(custom(alone(&self.embedding)))]
    pub embed: bool,
    /// Members to set, or with `null` to remove; `null` for the whole removes all.
    #[oai(nullable)]
    #[garde(custom(metadata_size))]
    pub metadata: MaybeUndefined<JsonObject>,
}

/// What an embedding holds.
#[derive(Clone, Debug)]
pub struct Content {
    /// The text.
    pub text: String,
    /// Whatever else belongs to it.
    pub metadata: JsonObject,
    /// The vector.
    pub vector: pgvector::Vector,
}

impl PatchEmbedding {
    /// The new vector.
    pub fn vector(&self) -> Option<&pgvector::Vector> {
        self.embedding.value().map(|vector| &vector.0)
    }

    /// What the embedding holds after the changes.
    ///
    /// # Errors
    /// When its metadata has become too long.
    pub fn apply(self, embedding: Embedding) -> Result<Content, &'static str> {
        let mut metadata: JsonObject =
            serde_json::from_str(embedding.metadata.text()).unwrap_or_default();
        match self.metadata {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => metadata = JsonObject::default(),
            MaybeUndefined::Value(patch) => metadata.merge(patch),
        }
        if metadata.encoded_len() > MAX_METADATA_BYTES {
            return Err("has become longer than 65536 bytes of JSON");
        }
        let given = self.embedding.take().map(|vector| vector.0);
        let stored = embedding.embedding.map(|vector| vector.0);
        Ok(Content {
            text: self.content.take().unwrap_or(embedding.content),
            metadata,
            vector: given.or(stored).unwrap_or_else(|| Vec::new().into()),
        })
    }
}

impl Example for PatchEmbedding {
    fn example() -> Self {
        let metadata = serde_json::from_str(r#"{"page":18}"#).unwrap_or_default();
        Self {
            metadata: MaybeUndefined::Value(metadata),
            ..Self::default()
        }
    }
}

fn not_null<T>(field: &MaybeUndefined<T>, (): &()) -> garde::Result {
    if field.is_null() {
        return Err(garde::Error::new("must not be null"));
    }
    Ok(())
}

fn alone(embedding: &MaybeUndefined<NewVector>) -> impl FnOnce(&bool, &()) -> garde::Result + '_ {
    |embed, ()| match embedding {
        MaybeUndefined::Value(_) if *embed => {
            Err(garde::Error::new("says nothing beside `embedding`"))
        }
        _ => Ok(()),
    }
}

fn content_length(content: &MaybeUndefined<String>, (): &()) -> garde::Result {
    not_null(content, &())?;
    match content.value() {
        Some(text) if text.chars().count() > 65_536 => {
            Err(garde::Error::new("length is greater than 65536"))
        }
        _ => Ok(()),
    }
}

fn metadata_size(metadata: &MaybeUndefined<JsonObject>, (): &()) -> garde::Result {
    match metadata.value() {
        Some(patch) if patch.encoded_len() > MAX_METADATA_BYTES => Err(garde::Error::new(format!(
            "is longer than {MAX_METADATA_BYTES} bytes of JSON"
        ))),
        _ => Ok(()),
    }
}
