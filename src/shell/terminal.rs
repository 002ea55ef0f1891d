//! A person at a real terminal: rustyline's editor, `?` and Tab at the cursor, history, pages, log lines that never spoil a
//! half-typed line. Between two lines the terminal is in a mode of ours, so that what is typed ahead stays data.

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
};
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{ColorMode, CompletionType, Config, Editor};

use super::asking::Asking;
use super::feed::{self, Feed, Feeds};
use super::keys::{Asked, AtCursor, Reason, Wanted, bind};
use super::line;
use super::pager::{Key, Keys, Pager};
use super::session::{Io, Next, Session};
use super::synchronous::Gate;
use super::wording;
use crate::exec;

/// What the program lends to its console.
pub struct Console {
    /// Set by SIGINT; looked at by commands that take long.
    pub interrupt: Arc<AtomicBool>,
    /// Log lines for terminals, from now on.
    pub listen: Box<dyn Fn(Feed) -> Receiver<Arc<[u8]>>>,
    /// Where typed lines are kept, mode 0600; `None` to keep none.
    pub history: Option<PathBuf>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `exit`, `quit`, `logout`.
    Left,
    /// The terminal is gone; what was unsaved is in `disk0:unsaved-config` when this console held the engines.
    Hangup,
}

/// Whether a console can be opened here.
pub fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The terminal as it was before `run`, for whoever ends the process without returning from it (a signal).
pub fn restore() {
    let original = ORIGINAL
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(original) = original {
        // A terminal that is gone needs no mode.
        tcsetattr(io::stdin(), OptionalActions::Now, &original).unwrap_or_default();
    }
}

/// Talks with the operator until the Session is left or the terminal vanishes.
///
/// # Errors
/// The terminal cannot be used at all.
pub fn run(session: Session, console: Console) -> Result<End, ReadlineError> {
    let is_dumb = std::env::var("TERM")
        .is_ok_and(|term| ["dumb", "cons25", "emacs"].contains(&term.as_str()));
    let _mode = BaseMode::enter(is_dumb);
    let mut front = Front::open(session, console, is_dumb)?;
    let end = front.talk();
    front.gate.open().iter().for_each(|line| show(line));
    front.feeds.close();
    if end == End::Hangup {
        front.keep_unsaved();
    }
    Ok(end)
}

/// The mode that rustyline comes from and goes back to: no echo and no lines, so that keys typed ahead stay as they are;
/// Ctrl-C interrupts, Ctrl-Z and Ctrl-\ are data, and what was typed ahead survives an interrupt.
struct BaseMode;

static ORIGINAL: Mutex<Option<Termios>> = Mutex::new(None);

impl BaseMode {
    fn enter(is_dumb: bool) -> Self {
        let Ok(original) = tcgetattr(io::stdin()) else {
            return Self;
        };
        let mut base = original.clone();
        if !is_dumb {
            base.local_modes
                .remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::IEXTEN);
            base.local_modes
                .insert(LocalModes::ISIG | LocalModes::NOFLSH);
            // Linux: 0 switches a special character off.
            base.special_codes[SpecialCodeIndex::VSUSP] = 0;
            base.special_codes[SpecialCodeIndex::VQUIT] = 0;
            base.special_codes[SpecialCodeIndex::VMIN] = 1;
            base.special_codes[SpecialCodeIndex::VTIME] = 0;
        }
        tcsetattr(io::stdin(), OptionalActions::Now, &base).unwrap_or_default();
        *ORIGINAL.lock().unwrap_or_else(PoisonError::into_inner) = Some(original);
        Self
    }
}

impl Drop for BaseMode {
    fn drop(&mut self) {
        restore();
    }
}

struct Front {
    session: Rc<RefCell<Session>>,
    editor: Editor<AtCursor, DefaultHistory>,
    asked: Asked,
    console: Console,
    feeds: Feeds,
    /// Where log lines wait for the end of output.
    gate: Arc<Gate>,
    is_dumb: bool,
}

