//! The keys that an outside issuer publishes (RFC 7517).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

/// RSA keys of fewer bits can be broken (RFC 8725 §3.5, RFC 7518 §3.3).
const MIN_RSA_BITS: usize = 2048;
/// More keys than any issuer has in use.
const MAX_KEYS: usize = 100;

/// A key set as it is published. Members that we do not use are not read.
#[derive(Deserialize)]
struct JwkSet {
    // What one of them is, is looked at later: of kinds to come the members may be anything.
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    // Members of keys that are not public (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
    d: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
}

/// A key that can check signatures, and with which algorithms.
pub struct PublicKey {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
    decoding: DecodingKey,
}

/// Why a set has no key for a token.
#[derive(Debug, PartialEq, Eq)]
pub enum NoKey {
    /// It has none of this id, for this algorithm.
    Unknown,
    /// It has several, and the token does not say which.
    Ambiguous,
}

/// The keys of a set that we can use.
pub struct PublicKeys(Vec<PublicKey>);

impl PublicKeys {
    /// Reads a key set. Keys for other purposes, of unknown kinds, too weak or not public are left out:
    /// an issuer may publish what is for others.
    ///
    /// # Errors
    /// When it is no key set, or has too many keys.
    pub fn parse(json: &[u8]) -> anyhow::Result<Self> {
        let set: JwkSet = serde_json::from_slice(json)?;
        anyhow::ensure!(
            set.keys.len() <= MAX_KEYS,
            "it has more than {MAX_KEYS} keys"
        );
        let keys = set.keys.into_iter().filter_map(|jwk| {
            let kid = jwk.get("kid").map(Value::to_string);
            let jwk = serde_json::from_value::<Jwk>(jwk).map_err(|_| "it cannot be read");
            match jwk.and_then(Jwk::public_key) {
                Ok(key) => Some(key),
                Err(reason) => {
                    tracing::debug!(kid, reason, "a key of an outside issuer is not used");
                    None
                }
            }
        });
        Ok(Self(keys.collect()))
    }

    /// The one key for a token that names this id, or none, and is signed with this algorithm.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&DecodingKey, NoKey> {
        let mut fitting = self.0.iter().filter(|key| {
            key.algorithms.contains(&algorithm) && (kid.is_none() || key.kid.as_deref() == kid)
        });
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(&key.decoding),
            (None, _) => Err(NoKey::Unknown),
            (Some(_), Some(_)) => Err(NoKey::Ambiguous),
        }
    }
}

impl Jwk {
    fn public_key(self) -> Result<PublicKey, &'static str> {
        use Algorithm::{ES256, ES384, EdDSA, PS256, RS256, RS384, RS512};
        if self.d.is_some() || self.k.is_some() {
            return Err("it is not public");
        }
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err("it is not for signatures");
        }
        if self
            .key_ops
            .is_some_and(|ops| !ops.iter().any(|op| op == "verify"))
        {
            return Err("it is not for checking signatures");
        }
        let member = |value: Option<String>| value.ok_or("it lacks a member");
        let (algorithms, decoding) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (member(self.n)?, member(self.e)?);
                if bits(&n) < MIN_RSA_BITS {
                    return Err("its RSA modulus has fewer than 2048 bits");
                }
                let key = DecodingKey::from_rsa_components(&n, &e);
                (vec![RS256, RS384, RS512, PS256], key)
            }
            ("EC", Some(curve @ ("P-256" | "P-384"))) => {
                let key = DecodingKey::from_ec_components(&member(self.x)?, &member(self.y)?);
                (vec![if curve == "P-256" { ES256 } else { ES384 }], key)
            }
            ("OKP", Some("Ed25519")) => (
                vec![EdDSA],
                DecodingKey::from_ed_components(&member(self.x)?),
            ),
            _ => return Err("it is of another kind"),
        };
        // The key's own algorithm binds it further (RFC 8725 §3.1).
        let algorithms: Vec<_> = match self.alg.as_deref() {
            None => algorithms,
            Some(alg) => {
                let named = |known: &Algorithm| {
                    format!("{known:?}") == alg || (alg == "Ed25519" && *known == EdDSA)
                };
                algorithms.into_iter().filter(named).collect()
            }
        };
        if algorithms.is_empty() {
            return Err("its algorithm does not fit its kind, or is not supported");
        }
        Ok(PublicKey {
            kid: self.kid,
            algorithms,
            decoding: decoding.map_err(|_| "it cannot be read")?,
        })
    }
}

