//! Configurations to load: ours, and those of the peer with as many lines.

use std::fmt::Write;

/// `count` lines, all different: discriminators of several shapes, and each thousandth line a receiver of the one before it.
pub(crate) fn watchfire(count: usize) -> String {
    let mut text = String::with_capacity(count * 80);
    for i in 0..count {
        let (low, high) = (i & 255, i >> 8 & 255);
        // Writing to a String cannot fail.
        let _ = match i % 8 {
            _ if i % 1000 == 999 => writeln!(
                text,
                "logging host 127.{}.{high}.{low} discriminator D{:05} transport tcp port 1514",
                1 + (i >> 16),
                i - 1
            ),
            0 => writeln!(
                text,
                "logging discriminator D{i:05} severity includes 0,1,2,3 facility includes OSPF|BGP mnemonics drops UPDOWN msg-body includes 10\\.{high}\\.{low}\\."
            ),
            1 | 5 => writeln!(
                text,
                "logging discriminator D{i:05} mnemonics drops CONFIG_I rate-limit {}",
                1 + i % 10_000
            ),
            2 | 6 => writeln!(
                text,
                "logging discriminator D{i:05} facility includes ^SYS$ msg-body drops vty[0-9]"
            ),
            4 => writeln!(
                text,
                "logging discriminator D{i:05} msg-body includes 10\\.{high}\\.{low}\\."
            ),
            _ => writeln!(text, "logging discriminator D{i:05} severity drops 6,7"),
        };
    }
    text
}

/// `count` static routes.
pub(crate) fn static_routes(count: usize) -> String {
    let mut text = String::with_capacity(count * 32);
    for i in 0..count {
        let _ = writeln!(
            text,
            "ip route {}.{}.{}.0/24 Null0",
            11 + (i >> 16),
            i >> 8 & 255,
            i & 255
        );
    }
    text
}

/// `count` lines of prefix lists, a thousand to a list.
pub(crate) fn prefix_lists(count: usize) -> String {
    let mut text = String::with_capacity(count * 48);
    for i in 0..count {
        let (list, seq) = (i / 1000, 5 * (i % 1000 + 1));
        let _ = writeln!(
            text,
            "ip prefix-list PL{list} seq {seq} permit 10.{}.{}.0/24",
            i >> 8 & 255,
            i & 255
        );
    }
    text
}
