//! The facts of the real host, read from `/proc`, `/sys` and os-release(5) at the moment they are asked for. What cannot be
//! read is absent; nothing is cached, because the answers change and the files are cheap.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::counters::{self, Counters, Protocols};
use super::proc::{self, text, value};
use super::routes::{self, Neighbour, Route};
use super::sensors::{self, Sensors};
use super::storage::{self, FileSystem};
use super::{
    Component, Facts, Hardware, Interface, Memory, MemoryUse, ProcessorTime, Version, history,
    interfaces, inventory,
};

/// What the product calls itself.
pub const PRODUCT: &str = "Watchfire";
/// The product's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// This host.
#[derive(Clone, Debug)]
pub struct HostFacts {
    /// `/`; tests put a folder of samples here.
    root: PathBuf,
}

impl HostFacts {
    pub fn new() -> Self {
        Self::under("/")
    }

    /// As if `root` were the root of the file system. Addresses of interfaces still come from the kernel.
    pub fn under(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The name of one DMI field; placeholders that board makers leave behind count as nothing.
    fn dmi(&self, field: &str) -> Option<String> {
        value(&self.at("sys/class/dmi/id").join(field)).filter(|value| !is_placeholder(value))
    }
}

impl Default for HostFacts {
    fn default() -> Self {
        Self::new()
    }
}

impl Facts for HostFacts {
    fn version(&self) -> Version {
        let kernel = match (
            value(&self.at("proc/sys/kernel/ostype")),
            value(&self.at("proc/sys/kernel/osrelease")),
        ) {
            (Some(name), Some(release)) => Some(format!("{name} {release}")),
            _ => None,
        };
        Version {
            product: PRODUCT.to_owned(),
            version: VERSION.to_owned(),
            image: image(),
            operating_system: text(&self.at("etc/os-release"))
                .or_else(|| text(&self.at("usr/lib/os-release")))
                .and_then(|release| proc::os_release_name(&release)),
            kernel,
            architecture: std::env::consts::ARCH.to_owned(),
        }
    }

    fn hardware(&self) -> Hardware {
        let processors = text(&self.at("proc/cpuinfo"))
            .map(|cpuinfo| proc::processors(&cpuinfo))
            .unwrap_or_default();
        let kilohertz = value(&self.at("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq"));
        let kilohertz = kilohertz.and_then(|khz| khz.parse::<u32>().ok());
        Hardware {
            vendor: self.dmi("sys_vendor"),
            model: self
                .dmi("product_name")
                .or_else(|| value(&self.at("proc/device-tree/model"))),
            revision: self.dmi("product_version"),
            processor: processors.model,
            processors: processors.count,
            processor_mhz: kilohertz.map(|khz| khz / 1000).or(processors.mhz),
        }
    }

    fn serial(&self) -> Option<String> {
        self.dmi("product_serial")
            .or_else(|| value(&self.at("proc/device-tree/serial-number")))
    }

    fn inventory(&self) -> Vec<Component> {
        inventory::components(&self.root, &self.hardware(), self.serial())
    }

    fn interfaces(&self) -> Vec<Interface> {
        interfaces::interfaces(&self.at("sys/class/net"), &interfaces::addresses())
    }

    fn ports(&self) -> Vec<Interface> {
        interfaces::ports(&self.at("sys/class/net"), &interfaces::addresses())
    }

    fn memory(&self) -> Option<Memory> {
        proc::memory(&text(&self.at("proc/meminfo"))?)
    }

    fn processor_time(&self) -> Option<ProcessorTime> {
        proc::processor_time(&text(&self.at("proc/stat"))?)
    }

    fn host_uptime(&self) -> Option<Duration> {
        proc::uptime(&text(&self.at("proc/uptime"))?)
    }

    fn host_name(&self) -> Option<String> {
        value(&self.at("proc/sys/kernel/hostname")).filter(|name| name != "(none)")
    }

    fn memory_use(&self) -> MemoryUse {
        proc::memory_use(
            &text(&self.at("proc/meminfo")).unwrap_or_default(),
            &text(&self.at("proc/self/status")).unwrap_or_default(),
        )
    }

    fn sensors(&self) -> Sensors {
        sensors::read(&self.root)
    }

    fn file_systems(&self) -> Vec<FileSystem> {
        storage::read(&self.root)
    }

    fn counters(&self) -> Vec<Counters> {
        let dev = text(&self.at("proc/net/dev")).unwrap_or_default();
        counters::interfaces(&dev, history::MOST_INTERFACES)
    }

