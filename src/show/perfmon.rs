//! `show perfmon [detail]` and `show threat-detection statistics protocol`: what the host's protocols do a second. Rows of
//! functions that are not here (translation, URL filters, fixups, AAA) are left out.

use std::fmt;

use serde::Serialize;

use crate::device::counters::Protocols;
use crate::device::history::ProtocolTraffic;

/// `show perfmon`. JSON: `total` since the start of the host, `current`, `one_minute`, `five_minutes` and `average` a second;
/// null before there are readings, and all of it null where the host does not count.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct View {
    pub protocols: Option<ProtocolTraffic>,
    #[serde(skip)]
    detail: bool,
}

pub fn view(protocols: Option<ProtocolTraffic>, detail: bool) -> View {
    View { protocols, detail }
}

const UNCOUNTED: &str = "Connections are not counted by this host";

/// One of the figures.
type Counted = fn(&Protocols) -> u64;

fn connections(rates: &Protocols) -> u64 {
    rates.tcp_opened.saturating_add(rates.tcp_accepted)
}

/// `7/s`.
fn a_second(rates: Option<Protocols>, of: impl Fn(&Protocols) -> u64) -> String {
    rates.map_or_else(|| "n/a".to_owned(), |rates| format!("{}/s", of(&rates)))
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(told) = self.protocols else {
            return writeln!(f, "{UNCOUNTED}");
        };
        writeln!(f, "PERFMON STATS:                     Current      Average")?;
        let rows: [(&str, Counted); 6] = [
            ("Connections", connections),
            ("TCP Conns", connections),
            ("TCP Conns Opened", |rates| rates.tcp_opened),
            ("TCP Conns Accepted", |rates| rates.tcp_accepted),
            ("UDP Datagrams Received", |rates| rates.udp.received),
            ("UDP Datagrams Sent", |rates| rates.udp.sent),
        ];
        for (title, of) in rows {
            let (current, average) = (a_second(told.current, of), a_second(told.average, of));
            writeln!(f, "{title:<34}{current:>8}{average:>13}")?;
        }
        if !self.detail {
            return Ok(());
        }
        writeln!(f)?;
        writeln!(f, "SETUP RATES:")?;
        for title in ["Connections", "TCP Conns"] {
            let (one, five) = (
                a_second(told.one_minute, connections),
                a_second(told.five_minutes, connections),
            );
            writeln!(f, "{title} for 1 minute = {one}; 5 minutes = {five}")?;
        }
        Ok(())
    }
}

/// `show threat-detection statistics protocol`, the same figures by protocol. JSON as above.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ByProtocol {
    pub protocols: Option<ProtocolTraffic>,
}

pub fn by_protocol(protocols: Option<ProtocolTraffic>) -> ByProtocol {
    ByProtocol { protocols }
}

impl fmt::Display for ByProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(told) = self.protocols else {
            return writeln!(f, "{UNCOUNTED}");
        };
        writeln!(
            f,
            "                          Average(eps)    Current(eps) Trigger      Total events"
        )?;
        let rows: [(&str, [Counted; 2]); 3] = [
            ("ICMP", [|p| p.icmp.sent, |p| p.icmp.received]),
            ("TCP", [|p| p.tcp.sent, |p| p.tcp.received]),
            ("UDP", [|p| p.udp.sent, |p| p.udp.received]),
        ];
        for (protocol, ways) in rows {
            writeln!(f, "{protocol}:")?;
            for (title, of) in ["Sent pkts:", "Recv pkts:"].into_iter().zip(ways) {
                let rate = |rates: Option<Protocols>| {
                    rates.map_or_else(|| "n/a".to_owned(), |rates| of(&rates).to_string())
                };
                writeln!(
                    f,
                    "  5-min  {title:<11}{:>18}{:>16}{:>8}{:>18}",
                    rate(told.five_minutes),
                    rate(told.current),
                    "n/a",
                    of(&told.total)
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::counters::Exchanged;

    fn told() -> ProtocolTraffic {
        let rates = |factor: u64| Protocols {
            tcp_opened: factor,
            tcp_accepted: 2 * factor,
            udp: Exchanged {
                received: 3 * factor,
                sent: 4 * factor,
            },
            ..Protocols::default()
        };
        ProtocolTraffic {
            total: rates(1000),
            current: Some(rates(1)),
            one_minute: Some(rates(10)),
            five_minutes: None,
            average: Some(rates(100)),
        }
    }

    #[test]
    fn the_rows_are_those_that_have_a_meaning_here() {
        let expected = "\
PERFMON STATS:                     Current      Average
Connections                            3/s        300/s
TCP Conns                              3/s        300/s
TCP Conns Opened                       1/s        100/s
TCP Conns Accepted                     2/s        200/s
UDP Datagrams Received                 3/s        300/s
UDP Datagrams Sent                     4/s        400/s

SETUP RATES:
Connections for 1 minute = 30/s; 5 minutes = n/a
TCP Conns for 1 minute = 30/s; 5 minutes = n/a
";
        assert_eq!(view(Some(told()), true).to_string(), expected);
        let brief = view(Some(told()), false).to_string();
        assert!(expected.starts_with(&brief) && !brief.contains("SETUP"));
    }

    #[test]
    fn the_statistics_of_protocols_have_the_titles_of_a_device() {
        let text = by_protocol(Some(told())).to_string();
        let udp = text.split("UDP:\n").nth(1).expect("a part for UDP");
        let words: Vec<Vec<&str>> = udp
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            words,
            [
                vec!["5-min", "Sent", "pkts:", "n/a", "4", "n/a", "4000"],
                vec!["5-min", "Recv", "pkts:", "n/a", "3", "n/a", "3000"],
            ]
        );
    }

    #[test]
    fn a_host_that_does_not_count_says_so() {
        assert_eq!(view(None, true).to_string(), format!("{UNCOUNTED}\n"));
        assert_eq!(by_protocol(None).to_string(), format!("{UNCOUNTED}\n"));
        assert_eq!(
            serde_json::to_string(&view(None, true)).expect("JSON"),
            "null"
        );
    }
}
