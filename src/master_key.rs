//! The master key: encrypts what the database must not show, with AES-256-GCM (NIST SP 800-38D).

use std::{fmt, fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::{Context, bail};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac, rand,
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::secret::Secret;

const KEY_LEN: usize = 32;

/// The key under which signing keys and secrets are sealed.
pub struct MasterKey {
    cipher: RandomizedNonceKey,
    hash: hmac::Key,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// Takes the setting, or the file in the home, which is made with mode 0600 when there is none.
    ///
    /// # Errors
    /// When the text is not 32 bytes of base64, or the file cannot be read or made.
    pub fn load(setting: Option<&Secret>, home: &Path) -> anyhow::Result<Self> {
        if let Some(text) = setting {
            return Self::parse(text.reveal()).context("the setting AGENTDATA_MASTER_KEY");
        }
        let path = home.join("master.key");
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).with_context(|| path.display().to_string()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::create(&path),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    fn create(path: &Path) -> anyhow::Result<Self> {
        let cannot = || format!("{} cannot be written", path.display());
        if let Some(home) = path.parent() {
            fs::create_dir_all(home).with_context(cannot)?;
        }
        let mut bytes = [0; KEY_LEN];
        rand::fill(&mut bytes)?;
        // Written beside and renamed, so that a crash leaves no half key behind.
        let draft = path.with_extension(format!("{}", std::process::id()));
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)
            .with_context(cannot)?;
        writeln!(file, "{}", STANDARD.encode(bytes)).with_context(cannot)?;
        file.sync_all().with_context(cannot)?;
        // `hard_link` refuses to replace: of two servers that start at once, one wins.
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft).with_context(cannot)?;
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                Err(error).with_context(cannot)
            }
            _ => Self::parse(&fs::read_to_string(path).with_context(cannot)?),
        }
    }

    /// A key that nothing is ever going to be sealed under.
    pub fn throwaway() -> anyhow::Result<Self> {
        Self::new(&[0; KEY_LEN])
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let bytes = STANDARD.decode(text.trim()).context("is not base64")?;
        if bytes.len() != KEY_LEN {
            bail!("is not {KEY_LEN} bytes long");
        }
        Self::new(&bytes)
    }

    fn new(bytes: &[u8]) -> anyhow::Result<Self> {
        // A key of its own: one key serves one algorithm (NIST SP 800-57 part 1 §5.2).
        let master = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let derived = hmac::sign(&master, b"agentdata/hash");
        Ok(Self {
            cipher: RandomizedNonceKey::new(&AES_256_GCM, bytes)?,
            hash: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()),
        })
    }

    /// A hash (HMAC-SHA-256, 32 bytes) that nobody can compute without the key; `name` says what it is
    /// of.
    pub fn hash(&self, name: &str, data: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.hash);
        context.update(name.as_bytes());
        context.update(&[0]);
        context.update(data);
        context.sign().as_ref().to_vec()
    }

    /// Encrypts a secret; `name` says what it is, and is needed again to open it.
    ///
    /// The result is the nonce, the cipher text and the tag.
    pub fn seal(&self, name: &str, secret: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut sealed = secret.to_vec();
        let nonce = self
            .cipher
            .seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut sealed)?;
        Ok([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Decrypts what [`seal`](Self::seal) made under the same name.
    ///
    /// # Errors
    /// When it was sealed under another key or name, or altered since.
    pub fn open(&self, name: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        let Some((nonce, rest)) = sealed.split_at_checked(NONCE_LEN) else {
            bail!("the sealed value is too short");
        };
        let mut buffer = rest.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        let opened = self
            .cipher
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut buffer)
            .ok()
            .context("the master key is not the one that this database was set up with")?;
        Ok(opened.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_sealed_opens_under_the_same_key_and_name_only() {
        let home = tempfile::tempdir().unwrap();
        let key = MasterKey::load(None, home.path()).unwrap();
        let sealed = key.seal("a", b"secret").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(key.open("a", &sealed).unwrap(), b"secret");
        assert_eq!(
            MasterKey::load(None, home.path())
                .unwrap()
                .open("a", &sealed)
                .unwrap(),
            b"secret"
        );
        assert!(key.open("b", &sealed).is_err());
        let mut altered = sealed.clone();
        altered[20] ^= 1;
        assert!(key.open("a", &altered).is_err());
        let other = MasterKey::load(Some(&STANDARD.encode([7; 32]).into()), home.path()).unwrap();
        assert!(other.open("a", &sealed).is_err());
        assert!(MasterKey::load(Some(&"c2hvcnQ=".to_owned().into()), home.path()).is_err());
        let mode = fs::metadata(home.path().join("master.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
