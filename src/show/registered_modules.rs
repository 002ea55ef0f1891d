//! `show call-home registered-module status [all]`: the parts of this program that Smart Call-Home reports on, and whether
//! the configuration has them at work.

use std::fmt;

use serde::Serialize;

use super::table::{Column, Table};
use crate::config::RunningConfig;

/// JSON: an array of `name` and `enabled`.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct View {
    pub modules: Vec<Module>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Module {
    pub name: &'static str,
    pub enabled: bool,
}

/// Those at work, or all of them.
pub fn view(config: &RunningConfig, all: bool) -> View {
    let logging = &config.logging;
    let policy = config.crypto.trustpool.as_deref();
    let imports = policy.is_some_and(|policy| policy.auto_import.is_some());
    let sends_mail = !logging.mail.recipients.is_empty();
    let of = |(name, enabled)| Module { name, enabled };
    let mut modules: Vec<Module> = [
        ("Smart Call-Home", config.call_home.service),
        ("Syslog", logging.is_on()),
        ("Syslog inputs", !logging.inputs.is_empty()),
        ("Syslog servers", !logging.hosts.is_empty()),
        ("Syslog by e-mail", sends_mail),
        ("Trustpool import", imports),
        ("Failover", false),
        ("Clustering", false),
    ]
    .map(of)
    .into();
    modules.retain(|module| all || module.enabled);
    View { modules }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = [Column::left("Module Name", 40), Column::left("Status", 8)];
        let mut table = Table::new(columns).gap(1).ruled();
        for module in &self.modules {
            let status = if module.enabled {
                "enabled"
            } else {
                "disabled"
            };
            table.row([module.name, status]);
        }
        writeln!(f, "Output:")?;
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_device_has_its_log_at_work() {
        let expected = "\
Output:
Module Name                              Status
---------------------------------------- --------
Syslog                                   enabled
";
        assert_eq!(view(&RunningConfig::default(), false).to_string(), expected);
        let all = view(&RunningConfig::default(), true);
        assert!(all.modules.contains(&Module {
            name: "Smart Call-Home",
            enabled: false
        }));
    }
}
