//! Vectors on the wire: arrays of numbers, and on the way in also little-endian float32 in base64.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON},
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, SeqAccess, Visitor},
};
use serde_json::Value;

use crate::values::documented;

/// The most numbers of a vector, which is what pgvector can store.
pub const MAX_DIMENSION: usize = 16_000;

/// A vector as it is stored, in single precision. On the wire it is an array of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector(pub pgvector::Vector);

/// A vector of a request: an array of numbers, or a text that is the base64 of the numbers as
/// little-endian float32.
#[derive(Clone, Debug, PartialEq)]
pub struct NewVector(pub pgvector::Vector);

impl From<Vec<f32>> for NewVector {
    fn from(numbers: Vec<f32>) -> Self {
        Self(numbers.into())
    }
}

impl Serialize for Vector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_slice().serialize(serializer)
    }
}

/// A number that single precision can hold.
struct Single(f32);

impl<'de> Deserialize<'de> for Single {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = f64;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E>(self, number: f64) -> Result<f64, E> {
                Ok(number)
            }

            fn visit_i64<E>(self, number: i64) -> Result<f64, E> {
                Ok(number as f64)
            }

            fn visit_u64<E>(self, number: u64) -> Result<f64, E> {
                Ok(number as f64)
            }
        }

        let number = deserializer.deserialize_f64(Number)? as f32;
        if number.is_finite() {
            Ok(Self(number))
        } else {
            Err(de::Error::custom("is beyond the range of a float32"))
        }
    }
}

impl<'de> Deserialize<'de> for NewVector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;

        impl<'de> Visitor<'de> for Numbers {
            type Value = Vec<f32>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of numbers, or a text of float32 in base64")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Vec<f32>, A::Error> {
                let mut numbers = Vec::new();
                while let Some(Single(number)) = array.next_element()? {
                    if numbers.len() == MAX_DIMENSION {
                        return Err(de::Error::custom(TOO_LONG));
                    }
                    numbers.push(number);
                }
                Ok(numbers)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<f32>, E> {
                decode(text).map_err(E::custom)
            }
        }

        let numbers = deserializer.deserialize_any(Numbers)?;
        if numbers.is_empty() {
            return Err(de::Error::custom("has no numbers"));
        }
        Ok(numbers.into())
    }
}

const TOO_LONG: &str = "has more than 16000 numbers";

fn decode(text: &str) -> Result<Vec<f32>, &'static str> {
    let bytes = STANDARD.decode(text).map_err(|_| "is not base64")?;
    let (numbers, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err("is not of whole float32: its bytes are no multiple of 4");
    }
    if numbers.len() > MAX_DIMENSION {
        return Err(TOO_LONG);
    }
    let numbers: Vec<f32> = numbers.iter().copied().map(f32::from_le_bytes).collect();
    if numbers.iter().all(|number| number.is_finite()) {
        Ok(numbers)
    } else {
        Err("has a number that is not finite")
    }
}

fn array_schema() -> MetaSchema {
    MetaSchema {
        items: Some(Box::new(MetaSchemaRef::Inline(Box::new(
            MetaSchema::new_with_format("number", "float"),
        )))),
        min_items: Some(1),
        max_items: Some(MAX_DIMENSION),
        ..MetaSchema::new("array")
    }
}

/// Either form. The type is left open: it differs.
fn new_schema() -> MetaSchema {
    let text = MetaSchema {
        min_length: Some(8),
        max_length: Some(85_336),
        pattern: Some("^[A-Za-z0-9+/]+={0,2}$".into()),
        ..MetaSchema::new("string")
    };
    MetaSchema {
        any_of: vec![
            MetaSchemaRef::Inline(Box::new(array_schema())),
            MetaSchemaRef::Inline(Box::new(text)),
        ],
        ..MetaSchema::ANY
    }
}

documented!([] Vector, "vector", array_schema());
documented!([] NewVector, "new_vector", new_schema());

impl ParseFromJSON for NewVector {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        serde_json::from_value(value.unwrap_or_default()).map_err(ParseError::custom)
    }
}

impl ParseFromJSON for Vector {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let parsed = NewVector::parse_from_json(value).map_err(ParseError::propagate)?;
        Ok(Self(parsed.0))
    }
}

impl ToJSON for Vector {
    fn to_json(&self) -> Option<Value> {
        serde_json::to_value(self).ok()
    }
}

impl ToJSON for NewVector {
    fn to_json(&self) -> Option<Value> {
        serde_json::to_value(self.0.as_slice()).ok()
    }
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<f32>, String> {
        let vector: Result<NewVector, _> = serde_json::from_str(json);
        vector
            .map(|vector| vector.0.to_vec())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn both_forms_say_the_same() {
        let numbers = [0.1_f32, -2.0, 3.5e10, 1e-40, -0.0];
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        let text = serde_json::to_string(&STANDARD.encode(bytes)).unwrap();
        assert_eq!(read("[0.1, -2, 3.5e10, 1e-40, -0.0]").unwrap(), numbers);
        assert_eq!(read(&text).unwrap(), numbers);
    }

    #[test]
    fn every_float32_is_read_back_from_what_was_written() {
        // A walk over the bit patterns, denormals and both ends included.
        let bits = (0..0x7f80_0000_u32).step_by(99_991).chain([1, 0x7f7f_ffff]);
        for number in bits.map(f32::from_bits) {
            let vector = Vector(vec![number].into());
            let written = serde_json::to_string(&vector).unwrap();
            assert_eq!(read(&written).unwrap(), [number], "{written}");
        }
    }

    #[test]
    fn what_is_no_vector_of_finite_float32_is_refused() {
        let long = format!("[{}1]", "1,".repeat(MAX_DIMENSION));
        let nan = STANDARD.encode(f32::NAN.to_le_bytes());
        let infinite = STANDARD.encode(f32::INFINITY.to_le_bytes());
        for bad in [
            "[]",
            "\"\"",
            "null",
            "7",
            "{}",
            "[1, null]",
            "[\"1\"]",
            "[[1]]",
            "[1e39]",
            "[-1e39]",
            "[1e400]",
            "\"AAAA\"",
            "\"not base64!\"",
            &long,
            &format!("\"{nan}\""),
            &format!("\"{infinite}\""),
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(
            read(&long.replacen("1,", "", 1)).unwrap().len(),
            MAX_DIMENSION
        );
    }
}
