//! What watches the machine itself: temperatures, fans, power supplies, as the drivers state them under `/sys/class` (kernel
//! documentation: hwmon sysfs interface, thermal, power_supply). A machine without sensors, a virtual one, has none.
//! Thresholds of an operator are not known here.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::proc::value;

/// Every sensor that the kernel knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sensors {
    pub temperatures: Vec<Temperature>,
    pub fans: Vec<Fan>,
    pub power_supplies: Vec<PowerSupply>,
}

/// How a part is, by its own sensor and the limits of its driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Ok,
    /// The sensor tells nothing now.
    Unknown,
    /// A fan at rest, as most are that nobody has connected.
    Stopped,
    /// A power supply without input.
    Off,
    /// Beyond the limit for regular work.
    Warning,
    /// Beyond the limit that protects the machine.
    Critical,
    /// The sensor or the part says that it is broken.
    Failed,
}

/// One temperature. Thousandths of a degree Celsius.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Temperature {
    /// Chip and label, `coretemp Package id 0`.
    pub name: String,
    pub millidegrees: Option<i32>,
    /// For regular work.
    pub maximum: Option<i32>,
    pub critical: Option<i32>,
    pub fault: bool,
}

/// One fan. Turns a minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fan {
    pub name: String,
    pub rpm: Option<u32>,
    pub minimum: Option<u32>,
    /// The chip's own alarm.
    pub alarm: bool,
    pub fault: bool,
}

/// One supply: the mains, a battery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PowerSupply {
    pub name: String,
    /// `Mains`, `Battery`, `UPS`, `USB`, as the kernel says.
    pub kind: Option<String>,
    /// Of what takes power from outside.
    pub online: Option<bool>,
    /// Of a battery: `Charging`, `Discharging`, `Full`.
    pub status: Option<String>,
    /// Of a battery: percent.
    pub capacity: Option<u8>,
    /// Of a battery: `Good`, `Overheat`, `Dead`.
    pub health: Option<String>,
}

impl Temperature {
    pub fn condition(&self) -> Condition {
        let beyond = |limit: Option<i32>| {
            self.millidegrees
                .zip(limit)
                .is_some_and(|(now, limit)| now >= limit)
        };
        match self.millidegrees {
            _ if self.fault => Condition::Failed,
            None => Condition::Unknown,
            Some(_) if beyond(self.critical) => Condition::Critical,
            Some(_) if beyond(self.maximum) => Condition::Warning,
            Some(_) => Condition::Ok,
        }
    }
}

impl Fan {
    pub fn condition(&self) -> Condition {
        let is_slow = self
            .rpm
            .zip(self.minimum)
            .is_some_and(|(now, least)| now < least);
        match self.rpm {
            _ if self.fault => Condition::Failed,
            _ if self.alarm || is_slow => Condition::Critical,
            None => Condition::Unknown,
            Some(0) => Condition::Stopped,
            Some(_) => Condition::Ok,
        }
    }
}

impl PowerSupply {
    pub fn condition(&self) -> Condition {
        match (self.health.as_deref(), self.online) {
            (Some(health), _) if !matches!(health, "Good" | "Unknown") => Condition::Failed,
            (_, Some(false)) => Condition::Off,
            (None, None) if self.status.is_none() => Condition::Unknown,
            _ => Condition::Ok,
        }
    }
}

/// Everything under `root`, `/` of the host. The kernel mirrors most thermal zones as chips, so they count alone where no
/// chip measures a temperature.
pub(super) fn read(root: &Path) -> Sensors {
    let mut sensors = Sensors::default();
    for chip in entries(&root.join("sys/class/hwmon"), "hwmon") {
        read_chip(&chip, &mut sensors);
    }
    if sensors.temperatures.is_empty() {
        let zones = entries(&root.join("sys/class/thermal"), "thermal_zone");
        sensors.temperatures = zones.iter().filter_map(|zone| read_zone(zone)).collect();
    }
    let supplies = entries(&root.join("sys/class/power_supply"), "");
    sensors.power_supplies = supplies.iter().map(|supply| read_supply(supply)).collect();
    sensors
}

