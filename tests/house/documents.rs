//! The written documents against the rest of the project: links and named transcripts exist, quoted code is verbatim,
//! deviations are numbered and known. Generated documents are checked where they are generated.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// README.md and everything in docs/.
fn documents() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(root().join("docs")).expect("the folder of documents");
    let mut paths: Vec<_> = docs.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "md"));
    paths.push(root().join("README.md"));
    paths.sort();
    assert!(paths.len() > 6, "{paths:?}");
    paths
        .into_iter()
        .map(|path| (path.clone(), read(&path)))
        .collect()
}

/// Text files below a folder that end in one of these.
fn files(folder: &str, ends: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder)
            .expect("a folder of the project")
            .flatten()
            .map(|entry| entry.path())
        {
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|end| ends.iter().any(|wanted| end == *wanted))
            {
                found.push((path.clone(), read(&path)));
            }
        }
    }
    assert!(!found.is_empty(), "{folder}");
    found
}

#[test]
fn links_lead_somewhere() {
    for (path, text) in documents() {
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target)
        {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") || file.contains(' ') {
                continue;
            }
            let from = path.parent().expect("a folder");
            assert!(from.join(file).exists(), "{}: {target}", path.display());
        }
    }
}

/// The folders that a document may name are those of every Linux host.
#[test]
fn no_document_names_a_path_of_one_machine() {
    let own = root().to_string_lossy().into_owned();
    for (path, text) in documents() {
        for (number, line) in text.lines().enumerate() {
            let named = [
                "/home/",
                "/tmp/",
                "/root/",
                "/Users/",
                "/mnt/",
                own.as_str(),
            ];
            for folder in named {
                assert!(
                    !line.contains(folder),
                    "{}:{}: {folder}",
                    path.display(),
                    number + 1
                );
            }
        }
    }
}

#[test]
fn every_transcript_that_is_named_exists() {
    let transcripts = root().join("tests/transcripts");
    let mut count = 0;
    for (path, text) in documents() {
        let named = text
            .split('`')
            .filter(|word| word.ends_with(".txt") && !word.contains(char::is_whitespace));
        for name in named.filter(|name| !name.starts_with("tests/")) {
            count += 1;
            assert!(
                transcripts.join(name).is_file(),
                "{}: {name}",
                path.display()
            );
        }
    }
    assert!(count > 40, "{count}");
}

/// A block whose fence names a file of the project is part of it, word for word.
#[test]
fn quoted_code_is_verbatim() {
    let mut count = 0;
    for (path, text) in documents() {
        let mut quoted: Option<(PathBuf, String)> = None;
        for line in text.lines() {
            match (line.strip_prefix("```"), quoted.as_mut()) {
                (Some(_), Some(_)) => {
                    let (file, fragment) = quoted.take().expect("it is open");
                    count += 1;
                    assert!(
                        !fragment.is_empty(),
                        "{}: an empty quotation of {}",
                        path.display(),
                        file.display()
                    );
                    assert!(
                        read(&file).contains(&fragment),
                        "{} quotes {} wrongly:\n{fragment}",
                        path.display(),
                        file.display()
                    );
                }
                (Some(name), None) if name.contains('/') => {
                    quoted = Some((root().join(name), String::new()));
                }
                (None, Some((_, fragment))) => {
                    fragment.push_str(line);
                    fragment.push('\n');
                }
                _ => {}
            }
        }
        assert!(
            quoted.is_none(),
            "{}: a block is not closed",
            path.display()
        );
    }
    assert!(count >= 6, "{count} quotations");
}

fn deviations() -> Vec<(u32, String, String)> {
    let text = read(&root().join("docs/DEVIATIONS.md"));
    text.split("\n## D")
        .skip(1)
        .map(|entry| {
            let (head, body) = entry.split_once('\n').unwrap_or((entry, ""));
            let (number, title) = head
                .split_once(": ")
                .unwrap_or_else(|| panic!("a heading like `## D1: title`: {head:?}"));
            (
                number.parse().unwrap_or_else(|_| panic!("{head:?}")),
                title.to_owned(),
                body.trim().to_owned(),
            )
        })
        .collect()
}

#[test]
fn deviations_are_numbered_in_order_and_say_where_they_come_from() {
    let mut before = 0;
    for (number, title, body) in deviations() {
        assert!(number > before, "{title}");
        before = number;
        let words: Vec<_> = body.split_whitespace().collect();
        assert!(
            body.starts_with("Source: ") && words.contains(&"Here"),
            "D{number}: {body}"
        );
    }
}

/// `D7`, and not `D7x` or `0xD7`.
fn numbers(text: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let ends = rest[digits..]
            .chars()
            .next()
            .is_none_or(|c| matches!(c, ')' | ':' | ',' | ';' | ' ' | '.' | '\n'));
        if c == 'D' && (1..=2).contains(&digits) && ends && matches!(last, '(' | ' ') {
            found.extend(rest[..digits].parse::<u32>());
        }
        last = c;
    }
    found
}

/// In comments, where a decision is referred to by its number.
#[test]
fn every_deviation_that_is_cited_is_written_down() {
    let known: BTreeSet<u32> = deviations()
        .into_iter()
        .map(|(number, ..)| number)
        .collect();
    let mut cited = BTreeSet::new();
    let sources = files("src", &["rs"])
        .into_iter()
        .chain(files("grammar", &["cli"]));
    for (path, text) in sources.chain(files("tests/transcripts", &["txt"])) {
        let comments = text
            .lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with("//") || line.starts_with('#'));
        for line in comments {
            for number in numbers(line) {
                assert!(
                    known.contains(&number),
                    "{}: D{number} is not in docs/DEVIATIONS.md: {line}",
                    path.display()
                );
                cited.insert(number);
            }
        }
    }
    assert!(cited.len() > 15, "{cited:?}");
}

/// `C1.5`, `C5b.2`: a promise's number at the beginning of the text.
fn promise(text: &str) -> Option<&str> {
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = text.strip_prefix('C')?;
    let section = digits(rest);
    let rest = &rest[section..];
    let letter = usize::from(rest.starts_with('b'));
    let number = digits(rest[letter..].strip_prefix('.')?);
    let end = 1 + section + letter + 1 + number;
    (section > 0 && number > 0).then(|| &text[..end])
}

#[test]
fn every_promise_that_is_cited_is_written_down() {
    let text = read(&root().join("docs/PROMISES.md"));
    let known: BTreeSet<_> = text
        .split("- **")
        .skip(1)
        .filter_map(promise)
        .map(str::to_owned)
        .collect();
    let mut cited = BTreeSet::new();
    let sources = files("src", &["rs"])
        .into_iter()
        .chain(files("tests", &["txt", "rs"]));
    for (path, text) in sources.filter(|(path, _)| !path.ends_with("documents.rs")) {
        for (at, _) in text.match_indices('C') {
            let is_word = text[..at]
                .chars()
                .next_back()
                .is_some_and(|c| matches!(c, '(' | ' '));
            if let Some(number) = promise(&text[at..]).filter(|_| is_word) {
                assert!(
                    known.contains(number),
                    "{}: {number} is not in docs/PROMISES.md",
                    path.display()
                );
                cited.insert(number.to_owned());
            }
        }
    }
    assert!(cited.len() > 25, "{cited:?}");
}
