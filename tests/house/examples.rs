//! `examples/*.cfg` load without a refusal and print back as they are written, comments apart; `examples/*.log` are messages.

use std::fs;
use std::path::{Path, PathBuf};

use watchfire::config::render::render;
use watchfire::shell::merge;

fn examples(kind: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<_> = fs::read_dir(folder)
        .expect("the folder of examples")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == kind))
        .map(|path| (path.clone(), fs::read_to_string(&path).expect("an example")))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "there are examples of .{kind}");
    found
}

#[test]
fn every_configuration_loads_and_prints_back_byte_for_byte() {
    for (path, text) in examples("cfg") {
        let (config, errors, tally) = merge::load(&text);
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        assert!(
            tally.applied > 10,
            "{}: {} lines",
            path.display(),
            tally.applied
        );
        let written: String = text
            .split_inclusive('\n')
            .filter(|line| !line.starts_with('!'))
            .collect();
        assert_eq!(render(&config, false), written, "{}", path.display());
    }
}

/// Somebody will load them: no privileged port, and no address that belongs to anybody (RFC 5737, loopback).
#[test]
fn no_configuration_bothers_anybody() {
    let harmless = ["127.0.0.1", "192.0.2.", "198.51.100.", "203.0.113."];
    for (path, text) in examples("cfg") {
        for line in text.lines().filter(|line| !line.starts_with('!')) {
            let words: Vec<_> = line.split_whitespace().collect();
            if let ["logging", "host", host, ..] = words[..] {
                let is_address = host.starts_with(|c: char| c.is_ascii_digit());
                let fits = harmless.iter().any(|start| host.starts_with(start))
                    || (!is_address && host.ends_with(".example.com"));
                assert!(fits, "{}: {line}", path.display());
            }
            if let ["logging", "input", .., "port", port] = words[..] {
                assert!(
                    port.parse::<u16>().is_ok_and(|port| port >= 1024),
                    "{}: {line}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn every_line_of_a_log_is_a_message_in_cisco_form() {
    for (path, text) in examples("log") {
        assert!(text.lines().count() >= 400, "{}", path.display());
        for (number, line) in text.lines().enumerate() {
            let place = format!("{}:{}", path.display(), number + 1);
            let pri = line
                .strip_prefix('<')
                .and_then(|rest| rest.split_once('>'))
                .and_then(|(pri, _)| pri.parse::<u8>().ok());
            assert!(pri.is_some_and(|pri| pri < 192), "{place}");
            let header = line
                .split_once(" %")
                .and_then(|(_, rest)| rest.split_once(": "))
                .map(|(header, _)| header);
            let parts: Vec<_> = header.unwrap_or_default().split('-').collect();
            let [_, severity, _] = parts[..] else {
                panic!("{place}: {header:?}")
            };
            assert_eq!(
                pri.map(|pri| (pri % 8).to_string()).as_deref(),
                Some(severity),
                "{place}: PRI and severity"
            );
            assert!(line.is_ascii() && line.len() < 1024, "{place}");
        }
    }
}
