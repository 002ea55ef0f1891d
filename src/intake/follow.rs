//! One open file that grows: reads on from where it was, notices when it was cut or written anew. Which file has a name
//! now, and for how long one without a name is read, is decided by who follows the name.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::grounds::Grounds;
use super::lines::Lines;
use super::pages::Mark;
use super::watch::Watched;

/// An open file.
#[derive(Debug)]
pub(super) struct Follow {
    file: File,
    pub(super) id: Id,
    /// Where the next read begins.
    offset: u64,
    /// When it was looked at last.
    size: u64,
    lines: Lines,
    /// Of what stands before the last whole line's end.
    print: u64,
    /// When something was read last.
    pub(super) grown: Duration,
    pub(super) watched: Option<Watched>,
}

/// What the system tells a file by, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id {
    device: u64,
    inode: u64,
}

impl Id {
    pub(super) fn of(metadata: &std::fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    pub(super) fn is_of(self, mark: &Mark) -> bool {
        (self.device, self.inode) == (mark.device, mark.inode)
    }
}

impl Follow {
    /// Opens a plain file that lies where inputs may look; never waits for a writer.
    pub(super) fn open(path: &Path, grounds: &Grounds, now: Duration) -> io::Result<Self> {
        let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
        let file = File::options().read(true).custom_flags(flags).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a plain file",
            ));
        }
        let follow = Self {
            file,
            id: Id::of(&metadata),
            offset: 0,
            size: metadata.len(),
            lines: Lines::new(LONGEST),
            print: EMPTY,
            grown: now,
            watched: None,
        };
        // Of the open file, so that no link can be put in its place meanwhile.
        grounds.check_real(&std::fs::read_link(follow.name())?)?;
        Ok(follow)
    }

    /// A name that means this open file and no other.
    pub(super) fn name(&self) -> PathBuf {
        format!("/proc/self/fd/{}", self.file.as_raw_fd()).into()
    }

    /// What comes from now on.
    pub(super) fn skip_to_end(&mut self) {
        self.offset = self.size;
        self.print = self.print_before(self.offset);
    }

    /// Goes on at a mark of this very file; from the beginning when it has other contents now.
    pub(super) fn resume(&mut self, mark: &Mark) {
        if mark.offset <= self.size && self.print_before(mark.offset) == mark.print {
            (self.offset, self.print) = (mark.offset, mark.print);
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            device: self.id.device,
            inode: self.id.inode,
            offset: self.whole(),
            print: self.print,
        }
    }

    /// Looks at its size; `take` gets the line that a cut has left without its end.
    pub(super) fn look(&mut self, take: impl FnOnce(&[u8])) -> io::Result<()> {
        let size = self.file.metadata()?.len();
        let is_new = size < self.offset
            || size != self.size && self.print_before(self.whole()) != self.print;
        self.size = size;
        if is_new {
            self.lines.end(take);
            (self.offset, self.print) = (0, EMPTY);
        }
        Ok(())
    }

    pub(super) fn is_readable(&self) -> bool {
        self.offset < self.size
    }

    /// One read; how many lines were too long.
    pub(super) fn read(
        &mut self,
        room: &mut [u8],
        now: Duration,
        take: impl FnMut(&[u8]),
    ) -> io::Result<u64> {
        let length = match self.file.read_at(room, self.offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(0),
            other => other?,
        };
        if length == 0 {
            // Cut since it was looked at; the next look tells.
            self.size = self.offset;
            return Ok(0);
        }
        let before = self.whole();
        self.offset += length as u64;
        self.size = self.size.max(self.offset);
        self.grown = now;
        let too_long = self
            .lines
            .push(room.get(..length).unwrap_or_default(), take);
        if self.whole() != before {
            self.print = self.print_before(self.whole());
        }
        Ok(too_long)
    }

    /// Nothing is read before the next look.
    pub(super) fn give_up(&mut self) {
        self.size = self.offset;
    }

    /// Nothing more is read: what waits for its end is a line.
    pub(super) fn end(mut self, take: impl FnOnce(&[u8])) {
        self.lines.end(take);
    }

    /// Where reading stands, and how much there is.
    pub(super) fn position(&self) -> (u64, u64) {
        (self.offset, self.size)
    }

    /// The end of the last whole line.
    fn whole(&self) -> u64 {
        self.offset.saturating_sub(self.lines.open())
    }

    /// FNV-1a of the octets before `end`, 64 at most.
    fn print_before(&self, end: u64) -> u64 {
        let mut octets = [0; 64];
        let start = end.saturating_sub(64);
        let length = usize::try_from(end - start).unwrap_or(0);
        let octets = octets.get_mut(..length).unwrap_or_default();
        // What cannot be read is like nothing that was read before.
        if self.file.read_exact_at(octets, start).is_err() {
            return !EMPTY;
        }
        octets.iter().fold(EMPTY, |print, octet| {
            (print ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

/// The print of nothing.
const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;
/// Octets of the longest line.
const LONGEST: usize = 64 * 1024;
