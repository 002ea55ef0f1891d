//! `show traffic`: octets and packets of each interface since they were cleared, and their rates.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::interface::{nameif, write_rates};
use crate::config::interfaces::Interfaces;
use crate::device::counters::Direction;
use crate::device::history::{InterfaceTraffic, Traffic};

/// `show traffic`. JSON: `seconds` that the totals count over, null where the host does not tell its age, and `interfaces`.
#[derive(Debug, Serialize)]
pub struct View {
    pub seconds: Option<f64>,
    pub interfaces: Vec<Shown>,
}

#[derive(Debug, Serialize)]
pub struct Shown {
    pub nameif: Option<String>,
    #[serde(flatten)]
    pub traffic: InterfaceTraffic,
}

pub fn view(configured: &Interfaces, traffic: Traffic) -> View {
    let shown = |traffic: InterfaceTraffic| Shown {
        nameif: nameif(configured, &traffic.counters.interface),
        traffic,
    };
    View {
        seconds: traffic.since.map(|since| since.as_secs_f64()),
        interfaces: traffic.interfaces.into_iter().map(shown).collect(),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.interfaces.is_empty() {
            return writeln!(f, "Traffic is not counted by this host");
        }
        let named: Vec<_> = self
            .interfaces
            .iter()
            .filter_map(|shown| Some((shown.nameif.as_deref()?, shown)))
            .collect();
        for (name, shown) in &named {
            self.write(f, name, shown)?;
            writeln!(f)?;
        }
        writeln!(f, "----------------------------------------")?;
        writeln!(f, "Aggregated Traffic on Physical Interface")?;
        writeln!(f, "----------------------------------------")?;
        for shown in &self.interfaces {
            self.write(f, &shown.traffic.counters.interface, shown)?;
        }
        Ok(())
    }
}

impl View {
    fn write(&self, f: &mut fmt::Formatter<'_>, name: &str, shown: &Shown) -> fmt::Result {
        let counters = &shown.traffic.counters;
        writeln!(f, "{name}:")?;
        self.write_way(f, "received", counters.received)?;
        self.write_way(f, "transmitted", counters.sent)?;
        write_rates(f, 1, shown.traffic.one_minute)?;
        write_rates(f, 5, shown.traffic.five_minutes)
    }

    fn write_way(&self, f: &mut fmt::Formatter<'_>, word: &str, way: Direction) -> fmt::Result {
        match self.seconds {
            Some(seconds) => writeln!(f, "\t{word} (in {seconds:.3} secs):")?,
            None => writeln!(f, "\t{word}:")?,
        }
        writeln!(f, "\t\t{} packets\t{} bytes", way.packets, way.bytes)?;
        match self
            .seconds
            .filter(|seconds| *seconds >= MOMENT.as_secs_f64())
        {
            Some(seconds) => {
                let a_second = |count: u64| count as f64 / seconds;
                let (packets, bytes) = (a_second(way.packets), a_second(way.bytes));
                writeln!(f, "\t\t{packets:.0} pkts/sec\t{bytes:.0} bytes/sec")
            }
            None => Ok(()),
        }
    }
}

/// A rate over less would say nothing.
const MOMENT: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::interfaces::Interface;
    use crate::device::counters::Counters;
    use crate::device::history::Rates;

    fn traffic(since: Option<Duration>) -> Traffic {
        let of = |interface: &str, one_minute| InterfaceTraffic {
            counters: Counters {
                interface: interface.to_owned(),
                received: Direction {
                    packets: 2048,
                    bytes: 204_295,
                    ..Direction::default()
                },
                sent: Direction {
                    packets: 1024,
                    bytes: 102_040,
                    ..Direction::default()
                },
                ..Counters::default()
            },
            one_minute,
            five_minutes: None,
        };
        let rates = Rates {
            received_packets: 20,
            received_bytes: 2001,
            sent_packets: 10,
            sent_bytes: 1000,
            dropped: 1,
        };
        Traffic {
            since,
            interfaces: vec![of("eth0", Some(rates)), of("eth1", None)],
            ..Traffic::default()
        }
    }

    #[test]
    fn named_interfaces_come_first_and_all_of_them_follow() {
        let mut configured = Interfaces::default();
        let interface = Interface {
            nameif: Some("outside".into()),
            security_level: Some(0),
        };
        configured.by_name.insert("eth0".into(), interface);
        let view = view(&configured, traffic(Some(Duration::from_millis(102_080))));
        let text = view.to_string();
        let expected = "\
outside:
\treceived (in 102.080 secs):
\t\t2048 packets\t204295 bytes
\t\t20 pkts/sec\t2001 bytes/sec
\ttransmitted (in 102.080 secs):
\t\t1024 packets\t102040 bytes
\t\t10 pkts/sec\t1000 bytes/sec
      1 minute input rate 20 pkts/sec,  2001 bytes/sec
      1 minute output rate 10 pkts/sec,  1000 bytes/sec
      1 minute drop rate, 1 pkts/sec

----------------------------------------
Aggregated Traffic on Physical Interface
----------------------------------------
eth0:
\treceived (in 102.080 secs):
";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("\neth1:\n"));
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json["interfaces"][0]["nameif"], "outside");
        assert_eq!(json["interfaces"][1]["counters"]["sent"]["packets"], 1024);
    }

    #[test]
    fn no_rate_is_told_over_no_time() {
        for since in [None, Some(Duration::ZERO)] {
            let text = view(&Interfaces::default(), traffic(since)).to_string();
            assert!(!text.contains("\t\t20 pkts/sec"), "{text}");
        }
        assert_eq!(
            view(&Interfaces::default(), Traffic::default()).to_string(),
            "Traffic is not counted by this host\n"
        );
    }
}