/// The entries of a class whose names begin with `prefix`, by the numbers behind it.
fn entries(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(Option<u32>, PathBuf)> = listed
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some((name.strip_prefix(prefix)?.parse().ok(), entry.path()))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

fn read_chip(chip: &Path, sensors: &mut Sensors) {
    let kind = value(&chip.join("name"));
    let kind = kind.as_deref().unwrap_or("sensor");
    for (place, number) in inputs(chip) {
        let at = |attribute: &str| chip.join(format!("{place}{number}_{attribute}"));
        let label = value(&at("label")).unwrap_or_else(|| format!("{place}{number}"));
        let name = format!("{kind} {label}");
        let is_set = |attribute: &str| value(&at(attribute)).is_some_and(|flag| flag != "0");
        if place == "temp" {
            let critical = limit(&at("crit")).or_else(|| limit(&at("emergency")));
            sensors.temperatures.push(Temperature {
                name,
                millidegrees: number_in(&at("input")),
                maximum: limit(&at("max"))
                    .filter(|most| critical.is_none_or(|limit| *most < limit)),
                critical,
                fault: is_set("fault"),
            });
        } else {
            sensors.fans.push(Fan {
                name,
                rpm: number_in(&at("input")),
                minimum: number_in(&at("min")).filter(|least| *least > 0),
                alarm: is_set("alarm") || is_set("min_alarm"),
                fault: is_set("fault"),
            });
        }
    }
}

/// Kind and number of each `tempN_input` and `fanN_input`, temperatures last, by number.
fn inputs(chip: &Path) -> Vec<(&'static str, u32)> {
    let listed = std::fs::read_dir(chip).into_iter().flatten().flatten();
    let mut found: Vec<_> = listed
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let input = name.strip_suffix("_input")?;
            ["fan", "temp"]
                .into_iter()
                .find_map(|kind| Some((kind, input.strip_prefix(kind)?.parse().ok()?)))
        })
        .collect();
    found.sort_unstable();
    found
}

fn read_zone(zone: &Path) -> Option<Temperature> {
    let name = zone.file_name()?.to_str()?;
    let critical = (0..12).find_map(|trip| {
        let kind = value(&zone.join(format!("trip_point_{trip}_type")))?;
        (kind == "critical").then(|| limit(&zone.join(format!("trip_point_{trip}_temp"))))?
    });
    Some(Temperature {
        name: match value(&zone.join("type")) {
            Some(kind) => format!("{kind} {name}"),
            None => name.to_owned(),
        },
        millidegrees: number_in(&zone.join("temp")),
        maximum: None,
        critical,
        fault: false,
    })
}

fn read_supply(supply: &Path) -> PowerSupply {
    PowerSupply {
        name: supply
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        kind: value(&supply.join("type")),
        online: value(&supply.join("online")).map(|online| online != "0"),
        status: value(&supply.join("status")),
        capacity: number_in(&supply.join("capacity")),
        health: value(&supply.join("health")),
    }
}

fn number_in<T: std::str::FromStr>(file: &Path) -> Option<T> {
    value(file)?.parse().ok()
}

