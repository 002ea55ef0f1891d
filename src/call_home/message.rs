//! One call-home message before it is written down: what happened, whose device it is, what is attached. How it looks as
//! XML is in `xml`, how it travels in `deliver`.

use chrono::{DateTime, Utc};

use crate::config::call_home::{AlertGroup, AlertSeverity};
use crate::config::masking;

/// What kind of message it is: of an alert group, or a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Test,
    Group(AlertGroup),
}

impl Kind {
    /// `Type` of the event, last part of the block's type, and the group's name in messages and result lines.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Group(group) => group.keyword(),
        }
    }

    /// Of a message that is sent because it is time or because somebody asked; an alert has one of its own.
    pub(super) const fn subtype(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Group(_) => "full",
        }
    }

    /// Reports are normal, a test is a notification.
    pub(super) const fn severity(self) -> AlertSeverity {
        match self {
            Self::Test => AlertSeverity::Notification,
            Self::Group(_) => AlertSeverity::Normal,
        }
    }

    /// The description when nobody gives another.
    pub(super) const fn description(self) -> &'static str {
        match self {
            Self::Test => "Call-home test message",
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

    /// The commands whose output is attached, in this order; those of a snapshot are configured.
    pub(super) const fn commands(self) -> &'static [&'static str] {
        match self {
            Self::Test => &["show version", "show inventory"],
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

/// Everything that one message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) description: String,
    /// When it happened: the operator's command.
    pub(super) event_time: DateTime<Utc>,
    /// When the message was made; its ids carry this second.
    pub(super) created: DateTime<Utc>,
    /// Of the message; its group has the next number.
    pub(super) number: u64,
    pub(super) device: Device,
    pub(super) customer: Customer,
    pub(super) attachments: Vec<Attachment>,
}

impl Message {
    /// `M1A:SERIAL:51AEAC68`: number and seconds since 1970 in hexadecimal.
    pub(super) fn id(&self) -> String {
        self.stamped('M', self.number)
    }

    /// `G1B:SERIAL:51AEAC68`.
    pub(super) fn group_id(&self) -> String {
        self.stamped('G', self.number.wrapping_add(1))
    }

    fn stamped(&self, letter: char, number: u64) -> String {
        let seconds = self.created.timestamp().max(0);
        // An id has to tell devices apart; a host that does not tell its serial number is told apart by its name.
        let serial = if self.device.serial.is_empty() {
            &self.device.name
        } else {
            &self.device.serial
        };
        format!("{letter}{number:X}:{serial}:{seconds:08X}")
    }
}

/// The device that speaks. What the host does not tell is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Device {
    /// The configured hostname.
    pub(super) name: String,
    /// The product that sends.
    pub(super) product: String,
    pub(super) software_version: String,
    pub(super) model: String,
    pub(super) hardware_version: String,
    pub(super) serial: String,
    /// One line: product, operating system, architecture.
    pub(super) description: String,
}

impl Device {
    /// `MODEL@C@SERIAL`; C says that the serial number is the chassis's.
    pub(super) fn id(&self) -> String {
        format!("{}@C@{}", self.model, self.serial)
    }
}

/// Who owns the device, as configured; empty where not configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Customer {
    pub(super) contact_name: String,
    pub(super) contact_email: String,
    pub(super) phone_number: String,
    pub(super) street_address: String,
    pub(super) customer_id: String,
    pub(super) site_id: String,
    pub(super) contract_id: String,
}

/// The output of one command, as an operator would have seen it, secrets masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attachment {
    pub(super) name: String,
    pub(super) text: String,
}

impl Attachment {
    /// Output as captured: lines end in LF, and the prompt that came after it stands at the end.
    pub(super) fn captured(name: String, output: &str, hostname: &str) -> Self {
        let mut text = masking::mask_output(output).replace("\r\n", "\n");
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(hostname);
        text.push('#');
        Self { name, text }
    }
}

/// `2029-11-22 16:20:05 GMT+00:00`. The device keeps UTC.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S GMT%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_number_serial_and_second_in_hexadecimal() {
        let mut message = super::super::xml::tests::message(Kind::Group(AlertGroup::Inventory));
        message.number = 0x450;
        message.created = DateTime::from_timestamp(0x51AE_AC68, 0).unwrap_or_default();
        message.device.serial = "FOC123".to_owned();
        assert_eq!(message.id(), "M450:FOC123:51AEAC68");
        assert_eq!(message.group_id(), "G451:FOC123:51AEAC68");
        message.device.serial.clear();
        message.device.name = "edge-1".to_owned();
        assert_eq!(message.id(), "M450:edge-1:51AEAC68");
    }

    #[test]
    fn a_time_before_1970_makes_an_id_all_the_same() {
        let mut message = super::super::xml::tests::message(Kind::Test);
        message.created = DateTime::<Utc>::MIN_UTC;
        assert!(message.id().ends_with(":00000000"));
    }

    #[test]
    fn an_attachment_ends_with_the_prompt_on_its_own_line() {
        for (output, text) in [
            ("a\r\nb\r\n", "a\nb\nfw#"),
            ("a", "a\nfw#"),
            ("", "fw#"),
            ("a\n\n", "a\n\nfw#"),
        ] {
            assert_eq!(
                Attachment::captured("show x".to_owned(), output, "fw").text,
                text
            );
        }
    }
}