impl Front {
    fn open(session: Session, console: Console, is_dumb: bool) -> Result<Self, ReadlineError> {
        let session = Rc::new(RefCell::new(session));
        let config = Config::builder()
            .auto_add_history(false)
            .completion_type(CompletionType::List)
            .bracketed_paste(false)
            // Nothing has a colour; without it a password would be shown under NO_COLOR.
            .color_mode(ColorMode::Forced)
            .build();
        let mut editor = Editor::<AtCursor, _>::with_history(config, DefaultHistory::new())?;
        editor.enable_synchronized_output(false);
        let asking = Asking::default();
        let asked = Asked::default();
        bind(&mut editor, &asked, &asking.moment);
        editor.set_helper(Some(AtCursor {
            session: session.clone(),
            is_secret: Cell::new(false),
            asking,
        }));
        if let Some(path) = &console.history {
            // A console without its history is still a console.
            editor.load_history(path).unwrap_or_default();
        }
        let mut feeds = Feeds::default();
        let gate = Arc::<Gate>::default();
        feeds.print(
            Feed::Console,
            (console.listen)(Feed::Console),
            printer(&mut editor, &gate),
        );
        Ok(Self {
            session,
            editor,
            asked,
            console,
            feeds,
            gate,
            is_dumb,
        })
    }

    fn talk(&mut self) -> End {
        self.greet();
        let mut next = self.session.borrow().next();
        // The line that was there when `?` was typed, left and right of the cursor.
        let mut kept = (String::new(), String::new());
        while next != Next::Closed {
            let read = self.read(&next, &kept);
            let is_command = matches!(next, Next::Command { .. });
            kept = (String::new(), String::new());
            next = match (read, self.asked.take()) {
                (Ok(line), Some(Reason::Help(at))) => {
                    let (left, right) = line.split_at(at.min(line.len()));
                    self.show_help(left);
                    kept = (left.to_owned(), right.to_owned());
                    self.session.borrow().next()
                }
                (Ok(line), Some(Reason::End)) => self.end(&line, is_command),
                (Ok(_), Some(Reason::Interrupt)) | (Err(ReadlineError::Interrupted), _) => {
                    self.session.borrow_mut().control_c()
                }
                (Ok(line), Some(Reason::Page(_)) | None) => self.line(&line, is_command),
                (Err(ReadlineError::Signal(_)), _) => continue,
                // A byte that is no UTF-8: the line is lost, the console is not.
                (Err(ReadlineError::Io(error)), _)
                    if error.kind() == io::ErrorKind::InvalidData =>
                {
                    show("\n");
                    continue;
                }
                (Err(_), _) => return End::Hangup,
            };
            self.follow_settings();
        }
        End::Left
    }

    fn greet(&self) {
        let session = self.session.borrow();
        let errors = session
            .chassis()
            .startup_errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let refused = errors.iter().filter(|error| error.is_refused);
        let lines: Vec<_> = refused.map(|error| error.line).collect();
        let warning = if lines.is_empty() {
            String::new()
        } else {
            wording::startup_errors(&lines)
        };
        show(&format!("{warning}{}\n", wording::BANNER));
    }

    fn read(&mut self, next: &Next, kept: &(String, String)) -> Result<String, ReadlineError> {
        // Output is done; the prompt stands below what has waited for that.
        self.gate.open().iter().for_each(|line| show(line));
        let (prompt, echo, is_command) = match next {
            Next::Command { prompt } => (prompt.as_str(), true, true),
            Next::Ask { text, echo } => (text.as_str(), *echo, false),
            Next::Block | Next::Closed => ("", true, false),
        };
        self.asked.want(if is_command {
            Wanted::Command
        } else {
            Wanted::Answer
        });
        if let Some(helper) = self.editor.helper() {
            helper.is_secret.set(!echo);
        }
        if is_command {
            self.arm_question();
        }
        if self.is_dumb && !echo {
            return self.read_unseen(prompt);
        }
        self.editor
            .readline_with_initial(prompt, (&kept.0, &kept.1))
    }

