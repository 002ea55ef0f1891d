//! Certificates that were pasted, by trust point. Hexadecimal digits become bytes here and lines again; nobody has verified or
//! trusts them because of that.

use std::fmt::Write as _;
use std::sync::Arc;

use super::Crypto;
use crate::command::crypto::Command;
use crate::config::refusal::Kind;
use crate::config::render::Lines;
use crate::config::{Notices, Refusal};

/// Certificates of one trust point, in order of entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    pub certificates: Vec<Certificate>,
}

/// A certificate's bytes as they were pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// `certificate ca`: the authority's own, not the device's.
    pub ca: bool,
    /// Lower-case hexadecimal digits.
    pub serial: Arc<str>,
    pub der: Arc<[u8]>,
}

impl Certificate {
    /// Bytes; far beyond any certificate in use.
    pub const MOST_BYTES: usize = 65_536;
}

/// Eight groups of four bytes to a line.
const LINE: usize = 32;
const GROUP: usize = 4;

impl Crypto {
    /// The commands of the chain of trust point `name`.
    pub(super) fn apply_to_chain(
        &mut self,
        name: &Arc<str>,
        command: &Command,
    ) -> Result<Notices, Refusal> {
        self.knows_trustpoint(name)?;
        match command {
            Command::Certificate(c) => {
                let Some(hex) = &c.hex else {
                    return Err(Refusal::Incomplete);
                };
                let Some(der) = bytes_of_hex(hex, Certificate::MOST_BYTES) else {
                    return Err(Refusal::Value {
                        expected:
                            "a certificate of at most 65536 bytes, two hexadecimal digits each"
                                .into(),
                    });
                };
                let new = Certificate {
                    ca: c.ca,
                    serial: c.serial.shared(),
                    der: der.into(),
                };
                let chain = Arc::make_mut(
                    Arc::make_mut(&mut self.chains)
                        .entry(name.clone())
                        .or_default(),
                );
                match chain
                    .certificates
                    .iter_mut()
                    .find(|known| known.ca == new.ca && known.serial == new.serial)
                {
                    Some(known) => *known = new,
                    None => chain.certificates.push(new),
                }
            }
            Command::NoCertificate(c) => {
                let is =
                    |known: &Certificate| known.ca == c.ca && *known.serial == *c.serial.as_str();
                if !self
                    .chains
                    .get(name)
                    .is_some_and(|chain| chain.certificates.iter().any(is))
                {
                    return Err(Refusal::NotDefined {
                        kind: Kind::Certificate,
                        name: c.serial.shared(),
                    });
                }
                let chains = Arc::make_mut(&mut self.chains);
                if let Some(chain) = chains.get_mut(name).map(Arc::make_mut) {
                    chain.certificates.retain(|known| !is(known));
                    if chain.certificates.is_empty() {
                        chains.remove(name);
                    }
                }
            }
            _ => {}
        }
        Ok(Notices::new())
    }
}

impl Crypto {
    /// Of the device's own certificates under trust point `name` the one of that serial number stays.
    pub fn keep_one_identity(&mut self, name: &str, serial: &str) {
        if let Some(chain) = Arc::make_mut(&mut self.chains).get_mut(name) {
            Arc::make_mut(chain)
                .certificates
                .retain(|known| known.ca || *known.serial == *serial);
        }
    }
}

/// Blanks may stand anywhere between digits; `None` unless there are whole bytes, one at least and `most` at most.
pub fn bytes_of_hex(hex: &str, most: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity((hex.len() / 2).min(most));
    let mut high = None;
    for c in hex.chars().filter(|c| !c.is_whitespace()) {
        let digit = u8::try_from(c.to_digit(16)?).ok()?;
        match high.take() {
            None => high = Some(digit),
            Some(_) if bytes.len() == most => return None,
            Some(high) => bytes.push(high << 4 | digit),
        }
    }
    (high.is_none() && !bytes.is_empty()).then_some(bytes)
}

impl Chain {
    pub(super) fn lines(&self, name: &str, out: &mut Lines) {
        out.line(0, format_args!("crypto ca certificate chain {name}"));
        for Certificate { ca, serial, der } in &self.certificates {
            out.line(
                1,
                format_args!("certificate {}{serial}", if *ca { "ca " } else { "" }),
            );
            for line in der.chunks(LINE) {
                let mut text = String::with_capacity(LINE * 2 + LINE / GROUP);
                for (place, group) in line.chunks(GROUP).enumerate() {
                    if place > 0 {
                        text.push(' ');
                    }
                    for byte in group {
                        // Writing to a String cannot fail.
                        let _ = write!(text, "{byte:02x}");
                    }
                }
                out.line(4, format_args!("{text}"));
            }
            out.line(2, format_args!("quit"));
        }
    }
}
