//! A message on its way to the sessions that get it: rendered once for each form, and put where each session has it. Which
//! sessions get it is decided before.

use std::sync::Arc;

use super::{
    BUFFER, CONSOLE, Core, HISTORY, HOSTS, MAIL, MONITOR, PERSISTENT, Terminal, XML_BUFFER,
};
use crate::message::Parsed;
use crate::syslog::plan::{Form, Origin, Plan};
use crate::syslog::queue::Entering;
use crate::syslog::remote::{Remote, write_origin};
use crate::syslog::render::{Renderer, Subject};

impl Core {
    /// Renders a message for each session that gets it, and puts it where that session has it.
    pub(super) fn deliver(&mut self, message: &Parsed<'_>, is_own: bool) {
        let plan = &*self.plan;
        self.renderer.start();
        let subject = Subject {
            message,
            is_own,
            sender: self.peer.foreign.as_ref().filter(|_| !is_own),
            now: &self.now,
            has_lost_clock: self.was_synchronised,
        };
        let entering = Entering {
            severity: message.severity,
            number: self.number,
            is_received: !is_own,
        };
        let mut for_terminals = None;
        for (word, passing) in self.judge.passing().iter().enumerate() {
            let mut passing = *passing;
            while passing != 0 {
                let session = word * 64 + passing.trailing_zeros() as usize;
                passing &= passing - 1;
                match session {
                    BUFFER => {
                        self.history.push(self.renderer.line(plan, &subject));
                    }
                    XML_BUFFER => self.xml_buffer.push(self.renderer.xml(plan, &subject).1),
                    HISTORY => self.history_table.push(message, self.now.uptime),
                    CONSOLE => {
                        let terminal = (&mut self.console, plan.console.xml);
                        show(
                            terminal,
                            &mut self.renderer,
                            plan,
                            &subject,
                            &mut for_terminals,
                        );
                    }
                    MONITOR => {
                        let terminal = (&mut self.monitor, plan.monitor.xml);
                        show(
                            terminal,
                            &mut self.renderer,
                            plan,
                            &subject,
                            &mut for_terminals,
                        );
                    }
                    PERSISTENT => {
                        let line = self.renderer.line(plan, &subject);
                        self.files.push(&entering, line, &self.now);
                    }
                    MAIL => {
                        let line = self.renderer.line(plan, &subject);
                        self.mail.push(message, &entering, line, &self.now);
                    }
                    _ => {
                        let session = session - HOSTS;
                        let Some(remote) = self.remotes.get_mut(session) else {
                            continue;
                        };
                        send(
                            remote,
                            &mut self.renderer,
                            plan,
                            &subject,
                            &mut self.middle,
                            &entering,
                        );
                        if !remote.is_dirty && remote.has_waiting() {
                            remote.is_dirty = true;
                            self.dirty.push(session);
                        }
                        if !remote.is_full && remote.is_pressed() {
                            remote.is_full = true;
                            self.full.push(session);
                        }
                    }
                }
            }
        }
    }
}

/// Renders a message as this session has it, and puts it into its queue.
fn send(
    remote: &mut Remote,
    renderer: &mut Renderer,
    plan: &Plan,
    subject: &Subject<'_>,
    middle: &mut Vec<u8>,
    entering: &Entering,
) {
    middle.clear();
    // Entered in each arm: joined behind the match, the pieces would have to be stored and read again.
    match remote.form {
        Form::Ios => {
            if let Some(origin @ (Origin::Ipv4 | Origin::Ipv6)) = &plan.origin
                && !subject.is_foreign(plan)
            {
                write_origin(middle, origin, remote.source());
                middle.extend_from_slice(b": ");
            }
            if remote.has_element() {
                remote.write_element(middle);
                middle.extend_from_slice(b": ");
            }
            renderer.make_ios(plan, subject);
            let (head, tail) = (renderer.made_head(), renderer.made_line(subject));
            remote.enter(entering, &[head, middle, tail]);
        }
        Form::Rfc5424 => {
            remote.write_element(middle);
            let received = subject.message.structured;
            // An element may stand there once; ours is the newer.
            if middle.is_empty() || memchr::memmem::find(received, b"[syslog@9").is_none() {
                middle.extend_from_slice(received);
            }
            if middle.is_empty() {
                middle.push(b'-');
            }
            let (head, tail) = renderer.rfc5424(plan, subject);
            remote.enter(entering, &[head, middle, tail]);
        }
        Form::Xml => {
            let (head, tail) = renderer.xml(plan, subject);
            remote.enter(entering, &[head, middle, tail]);
        }
        Form::Asa | Form::Emblem => {
            let line = renderer.asa(plan, subject, remote.form == Form::Emblem);
            remote.enter(entering, &[line, b"", b""]);
        }
    }
}

/// Renders a message for the terminals that listen; both kinds share a line.
fn show(
    (terminal, is_xml): (&mut Terminal, bool),
    renderer: &mut Renderer,
    plan: &Plan,
    subject: &Subject<'_>,
    shared: &mut Option<Arc<[u8]>>,
) {
    if !terminal.has_listener {
        return;
    }
    terminal.lines.push(if is_xml {
        renderer.xml(plan, subject).1.into()
    } else {
        shared
            .get_or_insert_with(|| renderer.line(plan, subject).into())
            .clone()
    });
}