    /// Without an editor nobody knows what was typed ahead, so that nobody is asked (D215).
    fn arm_question(&mut self) {
        if !self.session.borrow_mut().take_question() || self.is_dumb {
            return;
        }
        let Ok(mut printer) = self.editor.create_external_printer() else {
            return;
        };
        if let Some(helper) = self.editor.helper() {
            use rustyline::ExternalPrinter as _;
            helper
                .asking
                .arm(Box::new(move |line| printer.print(line).is_ok()));
        }
    }

    /// Without an editor the terminal itself echoes; it is told not to.
    fn read_unseen(&mut self, prompt: &str) -> Result<String, ReadlineError> {
        let seen = tcgetattr(io::stdin()).map_err(io::Error::from)?;
        let mut unseen = seen.clone();
        unseen.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Now, &unseen).map_err(io::Error::from)?;
        let read = self.editor.readline(prompt);
        tcsetattr(io::stdin(), OptionalActions::Now, &seen).map_err(io::Error::from)?;
        show("\n");
        read
    }

    fn line(&mut self, line: &str, is_command: bool) -> Next {
        // Without an editor no key is seen before Enter.
        if let Some(asked) = line::asks_for_help(line).filter(|_| self.is_dumb && is_command) {
            self.show_help(asked);
            return self.session.borrow().next();
        }
        let next = self.feed(line);
        if is_command {
            self.remember(line);
        }
        next
    }

    /// Ctrl-Z: in configuration mode what stands in the line is run first; in EXEC it is forgotten.
    fn end(&mut self, line: &str, is_command: bool) -> Next {
        let is_run =
            is_command && !line.trim().is_empty() && self.session.borrow().is_configuring();
        if is_run {
            self.line(line, true);
        }
        self.with_page(|session, io| session.control_z(io))
    }

    fn feed(&mut self, line: &str) -> Next {
        let next = self.with_page(|session, io| session.feed(line, io));
        // What was pasted together is published together.
        if rustix::io::ioctl_fionread(io::stdin()).unwrap_or(0) == 0 {
            self.session.borrow_mut().idle();
        }
        next
    }

    fn with_page<T>(&mut self, work: impl FnOnce(&mut Session, &mut Io<'_>) -> T) -> T {
        self.console.interrupt.store(false, Ordering::Relaxed);
        let mut session = self.session.borrow_mut();
        let owner = &session.chassis().owner;
        self.gate
            .close(owner.with(|config| config.terminal_lines.console()));
        let lines = u16::try_from(session.page_lines()).unwrap_or(u16::MAX);
        let columns = session
            .settings()
            .width
            .unwrap_or_else(|| tcgetwinsize(io::stdout()).map_or(0, |size| size.ws_col));
        let (mut out, mut err) = (io::stdout(), io::stderr());
        let mut of_editor = OfEditor {
            editor: &mut self.editor,
            asked: &self.asked,
        };
        let keys: &mut dyn Keys = if self.is_dumb {
            &mut OfTerminal
        } else {
            &mut of_editor
        };
        let mut page = Pager::new(&mut out, keys, lines, columns);
        let done = work(
            &mut session,
            &mut Io {
                out: &mut page,
                err: &mut err,
                interrupt: &self.console.interrupt,
            },
        );
        out.flush().unwrap_or_default();
        done
    }

    fn show_help(&mut self, left: &str) {
        let text = self.session.borrow_mut().help(left);
        self.with_page(|_, io| io.out.write_all(text.as_bytes()).unwrap_or_default());
    }

    fn remember(&mut self, line: &str) {
        if line.trim().is_empty() || self.session.borrow().is_last_secret() {
            return;
        }
        // A history that cannot be kept is none of the operator's business now.
        self.editor
            .add_history_entry(line.trim_end())
            .unwrap_or_default();
        if let Some(path) = &self.console.history {
            self.editor.append_history(path).unwrap_or_default();
        }
    }

    /// `terminal monitor` and its end.
    fn follow_settings(&mut self) {
        let wanted = self.session.borrow().settings().monitor;
        if wanted && !self.feeds.has(Feed::Monitor) {
            self.feeds.print(
                Feed::Monitor,
                (self.console.listen)(Feed::Monitor),
                printer(&mut self.editor, &self.gate),
            );
        } else if !wanted {
            self.feeds.stop(Feed::Monitor);
        }
    }

    fn keep_unsaved(&self) {
        let session = self.session.borrow();
        if session.holds_engines() {
            // Nobody is there any more to be told.
            exec::startup::keep_unsaved(session.chassis())
                .map(drop)
                .unwrap_or_default();
        }
    }
}

