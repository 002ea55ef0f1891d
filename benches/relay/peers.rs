//! The yardsticks: where they are on this host, and the workloads as configurations of theirs, each tuned for throughput.

use std::path::{Path, PathBuf};

use crate::reference::{RECEIVERS, Workload};
use crate::yardstick::program;

/// One that the variable names, else one of this host, else one that `.ci/peers` has unpacked.
pub(crate) fn find(variable: &str, name: &str) -> Option<PathBuf> {
    let unpacked = || Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers/bin");
    program(variable, name).or_else(|| Some(unpacked().join(name)).filter(|path| path.is_file()))
}

/// rsyslogd: the inputs on epoll and recvmmsg, one queue in memory with large batches.
pub(crate) fn rsyslog(workload: Workload, folder: &str, input: u16, ports: &[u16]) -> String {
    let mut text = format!(
        "global(workDirectory=\"{folder}\" parser.escapeControlCharactersOnReceive=\"off\")\n\
         module(load=\"imptcp\" threads=\"1\")\nmodule(load=\"imudp\" threads=\"1\" batchSize=\"128\")\n\
         module(load=\"pmciscoios\")\n\
         template(name=\"asis\" type=\"string\" string=\"%rawmsg%\")\n\
         main_queue(queue.type=\"FixedArray\" queue.size=\"200000\" queue.dequeueBatchSize=\"2048\" queue.workerThreads=\"1\")\n"
    );
    text += match workload {
        Workload::Eight => "ruleset(name=\"relay\" parser=\"rsyslog.ciscoios\") {\n",
        _ => "ruleset(name=\"relay\") {\n",
    };
    for (port, receiver) in ports.iter().zip(&RECEIVERS) {
        let action = format!(
            "action(type=\"omfwd\" protocol=\"tcp\" target=\"127.0.0.1\" port=\"{port}\" template=\"asis\" action.resumeInterval=\"1\")"
        );
        text += &match workload {
            Workload::Eight => format!("if {} then {{\n{action}\n}}\n", receiver.condition),
            _ => format!("{action}\n"),
        };
    }
    text += "}\n";
    for module in ["imptcp", "imudp"] {
        let buffer = if module == "imudp" {
            " rcvbufSize=\"4m\""
        } else {
            ""
        };
        text += &format!(
            "input(type=\"{module}\" address=\"127.0.0.1\" port=\"{input}\" ruleset=\"relay\"{buffer})\n"
        );
    }
    text
}

/// syslog-ng: a window and queues that hold a second of messages, a thousand a fetch, flow control so that none is lost.
pub(crate) fn syslog_ng(workload: Workload, input: u16, ports: &[u16]) -> String {
    let inputs = [
        ("tcp", "log-iw-size(100000)"),
        ("udp", "so-rcvbuf(4194304)"),
    ]
    .map(|(transport, more)| {
        format!(
            "  network(transport(\"{transport}\") ip(\"127.0.0.1\") port({input}) flags(store-raw-message) log-fetch-limit(1000) {more});\n"
        )
    });
    let mut text = format!(
        "@version: 3.35\n\
         options {{ threaded(yes); stats-freq(0); keep-hostname(yes); use-dns(no); dns-cache(no); time-reopen(1); log-fifo-size(200000); }};\n\
         source inputs {{\n{}}};\n",
        inputs.concat()
    );
    for (number, (port, receiver)) in ports.iter().zip(&RECEIVERS).enumerate() {
        let mut path = "source(inputs); ".to_owned();
        if workload == Workload::Eight {
            text += &format!("filter f{number} {{ {}; }};\n", receiver.filter);
            path += &format!("filter(f{number}); ");
        }
        text += &format!(
            "destination d{number} {{ network(\"127.0.0.1\" transport(\"tcp\") port({port}) template(\"${{RAWMSG}}\\n\")); }};\n\
             log {{ {path}destination(d{number}); flags(flow-control); }};\n"
        );
    }
    text
}
