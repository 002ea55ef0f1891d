//! Reading and replacing whole files in an open folder. A replacement is written beside, brought to the disk, then renamed:
//! whoever looks, and whoever comes after a kill, finds the old or the new file and nothing between.

use std::fs::File;
use std::io::{self, Read, Write};

use rustix::fs::{AtFlags, Mode, OFlags, fsync, openat, renameat, unlinkat};
use rustix::io::Errno;

/// What is being written. The leading dot keeps it apart from every name that can be asked for.
pub(super) const INCOMING: &str = ".incoming";

/// Opens a plain file. No link is followed, and a pipe or a device that lies there is an error, not a wait.
pub(super) fn open_to_read(folder: &File, name: &str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file: File = openat(folder, name, flags, Mode::empty())?.into();
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a plain file",
        ))
    }
}

/// The whole file.
pub(super) fn read(folder: &File, name: &str) -> io::Result<Vec<u8>> {
    let mut file = open_to_read(folder, name)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Replaces `name` by `bytes`, mode 0600. On an error the old file is untouched and nothing is left beside it. One
/// caller at a time per folder.
pub(super) fn write(folder: &File, name: &str, bytes: &[u8]) -> io::Result<()> {
    prepare(folder, INCOMING, bytes)?;
    put(folder, INCOMING, name)
}

/// Writes `bytes` to a new file and brings them to the disk; `put` gives it its name.
pub(super) fn prepare(folder: &File, beside: &str, bytes: &[u8]) -> io::Result<()> {
    discard(folder, beside)?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file: File = openat(folder, beside, flags, Mode::RUSR | Mode::WUSR)?.into();
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .inspect_err(|_| {
            // The error to report is the first one.
            drop(discard(folder, beside));
        })
}

/// The prepared file takes the name, and the folder is brought to the disk.
pub(super) fn put(folder: &File, beside: &str, name: &str) -> io::Result<()> {
    if let Err(error) = renameat(folder, beside, folder, name) {
        drop(discard(folder, beside));
        return Err(error.into());
    }
    sync(folder)
}

/// Brings the names of the folder to the disk.
pub(super) fn sync(folder: &File) -> io::Result<()> {
    Ok(fsync(folder)?)
}

/// Removes what a killed process or an error left beside.
pub(super) fn discard(folder: &File, beside: &str) -> io::Result<()> {
    match unlinkat(folder, beside, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
