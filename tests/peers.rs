//! Real peers of the real program: rsyslog and syslog-ng as receivers and as relays, `logger` as a sender, `xmllint` as a reader. A
//! test whose peer is not on this machine says so and passes; `.ci/run` brings them. Everything stays on loopback, on free ports.

#[path = "loopback/brought.rs"]
mod brought;
#[path = "peers/device.rs"]
mod device;
#[path = "loopback/ports.rs"]
mod ports;
#[path = "peers/program.rs"]
mod program;
#[path = "peers/receiver.rs"]
mod receiver;
#[path = "peers/restart.rs"]
mod restart;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use device::{Device, count, send};
use program::{Peer, Running, find, free};
use receiver::Receiver;

/// One message of every PRI there is.
const MESSAGES: u16 = 192;

/// What a receiver made of a message: facility, severity, host, program or tag, MSGID, text.
type Facts = (String, String, String, String, String, String);

fn facts(facility: u16, severity: u16, host: &str, program: &str, id: &str, text: &str) -> Facts {
    let [facility, severity] = [facility, severity].map(|n| n.to_string());
    let [host, program, id, text] = [host, program, id, text].map(str::to_owned);
    (facility, severity, host, program, id, text)
}

/// The lines that a receiver has printed, by input.
#[derive(Default)]
struct Printed(BTreeMap<String, Vec<Facts>>);

impl Printed {
    fn take(&mut self, line: &str) {
        let mut fields = line.splitn(7, '\t');
        let mut next = || fields.next().unwrap_or_default().trim();
        let (input, facility, severity, host, program, id, text) =
            (next(), next(), next(), next(), next(), next(), next());
        // syslog-ng leaves a device's own header before the text.
        let text = text.strip_prefix(&format!("{program}: ")).unwrap_or(text);
        let found = [facility, severity, host, program, id, text].map(str::to_owned);
        self.0
            .entry(input.to_owned())
            .or_default()
            .push(found.into());
    }

    /// What came through an input of what the test itself sent, in its order.
    fn sent(&self, input: &str) -> Vec<Facts> {
        let all = self.0.get(input).into_iter().flatten();
        all.filter(|facts| facts.5.contains("message "))
            .cloned()
            .collect()
    }

    fn lines(&self, input: &str) -> u64 {
        self.0.get(input).map_or(0, |lines| lines.len() as u64)
    }
}

/// What the session says it delivered is what the receiver has printed, to the line.
fn agree(device: &Device, port: u16, peer: &Running, printed: &mut Printed, input: &str) {
    loop {
        let delivered = count(&device.session(port), "message_lines_logged");
        while printed.lines(input) < delivered {
            printed.take(&peer.line());
        }
        let session = device.session(port);
        assert_eq!(count(&session, "overflowed"), 0);
        assert_eq!(count(&session, "possibly_repeated"), 0);
        // Unless the device has said something meanwhile.
        if count(&session, "message_lines_logged") == delivered && count(&session, "queued") == 0 {
            assert_eq!(printed.lines(input), delivered, "{input}");
            return;
        }
    }
}

/// The messages of three devices, of which one does not say who it is.
fn of_devices() -> Vec<(u16, u16, &'static str)> {
    (0..MESSAGES)
        .map(|n| (n / 8, n % 8, ["sw1", "192.0.2.7", ""][usize::from(n % 3)]))
        .collect()
}

