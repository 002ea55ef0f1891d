//! The relays that are measured: Watchfire as a daemon with the configuration as its startup-config, rsyslogd and syslog-ng
//! of Debian's packages; and their memory.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::features::Feature;
use crate::measure::{Outcome, Running, report, state_folder, wait_until, watchfire};
use crate::peers;
use crate::process::peak_kib;
use crate::reference::Workload;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Relay {
    Watchfire,
    Rsyslog(PathBuf),
    SyslogNg(PathBuf),
}

/// What a relay is to do.
#[derive(Clone, Copy)]
pub(crate) struct Task {
    pub(crate) workload: Workload,
    /// Only ours has any.
    pub(crate) feature: &'static Feature,
}

impl Relay {
    /// Ours and, where they are installed, the yardsticks; says which are not.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Watchfire];
        match peers::find("RSYSLOGD", "rsyslogd") {
            Some(program) => all.push(Self::Rsyslog(program)),
            None => report("rsyslog: skipped (needs the package rsyslog)"),
        }
        match peers::find("SYSLOG_NG", "syslog-ng") {
            Some(program) => all.push(Self::SyslogNg(program)),
            None => report("syslog-ng: skipped (needs the package syslog-ng-core)"),
        }
        all
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Watchfire => "watchfire",
            Self::Rsyslog(_) => "rsyslog",
            Self::SyslogNg(_) => "syslog-ng",
        }
    }

    /// Starts it in `folder` with its input on a port of the system's choice, which is returned, and waits until it listens.
    pub(crate) fn start(
        &self,
        task: Task,
        folder: &Path,
        receivers: &[u16],
    ) -> Outcome<(Running, u16)> {
        // Nobody else opens ports in the bench's name space, so a free one stays free.
        let input = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let mut command = self.command(task, folder, input, receivers)?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut relay = Running::start(&mut command)?;
        let mut has_ended = false;
        wait_until(self.name(), Duration::from_secs(10), || {
            has_ended = relay.has_ended();
            has_ended || TcpStream::connect((Ipv4Addr::LOCALHOST, input)).is_ok()
        })?;
        if has_ended {
            return Err(format!("{} ended by itself", self.name()).into());
        }
        Ok((relay, input))
    }

    fn command(
        &self,
        task: Task,
        folder: &Path,
        input: u16,
        receivers: &[u16],
    ) -> Outcome<Command> {
        let configuration = folder.join("configuration");
        let option = |name: &str, file: &str| [name.into(), folder.join(file).into_os_string()];
        match self {
            Self::Watchfire => {
                let text = task.workload.watchfire(input, receivers, task.feature);
                let state = state_folder(folder, &text)?;
                let mut command = Command::new(watchfire());
                command
                    .arg("--state")
                    .arg(state)
                    .args(["--only-to", "127.0.0.0/8", "daemon"]);
                Ok(command)
            }
            Self::Rsyslog(program) => {
                let folder = folder.display().to_string();
                let text = peers::rsyslog(task.workload, &folder, input, receivers);
                fs::write(&configuration, text)?;
                let mut command = Command::new(program);
                command
                    .args(["-n", "-C"])
                    .args(option("-i", "pid"))
                    .args(option("-f", "configuration"));
                Ok(command)
            }
            Self::SyslogNg(program) => {
                let text = peers::syslog_ng(task.workload, input, receivers);
                fs::write(&configuration, text)?;
                let mut command = Command::new(program);
                command
                    .args(["--foreground", "--no-caps"])
                    .args(option("--cfgfile", "configuration"))
                    .args(option("--pidfile", "pid"))
                    .args(option("--persist-file", "persist"))
                    .args(option("--control", "control"));
                Ok(command)
            }
        }
    }
}

/// The most memory that was resident at a time, in MiB.
pub(crate) fn peak_mib(relay: &Running) -> f64 {
    peak_kib(relay) / 1024.0
}

/// The memory that is resident now, in MiB.
pub(crate) fn resident_mib(relay: &Running) -> f64 {
    memory(relay, "VmRSS:")
}

/// Of that, what is its own: neither its program nor a library, which the system keeps once for all.
pub(crate) fn own_mib(relay: &Running) -> f64 {
    memory(relay, "RssAnon:")
}

fn memory(relay: &Running, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", relay.0.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