    fn protocols(&self) -> Option<Protocols> {
        let snmp6 = text(&self.at("proc/net/snmp6")).unwrap_or_default();
        counters::protocols(&text(&self.at("proc/net/snmp"))?, &snmp6)
    }

    fn routes(&self) -> Vec<Route> {
        let table = |name: &str| text(&self.at("proc/net").join(name)).unwrap_or_default();
        let mut found = routes::v4(&table("route"));
        found.extend(routes::v6(&table("ipv6_route")));
        found
    }

    fn neighbours(&self) -> Vec<Neighbour> {
        routes::neighbours(&text(&self.at("proc/net/arp")).unwrap_or_default())
    }

    fn firmware(&self) -> Option<String> {
        self.dmi("bios_version")
    }
}

/// The path of the running program, also after another version has taken its place (proc(5), `exe`).
fn image() -> Option<String> {
    let path = std::env::current_exe().ok()?.display().to_string();
    Some(path.strip_suffix(" (deleted)").unwrap_or(&path).to_owned())
}

/// What firmware states when its maker filled in nothing.
fn is_placeholder(value: &str) -> bool {
    const NOTHING: [&str; 9] = [
        "to be filled by o.e.m.",
        "default string",
        "not specified",
        "not applicable",
        "system serial number",
        "system product name",
        "system manufacturer",
        "none",
        "0",
    ];
    NOTHING
        .iter()
        .any(|nothing| value.eq_ignore_ascii_case(nothing))
}

/// Whether a path of `/sys` leads to a device of the machine.
pub(super) fn has_device(path: &Path) -> bool {
    path.join("device").exists()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn host(files: &[(&str, &str)]) -> (tempfile::TempDir, HostFacts) {
        let root = tempfile::tempdir().expect("a folder");
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, content).expect("a file");
        }
        let facts = HostFacts::under(root.path());
        (root, facts)
    }

    #[test]
    fn a_host_that_tells_nothing_has_no_invented_facts() {
        let (_root, facts) = host(&[]);
        assert_eq!(facts.hardware(), Hardware::default());
        assert_eq!(
            (facts.serial(), facts.host_name(), facts.host_uptime()),
            (None, None, None)
        );
        assert_eq!(
            (facts.memory(), facts.processor_time(), facts.interfaces()),
            (None, None, Vec::new())
        );
        assert_eq!(
            (facts.version().operating_system, facts.version().kernel),
            (None, None)
        );
        let chassis = facts.inventory();
        assert_eq!(chassis.len(), 1);
        assert!(chassis.iter().all(|part| part.name == "Chassis"
            && part.product_id.is_none()
            && part.serial.is_none()));
    }

    #[test]
    fn the_machine_is_what_its_firmware_says() {
        let (_root, facts) = host(&[
            ("sys/class/dmi/id/sys_vendor", "Dell Inc.\n"),
            ("sys/class/dmi/id/product_name", "PowerEdge R640\n"),
            ("sys/class/dmi/id/product_version", "Not Specified\n"),
            ("sys/class/dmi/id/product_serial", "ABC1234\n"),
            (
                "proc/cpuinfo",
                "processor\t: 0\nmodel name\t: Xeon\ncpu MHz\t\t: 2100.000\n",
            ),
            (
                "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq",
                "3700000\n",
            ),
            ("proc/sys/kernel/ostype", "Linux\n"),
            ("proc/sys/kernel/osrelease", "6.1.0\n"),
            (
                "usr/lib/os-release",
                "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
            ),
        ]);
        let hardware = facts.hardware();
        assert_eq!(hardware.vendor.as_deref(), Some("Dell Inc."));
        assert_eq!(hardware.model.as_deref(), Some("PowerEdge R640"));
        assert_eq!(hardware.revision, None);
        assert_eq!(
            (hardware.processor.as_deref(), hardware.processors),
            (Some("Xeon"), Some(1))
        );
        assert_eq!(facts.serial().as_deref(), Some("ABC1234"));
        let version = facts.version();
        assert_eq!(version.kernel.as_deref(), Some("Linux 6.1.0"));
        assert_eq!(
            version.operating_system.as_deref(),
            Some("Debian GNU/Linux 12 (bookworm)")
        );
        let chassis = facts.inventory().into_iter().next().expect("a chassis");
        assert_eq!(chassis.description, "Dell Inc. PowerEdge R640");
        assert_eq!(chassis.product_id.as_deref(), Some("PowerEdge R640"));
        assert_eq!(chassis.serial.as_deref(), Some("ABC1234"));
    }

    #[test]
    fn a_board_names_itself_in_the_device_tree() {
        let (_root, facts) = host(&[
            ("proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0"),
            ("proc/device-tree/serial-number", "10000000abcdef01\0"),
        ]);
        assert_eq!(
            facts.hardware().model.as_deref(),
            Some("Raspberry Pi 4 Model B Rev 1.4")
        );
        assert_eq!(facts.serial().as_deref(), Some("10000000abcdef01"));
    }

    #[test]
    fn what_a_board_maker_did_not_fill_in_is_absent() {
        let (_root, facts) = host(&[
            (
                "sys/class/dmi/id/product_serial",
                "To be filled by O.E.M.\n",
            ),
            ("sys/class/dmi/id/product_name", "Default string\n"),
        ]);
        assert_eq!((facts.serial(), facts.hardware().model), (None, None));
    }

    #[test]
    fn disks_and_adapters_of_the_machine_are_listed_and_virtual_ones_are_not() {
        let (root, facts) = host(&[
            ("sys/block/sda/device/model", "SSD 870  \n"),
            ("sys/block/sda/device/rev", "2B6Q\n"),
            ("sys/block/sda/size", "2097152\n"),
            ("sys/block/loop0/size", "8\n"),
            ("sys/class/net/eth0/device/vendor", "0x8086\n"),
            ("sys/class/net/eth0/device/device", "0x100e\n"),
            ("sys/class/net/br0/address", "52:54:00:12:34:56\n"),
        ]);
        let driver = root.path().join("sys/class/net/eth0/device/driver");
        std::os::unix::fs::symlink("/sys/bus/pci/drivers/e1000", driver).expect("a link");
        let disk = Component {
            name: "sda".to_owned(),
            description: "SSD 870, 1024 MB".to_owned(),
            product_id: Some("SSD 870".to_owned()),
            version_id: Some("2B6Q".to_owned()),
            serial: None,
        };
        let adapter = Component {
            name: "eth0".to_owned(),
            description: "Network adapter, e1000".to_owned(),
            product_id: Some("8086:100e".to_owned()),
            version_id: None,
            serial: None,
        };
        assert_eq!(facts.inventory().get(1..), Some(&[disk, adapter][..]));
    }

    #[test]
    fn the_network_and_the_sensors_are_read_where_the_kernel_states_them() {
        let (_root, facts) = host(&[
            (
                "proc/net/dev",
                "a\nb\neth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
            ),
            (
                "proc/net/snmp",
                "Tcp: ActiveOpens PassiveOpens CurrEstab InSegs OutSegs\nTcp: 1 2 3 4 5\n",
            ),
            ("proc/net/snmp6", "Udp6InDatagrams 6\n"),
            (
                "proc/net/ipv6_route",
                "00000000000000000000000000000001 80 00000000000000000000000000000000 00 \
                 00000000000000000000000000000000 00000000 00000004 00000000 80200001 lo\n",
            ),
            (
                "proc/net/arp",
                "titles\n192.0.2.1 0x1 0x2 02:fc:00:00:00:05 * eth0\n",
            ),
            ("proc/self/status", "VmRSS: 5 kB\n"),
            ("sys/class/dmi/id/bios_version", "2.1.9\n"),
            ("sys/class/hwmon/hwmon0/temp1_input", "41000\n"),
        ]);
        let counters = facts.counters();
        assert!(
            counters
                .iter()
                .all(|of| of.received.bytes == 1 && of.sent.bytes == 9)
        );
        assert_eq!(counters.len(), 1);
        let protocols = facts.protocols().expect("counted");
        assert_eq!((protocols.tcp_established, protocols.udp.received), (3, 6));
        assert_eq!((facts.routes().len(), facts.neighbours().len()), (1, 1));
        assert_eq!(facts.memory_use().resident, Some(5120));
        assert_eq!(facts.firmware().as_deref(), Some("2.1.9"));
        assert_eq!(facts.sensors().temperatures.len(), 1);
    }

    #[test]
    fn this_host_tells_its_uptime_and_its_memory() {
        let facts = HostFacts::new();
        assert!(
            facts
                .host_uptime()
                .is_some_and(|uptime| uptime > Duration::ZERO)
        );
        assert!(
            facts
                .memory()
                .is_some_and(|memory| memory.available <= memory.total)
        );
        assert!(
            facts
                .version()
                .kernel
                .is_some_and(|kernel| kernel.starts_with("Linux "))
        );
    }
}
