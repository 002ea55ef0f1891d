//! The journal input: a `journalctl` of its own that follows the journal and prints an entry a line. It is started behind
//! the last entry that was taken; one that does not read enough is held back by its pipe.

use std::io::{self, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, Utc};
use mio::event::Event;
use mio::unix::pipe::Receiver;
use mio::{Interest, Token};

use super::entry;
use super::lines::Lines;
use super::{Place, Room, Take, Tally};

/// A running reader of the journal.
#[derive(Debug)]
pub(super) struct JournalInput {
    reader: Reader,
    entries: Receiver,
    faults: Receiver,
    tokens: [Token; 2],
    lines: Lines,
    /// Edge-triggered: set by an event, cleared when the pipe was found empty.
    readable: bool,
    /// When the last entry was written that was taken.
    at: Option<DateTime<Utc>>,
    /// The entry at hand, as a message.
    message: Vec<u8>,
    /// What the reader complained of last.
    said: Vec<u8>,
}

/// The child, which does not outlive its input.
#[derive(Debug)]
struct Reader(Option<Child>);

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(mut child) = self.0.take() else {
            return;
        };
        drop(child.kill());
        // It ends at once, or when the disk that it waits for has answered; nobody waits for that here.
        for _ in 0..GRACE {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let reaper = std::thread::Builder::new().name("journal-reaper".to_owned());
        drop(reaper.spawn(move || drop(child.wait())));
    }
}

impl JournalInput {
    pub(super) fn open(place: &mut Place<'_>) -> io::Result<Self> {
        let mut command = Command::new(&place.grounds.journal_reader);
        command.args([
            "--output=json",
            "--all",
            "--follow",
            "--quiet",
            "--no-pager",
        ]);
        command.arg(format!("--output-fields={FIELDS}"));
        match place.grounds.places.journal() {
            Some(cursor) => {
                command.args(["--no-tail".to_owned(), format!("--after-cursor={cursor}")])
            }
            // As a file that is met for the first time: what comes from now on, or from when that was.
            None => {
                let since = place
                    .grounds
                    .places
                    .journal_since(Utc::now().timestamp_micros());
                let (seconds, micros) = (since.div_euclid(SECOND), since.rem_euclid(SECOND));
                command.args([
                    "--no-tail".to_owned(),
                    format!("--since=@{seconds}.{micros:06}"),
                ])
            }
        };
        // A group of its own: Ctrl-C at the console is not meant for it.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdout.take(), child.stderr.take());
        let reader = Reader(Some(child));
        let (Some(entries), Some(faults)) = pipes else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let (mut entries, mut faults) = (Receiver::from(entries), Receiver::from(faults));
        let tokens = [place.tokens.take(), place.tokens.take()];
        for (pipe, token) in [&mut entries, &mut faults].into_iter().zip(tokens) {
            pipe.set_nonblocking(true)?;
            place.registry.register(pipe, token, Interest::READABLE)?;
        }
        Ok(Self {
            reader,
            entries,
            faults,
            tokens,
            lines: Lines::new(LONGEST_ENTRY),
            readable: true,
            at: None,
            message: Vec::new(),
            said: Vec::new(),
        })
    }

    pub(super) fn ready(&mut self, event: &Event) -> bool {
        let mine = self.tokens.contains(&event.token());
        self.readable |= mine;
        mine
    }

    pub(super) fn is_readable(&self) -> bool {
        self.readable
    }

    /// When the last entry was written that was taken.
    pub(super) fn at(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    /// One read. An error says why the reader has ended.
    pub(super) fn read(
        &mut self,
        room: &mut Room,
        tally: &mut Tally,
        place: &Place<'_>,
        take: &mut impl Take,
    ) -> io::Result<()> {
        room.stream.resize(READ, 0);
        match self.entries.read(&mut room.stream) {
            Ok(0) => Err(self.end(place)),
            Ok(length) => {
                let bytes = room.stream.get(..length).unwrap_or_default();
                self.take(bytes, tally, place, take);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.readable = false;
                self.hear();
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn take(&mut self, bytes: &[u8], tally: &mut Tally, place: &Place<'_>, take: &mut impl Take) {
        let (message, process) = (&mut self.message, std::process::id());
        let mut last = None;
        let mut counts = Tally::default();
        let too_long = self.lines.push(bytes, |line| {
            message.clear();
            match entry::read(line, process, message) {
                Ok(entry) if entry.is_own => {
                    counts.own += 1;
                    last = Some(entry);
                }
                Ok(entry) => {
                    last = Some(entry);
                    if message.len() > LONGEST {
                        counts.malformed += 1;
                        counts.last_error = Some("entry over 64 KiB".to_owned());
                    } else if take.local(message) {
                        counts.received += 1;
                    } else {
                        counts.malformed += 1;
                    }
                }
                Err(fault) => {
                    counts.malformed += 1;
                    counts.last_error = Some(fault.to_string());
                }
            }
        });
        if too_long > 0 {
            counts.last_error = Some("entry over 64 KiB".to_owned());
        }
        tally.received += counts.received;
        tally.malformed += counts.malformed + too_long;
        tally.own += counts.own;
        tally.last_error = counts.last_error.or(tally.last_error.take());
        if let Some(entry) = last {
            self.at = entry.at.or(self.at);
            let behind = self.at.map(|at| at.timestamp_micros() + 1);
            let at = (entry.cursor, behind);
            let places = &place.grounds.places;
            places.set_journal(at, take.number(), tally.received);
        }
    }

    /// Keeps the last of what the reader complains of, so that its pipe never fills.
    fn hear(&mut self) {
        let mut room = [0; 4096];
        while let Ok(length @ 1..) = self.faults.read(&mut room) {
            let heard = room.get(..length).unwrap_or_default();
            self.said.extend_from_slice(heard);
            let surplus = self.said.len().saturating_sub(room.len());
            self.said.drain(..surplus);
        }
    }

    /// What the reader said at last, or how it ended.
    fn end(&mut self, place: &Place<'_>) -> io::Error {
        self.hear();
        let child = self.reader.0.as_mut();
        let status = child.and_then(|child| child.try_wait().ok().flatten());
        let said = String::from_utf8_lossy(&self.said);
        let line = said.lines().map(str::trim).rfind(|line| !line.is_empty());
        // A place that the journal does not know would be asked for again and again.
        if self.at.is_none() && line.is_some_and(|line| line.contains("cursor")) {
            place.grounds.places.give_up_cursor();
        }
        let why = match (line, status) {
            (Some(line), _) => format!("the journal's reader ended: {line}"),
            (None, Some(status)) => format!("the journal's reader ended with {status}"),
            (None, None) => "the journal's reader ended".to_owned(),
        };
        io::Error::other(why)
    }
}

/// The journal's fields that make a message.
const FIELDS: &str = "MESSAGE,PRIORITY,SYSLOG_FACILITY,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_COMM";
/// Octets of an entry as it is printed: each octet of a message may take six.
const LONGEST_ENTRY: usize = 512 * 1024;
/// Octets of a message.
const LONGEST: usize = 64 * 1024 + 160;
/// Milliseconds that a reader has to end in.
const GRACE: usize = 20;
/// Microseconds.
const SECOND: i64 = 1_000_000;
/// Octets of one read.
const READ: usize = 256 * 1024;
