//! Eight receivers with a discriminator each, said four ways: for Watchfire, for rsyslogd, for syslog-ng, and as a plain
//! predicate that the bench itself computes. The four must agree to the message.

use crate::bodies;
use crate::features::Feature;

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
pub(crate) struct Receiver {
    /// Behind `logging discriminator NAME `.
    discriminator: &'static str,
    /// The condition of rsyslogd, on Cisco's header as its parser splits it.
    pub(crate) condition: &'static str,
    /// The filter of syslog-ng, whose `message` begins with the percent sign.
    pub(crate) filter: &'static str,
    passes: fn(&Parts<'_>) -> bool,
}

pub(crate) const RECEIVERS: [Receiver; 8] = [
    Receiver {
        discriminator: "severity includes 0,1,2,3",
        condition: "$syslogseverity <= 3",
        filter: "level(err..emerg)",
        passes: |m| m.severity <= 3,
    },
    Receiver {
        discriminator: "severity includes 0-5 facility includes ^LINK$|^LINEPROTO$",
        condition: "$syslogseverity <= 5 and re_match($syslogtag, '^%(LINK|LINEPROTO)-[0-7]-')",
        filter: "level(notice..emerg) and message('^%(LINK|LINEPROTO)-[0-7]-' type(pcre))",
        passes: |m| m.severity <= 5 && ["LINK", "LINEPROTO"].contains(&m.facility),
    },
    Receiver {
        discriminator: "mnemonics includes CONFIG|LOGGEDCMD|LOGIN",
        condition: "re_match($syslogtag, '-[0-7]-.*(CONFIG|LOGGEDCMD|LOGIN)')",
        filter: "message('^%[^:]*-[0-7]-[^:]*(CONFIG|LOGGEDCMD|LOGIN)' type(pcre))",
        passes: |m| has(m.mnemonic, &["CONFIG", "LOGGEDCMD", "LOGIN"]),
    },
    Receiver {
        discriminator: "severity includes 0,1,2,3,4 mnemonics drops UPDOWN",
        condition: "$syslogseverity <= 4 and not re_match($syslogtag, '-[0-7]-.*UPDOWN')",
        filter: "level(warning..emerg) and not message('^%[^:]*-[0-7]-[^:]*UPDOWN' type(pcre))",
        passes: |m| m.severity <= 4 && !has(m.mnemonic, &["UPDOWN"]),
    },
    Receiver {
        discriminator: "msg-body includes 10\\.20\\.[0-9]",
        condition: "re_match($msg, '10[.]20[.][0-9]')",
        filter: "message('10\\.20\\.[0-9]' type(pcre))",
        passes: |m| has(m.body, &["10.20."]),
    },
    Receiver {
        discriminator: "facility includes ASA|SEC msg-body includes Deny|denied|failed",
        condition: "re_match($syslogtag, '^%.*(ASA|SEC).*-[0-7]-') and re_match($msg, 'Deny|denied|failed')",
        filter: "message('^%[^:]*(ASA|SEC)[^:]*-[0-7]-' type(pcre)) and message('Deny|denied|failed' type(pcre))",
        passes: |m| has(m.facility, &["ASA", "SEC"]) && has(m.body, &["Deny", "denied", "failed"]),
    },
    Receiver {
        discriminator: "severity includes 4,5,6 msg-body includes (vty|tty|line)[ 0-9]",
        condition: "$syslogseverity >= 4 and $syslogseverity <= 6 and re_match($msg, '(vty|tty|line)[ 0-9]')",
        filter: "level(info..warning) and message('(vty|tty|line)[ 0-9]' type(pcre))",
        passes: |m| (4..=6).contains(&m.severity) && has_line(m.body),
    },
    Receiver {
        discriminator: "severity includes 0-5 facility includes OSPF|BGP|DUAL msg-body includes Down|DOWN|down|FULL",
        condition: "$syslogseverity <= 5 and re_match($syslogtag, '^%.*(OSPF|BGP|DUAL).*-[0-7]-') and re_match($msg, 'Down|DOWN|down|FULL')",
        filter: "level(notice..emerg) and message('^%[^:]*(OSPF|BGP|DUAL)[^:]*-[0-7]-[^:]*: .*(Down|DOWN|down|FULL)' type(pcre))",
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
    /// So many receivers, a body pattern of its own each.
    Bodies(usize),
}

impl Workload {
    pub(crate) fn receivers(self) -> usize {
        match self {
            Self::Pass => 1,
            Self::Eight => RECEIVERS.len(),
            Self::Bodies(count) => count,
        }
    }

    /// How many of the messages each receiver must get.
    pub(crate) fn expected<'m>(self, messages: impl Iterator<Item = &'m str>) -> Vec<u64> {
        let mut expected = vec![0; self.receivers()];
        let patterns: Vec<bodies::Body> = match self {
            Self::Bodies(count) => bodies::patterns().take(count).collect(),
            _ => Vec::new(),
        };
        for message in messages {
            if self == Self::Pass {
                expected.iter_mut().for_each(|count| *count += 1);
                continue;
            }
            let Some(parts) = Parts::of(message) else {
                continue;
            };
            for (count, pattern) in expected.iter_mut().zip(&patterns) {
                *count += u64::from(pattern.is_in(parts.body));
            }
            if self == Self::Eight {
                for (count, receiver) in expected.iter_mut().zip(&RECEIVERS) {
                    *count += u64::from((receiver.passes)(&parts));
                }
            }
        }
        expected
    }

    /// Our configuration: inputs on `input`, receivers on `ports`, and what else is turned on.
    pub(crate) fn watchfire(self, input: u16, ports: &[u16], feature: &Feature) -> String {
        let mut text = format!(
            "hostname bench\nno call-home reporting anonymous\nno logging buffered\n{}logging trap {}\n\
             logging input tcp port {input}\nlogging input udp port {input}\n",
            feature.lines, feature.trap
        );
        let discriminators: Vec<String> = match self {
            Self::Pass => Vec::new(),
            Self::Eight => RECEIVERS
                .iter()
                .map(|receiver| receiver.discriminator.to_owned())
                .collect(),
            Self::Bodies(count) => bodies::patterns()
                .take(count)
                .map(|body| format!("msg-body includes {}", body.pattern))
                .collect(),
        };
        for (number, discriminator) in discriminators.iter().enumerate() {
            text += &format!(
                "logging discriminator R{number} {discriminator}{}\n",
                feature.of_discriminators
            );
        }
        for (number, port) in ports.iter().enumerate() {
            let attached = match self {
                Self::Pass => String::new(),
                _ => format!(" discriminator R{number}"),
            };
            let more = if number == 0 {
                feature.of_the_first_host
            } else {
                ""
            };
            text += &format!("logging host 127.0.0.1{attached} transport tcp port {port}{more}\n");
        }
        text
    }
}
