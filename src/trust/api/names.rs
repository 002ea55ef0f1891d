//! What others see of the search for names: who was asked and what came of it. Plain data.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The search for names from outside.
pub trait NameService: Send + Sync {
    fn status(&self) -> Status;
    /// Forgets the names that are known and the servers that were learned.
    fn forget(&self);
    /// `debug call-home`: whether each step is said.
    fn debug(&self, is_on: bool);
}

/// The steps that are taken for a collector's name, in their order; for any other name there is the first one only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The servers of the configuration; the host's resolver where it names none.
    Configured = 1,
    /// The servers that a DHCP server names.
    Dhcp,
    /// The vendor's public servers, as configured.
    Vendor,
    /// One of the vendor's addresses, as configured.
    BuiltIn,
}

impl Step {
    pub const ALL: [Self; 4] = [Self::Configured, Self::Dhcp, Self::Vendor, Self::BuiltIn];

    pub const fn number(self) -> u8 {
        self as u8
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Servers that were asked, by the step that named them, in the order in which they are asked.
    pub servers: Vec<Server>,
    /// In alphabetical order.
    pub known: Vec<Known>,
    /// The names that were looked for last, the newest last.
    pub last: Vec<Search>,
    pub debug: bool,
}

/// What one server has been asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub step: Step,
    pub address: IpAddr,
    /// The `nameif` that it is asked through.
    pub interface: Option<Arc<str>>,
    pub asked: u64,
    pub answered: u64,
    /// Why it had no answer the last time it had none.
    pub failure: Option<String>,
}

/// A name and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub host: Arc<str>,
    pub addresses: Vec<IpAddr>,
    pub step: Step,
    /// Until it has to be asked for again.
    pub left: Duration,
}

/// How a name was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    pub host: Arc<str>,
    /// What each step came to, as `debug call-home` says it.
    pub steps: Vec<(Step, String)>,
    pub is_found: bool,
}
