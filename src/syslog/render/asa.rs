//! The lines of an ASA's form, `<PRI>STAMP DEVICE : %FAC-SEV-MNEM: text`, and the EMBLEM form of them. Each is rendered once
//! for all sessions that have it.

use chrono::{DateTime, Utc};

use super::{Renderer, Subject, pri, write_host, write_text};
use crate::config::logging_form::AsaStamp;
use crate::syslog::plan::Plan;
use crate::wire::stamp::{instant, write_asa_date, write_rfc3339_seconds};
use crate::wire::syslog::write_pri;

/// The two forms of the message at hand.
#[derive(Debug, Default)]
pub(super) struct AsaForms {
    has: [bool; 2],
    lines: [Vec<u8>; 2],
    /// Octets of the PRI at the head of a line.
    pri: usize,
    /// The stamp of messages that brought none, of this turn.
    stamp: Vec<u8>,
}

impl AsaForms {
    /// The next turn: time has gone on.
    pub(super) fn begin(&mut self) {
        self.stamp.clear();
    }

    /// The next message.
    #[inline]
    pub(super) fn start(&mut self) {
        self.has = [false; 2];
    }
}

impl Renderer {
    /// A whole line for those outside.
    pub(in crate::syslog) fn asa(
        &mut self,
        plan: &Plan,
        subject: &Subject<'_>,
        emblem: bool,
    ) -> &[u8] {
        let form = usize::from(emblem);
        if self.asa.has.get(form) == Some(&false) {
            self.render_asa(plan, subject, emblem);
        }
        self.asa.lines.get(form).map_or(&[], Vec::as_slice)
    }

    /// The same for a session inside the device.
    pub(super) fn asa_inside(&mut self, plan: &Plan, subject: &Subject<'_>) -> &[u8] {
        self.asa(plan, subject, true);
        let [_, emblem] = &self.asa.lines;
        emblem.get(self.asa.pri..).unwrap_or_default()
    }

    fn render_asa(&mut self, plan: &Plan, subject: &Subject<'_>, emblem: bool) {
        let forms = &mut self.asa;
        let [plain, emblem_line] = &mut forms.lines;
        let [has_plain, has_emblem] = &mut forms.has;
        let (line, has) = if emblem {
            (emblem_line, has_emblem)
        } else {
            (plain, has_plain)
        };
        *has = true;
        line.clear();
        write_pri(line, pri(plan, subject));
        forms.pri = line.len();
        if emblem {
            line.push(b':');
        }
        let mut blank = emblem;
        if let Some(stamp) = plan.asa.stamp {
            if subject.message.stamp.is_empty() {
                if forms.stamp.is_empty() {
                    write_stamp(&mut forms.stamp, plan, stamp, subject.now.utc);
                }
                line.extend_from_slice(&forms.stamp);
            } else {
                // A message keeps its own time, in this form.
                let now = subject.now.utc;
                let at = instant(subject.message.stamp, &plan.zone, now).unwrap_or(now);
                write_stamp(line, plan, stamp, at);
            }
            blank = false;
        }
        // The EMBLEM form has no room for it.
        if !emblem {
            blank |= write_device(line, plan, subject, plan.asa.stamp.is_some());
        }
        match (line.len() > forms.pri, blank) {
            (false, _) => {}
            // `<166>: %ASA-...` of EMBLEM without a stamp has its colon already.
            (true, true) if emblem => line.push(b' '),
            (true, true) => line.extend_from_slice(b" : "),
            (true, false) => line.extend_from_slice(b": "),
        }
        write_text(line, subject.message);
    }
}

/// What a line names as its device: the host that it came from, or what `logging device-id` says of this one. Whether there
/// was anything.
fn write_device(
    line: &mut Vec<u8>,
    plan: &Plan,
    subject: &Subject<'_>,
    behind_stamp: bool,
) -> bool {
    let before = line.len();
    if behind_stamp {
        line.push(b' ');
    }
    let start = line.len();
    if subject.is_foreign(plan) {
        if plan.origin_of_sender {
            write_host(line, subject);
        }
    } else if let Some(device) = &plan.asa.device_id {
        line.extend_from_slice(device.as_bytes());
    }
    let any = line.len() > start;
    if !any {
        line.truncate(before);
    }
    any
}

fn write_stamp(out: &mut Vec<u8>, plan: &Plan, stamp: AsaStamp, at: DateTime<Utc>) {
    match stamp {
        AsaStamp::Plain => write_asa_date(out, at, &plan.zone),
        AsaStamp::Rfc5424 => write_rfc3339_seconds(out, at),
    }
}
