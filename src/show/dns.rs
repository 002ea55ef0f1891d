//! `show dns`: the servers that are asked, what they answered, the names that are known, and how the last names were looked for.

use std::fmt;

use serde::Serialize;

use super::clock::Elapsed;
use super::table::{Column, Table};
use crate::config::RunningConfig;
use crate::trust::api::names::{Search, Status, Step};

/// `show dns`.
#[derive(Debug, Serialize)]
pub struct View {
    /// The group that is asked.
    pub server_group: String,
    /// Behind a name without a dot.
    pub domain_name: Option<String>,
    pub retries: u8,
    /// Seconds.
    pub timeout: u8,
    pub domain_lookup: Vec<String>,
    /// Those of the group first; then servers that nobody configured, if they were asked.
    pub servers: Vec<Server>,
    pub names: Vec<Known>,
    /// The newest last.
    pub searches: Vec<Searched>,
    /// `debug call-home`.
    pub debug_call_home: bool,
}

#[derive(Debug, Serialize)]
pub struct Server {
    pub address: String,
    pub interface: Option<String>,
    /// 1 for a configured server.
    pub step: u8,
    pub asked: u64,
    pub answered: u64,
    pub last_failure: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Known {
    pub name: String,
    pub addresses: Vec<String>,
    pub step: u8,
    /// Seconds until it is asked for again.
    pub ttl: Elapsed,
}

#[derive(Debug, Serialize)]
pub struct Searched {
    pub name: String,
    pub found: bool,
    pub steps: Vec<Taken>,
}

#[derive(Debug, Serialize)]
pub struct Taken {
    pub step: u8,
    pub result: String,
}

pub fn view(config: &RunningConfig, status: Status) -> View {
    let dns = &config.dns;
    let group = dns.in_use().cloned().unwrap_or_default();
    let text = |text: &std::sync::Arc<str>| text.to_string();
    let mut servers: Vec<_> = status
        .servers
        .iter()
        .filter(|server| server.step != Step::Configured)
        .map(shown)
        .collect();
    let mut own = Vec::new();
    for server in &group.servers {
        let mut asked: Vec<_> = status
            .servers
            .iter()
            .filter(|known| known.step == Step::Configured && known.address == server.address)
            .map(shown)
            .collect();
        if asked.is_empty() {
            asked.push(Server {
                address: server.address.to_string(),
                interface: server.interface.as_ref().map(text),
                step: Step::Configured.number(),
                asked: 0,
                answered: 0,
                last_failure: None,
            });
        }
        own.append(&mut asked);
    }
    own.append(&mut servers);
    View {
        server_group: dns.group_name().to_owned(),
        domain_name: dns.domain().map(text),
        retries: group.retries(),
        timeout: group.timeout(),
        domain_lookup: dns.lookup.iter().map(text).collect(),
        servers: own,
        names: status
            .known
            .iter()
            .map(|known| Known {
                name: known.host.to_string(),
                addresses: known.addresses.iter().map(ToString::to_string).collect(),
                step: known.step.number(),
                ttl: Elapsed(known.left),
            })
            .collect(),
        searches: status.last.iter().map(searched).collect(),
        debug_call_home: status.debug,
    }
}

fn shown(server: &crate::trust::api::names::Server) -> Server {
    Server {
        address: server.address.to_string(),
        interface: server.interface.as_ref().map(ToString::to_string),
        step: server.step.number(),
        asked: server.asked,
        answered: server.answered,
        last_failure: server.failure.clone(),
    }
}

fn searched(search: &Search) -> Searched {
    let taken = |(step, result): &(Step, String)| Taken {
        step: step.number(),
        result: result.clone(),
    };
    Searched {
        name: search.host.to_string(),
        found: search.is_found,
        steps: search.steps.iter().map(taken).collect(),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "DNS server group {}: retries {}, timeout {} seconds",
            self.server_group, self.retries, self.timeout
        )?;
        if let Some(domain) = &self.domain_name {
            writeln!(f, "    Domain name: {domain}")?;
        }
        if !self.domain_lookup.is_empty() {
            writeln!(f, "    Domain lookup by: {}", self.domain_lookup.join(", "))?;
        }
        if self.servers.iter().all(|server| server.step != 1) {
            writeln!(
                f,
                "    No name server is configured: this host's resolver is asked"
            )?;
        }
        if !self.servers.is_empty() {
            let mut table = Table::new([
                Column::left("Server", 16),
                Column::left("Interface", 10),
                Column::right("Step", 4),
                Column::right("Asked", 8),
                Column::right("Answered", 8),
                Column::left("Last failure", 0),
            ]);
            for server in &self.servers {
                table.row([
                    server.address.clone(),
                    server.interface.clone().unwrap_or_else(|| "-".to_owned()),
                    server.step.to_string(),
                    server.asked.to_string(),
                    server.answered.to_string(),
                    server
                        .last_failure
                        .clone()
                        .unwrap_or_else(|| "-".to_owned()),
                ]);
            }
            write!(f, "{table}")?;
        }
        if !self.names.is_empty() {
            writeln!(f, "\nNames known:")?;
            let mut table = Table::new([
                Column::left("Name", 32),
                Column::right("TTL", 8),
                Column::right("Step", 4),
                Column::left("Addresses", 0),
            ]);
            for known in &self.names {
                table.row([
                    known.name.clone(),
                    known.ttl.to_string(),
                    known.step.to_string(),
                    known.addresses.join(", "),
                ]);
            }
            write!(f, "{table}")?;
        }
        if !self.searches.is_empty() {
            writeln!(f, "\nLast searches:")?;
            for search in &self.searches {
                let found = if search.found { "found" } else { "not found" };
                writeln!(f, "    {}: {found}", search.name)?;
                for taken in &search.steps {
                    writeln!(f, "        step {}: {}", taken.step, taken.result)?;
                }
            }
        }
        if self.debug_call_home {
            writeln!(f, "\ndebug call-home is on")?;
        }
        Ok(())
    }
}
