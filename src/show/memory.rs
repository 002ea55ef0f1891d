//! `show memory [detail]`: the memory of the host in the lines that automation reads; with `detail` what it is used for,
//! and how much of it this program has.

use std::fmt;

use serde::Serialize;

use crate::device::{Facts, Memory, MemoryUse};

/// `show memory`. JSON: `memory` (`total`, `free`, `available`) and, with `detail`, `used_for`; all in bytes, null where the
/// host does not tell.
#[derive(Debug, Serialize)]
pub struct View {
    pub memory: Option<Memory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_for: Option<MemoryUse>,
}

pub fn view(facts: &dyn Facts, detail: bool) -> View {
    View {
        memory: facts.memory(),
        used_for: detail.then(|| facts.memory_use()),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(memory) = self.memory else {
            return writeln!(f, "Memory is not reported by this host");
        };
        let used = memory.total.saturating_sub(memory.available);
        let percent = memory.used_percent();
        let line = |f: &mut fmt::Formatter<'_>, title: &str, bytes: u64, percent: u8| {
            writeln!(f, "{title:<15}{bytes:>16} bytes ({percent:2}%)")
        };
        // What the kernel would give a program counts as free, as in the threshold of the environment group.
        line(f, "Free memory:", memory.available, 100 - percent.min(100))?;
        line(f, "Used memory:", used, percent)?;
        writeln!(f, "-------------     ------------------")?;
        line(f, "Total memory:", memory.total, 100)?;
        let Some(of) = self.used_for else {
            return Ok(());
        };
        let swap_used = of
            .swap_total
            .zip(of.swap_free)
            .map(|(total, free)| total.saturating_sub(free));
        writeln!(f)?;
        for (title, bytes) in [
            ("Unused by anybody:", Some(memory.free)),
            ("Buffers:", of.buffers),
            ("Cached files:", of.cached),
            ("Shared:", of.shared),
            ("Kernel:", of.slab),
            ("Swap total:", of.swap_total),
            ("Swap used:", swap_used),
            ("This program:", of.resident),
            ("This program at most:", of.most_resident),
        ] {
            if let Some(bytes) = bytes {
                writeln!(f, "{title:<22}{bytes:>16} bytes")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::FixedFacts;

    fn facts() -> FixedFacts {
        FixedFacts {
            memory: Some(Memory {
                total: 1_646_913_568,
                free: 100_000_000,
                available: 1_234_567_890,
            }),
            memory_use: MemoryUse {
                cached: Some(900_000_000),
                swap_total: Some(1 << 30),
                swap_free: Some(1 << 29),
                resident: Some(8 << 20),
                ..MemoryUse::default()
            },
            ..FixedFacts::default()
        }
    }

    #[test]
    fn the_lines_are_those_that_automation_reads() {
        let expected = "\
Free memory:         1234567890 bytes (75%)
Used memory:          412345678 bytes (25%)
-------------     ------------------
Total memory:        1646913568 bytes (100%)
";
        assert_eq!(view(&facts(), false).to_string(), expected);
        // `Free memory.+ (\d+) .+(\d\d)`, as a client has it.
        let free = expected.lines().next().expect("a line");
        assert!(free.contains(" 1234567890 ") && free.contains("75"));
    }

    #[test]
    fn the_detail_leaves_out_what_the_host_does_not_tell() {
        let text = view(&facts(), true).to_string();
        let detail = text.split("\n\n").nth(1).expect("a second part");
        let expected = "\
Unused by anybody:           100000000 bytes
Cached files:                900000000 bytes
Swap total:                 1073741824 bytes
Swap used:                   536870912 bytes
This program:                  8388608 bytes
";
        assert_eq!(detail, expected);
    }

    #[test]
    fn a_host_that_tells_nothing_is_no_host_without_memory() {
        let view = view(&FixedFacts::default(), false);
        assert_eq!(view.to_string(), "Memory is not reported by this host\n");
        let json = serde_json::to_string(&view).expect("JSON");
        assert_eq!(json, r#"{"memory":null}"#);
    }
}
