//! The keys that mean more than a character at a terminal: `?`, Tab, Ctrl-C, Ctrl-Z, Ctrl-D, those of a page; and how a
//! password looks while it is typed. What follows from them is the terminal's business.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::history::DefaultHistory;
use rustyline::{
    Cmd, ConditionalEventHandler, Context, Editor, Event, EventContext, EventHandler, Helper,
    Hinter, KeyCode, KeyEvent, Modifiers, Movement, RepeatCount, Validator,
};

use super::asking::{Asking, Moment};
use super::pager::Key;
use super::session::Session;
use super::wording::MORE_WIPE;

/// A key that ends the line for a reason of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// `?` at this byte.
    Help(usize),
    /// Ctrl-Z.
    End,
    /// Ctrl-C. The editor's own would throw away what it has read behind it.
    Interrupt,
    /// A key of the pager.
    Page(Key),
}

/// What the editor is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wanted {
    #[default]
    Command,
    /// In an answer `?` is itself.
    Answer,
    /// One key at the end of a page.
    Page,
}

/// What the loop tells the key handler, and what the handler, which may only accept the line, leaves for the loop.
#[derive(Clone, Default)]
pub(super) struct Asked(Arc<Mutex<(Wanted, Option<Reason>)>>);

impl Asked {
    pub(super) fn want(&self, wanted: Wanted) {
        self.with(|now| *now = (wanted, None));
    }

    pub(super) fn take(&self) -> Option<Reason> {
        self.with(|(_, reason)| reason.take())
    }

    fn with<T>(&self, work: impl FnOnce(&mut (Wanted, Option<Reason>)) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) fn bind(editor: &mut Editor<AtCursor, DefaultHistory>, asked: &Asked, moment: &Moment) {
    let keys = EventHandler::Conditional(Box::new(Keys(asked.clone(), moment.clone())));
    drop(editor.bind_sequence(Event::Any, keys));
}

/// Sees every key first; one it says nothing about is the editor's.
struct Keys(Asked, Moment);

impl ConditionalEventHandler for Keys {
    fn handle(
        &self,
        event: &Event,
        _: RepeatCount,
        _: bool,
        context: &EventContext<'_>,
    ) -> Option<Cmd> {
        self.1.pass();
        let key = *event.get(0)?;
        let KeyEvent(code, modifiers) = key;
        let (is_plain, is_ctrl) = (modifiers == Modifiers::NONE, modifiers == Modifiers::CTRL);
        let is_at_end = context.pos() == context.line().len();
        self.0.with(|(wanted, reason)| {
            // A reason that the editor took for something else, such as going on with a long list of words, is over.
            *reason = None;
            let mut accept = |why| {
                *reason = Some(why);
                Some(Cmd::AcceptLine)
            };
            if *wanted == Wanted::Page {
                let Some(key) = page_key(key) else {
                    return Some(Cmd::Noop);
                };
                // Accepting ends in a line feed, which comes back to the row of the marker.
                write(&[MORE_WIPE, ONE_UP].concat());
                return accept(Reason::Page(key));
            }
            match code {
                KeyCode::Char('?') if is_plain && *wanted == Wanted::Command => {
                    if is_at_end {
                        // A device echoes it; the editor, which has written all it had, does not.
                        write("?");
                    }
                    accept(Reason::Help(context.pos()))
                }
                KeyCode::Char('Z') if is_ctrl => accept(Reason::End),
                KeyCode::Char('C') if is_ctrl => accept(Reason::Interrupt),
                // Deletes under the cursor and never ends a console.
                KeyCode::Char('D') if is_ctrl && is_at_end => Some(Cmd::Noop),
                KeyCode::Char('D') if is_ctrl => Some(Cmd::Kill(Movement::ForwardChar(1))),
                // The base mode has switched the suspending key off, which is NUL; as a key it is none.
                KeyCode::Char('@' | '\\') if is_ctrl => Some(Cmd::Noop),
                _ => None,
            }
        })
    }
}

const ONE_UP: &str = "\x1b[A";

/// Straight to the terminal; one that is gone is noticed at the next read.
fn write(text: &str) {
    rustix::io::write(io::stdout(), text.as_bytes())
        .map(drop)
        .unwrap_or_default();
}

fn page_key(KeyEvent(code, modifiers): KeyEvent) -> Option<Key> {
    let is_ctrl = modifiers == Modifiers::CTRL;
    let byte = match code {
        KeyCode::Char('C') if is_ctrl => 0x03,
        KeyCode::Char('J') if is_ctrl => b'\n',
        KeyCode::Char(c) if modifiers == Modifiers::NONE => u8::try_from(c).ok()?,
        KeyCode::Enter => b'\r',
        _ => return None,
    };
    Key::from_byte(byte)
}

/// What the editor asks while a line is typed.
#[derive(Helper, Hinter, Validator)]
pub(super) struct AtCursor {
    pub(super) session: Rc<RefCell<Session>>,
    /// A password is being typed.
    pub(super) is_secret: Cell<bool>,
    pub(super) asking: Asking,
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
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        self.asking.drawn(prompt, &self.session);
        Cow::Borrowed(prompt)
    }

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
