//! Prompts as they are created, hashed and rendered.

use poem_openapi::types::Example;
use serde::Deserialize;

use super::render;
use crate::{
    body::{self, Object},
    fuzzing::json::Json,
    prompts::{
        content::{Body, Content, hexadecimal},
        model::{NewPrompt, Prompt},
    },
    values::JsonObject,
};

#[derive(Deserialize)]
struct Input {
    prompt: Object<NewPrompt>,
    #[serde(default)]
    variables: JsonObject,
}

/// The target: the input is a prompt and its variables.
pub fn check(input: &[u8]) {
    let Ok(Input {
        prompt: Object(new),
        variables,
    }) = body::parse(input)
    else {
        return;
    };
    if body::check(&new).is_err() {
        return;
    }
    let text = String::from_utf8_lossy(input);
    let content = match Content::new(new.clone()) {
        Ok(content) => content,
        Err(errors) => {
            for error in errors {
                assert!(error.pointer.is_some_and(|pointer| pointer.len() > 1));
            }
            return;
        }
    };
    assert!(content.variables.is_sorted_by(|one, other| one < other));
    assert_eq!(Content::new(new.clone()).ok().as_ref(), Some(&content));
    let mut prompt = Prompt {
        kind: new.kind,
        template: None,
        messages: None,
        config: content.config,
        variables: content.variables,
        content_hash: hexadecimal(&content.hash),
        ..Prompt::example()
    };
    match content.body {
        Body::Text(template) => prompt.template = Some(template),
        Body::Chat(messages) => prompt.messages = Some(messages),
    }
    let sent = Json::read(&text);
    match render(prompt, &variables) {
        Ok(rendered) => assert!(rendered.text.is_some() != rendered.messages.is_some()),
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                let pointer = error.pointer.unwrap_or_default();
                let missing = error.message == "is missing";
                // Who gives no variables has their place all the same.
                let given = sent.at("/variables").is_none() || sent.at(&pointer).is_some();
                assert!(missing || given, "{pointer}: {}", error.message);
            }
        }
    }
}
