//! The parts of the machine that have a name: chassis, disks, network adapters. Only what the kernel states is said; a part
//! without a model is described by its kind.

use std::path::Path;

use super::host::has_device;
use super::proc::value;
use super::{Component, Hardware};

/// The chassis first, then disks, then network adapters, each by name.
pub(super) fn components(
    root: &Path,
    hardware: &Hardware,
    serial: Option<String>,
) -> Vec<Component> {
    let mut parts = vec![chassis(hardware, serial)];
    parts.extend(devices(&root.join("sys/block")).map(|(name, path)| disk(name, &path)));
    parts.extend(devices(&root.join("sys/class/net")).map(|(name, path)| adapter(name, &path)));
    parts
}

fn chassis(hardware: &Hardware, serial: Option<String>) -> Component {
    let kind = [hardware.vendor.as_deref(), hardware.model.as_deref()];
    let description = kind.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Component {
        name: "Chassis".to_owned(),
        description: if description.is_empty() {
            format!("{} host", std::env::consts::ARCH)
        } else {
            description
        },
        product_id: hardware.model.clone(),
        version_id: hardware.revision.clone(),
        serial,
    }
}

/// The entries of a class that belong to a device of the machine, sorted by name: no loop devices, no bridges.
fn devices(folder: &Path) -> impl Iterator<Item = (String, std::path::PathBuf)> + use<> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .filter(|(_, path)| has_device(path))
        .collect();
    found.sort();
    found.into_iter()
}

fn disk(name: String, path: &Path) -> Component {
    let model = value(&path.join("device/model"));
    // The kernel counts 512-octet sectors, whatever the disk's own are.
    let size =
        value(&path.join("size")).and_then(|sectors| sectors.parse::<u64>().ok()?.checked_mul(512));
    let size = size
        .filter(|size| *size > 0)
        .map(|size| format!(", {} MB", size >> 20))
        .unwrap_or_default();
    Component {
        name,
        description: format!("{}{size}", model.as_deref().unwrap_or("Disk")),
        version_id: value(&path.join("device/rev"))
            .or_else(|| value(&path.join("device/firmware_rev"))),
        serial: value(&path.join("device/serial")).or_else(|| value(&path.join("serial"))),
        product_id: model,
    }
}

fn adapter(name: String, path: &Path) -> Component {
    let ids = value(&path.join("device/vendor")).zip(value(&path.join("device/device")));
    let ids = ids.map(|(vendor, device)| {
        format!(
            "{}:{}",
            vendor.trim_start_matches("0x"),
            device.trim_start_matches("0x")
        )
    });
    let driver = std::fs::read_link(path.join("device/driver")).ok();
    let driver = driver
        .as_deref()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    Component {
        name,
        description: driver.map_or_else(
            || "Network adapter".to_owned(),
            |driver| format!("Network adapter, {driver}"),
        ),
        product_id: ids,
        version_id: None,
        serial: None,
    }
}
