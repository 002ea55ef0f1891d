//! Names in networks of the test's own: the real program on one end of a cable, a real DHCP and DNS server (`dnsmasq`, which
//! `.ci/peers` brings) on the other. Where one cannot be made or is not there, the test says so; nothing else is reached.

#[path = "loopback/brought.rs"]
mod brought;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const SERVER: &str = "192.0.2.1";
const DEVICE: &str = "192.0.2.9";

#[test]
fn name_servers_are_configured_or_learned_from_a_dhcp_server() {
    // On a thread that nobody else uses: the network is the thread's.
    let there = std::thread::spawn(|| {
        if let Err(why) = there() {
            writeln!(std::io::stderr(), "skipped: {why}").expect("written");
        }
    });
    assert!(there.join().is_ok(), "what was said above");
}

fn there() -> Result<(), String> {
    let program = brought::program("dnsmasq").ok_or("dnsmasq is not on this machine")?;
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET)
        .map_err(|error| format!("no network of its own: {error}"))?;
    let made = format!(
        "link set lo up; link add wf0 type veth peer name wf1; address add {DEVICE}/24 dev wf0; link set wf0 up"
    );
    if !made.split("; ").all(ip) {
        return Err("no ip, or no pair of interfaces".to_owned());
    }
    if !with_own_sys()
        .arg("true")
        .status()
        .is_ok_and(|ran| ran.success())
    {
        return Err("no /sys of its own".to_owned());
    }
    let folder = tempfile::tempdir().expect("a folder");
    let Some(_server) = Server::start(&program, folder.path()) else {
        return Err("no second network".to_owned());
    };
    let collector = TcpListener::bind((DEVICE, 0)).expect("a listener");
    let port = collector.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for stream in collector.incoming().flatten() {
            let mut reader = BufReader::new(&stream);
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                let value = line.strip_prefix("content-length: ");
                length = value.map_or(length, |value| value.trim().parse().expect("a length"));
                line.clear();
            }
            reader.read_exact(&mut vec![0; length]).expect("a body");
            write!(&stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("an answer");
        }
    });
    let profile = format!(
        "interface wf0\n nameif outside\n security-level 50\ninterface lo\n nameif inside\n security-level 10\n\
         call-home\n profile p\n  active\n  destination address http http://collector.example:{port}/\n\
         destination transport-method http\n"
    );

    // Step 1: the server of the configuration.
    let text = format!("{profile}dns server-group DefaultDNS\n name-server {SERVER} outside\n");
    let shown = shown(&folder, &text, &[]);
    assert!(shown.contains("INFO: Succeeded"), "{shown}");
    assert!(
        shown.contains(r#""name":"collector.example","addresses":["192.0.2.9"],"step":1"#),
        "{shown}"
    );

    // Step 2: nobody answers at the one that is configured; a DHCP server names another, and nothing of it is configured.
    let text = format!(
        "{profile}dns name-server 192.0.2.77\ndns server-group DefaultDNS\n retries 0\n timeout 1\n"
    );
    let shown = self::shown(&folder, &text, &[]);
    assert!(shown.contains("INFO: Succeeded"), "{shown}");
    assert!(
        shown.contains(r#"{"step":1,"result":"192.0.2.77: no answer"}"#),
        "{shown}"
    );
    assert!(
        shown.contains(r#"{"step":2,"result":"DHCPINFORM on outside: 192.0.2.1"}"#),
        "{shown}"
    );
    assert!(
        shown.contains(r#"{"step":2,"result":"192.0.2.1: 192.0.2.9"}"#),
        "{shown}"
    );
    assert!(
        shown.contains("\n name-server 192.0.2.77\n") && !shown.contains("name-server 192.0.2.1\n"),
        "{shown}"
    );
    assert!(
        shown.contains("%ASA-7-711001: call-home: collector.example: step 2: "),
        "{shown}"
    );

    // The fence of a rehearsal holds for a broadcast, too.
    let shown = self::shown(&folder, &text, &["--only-to", "192.0.2.0/24"]);
    assert!(
        shown.contains(r#"{"step":2,"result":"DHCPINFORM on outside: not in --only-to"}"#),
        "{shown}"
    );
    assert!(
        shown.contains("ERROR: Failed: NAME_LOOKUP_FAILED("),
        "{shown}"
    );
    assert!(
        shown.contains("%ASA-4-717026: Name lookup failed for hostname collector.example"),
        "{shown}"
    );

    // Steps 3 and 4, for the vendor's own host: an operator has named a server and an address of it, and permitted both.
    let vendor = profile.replace("collector.example", "tools.cisco.com");
    let text = format!(
        "{vendor}service call-home\nno call-home reporting anonymous\ncall-home vendor permit\ndns name-server 192.0.2.77\n\
         dns server-group DefaultDNS\n retries 0\n timeout 1\ndns vendor name-server {SERVER}\n"
    );
    let shown = self::shown(&folder, &text, &["--only-to", "192.0.2.0/24"]);
    assert!(shown.contains("INFO: Succeeded"), "{shown}");
    assert!(
        shown.contains(r#"{"step":3,"result":"192.0.2.1: 192.0.2.9"}"#),
        "{shown}"
    );
    assert!(
        shown.contains("%ASA-7-711001: call-home: tools.cisco.com: step 3: "),
        "{shown}"
    );
    let text = text.replace(
        &format!("dns vendor name-server {SERVER}"),
        &format!("dns vendor name-server 192.0.2.78\ndns vendor collector {DEVICE}"),
    );
    let shown = self::shown(&folder, &text, &["--only-to", "192.0.2.0/24"]);
    assert!(shown.contains("INFO: Succeeded"), "{shown}");
    assert!(
        shown.contains(r#"{"step":3,"result":"192.0.2.78: no answer"}"#),
        "{shown}"
    );
    assert!(
        shown.contains(r#"{"step":4,"result":"192.0.2.9"}"#),
        "{shown}"
    );
    assert!(
        shown.contains("%ASA-7-711001: call-home: tools.cisco.com: step 4: 192.0.2.9"),
        "{shown}"
    );
    // Another host has the first two steps alone.
    let shown = self::shown(
        &folder,
        &text.replace("tools.cisco.com", "other.cisco.com"),
        &["--only-to", "192.0.2.0/24"],
    );
    assert!(!shown.contains(r#""step":3"#), "{shown}");
    assert!(!shown.contains(r#""step":4"#), "{shown}");
    Ok(())
}

/// What the program prints of a test message on a configuration, and of the names afterwards.
fn shown(folder: &tempfile::TempDir, text: &str, arguments: &[&str]) -> String {
    let file = folder.path().join("configuration");
    let buffered = "logging buffered debugging\nlogging on\n";
    std::fs::write(&file, format!("{buffered}{text}")).expect("a file");
    let Output { stdout, stderr, .. } = with_own_sys()
        .arg(env!("CARGO_BIN_EXE_watchfire"))
        .args(["--no-startup", "--state"])
        .arg(folder.path().join("state"))
        .args(arguments)
        .arg("-f")
        .arg(&file)
        .args(["-c", "debug call-home"])
        .args(["-c", "call-home test profile p"])
        .args(["-c", "show dns | json"])
        .args(["-c", "show running-config dns"])
        .args(["-c", "show logging"])
        .output()
        .expect("the program");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let printed = text(stdout) + &text(stderr);
    // JSON is compared in one line, the rest as it is.
    let trimmed: Vec<_> = printed.lines().map(str::trim_start).collect();
    let one_line = trimmed.concat().replace("\": ", "\":");
    printed + &one_line
}

/// Runs what follows it with the `/sys` of our network, as `ip netns exec` does.
fn with_own_sys() -> Command {
    let mut command = Command::new("unshare");
    command.args([
        "-m",
        "sh",
        "-c",
        "mount -t sysfs none /sys && exec \"$@\"",
        "sh",
    ]);
    command
}

/// A server in a network behind ours; it ends with the test.
struct Server(Child);

impl Server {
    fn start(program: &Path, folder: &Path) -> Option<Self> {
        let run = format!(
            "echo made; read moved; ip link set lo up; ip address add {SERVER}/24 dev wf1; ip link set wf1 up; exec \"$@\" 2>&1"
        );
        let mut child = Command::new("unshare")
            .args(["-n", "sh", "-c", &run, "sh"])
            .arg(program)
            .args([
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--no-hosts",
                "--no-resolv",
                "--user=root",
            ])
            .args([
                "--interface=wf1",
                "--bind-interfaces",
                "--log-facility=-",
                "--leasefile-ro",
                "--no-ping",
            ])
            .arg(format!("--pid-file={}", folder.join("pid").display()))
            .args([
                "--dhcp-authoritative",
                "--dhcp-range=192.0.2.100,192.0.2.120",
            ])
            .arg(format!("--dhcp-option=6,{SERVER}"))
            .arg(format!("--host-record=collector.example,{DEVICE},60"))
            .arg(format!("--host-record=tools.cisco.com,{DEVICE},60"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut told = BufReader::new(child.stdout.take()?).lines();
        let mut typed = child.stdin.take()?;
        let server = Self(child);
        told.next()?.ok()?;
        if !ip(&format!("link set wf1 netns {}", server.0.id())) {
            return None;
        }
        typed.write_all(b"moved\n").ok()?;
        let end = Instant::now() + Duration::from_secs(20);
        for line in told {
            let line = line.ok()?;
            if line.contains("DHCP, sockets bound") || line.contains("DHCP, IP range") {
                return Some(server);
            }
            assert!(Instant::now() < end, "{line}");
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn ip(arguments: &str) -> bool {
    let ran = Command::new("ip").args(arguments.split(' ')).status();
    ran.is_ok_and(|status| status.success())
}
