//! Sealing a password where checking is enough (C2.7): scrypt in the vendor's type 9 form, `$9$salt$hash`. It is
//! slow on purpose, so it stands outside `config::apply`. Secrets that must be used again are no matter of this file.

use std::sync::Arc;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::config::system::Sealed;

/// The vendor's base 64: another alphabet than everybody's, no padding, same order of bits.
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "$9$";
const SALT: usize = 14;
/// 32 octets of hash in base 64.
const HASH: usize = 43;

/// Hashes a password under a new random salt: some ten milliseconds and 2 MiB. The clear text is overwritten.
///
/// # Errors
/// The system gives no random numbers; the secret is not sealed.
pub fn seal(clear: Zeroizing<String>) -> Result<Sealed, SealFault> {
    let mut random = [0; SALT];
    getrandom::fill(&mut random).map_err(SealFault)?;
    let salt: String = random.iter().map(|byte| letter(byte & 63)).collect();
    let hash = hash(clear.as_bytes(), &salt);
    Ok(Sealed(Arc::from(format!("{PREFIX}{salt}${}", &*hash))))
}

/// Whether `clear` is the password that was sealed. The time it takes does not tell how much of it is right. What is not
/// well formed matches nothing.
pub fn verify(sealed: &Sealed, clear: &str) -> bool {
    let Some((salt, expected)) = parts(&sealed.0) else {
        return false;
    };
    hash(clear.as_bytes(), salt)
        .as_bytes()
        .ct_eq(expected.as_bytes())
        .into()
}

/// Whether a word is a sealed secret, to be taken as it is, and no clear one.
pub fn is_sealed(word: &str) -> bool {
    parts(word).is_some()
}

/// No randomness: the only way in which sealing can fail.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers: {0}")]
pub struct SealFault(getrandom::Error);

/// Salt and hash of a well-formed secret.
fn parts(word: &str) -> Option<(&str, &str)> {
    let (salt, hash) = word.strip_prefix(PREFIX)?.split_once('$')?;
    let plain = |text: &str| text.bytes().all(|byte| ALPHABET.contains(&byte));
    (salt.len() == SALT && hash.len() == HASH && plain(salt) && plain(hash)).then_some((salt, hash))
}

/// scrypt (RFC 7914) with N = 2^14, r = 1, p = 1; the salt is used as it is written.
fn hash(clear: &[u8], salt: &str) -> Zeroizing<String> {
    let mut output = Zeroizing::new([0u8; 32]);
    // These parameters are within RFC 7914's bounds, and 32 octets within PBKDF2's: neither call can fail. A hash that
    // matches nothing is what would be left.
    if let Ok(parameters) = scrypt::Params::new(14, 1, 1)
        && scrypt::scrypt(clear, salt.as_bytes(), &parameters, &mut *output).is_ok()
    {
        encode(&*output)
    } else {
        Zeroizing::new(String::new())
    }
}

fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(3) * 4));
    for group in bytes.chunks(3) {
        let mut octets = [0; 3];
        for (octet, byte) in octets.iter_mut().zip(group) {
            *octet = *byte;
        }
        let [a, b, c] = octets;
        let letters = [
            a >> 2,
            (a & 3) << 4 | b >> 4,
            (b & 15) << 2 | c >> 6,
            c & 63,
        ];
        // One octet makes two letters, two make three.
        text.extend(letters.into_iter().take(group.len() + 1).map(letter));
    }
    text
}

/// The letter of six bits.
fn letter(bits: u8) -> char {
    ALPHABET
        .get(usize::from(bits & 63))
        .map_or('.', |letter| char::from(*letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(word: &str) -> Sealed {
        Sealed(word.into())
    }

    #[test]
    fn the_published_hash_of_cisco_is_recognised() {
        let published = sealed("$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM");
        assert!(verify(&published, "cisco"));
        assert!(!verify(&published, "Cisco"));
        assert!(!verify(&published, ""));
    }

    #[test]
    fn a_sealed_password_is_recognised_and_no_other() {
        let clear = "p\u{e4}ss w\"ord";
        let sealed = seal(Zeroizing::new(clear.to_owned())).expect("random numbers");
        assert!(is_sealed(&sealed.0), "{}", sealed.0);
        assert!(verify(&sealed, clear));
        assert!(!verify(&sealed, "p\u{e4}ss w\"or"));
        assert!(!sealed.0.contains("ord"));
    }

    #[test]
    fn sealing_twice_gives_two_salts() {
        let seal = || seal(Zeroizing::new("same".to_owned())).expect("random numbers");
        assert_ne!(seal(), seal());
    }

    #[test]
    fn only_a_whole_type_9_word_counts_as_sealed() {
        let whole = "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM";
        assert!(is_sealed(whole));
        for broken in [
            "",
            "*****",
            "$9$",
            "$9$nhEmQVczB7dqsO$",
            "$8$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM",
            "$9$nhEmQVczB7dqs$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM",
            "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkK",
            "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkK+",
            "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM$",
        ] {
            assert!(!is_sealed(broken), "{broken}");
            assert!(!verify(&sealed(broken), "cisco"), "{broken}");
        }
    }

    #[test]
    fn the_encoding_keeps_the_order_of_bits() {
        assert_eq!(&**encode(&[0, 0, 0]), "....");
        assert_eq!(&**encode(&[0xff]), "zk");
        assert_eq!(&**encode(&[0xff, 0xff]), "zzw");
    }
}
