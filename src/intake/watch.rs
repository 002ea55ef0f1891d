//! What the system says of changes to a file and to the folder that its name lies in. Only that something changed is noted;
//! what it was is found by looking.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;

use mio::event::Event;
use mio::unix::SourceFd;
use mio::{Interest, Token};
use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};

use super::Place;

/// Watches a folder for one name, and files for growth.
#[derive(Debug)]
pub(super) struct Watch {
    inotify: Inotify,
    token: Token,
    folder: WatchDescriptor,
    has_events: bool,
}

/// A file that is watched.
#[derive(Debug)]
pub(super) struct Watched(WatchDescriptor);

/// What may have changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Which file has the name.
    pub(super) name: bool,
    /// The contents of a file.
    pub(super) contents: bool,
    /// The folder is gone, or has another name.
    pub(super) folder: bool,
}

impl Watch {
    pub(super) fn open(folder: &Path, place: &mut Place<'_>) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let flags = AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_MOVED_TO
            | AddWatchFlags::IN_MOVED_FROM
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_DELETE_SELF
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_ONLYDIR;
        let folder = inotify.add_watch(folder, flags)?;
        let token = place.tokens.take();
        place.registry.register(
            &mut SourceFd(&inotify.as_fd().as_raw_fd()),
            token,
            Interest::READABLE,
        )?;
        // What happened between watching and registering may have raised no edge.
        Ok(Self {
            inotify,
            token,
            folder,
            has_events: true,
        })
    }

    /// Watches an open file by the name that means it and no other.
    pub(super) fn add(&self, file: &Path) -> io::Result<Watched> {
        let flags = AddWatchFlags::IN_MODIFY;
        Ok(Watched(self.inotify.add_watch(file, flags)?))
    }

    /// A file that is gone has taken its watch with it.
    pub(super) fn remove(&self, Watched(file): Watched) {
        let _gone = self.inotify.rm_watch(file);
    }

    pub(super) fn ready(&mut self, event: &Event) -> bool {
        let is_mine = event.token() == self.token;
        self.has_events |= is_mine;
        is_mine
    }

    /// All that has changed since the last call.
    pub(super) fn take(&mut self, name: &OsStr) -> io::Result<Changes> {
        let mut changes = Changes::default();
        while self.has_events {
            let events = match self.inotify.read_events() {
                Ok(events) => events,
                Err(Errno::EAGAIN) => {
                    self.has_events = false;
                    break;
                }
                Err(Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
            };
            for event in events {
                let lost = AddWatchFlags::IN_Q_OVERFLOW;
                let gone = AddWatchFlags::IN_DELETE_SELF
                    | AddWatchFlags::IN_MOVE_SELF
                    | AddWatchFlags::IN_IGNORED
                    | AddWatchFlags::IN_UNMOUNT;
                if event.mask.intersects(lost) {
                    (changes.name, changes.contents) = (true, true);
                } else if event.wd != self.folder {
                    changes.contents = true;
                } else if event.mask.intersects(gone) {
                    changes.folder = true;
                } else {
                    changes.name |= event.name.as_deref() == Some(name);
                }
            }
        }
        Ok(changes)
    }
}
