//! Pure readings of the text files in which the kernel and the distribution state facts: proc(5), os-release(5). A line
//! that is not understood is passed over.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use super::{Memory, MemoryUse, ProcessorTime};

/// No file of `/proc` or `/sys` that is read here comes near this size; a file that does is read up to here.
const MOST: u64 = 4 << 20;

/// A small text file without its outer white space and NULs (the device tree ends its texts with one); `None` when it
/// cannot be read, is empty, or is not text. Control characters within are blanks, so that a value never breaks a layout.
pub(super) fn text(path: &Path) -> Option<String> {
    // With room for the usual file it is read at once, and not in ever larger pieces.
    let mut bytes = Vec::with_capacity(8 << 10);
    std::fs::File::open(path)
        .ok()?
        .take(MOST)
        .read_to_end(&mut bytes)
        .ok()?;
    let mut text = String::from_utf8(bytes).ok()?;
    let is_outer = |c: char| c.is_whitespace() || c == '\0';
    text.truncate(text.trim_end_matches(is_outer).len());
    text.drain(..text.len() - text.trim_start_matches(is_outer).len());
    let is_wrong = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(is_wrong) {
        text = text.replace(is_wrong, " ");
    }
    (!text.is_empty()).then_some(text)
}

/// A file that holds one value, as `text` reads it: what stands before the first line end. The kernel gives such a file with
/// one read; those that are read here are far shorter than this.
pub(super) fn value(path: &Path) -> Option<String> {
    let mut page = [0; 1024];
    let length = std::fs::File::open(path).ok()?.read(&mut page).ok()?;
    let text = std::str::from_utf8(page.get(..length)?).ok()?;
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let value = text.lines().next()?.trim();
    Some(value.replace(|c: char| c.is_control(), " "))
}

/// What `/proc/cpuinfo` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Processors {
    pub(super) model: Option<String>,
    pub(super) count: Option<u32>,
    /// Only a clock that does not change.
    pub(super) mhz: Option<u32>,
}