/// How many bits a big-endian number in base64url has; none when it is not one.
fn bits(number: &str) -> usize {
    let bytes = URL_SAFE_NO_PAD.decode(number).unwrap_or_default();
    let significant = bytes.iter().skip_while(|byte| **byte == 0);
    let first = significant
        .clone()
        .next()
        .map_or(0, |byte| byte.leading_zeros() as usize);
    significant.count() * 8 - first
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa(bits: usize) -> Value {
        let modulus = URL_SAFE_NO_PAD.encode(vec![0xff; bits / 8]);
        json!({ "kty": "RSA", "n": modulus, "e": "AQAB", "kid": "a" })
    }

    fn with(mut key: Value, members: Value) -> Value {
        for (name, value) in members.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    }

    fn find(keys: Value, kid: Option<&str>, algorithm: Algorithm) -> Result<(), NoKey> {
        let set = json!({ "keys": keys }).to_string();
        PublicKeys::parse(set.as_bytes())
            .unwrap()
            .find(kid, algorithm)
            .map(drop)
    }

    #[test]
    fn a_key_serves_the_algorithms_of_its_kind_only() {
        let key = json!([rsa(2048)]);
        for algorithm in [Algorithm::RS256, Algorithm::RS512, Algorithm::PS256] {
            assert_eq!(find(key.clone(), Some("a"), algorithm), Ok(()));
        }
        for algorithm in [Algorithm::HS256, Algorithm::ES256, Algorithm::EdDSA] {
            assert_eq!(find(key.clone(), Some("a"), algorithm), Err(NoKey::Unknown));
        }
        let bound = json!([with(rsa(2048), json!({ "alg": "RS256" }))]);
        assert_eq!(find(bound.clone(), Some("a"), Algorithm::RS256), Ok(()));
        assert_eq!(
            find(bound, Some("a"), Algorithm::RS384),
            Err(NoKey::Unknown)
        );
    }

    #[test]
    fn weak_private_and_other_keys_are_left_out() {
        let unfit = [
            rsa(1024),
            rsa(2040),
            with(rsa(2048), json!({ "use": "enc" })),
            with(rsa(2048), json!({ "key_ops": ["encrypt"] })),
            with(rsa(2048), json!({ "d": "AQ" })),
            with(rsa(2048), json!({ "alg": "HS256" })),
            json!({ "kty": "oct", "k": "AQ", "kid": "a" }),
            json!({ "kty": "EC", "crv": "P-521", "x": "AQ", "y": "AQ", "kid": "a" }),
            json!({ "kty": "EC", "crv": "P-256", "kid": "a" }),
            json!({ "kty": "new", "kid": "a", "x": 1 }),
            json!(7),
        ];
        for key in unfit {
            let found = find(json!([key]), Some("a"), Algorithm::RS256);
            assert_eq!(found, Err(NoKey::Unknown), "{key}");
        }
    }

    #[test]
    fn an_id_names_one_key() {
        let two = json!([rsa(2048), with(rsa(2048), json!({ "kid": "b" }))]);
        assert_eq!(find(two.clone(), Some("b"), Algorithm::RS256), Ok(()));
        assert_eq!(
            find(two.clone(), Some("c"), Algorithm::RS256),
            Err(NoKey::Unknown)
        );
        assert_eq!(find(two, None, Algorithm::RS256), Err(NoKey::Ambiguous));
        assert_eq!(find(json!([rsa(2048)]), None, Algorithm::RS256), Ok(()));
        let same = json!([rsa(2048), rsa(3072)]);
        assert_eq!(
            find(same, Some("a"), Algorithm::RS256),
            Err(NoKey::Ambiguous)
        );
    }

    #[test]
    fn what_is_no_key_set_is_refused() {
        for json in ["", "{}", "[]", r#"{"keys":{}}"#] {
            assert!(PublicKeys::parse(json.as_bytes()).is_err(), "{json}");
        }
        let many = json!({ "keys": vec![rsa(2048); MAX_KEYS + 1] }).to_string();
        assert!(PublicKeys::parse(many.as_bytes()).is_err());
    }

    #[test]
    fn leading_zeros_are_no_bits() {
        assert_eq!(bits(&URL_SAFE_NO_PAD.encode([0, 0, 1, 0])), 9);
        assert_eq!(bits("not base64!"), 0);
    }
}
