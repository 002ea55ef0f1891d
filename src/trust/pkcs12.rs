//! Key containers: a private key with its certificates, as PKCS#12 in base 64 or as PEM, under a passphrase; and back again.
//! What is opened was made by strangers: size, rounds and forms are bounded, and what is not supported is said so.

use p12_keystore::{
    Certificate as Kept, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, Pkcs12Archive,
    PrivateKey, PrivateKeyChain,
};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode as _;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::EncodePrivateKey as _;
use zeroize::Zeroizing;

use super::certificate::Certificate;
use super::element::{self, OCTET_STRING, SEQUENCE, encoded};
use super::enrol::{self, is_for};
use super::keys::{KeyFault, KeyPair, Keys};
use super::pasted::{self, Kind, Part, Unreadable};
use super::pem;
use super::signer::{NoKey, Signer};

/// What a container holds.
pub struct Opened {
    /// PKCS#8.
    pub private: Zeroizing<Vec<u8>>,
    pub identity: Certificate,
    /// Those of authorities beside it, the issuer of the identity first.
    pub authorities: Vec<Certificate>,
}

/// Why a container is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("% PKCS#12 form not supported; re-export with \"openssl pkcs12 -export\"")]
    Form,
    #[error("% The container is larger than {MOST} bytes")]
    TooLarge,
    #[error("% The container has no MAC, so that its passphrase proves nothing")]
    NoMac,
    #[error("% Wrong passphrase, or the container was changed")]
    Passphrase,
    #[error("% Convert with \"openssl pkcs8 -topk8\"")]
    Convert,
    #[error("% The container has no private key")]
    NoPrivate,
    #[error("% The container has several private keys")]
    SeveralKeys,
    #[error("% No certificate of the container is for its private key")]
    NoCertificate,
    #[error("{0}")]
    NoKey(#[from] NoKey),
    #[error("{0}")]
    Key(#[from] KeyFault),
    #[error("the container could not be written")]
    Write,
}

/// Bytes of a container.
pub const MOST: usize = 64 << 10;
/// Rounds that a passphrase is worked with at most.
const MOST_ROUNDS: u32 = 1_000_000;
/// Rounds of what is written here.
const ROUNDS: u32 = 100_000;

/// Opens what was pasted. Takes seconds where many rounds are asked for.
pub fn open(lines: &[String], passphrase: &str) -> Result<Opened, NotOpened> {
    let text = pasted::joined(lines)?;
    if text.contains("Proc-Type:") {
        return Err(NotOpened::Convert);
    }
    let (private, certificates) = match pasted::parts(&text)? {
        Some(parts) => sorted(parts, passphrase)?,
        None => container(&pasted::base64(&text)?, passphrase)?,
    };
    let signer = Signer::of(&private)?;
    let mut certificates: Vec<_> = certificates
        .iter()
        .filter_map(|der| Certificate::read(der).ok())
        .collect();
    let public = signer.public();
    let own = certificates
        .iter()
        .position(|known| enrol::public_key(known).is_some_and(|key| key == public))
        .ok_or(NotOpened::NoCertificate)?;
    let identity = certificates.remove(own);
    certificates.retain(Certificate::is_authority);
    certificates.dedup();
    certificates.sort_by_key(|known| known.subject_der() != identity.issuer_der());
    Ok(Opened {
        private,
        identity,
        authorities: certificates,
    })
}

/// PKCS#12 in base 64, a key pair with its certificate and those of its authorities.
pub fn write(
    keys: &Keys,
    pair: &KeyPair,
    identity: &Certificate,
    authorities: &[Certificate],
    passphrase: &str,
) -> Result<String, NotOpened> {
    if !is_for(identity, pair) {
        return Err(NotOpened::NoCertificate);
    }
    let private = keys.private(pair)?;
    let key = PrivateKey::from_der(&private).map_err(|_| NotOpened::Write)?;
    let chain = std::iter::once(identity)
        .chain(authorities)
        .map(|certificate| Kept::from_der(certificate.der()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| NotOpened::Write)?;
    let mut store = KeyStore::new();
    let chain = PrivateKeyChain::new(identity.fingerprint().as_slice(), key, chain);
    store.add_entry(&pair.label, KeyStoreEntry::PrivateKeyChain(chain));
    let bytes = store
        .writer(passphrase)
        .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
        .encryption_iterations(ROUNDS)
        .mac_algorithm(MacAlgorithm::HmacSha256)
        .mac_iterations(ROUNDS)
        .write()
        .map_err(|_| NotOpened::Write)?;
    let text = pem::block("PKCS12", &bytes);
    // The lines around it are PEM's; a device has none.
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    Ok(lines.join("\n"))
}

type Parts = (Zeroizing<Vec<u8>>, Vec<Vec<u8>>);

fn container(bytes: &[u8], passphrase: &str) -> Result<Parts, NotOpened> {
    if bytes.len() > MOST {
        return Err(NotOpened::TooLarge);
    }
    match parts_of(bytes) {
        Some(3) => {}
        Some(2) => return Err(NotOpened::NoMac),
        _ => return Err(NotOpened::Form),
    }
    let archive = Pkcs12Archive::from_pkcs12(bytes, passphrase).map_err(|error| match error {
        p12_keystore::error::Error::MacError(_) | p12_keystore::error::Error::UnpadError => {
            NotOpened::Passphrase
        }
        _ => NotOpened::Form,
    })?;
    let [key] = archive.keys.as_slice() else {
        return Err(match archive.keys.is_empty() {
            true => NotOpened::NoPrivate,
            false => NotOpened::SeveralKeys,
        });
    };
    let private = Zeroizing::new(key.key.as_der().to_vec());
    let certificates = archive.certs.iter();
    Ok((
        private,
        certificates.map(|bag| bag.cert.as_der().to_vec()).collect(),
    ))
}

/// How many parts the outermost sequence has: version, content and, where there is one, MAC (RFC 7292, 4). `None` for what is no
/// definite encoding.
fn parts_of(bytes: &[u8]) -> Option<usize> {
    let mut inside = element::only(bytes, SEQUENCE)?.elements();
    let mut parts = 0;
    while !inside.is_empty() {
        inside.any()?;
        parts += 1;
    }
    Some(parts)
}

/// A private key in PEM with its certificates, as `openssl pkcs12 -nodes` and its like print them.
fn sorted(parts: Vec<Part>, passphrase: &str) -> Result<Parts, NotOpened> {
    let mut private = Vec::new();
    let mut certificates = Vec::new();
    for Part { kind, bytes } in parts {
        match kind {
            Kind::Certificate => certificates.push(bytes.to_vec()),
            Kind::Pkcs8 => private.push(bytes),
            Kind::Sealed => private.push(decrypted(&bytes, passphrase)?),
            Kind::Pkcs1 => private.push(from_pkcs1(&bytes)?),
            Kind::Sec1 => private.push(from_sec1(&bytes)?),
            Kind::Other => {}
        }
    }
    let one = private.pop().ok_or(NotOpened::NoPrivate)?;
    match private.is_empty() {
        true => Ok((one, certificates)),
        false => Err(NotOpened::SeveralKeys),
    }
}

fn decrypted(der: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    let sealed = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| NotOpened::Convert)?;
    match &sealed.encryption_algorithm {
        EncryptionScheme::Pbes2(scheme) => match &scheme.kdf {
            Kdf::Pbkdf2(kdf) if kdf.iteration_count > MOST_ROUNDS => {
                return Err(NotOpened::Convert);
            }
            Kdf::Scrypt(kdf) if scrypt_bytes(kdf) > MOST_MEMORY => return Err(NotOpened::Convert),
            _ => {}
        },
        _ => return Err(NotOpened::Convert),
    }
    let opened = sealed
        .decrypt(passphrase)
        .map_err(|_| NotOpened::Passphrase)?;
    Ok(opened.to_bytes())
}

/// What scrypt works with, 128 * N * r * p (RFC 7914).
fn scrypt_bytes(kdf: &pkcs8::pkcs5::pbes2::ScryptParams) -> u64 {
    let factors = [
        u64::from(kdf.block_size),
        u64::from(kdf.parallelization),
        128,
    ];
    factors
        .into_iter()
        .fold(kdf.cost_parameter, u64::saturating_mul)
}

const MOST_MEMORY: u64 = 256 << 20;

fn from_pkcs1(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    let key = rsa::PrivateKey::from_pkcs1_der(der).map_err(|_| NoKey::Kind)?;
    let document = key.to_pkcs8_der().map_err(|_| NoKey::Kind)?;
    Ok(document.to_bytes())
}

/// Wraps a key of SEC 1 as PKCS#8 (RFC 5958, 2); which curve it is on shows by trying.
fn from_sec1(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    const VERSION: &[u8] = &[0x02, 0x01, 0x00];
    const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
    for curve in [P256, P384] {
        let algorithm = encoded(SEQUENCE, &[EC, curve].concat());
        let key = Zeroizing::new(encoded(OCTET_STRING, der));
        let parts = Zeroizing::new([VERSION, &algorithm, &key].concat());
        let whole = Zeroizing::new(encoded(SEQUENCE, &parts));
        if Signer::of(&whole).is_ok() {
            return Ok(whole);
        }
    }
    Err(NoKey::Kind.into())
}
