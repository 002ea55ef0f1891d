//! The device's key pairs: generated or imported, one sealed file each in the state folder, mode 0600. The private part is in
//! clear only in memory and only while it is used; nothing here prints, logs or answers with it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest;
use rsa::pkcs8::EncodePrivateKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::certificate::digits;
use super::signer::{NoKey, Signer};
use crate::config::crypto::bytes_of_hex;
use crate::state::{Folder, StateFault};

/// What signs with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Rsa,
    Ecdsa,
}

impl Kind {
    /// The label of the pair that was generated without one.
    pub fn default_label(self) -> &'static str {
        match self {
            Self::Rsa => "<Default-RSA-Key>",
            Self::Ecdsa => "<Default-ECDSA-Key>",
        }
    }

    /// As a device writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ecdsa => "ECDSA",
        }
    }

    /// Bits that can be generated; the first is the default.
    pub fn sizes(self) -> &'static [u16] {
        match self {
            Self::Rsa => &[2048, 3072, 4096],
            Self::Ecdsa => &[384, 256],
        }
    }

    /// What is said where another size was asked for.
    pub fn no_such_size(self) -> KeyFault {
        match self {
            Self::Rsa => KeyFault::Modulus,
            Self::Ecdsa => KeyFault::Curve,
        }
    }
}

/// What anybody may know of a key pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPair {
    pub kind: Kind,
    pub label: String,
    pub bits: u16,
    pub generated: DateTime<Utc>,
    /// SubjectPublicKeyInfo in DER (RFC 5280, 4.1).
    pub public: Vec<u8>,
}

