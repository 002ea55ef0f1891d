//! One call-home message before it is written down: what happened, whose device it is, what is attached. How it looks in a
//! format is in `xml` and `text`, how it travels is decided elsewhere.

use chrono::{DateTime, FixedOffset, Offset, Utc};

use crate::config::call_home::{AlertGroup, AlertSeverity};
use crate::config::masking;
use crate::message::Severity;
use crate::message::zone::Zone;

/// What kind of message it is: of an alert group, a test, or the output of commands that an operator sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Test,
    Group(AlertGroup),
    /// `call-home send "CLI"`.
    Command,
}

impl Kind {
    pub const ALL: [Self; 10] = [
        Self::Test,
        Self::Group(AlertGroup::Diagnostic),
        Self::Group(AlertGroup::Environment),
        Self::Group(AlertGroup::Threat),
        Self::Group(AlertGroup::Syslog),
        Self::Group(AlertGroup::Inventory),
        Self::Group(AlertGroup::Configuration),
        Self::Group(AlertGroup::Telemetry),
        Self::Group(AlertGroup::Snapshot),
        Self::Command,
    ];

    /// `Type` of the event, last part of the block's type, and the group's name in messages and result lines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Group(group) => group.keyword(),
            Self::Command => "command",
        }
    }

    /// Of a message that is sent because it is time or because somebody asked; an alert has its severity's.
    pub const fn subtype(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Group(_) | Self::Command => "full",
        }
    }

    /// `SubType` of an event: an alert says how bad it is, anything else how much is told (D200).
    pub const fn subtype_at(self, severity: AlertSeverity) -> &'static str {
        match self {
            Self::Group(group) if group.has_severity() => severity.keyword(),
            _ => self.subtype(),
        }
    }

    /// Reports are normal, a test is a notification.
    pub const fn severity(self) -> AlertSeverity {
        match self {
            Self::Test => AlertSeverity::Notification,
            Self::Group(_) | Self::Command => AlertSeverity::Normal,
        }
    }

    /// The description when nobody gives another.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Test => "Call-home test message",
            Self::Command => "Command Output",
            Self::Group(group) => match group {
                AlertGroup::Diagnostic => "Diagnostic Event",
                AlertGroup::Environment => "Environment Event",
                AlertGroup::Threat => "Threat Event",
                AlertGroup::Syslog => "Syslog Event",
                AlertGroup::Inventory => "Full Inventory",
                AlertGroup::Configuration => "Full Configuration",
                AlertGroup::Telemetry => "Full Telemetry",
                AlertGroup::Snapshot => "Full Snapshot",
            },
        }
    }

    /// The commands whose output is attached, in this order; those of a snapshot are configured, others typed.
    pub const fn commands(self) -> &'static [&'static str] {
        match self {
            Self::Test => &["show version", "show inventory"],
            Self::Command => &[],
            Self::Group(group) => match group {
                AlertGroup::Diagnostic => &[
                    "show failover",
                    "show interface",
                    "show cluster info",
                    "show cluster history",
                    "show crashinfo",
                    "show tech-support no-config",
                ],
                AlertGroup::Environment => {
                    &["show environment", "show cpu usage", "show memory detail"]
                }
                AlertGroup::Threat => &[
                    "show threat-detection rate",
                    "show threat-detection shun",
                    "show shun",
                    "show dynamic-filter reports top",
                ],
                AlertGroup::Syslog => &["show logging"],
                AlertGroup::Inventory => &[
                    "show version",
                    "show inventory",
                    "show failover state",
                    "show module",
                    "show environment",
                ],
                AlertGroup::Configuration => &[
                    "show context",
                    "show call-home registered-module status | exclude disabled",
                    "show running-config",
                    "show startup-config",
                    "show access-list | include elements",
                ],
                AlertGroup::Telemetry => &[
                    "show perfmon detail",
                    "show traffic",
                    "show conn count",
                    "show vpn-sessiondb summary",
                    "show vpn load-balancing",
                    "show local-host | include interface",
                    "show memory",
                    "show context",
                    "show access-list | include elements",
                    "show interface",
                    "show threat-detection statistics protocol",
                    "show phone-proxy media-sessions count",
                    "show phone-proxy secure-phones count",
                    "show route",
                    "show xlate count",
                ],
                AlertGroup::Snapshot => &[],
            },
        }
    }
}

/// How bad what a syslog message tells is: the same eight steps the other way round, and nothing of syslog is worse.
pub const fn alert_severity(severity: Severity) -> AlertSeverity {
    match severity {
        Severity::Emergencies => AlertSeverity::Fatal,
        Severity::Alerts => AlertSeverity::Critical,
        Severity::Critical => AlertSeverity::Major,
        Severity::Errors => AlertSeverity::Minor,
        Severity::Warnings => AlertSeverity::Warning,
        Severity::Notifications => AlertSeverity::Notification,
        Severity::Informational => AlertSeverity::Normal,
        Severity::Debugging => AlertSeverity::Debugging,
    }
}

