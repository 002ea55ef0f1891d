//! The tour of README.md, run as printed: `console` blocks are typed at the built binary, `sh` blocks are run by bash, `text`
//! blocks are what the collector printed. What the test changes is said here: the binaries are those of this build instead
//! of `cargo run`'s, the state folder is a new one, and ports 5514 and 8080 become free ones.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use watchfire::command::GRAMMAR;
use watchfire::grammar::{Mode, Walk, Walker};

use super::ports;

const PATIENCE: Duration = Duration::from_secs(20);
/// Typed behind each line; its answer tells that the line's own output is complete.
const MARKER: &str = "show curpriv | include ^Current privilege level";
const MARKED: &str = "Current privilege level : 15";

/// A fenced block: what stands behind the fence, and its lines.
struct Block {
    kind: String,
    lines: Vec<String>,
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("the front door")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(kind), None) => {
                open = Some(Block {
                    kind: kind.to_owned(),
                    lines: Vec::new(),
                })
            }
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// A program whose lines are collected while it runs; it ends with the test.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .current_dir(root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let out = child.stdout.take().expect("a pipe");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(out).split(b'\n').map_while(Result::ok) {
                if sender
                    .send(String::from_utf8_lossy(&line).into_owned())
                    .is_err()
                {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// Lines up to the one that `last` accepts, without it.
    fn until(&self, what: &str, last: impl Fn(&str) -> bool) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        let mut found = Vec::new();
        loop {
            match self
                .lines
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(line) if last(&line) => return found,
                Ok(line) => found.push(line),
                Err(why) => panic!("{what}: {why}; printed so far: {found:#?}"),
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The printed lines, with `...` and `[..]` in the expected ones; blank lines count on a terminal only.
fn agree(expected: &[String], printed: &[String]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=printed.len()).any(|from| agree(rest, &printed[from..]))
        }
        Some((first, rest)) => printed.split_first().is_some_and(|(line, later)| {
            fits(first.trim_end(), line.trim_end()) && agree(rest, later)
        }),
    }
}

fn fits(expected: &str, line: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == line,
        Some((before, behind)) => line.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(at, _)| at)
                .chain([rest.len()])
                .any(|from| fits(behind, &rest[from..]))
        }),
    }
}

fn without_blank(lines: &[String]) -> Vec<String> {
    lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .cloned()
        .collect()
}

/// Splits a console line into prompt and typed text.
fn typed(line: &str) -> Option<(&str, &str)> {
    let end = line.find(['#', '>'])?;
    (line.starts_with("ciscoasa") && !line[..end].contains(' '))
        .then(|| (&line[..=end], line[end + 1..].trim_start()))
}

/// The typed lines of a console block with what each must print.
fn steps(block: &Block) -> Vec<(String, String, Vec<String>)> {
    let mut steps: Vec<(String, String, Vec<String>)> = Vec::new();
    for line in &block.lines {
        if let Some((prompt, text)) = typed(line) {
            steps.push((prompt.to_owned(), text.to_owned(), Vec::new()));
        } else {
            steps
                .last_mut()
                .unwrap_or_else(|| panic!("no prompt before {line:?}"))
                .2
                .push(line.clone());
        }
    }
    steps
}

fn collector() -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_watchfire"))
        .parent()
        .expect("a folder");
    let binary = folder.join("examples/collector");
    if !binary.exists() {
        // `cargo test` builds the examples; `cargo test --test house` alone does not.
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "--quiet", "--example", "collector"])
            .current_dir(root());
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(
            build.status().expect("cargo runs").success(),
            "the collector builds"
        );
    }
    binary
}

/// The tour while it is walked.
struct Walked {
    console: Option<Program>,
    keys: Option<ChildStdin>,
    collector: Option<Program>,
    state: tempfile::TempDir,
    udp_port: u16,
    http_port: Option<String>,
}

impl Walked {
    fn substituted(&self, line: &str) -> String {
        let line = line.replace("5514", &self.udp_port.to_string());
        self.http_port
            .as_ref()
            .map_or_else(|| line.clone(), |port| line.replace("8080", port))
    }

    fn shell(&mut self, command: &str) {
        match command {
            "cargo run --release" => {
                let mut watchfire = Command::new(env!("CARGO_BIN_EXE_watchfire"));
                let mut program = Program::start(
                    watchfire
                        .arg("--state")
                        .arg(self.state.path().join("state")),
                );
                self.keys = program.child.stdin.take();
                self.console = Some(program);
            }
            // This is what runs us.
            "cargo test" => {}
            "cargo run --release --example collector" => {
                self.collector = Some(Program::start(
                    Command::new(collector()).args(["--port", "0"]),
                ));
            }
            other => {
                let status = Command::new("bash")
                    .arg("-c")
                    .arg(self.substituted(other))
                    .current_dir(root())
                    .status();
                assert!(status.expect("bash runs").success(), "{other}");
            }
        }
    }