/// Why nothing was done with keys. None of them says anything of a key itself.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    #[error("{0}")]
    State(#[from] StateFault),
    #[error("key pairs cannot be kept: {0}")]
    Io(#[from] io::Error),
    #[error("key pair {0} exists")]
    Exists(String),
    #[error("key pair {0} does not exist")]
    Missing(String),
    #[error("key pair {0} cannot be read")]
    Damaged(String),
    #[error("{0}")]
    NoKey(#[from] NoKey),
    #[error("% Modulus must be 2048, 3072 or 4096")]
    Modulus,
    #[error("% Elliptic curve must be 256 or 384")]
    Curve,
    #[error("the system gives no random numbers")]
    Random,
}

/// The key pairs of one device. Cheap to make: every call looks at the files.
#[derive(Debug)]
pub struct Keys {
    room: PathBuf,
}

/// One file.
#[derive(Serialize, Deserialize)]
struct Kept {
    kind: Kind,
    label: String,
    bits: u16,
    /// Seconds since 1970.
    generated: i64,
    /// Hexadecimal digits.
    public: String,
    /// The private part in PKCS#8, sealed for all the rest.
    sealed: String,
}

/// The key that seals the others.
const MASTER: &str = "master";
const MASTER_BYTES: usize = 32;
/// Bytes of a file; far beyond RSA of 8192 bits.
const MOST_BYTES: u64 = 64 << 10;
/// Bytes of either part of a pair.
const MOST_OF_A_KEY: usize = 32 << 10;

impl Keys {
    /// Those of a state folder.
    pub fn of(state: &Folder) -> Result<Self, KeyFault> {
        Ok(Self {
            room: state.room("keys")?,
        })
    }

    /// All, in order of kind and label. A file that cannot be read is skipped.
    pub fn list(&self) -> Result<Vec<KeyPair>, KeyFault> {
        let mut pairs: Vec<_> = fs::read_dir(&self.room)?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".key"))
            .filter_map(|name| Some(self.kept(&name).ok()??.0))
            .collect();
        pairs.sort_by(|a, b| (a.kind, &a.label).cmp(&(b.kind, &b.label)));
        Ok(pairs)
    }

    /// The pair of that label, of either kind; there is one at most.
    pub fn find(&self, label: &str) -> Result<Option<KeyPair>, KeyFault> {
        Ok(self.list()?.into_iter().find(|pair| pair.label == label))
    }

    /// Makes a pair; takes a second for RSA of 4096 bits. `replace` allows one of that kind and label to go.
    pub fn generate(
        &self,
        kind: Kind,
        label: &str,
        bits: u16,
        now: DateTime<Utc>,
        replace: bool,
    ) -> Result<KeyPair, KeyFault> {
        if !kind.sizes().contains(&bits) {
            return Err(kind.no_such_size());
        }
        let known = self.find(label)?;
        if known.is_some_and(|known| !replace || known.kind != kind) {
            return Err(KeyFault::Exists(label.to_owned()));
        }
        let private = match kind {
            Kind::Rsa => rsa_key(bits)?,
            Kind::Ecdsa => ecdsa_key(bits)?,
        };
        self.keep(label, &private, now, replace)
    }

    /// Keeps a private key in PKCS#8 that was made elsewhere.
    pub fn import(
        &self,
        label: &str,
        private: &Zeroizing<Vec<u8>>,
        now: DateTime<Utc>,
    ) -> Result<KeyPair, KeyFault> {
        if self.find(label)?.is_some() {
            return Err(KeyFault::Exists(label.to_owned()));
        }
        self.keep(label, private, now, false)
    }

    /// Removes a pair: its file is overwritten, then gone. Whether there was one.
    pub fn zeroize(&self, kind: Kind, label: &str) -> Result<bool, KeyFault> {
        let path = self.room.join(file_name(kind, label));
        let mut file = match OpenOptions::new().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let length = usize::try_from(file.metadata()?.len().min(MOST_BYTES)).unwrap_or(0);
        file.write_all(&vec![0; length])?;
        file.sync_all()?;
        fs::remove_file(&path)?;
        self.sync()?;
        Ok(true)
    }

    /// The private part, ready to sign.
    pub(super) fn signer(&self, pair: &KeyPair) -> Result<Signer, KeyFault> {
        Ok(Signer::of(&self.private(pair)?)?)
    }

    /// The private part in PKCS#8.
    pub(super) fn private(&self, pair: &KeyPair) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
        let damaged = || KeyFault::Damaged(pair.label.clone());
        let (_, kept) = self
            .kept(&file_name(pair.kind, &pair.label))?
            .ok_or_else(|| KeyFault::Missing(pair.label.clone()))?;
        let master = self.master()?.ok_or_else(damaged)?;
        let sealed = bytes_of_hex(&kept.sealed, MOST_OF_A_KEY).ok_or_else(damaged)?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut text = Zeroizing::new(sealed.to_vec());
        let length = master
            .open_in_place(nonce, Aad::from(kept.bound()), &mut text)
            .map_err(|_| damaged())?
            .len();
        text.truncate(length);
        Ok(text)
    }

    fn keep(
        &self,
        label: &str,
        private: &Zeroizing<Vec<u8>>,
        now: DateTime<Utc>,
        replace: bool,
    ) -> Result<KeyPair, KeyFault> {
        let signer = Signer::of(private)?;
        let mut kept = Kept {
            kind: signer.kind(),
            label: label.to_owned(),
            bits: signer.bits(),
            generated: now.timestamp(),
            public: digits(&signer.public()),
            sealed: String::new(),
        };
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| KeyFault::Random)?;
        let mut text = private.to_vec();
        self.master_or_new()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(kept.bound()),
                &mut text,
            )
            .map_err(|_| KeyFault::Damaged(label.to_owned()))?;
        kept.sealed = digits(&nonce) + &digits(&text);
        let bytes = serde_json::to_vec(&kept).map_err(io::Error::from)?;
        let name = file_name(kept.kind, label);
        match self.publish(&name, &bytes, replace) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(KeyFault::Exists(label.to_owned()));
            }
            other => other?,
        }
        kept.pair()
            .ok_or_else(|| KeyFault::Damaged(label.to_owned()))
    }

    fn kept(&self, name: &str) -> Result<Option<(KeyPair, Kept)>, KeyFault> {
        let damaged = || KeyFault::Damaged(name.to_owned());
        let Some(bytes) = self.read(name)? else {
            return Ok(None);
        };
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
        // One that was renamed is not what its name says.
        if file_name(kept.kind, &kept.label) != name {
            return Err(damaged());
        }
        let pair = kept.pair().ok_or_else(damaged)?;
        Ok(Some((pair, kept)))
    }

    fn master_or_new(&self) -> Result<LessSafeKey, KeyFault> {
        if let Some(master) = self.master()? {
            return Ok(master);
        }
        let mut key = Zeroizing::new([0; MASTER_BYTES]);
        getrandom::fill(&mut *key).map_err(|_| KeyFault::Random)?;
        match self.publish(MASTER, &*key, false) {
            // Another console was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        self.master()?
            .ok_or_else(|| KeyFault::Damaged(MASTER.to_owned()))
    }

    fn master(&self) -> Result<Option<LessSafeKey>, KeyFault> {
        let Some(key) = self.read(MASTER)? else {
            return Ok(None);
        };
        UnboundKey::new(&CHACHA20_POLY1305, &key)
            .map(|key| Some(LessSafeKey::new(key)))
            .map_err(|_| KeyFault::Damaged(MASTER.to_owned()))
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFault> {
        let file = match File::open(self.room.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// A new file of that name, whole and on the disk. Without `replace` one that exists stays and is an error.
    fn publish(&self, name: &str, bytes: &[u8], replace: bool) -> io::Result<()> {
        let mut number = [0; 8];
        getrandom::fill(&mut number).map_err(io::Error::other)?;
        let beside = self.room.join(format!(".{}", digits(&number)));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)?;
        let done = file
            .write_all(bytes)
            .and_then(|()| file.sync_all())
            .and_then(|()| name_it(&beside, &self.room.join(name), replace));
        // After a rename there is nothing to remove.
        drop(fs::remove_file(&beside));
        done?;
        self.sync()
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.room)?.sync_all()
    }
}

fn name_it(beside: &Path, name: &Path, replace: bool) -> io::Result<()> {
    if replace {
        fs::rename(beside, name)
    } else {
        fs::hard_link(beside, name)
    }
}

impl Kept {
    /// What the sealed part is bound to.
    fn bound(&self) -> String {
        let Self {
            kind,
            label,
            bits,
            generated,
            public,
            ..
        } = self;
        format!("{} {label} {bits} {generated} {public}", kind.name())
    }

    fn pair(&self) -> Option<KeyPair> {
        Some(KeyPair {
            kind: self.kind,
            label: self.label.clone(),
            bits: self.bits,
            generated: DateTime::from_timestamp(self.generated, 0)?,
            public: bytes_of_hex(&self.public, MOST_OF_A_KEY)?,
        })
    }
}

/// Labels may hold anything; names of files may not.
fn file_name(kind: Kind, label: &str) -> String {
    let sum = digest::digest(&digest::SHA256, label.as_bytes());
    let start = sum.as_ref().get(..16).unwrap_or_default();
    format!("{}-{}.key", kind.name().to_ascii_lowercase(), digits(start))
}

/// ring signs with RSA keys and cannot make them.
fn rsa_key(bits: u16) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    let mut random = getrandom::SysRng;
    let key = rsa::PrivateKey::new(&mut random, usize::from(bits)).map_err(|_| KeyFault::Random)?;
    let document = key.to_pkcs8_der().map_err(|_| KeyFault::Random)?;
    Ok(document.to_bytes())
}

