//! The control socket: `watchfire attach` runs lines on the process that holds the state folder. Open to that process's
//! user and to root, nobody else; the folder's mode says the same, and the peer's credentials are looked at besides.

use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};

use super::frame::{self, Framed, Kind};
use crate::exec::Caller;
use crate::exec::chassis::Chassis;
use crate::shell::feed::{self, Feeds};
use crate::shell::merge;
use crate::shell::session::{Io, Next, Opening, Session, Start};
use crate::syslog::api::Listener;

/// Sessions at the same time.
const MOST: usize = 16;
/// A peer that takes no output for so long is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Listens on `path` from now on, on a thread of its own. A dead process's socket is replaced; the lock on the state
/// folder has shown that it is dead.
///
/// # Errors
/// The socket cannot be made; consoles work without it.
pub fn listen(path: &Path, chassis: Arc<Chassis>) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    let sessions = Arc::new(AtomicUsize::new(0));
    std::thread::Builder::new()
        .name("control-socket".into())
        .spawn(move || {
            for stream in listener.incoming() {
                match stream {
                    Ok(stream) => welcome(stream, &chassis, &sessions),
                    // Out of file descriptors, most likely: others must end first.
                    Err(_) => std::thread::sleep(Duration::from_millis(100)),
                }
            }
        })?;
    Ok(())
}

fn welcome(stream: UnixStream, chassis: &Arc<Chassis>, sessions: &Arc<AtomicUsize>) {
    let is_known = getsockopt(&stream, PeerCredentials)
        .is_ok_and(|peer| peer.uid() == 0 || peer.uid() == nix::unistd::geteuid().as_raw());
    if !is_known || sessions.fetch_add(1, Ordering::Relaxed) >= MOST {
        if is_known {
            sessions.fetch_sub(1, Ordering::Relaxed);
        }
        return;
    }
    let (chassis, counted) = (chassis.clone(), sessions.clone());
    let begun = std::thread::Builder::new()
        .name("attached".into())
        .spawn(move || {
            // A peer that vanishes ends its Session and nothing else.
            serve(&stream, &chassis).unwrap_or_default();
            counted.fetch_sub(1, Ordering::Relaxed);
        });
    if begun.is_err() {
        sessions.fetch_sub(1, Ordering::Relaxed);
    }
}

fn serve(stream: &UnixStream, chassis: &Arc<Chassis>) -> io::Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut from = BufReader::new(stream);
    let to = Arc::new(Mutex::new(BufWriter::new(stream.try_clone()?)));
    let caller = Caller::of_this_host(false);
    let opening = Opening {
        start: Start::Scripted,
        caller: caller.clone(),
        enables_freely: true,
        holds_engines: false,
    };
    let mut session = Session::new(chassis.clone(), opening);
    let mut feeds = Feeds::default();
    let interrupt = AtomicBool::new(false);
    let mut out = Framed {
        to: to.clone(),
        kind: Kind::Out,
    };
    let mut err = Framed {
        to: to.clone(),
        kind: Kind::Err,
    };
    let mut failed = false;
    while let Some((kind, bytes)) = frame::read(&mut from)? {
        let text = String::from_utf8_lossy(&bytes);
        let mut io = Io {
            out: &mut out,
            err: &mut err,
            interrupt: &interrupt,
        };
        match kind {
            Kind::Line if session.feed(&text, &mut io) == Next::Closed => break,
            // The lines go to the other end's standard error, as the console's do off a terminal.
            Kind::Line => feeds.follow(
                session.settings().monitor,
                || chassis.syslog.listen(Listener::Monitor).lines,
                || {
                    feed::plain(Framed {
                        to: to.clone(),
                        kind: Kind::Err,
                    })
                },
            ),
            Kind::Merge => {
                let (name, text) = text.split_once('\0').unwrap_or(("", &text));
                failed |= merge::into_running(chassis, &caller, name, text, &mut err).refused() > 0;
            }
            _ => break,
        }
        out.flush()?;
    }
    feeds.close();
    session.end_of_input(&mut Io {
        out: &mut out,
        err: &mut err,
        interrupt: &interrupt,
    });
    failed |= session.has_failed();
    let mut to = to.lock().unwrap_or_else(PoisonError::into_inner);
    frame::write(&mut *to, Kind::Exit, &[u8::from(failed)])?;
    to.flush()
}

/// The attached end: merges and lines go in, output comes back to `out` and `err`; the exit status.
///
/// # Errors
/// Nobody listens on `path`, or the connection breaks; a reader of `out` that has gone is no error.
pub fn attach(
    path: &Path,
    merges: Vec<(String, String)>,
    lines: impl Iterator<Item = Vec<u8>> + Send + 'static,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<u8> {
    let stream = UnixStream::connect(path)?;
    let mut from = BufReader::new(&stream);
    let given = stream.try_clone()?;
    // On its own: it may sit in a read of standard input when the other end is long gone.
    std::thread::Builder::new()
        .name("attach-input".into())
        .spawn(move || {
            let mut to = BufWriter::new(&given);
            // When the other end has gone, reading from it says so.
            give(&mut to, &merges, lines).unwrap_or_default();
        })?;
    while let Some((kind, bytes)) = frame::read(&mut from)? {
        match kind {
            Kind::Out => {
                out.write_all(&bytes)?;
                out.flush()?;
            }
            Kind::Err => err.write_all(&bytes)?,
            Kind::Exit => return Ok(bytes.first().copied().unwrap_or(1)),
            _ => {}
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

fn give(
    to: &mut impl Write,
    merges: &[(String, String)],
    lines: impl Iterator<Item = Vec<u8>>,
) -> io::Result<()> {
    for (name, text) in merges {
        frame::write(to, Kind::Merge, format!("{name}\0{text}").as_bytes())?;
    }
    for line in lines {
        frame::write(to, Kind::Line, &line)?;
        to.flush()?;
    }
    frame::write(to, Kind::End, b"")?;
    to.flush()
}
