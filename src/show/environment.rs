//! `show environment`: fans, power supplies, temperatures and file systems, each with the state that its own limits give. A
//! machine without sensors says so in place of each of them.

use std::fmt;

use serde::Serialize;

use crate::device::Facts;
use crate::device::sensors::{Condition, Fan, PowerSupply, Sensors, Temperature};
use crate::device::storage::FileSystem;

/// `show environment`. JSON: `fans`, `power_supplies`, `temperatures` (thousandths of a degree Celsius) and `file_systems`
/// (bytes), each entry with what it reads and its `condition`.
#[derive(Debug, Serialize)]
pub struct View {
    pub fans: Vec<Judged<Fan>>,
    pub power_supplies: Vec<Judged<PowerSupply>>,
    pub temperatures: Vec<Judged<Temperature>>,
    pub file_systems: Vec<Filled>,
}

#[derive(Debug, Serialize)]
pub struct Judged<T> {
    #[serde(flatten)]
    pub of: T,
    pub condition: Condition,
}

#[derive(Debug, Serialize)]
pub struct Filled {
    #[serde(flatten)]
    pub of: FileSystem,
    pub used_percent: u8,
}

pub fn view(facts: &dyn Facts) -> View {
    let Sensors {
        temperatures,
        fans,
        power_supplies,
    } = facts.sensors();
    let filled = |of: FileSystem| Filled {
        used_percent: of.used_percent(),
        of,
    };
    View {
        fans: judged(fans, Fan::condition),
        power_supplies: judged(power_supplies, PowerSupply::condition),
        temperatures: judged(temperatures, Temperature::condition),
        file_systems: facts.file_systems().into_iter().map(filled).collect(),
    }
}

fn judged<T>(all: Vec<T>, judge: impl Fn(&T) -> Condition) -> Vec<Judged<T>> {
    all.into_iter()
        .map(|of| Judged {
            condition: judge(&of),
            of,
        })
        .collect()
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        section(f, "Cooling Fans:", &self.fans, |f, fan| {
            match fan.of.rpm {
                Some(rpm) => write!(f, "{}: {rpm} RPM", fan.of.name)?,
                None => write!(f, "{}: N/A", fan.of.name)?,
            }
            writeln!(f, " - {}", word(fan.condition))
        })?;
        writeln!(f)?;
        section(f, "Power Supplies:", &self.power_supplies, |f, supply| {
            let of = &supply.of;
            let told = [of.kind.clone(), of.status.clone()].into_iter().flatten();
            let charge = of.capacity.map(|percent| format!("{percent}%"));
            let told: Vec<_> = told.chain(charge).collect();
            let told = if told.is_empty() {
                "N/A".to_owned()
            } else {
                told.join(", ")
            };
            writeln!(f, "{}: {told} - {}", of.name, word(supply.condition))
        })?;
        writeln!(f)?;
        section(f, "Temperature:", &self.temperatures, |f, temperature| {
            let of = &temperature.of;
            match of.millidegrees {
                Some(now) => write!(f, "{}: {} C", of.name, Degrees(now))?,
                None => write!(f, "{}: N/A", of.name)?,
            }
            write!(f, " - {}", word(temperature.condition))?;
            match of.critical {
                Some(limit) => writeln!(f, " (critical at {} C)", Degrees(limit)),
                None => writeln!(f),
            }
        })?;
        writeln!(f)?;
        section(f, "File Systems:", &self.file_systems, |f, filled| {
            let (of, percent) = (&filled.of, filled.used_percent);
            let total = of.total >> 20;
            writeln!(f, "{}: {percent}% of {total} MB in use", of.mounted_on)
        })
    }
}

const RULER: &str = "-----------------------------------";

fn section<T>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    all: &[T],
    each: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    writeln!(f, "{title}\n{RULER}")?;
    if all.is_empty() {
        return writeln!(f, "   None reported by this host");
    }
    all.iter().try_for_each(|one| {
        f.write_str("   ")?;
        each(f, one)
    })
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Ok => "OK",
        Condition::Unknown => "Unknown",
        Condition::Stopped => "Stopped",
        Condition::Off => "No Input",
        Condition::Warning => "Warning",
        Condition::Critical => "Critical",
        Condition::Failed => "Failure Detected",
    }
}

/// Thousandths with one decimal.
struct Degrees(i32);

impl fmt::Display for Degrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let tenths = (self.0.unsigned_abs() + 50) / 100;
        write!(f, "{sign}{}.{}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::FixedFacts;

    #[test]
    fn a_machine_without_sensors_says_so() {
        let text = view(&FixedFacts::default()).to_string();
        assert_eq!(text.matches("   None reported by this host\n").count(), 4);
        assert!(text.starts_with("Cooling Fans:\n-----------------------------------\n"));
    }

    #[test]
    fn each_part_has_its_reading_and_its_state() {
        let facts = FixedFacts {
            sensors: Sensors {
                temperatures: vec![
                    Temperature {
                        name: "coretemp Package id 0".to_owned(),
                        millidegrees: Some(91_250),
                        maximum: Some(86_000),
                        critical: Some(96_000),
                        fault: false,
                    },
                    Temperature {
                        name: "outside temp1".to_owned(),
                        millidegrees: Some(-550),
                        ..Temperature::default()
                    },
                ],
                fans: vec![
                    Fan {
                        name: "nct6775 fan1".to_owned(),
                        rpm: Some(5888),
                        ..Fan::default()
                    },
                    Fan {
                        name: "nct6775 fan2".to_owned(),
                        fault: true,
                        ..Fan::default()
                    },
                ],
                power_supplies: vec![PowerSupply {
                    name: "BAT0".to_owned(),
                    kind: Some("Battery".to_owned()),
                    status: Some("Discharging".to_owned()),
                    capacity: Some(57),
                    ..PowerSupply::default()
                }],
            },
            file_systems: vec![FileSystem {
                mounted_on: "/".to_owned(),
                total: 20 << 30,
                used: 9,
                available: 11,
                ..FileSystem::default()
            }],
            ..FixedFacts::default()
        };
        let view = view(&facts);
        let expected = "\
Cooling Fans:
-----------------------------------
   nct6775 fan1: 5888 RPM - OK
   nct6775 fan2: N/A - Failure Detected

Power Supplies:
-----------------------------------
   BAT0: Battery, Discharging, 57% - OK

Temperature:
-----------------------------------
   coretemp Package id 0: 91.3 C - Warning (critical at 96.0 C)
   outside temp1: -0.6 C - OK

File Systems:
-----------------------------------
   /: 45% of 20480 MB in use
";
        assert_eq!(view.to_string(), expected);
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json["temperatures"][0]["condition"], "warning");
        assert_eq!(json["file_systems"][0]["used_percent"], 45);
    }
}
