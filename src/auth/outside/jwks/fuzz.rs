//! Key sets of outside issuers: no key is for more than its kind.

use jsonwebtoken::Algorithm;

use super::{MAX_KEYS, PublicKeys};

/// The target.
pub fn check(input: &[u8]) {
    use Algorithm::{ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, RS256, RS384, RS512};
    let Ok(keys) = PublicKeys::parse(input) else {
        return;
    };
    assert!(keys.0.len() <= MAX_KEYS);
    for symmetric in [HS256, HS384, HS512] {
        assert!(keys.find(None, symmetric).is_err());
    }
    for key in &keys.0 {
        let kinds: [&[Algorithm]; 4] =
            [&[RS256, RS384, RS512, PS256], &[ES256], &[ES384], &[EdDSA]];
        let of_kind = |kind: &&[Algorithm]| key.algorithms.iter().all(|a| kind.contains(a));
        assert!(!key.algorithms.is_empty() && kinds.iter().any(of_kind));
        if let Some(kid) = &key.kid {
            let same = keys
                .0
                .iter()
                .filter(|other| other.kid.as_ref() == Some(kid));
            let alone = same.count() == 1;
            assert!(!alone || keys.find(Some(kid), key.algorithms[0]).is_ok());
        }
    }
}
