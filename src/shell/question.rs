//! The question about anonymous reporting: who is asked, when, and what an answer does. How it is put at a terminal stands in
//! `asking`; nobody else is ever asked.

use chrono::{DateTime, TimeDelta, Utc};

use super::session::{Io, Session, print};
use super::wording;
use crate::command::Config;
use crate::command::call_home::{Command, ReportingAnonymous};
use crate::config::Scope;
use crate::config::call_home::AnonymousReporting;

/// The file that says when the question was put off.
const NAME: &str = "anonymous-question";

/// How long it is put off.
const LATER: TimeDelta = TimeDelta::days(7);

impl Session {
    /// Configuration mode was entered; whether the operator is to be asked about it now. Said once.
    pub(super) fn take_question(&mut self) -> bool {
        std::mem::take(&mut self.asks)
    }

    /// Only a person at the process's own console is asked, as long as nothing is decided. `terminal pager 0` is what programs say
    /// that drive a console (D215).
    pub(super) fn is_to_be_asked(&self) -> bool {
        let is_person =
            self.caller.is_terminal && self.holds_engines && self.settings.pager != Some(0);
        let decided = self.chassis.owner.with(|config| config.system.anonymous);
        is_person
            && match decided {
                AnonymousReporting::Undecided => true,
                AnonymousReporting::Postponed(_) => self.is_time_again(),
                AnonymousReporting::Refused | AnonymousReporting::Enabled => false,
            }
    }

    /// A file that is not there or cannot be read, and a clock that went back, hold nobody off.
    fn is_time_again(&self) -> bool {
        let kept = self.chassis.state.kept(NAME).ok().flatten();
        let text = kept.and_then(|bytes| String::from_utf8(bytes).ok());
        let at: Option<DateTime<Utc>> = text
            .and_then(|text| text.trim().parse().ok())
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let now = self.chassis.clock.now();
        at.is_none_or(|at| now < at || now - at >= LATER)
    }

    /// Does what the answer says; false if it is none.
    pub fn decide(&mut self, answer: &str, io: &mut Io<'_>) -> bool {
        let before = self.chassis.owner.with(|config| config.system.anonymous);
        let decided = match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => AnonymousReporting::Enabled,
            "n" | "no" => AnonymousReporting::Refused,
            "" | "a" | "ask" | "ask later" | "later" => before.put_off(),
            _ => return false,
        };
        print(io, "\n");
        let choice = match decided {
            AnonymousReporting::Enabled => "enable",
            AnonymousReporting::Postponed(_) => "postpone",
            AnonymousReporting::Undecided | AnonymousReporting::Refused => "disable",
        };
        let said = wording::chosen(&self.caller.user, choice);
        self.chassis.syslog.say(said);
        let (command, line) = match decided {
            AnonymousReporting::Enabled => (
                Command::ReportingAnonymous(ReportingAnonymous { prompt: None }),
                "call-home reporting anonymous".to_owned(),
            ),
            AnonymousReporting::Postponed(left) => (
                Command::ReportingAnonymous(ReportingAnonymous { prompt: Some(left) }),
                format!("call-home reporting anonymous prompt {left}"),
            ),
            AnonymousReporting::Undecided | AnonymousReporting::Refused => (
                Command::NoReportingAnonymous,
                "no call-home reporting anonymous".to_owned(),
            ),
        };
        let applied = self.apply(&Scope::Global, &Config::CallHome(command), &line, io);
        if let Err(refusal) = applied {
            self.refuse("", 0, &refusal, io);
            return true;
        }
        match decided {
            AnonymousReporting::Enabled => {}
            AnonymousReporting::Postponed(_) => {
                let now = self.chassis.clock.now().timestamp().to_string();
                // Where it cannot be kept, the question comes sooner.
                self.chassis
                    .state
                    .keep(NAME, now.as_bytes())
                    .unwrap_or_default();
                print(io, wording::POSTPONED);
            }
            _ => print(io, wording::DECLINED),
        }
        true
    }
}
