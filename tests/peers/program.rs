//! Programs of others: where they are on this machine, and one that runs until it is dropped. What it prints is what the tests
//! wait for. They run on configurations of ours, on loopback; no service of this machine is asked or touched.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::{brought, ports};

/// What is waited for longer than this does not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The two that receive and relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Rsyslog,
    SyslogNg,
}

impl Peer {
    const fn program(self) -> &'static str {
        match self {
            Self::Rsyslog => "rsyslogd",
            Self::SyslogNg => "syslog-ng",
        }
    }

    /// What it prints once its inputs are open.
    const fn is_up(self) -> &'static str {
        match self {
            Self::Rsyslog => "] start",
            Self::SyslogNg => "syslog-ng starting up",
        }
    }

    /// What it takes to run on the configuration in a folder, with all that it writes in there too.
    fn command(self, program: &Path, folder: &Path) -> Command {
        let option = |name: &str, file: &str| [name.into(), folder.join(file).into_os_string()];
        let mut command = Command::new(program);
        match self {
            Self::Rsyslog => command
                .arg("-n")
                .args(option("-f", "configuration"))
                .args(option("-i", "pid")),
            Self::SyslogNg => command
                .env("SYSLOG_NG_SCL", "/usr/share/syslog-ng/include/scl")
                .args(["--foreground", "--no-caps"])
                .args(option("--cfgfile", "configuration"))
                .args(option("--pidfile", "pid"))
                .args(option("--persist-file", "persist"))
                .args(option("--control", "control")),
        };
        command.stdin(Stdio::null());
        command
    }

    /// Whether it would run on that configuration.
    fn takes(self, program: &Path, folder: &Path) -> bool {
        let mut command = self.command(program, folder);
        command
            .arg(match self {
                Self::Rsyslog => "-N1",
                Self::SyslogNg => "--syntax-only",
            })
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|ended| ended.success())
    }
}

/// A program that `.ci/peers` has brought, else one of this machine; says so where there is none.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let found = brought::program(program);
    if found.is_none() {
        skipped(&format!("{program} is not on this machine"));
    }
    found
}

/// Printed past the harness, which keeps what tests that pass have printed.
fn skipped(reason: &str) {
    writeln!(std::io::stderr(), "skipped: {reason}").expect("written");
}

/// A peer that runs; killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
    _folder: tempfile::TempDir,
}

impl Running {
    /// Starts it on one of the configurations beside this file, each `@NAME@` replaced; its inputs are open when this
    /// returns. `None`, and said, where it is not on this machine.
    pub(crate) fn start(peer: Peer, configuration: &str, values: &[(&str, u16)]) -> Option<Self> {
        let program = find(peer.program())?;
        let folder = tempfile::tempdir().expect("a folder");
        let mut text =
            configuration.replace("@FOLDER@", folder.path().to_str().expect("a plain path"));
        for (name, value) in values {
            text = text.replace(&format!("@{name}@"), &value.to_string());
        }
        std::fs::write(folder.path().join("configuration"), text).expect("written");
        let mut command = peer.command(&program, folder.path());
        // One of this machine may be confined to its own folders, or come without its parsers.
        if !program.starts_with(brought::folder()) && !peer.takes(&program, folder.path()) {
            skipped(&format!(
                "{} of this machine does not take such a configuration",
                peer.program()
            ));
            return None;
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            // A line that a kill cut short has no end, and is none.
            while output.read_until(b'\n', &mut line).is_ok() && line.last() == Some(&b'\n') {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                if sender.send(text).is_err() {
                    return;
                }
                line.clear();
            }
        });
        let running = Self {
            child,
            lines,
            _folder: folder,
        };
        while !running.line().contains(peer.is_up()) {}
        Some(running)
    }

    /// The next line that it prints.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line in time")
    }

    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        let id = i32::try_from(self.child.id()).expect("a process");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), signal).expect("it is told");
    }

    /// SIGKILL; all the lines that it had printed and nobody had read.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
        self.lines.iter().collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// Ports that nobody has, neither of UDP nor of TCP, each given once.
pub(crate) fn free<const N: usize>() -> [u16; N] {
    std::array::from_fn(|_| ports::free())
}
