//! Messages on their way to mailboxes: what waits, when it goes, and what becomes of it (D130). One letter is under way at a
//! time; it is sent elsewhere.

use std::sync::Arc;
use std::time::Duration;

use super::{Core, Now};
use crate::message::{Own, Parsed, Severity};
use crate::syslog::api::MailSending;
use crate::syslog::backlog::Backlog;
use crate::syslog::batch::Batch;
use crate::syslog::letter::{Letter, Mailed, write_heading};
use crate::syslog::mail_plan::MailPlan;
use crate::syslog::plan::Plan;
use crate::syslog::queue::Entering;

/// What waits to be sent by e-mail.
#[derive(Debug, Default)]
pub(super) struct ToMail {
    plan: Option<Arc<MailPlan>>,
    backlog: Backlog,
    /// When what waits goes; not before `again_at`.
    due: Option<Duration>,
    again_at: Option<Duration>,
    asked: Option<Arc<Letter>>,
    /// Some have what waits up to this number.
    served: Option<(u64, Vec<Arc<str>>)>,
    heading: Vec<u8>,
    /// Of the letter that was made last.
    id: u64,
    overflowed: u64,
    sending: MailSending,
    said: Option<Duration>,
}

impl ToMail {
    /// `lives` keeps answers to a core before this one from it.
    pub(super) fn begin(&mut self, lives: u64) {
        self.id = lives;
    }

    /// What waits when nothing is sent any more is discarded; what is sent otherwise than before is tried at once.
    pub(super) fn review(&mut self, plan: &Plan) {
        if self.plan == plan.mail {
            return;
        }
        self.plan.clone_from(&plan.mail);
        self.again_at = None;
        if self.plan.is_none() {
            while self.backlog.overflow() {
                self.overflowed += 1;
            }
            (self.due, self.served, self.sending.fault) = (None, None, None);
        }
    }

    pub(super) fn push(
        &mut self,
        message: &Parsed<'_>,
        entering: &Entering,
        line: &[u8],
        now: &Now,
    ) {
        write_heading(&mut self.heading, message, line);
        let length = self.heading.len() + 1 + line.len();
        self.backlog
            .push(entering, &[&self.heading, b"\n", line], length);
        let patience = if entering.severity <= Severity::Alerts {
            URGENT
        } else {
            PATIENCE
        };
        let due = now.monotonic + patience;
        self.due = Some(self.due.map_or(due, |known| known.min(due)));
        self.keep();
    }

    /// The oldest of the least severe go when there is too much.
    fn keep(&mut self) {
        let (messages, bytes) = self.asked.as_ref().map_or((0, 0), |letter| {
            (letter.batch.items.len(), letter.batch.bytes.len())
        });
        while self.backlog.messages() + messages > MOST_MESSAGES
            || self.backlog.bytes() + bytes > MOST_BYTES
        {
            if !self.backlog.overflow() {
                return;
            }
            self.overflowed += 1;
        }
    }

    pub(super) fn queued(&self) -> u64 {
        let asked = self
            .asked
            .as_ref()
            .map_or(0, |letter| letter.batch.items.len());
        (self.backlog.messages() + asked) as u64
    }

    pub(super) fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// When the next letter goes.
    fn goes_at(&self) -> Option<Duration> {
        if self.asked.is_some() || self.backlog.is_empty() || self.plan.is_none() {
            return None;
        }
        Some(self.again_at.or(self.due).unwrap_or_default())
    }

    /// Messages that go together: all that wait, or those that some have.
    fn take(&mut self) -> Batch {
        let Some((last, _)) = self.served else {
            return self.backlog.take(usize::MAX);
        };
        let mut batch = Batch::default();
        while self.backlog.first().is_some_and(|first| first <= last) {
            // At least one.
            for (item, bytes) in self.backlog.take(1).iter() {
                batch.push(*item, bytes);
            }
        }
        batch
    }

    fn restore(&mut self, batch: &Batch) {
        for (item, bytes) in batch.iter_back() {
            let entering = Entering {
                severity: item.severity,
                number: item.number,
                is_received: item.is_received,
            };
            self.backlog.restore(&entering, bytes);
        }
    }
}

/// Of a plan that nobody has used yet.
pub(super) fn of(plan: &Plan) -> ToMail {
    ToMail {
        plan: plan.mail.clone(),
        ..ToMail::default()
    }
}

impl Core {
    /// Messages to be sent now; with `at_once` also those that would wait for more.
    pub fn take_letter(&mut self, at_once: bool) -> Option<Arc<Letter>> {
        let mail = &mut self.mail;
        let at = mail.goes_at()?;
        let is_asked = at_once && mail.again_at.is_none();
        if at > self.now.monotonic && !is_asked {
            return None;
        }
        let plan = mail.plan.clone()?;
        let mut batch = mail.take();
        if batch.is_empty() {
            // All that some have was discarded meanwhile.
            mail.served = None;
            batch = mail.take();
        }
        if mail.backlog.is_empty() {
            mail.due = None;
        }
        mail.id += 1;
        let letter = Arc::new(Letter {
            id: mail.id,
            plan,
            batch,
            served: mail
                .served
                .as_ref()
                .map_or_else(Vec::new, |(_, to)| to.clone()),
            utc: self.now.utc,
        });
        mail.asked = Some(letter.clone());
        Some(letter)
    }

    /// The end of a letter, or of a try; a message when there is something to say.
    pub fn mailed(&mut self, mailed: Mailed) -> Option<Own> {
        let mail = &mut self.mail;
        let letter = mail.asked.take_if(|letter| letter.id == mailed.id)?;
        mail.sending.emails += mailed.emails;
        (mail.served, mail.again_at) = (None, None);
        if let Some(wait) = mailed.again {
            let last = letter.batch.items.last().map_or(0, |item| item.number);
            mail.restore(&letter.batch);
            if mail.plan.is_none() {
                while mail.backlog.overflow() {
                    mail.overflowed += 1;
                }
                return None;
            }
            if !mailed.served.is_empty() {
                mail.served = Some((last, mailed.served));
            }
            // Another configuration is tried at once.
            let is_same = mail.plan.as_ref() == Some(&letter.plan);
            mail.again_at = is_same.then_some(self.now.monotonic + wait);
        }
        mail.sending.fault = mailed.fault;
        let fault = mail.sending.fault.as_ref()?;
        let now = self.now.monotonic;
        if mail.said.is_some_and(|said| now < said + SELDOM) {
            return None;
        }
        mail.said = Some(now);
        let text = format!("Logging by e-mail failed: {fault}");
        Some(Own::sys(Severity::Errors, "LOGGINGMAIL_FAIL", text))
    }

    /// Nothing waits that leaving should wait for: no server takes what is left.
    pub fn is_mailed(&self) -> bool {
        self.mail.queued() == 0 || self.mail.again_at.is_some() && self.mail.asked.is_none()
    }

    /// When something is to be sent without an event.
    pub fn mails_at(&self) -> Option<Duration> {
        self.mail.goes_at()
    }

    pub fn mail_sending(&self) -> MailSending {
        self.mail.sending.clone()
    }
}

/// What waits at most.
const MOST_MESSAGES: usize = 256;
const MOST_BYTES: usize = 256 << 10;
/// How long a message waits for others to be sent with, and one of severity 0 or 1.
const PATIENCE: Duration = Duration::from_secs(10);
const URGENT: Duration = Duration::from_secs(1);
/// Failures are told so far apart.
const SELDOM: Duration = Duration::from_secs(60);
