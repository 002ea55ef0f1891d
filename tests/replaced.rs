//! A collector whose authority is replaced under a running device: the real program reaches it again after the next automatic
//! import, with nobody's help, and believes nobody in between. The collector and the server of the bundles are `nginx`, what they
//! show is made by `openssl`; where one of them is not on this machine, the test says so.

#[path = "loopback/brought.rs"]
mod brought;
#[path = "loopback/ports.rs"]
mod ports;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};

/// What is waited for longer than this does not come.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_collector_with_a_new_authority_is_reached_again_after_the_next_import() {
    if let Err(why) = reached_again() {
        writeln!(std::io::stderr(), "skipped: {why}").expect("written");
    }
}

fn reached_again() -> Result<(), String> {
    let nginx = brought::program("nginx").ok_or("nginx is not on this machine")?;
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    for authority in ["signer", "stranger", "old", "new"] {
        openssl(
            at,
            &format!(
                "req -x509 -newkey rsa:2048 -nodes -keyout {authority}.key -out {authority}.pem -days 30 -subj /CN={authority} \
                 -addext basicConstraints=critical,CA:TRUE"
            ),
        )?;
    }
    std::fs::write(at.join("names"), "subjectAltName=DNS:collector.example\n").expect("a file");
    std::fs::create_dir(at.join("served")).expect("a folder");
    let (https, http) = (ports::free(), ports::free());
    let bundles = Bundles { folder: at };

    // The authority comes with a bundle of whom the operator has named, and with nothing else.
    bundles.serve("old", "signer")?;
    let mut collector = Nginx::start(&nginx, at, "old", https, http)?;
    let mut device = Device::start(&at.join("state"));
    device.configure(&format!(
        "logging on\nlogging monitor informational\ncrypto ca trustpool import clean url file:{} noconfirm\n\
         crypto ca reference-identity COLLECTOR\ndns-id collector.example\n\
         call-home\nprofile p\nactive\nreference-identity COLLECTOR\ndestination transport-method http\n\
         destination address http https://127.0.0.1:{https}/\n",
        at.join("signer.pem").display(),
    ));
    let url = format!("http://127.0.0.1:{http}/bundle.p7b");
    assert_eq!(
        device.sends(),
        "ERROR: Failed: CERTIFICATE_REFUSED(unknown issuer)"
    );
    device.imports(&url, "717058");
    assert_eq!(device.sends(), "INFO: Succeeded");

    // Another authority, under the same names: nobody has said yet that it is to be believed.
    drop(collector);
    collector = Nginx::start(&nginx, at, "new", https, http)?;
    assert_eq!(
        device.sends(),
        "ERROR: Failed: CERTIFICATE_REFUSED(unknown issuer)"
    );
    bundles.serve("new", "stranger")?;
    let told = device.imports(&url, "717057");
    assert!(
        told.contains("Cisco root bundle signature validation failed"),
        "{told}"
    );
    assert_eq!(
        device.sends(),
        "ERROR: Failed: CERTIFICATE_REFUSED(unknown issuer)"
    );

    bundles.serve("new", "signer")?;
    let told = device.imports(&url, "717058");
    assert!(told.contains("Trustpool updated in flash"), "{told}");
    assert_eq!(device.sends(), "INFO: Succeeded");

    // What the bundle has no longer is not believed any more, and a believed authority makes no name right.
    drop(collector);
    collector = Nginx::start(&nginx, at, "old", https, http)?;
    assert_eq!(
        device.sends(),
        "ERROR: Failed: CERTIFICATE_REFUSED(unknown issuer)"
    );
    std::fs::write(at.join("names"), "subjectAltName=DNS:other.example\n").expect("a file");
    drop(collector);
    let _collector = Nginx::start(&nginx, at, "new", https, http)?;
    assert_eq!(
        device.sends(),
        "ERROR: Failed: CERTIFICATE_REFUSED(certificate is for dns-id other.example, cn-id server, expected reference identity COLLECTOR \
         (dns-id collector.example))"
    );
    Ok(())
}

/// What the daily import downloads.
struct Bundles<'a> {
    folder: &'a Path,
}

