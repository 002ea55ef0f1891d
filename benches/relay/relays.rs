//! The relays that are measured: Watchfire as a daemon with the configuration as its startup-config, and rsyslogd of
//! Debian's package.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::measure::{Outcome, Running, state_folder, wait_until, watchfire};
use crate::reference::Workload;
use crate::yardstick::program;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Relay {
    Watchfire,
    Rsyslog(PathBuf),
}

impl Relay {
    /// Ours and, where it is installed, the yardstick.
    pub(crate) fn all() -> Vec<Self> {
        let peer = program("RSYSLOGD", "rsyslogd").map(Self::Rsyslog);
        [Self::Watchfire].into_iter().chain(peer).collect()
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Watchfire => "watchfire",
            Self::Rsyslog(_) => "rsyslog",
        }
    }

    /// Starts it in `folder` with its input on a port of the system's choice, which is returned, and waits until it listens.
    pub(crate) fn start(
        &self,
        workload: Workload,
        folder: &Path,
        receivers: &[u16],
    ) -> Outcome<(Running, u16)> {
        // Nobody else opens ports in the bench's name space, so a free one stays free.
        let input = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let mut command = match self {
            Self::Watchfire => {
                let state = state_folder(folder, &workload.watchfire(input, receivers))?;
                let mut command = Command::new(watchfire());
                command
                    .arg("--state")
                    .arg(state)
                    .args(["--only-to", "127.0.0.0/8", "daemon"]);
                command
            }
            Self::Rsyslog(program) => {
                let configuration = folder.join("rsyslog.conf");
                let text = workload.rsyslog(&folder.display().to_string(), input, receivers);
                fs::write(&configuration, text)?;
                let mut command = Command::new(program);
                command
                    .args(["-n", "-C", "-i"])
                    .arg(folder.join("pid"))
                    .arg("-f")
                    .arg(configuration);
                command
            }
        };
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
}
