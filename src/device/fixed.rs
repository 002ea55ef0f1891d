//! Facts that do not change: a device as transcripts and tests want it. Nothing is read.

use std::time::Duration;

use super::{Component, Facts, Hardware, Interface, Memory, ProcessorTime, Version};

/// Answers with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedFacts {
    pub version: Version,
    pub hardware: Hardware,
    pub serial: Option<String>,
    pub inventory: Vec<Component>,
    pub interfaces: Vec<Interface>,
    pub memory: Option<Memory>,
    pub processor_time: Option<ProcessorTime>,
    pub host_uptime: Option<Duration>,
    pub host_name: Option<String>,
}

impl Default for FixedFacts {
    /// This product on a machine that tells nothing of itself.
    fn default() -> Self {
        Self {
            version: Version {
                product: super::host::PRODUCT.to_owned(),
                version: super::host::VERSION.to_owned(),
                image: None,
                operating_system: None,
                kernel: None,
                architecture: std::env::consts::ARCH.to_owned(),
            },
            hardware: Hardware::default(),
            serial: None,
            inventory: Vec::new(),
            interfaces: Vec::new(),
            memory: None,
            processor_time: None,
            host_uptime: None,
            host_name: None,
        }
    }
}

impl Facts for FixedFacts {
    fn version(&self) -> Version {
        self.version.clone()
    }

    fn hardware(&self) -> Hardware {
        self.hardware.clone()
    }

    fn serial(&self) -> Option<String> {
        self.serial.clone()
    }

    fn inventory(&self) -> Vec<Component> {
        self.inventory.clone()
    }

    fn interfaces(&self) -> Vec<Interface> {
        self.interfaces.clone()
    }

    fn memory(&self) -> Option<Memory> {
        self.memory
    }

    fn processor_time(&self) -> Option<ProcessorTime> {
        self.processor_time
    }

    fn host_uptime(&self) -> Option<Duration> {
        self.host_uptime
    }

    fn host_name(&self) -> Option<String> {
        self.host_name.clone()
    }
}
