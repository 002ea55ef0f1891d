//! A Session: a mode stack, a privilege, a question that waits, and `feed`, which takes one line and does what it says. It is
//! synchronous and knows no terminal; front ends print its prompts, page its output and read its answers.

use std::collections::VecDeque;
use std::io::Write;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::filter::Filtered;
use super::line::{self, Line, Typed};
use super::pipe::{self, Pipe};
use super::place::{Found, Place, Tries, Unmatched};
use super::waiting::Waiting;
use super::wording;
use crate::command::{self, Command, Exec};
use crate::config::{Refusal, masking};
use crate::exec::{self, Call, Caller, Chassis, Failure, Format, Outcome};
use crate::show::sanitised::Sanitised;

/// Where a Session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// User EXEC, as a console does (C1.10).
    Interactive,
    /// Privileged EXEC, as scripts do (C1.1).
    Scripted,
}

/// What kind of Session it is.
#[derive(Clone, Debug)]
pub struct Opening {
    pub start: Start,
    /// Its privilege is set by `start`.
    pub caller: Caller,
    /// `enable` succeeds while no enable password is set: the process's own console, the control socket (docs/PROMISES.md).
    pub enables_freely: bool,
    /// Logging stops when this Session is left.
    pub holds_engines: bool,
}

/// Where a Session prints, and what interrupts it.
pub struct Io<'a> {
    pub out: &'a mut dyn Write,
    /// What reading a configuration has to say (C1.7).
    pub err: &'a mut dyn Write,
    pub interrupt: &'a AtomicBool,
}

/// What the Session expects next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Command {
        prompt: String,
    },
    /// An answer; `echo` is false for passwords.
    Ask {
        text: String,
        echo: bool,
    },
    /// A line of a block.
    Block,
    /// It is over.
    Closed,
}

/// One person or script at work on one device.
pub struct Session {
    pub(super) chassis: Arc<Chassis>,
    pub(super) caller: Caller,
    pub(super) place: Place,
    pub(super) waiting: Option<Waiting>,
    pub(super) settings: Settings,
    pub(super) history: VecDeque<String>,
    pub(super) enables_freely: bool,
    pub(super) holds_engines: bool,
    /// Blanks before the refused line whose deeper lines are refused with it (C1.6).
    pub(super) refused_indent: Option<usize>,
    pub(super) failed: bool,
    pub(super) unpublished: bool,
    pub(super) last_is_secret: bool,
    /// Configuration mode was entered by somebody who is to be asked about anonymous reporting.
    pub(super) asks: bool,
    /// The EXEC command that was begun last, its secrets masked.
    pub(super) under_way: String,
}

/// What the operator set for this Session alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `terminal pager`.
    pub pager: Option<u32>,
    /// `terminal width`; 0 for no limit.
    pub width: Option<u16>,
    /// `terminal monitor`.
    pub monitor: bool,
}

/// The longest that the engines may take to take over what was configured (C1.2).
const SETTLE: Duration = Duration::from_secs(1);
/// Lines that `show history` remembers.
const HISTORY: usize = 256;

impl Session {
    pub fn new(chassis: Arc<Chassis>, opening: Opening) -> Self {
        let mut caller = opening.caller;
        caller.privilege = match opening.start {
            Start::Interactive => caller.privilege.min(1),
            Start::Scripted => 15,
        };
        let mut session = Self {
            chassis,
            caller,
            place: Place::default(),
            waiting: None,
            settings: Settings::default(),
            history: VecDeque::new(),
            enables_freely: opening.enables_freely,
            holds_engines: opening.holds_engines,
            refused_indent: None,
            failed: false,
            unpublished: false,
            last_is_secret: false,
            asks: false,
            under_way: String::new(),
        };
        session.rename();
        session
    }

    /// Takes one line without its end and does what it says.
    pub fn feed(&mut self, raw: &str, io: &mut Io<'_>) -> Next {
        self.last_is_secret = false;
        if let Some(Waiting::Unasked) = self.waiting {
            self.waiting = None;
            if wording::is_answer(raw) {
                self.last_is_secret = true;
                return self.next();
            }
        }
        if let Some(waiting) = self.waiting.take() {
            self.last_is_secret = true;
            self.answer(waiting, raw, io);
            return self.next();
        }
        let cleaned = line::clean(raw);
        if !self.caller.is_terminal
            && let Some(asked) = line::asks_for_help(&cleaned)
        {
            let text = self.help(asked);
            print(io, text.trim_start_matches('\n'));
            return self.next();
        }
        if let Line::Command(typed) = line::sort(&cleaned, self.place.is_configuration()) {
            self.typed(&typed, io);
            self.remember(typed.whole);
        }
        self.next()
    }

