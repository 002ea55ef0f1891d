//! `disk0:`, the files that EXEC commands name (C2.6, D41): one flat folder, plain names, no links, 64 MiB in all. Paths
//! of the host never come here.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, mkdirat, openat, statat, unlinkat};
use rustix::io::Errno;

use super::{StateFault, atomic};

/// The files of `disk0:`. Clones speak of the same one.
#[derive(Clone, Debug)]
pub struct Disk0 {
    state: Arc<File>,
    /// For what is said of errors; names are looked up in the folder itself.
    path: PathBuf,
    /// What is free is known while nobody else writes.
    writing: Arc<Mutex<()>>,
}

/// One file, as `dir` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Last written; the second is exact.
    pub modified: SystemTime,
}

impl Disk0 {
    /// What all files together may have, in bytes.
    pub const LIMIT: u64 = 64 << 20;

    pub(super) fn new(state: File, path: PathBuf) -> Self {
        Self {
            state: Arc::new(state),
            path,
            writing: Arc::default(),
        }
    }

    /// Whether `name` can be a file here; commands check before they ask questions.
    pub fn is_name(name: &str) -> bool {
        check_name(name).is_ok()
    }

    /// The whole file.
    ///
    /// # Errors
    /// No name, no such file, not a plain file, more than the limit, or the system refuses.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, StateFault> {
        check_name(name)?;
        let folder = self.open()?.ok_or_else(|| StateFault::NotFound {
            name: name.to_owned(),
        })?;
        let file =
            atomic::open_to_read(&folder, name).map_err(|error| self.fault("read", name, error))?;
        let mut bytes = Vec::new();
        file.take(Self::LIMIT + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| self.fault("read", name, error))?;
        if bytes.len() as u64 > Self::LIMIT {
            return Err(self.fault("read", name, io::Error::from(io::ErrorKind::FileTooLarge)));
        }
        Ok(bytes)
    }

    /// Writes the file anew, all or nothing.
    ///
    /// # Errors
    /// No name, not enough room, a link or folder of that name, or the system refuses; an old file is then untouched.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StateFault> {
        check_name(name)?;
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.create()?;
        self.check_room(&folder, Some(name), bytes.len() as u64)?;
        match statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) if !FileType::from_raw_mode(found.st_mode).is_file() => {
                return Err(StateFault::NotAFile {
                    name: name.to_owned(),
                });
            }
            Ok(_) | Err(Errno::NOENT) => {}
            Err(error) => return Err(self.fault("write", name, error.into())),
        }
        atomic::write(&folder, name, bytes).map_err(|error| self.fault("write", name, error))
    }

    /// Writes behind what is there; creates the file where there is none. A full disk may leave a part of `bytes`.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn append(&self, name: &str, bytes: &[u8]) -> Result<(), StateFault> {
        check_name(name)?;
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.create()?;
        self.check_room(&folder, None, bytes.len() as u64)?;
        let flags = OFlags::WRONLY
            | OFlags::APPEND
            | OFlags::CREATE
            | OFlags::NOFOLLOW
            | OFlags::NONBLOCK
            | OFlags::CLOEXEC;
        let written = || -> io::Result<()> {
            let mut file: File = openat(&folder, name, flags, Mode::RUSR | Mode::WUSR)?.into();
            if !file.metadata()?.is_file() {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            file.write_all(bytes)?;
            file.sync_all()
        };
        written().map_err(|error| self.fault("write", name, error))
    }

    /// # Errors
    /// No name, no such file, not a plain file, or the system refuses.
    pub fn delete(&self, name: &str) -> Result<(), StateFault> {
        check_name(name)?;
        let folder = self.open()?.ok_or_else(|| StateFault::NotFound {
            name: name.to_owned(),
        })?;
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let deleted = || -> io::Result<()> {
            let found = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
            if !FileType::from_raw_mode(found.st_mode).is_file() {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            unlinkat(&folder, name, AtFlags::empty())?;
            atomic::sync(&folder)
        };
        deleted().map_err(|error| self.fault("delete", name, error))
    }

    /// The plain files with plain names, sorted by name.
    ///
    /// # Errors
    /// The system refuses.
    pub fn list(&self) -> Result<Vec<Entry>, StateFault> {
        let Some(folder) = self.open()? else {
            return Ok(Vec::new());
        };
        let mut entries = self.plain_files(&folder)?;
        entries.retain(|entry| Self::is_name(&entry.name));
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Bytes that can still be written.
    ///
    /// # Errors
    /// The system refuses.
    pub fn free(&self) -> Result<u64, StateFault> {
        match self.open()? {
            Some(folder) => Ok(Self::LIMIT.saturating_sub(self.used(&folder, None)?)),
            None => Ok(Self::LIMIT),
        }
    }

    /// Writing `name` anew gives its old bytes free.
    fn check_room(
        &self,
        folder: &File,
        replaced: Option<&str>,
        needed: u64,
    ) -> Result<(), StateFault> {
        let free = Self::LIMIT.saturating_sub(self.used(folder, replaced)?);
        if needed > free {
            Err(StateFault::Full { needed, free })
        } else {
            Ok(())
        }
    }

    fn used(&self, folder: &File, except: Option<&str>) -> Result<u64, StateFault> {
        let files = self.plain_files(folder)?;
        let counted = files
            .iter()
            .filter(|entry| entry.name != atomic::INCOMING && Some(&*entry.name) != except);
        Ok(counted.fold(0, |sum: u64, entry| sum.saturating_add(entry.size)))
    }

    /// Every plain file, whatever its name: all of them take room.
    fn plain_files(&self, folder: &File) -> Result<Vec<Entry>, StateFault> {
        let listed = || -> io::Result<Vec<Entry>> {
            let mut entries = Vec::new();
            for entry in Dir::read_from(folder)? {
                let entry = entry?;
                let found = match statat(folder, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW) {
                    // Deleted since it was listed.
                    Err(Errno::NOENT) => continue,
                    other => other?,
                };
                if FileType::from_raw_mode(found.st_mode).is_file() {
                    entries.push(Entry {
                        name: entry.file_name().to_string_lossy().into_owned(),
                        size: u64::try_from(found.st_size).unwrap_or(0),
                        modified: seconds(found.st_mtime),
                    });
                }
            }
            Ok(entries)
        };
        listed().map_err(|error| StateFault::io("list", &self.path, error))
    }

    /// `None` before the first file is written.
    fn open(&self) -> Result<Option<File>, StateFault> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&self.state, "disk0", flags, Mode::empty()) {
            Ok(folder) => Ok(Some(folder.into())),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR | Errno::LOOP) => Err(StateFault::NotAFolder {
                path: self.path.clone(),
            }),
            Err(error) => Err(StateFault::io("open", &self.path, error.into())),
        }
    }

    fn create(&self) -> Result<File, StateFault> {
        if let Some(folder) = self.open()? {
            return Ok(folder);
        }
        match mkdirat(&self.state, "disk0", Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(StateFault::io("create", &self.path, error.into())),
        }
        self.open()?
            .ok_or_else(|| StateFault::io("open", &self.path, io::ErrorKind::NotFound.into()))
    }

    fn fault(&self, doing: &'static str, name: &str, error: io::Error) -> StateFault {
        let name = name.to_owned();
        match Errno::from_io_error(&error) {
            Some(Errno::NOENT) => StateFault::NotFound { name },
            // A link, a folder, a pipe nobody reads from.
            Some(Errno::LOOP | Errno::ISDIR | Errno::NXIO) => StateFault::NotAFile { name },
            None if error.kind() == io::ErrorKind::InvalidInput => StateFault::NotAFile { name },
            _ => StateFault::io(doing, &self.path.join(name), error),
        }
    }
}

/// C2.6: letters, digits, `.`, `_`, `-`, no leading dot; as long as a file system takes it.
pub(super) fn check_name(name: &str) -> Result<(), StateFault> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if (1..=255).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain) {
        Ok(())
    } else {
        Err(StateFault::Name {
            name: name.to_owned(),
        })
    }
}

/// A time stamp of the file system; one before 1970 counts as 1970.
fn seconds(since_1970: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(since_1970).unwrap_or(0))
}
