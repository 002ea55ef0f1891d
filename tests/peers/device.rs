//! The real program as a daemon on a state folder of its own, and what it says of itself.

use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::program::PATIENCE;

/// A daemon; killed when it is dropped.
pub(crate) struct Device {
    child: Child,
    folder: tempfile::TempDir,
}

impl Device {
    /// Starts it on a startup-config, and waits until all its inputs listen and all its links are up.
    pub(crate) fn start(startup: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        std::fs::create_dir(&state).expect("a state folder");
        std::fs::set_permissions(&state, PermissionsExt::from_mode(0o700)).expect("ours alone");
        std::fs::write(state.join("startup-config"), startup).expect("a startup-config");
        let child = Command::new(env!("CARGO_BIN_EXE_watchfire"))
            .arg("--state")
            .arg(&state)
            .args(["--only-to", "127.0.0.0/8", "daemon"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let device = Self { child, folder };
        device.when("inputs listen", "show logging input", |view| {
            all(view, "/inputs", |input| input["listening"] == true)
        });
        device.when("links are up", "show logging", |view| {
            all(view, "/trap/hosts", |host| host["link_up"] == true)
        });
        device
    }

    /// What a show command says, once it is as it should be.
    pub(crate) fn when(&self, what: &str, command: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let output = Command::new(env!("CARGO_BIN_EXE_watchfire"))
                .arg("--state")
                .arg(self.folder.path().join("state"))
                .args(["attach", "-c", &format!("{command} | json")])
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .output()
                .expect("the program starts");
            match serde_json::from_slice(&output.stdout) {
                Ok(view) if is_so(&view) => return view,
                view => assert!(Instant::now() < until, "not in time: {what}: {view:?}"),
            }
        }
    }

    /// The counters of the session to this port, balanced.
    pub(crate) fn session(&self, port: u16) -> Value {
        let view = self.when("the sessions", "show logging", |_| true);
        let hosts = view["trap"]["hosts"].as_array().expect("hosts");
        let host = hosts.iter().find(|host| host["port"] == port);
        let host = host.expect("the session").clone();
        let parts = [
            "message_lines_logged",
            "dropped_by_md",
            "rate_limited",
            "merged",
            "queued",
            "overflowed",
        ];
        let sum: u64 = parts.iter().map(|part| count(&host, part)).sum();
        assert_eq!(sum, count(&host, "received"), "{host}");
        host
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn all(view: &Value, at: &str, is_so: impl Fn(&Value) -> bool) -> bool {
    view.pointer(at)
        .and_then(Value::as_array)
        .is_some_and(|found| found.iter().all(is_so))
}

pub(crate) fn count(view: &Value, name: &str) -> u64 {
    view[name]
        .as_u64()
        .unwrap_or_else(|| panic!("{name} in {view}"))
}

/// Lines over one connection, each with LF.
pub(crate) fn send(port: u16, lines: impl IntoIterator<Item = String>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("an input");
    for line in lines {
        stream
            .write_all(format!("{line}\n").as_bytes())
            .expect("written");
    }
}
