//! A private key at work: ring signs, rcgen is told how. Read from PKCS#8 and never written again.

use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, PublicKeyData};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_SHA256, RsaKeyPair,
};

use super::keys::Kind;

/// Why bytes are no key that can be worked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    #[error("% Key is too small ({0} bits); 2048 at least")]
    Small(usize),
    #[error("the private key is not supported; RSA of 2048 to 4096 bits, P-256 and P-384 are")]
    Kind,
}

pub(super) struct Signer(Pair);

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
}

impl Signer {
    /// Reads PKCS#8.
    pub(super) fn of(private: &[u8]) -> Result<Self, NoKey> {
        let random = SystemRandom::new();
        let curve = |algorithm| EcdsaKeyPair::from_pkcs8(algorithm, private, &random);
        if let Ok(pair) = curve(&ECDSA_P256_SHA256_ASN1_SIGNING) {
            return Ok(Self(Pair::P256(pair)));
        }
        if let Ok(pair) = curve(&ECDSA_P384_SHA384_ASN1_SIGNING) {
            return Ok(Self(Pair::P384(pair)));
        }
        match RsaKeyPair::from_pkcs8(private) {
            Ok(pair) => Ok(Self(Pair::Rsa(pair))),
            Err(_) => Err(rsa_bits(private).map_or(NoKey::Kind, NoKey::Small)),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self.0 {
            Pair::Rsa(_) => Kind::Rsa,
            Pair::P256(_) | Pair::P384(_) => Kind::Ecdsa,
        }
    }

    pub(super) fn bits(&self) -> u16 {
        match &self.0 {
            Pair::Rsa(pair) => u16::try_from(pair.public().modulus_len() * 8).unwrap_or(u16::MAX),
            Pair::P256(_) => 256,
            Pair::P384(_) => 384,
        }
    }

    /// SubjectPublicKeyInfo in DER.
    pub(super) fn public(&self) -> Vec<u8> {
        self.subject_public_key_info()
    }
}

/// The size of an RSA key that ring refuses, where it is too small.
fn rsa_bits(private: &[u8]) -> Option<usize> {
    use rsa::pkcs8::DecodePrivateKey;
    use rsa::traits::PublicKeyParts;
    let bits = rsa::PrivateKey::from_pkcs8_der(private)
        .ok()?
        .n()
        .bit_width();
    let bits = usize::try_from(bits).ok()?;
    (bits < 2048).then_some(bits)
}

impl PublicKeyData for Signer {
    fn der_bytes(&self) -> &[u8] {
        match &self.0 {
            Pair::Rsa(pair) => pair.public_key().as_ref(),
            Pair::P256(pair) | Pair::P384(pair) => pair.public_key().as_ref(),
        }
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.0 {
            Pair::Rsa(_) => &PKCS_RSA_SHA256,
            Pair::P256(_) => &PKCS_ECDSA_P256_SHA256,
            Pair::P384(_) => &PKCS_ECDSA_P384_SHA384,
        }
    }
}

impl rcgen::SigningKey for Signer {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let random = SystemRandom::new();
        match &self.0 {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(|_| rcgen::Error::RingUnspecified)?;
                Ok(signature)
            }
            Pair::P256(pair) | Pair::P384(pair) => {
                let signature = pair.sign(&random, message);
                let signature = signature.map_err(|_| rcgen::Error::RingUnspecified)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}
