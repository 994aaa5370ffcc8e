//! Cursors: one text for each position, good for one list.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{checksum, decode_cursor, encode_cursor};
use crate::{agents::store::Position, fuzzing::json::Json, values::Id};

/// The target: the input is a cursor, and the position of one whose checksum is right.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    one::<(String, i32)>(&text);
    let mut forged = checksum(&LIST, input);
    forged.extend_from_slice(input);
    let forged = URL_SAFE_NO_PAD.encode(forged);
    one::<(String, i32)>(&forged);
    one::<String>(&forged);
    one::<i64>(&forged);
    one::<Position>(&forged);
    one::<crate::records::list::Position>(&forged);
    one::<Id>(&forged);
}

const LIST: (&str, i32) = ("a list", 1);
const OTHER_LIST: (&str, i32) = ("a list", 2);

fn one<T: serde::Serialize + serde::de::DeserializeOwned>(cursor: &str) {
    let Ok(position) = decode_cursor::<T>(Some(cursor), &LIST) else {
        return;
    };
    let Some(position) = position else {
        panic!("a cursor is no position");
    };
    assert!(decode_cursor::<T>(Some(cursor), &OTHER_LIST).is_err());
    let written = serde_json::to_string(&position).unwrap_or_default();
    Json::read(&written).assert_storable();
    let again = encode_cursor(&LIST, &position);
    let Ok(Some(position)) = decode_cursor::<T>(Some(&again), &LIST) else {
        panic!("a position does not come back: {written}");
    };
    assert_eq!(
        serde_json::to_string(&position).unwrap_or_default(),
        written
    );
}
