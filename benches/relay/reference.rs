//! Eight receivers with a discriminator each, said three ways: for Watchfire, for rsyslogd, and as a plain predicate that
//! the bench itself computes. The three must agree to the message.

/// What a message is about, found the slow and simple way.
struct Parts<'a> {
    severity: u32,
    facility: &'a str,
    mnemonic: &'a str,
    body: &'a str,
}

impl<'a> Parts<'a> {
    /// `None` for a message without a `%FAC-SEV-MNEM: ` header.
    fn of(message: &'a str) -> Option<Self> {
        let (_, behind) = message.split_once('%')?;
        let (header, body) = behind.split_once(": ")?;
        let at = (1..header.len()).find(|at| {
            matches!(
                header.as_bytes().get(*at..at + 3),
                Some([b'-', b'0'..=b'7', b'-'])
            )
        })?;
        Some(Self {
            severity: header.get(at + 1..at + 2)?.parse().ok()?,
            facility: header.get(..at)?,
            mnemonic: header.get(at + 3..)?,
            body,
        })
    }
}

/// One receiver.
struct Receiver {
    /// Behind `logging discriminator NAME `.
    discriminator: &'static str,
    /// The condition of rsyslogd, on Cisco's header as its parser splits it.
    condition: &'static str,
    passes: fn(&Parts<'_>) -> bool,
}

const RECEIVERS: [Receiver; 8] = [
    Receiver {
        discriminator: "severity includes 0,1,2,3",
        condition: "$syslogseverity <= 3",
        passes: |m| m.severity <= 3,
    },
    Receiver {
        discriminator: "severity includes 0-5 facility includes ^LINK$|^LINEPROTO$",
        condition: "$syslogseverity <= 5 and re_match($syslogtag, '^%(LINK|LINEPROTO)-[0-7]-')",
        passes: |m| m.severity <= 5 && ["LINK", "LINEPROTO"].contains(&m.facility),
    },
    Receiver {
        discriminator: "mnemonics includes CONFIG|LOGGEDCMD|LOGIN",
        condition: "re_match($syslogtag, '-[0-7]-.*(CONFIG|LOGGEDCMD|LOGIN)')",
        passes: |m| has(m.mnemonic, &["CONFIG", "LOGGEDCMD", "LOGIN"]),
    },
    Receiver {
        discriminator: "severity includes 0,1,2,3,4 mnemonics drops UPDOWN",
        condition: "$syslogseverity <= 4 and not re_match($syslogtag, '-[0-7]-.*UPDOWN')",
        passes: |m| m.severity <= 4 && !has(m.mnemonic, &["UPDOWN"]),
    },
    Receiver {
        discriminator: "msg-body includes 10\\.20\\.[0-9]",
        condition: "re_match($msg, '10[.]20[.][0-9]')",
        passes: |m| has(m.body, &["10.20."]),
    },
    Receiver {
        discriminator: "facility includes ASA|SEC msg-body includes Deny|denied|failed",
        condition: "re_match($syslogtag, '^%.*(ASA|SEC).*-[0-7]-') and re_match($msg, 'Deny|denied|failed')",
        passes: |m| has(m.facility, &["ASA", "SEC"]) && has(m.body, &["Deny", "denied", "failed"]),
    },
    Receiver {
        discriminator: "severity includes 4,5,6 msg-body includes (vty|tty|line)[ 0-9]",
        condition: "$syslogseverity >= 4 and $syslogseverity <= 6 and re_match($msg, '(vty|tty|line)[ 0-9]')",
        passes: |m| (4..=6).contains(&m.severity) && has_line(m.body),
    },
    Receiver {
        discriminator: "severity includes 0-5 facility includes OSPF|BGP|DUAL msg-body includes Down|DOWN|down|FULL",
        condition: "$syslogseverity <= 5 and re_match($syslogtag, '^%.*(OSPF|BGP|DUAL).*-[0-7]-') and re_match($msg, 'Down|DOWN|down|FULL')",
        passes: |m| {
            m.severity <= 5
                && has(m.facility, &["OSPF", "BGP", "DUAL"])
                && has(m.body, &["Down", "DOWN", "down", "FULL"])
        },
    },
];

fn has(text: &str, any_of: &[&str]) -> bool {
    any_of.iter().any(|part| text.contains(part))
}

fn has_line(body: &str) -> bool {
    ["vty", "tty", "line"].iter().any(|word| {
        body.match_indices(word).any(|(at, word)| {
            body.as_bytes()
                .get(at + word.len())
                .is_some_and(|next| *next == b' ' || next.is_ascii_digit())
        })
    })
}

/// What goes where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// Everything to one receiver.
    Pass,
    /// Eight receivers, a discriminator each.
    Eight,
}

