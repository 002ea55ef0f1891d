//! A file input: follows a name as `tail -F` does. The file may be renamed, cut, removed, or come into being later; what had
//! the name before is read to its end first. How far it has been read is kept over a restart.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mio::event::Event;

use super::follow::{Follow, Id};
use super::pages::Mark;
use super::watch::{Changes, Watch};
use super::{Place, Room, Take, Tally};
use crate::net::reason::reason;

/// An open file input.
#[derive(Debug)]
pub(super) struct FileInput {
    path: Arc<str>,
    folder_id: Id,
    /// `None` where the system watches no more: then the file is looked at every second.
    watch: Option<Watch>,
    current: Option<Follow>,
    /// Had the name before, oldest first; somebody may still write to them.
    old: VecDeque<Follow>,
    /// Why nothing has the name.
    absent: Option<String>,
    looks_at: Duration,
}

impl FileInput {
    pub(super) fn open(
        path: &Arc<str>,
        place: &mut Place<'_>,
        tally: &mut Tally,
        take: &mut impl Take,
    ) -> io::Result<Self> {
        place.grounds.check(Path::new(&**path))?;
        let marks = place.grounds.places.file(path);
        let mut input = Self {
            path: path.clone(),
            folder_id: id_of(Path::new(&**path).parent().unwrap_or(Path::new("/")))?,
            watch: None,
            current: None,
            old: VecDeque::new(),
            absent: None,
            looks_at: place.now,
        };
        match Watch::open(input.folder(), place) {
            Ok(watch) => input.watch = Some(watch),
            Err(error) if is_exhausted(&error) => {}
            Err(error) => return Err(error),
        }
        input.recover(marks.as_deref().unwrap_or_default(), place);
        input.look_for(marks, place, tally, take);
        // Nothing was read yet: this is the place from which on it will be.
        input.keep(place, 0, tally.received);
        Ok(input)
    }

    fn folder(&self) -> &Path {
        Path::new(&*self.path).parent().unwrap_or(Path::new("/"))
    }

    /// Files that were not read to their end and have been renamed since, if they still lie beside.
    fn recover(&mut self, marks: &[Mark], place: &Place<'_>) {
        let now_named = id_of(Path::new(&*self.path));
        let is_named = |mark: &&Mark| now_named.as_ref().is_ok_and(|id| id.is_of(mark));
        let marks: Vec<_> = marks.iter().filter(|mark| !is_named(mark)).collect();
        if marks.is_empty() {
            return;
        }
        let Ok(entries) = std::fs::read_dir(self.folder()) else {
            return;
        };
        let mut found: Vec<(usize, PathBuf)> = Vec::new();
        for entry in entries.take(MOST_ENTRIES).flatten() {
            // A link is another file's name, not a file that was renamed.
            let Some(id) = entry.metadata().ok().filter(|m| m.is_file()) else {
                continue;
            };
            let number = marks.iter().position(|mark| Id::of(&id).is_of(mark));
            found.extend(number.map(|number| (number, entry.path())));
        }
        found.sort();
        found.dedup_by_key(|(number, _)| *number);
        for (number, path) in found {
            let Some(mark) = marks.get(number) else {
                continue;
            };
            if let Ok(mut file) = Follow::open(&path, place.grounds, place.now)
                && file.id.is_of(mark)
            {
                file.resume(mark);
                // One of that number with other contents is another file.
                if file.mark() == **mark {
                    self.add_watch(&mut file, place.now);
                    self.old.push_back(file);
                }
            }
        }
    }

    /// Where the system watches no more, the input does without.
    fn add_watch(&mut self, file: &mut Follow, now: Duration) {
        let added = self.watch.as_ref().map(|watch| watch.add(&file.name()));
        match added {
            Some(Ok(watched)) => file.watched = Some(watched),
            Some(Err(_)) => {
                self.watch = None;
                self.looks_at = now + OFTEN;
            }
            None => {}
        }
    }

    pub(super) fn ready(&mut self, event: &Event) -> bool {
        self.watch.as_mut().is_some_and(|watch| watch.ready(event))
    }

    pub(super) fn listening(&self) -> Result<(), &str> {
        self.absent.as_deref().map_or(Ok(()), Err)
    }

    /// Where reading stands, and how much there is, of the file that has the name.
    pub(super) fn position(&self) -> Option<(u64, u64)> {
        self.current.as_ref().map(Follow::position)
    }

    pub(super) fn is_readable(&self) -> bool {
        self.files().any(Follow::is_readable)
    }

    fn files(&self) -> impl Iterator<Item = &Follow> {
        self.old.iter().chain(&self.current)
    }

    /// Looks at what has changed. An error ends the input; opened again it goes on where it was.
    pub(super) fn tend(
        &mut self,
        place: &mut Place<'_>,
        tally: &mut Tally,
        take: &mut impl Take,
    ) -> io::Result<()> {
        let name = Path::new(&*self.path).file_name().unwrap_or_default();
        let mut changes = match &mut self.watch {
            Some(watch) => watch.take(name)?,
            None => Changes::default(),
        };
        if changes.folder {
            return Err(io::ErrorKind::NotFound.into());
        }
        if self.looks_at <= place.now {
            (changes.name, changes.contents) = (true, true);
            let pause = if self.watch.is_some() { SELDOM } else { OFTEN };
            self.looks_at = place.now + pause;
        }
        if !changes.name && !changes.contents && self.wakes_at() > place.now {
            return Ok(());
        }
        // Before another file takes its name, all of what it has is known.
        for file in self.old.iter_mut().chain(&mut self.current) {
            file.look(|line| count(tally, take.local(line)))?;
        }
        if changes.name {
            self.look_for(Some(Vec::new()), place, tally, take);
            // An open file keeps a removed folder from telling so itself.
            if self.absent.is_some() && id_of(self.folder())? != self.folder_id {
                return Err(io::ErrorKind::NotFound.into());
            }
        }
        self.forget(place, tally, take);
        self.keep(place, take.number(), tally.received);
        Ok(())
    }

