//! How a message reads, in each form, rendered once however many sessions get it: what all of them share is kept in pieces
//! and joined with each session's own. Which session has which form is the plan's matter.

mod asa;

use std::net::IpAddr;

use asa::AsaForms;

use super::core::Now;
use super::plan::{Origin, Plan};
use crate::config::logging::Timestamp;
use crate::message::zone::Zone;
use crate::message::{Kind, Parsed, Severity};
use crate::wire::stamp::{self, Shows, write_date, write_rfc3339, write_uptime};
use crate::wire::syslog::{
    self, Decimal, XmlMessage, longest, write_field, write_pri, write_sequence, write_xml,
};

/// A message and what its lines need to know besides it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) message: &'a Parsed<'a>,
    /// A message of the device itself, not of an input.
    pub(super) is_own: bool,
    /// The machine it came from; `None` when that is this one.
    pub(super) sender: Option<&'a IpAddr>,
    pub(super) now: &'a Now,
    /// The clock was synchronised once and is not now.
    pub(super) has_lost_clock: bool,
}

impl Subject<'_> {
    /// Whether it came from another machine: it names a host that is not this one, or its sender is not.
    pub(super) fn is_foreign(&self, plan: &Plan) -> bool {
        match self.message.host {
            [] => self.sender.is_some(),
            host => host != plan.hostname.as_bytes(),
        }
    }
}

/// The pieces of the message at hand.
#[derive(Debug)]
pub(super) struct Renderer {
    /// The device's message number, as `logging message-counter` shows it.
    counter: Decimal,
    /// The same, for `service sequence-numbers`.
    number: u64,
    has_head: bool,
    has_line: bool,
    has_rfc5424: bool,
    has_xml: bool,
    /// `<PRI>COUNTER: ` and an ORIGIN; where there is no ORIGIN it is the counter's own text.
    head: Vec<u8>,
    is_head_counter: bool,
    /// `SEQNO: STAMP: text`, where the message has it not in one piece.
    line: Vec<u8>,
    is_line_as_received: bool,
    rfc5424_head: Vec<u8>,
    rfc5424_text: Vec<u8>,
    xml_pri: Vec<u8>,
    xml_text: Vec<u8>,
    /// The stamp of messages that brought none, of this turn: for log and for debug lines.
    stamps: [Vec<u8>; 2],
    origin: Vec<u8>,
    asa: AsaForms,
}

impl Default for Renderer {
    fn default() -> Self {
        Self {
            counter: Decimal::new(1),
            number: 0,
            has_head: false,
            has_line: false,
            has_rfc5424: false,
            has_xml: false,
            head: Vec::new(),
            is_head_counter: false,
            line: Vec::new(),
            is_line_as_received: false,
            rfc5424_head: Vec::new(),
            rfc5424_text: Vec::new(),
            xml_pri: Vec::new(),
            xml_text: Vec::new(),
            stamps: [Vec::new(), Vec::new()],
            origin: Vec::new(),
            asa: AsaForms::default(),
        }
    }
}

impl Renderer {
    /// The next turn: time has gone on.
    pub(super) fn begin(&mut self) {
        self.stamps.iter_mut().for_each(Vec::clear);
        self.asa.begin();
    }

    /// Counts a message, whether anybody gets it or not.
    pub(super) fn count(&mut self) {
        self.counter.increment();
        self.number += 1;
    }

    /// As if so many messages had gone before.
    #[cfg(test)]
    pub(super) fn set_numbers(&mut self, counter: u64, number: u64) {
        self.counter = Decimal::new(1);
        (0..counter).for_each(|_| self.counter.increment());
        self.number = number;
    }

    /// The next message that anybody gets.
    pub(super) fn start(&mut self) {
        (self.has_head, self.has_line, self.has_rfc5424, self.has_xml) =
            (false, false, false, false);
        self.asa.start();
    }

    /// All of a line inside the device: `SEQNO: STAMP: %FAC-SEV-MNEM: body`, or an ASA's EMBLEM form.
    pub(super) fn line<'a>(&'a mut self, plan: &Plan, subject: &Subject<'a>) -> &'a [u8] {
        if plan.asa.emblem {
            return self.asa_inside(plan, subject);
        }
        self.make_line(plan, subject);
        self.made_line(subject)
    }

    /// Makes the head and the line of the IOS form; between them stand our own origin where it is an address, and the
    /// session's element.
    #[inline]
    pub(super) fn make_ios(&mut self, plan: &Plan, subject: &Subject<'_>) {
        if !self.has_head {
            self.has_head = true;
            self.render_head(plan, subject);
        }
        self.make_line(plan, subject);
    }