    fn console(&mut self, text: &str, expected: &[String]) {
        let expected: Vec<_> = without_blank(expected)
            .iter()
            .map(|line| self.substituted(line))
            .collect();
        let end = Instant::now() + PATIENCE;
        loop {
            let printed = self.type_line(&self.substituted(text));
            if agree(&expected, &printed) {
                return;
            }
            // Datagrams are on their way for a moment; what changes nothing may be asked again.
            let is_show = text.starts_with("show ");
            assert!(
                is_show && Instant::now() < end,
                "{text}\n  expected {expected:#?}\n  printed {printed:#?}"
            );
            thread::yield_now();
        }
    }

    fn type_line(&mut self, text: &str) -> Vec<String> {
        let (Some(console), Some(keys)) = (&self.console, &mut self.keys) else {
            panic!("{text}: the console is not open")
        };
        writeln!(keys, "{text}\n{MARKER}").expect("the console reads");
        without_blank(&console.until(text, |line| line == MARKED))
    }

    /// What the collector printed since the last look.
    fn text(&mut self, expected: &[String]) {
        let collector = self.collector.as_ref().expect("the collector runs");
        let mut printed = Vec::new();
        let end = Instant::now() + PATIENCE;
        loop {
            match collector
                .lines
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(line) => printed.push(line),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("the collector\n  expected {expected:#?}\n  printed {printed:#?}")
                }
            }
            if let Some((_, port)) = printed
                .last()
                .and_then(|line| line.split_once("127.0.0.1:"))
            {
                self.http_port
                    .get_or_insert_with(|| port.trim_end_matches('/').to_owned());
            }
            let wanted: Vec<_> = without_blank(expected)
                .iter()
                .map(|line| self.substituted(line))
                .collect();
            if agree(&wanted, &without_blank(&printed)) {
                return;
            }
        }
    }

    /// The last `exit` ends the program.
    fn leave(&mut self) {
        let mut keys = self.keys.take().expect("the console is open");
        writeln!(keys, "exit").expect("the console reads");
        drop(keys);
        let console = self.console.as_mut().expect("the console is open");
        let status = console.child.wait().expect("the console ends");
        assert!(status.success(), "{status}");
    }
}

#[test]
fn the_tour_works_as_it_is_printed() {
    let mut tour = Walked {
        console: None,
        keys: None,
        collector: None,
        state: tempfile::tempdir().expect("a folder for a test"),
        udp_port: ports::free(),
        http_port: None,
    };
    let blocks = blocks(&readme());
    let kinds: Vec<_> = blocks.iter().map(|block| block.kind.as_str()).collect();
    assert!(
        kinds.iter().filter(|kind| **kind == "console").count() >= 4,
        "{kinds:?}"
    );
    let mut has_left = false;
    for block in &blocks {
        match block.kind.as_str() {
            "sh" => tour.shell(&block.lines.join("\n")),
            "text" => tour.text(&block.lines),
            "console" => {
                for (_, text, expected) in steps(block) {
                    if text == "exit" {
                        tour.leave();
                        has_left = true;
                    } else {
                        tour.console(&text, &expected);
                    }
                }
            }
            // The picture.
            "" => {}
            other => panic!("nobody knows how to run a block of {other:?}"),
        }
    }
    assert!(has_left, "the tour ends with an exit");
}

/// A pipe has no prompts, so those that are printed are held against the modes that the typed lines open and leave.
#[test]
fn the_prompts_of_the_tour_are_those_of_its_modes() {
    let exec = GRAMMAR.mode("exec").expect("privileged EXEC");
    let mut walker = Walker::default();
    let mut mode: Option<&Mode> = None;
    for (prompt, text, _) in blocks(&readme())
        .iter()
        .filter(|block| block.kind == "console")
        .flat_map(steps)
    {
        let expected = mode.map_or_else(
            || "ciscoasa>".to_owned(),
            |mode| format!("ciscoasa{}", mode.prompt()),
        );
        assert_eq!(prompt, expected, "before {text:?}");
        mode = match text.as_str() {
            "enable" | "end" => Some(exec),
            text if text.ends_with('?') => mode,
            text => {
                let here = mode.expect("a mode");
                let bare = text.split(" | ").next().unwrap_or(text);
                match [here, exec]
                    .into_iter()
                    .find_map(|mode| match mode.walk(&mut walker, bare) {
                        Walk::Matched(found) => Some(found.command().enters().map(str::to_owned)),
                        _ => None,
                    }) {
                    Some(Some(opened)) => GRAMMAR.mode(&opened),
                    Some(None) => mode,
                    None => panic!("{text:?} is no command of {}", here.name()),
                }
            }
        };
    }
}
