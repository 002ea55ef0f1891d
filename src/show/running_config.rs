//! `show running-config`: the header, the body that the model renders, and a digest of the text above it (D23). It is text
//! in the first place; its JSON is the lines with their depth (D17).

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::config::RunningConfig;
use crate::config::render::render;
use crate::device::Facts;

/// One line of configuration for `| json`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Line<'a> {
    /// Levels below global configuration.
    pub depth: usize,
    pub line: &'a str,
}

/// The whole text, as it is shown and as it is saved.
pub fn whole(config: &RunningConfig, facts: &dyn Facts, all: bool) -> String {
    let mut text = header(facts);
    text.push_str(&render(config, all));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "Cryptochecksum:{}", Checksum::of(&text).joined());
    text.push_str(": end\n");
    text
}

/// The lines of one section: those whose first keyword (behind a `no`) it is, with what stands below them.
pub fn section(config: &RunningConfig, all: bool, section: &str) -> String {
    let body = render(config, all);
    let mut inside = false;
    let mut text = String::new();
    for line in body.lines() {
        if !line.starts_with(' ') {
            inside = first_keyword(line) == section;
        }
        if inside {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// The keyword a line is sorted under.
pub fn first_keyword(line: &str) -> &str {
    let mut words = line.split_ascii_whitespace();
    match words.next() {
        Some("no") => words.next().unwrap_or_default(),
        first => first.unwrap_or_default(),
    }
}

/// The JSON form of configuration text.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let depth = |line: &str| line.len() - line.trim_start_matches(' ').len();
    text.lines()
        .map(|line| Line {
            depth: depth(line),
            line: line.trim(),
        })
        .collect()
}

fn header(facts: &dyn Facts) -> String {
    let mut text = String::from(": Saved\n\n: \n");
    let serial = facts.serial();
    let version = facts.version();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        ": Serial Number: {}",
        serial.as_deref().unwrap_or("unavailable")
    );
    let _ = writeln!(
        text,
        ": Hardware:   {}",
        super::version::hardware_line(&facts.hardware(), facts.memory())
    );
    let _ = write!(
        text,
        ":\n{} Version {} \n!\n",
        version.product, version.version
    );
    text
}

/// A digest of configuration text: the first half of its SHA-256, in as many digits as a device prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum(u128);

impl Checksum {
    pub fn of(text: &str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        Self(
            digest
                .iter()
                .take(16)
                .fold(0, |sum, byte| sum << 8 | u128::from(*byte)),
        )
    }

    /// 32 digits in a row, as in the configuration.
    pub fn joined(self) -> String {
        format!("{:032x}", self.0)
    }

    /// Four groups of eight, as `write memory` prints it.
    pub fn grouped(self) -> String {
        let digits = self.joined();
        let group = |n: usize| digits.get(n * 8..n * 8 + 8).unwrap_or_default();
        format!("{} {} {} {}", group(0), group(1), group(2), group(3))
    }
}
