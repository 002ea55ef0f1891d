//! `openssl s_server` as the other end of a handshake.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// It shows the certificate of a folder; ends with its owner.
pub(crate) struct Server {
    child: Child,
    /// Kept open, or what it says would end it.
    _told: BufReader<ChildStdout>,
    /// Where it listens, at a port that the kernel chose.
    pub(crate) at: SocketAddr,
}

impl Server {
    /// With `server.pem` and `server.key` of `folder`; what it serves is for `mode` to say, `-www` or `-WWW`.
    pub(crate) fn start(folder: &Path, mode: &str) -> Self {
        let mut child = Command::new("openssl")
            .args("s_server -accept 127.0.0.1:0 -cert server.pem -key server.key".split(' '))
            .arg(mode)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl starts");
        let mut told = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        let at = loop {
            line.clear();
            let length = told.read_line(&mut line).expect("its output");
            assert!(length > 0, "no port");
            if let Some(address) = line.trim().strip_prefix("ACCEPT ") {
                break address.parse().expect("an address");
            }
        };
        Self {
            child,
            _told: told,
            at,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