    /// The head, as `make_ios` made it.
    #[inline]
    pub(super) fn made_head(&self) -> &[u8] {
        if self.is_head_counter {
            self.counter.with_pri()
        } else {
            &self.head
        }
    }

    /// The line, as `make_ios` made it.
    #[inline]
    pub(super) fn made_line<'a>(&'a self, subject: &Subject<'a>) -> &'a [u8] {
        if self.is_line_as_received {
            subject.message.line
        } else {
            &self.line
        }
    }

    #[inline]
    fn make_line(&mut self, plan: &Plan, subject: &Subject<'_>) {
        if !self.has_line {
            self.has_line = true;
            self.is_line_as_received = !plan.sequence_numbers && !subject.message.line.is_empty();
            if !self.is_line_as_received {
                self.render_line(plan, subject);
            }
        }
    }

    /// The stamp of a message that brought none, at another time than this turn's.
    pub(super) fn stamp_at(plan: &Plan, now: &Now, has_lost_clock: bool) -> Vec<u8> {
        let mut renderer = Self::default();
        let subject = Subject {
            message: &Parsed::default(),
            is_own: true,
            sender: None,
            now,
            has_lost_clock,
        };
        renderer.make_stamp(plan, &subject);
        let [stamp, _] = renderer.stamps;
        stamp
    }

    /// What stands before and behind STRUCTURED-DATA.
    pub(super) fn rfc5424<'a>(
        &'a mut self,
        plan: &Plan,
        subject: &Subject<'_>,
    ) -> (&'a [u8], &'a [u8]) {
        if !self.has_rfc5424 {
            self.has_rfc5424 = true;
            self.render_rfc5424(plan, subject);
        }
        (&self.rfc5424_head, &self.rfc5424_text)
    }

    /// The PRI, for those outside, and the XML element.
    pub(super) fn xml<'a>(
        &'a mut self,
        plan: &Plan,
        subject: &Subject<'_>,
    ) -> (&'a [u8], &'a [u8]) {
        if !self.has_xml {
            self.has_xml = true;
            self.render_xml(plan, subject);
        }
        (&self.xml_pri, &self.xml_text)
    }

    fn render_head(&mut self, plan: &Plan, subject: &Subject<'_>) {
        let pri = pri(plan, subject);
        let is_foreign = subject.is_foreign(plan);
        let has_origin = if is_foreign {
            plan.origin_of_sender
        } else {
            matches!(plan.origin, Some(Origin::Text(_)))
        };
        self.is_head_counter = plan.message_counter && !has_origin;
        if self.is_head_counter {
            return self.counter.put_pri(pri);
        }
        self.head.clear();
        write_pri(&mut self.head, pri);
        if plan.message_counter {
            self.head.extend_from_slice(self.counter.as_bytes());
            self.head.extend_from_slice(b": ");
        }
        if is_foreign && has_origin {
            write_host(&mut self.head, subject);
            self.head.extend_from_slice(b": ");
        } else if let Some(Origin::Text(text)) = &plan.origin
            && has_origin
        {
            self.head.extend_from_slice(text.as_bytes());
            self.head.extend_from_slice(b": ");
        }
    }

    fn render_line(&mut self, plan: &Plan, subject: &Subject<'_>) {
        let message = subject.message;
        self.make_stamp(plan, subject);
        let stamp = if message.stamp.is_empty() {
            &self.stamps[class(message)]
        } else {
            message.stamp
        };
        let line = &mut self.line;
        line.clear();
        if plan.sequence_numbers {
            write_sequence(line, self.number);
            line.extend_from_slice(b": ");
        }
        if !stamp.is_empty() {
            line.extend_from_slice(stamp);
            line.extend_from_slice(b": ");
        }
        write_text(line, message);
    }

    fn render_rfc5424(&mut self, plan: &Plan, subject: &Subject<'_>) {
        let message = subject.message;
        let head = &mut self.rfc5424_head;
        head.clear();
        write_pri(head, pri(plan, subject));
        head.extend_from_slice(b"1 ");
        write_rfc3339(
            head,
            stamp::instant(message.stamp, &plan.zone, subject.now.utc).unwrap_or(subject.now.utc),
        );
        head.push(b' ');
        self.origin.clear();
        if subject.is_foreign(plan) {
            write_host(&mut self.origin, subject);
        } else if let Some(Origin::Text(text)) = &plan.origin {
            self.origin.extend_from_slice(text.as_bytes());
        } else {
            self.origin.extend_from_slice(plan.hostname.as_bytes());
        }
        let fields = [
            (self.origin.as_slice(), longest::HOSTNAME),
            (message.facility, longest::APP_NAME),
            (message.process, longest::PROCID),
            (message.mnemonic, longest::MSGID),
        ];
        for (field, longest) in fields {
            write_field(head, field, longest);
            head.push(b' ');
        }
        self.rfc5424_text.clear();
        if !message.text.is_empty() {
            self.rfc5424_text.push(b' ');
            self.rfc5424_text.extend_from_slice(message.text);
        }
    }

    fn render_xml(&mut self, plan: &Plan, subject: &Subject<'_>) {
        let message = subject.message;
        self.make_stamp(plan, subject);
        self.xml_pri.clear();
        write_pri(&mut self.xml_pri, pri(plan, subject));
        let facility = message.facility.to_ascii_uppercase();
        let time = if message.stamp.is_empty() {
            &self.stamps[class(message)]
        } else {
            message.stamp
        };
        self.xml_text.clear();
        let element = XmlMessage {
            facility: if message.kind == Kind::Program {
                &facility
            } else {
                message.facility
            },
            severity: message.severity,
            mnemonic: message.mnemonic,
            time,
            body: message.body,
        };
        write_xml(&mut self.xml_text, &element);
    }

    /// The stamp of a message that brought none, once per turn.
    fn make_stamp(&mut self, plan: &Plan, subject: &Subject<'_>) {
        let class = class(subject.message);
        let stamp = &mut self.stamps[class];
        if !subject.message.stamp.is_empty() || !stamp.is_empty() {
            return;
        }
        match if class == 0 {
            plan.stamp
        } else {
            plan.debug_stamp
        } {
            Timestamp::Off => {}
            Timestamp::Uptime => write_uptime(stamp, subject.now.uptime),
            Timestamp::Datetime {
                msec,
                localtime,
                show_timezone,
                year,
            } => {
                match (subject.now.synchronised, subject.has_lost_clock) {
                    (Some(false), false) => stamp.push(b'*'),
                    (Some(false), true) => stamp.push(b'.'),
                    _ => {}
                }
                let shows = Shows {
                    milliseconds: msec,
                    zone: show_timezone,
                    year,
                };
                let utc = Zone::default();
                let zone = if localtime { &plan.zone } else { &utc };
                write_date(stamp, subject.now.utc, zone, shows);
            }
        }
    }
}