impl Workload {
    pub(crate) fn receivers(self) -> usize {
        match self {
            Self::Pass => 1,
            Self::Eight => RECEIVERS.len(),
        }
    }

    /// How many of the messages each receiver must get.
    pub(crate) fn expected<'m>(self, messages: impl Iterator<Item = &'m str>) -> Vec<u64> {
        let mut expected = vec![0; self.receivers()];
        for message in messages {
            match self {
                Self::Pass => expected.iter_mut().for_each(|count| *count += 1),
                Self::Eight => {
                    let Some(parts) = Parts::of(message) else {
                        continue;
                    };
                    for (count, receiver) in expected.iter_mut().zip(&RECEIVERS) {
                        *count += u64::from((receiver.passes)(&parts));
                    }
                }
            }
        }
        expected
    }

    /// Our configuration: inputs on `input`, receivers on `ports`.
    pub(crate) fn watchfire(self, input: u16, ports: &[u16]) -> String {
        let mut text = format!(
            "hostname bench\nno call-home reporting anonymous\nno logging buffered\nlogging trap debugging\n\
             logging input tcp port {input}\nlogging input udp port {input}\n"
        );
        if self == Self::Eight {
            for (number, receiver) in RECEIVERS.iter().enumerate() {
                text += &format!(
                    "logging discriminator R{number} {}\n",
                    receiver.discriminator
                );
            }
        }
        for (number, port) in ports.iter().enumerate() {
            let attached = match self {
                Self::Pass => String::new(),
                Self::Eight => format!(" discriminator R{number}"),
            };
            text += &format!("logging host 127.0.0.1{attached} transport tcp port {port}\n");
        }
        text
    }

    /// The same for rsyslogd, tuned: the inputs on epoll and recvmmsg, one queue in memory with large batches.
    pub(crate) fn rsyslog(self, folder: &str, input: u16, ports: &[u16]) -> String {
        let mut text = format!(
            "global(workDirectory=\"{folder}\" parser.escapeControlCharactersOnReceive=\"off\")\n\
             module(load=\"imptcp\" threads=\"1\")\nmodule(load=\"imudp\" threads=\"1\" batchSize=\"128\")\n\
             module(load=\"pmciscoios\")\n\
             template(name=\"asis\" type=\"string\" string=\"%rawmsg%\")\n\
             main_queue(queue.type=\"FixedArray\" queue.size=\"200000\" queue.dequeueBatchSize=\"2048\" queue.workerThreads=\"1\")\n"
        );
        text += match self {
            Self::Pass => "ruleset(name=\"relay\") {\n",
            Self::Eight => "ruleset(name=\"relay\" parser=\"rsyslog.ciscoios\") {\n",
        };
        for (port, receiver) in ports.iter().zip(&RECEIVERS) {
            let action = format!(
                "action(type=\"omfwd\" protocol=\"tcp\" target=\"127.0.0.1\" port=\"{port}\" template=\"asis\" action.resumeInterval=\"1\")"
            );
            text += &match self {
                Self::Pass => format!("{action}\n"),
                Self::Eight => format!("if {} then {{\n{action}\n}}\n", receiver.condition),
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
}