fn ecdsa_key(bits: u16) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    let algorithm = match bits {
        256 => &ring::signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        _ => &ring::signature::ECDSA_P384_SHA384_ASN1_SIGNING,
    };
    let random = ring::rand::SystemRandom::new();
    let document = ring::signature::EcdsaKeyPair::generate_pkcs8(algorithm, &random)
        .map_err(|_| KeyFault::Random)?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).expect("a date")
    }

    fn keys() -> (tempfile::TempDir, Keys) {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = Keys {
            room: folder.path().to_owned(),
        };
        (folder, keys)
    }

    fn contains(whole: &[u8], part: &[u8]) -> bool {
        whole.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn a_pair_is_kept_sealed_and_signs_after_a_restart() {
        let (folder, keys) = keys();
        for (kind, label, bits) in [(Kind::Rsa, "one", 2048), (Kind::Ecdsa, "two/2", 384)] {
            let pair = keys
                .generate(kind, label, bits, now(), false)
                .expect("a pair");
            assert_eq!((pair.kind, pair.bits), (kind, bits));
            let again = Keys {
                room: folder.path().to_owned(),
            };
            assert_eq!(again.find(label).expect("a list"), Some(pair.clone()));
            let signer = again.signer(&pair).expect("a signer");
            assert_eq!(signer.public(), pair.public);
            let private = again.private(&pair).expect("the private part");
            // RFC 8017, A.1.2 ends with a secret; RFC 5915, 3 has it before the public key.
            let part = match kind {
                Kind::Rsa => &private[private.len() - 32..],
                Kind::Ecdsa => &private[36..60],
            };
            for entry in fs::read_dir(folder.path()).expect("files") {
                let path = entry.expect("a file").path();
                let mode = fs::metadata(&path).expect("a file").permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "{}", path.display());
                let bytes = fs::read(&path).expect("a file");
                assert!(!contains(&bytes, part));
                assert!(!contains(&bytes, digits(part).as_bytes()));
            }
        }
        assert_eq!(keys.list().expect("a list").len(), 2);
    }

    #[test]
    fn a_label_is_taken_until_it_is_given_up() {
        let (folder, keys) = keys();
        let make = |kind, bits, replace| keys.generate(kind, "k", bits, now(), replace);
        let first = make(Kind::Ecdsa, 256, false).expect("a pair");
        assert!(matches!(
            make(Kind::Ecdsa, 256, false),
            Err(KeyFault::Exists(_))
        ));
        assert!(matches!(
            make(Kind::Rsa, 2048, true),
            Err(KeyFault::Exists(_))
        ));
        let second = make(Kind::Ecdsa, 256, true).expect("another pair");
        assert_ne!(first.public, second.public);
        assert!(keys.zeroize(Kind::Ecdsa, "k").expect("it goes"));
        assert!(!keys.zeroize(Kind::Ecdsa, "k").expect("it is gone"));
        assert!(keys.list().expect("a list").is_empty());
        assert_eq!(
            fs::read_dir(folder.path()).expect("files").count(),
            1,
            "the master key stays"
        );
    }

    #[test]
    fn sizes_that_cannot_be_made_are_named() {
        let (_folder, keys) = keys();
        let told = |kind, bits| {
            let made = keys.generate(kind, "k", bits, now(), false);
            made.map_err(|fault| fault.to_string())
        };
        assert_eq!(
            told(Kind::Rsa, 1024),
            Err("% Modulus must be 2048, 3072 or 4096".to_owned())
        );
        assert_eq!(
            told(Kind::Ecdsa, 521),
            Err("% Elliptic curve must be 256 or 384".to_owned())
        );
    }

    #[test]
    fn a_file_that_was_changed_or_moved_is_no_key() {
        let (folder, keys) = keys();
        let pair = keys
            .generate(Kind::Ecdsa, "k", 256, now(), false)
            .expect("a pair");
        let path = folder.path().join(file_name(Kind::Ecdsa, "k"));
        let text = fs::read_to_string(&path).expect("its file");
        fs::write(&path, text.replace("1795000000", "1795000001")).expect("written");
        assert!(matches!(keys.private(&pair), Err(KeyFault::Damaged(_))));
        fs::rename(&path, folder.path().join(file_name(Kind::Ecdsa, "other"))).expect("renamed");
        assert!(keys.list().expect("a list").is_empty());
        fs::write(&path, "{ nonsense").expect("written");
        assert!(keys.list().expect("a list").is_empty());
        assert!(matches!(keys.private(&pair), Err(KeyFault::Damaged(_))));
    }

    #[test]
    fn no_changed_byte_of_a_sealed_file_makes_another_key() {
        let (folder, keys) = keys();
        let pair = keys
            .generate(Kind::Ecdsa, "k", 256, now(), false)
            .expect("a pair");
        let private = keys.private(&pair).expect("the private part");
        let path = folder.path().join(file_name(Kind::Ecdsa, "k"));
        let whole = fs::read(&path).expect("its file");
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1 << (place % 8);
            fs::write(&path, &changed).expect("written");
            // Another case of a digit is the same digit.
            if let Ok(read) = keys.private(&pair) {
                assert_eq!(*read, *private, "{place}");
            }
            keys.list().expect("a list");
        }
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).expect("written");
            assert!(keys.private(&pair).is_err(), "{length}");
            assert!(keys.list().expect("a list").is_empty(), "{length}");
        }
    }
}
