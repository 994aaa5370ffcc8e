//! The content of a version, checked whole: its variables and its hash.

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use serde_json::{Map, Value};

use super::{
    message::PromptMessage,
    model::{NewPrompt, PromptType},
    template,
};
use crate::{problem::FieldError, values::JsonObject};

/// What a version says. It never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// One template or messages.
    pub body: Body,
    /// What goes with it.
    pub config: JsonObject,
    /// The variables that it uses, in order.
    pub variables: Vec<String>,
    /// SHA-256 of its canonical form.
    pub hash: Vec<u8>,
}

/// The templates of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// One template.
    Text(String),
    /// Messages.
    Chat(Vec<PromptMessage>),
}

impl Content {
    /// The content of a new version.
    ///
    /// # Errors
    /// Every place that does not fit the type, and every template that is none.
    pub fn new(new: NewPrompt) -> Result<Self, Vec<FieldError>> {
        let body = Body::new(new.kind, new.template, new.messages)?;
        let variables = body.variables()?;
        let hash = hash(&body, &new.config);
        Ok(Self {
            body,
            config: new.config,
            variables: variables.into_iter().collect(),
            hash,
        })
    }

    /// About how many bytes it takes in an answer.
    pub fn size(&self) -> usize {
        let body = match &self.body {
            Body::Text(template) => template.len(),
            Body::Chat(messages) => messages.iter().map(message_size).sum(),
        };
        let variables: usize = self.variables.iter().map(String::len).sum();
        body + self.config.encoded_len() + variables
    }
}

fn message_size(message: &PromptMessage) -> usize {
    let texts = [&message.content, &message.placeholder];
    50 + texts.into_iter().flatten().map(String::len).sum::<usize>()
}

impl Body {
    fn new(
        kind: PromptType,
        template: Option<String>,
        messages: Option<Vec<PromptMessage>>,
    ) -> Result<Self, Vec<FieldError>> {
        let refuse = |place: &str, message: &str| Err(vec![FieldError::body(place, message)]);
        match (kind, template, messages) {
            (PromptType::Text, Some(template), None) => Ok(Self::Text(template)),
            (PromptType::Chat, None, Some(messages)) => Ok(Self::Chat(messages)),
            (PromptType::Text, None, _) => refuse("/template", "a text needs a template"),
            (PromptType::Chat, _, None) => refuse("/messages", "a chat needs messages"),
            (PromptType::Text, _, Some(_)) => refuse("/messages", "a text has no messages"),
            (PromptType::Chat, Some(_), _) => refuse("/template", "a chat has no template"),
        }
    }

    /// The kind of body.
    pub fn kind(&self) -> PromptType {
        match self {
            Self::Text(_) => PromptType::Text,
            Self::Chat(_) => PromptType::Chat,
        }
    }

    /// The variables of all templates, and the placeholders.
    fn variables(&self) -> Result<BTreeSet<String>, Vec<FieldError>> {
        let (mut variables, mut errors) = (BTreeSet::new(), Vec::new());
        let mut check = |place: String, source: &str| match template::check(source) {
            Ok(names) => variables.extend(names),
            Err(fault) => errors.push(FieldError::body(place, fault.to_string())),
        };
        match self {
            Self::Text(template) => check("/template".into(), template),
            Self::Chat(messages) => {
                for (index, message) in messages.iter().enumerate() {
                    if let Some(content) = &message.content {
                        check(format!("/messages/{index}/content"), content);
                    }
                }
                let placeholders = messages.iter().filter_map(|m| m.placeholder.clone());
                variables.extend(placeholders);
            }
        }
        if errors.is_empty() {
            Ok(variables)
        } else {
            Err(errors)
        }
    }
}

/// SHA-256 of the canonical form, as the documentation of `Prompt.content_hash` defines it.
fn hash(body: &Body, config: &JsonObject) -> Vec<u8> {
    // None of this can fail: all of it came out of JSON.
    let value = |value: serde_json::Result<Value>| value.unwrap_or_default();
    let mut members = Map::new();
    members.insert("config".into(), value(serde_json::to_value(config)));
    match body {
        Body::Text(template) => {
            members.insert("template".into(), Value::String(template.clone()));
        }
        Body::Chat(messages) => {
            members.insert("messages".into(), value(serde_json::to_value(messages)));
        }
    }
    members.insert("type".into(), value(serde_json::to_value(body.kind())));
    let mut canonical = Value::Object(members);
    canonical.sort_all_objects();
    let text = canonical.to_string();
    digest::digest(&digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}

/// Bytes as lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(body: &str) -> Result<Content, Vec<FieldError>> {
        Content::new(serde_json::from_str(body).unwrap())
    }

    /// The sums are those of `sha256sum` over the text in the comment.
    #[test]
    fn the_hash_is_that_of_the_documented_form() {
        // {"config":{"a":{"c":0.10,"d":[1]},"b":"é"},"template":"Hi {{ x }}\n","type":"text"}
        let text = r#"{"type":"text","template":"Hi {{ x }}\n","config":{"b":"\u00e9","a":{"d":[1],"c":0.10}}}"#;
        let expected = "e3cdd6e4fa580ac143d2fa9c73d2e1f5c883cc19e9386d6b277c64e392b3b4eb";
        assert_eq!(hexadecimal(&content(text).unwrap().hash), expected);
        // {"config":{},"messages":[{"content":"a","role":"user"},{"placeholder":"h"}],"type":"chat"}
        let chat = r#"{"type":"chat","messages":[{"role":"user","content":"a"},{"placeholder":"h"}],"description":"d"}"#;
        let expected = "3fa41697c272c51da3c42a80da21e01fef7c430f9a677b9a4961387bcd52a059";
        assert_eq!(hexadecimal(&content(chat).unwrap().hash), expected);
    }

    #[test]
    fn a_type_has_its_own_field_and_not_the_others() {
        let place = |body: &str| {
            let errors = content(body).unwrap_err();
            errors[0].pointer.clone().unwrap()
        };
        assert_eq!(place(r#"{"type":"text"}"#), "/template");
        assert_eq!(place(r#"{"type":"chat"}"#), "/messages");
        assert_eq!(
            place(r#"{"type":"text","template":"a","messages":[]}"#),
            "/messages"
        );
        assert_eq!(
            place(r#"{"type":"chat","template":"a","messages":[]}"#),
            "/template"
        );
    }
}
