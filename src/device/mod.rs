//! Facts about the host this process runs on: identity, hardware, load, interfaces, clock. Everything is read, nothing is
//! invented; what the host does not tell is absent. No configuration is kept and no decision is taken here.

pub mod clock;
pub mod counters;
pub mod fixed;
pub mod health;
pub mod history;
pub mod host;
mod interfaces;
mod inventory;
mod proc;
pub mod routes;
pub mod sensors;
pub mod storage;
pub mod vrf;

pub use fixed::FixedFacts;
pub use host::HostFacts;

use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;

use counters::{Counters, Protocols};
use routes::{Neighbour, Route};
use sensors::Sensors;
use storage::FileSystem;

/// The addresses of one interface of this host, in the kernel's order; none for an interface that it has not.
pub fn addresses_of(interface: &str) -> Vec<IpAddr> {
    let of = interfaces::addresses().into_iter();
    of.filter(|(name, _)| name == interface)
        .map(|(_, address)| address.address)
        .collect()
}

/// What is known about this device. Each call reads anew and takes at most a few milliseconds; callers ask when a command
/// or a report needs it, never per message.
pub trait Facts: Send + Sync {
    /// The running software.
    fn version(&self) -> Version;
    /// The machine it runs on.
    fn hardware(&self) -> Hardware;
    /// The serial number of the chassis (DMI); `None` where the firmware has none or only root may read it.
    fn serial(&self) -> Option<String>;
    /// The parts that can be named, the chassis first.
    fn inventory(&self) -> Vec<Component>;
    /// The network interfaces, in the kernel's order of index.
    fn interfaces(&self) -> Vec<Interface>;
    /// Those with a hardware address: the machine's own, or all where it has none of its own (a container).
    fn ports(&self) -> Vec<Interface> {
        let mut ports = self.interfaces();
        ports.retain(|interface| interface.mac.is_some());
        if ports.iter().any(|interface| interface.physical) {
            ports.retain(|interface| interface.physical);
        }
        ports
    }
    fn memory(&self) -> Option<Memory>;
    /// Processor time since the host's start; two readings make a load.
    fn processor_time(&self) -> Option<ProcessorTime>;
    /// Since the host was started; the process's own uptime is the clock's `monotonic`.
    fn host_uptime(&self) -> Option<Duration>;
    /// What the host calls itself; the configured `hostname` is another matter.
    fn host_name(&self) -> Option<String>;
    /// Memory by what it is used for, and this process's own.
    fn memory_use(&self) -> MemoryUse;
    /// Temperatures, fans, power supplies.
    fn sensors(&self) -> Sensors;
    /// Those on the machine's own disks.
    fn file_systems(&self) -> Vec<FileSystem>;
    /// Of each interface, in the kernel's order; at most [`history::MOST_INTERFACES`].
    fn counters(&self) -> Vec<Counters>;
    /// `None` where the kernel does not count.
    fn protocols(&self) -> Option<Protocols>;
    /// The main tables, IPv4 first, in the kernel's order.
    fn routes(&self) -> Vec<Route>;
    /// Hosts that the kernel knows on its links (IPv4).
    fn neighbours(&self) -> Vec<Neighbour>;
    /// The firmware's version (DMI).
    fn firmware(&self) -> Option<String>;
}

/// The software, as `show version` and call-home messages state it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// `Watchfire`.
    pub product: String,
    /// `0.1.0`.
    pub version: String,
    /// The path of the running program.
    pub image: Option<String>,
    /// The distribution's own name for itself, `PRETTY_NAME` of os-release(5).
    pub operating_system: Option<String>,
    /// The kernel's name and release, `Linux 6.1.0`.
    pub kernel: Option<String>,
    /// `x86_64`, `aarch64`: what the program was built for.
    pub architecture: String,
}

