//! The peer: FRR's daemons in the bench's own network name space, and its shell `vtysh`. Needs root and Debian's packages
//! `frr`; without them there is no peer to compare with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::measure::{Outcome, Running, wait_until};
use crate::yardstick::program;

const DAEMONS: [(&str, &[&str]); 3] = [("zebra", &[]), ("staticd", &[]), ("bgpd", &["-p", "0"])];

/// What is installed.
#[derive(Clone)]
pub(crate) struct Frr {
    daemons: PathBuf,
    vtysh: PathBuf,
}

/// Running daemons; they end with this.
pub(crate) struct Router {
    daemons: Vec<Running>,
    folder: TempDir,
    vtysh: PathBuf,
}

impl Frr {
    /// `None` when it is not installed or could not run apart from the host's network.
    pub(crate) fn find(is_isolated: bool) -> Option<Self> {
        let daemons = PathBuf::from("/usr/lib/frr");
        let is_there = is_isolated && daemons.join("zebra").is_file();
        let vtysh = program("VTYSH", "vtysh").filter(|_| is_there)?;
        Some(Self { daemons, vtysh })
    }

    /// Starts the daemons with an empty configuration and waits until all answer.
    pub(crate) fn start(&self) -> Outcome<Router> {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir()?;
        let at = folder.path();
        fs::set_permissions(at, fs::Permissions::from_mode(0o777))?;
        fs::write(at.join("empty"), "")?;
        let mut router = Router {
            daemons: Vec::new(),
            vtysh: self.vtysh.clone(),
            folder,
        };
        for (name, more) in DAEMONS {
            let at = router.folder.path();
            let mut command = Command::new(self.daemons.join(name));
            command
                .arg("-f")
                .arg(at.join("empty"))
                .arg("--vty_socket")
                .arg(at)
                .arg("-z")
                .arg(at.join("zserv.api"))
                .arg("-i")
                .arg(at.join(name).with_extension("pid"))
                .args(["-P", "0", "-u", "frr", "-g", "frr"])
                .arg("--log")
                .arg(format!(
                    "file:{}",
                    at.join(name).with_extension("log").display()
                ))
                .args(more)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            router.daemons.push(Running::start(&mut command)?);
            let socket = at.join(name).with_extension("vty");
            wait_until(name, Duration::from_secs(10), || socket.exists())?;
        }
        wait_until("vtysh answers", Duration::from_secs(10), || {
            router
                .vtysh()
                .args(["-c", "show version"])
                .output()
                .is_ok_and(|output| output.status.success())
        })?;
        Ok(router)
    }
}

impl Router {
    /// Its shell, on these daemons; input and output are nowhere.
    pub(crate) fn vtysh(&self) -> Command {
        let mut command = Command::new(&self.vtysh);
        command
            .arg("--vty_socket")
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// `vtysh -f FILE`.
    pub(crate) fn load(&self, file: &Path) -> Command {
        let mut command = self.vtysh();
        command.arg("-f").arg(file);
        command
    }

    /// Whether that many lines of the running configuration begin like this: what was loaded is in force.
    pub(crate) fn has_kept(&self, beginning: &str, count: usize) -> Outcome<()> {
        let shown = self
            .vtysh()
            .args(["-c", "show running-config"])
            .stdout(Stdio::piped())
            .output()?;
        let text = String::from_utf8_lossy(&shown.stdout).into_owned();
        let kept = text
            .lines()
            .filter(|line| line.starts_with(beginning))
            .count();
        if kept == count {
            Ok(())
        } else {
            Err(format!("FRR kept {kept} lines of {count}").into())
        }
    }
}