impl Bundles<'_> {
    /// One authority, signed by another.
    fn serve(&self, authority: &str, signer: &str) -> Result<(), String> {
        openssl(
            self.folder,
            &format!("crl2pkcs7 -nocrl -certfile {authority}.pem -outform DER -out bundle.p7b"),
        )?;
        openssl(
            self.folder,
            &format!(
                "cms -sign -binary -nodetach -in bundle.p7b -signer {signer}.pem -inkey {signer}.key -outform DER \
                 -out served/bundle.p7b"
            ),
        )
    }
}

/// The program, which runs all the time; its console is a pipe.
struct Device {
    child: Child,
    typed: ChildStdin,
    lines: Receiver<String>,
}

impl Device {
    fn start(state: &Path) -> Self {
        let (printed, output) = std::io::pipe().expect("a pipe");
        let mut child = Command::new(env!("CARGO_BIN_EXE_watchfire"))
            .arg("--state")
            .arg(state)
            .stdin(Stdio::piped())
            .stdout(output.try_clone().expect("one more end"))
            .stderr(output)
            .spawn()
            .expect("the program starts");
        let typed = child.stdin.take().expect("its input");
        let printed = BufReader::new(printed);
        let (came, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in printed.lines().map_while(Result::ok) {
                if came.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            typed,
            lines,
        }
    }

    fn types(&mut self, lines: &str) {
        self.typed.write_all(lines.as_bytes()).expect("it reads");
    }

    fn configure(&mut self, lines: &str) {
        self.types(&format!(
            "configure terminal\n{lines}\nend\nterminal monitor\n"
        ));
    }

    /// The next line with one of these words, before the time is over.
    fn line_with(&self, words: &[&str], patience: Duration) -> Option<String> {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).ok()?;
            if words.iter().any(|word| line.contains(word)) {
                return Some(line);
            }
        }
    }

    /// How a test message fares.
    fn sends(&mut self) -> String {
        self.types("call-home test profile p\n");
        self.line_with(&["Succeeded", "Failed"], PATIENCE)
            .expect("an end")
    }

    /// Has the next daily import come soon, and waits for its message. A machine that takes the line only when its time is over
    /// gets another line, with more time.
    fn imports(&mut self, url: &str, number: &str) -> String {
        for lead in [2, 10, 40] {
            let time = (Utc::now() + TimeDelta::seconds(lead)).format("%H:%M:%S");
            self.configure(&format!(
                "crypto ca trustpool policy\nauto-import time {time} url {url}"
            ));
            // Three tries that fail take ten seconds.
            let patience = Duration::from_secs(lead.unsigned_abs() + 20);
            if let Some(told) = self.line_with(&["717057", "717058"], patience) {
                assert!(told.contains(number), "{told}");
                return told;
            }
        }
        panic!("no import");
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A collector that takes everything, with a certificate of its own, and a server of bundles beside it; both end with their owner.
struct Nginx(Child);

impl Nginx {
    /// Returns when both listen.
    fn start(
        program: &Path,
        at: &Path,
        issuer: &str,
        https: u16,
        http: u16,
    ) -> Result<Self, String> {
        openssl(
            at,
            "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server",
        )?;
        openssl(
            at,
            &format!(
                "x509 -req -in server.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -days 10 -extfile names -out server.pem"
            ),
        )?;
        let folder = at.display();
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {folder}/{kind};\n"))
            .concat();
        let configuration = format!(
            "daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/errors;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}\
             server {{ listen 127.0.0.1:{https} ssl; ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;\n\
             location / {{ return 200; }} }}\n\
             server {{ listen 127.0.0.1:{http}; root {folder}/served; }}\n}}\n"
        );
        std::fs::write(at.join("nginx.conf"), configuration).expect("a file");
        let mut child = Command::new(program)
            .arg("-p")
            .arg(at)
            .arg("-e")
            .arg(at.join("errors"))
            .arg("-c")
            .arg(at.join("nginx.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("nginx: {error}"))?;
        let until = Instant::now() + PATIENCE;
        for port in [https, http] {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                let ended = child.try_wait().expect("a child of ours");
                assert!(
                    ended.is_none() && Instant::now() < until,
                    "nginx does not listen: {ended:?}"
                );
                std::thread::yield_now();
            }
        }
        Ok(Self(child))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Runs openssl in a folder; why there is none.
fn openssl(folder: &Path, arguments: &str) -> Result<(), String> {
    let ran = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("openssl: {error}"))?;
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "openssl {arguments}: {told}");
    Ok(())
}