/// The machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hardware {
    /// Who made it (DMI `sys_vendor`).
    pub vendor: Option<String>,
    /// Its model (DMI `product_name`, or the device tree's `model`).
    pub model: Option<String>,
    /// DMI `product_version`.
    pub revision: Option<String>,
    /// As the processor names itself.
    pub processor: Option<String>,
    /// Logical processors that are online.
    pub processors: Option<u32>,
    /// The highest clock of the first processor, or the only one it has; `None` where the present one is all that is told.
    pub processor_mhz: Option<u32>,
}

/// One part of the machine, one entry of `show inventory`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Component {
    /// `Chassis`, `vda`, `eth0`: unique among the components.
    pub name: String,
    pub description: String,
    pub product_id: Option<String>,
    pub version_id: Option<String>,
    pub serial: Option<String>,
}

/// One network interface of the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// The kernel's index, from 1.
    pub index: u32,
    pub name: String,
    pub mac: Option<MacAddress>,
    pub state: LinkState,
    /// Administratively up.
    pub enabled: bool,
    /// Octets.
    pub mtu: Option<u32>,
    /// Mbit/s, where the driver knows it.
    pub speed: Option<u32>,
    /// The interrupt line of its device, where it has one of its own.
    pub irq: Option<u32>,
    /// Belongs to a device of the machine, not only to the kernel (a bridge, a tunnel, the loopback).
    pub physical: bool,
    /// `full` or `half`, where a link is there and its driver knows.
    pub duplex: Option<Duplex>,
    /// Of its device, `virtio_net`.
    pub driver: Option<String>,
    /// With the length of the prefix.
    pub addresses: Vec<Address>,
}

/// Whether both ends may send at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplex {
    Full,
    Half,
}

/// An address with the length of its network's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Address {
    pub address: IpAddr,
    /// 0 to 32 or 128.
    pub prefix: u8,
}

/// RFC 2863 `ifOperStatus`, as the kernel reports it. An interface without carrier detection (the loopback) is `Unknown`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    Up,
    Down,
    Dormant,
    Testing,
    LowerLayerDown,
    NotPresent,
    #[default]
    Unknown,
}

/// Six octets; `Display` writes them as devices do, `5254.0012.3456`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MacAddress(pub [u8; 6]);

/// Bytes, as of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Memory {
    pub total: u64,
    pub free: u64,
    /// What could be given to programs without swapping, the kernel's own estimate.
    pub available: u64,
}

/// Bytes; what the kernel does not state is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MemoryUse {
    pub buffers: Option<u64>,
    /// Of files; given up when programs want it.
    pub cached: Option<u64>,
    /// The kernel's own.
    pub slab: Option<u64>,
    pub shared: Option<u64>,
    pub swap_total: Option<u64>,
    pub swap_free: Option<u64>,
    /// This process: what it has in memory now, and the most it ever had.
    pub resident: Option<u64>,
    pub most_resident: Option<u64>,
}

/// Ticks of all processors together; only the ratio of two differences means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProcessorTime {
    pub busy: u64,
    pub total: u64,
}

impl ProcessorTime {
    /// Percent busy between an earlier reading and this one; `None` when no time has passed.
    pub fn load_since(self, earlier: Self) -> Option<u8> {
        let total = self
            .total
            .checked_sub(earlier.total)
            .filter(|total| *total > 0)?;
        let busy = self.busy.saturating_sub(earlier.busy).min(total);
        u8::try_from(u128::from(busy) * 100 / u128::from(total)).ok()
    }
}

impl Memory {
    /// Percent in use: what is not available.
    pub fn used_percent(self) -> u8 {
        let used = self.total.saturating_sub(self.available);
        u8::try_from(u128::from(used) * 100 / u128::from(self.total.max(1))).unwrap_or(100)
    }
}

impl std::fmt::Display for MacAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}{b:02x}.{c:02x}{d:02x}.{e:02x}{g:02x}")
    }
}

impl Serialize for MacAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}
