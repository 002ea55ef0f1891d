//! What a Session waits with: a question, a password, the lines of a block. Here the outcome of a command is carried to its
//! end, or to the next line that must be typed.

use super::merge;
use super::own::Password;
use super::pipe::Pipe;
use super::session::{Io, Next, Session, print};
use super::wording;
use crate::command::Config;
use crate::command::crypto::{self, Certificate};
use crate::config::{Refusal, Scope};
use crate::exec::{self, Ask, Block, Failure, Outcome, SessionAction};

/// A question or a block whose lines come next.
pub(super) enum Waiting {
    Ask(Ask),
    Block(Block, Vec<String>),
    /// The lines of a certificate that a configuration command opened.
    Certificate {
        scope: Scope,
        certificate: Certificate,
        command: String,
        lines: Vec<String>,
    },
    Password(Password),
    /// A command, or the answer to a question that is not asked off a terminal.
    Unasked,
    /// The question on leaving with unsaved changes.
    Save,
    /// For nothing any more.
    Closed,
}

/// Lines of a block that are kept: more than the largest bundle has.
const MOST_LINES: usize = 100_000;

impl Session {
    /// Ctrl-Z: leaves configuration mode as `end` does; a question gets no answer and is over.
    pub fn control_z(&mut self, io: &mut Io<'_>) -> Next {
        match self.waiting.take() {
            Some(Waiting::Closed) => self.waiting = Some(Waiting::Closed),
            Some(Waiting::Block(..) | Waiting::Certificate { .. }) => {
                self.refuse("", 0, &Refusal::Incomplete, io)
            }
            Some(Waiting::Ask(_) | Waiting::Password(_) | Waiting::Unasked | Waiting::Save)
            | None => {}
        }
        self.leave_configuration();
        self.next()
    }

    /// Ctrl-C: what waits is given up.
    pub fn control_c(&mut self) -> Next {
        if !matches!(self.waiting, Some(Waiting::Closed)) {
            self.waiting = None;
        }
        self.next()
    }

    /// Carries an outcome to its end, or to the next line that must be typed.
    pub(super) fn conclude(&mut self, mut outcome: Result<Outcome, Failure>, io: &mut Io<'_>) {
        loop {
            outcome = match outcome {
                Ok(Outcome::Done) => return,
                Ok(Outcome::Ask(ask)) if self.caller.is_terminal => {
                    self.waiting = Some(Waiting::Ask(ask));
                    return;
                }
                Ok(Outcome::Ask(ask)) => {
                    let default = ask.default;
                    self.go_on(ask.then, default, io)
                }
                Ok(Outcome::Block(block)) => {
                    self.waiting = Some(Waiting::Block(block, Vec::new()));
                    return;
                }
                Ok(Outcome::Session(SessionAction::Merge { name, text })) => {
                    self.merge(&name, &text, io);
                    return;
                }
                Ok(Outcome::Session(SessionAction::Reload)) => {
                    self.reload(io).map(|()| Outcome::Done)
                }
                Err(failure) => return self.fail(&failure, io),
            };
        }
    }

    fn fail(&mut self, failure: &Failure, io: &mut Io<'_>) {
        match failure {
            Failure::Refusal(refusal) => self.refuse("", 0, refusal, io),
            Failure::Action(why) => {
                self.failed = true;
                print(io, &wording::failed(why));
            }
            Failure::Said => self.failed = true,
            // The reader has gone, or has seen enough.
            Failure::Output(_) => {}
        }
    }

    fn go_on<T>(
        &mut self,
        then: exec::Continue<T>,
        with: T,
        io: &mut Io<'_>,
    ) -> Result<Outcome, Failure> {
        self.part(Pipe::default(), io, |call| then(with, call))
    }

    pub(super) fn answer(&mut self, waiting: Waiting, raw: &str, io: &mut Io<'_>) {
        match waiting {
            Waiting::Ask(ask) => {
                let answer = if raw.trim().is_empty() {
                    ask.default
                } else {
                    raw.trim().to_owned()
                };
                let outcome = self.go_on(ask.then, answer, io);
                self.conclude(outcome, io);
            }
            Waiting::Block(block, lines) if self.ends(&block, &lines, raw) => {
                let drops_answer = block.drops_answer && !self.caller.is_terminal;
                let outcome = self.go_on(block.then, lines, io);
                self.conclude(outcome, io);
                if drops_answer && self.waiting.is_none() {
                    self.waiting = Some(Waiting::Unasked);
                }
            }
            Waiting::Block(block, mut lines) => {
                // What no block can be is not kept; the length tells who reads the block.
                if lines.len() < MOST_LINES {
                    lines.push(raw.to_owned());
                }
                self.waiting = Some(Waiting::Block(block, lines));
            }
            // Taken before it is answered; a command is fed as one.
            Waiting::Unasked => {}
            Waiting::Certificate {
                scope,
                certificate,
                command,
                lines,
            } if raw.trim() == Certificate::END => {
                let config =
                    Config::Crypto(crypto::Command::Certificate(certificate.with_block(&lines)));
                if let Err(refusal) = self.apply(&scope, &config, &command, io) {
                    self.refuse("", 0, &refusal, io);
                }
            }
            Waiting::Certificate {
                scope,
                certificate,
                command,
                mut lines,
            } => {
                lines.push(raw.to_owned());
                self.waiting = Some(Waiting::Certificate {
                    scope,
                    certificate,
                    command,
                    lines,
                });
            }
            Waiting::Closed => self.waiting = Some(Waiting::Closed),
            Waiting::Password(password) => self.check_password(password, raw, io),
            Waiting::Save => self.answer_save(raw, io),
        }
    }

    /// Whether the line ends the block.
    fn ends(&self, block: &Block, lines: &[String], raw: &str) -> bool {
        let line = raw.trim();
        line == block.until
            || self.caller.is_terminal
                && line.is_empty()
                && lines.iter().any(|line| !line.trim().is_empty())
    }

    /// Reads text into the running-config, as `copy FILE running-config` does.
    fn merge(&mut self, name: &str, text: &str, io: &mut Io<'_>) {
        let tally = merge::into_running(&self.chassis, &self.caller, name, text, io.err);
        self.failed |= tally.refused() > 0;
        self.unpublished = true;
        self.settle();
    }

    fn reload(&mut self, io: &mut Io<'_>) -> Result<(), Failure> {
        let tally = merge::reload(&self.chassis, &self.caller, io.err)?;
        self.failed |= tally.refused() > 0;
        self.unpublished = true;
        self.settle();
        Ok(())
    }
}