    /// What `feed` would return if nothing more were typed.
    pub fn next(&self) -> Next {
        match &self.waiting {
            None | Some(Waiting::Unasked) => Next::Command {
                prompt: self.prompt(),
            },
            Some(Waiting::Ask(ask)) => Next::Ask {
                text: ask.text.clone(),
                echo: ask.echo,
            },
            Some(Waiting::Password(_)) => Next::Ask {
                text: wording::PASSWORD.into(),
                echo: false,
            },
            Some(Waiting::Save) => Next::Ask {
                text: wording::SAVE.into(),
                echo: true,
            },
            Some(Waiting::Block(..) | Waiting::Certificate { .. }) => Next::Block,
            Some(Waiting::Closed) => Next::Closed,
        }
    }

    pub fn prompt(&self) -> String {
        let mode = match self.place.mode() {
            Some(mode) if self.place.is_configuration() => mode.prompt(),
            _ if self.is_privileged() => "#",
            _ => ">",
        };
        self.chassis
            .owner
            .with(|config| wording::prompt(config.system.hostname(), mode))
    }

    /// A line was refused or an action failed: exit status 1 for scripts.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// The line fed last holds a secret or is an answer: no history keeps it.
    pub fn is_last_secret(&self) -> bool {
        self.last_is_secret
    }

    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Lines of a page, 0 for none: `terminal pager`, else the configuration's `pager`.
    pub fn page_lines(&self) -> u32 {
        self.settings.pager.unwrap_or_else(|| {
            self.chassis
                .owner
                .with(|config| config.system.pager_lines())
        })
    }

    pub fn chassis(&self) -> &Arc<Chassis> {
        &self.chassis
    }

    /// Logging stops when this Session is left.
    pub fn holds_engines(&self) -> bool {
        self.holds_engines
    }

    /// A configuration mode is the current one.
    pub fn is_configuring(&self) -> bool {
        self.place.is_configuration()
    }

    /// Whether the line is an EXEC command that changes nothing: what call home may collect.
    pub fn only_reads(&mut self, line: &str) -> bool {
        let cleaned = line::clean(line);
        let Line::Command(typed) = line::sort(&cleaned, false) else {
            return false;
        };
        line::control_character(typed.whole).is_none()
            && self
                .find(typed.command(), Tries::ExecAlone)
                .is_ok_and(|found| found.command.command().reads())
    }

    /// Nothing more has been typed yet: what was configured is published.
    pub fn idle(&mut self) {
        if mem::take(&mut self.unpublished) {
            self.chassis.owner.publish();
        }
    }

    /// No line will come any more: a question takes its default, a block that has not ended is refused, configuration mode
    /// is left, and the engines take over what was configured.
    pub fn end_of_input(&mut self, io: &mut Io<'_>) {
        if let Some(Waiting::Block(..) | Waiting::Certificate { .. }) = self.waiting {
            self.waiting = None;
            self.refuse("", 0, &Refusal::Incomplete, io);
        }
        self.leave_configuration();
        self.settle();
    }

    /// A line that cannot be taken at all, such as one beyond every bound.
    pub(super) fn refuse_unread(&mut self, io: &mut Io<'_>) {
        self.refuse("", 0, &Refusal::Invalid { column: 0 }, io);
    }

    fn typed(&mut self, typed: &Typed<'_>, io: &mut Io<'_>) {
        if self.place.is_configuration()
            && self
                .refused_indent
                .is_some_and(|above| typed.indent > above)
        {
            let column = typed.indent;
            return self.refuse_alone(typed.whole, column, &Refusal::Invalid { column }, io);
        }
        self.refused_indent = None;
        match line::control_character(typed.whole) {
            Some(column) => self.refuse(typed.whole, column, &Refusal::Invalid { column }, io),
            None => self.command(typed, io),
        }
    }

    fn command(&mut self, typed: &Typed<'_>, io: &mut Io<'_>) {
        let text = typed.command();
        let tries = if typed.is_do {
            Tries::ExecAlone
        } else {
            Tries::All
        };
        let found = match self.find(text, tries) {
            Ok(found) => found,
            Err(Unmatched { column, refusal }) => {
                return self.refuse(typed.whole, typed.at + column, &refusal, io);
            }
        };
        self.last_is_secret = !found.command.secrets().is_empty();
        let command = match command::parse(&found.command) {
            Ok(command) => command,
            Err(error) => {
                let column = typed.at + error.column;
                return self.refuse(typed.whole, column, &Refusal::Invalid { column }, io);
            }
        };
        if let Some(at) = found.at {
            self.place.return_to(at);
        }
        match command {
            Command::Config(config) => self.configure(&found, &config, typed, io),
            Command::Exec(exec) => self.execute(&found, &exec, typed, io),
            Command::Session(own) => self.act(&found, own, typed, io),
        }
    }

