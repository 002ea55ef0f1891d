//! Secrets that must be used again (C2.7): encrypted under a key of the state folder, so that a configuration that is copied
//! elsewhere carries nothing of use. What only has to be checked is hashed, which is no matter of this file.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::{Folder, StateFault};

/// Why a secret could not be sealed; what it is does not stand in it.
#[derive(Debug, thiserror::Error)]
pub enum SecretFault {
    #[error(transparent)]
    State(#[from] StateFault),
    #[error("the system gives no random numbers")]
    NoRandom,
    #[error("the key of the state folder is damaged")]
    Key,
}

impl Folder {
    /// `clear` as one word that only this state folder opens again. The first secret makes the key.
    ///
    /// # Errors
    /// The key cannot be read or written.
    pub fn seal(&self, clear: &str) -> Result<String, SecretFault> {
        let key = match self.kept(KEY)? {
            Some(bytes) => Zeroizing::new(bytes),
            None => {
                let mut bytes = Zeroizing::new(vec![0; AES_256_GCM.key_len()]);
                getrandom::fill(&mut bytes).map_err(|_| SecretFault::NoRandom)?;
                self.keep(KEY, &bytes)?;
                bytes
            }
        };
        let key = cipher(&key).ok_or(SecretFault::Key)?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| SecretFault::NoRandom)?;
        let mut bytes = clear.as_bytes().to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut bytes,
        )
        .map_err(|_| SecretFault::Key)?;
        let mut word = PREFIX.to_owned();
        for byte in nonce.iter().chain(&bytes) {
            word.push_str(&format!("{byte:02x}"));
        }
        Ok(word)
    }

    /// The secret again; `None` for one that another state folder has sealed, or that is none.
    pub fn unseal(&self, sealed: &str) -> Option<Zeroizing<String>> {
        let mut bytes = Zeroizing::new(octets(sealed.strip_prefix(PREFIX)?)?);
        let key = Zeroizing::new(self.kept(KEY).ok()??);
        let key = cipher(&key)?;
        let (nonce, rest) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let clear = key.open_in_place(nonce, Aad::empty(), rest).ok()?;
        Some(Zeroizing::new(std::str::from_utf8(clear).ok()?.to_owned()))
    }
}

/// Whether a word is such a sealed secret, whoever can open it.
pub fn is_sealed(word: &str) -> bool {
    let octets = word.strip_prefix(PREFIX).and_then(octets);
    octets.is_some_and(|octets| octets.len() >= NONCE_LEN + AES_256_GCM.tag_len())
}

fn cipher(key: &[u8]) -> Option<LessSafeKey> {
    Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?))
}

fn octets(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let octet = |pair: &[u8]| {
        let text = std::str::from_utf8(pair)
            .ok()
            .filter(|text| text.len() == 2)?;
        let is_plain = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_plain
            .then(|| u8::from_str_radix(text, 16).ok())
            .flatten()
    };
    pairs.map(octet).collect()
}

const PREFIX: &str = "$wf1$";
/// The file of the key, in the state folder.
const KEY: &str = "secret.key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_opened_by_its_own_folder_and_by_no_other() {
        let (one, other) = (tempfile::tempdir(), tempfile::tempdir());
        let (one, other) = (one.expect("a folder"), other.expect("a folder"));
        let open = |at: &tempfile::TempDir| Folder::open(&at.path().join("state"));
        let folder = open(&one).expect("a state folder");
        let sealed = folder.seal("s3cret öä").expect("sealed");
        assert!(is_sealed(&sealed) && !sealed.contains("s3cret"));
        assert_ne!(
            folder.seal("s3cret öä").expect("sealed"),
            sealed,
            "never twice the same"
        );
        assert_eq!(
            folder.unseal(&sealed).as_deref().map(String::as_str),
            Some("s3cret öä")
        );
        drop(folder);
        let folder = open(&one).expect("again");
        assert!(folder.unseal(&sealed).is_some(), "after a restart");
        let other = open(&other).expect("a state folder");
        assert!(other.unseal(&sealed).is_none());
        other.seal("x").expect("sealed");
        assert!(other.unseal(&sealed).is_none());
        for broken in [
            "",
            "$wf1$",
            "$wf1$zz",
            "$wf1$0",
            "s3cret",
            &sealed[..sealed.len() - 2],
        ] {
            assert!(folder.unseal(broken).is_none(), "{broken}");
        }
        let mut changed = sealed.clone();
        changed.pop();
        changed.push(if sealed.ends_with('0') { '1' } else { '0' });
        assert!(folder.unseal(&changed).is_none());
    }
}