/// `/proc/cpuinfo`; its keys differ from one architecture to the next.
pub(super) fn processors(cpuinfo: &str) -> Processors {
    let mut found = Processors::default();
    let mut measured = false;
    for line in cpuinfo.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match key.trim() {
            "processor" => found.count = Some(found.count.unwrap_or(0).saturating_add(1)),
            "model name" | "cpu model" | "cpu" if found.model.is_none() && !value.is_empty() => {
                found.model = Some(value.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            "cpu MHz" if found.mhz.is_none() => {
                found.mhz = value.split('.').next().and_then(|mhz| mhz.parse().ok())
            }
            // The processor measures its present clock, another one at each look; what is shown should not change.
            "flags" if value.split(' ').any(|flag| flag == "aperfmperf") => measured = true,
            _ => {}
        }
    }
    found.mhz = found.mhz.filter(|_| !measured);
    found
}

/// `/proc/meminfo`. Kernels before 3.14 state no `MemAvailable`; there the free memory stands for it.
pub(super) fn memory(meminfo: &str) -> Option<Memory> {
    let bytes = |name: &str| kilobytes(meminfo, name);
    let free = bytes("MemFree")?;
    Some(Memory {
        total: bytes("MemTotal")?,
        free,
        available: bytes("MemAvailable").unwrap_or(free),
    })
}

/// `Name:  12 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace()
        .next()?
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

/// `/proc/meminfo` and `/proc/self/status`.
pub(super) fn memory_use(meminfo: &str, status: &str) -> MemoryUse {
    MemoryUse {
        buffers: kilobytes(meminfo, "Buffers"),
        cached: kilobytes(meminfo, "Cached"),
        slab: kilobytes(meminfo, "Slab"),
        shared: kilobytes(meminfo, "Shmem"),
        swap_total: kilobytes(meminfo, "SwapTotal"),
        swap_free: kilobytes(meminfo, "SwapFree"),
        resident: kilobytes(status, "VmRSS"),
        most_resident: kilobytes(status, "VmHWM"),
    }
}

/// The first line of `/proc/stat`: `cpu user nice system idle iowait irq softirq steal guest guest_nice`. The guest times
/// are part of `user` and `nice` already.
pub(super) fn processor_time(stat: &str) -> Option<ProcessorTime> {
    let mut words = stat.lines().next()?.split_whitespace();
    if words.next()? != "cpu" {
        return None;
    }
    let (mut busy, mut total) = (0u64, 0u64);
    for (place, word) in words.take(8).enumerate() {
        let ticks = word.parse::<u64>().ok()?;
        total = total.saturating_add(ticks);
        let idle = matches!(place, 3 | 4);
        busy = busy.saturating_add(if idle { 0 } else { ticks });
    }
    (total > 0).then_some(ProcessorTime { busy, total })
}

/// `/proc/uptime`: seconds with two decimals, and the idle time.
pub(super) fn uptime(uptime: &str) -> Option<Duration> {
    let (seconds, hundredths) = uptime.split_whitespace().next()?.split_once('.')?;
    let millis = hundredths.get(..2)?.parse::<u64>().ok()?.checked_mul(10)?;
    Duration::from_secs(seconds.parse().ok()?).checked_add(Duration::from_millis(millis))
}

/// `PRETTY_NAME` of os-release(5), its quotes and escapes taken off.
pub(super) fn os_release_name(release: &str) -> Option<String> {
    let value = release
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("PRETTY_NAME="))?
        .trim();
    let unquoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value);
    let mut name = String::with_capacity(unquoted.len());
    let mut escaped = false;
    for c in unquoted.chars() {
        escaped = c == '\\' && !escaped;
        if !escaped {
            name.push(c);
        }
    }
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processors_of_a_pc_are_counted_and_named() {
        let cpuinfo = "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R)  Xeon(R) CPU\ncpu MHz\t\t: 2399.998\n\n\
                       processor\t: 1\nmodel name\t: Intel(R)  Xeon(R) CPU\ncpu MHz\t\t: 800.000\n";
        let expected = Processors {
            model: Some("Intel(R) Xeon(R) CPU".to_owned()),
            count: Some(2),
            mhz: Some(2399),
        };
        assert_eq!(processors(cpuinfo), expected);
    }

    #[test]
    fn processors_that_do_not_name_themselves_are_counted() {
        let cpuinfo = "processor\t: 0\nBogoMIPS\t: 50.00\nCPU part\t: 0xd0c\n\nprocessor\t: 1\n";
        assert_eq!(
            processors(cpuinfo),
            Processors {
                model: None,
                count: Some(2),
                mhz: None
            }
        );
    }

    #[test]
    fn a_clock_that_changes_from_one_look_to_the_next_is_not_told() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Xeon\ncpu MHz\t\t: 2399.998\nflags\t\t: fpu aperfmperf sse\n";
        assert_eq!(processors(cpuinfo).mhz, None);
    }

    #[test]
    fn memory_is_in_bytes() {
        let read = memory(
            "MemTotal:       16384 kB\nMemFree:         1024 kB\nMemAvailable:    8192 kB\n",
        );
        assert_eq!(
            read,
            Some(Memory {
                total: 16 << 20,
                free: 1 << 20,
                available: 8 << 20
            })
        );
        assert_eq!(read.map(Memory::used_percent), Some(50));
    }

    #[test]
    fn memory_without_an_estimate_of_what_is_available_counts_what_is_free() {
        let read = memory("MemTotal: 4 kB\nMemFree: 1 kB\n");
        assert_eq!(
            read,
            Some(Memory {
                total: 4096,
                free: 1024,
                available: 1024
            })
        );
        assert_eq!(memory("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn memory_is_told_by_what_it_is_used_for() {
        let read = memory_use(
            "MemTotal: 9 kB\nBuffers:  1 kB\nCached: 2 kB\nSwapCached: 7 kB\nSwapTotal: 0 kB\n",
            "Name:\twatchfire\nVmHWM:\t    6 kB\nVmRSS:\t    5 kB\n",
        );
        let expected = MemoryUse {
            buffers: Some(1024),
            cached: Some(2048),
            swap_total: Some(0),
            resident: Some(5120),
            most_resident: Some(6144),
            ..MemoryUse::default()
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn the_load_is_the_busy_part_of_the_time_between_two_readings() {
        let earlier = processor_time("cpu  100 0 100 700 100 0 0 0 9 9\ncpu0 1 2 3\n");
        assert_eq!(
            earlier,
            Some(ProcessorTime {
                busy: 200,
                total: 1000
            })
        );
        let later = processor_time("cpu  150 0 125 750 100 0 0 0 9 9\n");
        let load = later
            .zip(earlier)
            .and_then(|(later, earlier)| later.load_since(earlier));
        assert_eq!(load, Some(60));
        assert_eq!(
            earlier.and_then(|reading| reading.load_since(reading)),
            None
        );
    }

    #[test]
    fn the_uptime_keeps_its_hundredths() {
        assert_eq!(
            uptime("350735.47 234388.90"),
            Some(Duration::from_millis(350_735_470))
        );
        assert_eq!(uptime("soon"), None);
        assert_eq!(uptime("99999999999999999999.00 1.00"), None);
    }

    #[test]
    fn the_name_of_the_distribution_loses_its_quotes_and_escapes() {
        let release = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian \\\"GNU\\\"/Linux\"\n";
        assert_eq!(
            os_release_name(release),
            Some("Debian \"GNU\"/Linux".to_owned())
        );
        assert_eq!(
            os_release_name("PRETTY_NAME=Alpine\n"),
            Some("Alpine".to_owned())
        );
        assert_eq!(os_release_name("NAME=x\n"), None);
    }
}
