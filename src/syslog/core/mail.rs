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
    /// What some have and others not, by who has it.
    behind: Vec<Behind>,
    heading: Vec<u8>,
    /// Of the letter that was made last.
    id: u64,
    overflowed: u64,
    sending: MailSending,
    said: Option<Duration>,
}

/// Messages that wait for single recipients alone; nobody else waits for them.
#[derive(Debug)]
struct Behind {
    backlog: Backlog,
    /// Who has them.
    served: Vec<Arc<str>>,
    again_at: Duration,
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
            let behind = self.behind.drain(..);
            let discarded: usize = behind.map(|behind| behind.backlog.messages()).sum();
            self.overflowed += discarded as u64;
            (self.due, self.sending.fault) = (None, None);
        }
        for behind in &mut self.behind {
            behind.again_at = Duration::ZERO;
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
        let behind = self.behind.iter().map(|behind| behind.backlog.messages());
        (self.backlog.messages() + asked + behind.sum::<usize>()) as u64
    }

    pub(super) fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// When the next letter goes.
    fn goes_at(&self) -> Option<Duration> {
        if self.asked.is_some() || self.plan.is_none() {
            return None;
        }
        let behind = self.behind.iter().map(|behind| behind.again_at);
        behind.chain(self.for_all_at()).min()
    }

    /// When what waits for everybody goes.
    fn for_all_at(&self) -> Option<Duration> {
        let at = self.again_at.or(self.due).unwrap_or_default();
        Some(at).filter(|_| !self.backlog.is_empty())
    }

    /// Keeps messages for those who lack them, within bounds of their own.
    fn set_behind(&mut self, batch: &Batch, served: Vec<Arc<str>>, again_at: Duration) {
        let known = self
            .behind
            .iter_mut()
            .find(|behind| behind.served == served);
        match known {
            Some(behind) => restore(&mut behind.backlog, batch),
            None => {
                let mut backlog = Backlog::default();
                restore(&mut backlog, batch);
                self.behind.push(Behind {
                    backlog,
                    served,
                    again_at,
                });
            }
        }
        let sum = |all: &[Behind], of: fn(&Backlog) -> usize| -> usize {
            all.iter().map(|behind| of(&behind.backlog)).sum()
        };
        while sum(&self.behind, Backlog::messages) > MOST_MESSAGES
            || sum(&self.behind, Backlog::bytes) > MOST_BYTES
        {
            let mut all = self.behind.iter_mut();
            if !all.any(|behind| behind.backlog.overflow()) {
                break;
            }
            self.overflowed += 1;
        }
        self.behind.retain(|behind| !behind.backlog.is_empty());
    }
}

/// Puts messages back in order, before and between those that wait there.
fn restore(backlog: &mut Backlog, batch: &Batch) {
    let mut later = Batch::default();
    while backlog.first().is_some() {
        for (item, bytes) in backlog.take(1).iter() {
            later.push(*item, bytes);
        }
    }
    let mut all: Vec<_> = batch.iter().chain(later.iter()).collect();
    all.sort_by_key(|(item, _)| item.number);
    for (item, bytes) in all {
        let entering = Entering {
            severity: item.severity,
            number: item.number,
            is_received: item.is_received,
        };
        backlog.push(&entering, &[bytes, &[], &[]], bytes.len());
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
        let now = self.now.monotonic;
        mail.goes_at()?;
        let plan = mail.plan.clone()?;
        let is_due = |behind: &Behind| behind.again_at <= now;
        let (batch, served) = match mail.behind.iter().position(is_due) {
            Some(place) => {
                let mut behind = mail.behind.remove(place);
                (behind.backlog.take(usize::MAX), behind.served)
            }
            None => {
                let at = mail.for_all_at()?;
                let is_asked = at_once && mail.again_at.is_none();
                if at > now && !is_asked {
                    return None;
                }
                mail.due = None;
                (mail.backlog.take(usize::MAX), Vec::new())
            }
        };
        mail.id += 1;
        let letter = Arc::new(Letter {
            id: mail.id,
            plan,
            batch,
            served,
            utc: self.now.utc,
        });
        mail.asked = Some(letter.clone());
        Some(letter)
    }

    /// The end of a letter, or of a try; a message when there is something to say.
    pub fn mailed(&mut self, mailed: Mailed) -> Option<Own> {
        let mail = &mut self.mail;
        let letter = mail.asked.take_if(|letter| letter.id == mailed.id)?;
        let now = self.now.monotonic;
        mail.sending.emails += mailed.emails;
        let is_for_all = letter.served.is_empty();
        if is_for_all {
            mail.again_at = None;
        }
        if let Some(wait) = mailed.again {
            if mail.plan.is_none() {
                mail.overflowed += letter.batch.items.len() as u64;
                return None;
            }
            // Another configuration is tried at once.
            let is_same = mail.plan.as_ref() == Some(&letter.plan);
            let again_at = is_same.then_some(now + wait);
            let served = if mailed.served.is_empty() {
                letter.served.clone()
            } else {
                mailed.served
            };
            if served.is_empty() {
                restore(&mut mail.backlog, &letter.batch);
                mail.again_at = again_at;
            } else {
                mail.set_behind(&letter.batch, served, again_at.unwrap_or_default());
            }
        }
        mail.sending.fault = mailed.fault;
        let fault = mail.sending.fault.as_ref()?;
        if mail.said.is_some_and(|said| now < said + SELDOM) {
            return None;
        }
        mail.said = Some(now);
        let text = format!("Logging by e-mail failed: {fault}");
        Some(Own::sys(Severity::Errors, "LOGGINGMAIL_FAIL", text))
    }

    /// Nothing waits that leaving should wait for: no server takes what is left.
    pub fn is_mailed(&self) -> bool {
        let mail = &self.mail;
        mail.asked.is_none() && (mail.backlog.is_empty() || mail.again_at.is_some())
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