/// Everything that one message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub kind: Kind,
    pub subtype: &'static str,
    pub severity: AlertSeverity,
    pub description: String,
    /// When it happened, on the device's clock.
    pub event_time: DateTime<FixedOffset>,
    /// When the message was made, on the same clock; its ids carry this second.
    pub created: DateTime<FixedOffset>,
    /// Of the message; its group has the next number.
    pub number: u64,
    pub device: Device,
    pub customer: Customer,
    pub attachments: Vec<Attachment>,
    /// The vendor's number of the case that the message belongs to.
    pub service_number: Option<String>,
    /// Of a report that does not say whose it is: a random number where the serial number would stand.
    pub anonymous: Option<u64>,
}

impl Message {
    /// `M1A:SERIAL:51AEAC68`: number and seconds since 1970 in hexadecimal.
    pub fn id(&self) -> String {
        self.stamped('M', self.number)
    }

    /// `G1B:SERIAL:51AEAC68`.
    pub fn group_id(&self) -> String {
        self.stamped('G', self.number.wrapping_add(1))
    }

    /// Of one of the documents that a long message is sent as: the first has the message's own, then `M1A.1:...`.
    pub fn id_of(&self, part: usize) -> String {
        match part {
            0 => self.id(),
            _ => self.id().replacen(':', &format!(".{part}:"), 1),
        }
    }

    fn stamped(&self, letter: char, number: u64) -> String {
        let seconds = self.created.timestamp().max(0);
        // An id has to tell devices apart; a host that does not tell its serial number is told apart by its name.
        let serial = match self.anonymous {
            Some(random) => &format!("{random:016X}"),
            None if self.device.serial.is_empty() => &self.device.name,
            None => &self.device.serial,
        };
        format!("{letter}{number:X}:{serial}:{seconds:08X}")
    }

    /// Leaves out what tells whose device it is: names, numbers and addresses of device and customer, the operator's words, the
    /// name in the prompt behind each output. What the outputs themselves say is the business of who chooses the commands.
    pub fn into_anonymous(mut self, random: u64) -> Self {
        self.anonymous = Some(random);
        self.customer = Customer::default();
        self.device.name.clear();
        self.device.serial.clear();
        self.service_number = None;
        self.kind.description().clone_into(&mut self.description);
        for attachment in &mut self.attachments {
            if !attachment.prompt().is_empty() {
                attachment.text.truncate(attachment.body().len());
                attachment.text.push('#');
            }
        }
        self
    }
}

/// The device that speaks. What the host does not tell is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The configured hostname.
    pub name: String,
    /// The product that sends.
    pub product: String,
    pub software_version: String,
    pub model: String,
    pub hardware_version: String,
    pub serial: String,
    /// One line: product, operating system, architecture.
    pub description: String,
}

impl Device {
    /// `MODEL@C@SERIAL`; C says that the serial number is the chassis's.
    pub fn id(&self) -> String {
        format!("{}@C@{}", self.model, self.serial)
    }
}

/// Who owns the device, as configured; empty where not configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    pub contact_name: String,
    pub contact_email: String,
    pub phone_number: String,
    pub street_address: String,
    pub customer_id: String,
    pub site_id: String,
    pub contract_id: String,
}

/// The output of one command, as an operator would have seen it, secrets masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub text: String,
}

impl Attachment {
    /// Output as captured: lines end in LF, and the prompt that came after it stands at the end.
    pub fn captured(name: String, output: &str, hostname: &str) -> Self {
        let mut text = masking::mask_output(output).replace("\r\n", "\n");
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(hostname);
        text.push('#');
        Self { name, text }
    }

    /// The last line, if it is a prompt.
    pub fn prompt(&self) -> &str {
        let at = self.text.rfind('\n').map_or(0, |end| end + 1);
        let last = self.text.get(at..).unwrap_or_default();
        if last.ends_with('#') { last } else { "" }
    }

    /// What stands before the prompt.
    pub fn body(&self) -> &str {
        let end = self.text.len() - self.prompt().len();
        self.text.get(..end).unwrap_or_default()
    }
}

/// An instant on the device's clock.
pub fn local(at: DateTime<Utc>, zone: &Zone) -> DateTime<FixedOffset> {
    let offset = FixedOffset::east_opt(zone.at(at).seconds);
    at.with_timezone(&offset.unwrap_or(Utc.fix()))
}

/// `2029-11-22 16:20:05 GMT+00:00`.
pub fn time(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%d %H:%M:%S GMT%:z").to_string()
}

#[cfg(test)]
#[path = "message_tests.rs"]
pub(super) mod tests;
