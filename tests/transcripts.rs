//! Every file under `transcripts/` is a session: a line that begins with the current prompt is typed, everything else must
//! be printed. `UPDATE=1 cargo test --test transcripts` rewrites the expectations; the difference is the review.
//!
//! A trailing `?` is the key, `<TAB>` is the key (it prints the words it found). `[..]` elides within a line, `...` on a
//! line of its own elides lines. `@` lines speak for the outside world: `@ said MESSAGE` (the device's own, in order),
//! `@ advance 60s`, `@ startup LINE` before anything is typed.

mod shell;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use shell::bench::Bench;
use watchfire::shell::Next;

#[test]
fn every_transcript_plays_as_it_is_written() {
    let mut wrong = Vec::new();
    let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts"));
    assert!(!files.is_empty(), "there are transcripts");
    for file in files {
        let written = fs::read_to_string(&file).expect("a transcript");
        let played = play(&written);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, updated(&written, &played)).expect("the transcript can be written");
        } else {
            wrong.extend(
                played
                    .into_iter()
                    .filter(|step| !step.holds())
                    .map(|step| step.complaint(&file)),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A typed line or a word of the world, and what followed.
struct Step {
    /// From 1; 0 for what stands before the first step.
    line: usize,
    said: String,
    expected: Vec<String>,
    printed: Vec<String>,
}

impl Step {
    fn holds(&self) -> bool {
        agree(&self.expected, &self.printed)
    }

    fn complaint(&self, file: &Path) -> String {
        let indented = |lines: &[String]| {
            lines
                .iter()
                .map(|line| format!("    {line}\n"))
                .collect::<String>()
        };
        let (expected, printed) = (indented(&self.expected), indented(&self.printed));
        format!(
            "{}:{}: {}\n  expected\n{expected}  printed\n{printed}",
            file.display(),
            self.line,
            self.said
        )
    }
}

/// The printed lines, with `...` and `[..]` in the expected ones.
fn agree(expected: &[String], printed: &[String]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=printed.len()).any(|from| agree(rest, &printed[from..]))
        }
        Some((first, rest)) => printed
            .split_first()
            .is_some_and(|(line, later)| fits(first, line) && agree(rest, later)),
    }
}

fn fits(expected: &str, line: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected.trim_end() == line.trim_end(),
        Some((before, behind)) => line.strip_prefix(before).is_some_and(|rest| {
            let mut starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            starts.any(|from| fits(behind, &rest[from..]))
        }),
    }
}

fn play(written: &str) -> Vec<Step> {
    let lines: Vec<_> = written.lines().collect();
    let startup: String = lines
        .iter()
        .filter_map(|line| line.strip_prefix("@ startup "))
        .map(|l| format!("{l}\n"))
        .collect();
    let is_privileged = !lines
        .iter()
        .any(|line| line.starts_with("ciscoasa> ") || line.starts_with("ciscoasa>"))
        || lines
            .iter()
            .find(|line| line.starts_with("ciscoasa"))
            .is_some_and(|line| !line.starts_with("ciscoasa>"));
    let mut bench = Bench::new(is_privileged, true, &startup);
    let mut steps: Vec<Step> = Vec::new();
    let mut said = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let step = |printed: Vec<String>| Step {
            line: number + 1,
            said: (*line).to_owned(),
            expected: Vec::new(),
            printed,
        };
        if steps.is_empty()
            && (line.starts_with('#') || line.is_empty() || line.starts_with("@ startup "))
        {
            continue;
        }
        if let Some(word) = line.strip_prefix("@ ") {
            said.extend(bench.syslog.take());
            steps.push(step(world(&mut bench, word, &mut said)));
        } else if let Some(typed) = typed(&bench, line) {
            let printed = answer(&mut bench, typed);
            steps.push(step(printed.lines().map(str::to_owned).collect()));
        } else if let Some(step) = steps.last_mut() {
            step.expected.push((*line).to_owned());
        } else {
            steps.push(Step {
                line: number + 1,
                said: String::new(),
                expected: vec![(*line).to_owned()],
                printed: Vec::new(),
            });
        }
    }
    steps
}

/// What is typed in a line that begins with what the Session waits with.
fn typed<'l>(bench: &Bench, line: &'l str) -> Option<&'l str> {
    match bench.next() {
        Next::Command { prompt } | Next::Ask { text: prompt, .. } => line
            .strip_prefix(&prompt)
            .or_else(|| (line == prompt.trim_end()).then_some("")),
        Next::Block => Some(line),
        Next::Closed => None,
    }
}

fn answer(bench: &mut Bench, typed: &str) -> String {
    let is_command = matches!(bench.next(), Next::Command { .. });
    if let Some(asked) = typed.strip_suffix('?').filter(|_| is_command) {
        return bench.session.help(asked);
    }
    if let Some(asked) = typed.strip_suffix("<TAB>").filter(|_| is_command) {
        return bench
            .session
            .complete(asked)
            .words
            .iter()
            .map(|word| format!("{}\n", word.trim_end()))
            .collect();
    }
    if typed == "^Z" {
        bench.with(|session, io| session.control_z(io));
        return bench.take_printed();
    }
    let printed = bench.type_line(typed);
    printed + &bench.take_errors()
}

/// What an `@` line says or asks; the lines printed are what was found wrong.
fn world(bench: &mut Bench, word: &str, said: &mut Vec<String>) -> Vec<String> {
    let (verb, rest) = word.split_once(' ').unwrap_or((word, ""));
    let rest = rest.trim();
    match verb {
        "advance" => {
            let seconds = rest
                .trim_end_matches('s')
                .parse()
                .expect("@ advance takes seconds");
            bench.clock.advance(Duration::from_secs(seconds));
            Vec::new()
        }
        "said" => {
            let found = said.iter().position(|message| fits(rest, message));
            match found {
                Some(at) => drop(said.drain(..=at)),
                None => return vec![format!("not said; said were: {said:?}")],
            }
            Vec::new()
        }
        "quiet" if said.is_empty() => Vec::new(),
        "quiet" => vec![format!("said were: {:?}", std::mem::take(said))],
        _ => vec![format!("nobody knows `@ {verb}`")],
    }
}

/// The file with what was printed in place of what was expected; elisions that still hold stay.
fn updated(written: &str, played: &[Step]) -> String {
    let before: Vec<_> = written
        .lines()
        .take(played.first().map_or(0, |step| step.line - 1))
        .collect();
    let mut text: String = before.iter().map(|line| format!("{line}\n")).collect();
    for step in played {
        text.push_str(&format!("{}\n", step.said));
        let lines = if step.holds() || step.said.starts_with('@') {
            &step.expected
        } else {
            &step.printed
        };
        lines
            .iter()
            .for_each(|line| text.push_str(&format!("{}\n", line.trim_end())));
    }
    text
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)
        .expect("a folder of transcripts")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|kind| kind == "txt") {
            found.push(path);
        }
    }
    found.sort();
    found
}
