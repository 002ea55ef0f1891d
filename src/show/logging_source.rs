//! The interfaces that sessions are sent from, as `show logging` lists them behind the hosts.

use std::fmt;

use serde::Serialize;

use crate::config::logging_form::LineForm;

/// `logging source-interface`, by VRF; printed only where there is one.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SourceInterfaces(pub Vec<SourceInterface>);

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct SourceInterface {
    pub interface: String,
    pub vrf: Option<String>,
}

impl SourceInterfaces {
    pub fn of(form: &LineForm) -> Self {
        let one = |(vrf, interface): (&Option<_>, &_)| SourceInterface {
            interface: ToString::to_string(interface),
            vrf: vrf.as_ref().map(ToString::to_string),
        };
        Self(form.sources.iter().map(one).collect())
    }
}

impl fmt::Display for SourceInterfaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        writeln!(f, "        {:<32}VRF Name:", "Logging Source-Interface:")?;
        for SourceInterface { interface, vrf } in &self.0 {
            match vrf {
                Some(vrf) => writeln!(f, "        {interface:<32}{vrf}")?,
                None => writeln!(f, "        {interface}")?,
            }
        }
        Ok(())
    }
}
