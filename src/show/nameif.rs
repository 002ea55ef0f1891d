//! `show nameif`: the named interfaces, and whether this host has them.

use std::fmt;

use serde::Serialize;

use super::table::{Column, Table};
use crate::config::interfaces::Interfaces;
use crate::device;

/// `show nameif`.
#[derive(Debug, Serialize)]
pub struct View {
    pub interfaces: Vec<Named>,
}

#[derive(Debug, Serialize)]
pub struct Named {
    /// As the host calls it.
    pub interface: String,
    pub name: String,
    /// 0 to 100.
    pub security_level: u8,
    /// This host has it now; what leaves by one that it has not takes the host's routing.
    pub present: bool,
}

/// The interfaces that have a name, in the order of the configuration.
pub fn view(configured: &Interfaces, of_host: &[device::Interface]) -> View {
    let named = configured.by_name.iter().filter_map(|(name, interface)| {
        Some(Named {
            interface: name.to_string(),
            name: interface.nameif.as_ref()?.to_string(),
            security_level: interface.security_level.unwrap_or(0),
            present: of_host.iter().any(|known| *known.name == **name),
        })
    });
    View {
        interfaces: named.collect(),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("Interface", 23),
            Column::left("Name", 23),
            Column::right("Security", 8),
            Column::left("State", 0),
        ]);
        for named in &self.interfaces {
            table.row([
                named.interface.clone(),
                named.name.clone(),
                named.security_level.to_string(),
                if named.present {
                    "present"
                } else {
                    "not present"
                }
                .to_owned(),
            ]);
        }
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::interfaces::Interface;

    #[test]
    fn what_the_host_has_is_told_from_what_it_has_not() {
        let mut configured = Interfaces::default();
        for (name, nameif, level) in [("eth0", "outside", 0), ("eth9", "inside", 100)] {
            let interface = Interface {
                nameif: Some(nameif.into()),
                security_level: Some(level),
            };
            configured.by_name.insert(name.into(), interface);
        }
        let nameless: Arc<str> = "eth1".into();
        configured.by_name.insert(nameless, Interface::default());
        let of_host = [device::Interface {
            name: "eth0".to_owned(),
            ..device::Interface::default()
        }];
        let text = view(&configured, &of_host).to_string();
        let rows: Vec<Vec<_>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            rows,
            [
                vec!["Interface", "Name", "Security", "State"],
                vec!["eth0", "outside", "0", "present"],
                vec!["eth9", "inside", "100", "not", "present"],
            ]
        );
    }
}
