//! Correlation between the criteria and the rate limit of each session: who asks for it, what leaves an open window, and how
//! that counts. What a window is, and when it ends, stands in `correlate`.

use std::time::Duration;

use super::{Core, HOSTS, debug_trace};
use crate::message::{self, Kind, Parsed};
use crate::syslog::api::CorrelationStatus;
use crate::syslog::correlate::settings::Correlations;
use crate::syslog::correlate::{Correlator, Event, Fate, Made};
use crate::syslog::plan::{Place, Plan};
use crate::syslog::sender::Sender;

/// The correlators of all sessions that ever asked for one.
#[derive(Debug, Default)]
pub(super) struct Correlating {
    /// By session of the filter; shorter when the last ones never asked.
    by_session: Vec<Option<Box<Correlator>>>,
    /// What left its window and is not sent yet, with its session.
    made: Vec<(usize, Made)>,
    /// Of the session at hand.
    made_now: Vec<Made>,
    sender: Vec<u8>,
    text: Vec<u8>,
}

impl Correlating {
    pub(super) fn at(&self, session: usize) -> Option<&Correlator> {
        self.by_session.get(session)?.as_deref()
    }

    fn place(&mut self, session: usize) -> &mut Option<Box<Correlator>> {
        if self.by_session.len() <= session {
            self.by_session.resize_with(session + 1, || None);
        }
        // Made as long as that just now.
        &mut self.by_session[session]
    }

    /// Nothing waits to be sent.
    pub(super) fn is_quiet(&self) -> bool {
        self.made.is_empty()
    }

    fn is_open(&self) -> bool {
        self.by_session
            .iter()
            .flatten()
            .any(|correlator| correlator.due().is_some())
    }

    /// Takes over what is kept for each session of another plan; `was` gives the one it was before. What asks differently has
    /// nothing open any more.
    pub(super) fn adopt(&mut self, asks: &Correlations, was: impl Fn(usize) -> Option<usize>) {
        let mut before = std::mem::take(&mut self.by_session);
        for (session, asks) in asks.by_session.iter().enumerate() {
            let kept = was(session).and_then(|was| before.get_mut(was)?.take());
            if let Some(mut correlator) = kept {
                correlator.ask(asks);
                *self.place(session) = Some(correlator);
            } else if !asks.is_none() {
                let mut correlator = Box::<Correlator>::default();
                correlator.ask(asks);
                *self.place(session) = Some(correlator);
            }
        }
    }
}

impl Core {
    /// Lets the correlators judge what the criteria let pass.
    #[cold]
    pub(super) fn correlate(&mut self, message: &Parsed<'_>, text: &[u8], is_own: bool) {
        let plan = self.plan.clone();
        let now = self.now.monotonic;
        let peer = self.peer.address.filter(|_| !is_own);
        let Correlating {
            by_session,
            made,
            made_now,
            sender,
            ..
        } = &mut self.correlating;
        sender.clear();
        Sender::of(message, peer, &plan.hostname).write(sender);
        let event = Event {
            message,
            text,
            is_own,
            peer,
            sender,
        };
        let words = self.judge.passing_mut().iter_mut();
        for (word, (passing, asks)) in words.zip(&plan.correlations.sessions).enumerate() {
            let mut asked = *passing & asks;
            while asked != 0 {
                let bit = asked.trailing_zeros();
                asked &= asked - 1;
                let session = word * 64 + bit as usize;
                let Some(correlator) = by_session.get_mut(session).and_then(Option::as_mut) else {
                    continue;
                };
                if correlator.meet(&event, now, made_now) != Fate::Passes {
                    *passing &= !(1 << bit);
                }
                made.extend(made_now.drain(..).map(|made| (session, made)));
            }
        }
    }

    /// Ends the windows whose time is over.
    pub(super) fn close_due_windows(&mut self) {
        let now = self.now.monotonic;
        self.close_windows_by(|_, correlator, made| correlator.close_due(now, made));
    }

    /// Ends all windows: what they would have said at their end is said now.
    pub fn close_windows(&mut self) {
        if self.plan.correlations.is_any {
            self.close_windows_by(|_, correlator, made| correlator.close_all(made));
            self.fold();
        }
    }

    /// Ends the windows of the sessions that will ask differently; `will` gives for a session what it will be.
    pub(super) fn close_changed_windows(
        &mut self,
        asks: &Correlations,
        will: impl Fn(usize) -> Option<usize>,
    ) {
        if !self.correlating.is_open() {
            return;
        }
        let plan = self.plan.clone();
        self.close_windows_by(|session, correlator, made| {
            let before = plan.correlations.by_session.get(session);
            if let Some(after) = will(session)
                && before != asks.by_session.get(after)
            {
                correlator.close_all(made);
            }
        });
    }

    fn close_windows_by(&mut self, close: impl Fn(usize, &mut Correlator, &mut Vec<Made>)) {
        let Correlating {
            by_session,
            made,
            made_now,
            ..
        } = &mut self.correlating;
        for (session, correlator) in by_session.iter_mut().enumerate() {
            if let Some(correlator) = correlator {
                close(session, correlator, made_now);
                made.extend(made_now.drain(..).map(|made| (session, made)));
            }
        }
        self.send_made();
    }

    /// Sends what left its window to its session: a message with a number of its own, behind nothing but the rate limit.
    pub(super) fn send_made(&mut self) {
        if self.correlating.made.is_empty() {
            return;
        }
        let mut text = std::mem::take(&mut self.correlating.text);
        let mut all = std::mem::take(&mut self.correlating.made);
        let second = self.now.monotonic.as_secs();
        for (session, made) in all.drain(..) {
            text.clear();
            text.extend_from_slice(&made.kept.text);
            text.extend_from_slice(made.remark.as_bytes());
            let mut message = message::parse(&text);
            if self.plan.asa.debug_trace && message.kind == Kind::Debug {
                message = debug_trace(message);
            }
            self.number += 1;
            self.renderer.count();
            let plan = self.plan.clone();
            self.judge.let_pass(session);
            if self.judge.limit(&plan.filter, message.severity, second) {
                self.peer.meet(made.kept.peer.as_ref());
                self.deliver(&message, made.kept.is_own);
            }
        }
        (self.correlating.text, self.correlating.made) = (text, all);
    }

    /// When the first window ends.
    pub fn closes_at(&self) -> Option<Duration> {
        if !self.plan.correlations.is_any {
            return None;
        }
        let all = self.correlating.by_session.iter().flatten();
        all.filter_map(|correlator| correlator.due()).min()
    }

    /// What correlation does for a remote session.
    pub fn correlation(&self, session: usize) -> CorrelationStatus {
        self.correlation_at(session + HOSTS)
    }

    /// What it does for a session inside the device.
    pub fn correlation_inside(&self, place: Place) -> CorrelationStatus {
        self.correlation_at(place as usize)
    }

    pub(super) fn correlation_at(&self, session: usize) -> CorrelationStatus {
        self.correlating
            .at(session)
            .map_or_else(CorrelationStatus::default, Correlator::status)
    }
}

/// The correlators of a plan that nobody has used yet.
pub(super) fn of(plan: &Plan) -> Correlating {
    let mut correlating = Correlating::default();
    correlating.adopt(&plan.correlations, |_| None);
    correlating
}