    pub(super) fn find<'l>(&mut self, text: &'l str, tries: Tries) -> Result<Found<'l>, Unmatched> {
        let is_restricted = !self.is_privileged();
        self.place.walker().restrict(is_restricted);
        self.place.find(text, tries)
    }

    pub(super) fn is_privileged(&self) -> bool {
        self.caller.privilege >= 15
    }

    fn execute(&mut self, found: &Found<'_>, exec: &Exec, typed: &Typed<'_>, io: &mut Io<'_>) {
        self.settle();
        let Some(pipe) = self.read_pipe(found, typed, io) else {
            return;
        };
        self.under_way = masking::mask(typed.command(), found.command.secrets()).into_owned();
        let outcome = self.part(pipe, io, |call| exec::run(exec, call));
        self.conclude(outcome, io);
    }

    /// A part of the EXEC command that is under way: up to a question, or from its answer on.
    pub(super) fn part(
        &mut self,
        pipe: Pipe,
        io: &mut Io<'_>,
        work: impl FnOnce(&mut Call<'_>) -> Result<Outcome, Failure>,
    ) -> Result<Outcome, Failure> {
        let format = if pipe.json {
            Format::Json
        } else {
            Format::Text
        };
        let mut changed = false;
        let outcome = self.with_output(pipe, io, |session, out, interrupt| {
            let chassis = session.chassis.clone();
            let mut call = Call {
                chassis: &chassis,
                caller: &mut session.caller,
                format,
                out,
                interrupt,
                changed: false,
            };
            let outcome = work(&mut call);
            changed = call.changed;
            outcome
        });
        if changed {
            self.unpublished = true;
            self.note_change(&self.under_way);
        }
        outcome
    }

    /// The filters of a line; `None` when they are refused.
    pub(super) fn read_pipe(
        &mut self,
        found: &Found<'_>,
        typed: &Typed<'_>,
        io: &mut Io<'_>,
    ) -> Option<Pipe> {
        let Some(bar) = found.command.pipe() else {
            return Some(Pipe::default());
        };
        let (column, refusal) = match Pipe::parse(typed.command(), bar) {
            Ok(pipe) => return Some(pipe),
            Err(pipe::Fault::Invalid { column }) => (column, Refusal::Invalid { column }),
            Err(pipe::Fault::Incomplete { column }) => (column, Refusal::Incomplete),
            Err(pipe::Fault::Ambiguous { column, text }) => (column, Refusal::Ambiguous { text }),
            Err(pipe::Fault::Pattern { column, why }) => (column, Refusal::Pattern { why }),
        };
        self.refuse(typed.whole, typed.at + column, &refusal, io);
        None
    }

    /// Runs `work` with its output made harmless and sent through the filters.
    pub(super) fn with_output<T>(
        &mut self,
        pipe: Pipe,
        io: &mut Io<'_>,
        work: impl FnOnce(&mut Self, &mut dyn Write, &AtomicBool) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut filtered = Filtered::new(pipe, io.out);
        let mut sanitised = Sanitised::new(&mut filtered);
        let worked = work(self, &mut sanitised, io.interrupt);
        let finished = sanitised.finish().and_then(|()| filtered.finish());
        match worked {
            Ok(value) => finished.map(|()| value).map_err(Failure::Output),
            Err(failure) => Err(failure),
        }
    }

    /// What was configured so far is in force (C1.2).
    pub(super) fn settle(&mut self) {
        self.unpublished = false;
        self.chassis.owner.settle(SETTLE);
    }

    /// A refusal of a line in a configuration takes the deeper lines below with it.
    pub(super) fn refuse(
        &mut self,
        whole: &str,
        column: usize,
        refusal: &Refusal,
        io: &mut Io<'_>,
    ) {
        self.refused_indent = Some(whole.len() - whole.trim_start_matches(' ').len());
        self.refuse_alone(whole, column, refusal, io);
    }

    fn refuse_alone(&mut self, whole: &str, column: usize, refusal: &Refusal, io: &mut Io<'_>) {
        self.failed = true;
        self.last_is_secret |=
            masking::may_hold_a_secret(whole) || self.place.masked(whole) != whole;
        if let Refusal::Invalid { .. } = refusal {
            // The column counts the prompt, whether there is one to see or not (C1.4).
            let before = whole.get(..column).unwrap_or(whole).chars().count();
            print(io, &wording::caret(self.prompt().chars().count() + before));
        }
        print(io, &format!("{}\n", masked(refusal, whole)));
    }

    fn remember(&mut self, whole: &str) {
        if self.last_is_secret || self.history.back().is_some_and(|last| last == whole) {
            return;
        }
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(whole.to_owned());
    }
}

/// A refusal that would repeat a word of the secret part of a line says it masked.
fn masked(refusal: &Refusal, whole: &str) -> Refusal {
    match (refusal, masking::secret_tail(whole)) {
        (Refusal::Ambiguous { text }, Some(at))
            if whole
                .get(at..)
                .is_some_and(|tail| tail.contains(text.as_str())) =>
        {
            Refusal::Ambiguous {
                text: masking::MASK.into(),
            }
        }
        _ => refusal.clone(),
    }
}

/// Output that nobody reads any more is no error.
pub(super) fn print(io: &mut Io<'_>, text: &str) {
    io.out.write_all(text.as_bytes()).unwrap_or_default();
}
