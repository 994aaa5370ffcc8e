//! Vectors: finite, of a dimension that can be stored, and the same in both forms.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{MAX_DIMENSION, NewVector};

/// The target: the input is a vector in JSON, and what is in the base64 of one.
pub fn check(input: &[u8]) {
    let _ = vector(input);
    let encoded = format!("\"{}\"", STANDARD.encode(input));
    let numbers = input.len() / 4;
    let whole = input.len().is_multiple_of(4) && (1..=MAX_DIMENSION).contains(&numbers);
    match vector(encoded.as_bytes()) {
        Some(vector) => assert!(whole && vector.len() == numbers),
        None => {
            let (numbers, _) = input.as_chunks::<4>();
            let finite = numbers
                .iter()
                .all(|number| f32::from_le_bytes(*number).is_finite());
            assert!(!whole || !finite, "it is a vector");
        }
    }
}

fn vector(json: &[u8]) -> Option<Vec<f32>> {
    let NewVector(vector) = serde_json::from_slice(json).ok()?;
    let numbers = vector.to_vec();
    assert!((1..=MAX_DIMENSION).contains(&numbers.len()));
    assert!(numbers.iter().all(|number| number.is_finite()));
    let array = serde_json::to_string(&numbers).unwrap_or_default();
    let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    for form in [array, format!("\"{}\"", STANDARD.encode(bytes))] {
        match serde_json::from_str::<NewVector>(&form) {
            Ok(NewVector(again)) => assert_eq!(bits(again.as_slice()), bits(&numbers), "{form}"),
            Err(error) => panic!("{form}: {error}"),
        }
    }
    Some(numbers)
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}
