//! `show crypto ca trustpoints`: what each trust point has.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::config::RunningConfig;
use crate::config::crypto::{self, Chain};
use crate::trust::api::certificate::Certificate;

#[derive(Debug, Serialize)]
pub struct View {
    pub trustpoints: Vec<Shown>,
}

#[derive(Debug, Serialize)]
pub struct Shown {
    pub name: Arc<str>,
    /// The authority's certificate; `None` before `crypto ca authenticate`.
    pub authority: Option<Held>,
    /// The device's own.
    pub identity: Option<Held>,
}

/// A certificate in short.
#[derive(Debug, Serialize)]
pub struct Held {
    /// `cn=a,o=b`, the most specific part first; empty where it cannot be read.
    pub subject: String,
    pub serial_number: Arc<str>,
}

/// One trust point, or all in the order of their names.
pub fn view(config: &RunningConfig, name: Option<&str>) -> View {
    let crypto = &config.crypto;
    let names = crypto.trustpoints.keys();
    let names = names.filter(|known| name.is_none_or(|name| *name == ***known));
    let shown = names.map(|name| {
        let chain = crypto.chains.get(name);
        let held = |ca| chain.and_then(|chain: &Arc<Chain>| Held::of(chain, ca));
        Shown {
            name: name.clone(),
            authority: held(true),
            identity: held(false),
        }
    });
    View {
        trustpoints: shown.collect(),
    }
}

impl Held {
    fn of(chain: &Chain, ca: bool) -> Option<Self> {
        let line: &crypto::Certificate = chain.certificates.iter().find(|line| line.ca == ca)?;
        let subject = Certificate::read(&line.der).map_or_else(
            |_| String::new(),
            |read| {
                let parts = read.subject().iter().rev();
                let parts: Vec<_> = parts
                    .map(|(kind, value)| format!("{kind}={value}"))
                    .collect();
                parts.join(",")
            },
        );
        Some(Self {
            subject,
            serial_number: line.serial.clone(),
        })
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, shown) in self.trustpoints.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            writeln!(f, "Trustpoint {}:", shown.name)?;
            match &shown.authority {
                None => writeln!(f, "    Not authenticated.")?,
                Some(held) => write!(f, "{held}")?,
            }
            if shown.authority.is_some() || shown.identity.is_some() {
                writeln!(f, "    Certificate configured.")?;
            }
            if let Some(held) = &shown.identity {
                write!(f, "    Device certificate:\n{held}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "    Subject Name:\n      {}", self.subject)?;
        writeln!(f, "    Serial Number: {}", self.serial_number)
    }
}
