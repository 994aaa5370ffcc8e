//! Changes to a dataset (RFC 7396).

use garde::Validate;
use poem_openapi::{
    Object,
    types::{Example, MaybeUndefined},
};
use serde::Deserialize;

use super::{
    model::UpdateDataset,
    words::{Distance, Language},
};
use crate::{agents::patch::patched, values::JsonObject};

/// Changes to a dataset, as a JSON Merge Patch (RFC 7396): absent fields stay, `null` clears, and
/// `metadata` merges member by member.
#[derive(Clone, Debug, Default, Object, Deserialize)]
#[oai(deny_unknown_fields, example)]
#[serde(deny_unknown_fields, default)]
pub struct PatchDataset {
    /// Its name, unique among the agent's datasets that are not deleted.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: MaybeUndefined<String>,
    /// What is in it, in words; `null` removes it.
    #[oai(nullable, validator(max_length = 4000))]
    pub description: MaybeUndefined<String>,
    /// Members to set, or with `null` to remove; `null` for the whole removes all.
    #[oai(nullable)]
    pub metadata: MaybeUndefined<JsonObject>,
    /// Of how many numbers each of its embeddings is; `null` leaves that to the embeddings that it
    /// has, or else to the first one. It cannot change while there are embeddings.
    #[oai(nullable, validator(minimum(value = "1"), maximum(value = "16000")))]
    pub dimension: MaybeUndefined<i32>,
    /// How far two of its embeddings are apart; `null` goes back to `cosine`. It cannot change while
    /// there are embeddings.
    #[oai(nullable)]
    pub distance: MaybeUndefined<Distance>,
    /// The model that makes its embeddings; `null` removes it.
    #[oai(nullable, validator(min_length = 1, max_length = 200))]
    pub embedding_model: MaybeUndefined<String>,
    /// The language of its texts, for searches by their words; `null` goes back to `simple`.
    #[oai(nullable)]
    pub language: MaybeUndefined<Language>,
}

impl PatchDataset {
    /// The dataset with the changes in it. Its metadata may have become too long.
    pub fn apply(self, dataset: UpdateDataset) -> UpdateDataset {
        let mut metadata = dataset.metadata;
        match self.metadata {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => metadata = JsonObject::default(),
            MaybeUndefined::Value(patch) => metadata.merge(patch),
        }
        UpdateDataset {
            name: patched(self.name, Some(dataset.name)).unwrap_or_default(),
            description: patched(self.description, dataset.description),
            metadata,
            dimension: patched(self.dimension, dataset.dimension),
            distance: patched(self.distance, Some(dataset.distance)).unwrap_or_default(),
            embedding_model: patched(self.embedding_model, dataset.embedding_model),
            language: patched(self.language, Some(dataset.language)).unwrap_or_default(),
        }
    }
}

/// The bounds of a change are those of the dataset that it makes of a valid one.
impl Validate for PatchDataset {
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
        let valid = UpdateDataset::example();
        self.clone().apply(valid).validate_into(ctx, parent, report);
    }
}

impl Example for PatchDataset {
    fn example() -> Self {
        Self {
            description: MaybeUndefined::Value("Paragraphs of both handbooks.".into()),
            ..Self::default()
        }
    }
}
