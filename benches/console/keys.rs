//! A shell on a pseudo-terminal and somebody who types: the time from a key to the last byte that it brings.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};

use crate::measure::{Outcome, Running};

/// A shell and the other end of its terminal.
pub(crate) struct Typist {
    master: File,
    /// What is shown, and when.
    shown: Receiver<(Instant, Vec<u8>)>,
    _shell: Running,
}

/// Nothing more comes after this much silence.
const SILENCE: Duration = Duration::from_millis(25);
const PATIENCE: Duration = Duration::from_secs(60);
const KILL_LINE: &[u8] = b"\x15";

impl Typist {
    /// Starts the shell and waits for its first prompt; the time that took.
    pub(crate) fn start(command: &mut Command, prompt: &str) -> Outcome<(Self, Duration)> {
        let size = Winsize {
            ws_row: 40,
            ws_col: 160,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let terminal = openpty(&size, None)?;
        let slave = || -> std::io::Result<Stdio> { Ok(terminal.slave.try_clone()?.into()) };
        command
            .stdin(slave()?)
            .stdout(slave()?)
            .stderr(slave()?)
            .env("TERM", "xterm");
        let since = Instant::now();
        let shell = Running::start(command)?;
        let master = File::from(terminal.master);
        let mut typist = Self {
            shown: watch(master.try_clone()?),
            master,
            _shell: shell,
        };
        // Commands keep what they were given; a slave that stayed open here would outlive the shell.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let shown = typist.expect(prompt)?;
        Ok((typist, shown - since))
    }

    /// Types a line and waits for the prompt behind it.
    pub(crate) fn enter(&mut self, line: &str, prompt: &str) -> Outcome<()> {
        self.master.write_all(format!("{line}\r").as_bytes())?;
        self.expect(prompt).map(drop)
    }

    /// Milliseconds from Tab behind `typed` to the last byte of what it completes, once for each of `times`; `shown` is what
    /// has to appear.
    pub(crate) fn complete(&mut self, typed: &str, shown: &str, times: usize) -> Outcome<Vec<f64>> {
        let mut taken = Vec::with_capacity(times);
        for _ in 0..times {
            self.master.write_all(typed.as_bytes())?;
            self.listen(SILENCE)?;
            let since = Instant::now();
            self.master.write_all(b"\t")?;
            let last = self.see(shown)?;
            taken.push((last - since).as_secs_f64() * 1e3);
            self.master.write_all(KILL_LINE)?;
            self.listen(SILENCE)?;
        }
        Ok(taken)
    }

    /// Reads until this has been shown and nothing follows; when its last byte came.
    fn see(&mut self, wanted: &str) -> Outcome<Instant> {
        let begun = Instant::now();
        let mut all = String::new();
        while begun.elapsed() < Duration::from_secs(2) {
            let (text, last) = self.listen(SILENCE)?;
            all.push_str(&plain(&text));
            if all.contains(wanted) {
                return Ok(last);
            }
        }
        Err(format!("`{wanted}` was not shown: {all:?}").into())
    }

    /// Reads until this stands at the end; when its last byte came.
    fn expect(&mut self, wanted: &str) -> Outcome<Instant> {
        let begun = Instant::now();
        let mut all = String::new();
        loop {
            let (text, last) = self.listen(SILENCE)?;
            all.push_str(&plain(&text));
            if all.trim_end().ends_with(wanted) {
                return Ok(last);
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("`{wanted}` did not come: {all:?}").into());
            }
        }
    }

    /// What comes until it is silent, and when its last byte came.
    fn listen(&mut self, silence: Duration) -> Outcome<(String, Instant)> {
        let mut text = Vec::new();
        let mut last = Instant::now();
        loop {
            match self.shown.recv_timeout(silence) {
                Ok((at, part)) => {
                    last = at;
                    text.extend_from_slice(&part);
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Ok((String::from_utf8_lossy(&text).into_owned(), last));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    return Err(format!("the shell has ended: {text:?}").into());
                }
            }
        }
    }
}

/// A text without what moves the cursor.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, sequence)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = sequence.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        rest = rest.get(1..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

/// Reads the terminal beside the typist, so that a time is taken when something comes and not when it is looked at.
fn watch(mut master: File) -> Receiver<(Instant, Vec<u8>)> {
    let (sender, shown) = mpsc::channel();
    thread::spawn(move || {
        let mut part = [0; 4096];
        // Reading fails when the shell has gone and with it the other end.
        while let Ok(count @ 1..) = master.read(&mut part) {
            let part = part.get(..count).unwrap_or_default().to_vec();
            if sender.send((Instant::now(), part)).is_err() {
                return;
            }
        }
    });
    shown
}