/// Which of the two stamps of `service timestamps` a message gets.
fn class(message: &Parsed<'_>) -> usize {
    usize::from(message.severity == Severity::Debugging)
}

/// `%FAC-SEV-MNEM: text`, whether the message has that header or is given one.
fn write_text(line: &mut Vec<u8>, message: &Parsed<'_>) {
    if message.kind == Kind::Program {
        line.push(b'%');
        line.extend(message.facility.iter().map(u8::to_ascii_uppercase));
        line.extend_from_slice(&[b'-', b'0' + message.severity.number(), b'-']);
        line.extend_from_slice(message.mnemonic);
        line.extend_from_slice(b": ");
    }
    line.extend_from_slice(message.text);
}

/// The PRI that leaves (C3.5).
fn pri(plan: &Plan, subject: &Subject<'_>) -> u8 {
    let message = subject.message;
    let received = message.pri.map(|pri| pri >> 3).filter(|_| !subject.is_own);
    let default = || match message.facility {
        b"ASA" | b"FTD" | b"FWSM" | b"PIX" => 20,
        // RFC 3164, 4.3.3: without a PRI it is user, 13 with its severity.
        _ if message.kind == Kind::Program => 1,
        _ => 23,
    };
    syslog::pri(
        plan.facility.or(received).unwrap_or_else(default),
        message.severity,
    )
}

/// The host that a foreign message names, else its sender's address.
fn write_host(out: &mut Vec<u8>, subject: &Subject<'_>) {
    match subject.sender {
        _ if !subject.message.host.is_empty() => out.extend_from_slice(subject.message.host),
        Some(IpAddr::V4(sender)) => {
            for (place, octet) in sender.octets().into_iter().enumerate() {
                if place > 0 {
                    out.push(b'.');
                }
                syslog::write_number(out, octet.into());
            }
        }
        Some(IpAddr::V6(sender)) => out.extend_from_slice(sender.to_string().as_bytes()),
        None => {}
    }
}
