//! `show version`: the software, how long it is up, the machine, its interfaces, the last change. The lines begin as those
//! of an ASA do, because parsers refuse others; what they say is Watchfire's and this host's own.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::clock::{DeviceTime, Elapsed};
use crate::config::RunningConfig;
use crate::device::clock::Clock;
use crate::device::{self, Facts, Hardware, Interface, Memory};

/// Who changed the configuration last, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Modified {
    pub by: Arc<str>,
    pub at: DeviceTime,
}

/// `show version`. JSON: `software` (`product`, `version`, `image`, `operating_system`, `kernel`, `architecture`),
/// `hostname`, `uptime` and `host_uptime` (seconds), `hardware` (`vendor`, `model`, `revision`, `processor`, `processors`,
/// `processor_mhz`), `memory` (`total`, `free`, `available`, in bytes), `interfaces`, `serial_number`, `last_modified` (`by`,
/// `at`). What the host does not tell is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    pub software: device::Version,
    pub hostname: String,
    pub uptime: Elapsed,
    pub host_uptime: Option<Elapsed>,
    pub hardware: Hardware,
    pub memory: Option<Memory>,
    /// The ports of the machine.
    pub interfaces: Vec<Interface>,
    pub serial_number: Option<String>,
    pub last_modified: Option<Modified>,
}

/// `modified` names the user and the time of the last change, `None` while nothing has changed since the start.
pub fn view(
    config: &RunningConfig,
    facts: &dyn Facts,
    clock: &dyn Clock,
    modified: Option<(Arc<str>, DateTime<Utc>)>,
) -> Version {
    Version {
        software: facts.version(),
        hostname: config.system.hostname().to_owned(),
        uptime: Elapsed(clock.monotonic()),
        host_uptime: facts.host_uptime().map(Elapsed),
        hardware: facts.hardware(),
        memory: facts.memory(),
        interfaces: facts.ports(),
        serial_number: facts.serial(),
        last_modified: modified.map(|(by, at)| Modified {
            by,
            at: DeviceTime::new(at, &config.clock.zone()),
        }),
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let software = &self.software;
        let (product, number) = (&software.product, &software.version);
        writeln!(
            f,
            "{product} Software Version {number} (Adaptive Security Appliance and IOS compatible shell)"
        )?;
        if let Some(image) = &software.image {
            writeln!(f, "System image file is \"{image}\"")?;
        }
        let host = [
            software.operating_system.as_deref(),
            software.kernel.as_deref(),
            Some(&*software.architecture),
        ];
        // An ASA's line about its licence begins so; the strict parsers know no line for what lies below.
        writeln!(
            f,
            "This platform has a host system: {}",
            host.into_iter().flatten().collect::<Vec<_>>().join(", ")
        )?;
        writeln!(f)?;
        writeln!(f, "{} up {}", self.hostname, self.uptime)?;
        if let Some(uptime) = self.host_uptime {
            writeln!(f, "Start-up time of the host: up {uptime}")?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "Hardware:   {}",
            hardware_line(&self.hardware, self.memory)
        )?;
        if let Some(model) = &self.hardware.model {
            writeln!(f, "Model Id:   {model}")?;
        }
        for (number, interface) in self.interfaces.iter().enumerate() {
            writeln!(f, "{}", interface_line(number, interface))?;
        }
        // One word, because parsers take the first one.
        writeln!(
            f,
            "Serial Number: {}",
            self.serial_number.as_deref().unwrap_or("unavailable")
        )?;
        match &self.last_modified {
            Some(Modified { by, at }) => writeln!(f, "Configuration last modified by {by} at {at}"),
            None => writeln!(
                f,
                "Configuration has not been modified since last system restart"
            ),
        }
    }
}

/// `ASAv, 2048 MB RAM, CPU Xeon E5 series 3491 MHz, 2 CPUs` in the vendor's order; what is not known is left out. Also for
/// the header of the running-config.
pub fn hardware_line(hardware: &Hardware, memory: Option<Memory>) -> String {
    let mut line = hardware.model.as_deref().unwrap_or("Linux host").to_owned();
    if let Some(memory) = memory {
        line.push_str(&format!(", {} MB RAM", memory.total >> 20));
    }
    if let Some(processor) = &hardware.processor {
        line.push_str(&format!(", CPU {processor}"));
        // Some makers put the clock into the name, `CPU E5-2640 v4 @ 2.40GHz`.
        if let Some(mhz) = hardware.processor_mhz.filter(|_| !processor.contains("Hz")) {
            line.push_str(&format!(" {mhz} MHz"));
        }
    }
    if let Some(count) = hardware.processors {
        line.push_str(&format!(
            ", {count} CPU{}",
            if count == 1 { "" } else { "s" }
        ));
    }
    line
}

