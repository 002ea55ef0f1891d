//! What happened that call-home may have to tell: an operator's wish, a schedule that is due, an alert. Who wants to hear of it is
//! decided in `plan`, what is said of it in `message`.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::api::Do;
use super::message::{Attachment, Kind};
use crate::config::call_home::{AlertGroup, AlertSeverity};
use crate::vendor;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: Kind,
    pub(super) subtype: &'static str,
    /// Profiles that subscribe from a higher one do not hear of it.
    pub(super) severity: AlertSeverity,
    /// One line.
    pub(super) description: String,
    pub(super) at: DateTime<Utc>,
    /// Besides the outputs of the kind's commands, before them.
    pub(super) attachments: Vec<Attachment>,
    /// Of an event of the syslog group: what selectors of messages are held against.
    pub(super) syslog: Option<SyslogText>,
}

/// The message behind an event of the syslog group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyslogText {
    /// `106100` of `%ASA-4-106100`; messages without a number have none.
    pub(super) number: Option<u32>,
    /// The whole message.
    pub(super) line: String,
}

/// For whom an event is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Every active profile that subscribes to it.
    Subscribers,
    /// One profile, subscribed or not, active or not: an operator named it.
    Named(Arc<str>),
    /// One profile, as long as it is active and subscribes.
    Subscriber(Arc<str>),
    /// An e-mail address, with the outputs of an operator's commands.
    Mailbox {
        address: Arc<str>,
        commands: Vec<Arc<str>>,
        service_number: Option<Arc<str>>,
    },
}

impl Event {
    /// A message of that kind because it is time, or because somebody asks.
    pub(super) fn report(kind: Kind, at: DateTime<Utc>) -> Self {
        Self {
            kind,
            subtype: kind.subtype(),
            severity: kind.severity(),
            description: kind.description().to_owned(),
            at,
            attachments: Vec::new(),
            syslog: None,
        }
    }

    /// What an operator makes happen, and for whom.
    pub(super) fn asked(action: &Do, at: DateTime<Utc>) -> (Self, Audience) {
        match action {
            Do::Test { text, profile } => {
                let mut event = Self::report(Kind::Test, at);
                if let Some(text) = text.as_ref().filter(|text| !text.trim().is_empty()) {
                    event.description.clone_from(text);
                }
                (event, Audience::Named(profile.clone()))
            }
            Do::Send { group, profile } => {
                let event = Self::report(Kind::Group(*group), at);
                let audience = profile
                    .clone()
                    .map_or(Audience::Subscribers, Audience::Named);
                (event, audience)
            }
            Do::SendCommands {
                commands,
                email,
                service_number,
            } => {
                let mut event = Self::report(Kind::Command, at);
                let lines: Vec<&str> = commands.iter().map(|line| &**line).collect();
                event.description = lines.join("; ");
                let audience = Audience::Mailbox {
                    address: email.clone().unwrap_or_else(|| vendor::CASE_EMAIL.into()),
                    commands: commands.clone(),
                    service_number: service_number.clone(),
                };
                (event, audience)
            }
            // Its own way: see `anonymous`.
            Do::TestAnonymous => (Self::report(Kind::Test, at), Audience::Subscribers),
        }
    }

    pub(super) const fn group(&self) -> Option<AlertGroup> {
        match self.kind {
            Kind::Test | Kind::Command => None,
            Kind::Group(group) => Some(group),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_test_is_the_operators_unless_it_is_blank() {
        for (text, description) in [
            (Some("hello"), "hello"),
            (Some(" "), "Call-home test message"),
            (None, "Call-home test message"),
        ] {
            let action = Do::Test {
                text: text.map(str::to_owned),
                profile: "ops".into(),
            };
            let (event, audience) = Event::asked(&action, DateTime::UNIX_EPOCH);
            assert_eq!(event.description, description);
            assert_eq!(audience, Audience::Named("ops".into()));
        }
    }
}