fn receives(peer: Peer, configuration: &str) {
    let [udp, tcp, counted, ios_input, rfc5424_input] = free();
    let ports = [("UDP", udp), ("TCP", tcp), ("COUNTED", counted)];
    let Some(peer) = Running::start(peer, configuration, &ports) else {
        return;
    };
    let ios = Device::start(&format!(
        "hostname watch\nlogging input tcp port {ios_input}\nlogging trap debugging\n\
         logging host 127.0.0.1 transport udp port {udp}\nlogging host 127.0.0.1 transport tcp port {tcp}\n"
    ));
    let rfc5424 = Device::start(&format!(
        "hostname watch\nlogging input tcp port {rfc5424_input}\nlogging trap debugging syslog-format rfc5424\n\
         logging host 127.0.0.1 transport tcp port {counted}\n"
    ));
    for input in [ios_input, rfc5424_input] {
        send(
            input,
            of_devices()
                .iter()
                .zip(1..)
                .map(|((facility, severity, host), n)| {
                    let pri = facility * 8 + severity;
                    let host = if host.is_empty() {
                        String::new()
                    } else {
                        format!("{host}: ")
                    };
                    let stamp = "Mar  1 18:46:11.123";
                    format!("<{pri}>{n}: {host}{stamp}: %LAB-{severity}-TEST{n}: message {n}")
                }),
        );
    }
    let mut printed = Printed::default();
    let inputs = ["udp", "tcp", "counted"];
    while inputs
        .iter()
        .any(|input| printed.sent(input).len() < usize::from(MESSAGES))
    {
        printed.take(&peer.line());
    }
    agree(&ios, udp, &peer, &mut printed, "udp");
    agree(&ios, tcp, &peer, &mut printed, "tcp");
    agree(&rfc5424, counted, &peer, &mut printed, "counted");

    let wanted = |of: fn(u16, u16, &str, u16) -> Facts| -> Vec<Facts> {
        let messages = of_devices().into_iter().zip(1..);
        messages
            .map(|((facility, severity, host), n)| of(facility, severity, host, n))
            .collect()
    };
    let as_ios = wanted(|facility, severity, host, n| {
        // Who does not say who it is has the address that it came from.
        let host = if host.is_empty() { "127.0.0.1" } else { host };
        let tag = format!("%LAB-{severity}-TEST{n}");
        facts(facility, severity, host, &tag, "-", &format!("message {n}"))
    });
    assert_eq!(printed.sent("udp"), as_ios);
    assert_eq!(printed.sent("tcp"), as_ios);
    let as_rfc5424 = wanted(|facility, severity, host, n| {
        let host = if host.is_empty() { "watch" } else { host };
        let text = format!("%LAB-{severity}-TEST{n}: message {n}");
        facts(facility, severity, host, "LAB", &format!("TEST{n}"), &text)
    });
    assert_eq!(printed.sent("counted"), as_rfc5424);
}

#[test]
fn rsyslog_understands_every_message_in_each_form() {
    receives(Peer::Rsyslog, include_str!("peers/rsyslog-takes.conf"));
}

#[test]
fn syslog_ng_understands_every_message_in_each_form() {
    receives(Peer::SyslogNg, include_str!("peers/syslog-ng-takes.conf"));
}

/// A device with these inputs, whose messages come to the test.
fn relayed_to(receiver: &Receiver, inputs: &[(&str, u16)]) -> Device {
    let inputs: String = inputs
        .iter()
        .map(|(transport, port)| format!("logging input {transport} port {port}\n"))
        .collect();
    Device::start(&format!(
        "hostname watch\n{inputs}logging trap debugging syslog-format rfc5424\n\
         logging host 127.0.0.1 transport tcp port {}\n",
        receiver.port
    ))
}

/// So many whole messages, and nothing else.
fn assert_received(device: &Device, port: u16, transport: &str, messages: u64) {
    let view = device.when("the inputs", "show logging input", |_| true);
    let inputs = view["inputs"].as_array().expect("inputs");
    let found = inputs
        .iter()
        .find(|input| input["port"] == port && input["transport"] == transport)
        .expect("the input");
    let counts = ["received", "malformed", "dropped", "refused"].map(|name| count(found, name));
    assert_eq!(counts, [messages, 0, 0, 0], "{found}");
}

