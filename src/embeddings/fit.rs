//! Whether a vector fits its dataset.

use crate::datasets::words::Distance;

/// The greatest sum of squares where only the direction counts. Distances are reckoned in single
/// precision; below this none of two vectors is infinite.
const MAX_SQUARES: f64 = f32::MAX as f64 / 4.0;
/// The greatest number otherwise, which is that of half precision: an index is in that.
const MAX_NUMBER: f32 = 65_504.0;
/// The least sum of squares where only the direction counts. A shorter vector has none that single
/// precision could tell.
const MIN_SQUARES: f64 = f32::MIN_POSITIVE as f64;

/// Says what is wrong when a vector does not fit a dataset.
///
/// # Errors
/// When its length is not the dataset's dimension, or it has no distance to others.
pub fn check(vector: &[f32], dimension: Option<i32>, distance: Distance) -> Result<(), String> {
    if let Some(dimension) = dimension {
        let count = vector.len();
        if i32::try_from(count) != Ok(dimension) {
            return Err(format!(
                "has {count} numbers, but the dataset's dimension is {dimension}"
            ));
        }
    }
    if distance != Distance::Cosine {
        if vector.iter().any(|number| number.abs() > MAX_NUMBER) {
            return Err(format!("has a number beyond ±{MAX_NUMBER}"));
        }
        return Ok(());
    }
    let squares: f64 = vector
        .iter()
        .map(|number| f64::from(*number) * f64::from(*number))
        .sum();
    if squares > MAX_SQUARES {
        return Err("is longer than 9.2e18, too long for distances in float32".into());
    }
    if squares < MIN_SQUARES {
        return Err(
            "is all zeros, or nearly: it has no direction, which the distance `cosine` needs"
                .into(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_fits_by_its_length_and_by_having_distances() {
        let cosine = |vector: &[f32]| check(vector, Some(2), Distance::Cosine).is_ok();
        assert!(cosine(&[1.0, 0.0]) && cosine(&[-1e-19, 1e-18]) && cosine(&[9e18, 0.0]));
        for bad in [
            &[1.0][..],
            &[1.0; 3],
            &[0.0, -0.0],
            &[1e-30, 1e-30],
            &[1e19, 0.0],
        ] {
            assert!(!cosine(bad), "{bad:?}");
        }
        for distance in [Distance::L2, Distance::L1, Distance::InnerProduct] {
            assert!(check(&[0.0; 3], None, distance).is_ok());
            assert!(check(&[65_504.0, -65_504.0], None, distance).is_ok());
            for beyond in [65_505.0, -65_505.0, f32::MAX] {
                assert!(check(&[beyond], None, distance).is_err());
            }
        }
    }
}