    /// Opens the file that has the name now, if that is another one. `marks` are those of a file that was followed before.
    fn look_for(
        &mut self,
        marks: Option<Vec<Mark>>,
        place: &mut Place<'_>,
        tally: &mut Tally,
        take: &mut impl Take,
    ) {
        let found = id_of(Path::new(&*self.path));
        let is_same = |file: &Follow| found.as_ref().is_ok_and(|id| *id == file.id);
        if self.current.as_ref().is_some_and(is_same) {
            self.absent = None;
            return;
        }
        let before = self.current.take();
        self.old.extend(before);
        // A name may be given back.
        if let Some(again) = self.old.iter().position(is_same) {
            self.current = self.old.remove(again);
            self.absent = None;
            return;
        }
        match Follow::open(Path::new(&*self.path), place.grounds, place.now) {
            Ok(mut file) => {
                match &marks {
                    None => file.skip_to_end(),
                    Some(marks) => {
                        if let Some(mark) = marks.iter().find(|mark| file.id.is_of(mark)) {
                            file.resume(mark);
                        }
                    }
                }
                self.add_watch(&mut file, place.now);
                // It may have grown before it was watched.
                if let Err(error) = file.look(|line| count(tally, take.local(line))) {
                    tally.last_error = Some(reason(&error));
                }
                (self.current, self.absent) = (Some(file), None);
            }
            Err(error) => {
                let why = reason(&error);
                if error.kind() != io::ErrorKind::NotFound {
                    tally.last_error = Some(why.clone());
                }
                self.absent = Some(why);
            }
        }
    }

    /// Lets go of files without the name that nobody has written to for a while.
    fn forget(&mut self, place: &Place<'_>, tally: &mut Tally, take: &mut impl Take) {
        while let Some(first) = self.old.front() {
            let is_over = !first.is_readable() && first.grown + LINGER <= place.now;
            if !is_over && self.old.len() <= MOST_OLD {
                return;
            }
            let Some(mut file) = self.old.pop_front() else {
                return;
            };
            if file.is_readable() {
                let (offset, size) = file.position();
                tally.last_error = Some(format!(
                    "{} octets of a renamed file were not read",
                    size.saturating_sub(offset)
                ));
            }
            if let (Some(watch), Some(watched)) = (&self.watch, file.watched.take()) {
                watch.remove(watched);
            }
            file.end(|line| count(tally, take.local(line)));
        }
    }

    /// One read, of the oldest file that has something.
    pub(super) fn read(
        &mut self,
        room: &mut Room,
        tally: &mut Tally,
        place: &Place<'_>,
        take: &mut impl Take,
    ) {
        room.stream.resize(READ, 0);
        let mut files = self.old.iter_mut().chain(&mut self.current);
        let Some(file) = files.find(|file| file.is_readable()) else {
            return;
        };
        let mut counts = Tally::default();
        let read = file.read(&mut room.stream, place.now, |line| {
            count(&mut counts, take.local(line));
        });
        tally.received += counts.received;
        tally.malformed += counts.malformed;
        match read {
            Ok(too_long) if too_long > 0 => {
                tally.malformed += too_long;
                tally.last_error = Some("line over 64 KiB".to_owned());
            }
            Ok(_) => {}
            Err(error) => {
                // It would fail again at once; the next look tells whether it still does.
                tally.last_error = Some(reason(&error));
                file.give_up();
            }
        }
        self.keep(place, take.number(), tally.received);
    }

    /// Kept when messages up to `number` are settled; `received` were read so far.
    fn keep(&self, place: &Place<'_>, number: u64, received: u64) {
        let marks = self.files().map(Follow::mark).collect();
        place
            .grounds
            .places
            .set_file(&self.path, marks, number, received);
    }

    /// When `tend` has something to do without an event.
    pub(super) fn wakes_at(&self) -> Duration {
        let rests = self.old.front().filter(|file| !file.is_readable());
        let old = rests.map(|file| file.grown + LINGER);
        old.map_or(self.looks_at, |old| old.min(self.looks_at))
    }
}

fn id_of(path: &Path) -> io::Result<Id> {
    std::fs::metadata(path).map(|found| Id::of(&found))
}

fn count(tally: &mut Tally, is_whole: bool) {
    if is_whole {
        tally.received += 1;
    } else {
        tally.malformed += 1;
    }
}

/// The system's limits of watches are reached.
fn is_exhausted(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EMFILE | libc::ENOSPC | libc::ENOMEM | libc::ENOSYS)
    )
}

/// How long a file without the name is still read after it has grown last.
const LINGER: Duration = Duration::from_secs(10);
/// Files without the name at most.
const MOST_OLD: usize = 64;
/// A file system of another machine raises no events.
const SELDOM: Duration = Duration::from_secs(5);
const OFTEN: Duration = Duration::from_secs(1);
/// Names of a folder that are looked at.
const MOST_ENTRIES: usize = 10_000;
/// Octets of one read.
const READ: usize = 256 * 1024;
