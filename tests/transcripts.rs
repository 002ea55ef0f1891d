//! Every file under `transcripts/` is a session: a line that begins with the current prompt is typed, everything else must
//! be printed. `UPDATE=1 cargo test --test transcripts` rewrites the expectations; the difference is the review.
//!
//! A trailing `?` is the key, `<TAB>` is the key (it prints the words it found). `[..]` elides within a line, `...` on a
//! line of its own elides lines. `@` lines speak for the outside world:
//!
//! - `@ startup LINE`, before anything is typed: a line of the startup-config
//! - `@ log MESSAGE`: arrives from 192.0.2.200; the first of several forgets what was sent and said before
//! - `@ sent udp 192.0.2.7:514  MESSAGE`: the next one that left for there
//! - `@ said MESSAGE`: the device said it, in this order, maybe not next
//! - `@ quiet`: nothing else was sent or said
//! - `@ dead HOST`, `@ alive HOST`: the peer stops or starts to answer
//! - `@ advance 60s`

mod shell;

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use shell::bench::Bench;
use shell::rehearsal::Sent;
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

    /// The line is the next that was printed: what asks for the lines of a block is none of them.
    fn goes_on_with(&self, line: &str) -> bool {
        let next = self.printed.get(self.expected.len());
        next.is_some_and(|printed| fits(line, printed))
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
    let first = lines
        .iter()
        .find(|line| !line.starts_with(['#', '@']) && !line.is_empty());
    let is_privileged = !first.is_some_and(|line| {
        line.split(' ')
            .next()
            .is_some_and(|prompt| prompt.ends_with('>'))
    });
    let mut outside = Outside::new(Bench::new(is_privileged, true, &startup));
    let mut steps: Vec<Step> = Vec::new();
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
            steps.push(step(outside.hears(word)));
        } else if let Some(step) = steps
            .last_mut()
            .filter(|step| outside.bench.next() == Next::Block && step.goes_on_with(line))
        {
            step.expected.push((*line).to_owned());
        } else if let Some(typed) = typed(&outside.bench, line) {
            let printed = answer(&mut outside.bench, typed);
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

/// What happens around the device.
struct Outside {
    bench: Bench,
    /// What left and what was said, and was not asked about yet.
    sent: VecDeque<Sent>,
    said: VecDeque<String>,
    /// The last word was `@ log`.
    is_logging: bool,
}

impl Outside {
    fn new(bench: Bench) -> Self {
        Self {
            bench,
            sent: VecDeque::new(),
            said: VecDeque::new(),
            is_logging: false,
        }
    }

    /// What an `@` line says or asks; the lines returned are what was found wrong.
    fn hears(&mut self, word: &str) -> Vec<String> {
        let (verb, rest) = word.split_once(' ').unwrap_or((word, ""));
        let rest = rest.trim();
        let is_first = !std::mem::replace(&mut self.is_logging, verb == "log");
        // What was typed is in force before the world goes on.
        self.bench.session.idle();
        self.collect();
        let wrong = match verb {
            "log" => {
                if is_first {
                    self.sent.clear();
                    self.said.clear();
                }
                self.bench.syslog.receive(rest);
                None
            }
            "advance" => {
                let seconds = rest
                    .trim_end_matches('s')
                    .parse()
                    .expect("@ advance takes seconds");
                self.bench.clock.advance(Duration::from_secs(seconds));
                self.bench.syslog.tick();
                None
            }
            "dead" | "alive" => {
                self.bench.syslog.set_dead(rest, verb == "dead");
                None
            }
            "left" => {
                let (messages, session) = rest.split_once(' ').expect("a number and a session");
                let messages = messages.parse().expect("a number of messages");
                self.bench.syslog.leave_on_disk(messages, session);
                None
            }
            "sent" => self.wants_sent(rest),
            "said" => match self.said.iter().position(|message| fits(rest, message)) {
                Some(at) => {
                    self.said.drain(..=at);
                    None
                }
                None => Some(format!("not said; said were: {:?}", self.said)),
            },
            "quiet" if self.sent.is_empty() && self.said.is_empty() => None,
            "quiet" => Some(format!(
                "sent were {:?}, said were {:?}",
                self.sent, self.said
            )),
            _ => Some(format!("nobody knows `@ {verb}`")),
        };
        self.collect();
        wrong.into_iter().collect()
    }

    fn wants_sent(&mut self, wanted: &str) -> Option<String> {
        let mut words = wanted.splitn(3, ' ');
        let to = format!(
            "{} {}",
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default()
        );
        let text = words.next().unwrap_or_default().trim_start();
        let next = self.sent.iter().position(|sent| sent.to == to);
        match next.and_then(|next| self.sent.remove(next)) {
            Some(sent) if fits(text, &sent.text) => None,
            Some(sent) => Some(format!("sent was: {}", sent.text)),
            None => Some(format!(
                "nothing was sent there; sent were: {:?}",
                self.sent
            )),
        }
    }

    fn collect(&mut self) {
        self.sent.extend(self.bench.syslog.take_sent());
        self.said.extend(self.bench.syslog.take_said());
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
