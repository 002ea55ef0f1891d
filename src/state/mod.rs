//! The state folder: who may use it, the lock on it, where each thing lies, and writing that survives a kill at any instant.
//! It knows bytes and names. What the files mean is for those who ask.

mod atomic;
mod crash;
mod disk0;
mod fault;
mod lock;
pub mod secret;
mod startup;

#[cfg(test)]
mod disk0_tests;
#[cfg(test)]
mod startup_tests;
#[cfg(test)]
mod tests;

pub use crash::CrashFile;
pub use disk0::{Disk0, Entry};
pub use fault::StateFault;

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{Mode, OFlags, mkdirat, openat};

/// An open, locked state folder. It is this process's until it is dropped or the process ends, in whatever way.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Every name is looked up from here, so that the folder stays itself when it is moved.
    folder: File,
    disk0: Disk0,
    /// Two consoles save one after the other.
    writing: Mutex<()>,
    /// Held, never used: closing it gives the folder free.
    _lock: File,
}

impl Folder {
    /// Opens `path`, creates it with mode 0700 where it does not exist, and takes the lock.
    ///
    /// # Errors
    /// It is no folder, another user owns it or may write to it, another process holds it ([`StateFault::Held`]), or the
    /// system refuses.
    pub fn open(path: &Path) -> Result<Self, StateFault> {
        let folder = match open_folder(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                std::fs::DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(path)
                    .map_err(|error| StateFault::io("create", path, error))?;
                open_folder(path)
            }
            other => other,
        };
        let folder = folder.map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory => StateFault::NotAFolder {
                path: path.to_owned(),
            },
            _ => StateFault::io("open", path, error),
        })?;
        check_owner(&folder, path)?;
        let lock = lock::take(&folder, path)?;
        let disk0 = Disk0::new(
            folder
                .try_clone()
                .map_err(|error| StateFault::io("open", path, error))?,
            path.join("disk0"),
        );
        Ok(Self {
            path: path.to_owned(),
            folder,
            disk0,
            writing: Mutex::new(()),
            _lock: lock,
        })
    }

    /// Where the folder was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The control socket of a folder that another process may hold: `attach` asks for it without opening the folder.
    pub fn socket_of(path: &Path) -> PathBuf {
        path.join("control")
    }

    /// The control socket of this folder. Who binds it removes what a dead process left there.
    pub fn socket_path(&self) -> PathBuf {
        Self::socket_of(&self.path)
    }

    /// The history file of a kind of console, created with mode 0600 where it does not exist. Its name is made of the
    /// letters, digits and `-` of `console`. A file that cannot be created is not: whoever writes to it meets the reason.
    pub fn history_path(&self, console: &str) -> PathBuf {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        };
        let name = format!(
            "history-{}",
            console.chars().take(64).map(plain).collect::<String>()
        );
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        drop(openat(&self.folder, &name, flags, Mode::RUSR | Mode::WUSR));
        self.path.join(name)
    }

    /// The files that EXEC commands name.
    pub fn disk0(&self) -> &Disk0 {
        &self.disk0
    }

    /// The startup-config, whole; `None` when there is none.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn read_startup(&self) -> Result<Option<Vec<u8>>, StateFault> {
        self.read(startup::NAME)
    }

    /// Replaces the startup-config (C2.1). The one before becomes `startup-config.1`, and so on up to `.5`. Killed at any
    /// instant, it leaves the old or the new one, whole.
    ///
    /// # Errors
    /// Nothing was replaced.
    pub fn write_startup(&self, bytes: &[u8]) -> Result<(), StateFault> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |error| StateFault::io("write", &self.path.join(startup::NAME), error);
        startup::write(&self.folder, bytes).map_err(at)
    }

    /// Takes the startup-config away, as `write erase` does; it stays as `startup-config.1`. Whether there was one.
    ///
    /// # Errors
    /// It is still there.
    pub fn erase_startup(&self) -> Result<bool, StateFault> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        startup::erase(&self.folder)
            .map_err(|error| StateFault::io("erase", &self.path.join(startup::NAME), error))
    }

    /// A file that a room keeps for itself (a key, an offset, a queue), whole; `None` when there is none.
    ///
    /// # Errors
    /// The name is not a plain one, or the file cannot be read.
    pub fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, StateFault> {
        disk0::check_name(name)?;
        self.read(name)
    }

    /// Writes such a file in the same manner, mode 0600, without earlier ones.
    ///
    /// # Errors
    /// The name is not a plain one, or nothing was replaced.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), StateFault> {
        disk0::check_name(name)?;
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        atomic::write(&self.folder, name, bytes)
            .map_err(|error| StateFault::io("write", &self.path.join(name), error))
    }

    /// A folder of its own for a room, created with mode 0700 where it does not exist.
    ///
    /// # Errors
    /// The name is not a plain one, or it cannot be a folder.
    pub fn room(&self, name: &str) -> Result<PathBuf, StateFault> {
        disk0::check_name(name)?;
        let path = self.path.join(name);
        match mkdirat(&self.folder, name, Mode::RWXU) {
            Ok(()) => Ok(path),
            Err(rustix::io::Errno::EXIST)
                if path.symlink_metadata().is_ok_and(|found| found.is_dir()) =>
            {
                Ok(path)
            }
            Err(rustix::io::Errno::EXIST) => Err(StateFault::NotAFolder { path }),
            Err(error) => Err(StateFault::io("create", &path, error.into())),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StateFault> {
        match atomic::read(&self.folder, name) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StateFault::io("read", &self.path.join(name), error)),
        }
    }
}

/// The folder when `--state` names none: `/var/lib/watchfire` for root, else `watchfire` in the user's state folder (XDG
/// Base Directory Specification: an empty or relative `$XDG_STATE_HOME` counts as unset). `None` without a home.
pub fn default_path(
    root: bool,
    xdg_state_home: Option<&OsStr>,
    home: Option<&OsStr>,
) -> Option<PathBuf> {
    if root {
        return Some(PathBuf::from("/var/lib/watchfire"));
    }
    let absolute = |path: &&OsStr| Path::new(path).is_absolute();
    let states = match xdg_state_home.filter(absolute) {
        Some(states) => PathBuf::from(states),
        None => Path::new(home.filter(absolute)?).join(".local/state"),
    };
    Some(states.join("watchfire"))
}

/// [`default_path`] of the user and the environment of this process.
///
/// # Errors
/// There is no home to put it in.
pub fn default_path_here() -> Result<PathBuf, StateFault> {
    let (states, home) = (std::env::var_os("XDG_STATE_HOME"), std::env::var_os("HOME"));
    default_path(
        rustix::process::geteuid().is_root(),
        states.as_deref(),
        home.as_deref(),
    )
    .ok_or(StateFault::NoHome)
}

/// The last component may be a link: an administrator may keep the folder on another disk.
fn open_folder(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// What another user could change is not ours to trust: secrets and the configuration lie here.
fn check_owner(folder: &File, path: &Path) -> Result<(), StateFault> {
    let found = folder
        .metadata()
        .map_err(|error| StateFault::io("look at", path, error))?;
    let ours = rustix::process::geteuid().as_raw();
    if found.uid() != ours {
        return Err(StateFault::Owner {
            path: path.to_owned(),
            owner: found.uid(),
        });
    }
    if found.mode() & 0o022 != 0 {
        return Err(StateFault::Writable {
            path: path.to_owned(),
            mode: found.mode() & 0o7777,
        });
    }
    Ok(())
}
