//! Tokens built by hand: no line here knows a JWT library.

use agentdata::values::{Id, Timestamp};
use aws_lc_rs::{
    digest, hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{TestApp, cluster::Session};

/// Base64url without padding.
pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A private key, and the id under which its public half is known.
pub struct Signer {
    /// The id.
    pub kid: String,
    key: Key,
}

enum Key {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// A new key for this algorithm.
    pub fn new(alg: &str) -> Self {
        let random = SystemRandom::new();
        let ec = |curve| {
            let document = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
            EcdsaKeyPair::from_pkcs8(curve, document.as_ref()).unwrap()
        };
        let key = match alg {
            "ES256" => Key::P256(ec(&ECDSA_P256_SHA256_FIXED_SIGNING)),
            "ES384" => Key::P384(ec(&ECDSA_P384_SHA384_FIXED_SIGNING)),
            "EdDSA" => {
                let document = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                Key::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
            }
            _ => Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
        };
        Self {
            kid: format!("key-{}", Id::new()),
            key,
        }
    }

    /// The same key under another id.
    pub fn called(self, kid: &str) -> Self {
        Self {
            kid: kid.to_owned(),
            ..self
        }
    }

    /// The public half as RFC 7517 writes it, without `alg`.
    pub fn jwk(&self) -> Value {
        let ec = |curve: &str, point: &[u8]| {
            let (x, y) = point[1..].split_at((point.len() - 1) / 2);
            json!({ "kty": "EC", "crv": curve, "x": b64(x), "y": b64(y) })
        };
        let mut jwk = match &self.key {
            Key::Rsa(pair) => {
                let (n, e) = rsa_numbers(pair.public_key().as_ref());
                json!({ "kty": "RSA", "n": b64(n), "e": b64(e) })
            }
            Key::P256(pair) => ec("P-256", pair.public_key().as_ref()),
            Key::P384(pair) => ec("P-384", pair.public_key().as_ref()),
            Key::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()) })
            }
        };
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// The public half as bytes, such as a confused server might take for a secret.
    pub fn public_bytes(&self) -> Vec<u8> {
        match &self.key {
            Key::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Key::P256(pair) | Key::P384(pair) => pair.public_key().as_ref().to_vec(),
            Key::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// A token of this header (to which `kid` comes, unless it has one) and these claims.
    pub fn token(&self, mut header: Value, claims: &Value) -> String {
        let members = header.as_object_mut().unwrap();
        members.entry("kid").or_insert(json!(self.kid));
        let alg = members["alg"].as_str().unwrap_or_default().to_owned();
        self.sign(&alg, &header.to_string(), &claims.to_string())
    }

    /// A token of these texts.
    pub fn sign(&self, alg: &str, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", b64(header), b64(claims));
        let signature = self.signature(alg, message.as_bytes());
        format!("{message}.{}", b64(signature))
    }

    /// The signature of a message.
    pub fn signature(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Rsa(pair) => {
                let encoding: &dyn signature::RsaEncoding = match alg {
                    "RS384" => &signature::RSA_PKCS1_SHA384,
                    "RS512" => &signature::RSA_PKCS1_SHA512,
                    "PS256" => &signature::RSA_PSS_SHA256,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Key::P256(pair) | Key::P384(pair) => {
                pair.sign(&random, message).unwrap().as_ref().to_vec()
            }
            Key::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

/// A token whose signature is an HMAC under these bytes.
pub fn hmac_token(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signature = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", b64(signature.as_ref()))
}

/// The modulus and the exponent of an `RSAPublicKey` (RFC 8017 §A.1.1) of 2048 bits.
fn rsa_numbers(der: &[u8]) -> (&[u8], &[u8]) {
    assert_eq!(
        der[..9],
        [0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00]
    );
    (&der[9..265], &der[267..])
}

/// A key of this server whose private half the test knows. It is older than the server's own, so that the
/// server does not sign with it.
pub async fn own_key(app: &TestApp) -> Signer {
    let random = SystemRandom::new();
    let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let document = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(curve, document.as_ref()).unwrap();
    let point = pair.public_key().as_ref().to_vec();
    let mut signer = Signer {
        kid: String::new(),
        key: Key::P256(pair),
    };
    // RFC 7638: the members that make the key, in the order of their names.
    let jwk = signer.jwk();
    let members = format!(
        r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#,
        jwk["x"], jwk["y"]
    );
    signer.kid = b64(digest::digest(&digest::SHA256, members.as_bytes()));
    let name = format!("signing_keys/{}", signer.kid);
    let sealed = app.app.master_key.seal(&name, document.as_ref()).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let database = Session::open(&app.database_url).await;
    database
        .run(&format!(
            "INSERT INTO signing_keys VALUES ('{}', '\\x{}', '\\x{}', now() - interval '1 hour')",
            signer.kid,
            hex(&point),
            hex(&sealed),
        ))
        .await;
    app.app
        .authenticator
        .tokens()
        .keys()
        .load(&app.app.db)
        .await
        .unwrap();
    signer
}

/// The claims of a good token of this server.
pub fn own_claims(app: &TestApp) -> Value {
    let now = Timestamp::now().unix_seconds();
    let client = Id::new();
    json!({
        "iss": app.url, "aud": app.url, "sub": client, "client_id": client, "iat": now,
        "exp": now + 600, "jti": Id::new(), "scope": "agents:read", "tenant": "default",
    })
}

/// The claims with one changed, or taken away when it is null.
pub fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    let members = claims.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    claims
}