/// Prints log lines above the line being typed; straight to the terminal where there is no editor.
fn printer(editor: &mut Editor<AtCursor, DefaultHistory>, gate: &Arc<Gate>) -> feed::Print {
    use rustyline::ExternalPrinter as _;
    let gate = gate.clone();
    let mut print: feed::Print = match editor.create_external_printer() {
        Ok(mut printer) => Box::new(move |line: String| printer.print(line).is_ok()),
        Err(_) => Box::new(|line: String| io::stdout().write_all(line.as_bytes()).is_ok()),
    };
    Box::new(move |line| gate.pass(line).is_none_or(&mut print))
}

/// A terminal that is gone is noticed at the next read.
fn show(text: &str) {
    let mut out = io::stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .unwrap_or_default();
}

/// Keys of the pager by way of the editor, which may have read them together with the line before, and prints log lines
/// above the marker as it does above a line.
struct OfEditor<'f> {
    editor: &'f mut Editor<AtCursor, DefaultHistory>,
    asked: &'f Asked,
}

impl Keys for OfEditor<'_> {
    fn key(&mut self, marker: &str, _: &mut dyn Write) -> Option<Key> {
        loop {
            self.asked.want(Wanted::Page);
            match (self.editor.readline(marker), self.asked.take()) {
                (Ok(_), Some(Reason::Page(key))) => return Some(key),
                (Err(ReadlineError::Interrupted), _) => return Some(Key::Stop),
                // No key, a byte that is no UTF-8, or another size: the marker is shown again.
                (Ok(_) | Err(ReadlineError::Signal(_)), _) => {}
                (Err(ReadlineError::Io(error)), _)
                    if error.kind() == io::ErrorKind::InvalidData => {}
                (Err(_), _) => return None,
            }
        }
    }
}

/// Keys of a terminal without an editor, one at a time; Ctrl-C is one of them.
struct OfTerminal;

impl Keys for OfTerminal {
    fn key(&mut self, marker: &str, out: &mut dyn Write) -> Option<Key> {
        out.write_all(marker.as_bytes()).ok()?;
        out.flush().ok()?;
        let key = key_of_terminal();
        out.write_all(wording::MORE_WIPE.as_bytes()).ok()?;
        key
    }
}

fn key_of_terminal() -> Option<Key> {
    let before = tcgetattr(io::stdin()).ok()?;
    let mut keys = before.clone();
    keys.local_modes
        .remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
    tcsetattr(io::stdin(), OptionalActions::Now, &keys).ok()?;
    let key = loop {
        let mut byte = [0];
        match rustix::io::read(io::stdin(), &mut byte) {
            Ok(0) => break None,
            Ok(_) => match Key::from_byte(byte[0]) {
                Some(key) => break Some(key),
                None => continue,
            },
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => break None,
        }
    };
    tcsetattr(io::stdin(), OptionalActions::Now, &before).unwrap_or_default();
    key
}