/// ` 0: Ext: Management0/0       : address is 5001.0003.0000, irq 11`.
fn interface_line(number: usize, interface: &Interface) -> String {
    let kind = if interface.physical { "Ext" } else { "Int" };
    let mac = interface
        .mac
        .map_or_else(|| "none".to_owned(), |mac| mac.to_string());
    let irq = interface
        .irq
        .map(|irq| format!(", irq {irq}"))
        .unwrap_or_default();
    format!(
        "{number:2}: {kind}: {:<19} : address is {mac}{irq}",
        interface.name
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::device::clock::VirtualClock;
    use crate::device::{FixedFacts, MacAddress};

    fn time() -> DateTime<Utc> {
        "2024-06-06T09:40:52.309Z".parse().expect("a time")
    }

    fn shown(
        facts: &FixedFacts,
        uptime: Duration,
        modified: Option<(Arc<str>, DateTime<Utc>)>,
    ) -> Version {
        let clock = VirtualClock::new(time());
        clock.advance(uptime);
        view(&RunningConfig::default(), facts, &clock, modified)
    }

    fn facts() -> FixedFacts {
        let mut facts = FixedFacts {
            hardware: Hardware {
                model: Some("R640".to_owned()),
                processor: Some("Xeon Gold 6130".to_owned()),
                processors: Some(2),
                processor_mhz: Some(2100),
                ..Hardware::default()
            },
            memory: Some(Memory {
                total: 2 << 30,
                free: 1 << 20,
                available: 1 << 30,
            }),
            serial: Some("9AT1L9EX0DF".to_owned()),
            host_uptime: Some(Duration::from_secs(86_400 * 2)),
            ..FixedFacts::default()
        };
        facts.version.version = "0.1.0".to_owned();
        facts.version.image = Some("/usr/bin/watchfire".to_owned());
        facts.version.operating_system = Some("Debian GNU/Linux 12 (bookworm)".to_owned());
        facts.version.kernel = Some("Linux 6.1.0".to_owned());
        facts.version.architecture = "x86_64".to_owned();
        let interface = |name: &str, mac, physical| Interface {
            name: name.to_owned(),
            mac,
            physical,
            ..Interface::default()
        };
        let mac = Some(MacAddress([0x50, 1, 0, 3, 0, 0]));
        facts.interfaces = vec![
            interface("lo", None, false),
            interface("eth0", mac, true),
            interface("br0", mac, false),
        ];
        facts
    }

    #[test]
    fn the_version_is_laid_out_as_parsers_expect_it_and_says_what_is_true() {
        let uptime = Duration::from_secs(3 * 86_400 + 4 * 3600);
        let view = shown(&facts(), uptime, Some(("enable_15".into(), time())));
        let expected = "\
Watchfire Software Version 0.1.0 (Adaptive Security Appliance and IOS compatible shell)
System image file is \"/usr/bin/watchfire\"
This platform has a host system: Debian GNU/Linux 12 (bookworm), Linux 6.1.0, x86_64

ciscoasa up 3 days 4 hours
Start-up time of the host: up 2 days 0 hours

Hardware:   R640, 2048 MB RAM, CPU Xeon Gold 6130 2100 MHz, 2 CPUs
Model Id:   R640
 0: Ext: eth0                : address is 5001.0003.0000
Serial Number: 9AT1L9EX0DF
Configuration last modified by enable_15 at 09:40:52.309 UTC Thu Jun 6 2024
";
        assert_eq!(view.to_string(), expected);
    }

    #[test]
    fn a_host_that_tells_nothing_is_described_by_what_the_program_knows() {
        let mut facts = FixedFacts::default();
        facts.version.version = "0.1.0".to_owned();
        facts.version.architecture = "x86_64".to_owned();
        let view = shown(&facts, Duration::from_secs(5), None);
        let expected = "\
Watchfire Software Version 0.1.0 (Adaptive Security Appliance and IOS compatible shell)
This platform has a host system: x86_64

ciscoasa up 5 secs

Hardware:   Linux host
Serial Number: unavailable
Configuration has not been modified since last system restart
";
        assert_eq!(view.to_string(), expected);
    }

    #[test]
    fn a_container_shows_the_interfaces_it_has() {
        let mut facts = facts();
        facts
            .interfaces
            .iter_mut()
            .for_each(|interface| interface.physical = false);
        if let Some(interface) = facts.interfaces.last_mut() {
            interface.irq = Some(11);
        }
        let view = shown(&facts, Duration::ZERO, None).to_string();
        assert!(
            view.contains("\n 0: Int: eth0                : address is 5001.0003.0000\n"),
            "{view}"
        );
        assert!(
            view.contains("\n 1: Int: br0                 : address is 5001.0003.0000, irq 11\n"),
            "{view}"
        );
    }

    #[test]
    fn a_processor_that_names_its_clock_is_not_given_another() {
        let processor = Some("Xeon E5-2640 v4 @ 2.40GHz".to_owned());
        let hardware = Hardware {
            processor,
            processor_mhz: Some(3400),
            processors: Some(1),
            ..Hardware::default()
        };
        assert_eq!(
            hardware_line(&hardware, None),
            "Linux host, CPU Xeon E5-2640 v4 @ 2.40GHz, 1 CPU"
        );
    }

    #[test]
    fn the_json_carries_seconds_bytes_and_nulls() {
        let mut facts = facts();
        facts.serial = None;
        let view = shown(&facts, Duration::from_millis(5500), None);
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json["uptime"], 5);
        assert_eq!(json["memory"]["total"], 2_147_483_648_u64);
        assert_eq!(json["interfaces"][0]["mac"], "5001.0003.0000");
        assert!(json["serial_number"].is_null() && json["last_modified"].is_null());
    }
}
