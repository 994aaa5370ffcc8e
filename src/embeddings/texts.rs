//! The texts of a request of which the embedding provider is to make vectors.

use super::{provider::Provider, vector::NewVector};
use crate::{
    body,
    datasets::model::Dataset,
    problem::{ApiError, FieldError, Problem},
};

/// Texts of which vectors are to be made, with their places in the request.
#[derive(Default)]
pub struct Texts<'a> {
    places: Vec<String>,
    texts: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    /// The message where a vector is missing.
    pub const NO_PROVIDER: &'static str = "must be given: the server has no embedding provider that \
                                           would make it of the text (set AGENTDATA_EMBEDDINGS_URL)";

    /// One more, of the item at a place.
    pub fn add(&mut self, place: String, text: &'a str) {
        self.places.push(place);
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
        let Some(first) = self.places.first() else {
            return Ok(Vec::new());
        };
        let Some(provider) = provider else {
            let place = format!("{first}/embedding");
            return Err(body::invalid(place, Self::NO_PROVIDER).into());
        };
        let empty = self.places.iter().zip(&self.texts);
        let empty = empty.filter(|(_, text)| text.is_empty()).map(|(place, _)| {
            let message = "is empty, so that no vector can be made of it";
            FieldError::body(format!("{place}/content"), message)
        });
        let empty: Vec<_> = empty.collect();
        if !empty.is_empty() {
            return Err(ApiError::new(Problem::invalid(empty)));
        }
        let model = dataset.embedding_model.as_deref();
        provider.embed(model, &self.texts, dataset.dimension).await
    }
}
