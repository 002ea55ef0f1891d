//! The question about anonymous reporting at a console: put when the editor waits and nothing has been typed ahead, answered by keys
//! that come behind it and are read from the terminal itself. What the answers mean stands in `question`.
//!
//! The editor tells nobody that it waits. But it looks at what others have to print only when it has no key left, so that a line of
//! theirs proves it; drawing the prompt again below that line is the moment.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread;

use super::feed;
use super::session::{Io, Session};
use super::wording;

/// How far the question has got; a key ends it at any time.
#[derive(Clone, Default)]
pub(super) struct Moment(Arc<AtomicU8>);

/// Nobody is to be asked.
const NEVER: u8 = 0;
/// The prompt is to be drawn for the first time.
const ARMED: u8 = 1;
/// The prompt was drawn; it is drawn again when there are no keys.
const DRAWN: u8 = 2;

impl Moment {
    /// A key has come before the question: it is not put any more.
    pub(super) fn pass(&self) {
        self.0.store(NEVER, Ordering::SeqCst);
    }

    fn is(&self, moment: u8) -> bool {
        self.0.load(Ordering::SeqCst) == moment
    }

    fn set(&self, moment: u8) {
        self.0.store(moment, Ordering::SeqCst);
    }
}

/// What the editor's helper holds of it.
#[derive(Default)]
pub(super) struct Asking {
    pub(super) moment: Moment,
    print: RefCell<Option<feed::Print>>,
    /// Drawing calls nothing of ours again, but if it did, nobody is asked twice.
    is_put: Cell<bool>,
}

impl Asking {
    /// The question is put at the next line, unless keys wait already. `print` prints above that line.
    pub(super) fn arm(&self, print: feed::Print) {
        if !has_keys() {
            *self.print.borrow_mut() = Some(print);
            self.moment.set(ARMED);
        }
    }

    /// The editor is about to draw its prompt.
    pub(super) fn drawn(&self, prompt: &str, session: &RefCell<Session>) {
        if self.moment.is(ARMED) {
            self.moment.set(DRAWN);
            let (print, moment) = (self.print.take(), self.moment.clone());
            // It waits until the editor takes what is printed, which this thread is the one to do.
            thread::spawn(move || {
                if let Some(mut print) = print.filter(|_| moment.is(DRAWN)) {
                    print(NOTHING_SEEN.to_owned());
                }
            });
        } else if self.moment.is(DRAWN) && !self.is_put.replace(true) {
            self.moment.pass();
            if let Ok(mut session) = session.try_borrow_mut() {
                put(&mut session, prompt);
            }
            self.is_put.set(false);
        }
    }
}

/// Up and down again: a line that leaves the screen as it is.
const NOTHING_SEEN: &str = "\x1b[A\n";

fn put(session: &mut Session, prompt: &str) {
    if has_keys() {
        return;
    }
    show(&format!(
        "{prompt}\n{}{}{}",
        wording::QUESTION_NOTICE,
        wording::CONSENT,
        wording::QUESTION_BEFORE
    ));
    if has_keys() {
        // They came before the question: it is not asked now.
        return show("\n");
    }
    show(wording::QUESTION);
    while let Some(answer) = answer() {
        let is_answered = session.decide(
            &answer,
            &mut Io {
                out: &mut io::stdout(),
                err: &mut io::stderr(),
                interrupt: &AtomicBool::new(false),
            },
        );
        if is_answered {
            return session.idle();
        }
        show(wording::QUESTION);
    }
    show("\n");
}

/// A line of keys; `None` when the operator gives up or the terminal is gone.
fn answer() -> Option<String> {
    let mut line = String::new();
    loop {
        let mut key = [0];
        match rustix::io::read(io::stdin(), &mut key) {
            Ok(1..) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Ok(0) | Err(_) => return None,
        }
        match key[0] {
            b'\r' | b'\n' => {
                show("\n");
                return Some(line);
            }
            // Ctrl-C, Ctrl-D, Ctrl-Z.
            0x03 | 0x04 | 0x1a => return None,
            0x08 | 0x7f if line.pop().is_some() => show("\x08 \x08"),
            key @ b' '..=b'~' if line.len() < LONGEST => {
                line.push(char::from(key));
                show(char::from(key).encode_utf8(&mut [0; 4]));
            }
            _ => {}
        }
    }
}

/// Far beyond any answer.
const LONGEST: usize = 32;

/// Keys that have come and were read by nobody.
fn has_keys() -> bool {
    rustix::io::ioctl_fionread(io::stdin()).unwrap_or(0) > 0
}

/// A terminal that is gone is noticed at the next read.
fn show(text: &str) {
    let mut out = io::stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .unwrap_or_default();
}
