//! The program under storm: started as a daemon on a startup-config of eight sessions, and asked as an operator asks it.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::measure::{Outcome, Running, state_folder, wait_until, watchfire};
use crate::receiver::{ROLES, Receivers};

pub(crate) struct Device {
    pub(crate) process: Running,
    /// The port of its inputs.
    pub(crate) input: u16,
    state: PathBuf,
}

impl Device {
    /// Its inputs listen when this returns.
    pub(crate) fn start(folder: &Path, receivers: &Receivers) -> Outcome<Self> {
        // Nobody else opens ports in the bench's name space, so a free one stays free.
        let input = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let state = state_folder(folder, &startup(input, receivers))?;
        let log = fs::File::create(folder.join("errors"))?;
        let mut command = Command::new(watchfire());
        command
            .arg("--state")
            .arg(&state)
            .args(["--only-to", "127.0.0.0/8", "daemon"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let mut process = Running::start(&mut command)?;
        wait_until("watchfire", Duration::from_secs(10), || {
            process.has_ended() || TcpStream::connect((Ipv4Addr::LOCALHOST, input)).is_ok()
        })?;
        let said = fs::read_to_string(folder.join("errors"))?;
        if process.has_ended() || !said.contains(" 0 refused") {
            return Err(format!("watchfire did not start well: {said}").into());
        }
        Ok(Self {
            process,
            input,
            state,
        })
    }

    /// `watchfire attach`, to be given lines.
    pub(crate) fn attach(&self) -> Command {
        let mut command = Command::new(watchfire());
        command.arg("--state").arg(&self.state).arg("attach");
        command
    }

    /// What a show command says, as JSON.
    pub(crate) fn json(&self, line: &str) -> Outcome<Value> {
        let output = self
            .attach()
            .args(["-c", &format!("{line} | json")])
            .stdin(Stdio::null())
            .output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    pub(crate) fn resident_kib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.0.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .unwrap_or(0.0)
    }
}

fn startup(input: u16, receivers: &Receivers) -> String {
    let mut text = format!(
        "hostname storm\nno call-home reporting anonymous\n\
         logging discriminator BUFFER facility includes SYS|LINK\n\
         logging buffered discriminator BUFFER 65536 debugging\n\
         logging history warnings\nlogging history size 500\nlogging count\nlogging trap debugging\n\
         logging correlator rule power\n timeout 5\n rootcause POWER LOST\n nonrootcause POWER SHED\n\
         logging correlator apply rule power\n\
         logging input tcp port {input}\nlogging input udp port {input}\n"
    );
    for role in &ROLES {
        text += &format!(
            "logging discriminator {} {}\n",
            role.name, role.discriminator
        );
    }
    for receiver in &receivers.all {
        text += &format!("{}\n", receiver.role.line(receiver.port, true));
    }
    text
}
