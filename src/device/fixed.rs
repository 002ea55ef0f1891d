//! Facts that do not change: a device as transcripts and tests want it. Nothing is read.

use std::time::Duration;

use super::counters::{Counters, Protocols};
use super::routes::{Neighbour, Route};
use super::sensors::Sensors;
use super::storage::FileSystem;
use super::{Component, Facts, Hardware, Interface, Memory, MemoryUse, ProcessorTime, Version};

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
    pub memory_use: MemoryUse,
    pub sensors: Sensors,
    pub file_systems: Vec<FileSystem>,
    pub counters: Vec<Counters>,
    pub protocols: Option<Protocols>,
    pub routes: Vec<Route>,
    pub neighbours: Vec<Neighbour>,
    pub firmware: Option<String>,
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
            memory_use: MemoryUse::default(),
            sensors: Sensors::default(),
            file_systems: Vec::new(),
            counters: Vec::new(),
            protocols: None,
            routes: Vec::new(),
            neighbours: Vec::new(),
            firmware: None,
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

    fn memory_use(&self) -> MemoryUse {
        self.memory_use
    }

    fn sensors(&self) -> Sensors {
        self.sensors.clone()
    }

    fn file_systems(&self) -> Vec<FileSystem> {
        self.file_systems.clone()
    }

    fn counters(&self) -> Vec<Counters> {
        self.counters.clone()
    }

    fn protocols(&self) -> Option<Protocols> {
        self.protocols
    }

    fn routes(&self) -> Vec<Route> {
        self.routes.clone()
    }

    fn neighbours(&self) -> Vec<Neighbour> {
        self.neighbours.clone()
    }

    fn firmware(&self) -> Option<String> {
        self.firmware.clone()
    }
}
