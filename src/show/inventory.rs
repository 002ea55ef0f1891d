//! `show inventory`: the parts of the machine in the two lines per part that every parser of this command knows. Facts
//! come from `device`; nothing is made up for a part that does not name itself.

use std::fmt;

use serde::Serialize;

use crate::device::{Component, Facts};

/// `show inventory`. JSON: an array of `name`, `description`, `product_id`, `version_id`, `serial`, the last three null where
/// the part does not tell. The text writes `N/A` for an identifier that is not known, and leaves `SN` empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Inventory {
    pub components: Vec<Component>,
}

/// Chassis first.
pub fn view(facts: &dyn Facts) -> Inventory {
    Inventory {
        components: facts.inventory(),
    }
}

impl fmt::Display for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.components.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            writeln!(
                f,
                "Name: \"{}\", DESCR: \"{}\"",
                quoted(&part.name),
                quoted(&part.description)
            )?;
            let product = part
                .product_id
                .as_deref()
                .map(product)
                .filter(|id| !id.is_empty());
            let version = part
                .version_id
                .as_deref()
                .map(one_word)
                .filter(|id| !id.is_empty());
            let (product, version) = (
                product.as_deref().unwrap_or("N/A"),
                version.as_deref().unwrap_or("N/A"),
            );
            let line = format!(
                "PID: {product:<18}, VID: {version:<8}, SN: {}",
                one_word(part.serial.as_deref().unwrap_or(""))
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Between quotes, without one.
fn quoted(text: &str) -> String {
    text.replace('"', "'")
}

/// Parsers take a product identifier of several words only when they are letters, digits, `_`, `/` and `-`; firmware writes
/// what it likes, `Standard PC (i440FX + PIIX, 1996)`. The description has it in full.
fn product(id: &str) -> String {
    let words: Vec<&str> = id.split_whitespace().collect();
    if let [word] = *words {
        return word.to_owned();
    }
    let plain = |c: char| {
        if c.is_alphanumeric() || matches!(c, '_' | '/' | '-') {
            c
        } else {
            ' '
        }
    };
    let id: String = words.join(" ").chars().map(plain).collect();
    id.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Parsers take one word.
fn one_word(id: &str) -> String {
    id.split_whitespace().collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::FixedFacts;

    #[test]
    fn each_part_has_its_two_lines_and_a_blank_one_stands_between_parts() {
        let facts = FixedFacts {
            inventory: vec![
                Component {
                    name: "Chassis".to_owned(),
                    description: "QEMU Standard PC (i440FX + PIIX, 1996) \"pc\"".to_owned(),
                    product_id: Some("Standard PC (i440FX + PIIX, 1996)".to_owned()),
                    version_id: Some("pc i440fx".to_owned()),
                    serial: Some("VM 1".to_owned()),
                },
                Component {
                    name: "eth0".to_owned(),
                    description: "Network adapter, e1000".to_owned(),
                    product_id: Some("8086:100e".to_owned()),
                    ..Component::default()
                },
                Component {
                    name: "vda".to_owned(),
                    description: "Disk".to_owned(),
                    ..Component::default()
                },
            ],
            ..FixedFacts::default()
        };
        let expected = "\
Name: \"Chassis\", DESCR: \"QEMU Standard PC (i440FX + PIIX, 1996) 'pc'\"
PID: Standard PC i440FX PIIX 1996, VID: pc_i440fx, SN: VM_1

Name: \"eth0\", DESCR: \"Network adapter, e1000\"
PID: 8086:100e         , VID: N/A     , SN:

Name: \"vda\", DESCR: \"Disk\"
PID: N/A               , VID: N/A     , SN:
";
        assert_eq!(view(&facts).to_string(), expected);
    }

    #[test]
    fn the_json_keeps_what_firmware_wrote() {
        let part = Component {
            product_id: Some("A (b)".to_owned()),
            ..Component::default()
        };
        let json = serde_json::to_value(Inventory {
            components: vec![part],
        })
        .expect("JSON");
        assert_eq!(json[0]["product_id"], "A (b)");
        assert!(json[0]["serial"].is_null());
    }
}
