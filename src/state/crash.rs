//! The crash file: what a part of the program that broke left behind. It is written by a thread in trouble, which may hold any
//! lock of ours: nothing here waits for one.

use std::fs::File;
use std::io;

use rustix::fs::{AtFlags, unlinkat};
use rustix::io::Errno;

use super::{Folder, StateFault, atomic};

const NAME: &str = "crashinfo";
const BESIDE: &str = ".crashinfo-incoming";

/// Bytes of it.
const MOST: usize = 64 << 10;

/// Where a crash is written down. Outlives the borrow of the folder.
#[derive(Debug)]
pub struct CrashFile {
    folder: File,
}

impl CrashFile {
    /// Replaces the crash before by this one, cut where it is too long. Of two at a time one is kept.
    ///
    /// # Errors
    /// The system refuses.
    pub fn write(&self, text: &str) -> io::Result<()> {
        let end = text.floor_char_boundary(MOST);
        let kept = text.get(..end).unwrap_or_default();
        atomic::prepare(&self.folder, BESIDE, kept.as_bytes())?;
        atomic::put(&self.folder, BESIDE, NAME)
    }
}

impl Folder {
    /// # Errors
    /// No descriptor is left.
    pub fn crash_file(&self) -> io::Result<CrashFile> {
        let folder = self.folder.try_clone()?;
        Ok(CrashFile { folder })
    }

    /// The last crash; `None` when there was none since it was cleared.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn crash(&self) -> Result<Option<String>, StateFault> {
        let bytes = self.read(NAME)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// When it was written.
    pub fn crashed(&self) -> Option<std::time::SystemTime> {
        let file = atomic::open_to_read(&self.folder, NAME).ok()?;
        file.metadata().ok()?.modified().ok()
    }

    /// Forgets the crash. Whether there was one.
    ///
    /// # Errors
    /// It is still there.
    pub fn clear_crash(&self) -> Result<bool, StateFault> {
        match unlinkat(&self.folder, NAME, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(StateFault::io(
                "remove",
                &self.path.join(NAME),
                error.into(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(&outer.path().join("state")).expect("a state folder");
        (outer, folder)
    }

    #[test]
    fn a_crash_is_kept_until_it_is_cleared() {
        let (_outer, folder) = folder();
        assert_eq!(folder.crash().expect("readable"), None);
        assert_eq!(folder.crashed(), None);
        let file = folder.crash_file().expect("a descriptor");
        file.write("first").expect("written");
        file.write("second").expect("written");
        assert_eq!(folder.crash().expect("readable").as_deref(), Some("second"));
        assert!(folder.crashed().is_some());
        assert!(folder.clear_crash().expect("removable"));
        assert!(!folder.clear_crash().expect("removable"));
        assert_eq!(folder.crash().expect("readable"), None);
    }

    #[test]
    fn a_crash_that_is_too_long_is_cut_between_characters() {
        let (_outer, folder) = folder();
        let file = folder.crash_file().expect("a descriptor");
        file.write(&"\u{fc}".repeat(MOST)).expect("written");
        let kept = folder.crash().expect("readable").unwrap_or_default();
        assert_eq!(kept, "\u{fc}".repeat(MOST / 2));
    }

    #[test]
    fn a_crash_is_written_while_somebody_saves() {
        let (_outer, folder) = folder();
        let file = folder.crash_file().expect("a descriptor");
        let _saving = folder.writing.lock().expect("the lock");
        file.write("in the middle").expect("written");
    }
}
