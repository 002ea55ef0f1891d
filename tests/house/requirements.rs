//! The requirements on sessions and discriminators (R1 to R43): each is in docs/PROMISES.md, and each that can be tested is named
//! by a test, a transcript or a unit test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// `R12` at each place where it stands as a word; `R29a` is R29 as well.
fn numbers(text: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices('R') {
        let rest = &text[at + 1..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let behind = rest[digits..]
            .trim_start_matches(['a', 'b', 'c'])
            .chars()
            .next();
        let is_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '"')
            && !behind.is_some_and(|c| c.is_alphanumeric());
        if is_word && (1..=2).contains(&digits) {
            found.extend(rest[..digits].parse::<u32>());
        }
    }
    found
}

/// Comments of the tests below a folder: transcripts, tests' own files, and what stands behind `#[cfg(test)]`.
fn cited(folder: &Path, found: &mut BTreeSet<u32>) {
    for entry in fs::read_dir(folder)
        .expect("a folder of the project")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            cited(&path, found);
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "requirements.rs" || !(name.ends_with(".rs") || name.ends_with(".txt")) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text");
        let is_test = path.components().any(|part| part.as_os_str() == "tests")
            || ["tests.rs", "laws.rs"]
                .iter()
                .any(|end| name.ends_with(end));
        let tests = if is_test {
            text.as_str()
        } else {
            text.split_once("#[cfg(test)]")
                .map_or("", |(_, tests)| tests)
        };
        tests
            .lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with("//") || line.starts_with('#'))
            .for_each(|line| found.extend(numbers(line)));
    }
}

#[test]
fn every_requirement_is_written_down_and_named_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let promises = fs::read_to_string(root.join("docs/PROMISES.md")).expect("the promises");
    let listed: BTreeMap<u32, &str> = promises
        .split("\n- **R")
        .skip(1)
        .map(|entry| {
            let (number, text) = entry.split_once("** ").expect("`- **R1** text`");
            (number.parse().expect("a number"), text)
        })
        .collect();
    let all: Vec<u32> = listed.keys().copied().collect();
    assert_eq!(all, (1..=43).collect::<Vec<_>>(), "one is missing");

    let mut named = BTreeSet::new();
    cited(&root.join("tests"), &mut named);
    cited(&root.join("src"), &mut named);
    let is_later = |text: &str| text.starts_with("(BEEP)") || text.starts_with("(a remark)");
    let unnamed: Vec<_> = listed
        .iter()
        .filter(|(number, text)| !is_later(text) && !named.contains(number))
        .collect();
    assert!(unnamed.is_empty(), "no test names {unnamed:?}");
}

#[test]
fn a_number_is_read_where_it_is_a_word() {
    let text = "/// R1, (R29a) and R40: `R99x`, \"R7\", XR3, R640";
    assert_eq!(numbers(text), BTreeSet::from([1, 29, 40]));
}
