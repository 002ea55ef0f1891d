//! What the kernel counts in the network: octets and packets of each interface (`/proc/net/dev`), connections and datagrams
//! of the protocols (`/proc/net/snmp`, `snmp6`), sockets in use (`/proc/net/sockstat`). All of it since the start of the
//! host, or of the interface. Rates are made in `history`.

use serde::Serialize;

/// Of one interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    pub interface: String,
    pub received: Direction,
    pub sent: Direction,
    /// Part of what was received.
    pub multicast: u64,
    /// Lengths, checksums and frames that were wrong; part of the errors received.
    pub frame: u64,
    pub collisions: u64,
    /// Sent and lost for want of a carrier; part of the errors sent.
    pub carrier: u64,
}

/// One way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Direction {
    pub packets: u64,
    pub bytes: u64,
    pub errors: u64,
    pub dropped: u64,
    /// Too fast for the queue of the device: overruns, underruns.
    pub fifo: u64,
}

/// Of the protocols, both families together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Protocols {
    pub tcp_opened: u64,
    pub tcp_accepted: u64,
    /// Now: ESTABLISHED and CLOSE-WAIT, RFC 4022 `tcpCurrEstab`.
    pub tcp_established: u64,
    pub tcp: Exchanged,
    pub udp: Exchanged,
    pub icmp: Exchanged,
}

/// Segments, datagrams, messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exchanged {
    pub received: u64,
    pub sent: u64,
}

/// `/proc/net/dev`: two lines of titles, then `name: ` and sixteen numbers. At most `most` interfaces, in the kernel's order.
pub(super) fn interfaces(dev: &str, most: usize) -> Vec<Counters> {
    dev.lines().filter_map(interface).take(most).collect()
}

fn interface(line: &str) -> Option<Counters> {
    let (name, numbers) = line.rsplit_once(':')?;
    let numbers: Vec<u64> = numbers
        .split_whitespace()
        .map_while(|word| word.parse().ok())
        .collect();
    let &[
        bytes,
        packets,
        errors,
        dropped,
        fifo,
        frame,
        _compressed,
        multicast,
        sent_bytes,
        sent_packets,
        sent_errors,
        sent_dropped,
        sent_fifo,
        collisions,
        carrier,
        ..,
    ] = numbers.as_slice()
    else {
        return None;
    };
    Some(Counters {
        interface: name.trim().to_owned(),
        received: Direction {
            packets,
            bytes,
            errors,
            dropped,
            fifo,
        },
        sent: Direction {
            packets: sent_packets,
            bytes: sent_bytes,
            errors: sent_errors,
            dropped: sent_dropped,
            fifo: sent_fifo,
        },
        multicast,
        frame,
        collisions,
        carrier,
    })
}

/// `/proc/net/snmp`, a line of names and a line of numbers for each protocol, and `/proc/net/snmp6`, a name and a number a
/// line; the TCP of the former counts both families.
pub(super) fn protocols(snmp: &str, snmp6: &str) -> Option<Protocols> {
    let of_v4 = |protocol: &str, name: &str| {
        let mut lines = snmp.lines().filter_map(|line| {
            let (of, rest) = line.split_once(':')?;
            (of == protocol).then_some(rest)
        });
        let (names, numbers) = (lines.next()?, lines.next()?);
        let place = names.split_whitespace().position(|known| known == name)?;
        numbers.split_whitespace().nth(place)?.parse::<u64>().ok()
    };
    let of_v6 = |name: &str| {
        let numbers = snmp6.lines().find_map(|line| {
            let (known, number) = line.split_once(char::is_whitespace)?;
            (known == name).then_some(number)
        });
        numbers.and_then(|number| number.trim().parse::<u64>().ok())
    };
    let both = |protocol: &str, name: &str, six: &str| {
        of_v4(protocol, name)
            .unwrap_or(0)
            .saturating_add(of_v6(six).unwrap_or(0))
    };
    Some(Protocols {
        tcp_opened: of_v4("Tcp", "ActiveOpens")?,
        tcp_accepted: of_v4("Tcp", "PassiveOpens")?,
        tcp_established: of_v4("Tcp", "CurrEstab")?,
        tcp: Exchanged {
            received: of_v4("Tcp", "InSegs")?,
            sent: of_v4("Tcp", "OutSegs")?,
        },
        udp: Exchanged {
            received: both("Udp", "InDatagrams", "Udp6InDatagrams"),
            sent: both("Udp", "OutDatagrams", "Udp6OutDatagrams"),
        },
        icmp: Exchanged {
            received: both("Icmp", "InMsgs", "Icmp6InMsgs"),
            sent: both("Icmp", "OutMsgs", "Icmp6OutMsgs"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: &str = "Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 133012 183    0    0    0     0          0         0 133012 183    0    0    0     0       0          0
eth0.7: 235386272   12876    1    2    3     4          5         6   847832    8508    7    8    9    10      11          12
";

    #[test]
    fn each_interface_has_its_numbers() {
        let found = interfaces(DEV, 10);
        assert_eq!(found.len(), 2);
        let expected = Counters {
            interface: "eth0.7".to_owned(),
            received: Direction {
                packets: 12_876,
                bytes: 235_386_272,
                errors: 1,
                dropped: 2,
                fifo: 3,
            },
            sent: Direction {
                packets: 8508,
                bytes: 847_832,
                errors: 7,
                dropped: 8,
                fifo: 9,
            },
            multicast: 6,
            frame: 4,
            collisions: 10,
            carrier: 11,
        };
        assert_eq!(found.get(1), Some(&expected));
        assert_eq!(interfaces(DEV, 1).len(), 1);
        assert_eq!(interfaces("eth0: 1 2 x 4 5 6 7 8 9\n:\nnonsense", 9), []);
    }

    #[test]
    fn the_protocols_are_read_by_the_names_of_their_counters() {
        let snmp = "Icmp: InMsgs InErrors OutMsgs\nIcmp: 10 0 20\n\
            Tcp: RtoAlgorithm ActiveOpens PassiveOpens CurrEstab InSegs OutSegs\nTcp: 1 2 3 4 5 6\n\
            Udp: InDatagrams NoPorts OutDatagrams\nUdp: 7 0 8\n";
        let snmp6 = "Udp6InDatagrams                 \t70\nIcmp6OutMsgs                    \t5\n";
        let expected = Protocols {
            tcp_opened: 2,
            tcp_accepted: 3,
            tcp_established: 4,
            tcp: Exchanged {
                received: 5,
                sent: 6,
            },
            udp: Exchanged {
                received: 77,
                sent: 8,
            },
            icmp: Exchanged {
                received: 10,
                sent: 25,
            },
        };
        assert_eq!(protocols(snmp, snmp6), Some(expected));
        assert_eq!(protocols("", snmp6), None);
        assert_eq!(protocols("Tcp: ActiveOpens\n", ""), None);
    }
}
