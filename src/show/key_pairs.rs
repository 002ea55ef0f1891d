//! `show crypto key mypubkey`: the public parts of the device's key pairs.

use std::fmt;

use serde::Serialize;

use super::apart;
use super::clock::DeviceTime;
use crate::message::zone::Zone;
use crate::trust::api::certificate::digits;
use crate::trust::api::keys::{KeyPair, Kind};

#[derive(Debug, Serialize)]
pub struct View {
    pub key_pairs: Vec<Shown>,
}

#[derive(Debug, Serialize)]
pub struct Shown {
    pub kind: Kind,
    pub label: String,
    pub bits: u16,
    pub generated: DeviceTime,
    /// SubjectPublicKeyInfo in hexadecimal digits.
    pub public_key: String,
}

pub fn view(pairs: &[KeyPair], zone: &Zone) -> View {
    let shown = pairs.iter().map(|pair| Shown {
        kind: pair.kind,
        label: pair.label.clone(),
        bits: pair.bits,
        generated: DeviceTime::new(pair.generated, zone),
        public_key: digits(&pair.public),
    });
    View {
        key_pairs: shown.collect(),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        apart(f, &self.key_pairs)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = match self.kind {
            Kind::Rsa => "Modulus Size (bits)",
            Kind::Ecdsa => "EC Size (bits)",
        };
        writeln!(
            f,
            "Key pair was generated at: {}",
            self.generated.to_the_second()
        )?;
        writeln!(f, "Key name: {}", self.label)?;
        writeln!(f, " Usage: General Purpose Key")?;
        writeln!(f, " {size}: {}", self.bits)?;
        writeln!(f, " Storage: state folder, sealed")?;
        writeln!(f, " Key Data:\n")?;
        // Eight groups of four bytes to a line.
        for line in self.public_key.as_bytes().chunks(64) {
            write!(f, " ")?;
            for group in line.chunks(8) {
                write!(f, " {}", String::from_utf8_lossy(group))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
