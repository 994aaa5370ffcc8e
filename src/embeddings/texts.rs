//! The texts of a request of which the embedding provider is to make vectors.

use super::{provider::Provider, vector::NewVector};
use crate::{
    body,
    datasets::model::Dataset,
    problem::{ApiError, FieldError, Problem},
};

/// The message where a vector is missing.
const NO_PROVIDER: &str = "must be given: the server has no embedding provider that would make it of the \
                           text (set AGENTDATA_EMBEDDINGS_URL)";

/// Texts of which vectors are to be made, with the places in the request where the vectors could be, and
/// those of the texts.
#[derive(Default)]
pub struct Texts<'a> {
    vectors_at: Vec<String>,
    texts_at: Vec<String>,
    texts: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    /// One more.
    pub fn add(&mut self, vector_at: String, text_at: String, text: &'a str) {
        self.vectors_at.push(vector_at);
        self.texts_at.push(text_at);
        self.texts.push(text);
    }

    /// Their vectors, in their order.
    ///
    /// # Errors
    /// 422 when there is no provider, or a text is empty; those of the provider.
    pub async fn embed(
        &self,
        provider: Option<&Provider>,
        dataset: &Dataset,
    ) -> Result<Vec<NewVector>, ApiError> {
        let Some(first) = self.vectors_at.first() else {
            return Ok(Vec::new());
        };
        let Some(provider) = provider else {
            return Err(body::invalid(first, NO_PROVIDER).into());
        };
        let empty = self.texts_at.iter().zip(&self.texts);
        let empty = empty.filter(|(_, text)| text.is_empty()).map(|(place, _)| {
            let message = "is empty, so that no vector can be made of it";
            FieldError::body(place, message)
        });
        let empty: Vec<_> = empty.collect();
        if !empty.is_empty() {
            return Err(ApiError::new(Problem::invalid(empty)));
        }
        let model = dataset.embedding_model.as_deref();
        provider.embed(model, &self.texts, dataset.dimension).await
    }
}