/// A limit that somebody set: drivers state 0 or less where there is none.
fn limit(file: &Path) -> Option<i32> {
    number_in(file).filter(|limit| *limit > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for (path, content) in files {
            let path = root.path().join("sys/class").join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, content).expect("a file");
        }
        root
    }

    #[test]
    fn a_machine_without_sensors_has_none() {
        assert_eq!(read(Path::new("/nonexistent")), Sensors::default());
    }

    #[test]
    fn chips_state_temperatures_with_their_limits_and_fans_with_their_alarms() {
        let root = host(&[
            ("hwmon/hwmon10/name", "nct6775\n"),
            ("hwmon/hwmon10/fan2_input", "0\n"),
            ("hwmon/hwmon10/fan1_input", "1200\n"),
            ("hwmon/hwmon10/fan1_min", "600\n"),
            ("hwmon/hwmon10/fan1_alarm", "0\n"),
            ("hwmon/hwmon2/name", "coretemp\n"),
            ("hwmon/hwmon2/temp1_input", "91000\n"),
            ("hwmon/hwmon2/temp1_label", "Package id 0\n"),
            ("hwmon/hwmon2/temp1_max", "86000\n"),
            ("hwmon/hwmon2/temp1_crit", "96000\n"),
            ("hwmon/hwmon2/temp10_input", "-5000\n"),
            ("hwmon/hwmon2/temp2_input", "40000\n"),
            ("hwmon/hwmon2/temp2_max", "100000\n"),
            ("hwmon/hwmon2/temp2_crit", "100000\n"),
            ("hwmon/hwmon2/temp3_input", "0\n"),
            ("hwmon/hwmon2/temp3_fault", "1\n"),
            ("thermal/thermal_zone0/temp", "50000\n"),
        ]);
        let sensors = read(root.path());
        let told: Vec<_> = sensors
            .temperatures
            .iter()
            .map(|t| {
                (
                    &*t.name,
                    t.millidegrees,
                    t.maximum,
                    t.critical,
                    t.condition(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (
                    "coretemp Package id 0",
                    Some(91_000),
                    Some(86_000),
                    Some(96_000),
                    Condition::Warning
                ),
                (
                    "coretemp temp2",
                    Some(40_000),
                    None,
                    Some(100_000),
                    Condition::Ok
                ),
                ("coretemp temp3", Some(0), None, None, Condition::Failed),
                ("coretemp temp10", Some(-5_000), None, None, Condition::Ok),
            ]
        );
        let fans: Vec<_> = sensors
            .fans
            .iter()
            .map(|fan| (&*fan.name, fan.rpm, fan.condition()))
            .collect();
        assert_eq!(
            fans,
            [
                ("nct6775 fan1", Some(1200), Condition::Ok),
                ("nct6775 fan2", Some(0), Condition::Stopped),
            ]
        );
    }

    #[test]
    fn a_fan_below_its_least_speed_or_with_an_alarm_is_critical() {
        let fan = |rpm, alarm, fault| Fan {
            rpm,
            minimum: Some(600),
            alarm,
            fault,
            ..Fan::default()
        };
        assert_eq!(
            fan(Some(599), false, false).condition(),
            Condition::Critical
        );
        assert_eq!(fan(Some(0), false, false).condition(), Condition::Critical);
        assert_eq!(fan(Some(700), true, false).condition(), Condition::Critical);
        assert_eq!(fan(None, false, true).condition(), Condition::Failed);
        assert_eq!(fan(None, false, false).condition(), Condition::Unknown);
    }

    #[test]
    fn thermal_zones_count_where_no_chip_measures() {
        let root = host(&[
            ("thermal/cooling_device0/type", "Processor\n"),
            ("thermal/thermal_zone1/type", "x86_pkg_temp\n"),
            ("thermal/thermal_zone1/temp", "45500\n"),
            ("thermal/thermal_zone1/trip_point_0_type", "passive\n"),
            ("thermal/thermal_zone1/trip_point_0_temp", "80000\n"),
            ("thermal/thermal_zone1/trip_point_1_type", "critical\n"),
            ("thermal/thermal_zone1/trip_point_1_temp", "95000\n"),
        ]);
        let expected = Temperature {
            name: "x86_pkg_temp thermal_zone1".to_owned(),
            millidegrees: Some(45_500),
            maximum: None,
            critical: Some(95_000),
            fault: false,
        };
        assert_eq!(read(root.path()).temperatures, [expected]);
    }

    #[test]
    fn supplies_say_whether_they_have_input() {
        let root = host(&[
            ("power_supply/AC/type", "Mains\n"),
            ("power_supply/AC/online", "0\n"),
            ("power_supply/BAT0/type", "Battery\n"),
            ("power_supply/BAT0/status", "Discharging\n"),
            ("power_supply/BAT0/capacity", "57\n"),
            ("power_supply/BAT1/type", "Battery\n"),
            ("power_supply/BAT1/health", "Dead\n"),
        ]);
        let told: Vec<_> = read(root.path())
            .power_supplies
            .into_iter()
            .map(|supply| (supply.condition(), supply.name, supply.capacity))
            .collect();
        assert_eq!(
            told,
            [
                (Condition::Off, "AC".to_owned(), None),
                (Condition::Ok, "BAT0".to_owned(), Some(57)),
                (Condition::Failed, "BAT1".to_owned(), None),
            ]
        );
    }
}
