//! A console on the running device: one `watchfire attach` for the whole storm, which is given lines and answers.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::measure::{Outcome, Running};

pub(crate) struct Console {
    to: ChildStdin,
    lines: Receiver<String>,
    _process: Running,
}

/// After so long it is taken for dead.
const PATIENCE: Duration = Duration::from_secs(60);

impl Console {
    pub(crate) fn begin(command: &mut Command) -> Outcome<Self> {
        let mut process = Running::start(
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let to = process.0.stdin.take().ok_or("a way in")?;
        let out = process.0.stdout.take().ok_or("a way out")?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            to,
            lines,
            _process: process,
        })
    }

    /// Gives it lines; what they print, and the seconds until the last of it. The clock, which it is asked for behind them,
    /// tells that the answer has ended.
    pub(crate) fn ask(&mut self, lines: &[&str]) -> Outcome<(Vec<String>, f64)> {
        let since = Instant::now();
        let mut text = lines.join("\n");
        if !lines.is_empty() {
            text.push('\n');
        }
        text += "show clock\n";
        self.to.write_all(text.as_bytes())?;
        let mut answer = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.map_err(|_| format!("the console did not answer {lines:?}"))?;
            if is_clock(&line) {
                return Ok((answer, since.elapsed().as_secs_f64()));
            }
            answer.push(line);
        }
    }
}

/// `16:20:05.001 UTC Thu Nov 22 2029`, with a mark before it when the time is not sure. The first line of the buffer may be cut,
/// so that it begins like that; but every line of the buffer has a header.
fn is_clock(line: &str) -> bool {
    let time = line.trim_start_matches(['*', '.']).as_bytes();
    matches!(time, [_, _, b':', _, _, b':', _, _, b'.', ..])
        && line.split_whitespace().count() == 6
        && !line.contains('%')
}
