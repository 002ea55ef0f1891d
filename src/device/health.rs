//! How the machine is right now, in the figures that a threshold can be held against: processor, memory, disks, sensors.
//! A reading and no judgement: limits, hysteresis and what follows from them are for those who ask.

use serde::Serialize;

use super::sensors::Sensors;
use super::storage::FileSystem;
use super::{Facts, ProcessorTime};

/// One reading. What the host does not tell is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Health {
    /// To be handed to the next reading.
    #[serde(skip)]
    pub processor_time: Option<ProcessorTime>,
    /// Percent busy since the reading before; absent in the first one.
    pub processor_percent: Option<u8>,
    /// Percent of the memory that programs cannot have.
    pub memory_percent: Option<u8>,
    pub file_systems: Vec<FileSystem>,
    pub sensors: Sensors,
}

impl Health {
    /// Reads all of it; a few milliseconds on a machine with many sensors. `earlier` is the `processor_time` of the reading
    /// before.
    pub fn read(facts: &dyn Facts, earlier: Option<ProcessorTime>) -> Self {
        let processor_time = facts.processor_time();
        Self {
            processor_time,
            processor_percent: processor_time
                .zip(earlier)
                .and_then(|(now, earlier)| now.load_since(earlier)),
            memory_percent: facts.memory().map(super::Memory::used_percent),
            file_systems: facts.file_systems(),
            sensors: facts.sensors(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{FixedFacts, Memory};

    #[test]
    fn the_processor_is_judged_by_two_readings() {
        let mut facts = FixedFacts {
            memory: Some(Memory {
                total: 100,
                free: 0,
                available: 20,
            }),
            processor_time: Some(ProcessorTime {
                busy: 10,
                total: 100,
            }),
            file_systems: vec![FileSystem {
                used: 9,
                available: 1,
                ..FileSystem::default()
            }],
            ..FixedFacts::default()
        };
        let first = Health::read(&facts, None);
        assert_eq!(
            (first.processor_percent, first.memory_percent),
            (None, Some(80))
        );
        let full: Vec<_> = first
            .file_systems
            .iter()
            .map(FileSystem::used_percent)
            .collect();
        assert_eq!(full, [90]);
        facts.processor_time = Some(ProcessorTime {
            busy: 100,
            total: 200,
        });
        let second = Health::read(&facts, first.processor_time);
        assert_eq!(second.processor_percent, Some(90));
    }

    #[test]
    fn this_host_can_be_read() {
        let health = Health::read(&crate::device::HostFacts::new(), None);
        assert!(health.memory_percent.is_some_and(|percent| percent <= 100));
        assert!(health.processor_time.is_some());
    }
}