fn relays(peer: Peer, configuration: &str) {
    let receiver = Receiver::open();
    let [udp, tcp, counted, senders] = free();
    let inputs = [("udp", udp), ("tcp", tcp), ("tcp", counted)];
    let device = relayed_to(&receiver, &inputs);
    let ports = [
        ("UDP", udp),
        ("TCP", tcp),
        ("COUNTED", counted),
        ("SENDERS", senders),
    ];
    let Some(_peer) = Running::start(peer, configuration, &ports) else {
        return;
    };
    send(
        senders,
        (0..MESSAGES).map(|pri| {
            let program = pri % 5;
            format!("<{pri}>Mar  1 18:46:11 sw1 program{program}[77]: message {pri} of all")
        }),
    );
    // Once from each input.
    let wanted: Vec<Facts> = (0..MESSAGES)
        .flat_map(|pri| {
            let program = format!("program{}", pri % 5);
            let text = format!("message {pri} of all");
            let one = facts(pri / 8, pri % 8, "sw1", &program, "77", &text);
            [one.clone(), one.clone(), one]
        })
        .collect();
    let mut found = receiver.messages(wanted.len(), "program");
    found.sort_by_key(|facts| {
        (
            facts.0.parse::<u16>().unwrap_or_default(),
            facts.1.parse::<u16>().unwrap_or_default(),
        )
    });
    assert_eq!(found, wanted);
    for (transport, port) in inputs {
        assert_received(&device, port, transport, u64::from(MESSAGES));
    }
    receiver.agrees_with(|| device.session(receiver.port));
}

#[test]
fn what_rsyslog_forwards_keeps_facility_severity_and_program() {
    relays(Peer::Rsyslog, include_str!("peers/rsyslog-forwards.conf"));
}

#[test]
fn what_syslog_ng_forwards_keeps_facility_severity_and_program() {
    relays(
        Peer::SyslogNg,
        include_str!("peers/syslog-ng-forwards.conf"),
    );
}

#[test]
fn what_logger_says_arrives_in_each_of_its_forms() {
    let Some(logger) = find("logger") else {
        return;
    };
    let receiver = Receiver::open();
    let [udp, tcp] = free();
    let device = relayed_to(&receiver, &[("udp", udp), ("tcp", tcp)]);
    let mut wanted = Vec::new();
    let forms: [&[&str]; 6] = [
        &["--udp", "--rfc3164"],
        &["--udp", "--rfc5424"],
        &["--tcp", "--rfc3164"],
        &["--tcp", "--rfc5424"],
        &["--tcp", "--rfc3164", "--octet-count"],
        &["--tcp", "--rfc5424", "--octet-count"],
    ];
    let priorities = [
        ("auth.crit", 4, 2),
        ("local3.warning", 19, 4),
        ("user.debug", 1, 7),
    ];
    for (form, n) in forms.iter().zip(1..) {
        for (priority, facility, severity) in priorities {
            let port = if form.contains(&"--udp") { udp } else { tcp };
            let tag = format!("logger{n}");
            let text = format!("message {n} of {priority}");
            let ended = Command::new(&logger)
                .args(["--server", "127.0.0.1", "--port", &port.to_string()])
                .args(*form)
                .args(["--id=77", "--tag", &tag, "--priority", priority, &text])
                .status()
                .expect("it starts");
            assert!(ended.success(), "{form:?}");
            wanted.push(facts(facility, severity, "", &tag, "77", &text));
        }
    }
    let mut found = receiver.messages(wanted.len(), "logger");
    // Who sends is this machine's name, as `logger` has it.
    let host = std::mem::take(&mut found[0].2);
    for facts in found.iter_mut().skip(1) {
        assert_eq!(std::mem::take(&mut facts.2), host);
    }
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted);
    assert_received(&device, udp, "udp", 6);
    assert_received(&device, tcp, "tcp", 12);
    receiver.agrees_with(|| device.session(receiver.port));
}

/// What unit tests compare with what is written, read by the XML library that most programs use.
#[test]
fn xmllint_finds_every_golden_call_home_document_well_formed() {
    let Some(xmllint) = find("xmllint") else {
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/call_home");
    let files = std::fs::read_dir(folder).expect("the golden documents");
    let paths = files.map(|file| file.expect("a file").path());
    let documents: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "xml"))
        .collect();
    assert!(documents.len() > 10, "{documents:?}");
    let ran = Command::new(xmllint)
        .arg("--noout")
        .args(documents)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.is_empty(), "{said}");
}
