//! What names messages and files in a configuration: an ASA's numbers and ranges of numbers, the levels of classes, the files of
//! `logging persistent`, the paths of inputs. Whatever stands there is refused or printed as it is read, and means what it says.

use watchfire::config::RunningConfig;
use watchfire::config::logging_list::ListLine;
use watchfire::config::render::render;
use watchfire::shell::merge;

use super::random::{Random, text};

/// Reads it, and reads what is printed of it; the configuration, and whether it was taken.
fn read(configuration: &str) -> (RunningConfig, bool) {
    let (config, errors, tally) = merge::load(configuration);
    assert!(
        tally.applied + tally.refused() >= 1,
        "{errors:?} of {configuration:?}"
    );
    let printed = render(&config, false);
    let (again, errors, _) = merge::load(&printed);
    assert!(
        errors.is_empty() && again == config,
        "{errors:?}: {printed}from {configuration:?}"
    );
    let is_taken = tally.refused() == 0;
    (config, is_taken)
}

/// A word for a line: mutated, and without what would end the line.
fn word(random: &mut Random, seeds: &[&str], likely: &[u8]) -> String {
    let word = text(&random.mutated(seeds, likely, 4));
    word.replace(['\n', '\r'], "")
}

const NUMBERS: [&str; 14] = [
    "106001",
    "106001-106030",
    "106030-106001",
    "000000-999999",
    "999999",
    "0",
    "-",
    "106001-",
    "-106001",
    "1-2-3",
    "+106001",
    "4294967296",
    "18446744073709551616-18446744073709551617",
    "106001 - 106002",
];
const LIKELY_NUMBERS: &[u8] = b"0123456789--- +.,_x\x00\xd9\xa1\xff";

#[test]
fn a_range_of_messages_is_refused_or_has_a_first_and_a_last_of_six_digits() {
    let mut random = Random::new(21);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..2_000 {
        let range = word(&mut random, &NUMBERS, LIKELY_NUMBERS);
        let (config, is_taken) = read(&format!("logging list l message {range}"));
        if !is_taken {
            refused += 1;
            assert!(config.logging.lists.is_empty(), "{range:?}");
            continue;
        }
        taken += 1;
        for line in config.logging.lists.values().flat_map(|list| list.iter()) {
            let ListLine::Messages { first, last } = line else {
                panic!("{line:?} of {range:?}")
            };
            assert!(first <= last && *last <= 999_999, "{line:?} of {range:?}");
        }
    }
    assert!(
        taken > 100 && refused > 300,
        "one-sided: {taken}, {refused}"
    );
}

#[test]
fn classes_and_rules_of_messages_are_printed_as_they_are_read() {
    let seeds = [
        "logging class auth console 3 mail 2",
        "logging class vpnc history emergencies trap 7",
        "logging message 106015 level 4",
        "no logging message 106015",
        "logging message 999999 standby",
        "logging rate-limit 10 60 message 106015",
        "logging rate-limit unlimited level 3",
        "logging list l level 3 class vpn",
        "no logging class auth",
    ];
    let mut random = Random::new(22);
    let mut taken = 0;
    for _ in 0..1_500 {
        let lines: Vec<_> = (0..=random.below(4))
            .map(|_| word(&mut random, &seeds, b" 0123456789-abclmnotu\xff"))
            .filter(|line| !line.trim().is_empty())
            .collect();
        if !lines.is_empty() {
            taken += usize::from(read(&format!("hostname h\n{}", lines.join("\n"))).1);
        }
    }
    assert!(taken > 70, "too few: {taken}");
}

const FILES: [&str; 14] = [
    "disk0:/syslog",
    "disk0:syslog",
    "disk0:/a.b-c_d",
    "disk0:/../startup-config",
    "disk0://x",
    "disk0:/x/y",
    "disk0:/.",
    "disk0:/",
    "flash:/syslog",
    "syslog",
    "/etc/passwd",
    "disk0:/\u{202e}x",
    "ftp://u:p@192.0.2.1/x",
    "disk0:/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

#[test]
fn the_files_of_the_log_have_a_plain_name_or_are_refused() {
    let mut random = Random::new(23);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..2_000 {
        let url = word(&mut random, &FILES, b"disk0:/..\\~-_abz\0\x1b\xc3\xa4\xff ");
        let (config, is_taken) = read(&format!("logging persistent url {url}"));
        let Some(persistent) = config.logging.persistent.as_ref().filter(|_| is_taken) else {
            refused += 1;
            continue;
        };
        taken += 1;
        let name = persistent.name();
        assert!(
            !name.is_empty()
                && name.len() <= 64
                && !name.starts_with('.')
                && !name.contains(['/', '\\', '\0'])
                && !name.contains(char::is_control),
            "{name:?} of {url:?}"
        );
        // What it calls its files are files of the log, and others are not.
        assert!(!persistent.is_file(""), "{url:?}");
        assert!(!persistent.is_file("startup-config"), "{url:?}");
    }
    assert!(
        taken > 100 && refused > 300,
        "one-sided: {taken}, {refused}"
    );
}

#[test]
fn the_paths_of_inputs_lie_where_they_may_or_are_refused() {
    let seeds = [
        "/var/log/messages",
        "/run/systemd/journal/syslog",
        "/dev/log",
        "/dev/null",
        "/var/log/../../etc/shadow",
        "/var/log//x",
        "/var/log/",
        "relative",
        "/run/./x",
        "/varlog/x",
    ];
    let mut random = Random::new(24);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..1_500 {
        let path = word(&mut random, &seeds, b"/../var/log run\0\x1b\xff\"");
        let kind = random.pick(&["unix", "file"]);
        if read(&format!("logging input {kind} {path}")).1 {
            taken += 1;
        } else {
            refused += 1;
        }
    }
    assert!(taken > 70 && refused > 100, "one-sided: {taken}, {refused}");
}
