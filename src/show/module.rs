//! `show module`: the one module that this device is, in the four tables of an ASA.

use std::fmt;

use serde::Serialize;

use super::table::{Column, Table};
use crate::device::{Facts, MacAddress};

/// `show module`. JSON: an array with one module; what the host does not tell is null.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct View {
    pub modules: Vec<Module>,
}

#[derive(Debug, Serialize)]
pub struct Module {
    pub module: u8,
    pub card_type: String,
    pub model: Option<String>,
    pub serial: Option<String>,
    /// The least and the greatest address of the machine's ports.
    pub mac_addresses: Option<(MacAddress, MacAddress)>,
    pub hardware_version: Option<String>,
    pub firmware_version: Option<String>,
    pub software_version: String,
    pub status: &'static str,
}

pub fn view(facts: &dyn Facts) -> View {
    let (hardware, version) = (facts.hardware(), facts.version());
    let made = [hardware.vendor.as_deref(), hardware.model.as_deref()];
    let made: Vec<_> = made.into_iter().flatten().collect();
    let mut macs: Vec<MacAddress> = facts.ports().iter().filter_map(|port| port.mac).collect();
    macs.sort_by_key(|mac| mac.0);
    View {
        modules: vec![Module {
            module: 0,
            card_type: if made.is_empty() {
                format!("{} host", version.architecture)
            } else {
                made.join(" ")
            },
            model: hardware.model,
            serial: facts.serial(),
            mac_addresses: macs.first().copied().zip(macs.last().copied()),
            hardware_version: hardware.revision,
            firmware_version: facts.firmware(),
            software_version: version.version,
            status: "Up Sys",
        }],
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cards = table([
            Column::left("Mod", 4),
            Column::left("Card Type", 44),
            Column::left("Model", 18),
            Column::left("Serial No.", 11),
        ]);
        let mut versions = table([
            Column::left("Mod", 4),
            Column::left("MAC Address Range", 33),
            Column::left("Hw Version", 12),
            Column::left("Fw Version", 12),
            Column::left("Sw Version", 15),
        ]);
        let mut states = table([
            Column::left("Mod", 4),
            Column::left("Status", 18),
            Column::left("Data Plane Status", 21),
            Column::left("Compatibility", 13),
        ]);
        for of in &self.modules {
            // The titles stand on the left, the numbers on the right.
            let module = format!("{:>4}", of.module);
            cards.row([
                &module,
                &of.card_type,
                &one_word(of.model.as_deref()),
                &one_word(of.serial.as_deref()),
            ]);
            let range = of.mac_addresses.map_or_else(
                || "N/A".to_owned(),
                |(first, last)| format!("{first} to {last}"),
            );
            versions.row([
                &module,
                &range,
                &one_word(of.hardware_version.as_deref()),
                &one_word(of.firmware_version.as_deref()),
                &of.software_version,
            ]);
            states.row([&*module, of.status, "Not Applicable", ""]);
        }
        write!(f, "{cards}\n{versions}\n{states}")
    }
}

fn table<const N: usize>(columns: [Column; N]) -> Table {
    Table::new(columns).gap(1).ruled()
}

/// Parsers take one word.
fn one_word(text: Option<&str>) -> String {
    let words: Vec<_> = text.unwrap_or("N/A").split_whitespace().collect();
    words.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{FixedFacts, Hardware, Interface};

    #[test]
    fn the_machine_is_module_zero() {
        let port = |last| Interface {
            mac: Some(MacAddress([0x50, 1, 0, 3, 0, last])),
            ..Interface::default()
        };
        let mut facts = FixedFacts {
            hardware: Hardware {
                vendor: Some("Dell Inc.".to_owned()),
                model: Some("PowerEdge R640".to_owned()),
                ..Hardware::default()
            },
            serial: Some("ABC1234".to_owned()),
            firmware: Some("2.1.9".to_owned()),
            interfaces: vec![port(3), port(0)],
            ..FixedFacts::default()
        };
        facts.version.version = "0.1.0".to_owned();
        let text = view(&facts).to_string();
        let lines: Vec<_> = text.lines().collect();
        assert!(text.starts_with("Mod  Card Type ") && lines[2].starts_with("   0 Dell"));
        let words = |line: usize| -> Vec<&str> {
            lines
                .get(line)
                .copied()
                .unwrap_or_default()
                .split_whitespace()
                .collect()
        };
        assert_eq!(words(0), ["Mod", "Card", "Type", "Model", "Serial", "No."]);
        assert_eq!(
            words(2),
            [
                "0",
                "Dell",
                "Inc.",
                "PowerEdge",
                "R640",
                "PowerEdge_R640",
                "ABC1234"
            ]
        );
        assert_eq!(
            words(6),
            [
                "0",
                "5001.0003.0000",
                "to",
                "5001.0003.0003",
                "N/A",
                "2.1.9",
                "0.1.0"
            ]
        );
        assert_eq!(words(10), ["0", "Up", "Sys", "Not", "Applicable"]);
    }
}
