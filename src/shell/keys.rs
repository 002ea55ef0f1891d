//! The keys that mean more than a character at a terminal: `?`, Tab, Ctrl-Z, Ctrl-D; and how a password looks while it is
//! typed. What follows from them is the terminal's business.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::history::DefaultHistory;
use rustyline::{
    Cmd, ConditionalEventHandler, Context, Editor, Event, EventContext, EventHandler, Helper,
    Hinter, KeyEvent, Modifiers, Movement, RepeatCount, Validator,
};

use super::session::Session;

/// A key that ends the line for a reason of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// `?` at this byte.
    Help(usize),
    /// Ctrl-Z.
    End,
}

/// What the key handlers leave for the loop: they may only accept the line.
#[derive(Default)]
pub(super) struct Asked {
    what: AtomicU8,
    at: AtomicUsize,
    /// A command is being typed; in an answer `?` is itself.
    pub(super) is_command: AtomicBool,
}

impl Asked {
    const HELP: u8 = 1;
    const END: u8 = 2;

    pub(super) fn take(&self) -> Option<Reason> {
        match self.what.swap(0, Ordering::Relaxed) {
            Self::HELP => Some(Reason::Help(self.at.load(Ordering::Relaxed))),
            Self::END => Some(Reason::End),
            _ => None,
        }
    }
}

pub(super) fn bind(editor: &mut Editor<AtCursor, DefaultHistory>, asked: &Arc<Asked>) {
    let mut on = |key: KeyEvent, handler: EventHandler| {
        drop(editor.bind_sequence(Event::from(key), handler))
    };
    on(
        KeyEvent::from('?'),
        EventHandler::Conditional(Box::new(Question(asked.clone()))),
    );
    on(
        KeyEvent::ctrl('Z'),
        EventHandler::Conditional(Box::new(EndKey(asked.clone()))),
    );
    on(
        KeyEvent::ctrl('D'),
        EventHandler::Conditional(Box::new(DeleteKey)),
    );
    // The base mode has switched the suspending key off, which is NUL; as a key it is none.
    on(
        KeyEvent::new('\0', Modifiers::NONE),
        EventHandler::Simple(Cmd::Noop),
    );
    on(KeyEvent::ctrl('\\'), EventHandler::Simple(Cmd::Noop));
}

struct Question(Arc<Asked>);

impl ConditionalEventHandler for Question {
    fn handle(
        &self,
        _: &Event,
        _: RepeatCount,
        _: bool,
        context: &EventContext<'_>,
    ) -> Option<Cmd> {
        if !self.0.is_command.load(Ordering::Relaxed) {
            return None;
        }
        if context.pos() == context.line().len() {
            // A device echoes it; the editor, which has written all it had, does not.
            rustix::io::write(io::stdout(), b"?")
                .map(drop)
                .unwrap_or_default();
        }
        self.0.at.store(context.pos(), Ordering::Relaxed);
        self.0.what.store(Asked::HELP, Ordering::Relaxed);
        Some(Cmd::AcceptLine)
    }
}

struct EndKey(Arc<Asked>);

impl ConditionalEventHandler for EndKey {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        self.0.what.store(Asked::END, Ordering::Relaxed);
        Some(Cmd::AcceptLine)
    }
}

/// Ctrl-D deletes under the cursor and never ends a console.
struct DeleteKey;

impl ConditionalEventHandler for DeleteKey {
    fn handle(
        &self,
        _: &Event,
        _: RepeatCount,
        _: bool,
        context: &EventContext<'_>,
    ) -> Option<Cmd> {
        let is_at_end = context.pos() == context.line().len();
        Some(if is_at_end {
            Cmd::Noop
        } else {
            Cmd::Kill(Movement::ForwardChar(1))
        })
    }
}

/// What the editor asks while a line is typed.
#[derive(Helper, Hinter, Validator)]
pub(super) struct AtCursor {
    pub(super) session: Rc<RefCell<Session>>,
    /// A password is being typed.
    pub(super) is_secret: Cell<bool>,
}

impl Completer for AtCursor {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let found = self
            .session
            .borrow_mut()
            .complete(line.get(..at).unwrap_or(line));
        Ok((found.start, found.words))
    }
}

impl Highlighter for AtCursor {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.is_secret.get() {
            Cow::Owned("*".repeat(line.chars().count()))
        } else {
            Cow::Borrowed(line)
        }
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.is_secret.get()
    }
}
