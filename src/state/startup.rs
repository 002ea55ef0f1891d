//! The startup-config and the five before it. Each step is one rename or one link, in an order in which a kill between
//! any two loses neither the present file nor one that was to be kept; the next write goes on where that one stopped.

use std::fs::File;
use std::io;

use rustix::fs::{AtFlags, FileType, Stat, linkat, renameat, statat, unlinkat};
use rustix::io::Errno;

use super::atomic;

pub(super) const NAME: &str = "startup-config";
/// C2.1: `.1` is the one before, `.5` the oldest.
const KEPT: u8 = 5;
/// The copy of the present file on its way to `.1`, where the file system has no links.
const LEAVING: &str = ".leaving";

/// The new file is on the disk before anything is renamed: a full disk changes nothing.
pub(super) fn write(folder: &File, bytes: &[u8]) -> io::Result<()> {
    atomic::prepare(folder, atomic::INCOMING, bytes)?;
    if let Err(error) = keep(folder) {
        // The error to report is the first one.
        drop(atomic::discard(folder, atomic::INCOMING));
        return Err(error);
    }
    atomic::put(folder, atomic::INCOMING, NAME)
}

/// Whether there was one to erase.
pub(super) fn erase(folder: &File) -> io::Result<bool> {
    if !keep(folder)? {
        return Ok(false);
    }
    unlinkat(folder, NAME, AtFlags::empty())?;
    atomic::sync(folder)?;
    Ok(true)
}

/// Gives the present file the name `.1` as well, and the older ones the next name each. Whether there is a present file.
fn keep(folder: &File) -> io::Result<bool> {
    let Some(present) = look(folder, NAME)? else {
        return Ok(false);
    };
    let newest = earlier(1);
    match look(folder, &newest)? {
        // A write was killed after this step: nothing is left to do, and shifting again would lose the oldest for nothing.
        Some(kept) if (kept.st_dev, kept.st_ino) == (present.st_dev, present.st_ino) => {
            return Ok(true);
        }
        Some(_) => shift(folder)?,
        None => {}
    }
    match linkat(folder, NAME, folder, &newest, AtFlags::empty()) {
        Ok(()) => {}
        // A file system without links, or a file with as many as it can have.
        Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) => {
            let bytes = atomic::read(folder, NAME)?;
            atomic::prepare(folder, LEAVING, &bytes)?;
            atomic::put(folder, LEAVING, &newest)?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(true)
}

/// Moves the earlier ones up by one, from the oldest down, as far as the first gap: what stands beyond a gap has been moved
/// by a write that was killed, and would only be lost by being moved again.
fn shift(folder: &File) -> io::Result<()> {
    let mut last = 1;
    while last < KEPT && look(folder, &earlier(last + 1))?.is_some() {
        last += 1;
    }
    for number in (1..=last.min(KEPT - 1)).rev() {
        renameat(folder, earlier(number), folder, earlier(number + 1))?;
    }
    Ok(())
}

fn earlier(number: u8) -> String {
    format!("{NAME}.{number}")
}

/// What has this name; a thing that is no plain file is an error, because renaming it would only move the trouble.
fn look(folder: &File, name: &str) -> io::Result<Option<Stat>> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(found) if FileType::from_raw_mode(found.st_mode).is_file() => Ok(Some(found)),
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{name} is not a plain file"),
        )),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
