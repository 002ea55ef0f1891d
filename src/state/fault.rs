//! What can be wrong with the state folder or a file in it. The caller decides what follows: at the start the program
//! ends, for a command it is an error of that command.

use std::io;
use std::path::{Path, PathBuf};

/// One sentence each, without a full stop, for standard error or behind `ERROR: `.
#[derive(Debug, thiserror::Error)]
pub enum StateFault {
    #[error("no state folder: neither XDG_STATE_HOME nor HOME is set; name one with --state")]
    NoHome,
    #[error("state folder {} is not a folder", path.display())]
    NotAFolder { path: PathBuf },
    #[error("state folder {} belongs to another user (uid {owner})", path.display())]
    Owner { path: PathBuf, owner: u32 },
    #[error("state folder {} may be written to by others (mode {mode:04o}); chmod go-w it", path.display())]
    Writable { path: PathBuf, mode: u32 },
    /// Another process has it. Its pid is `None` when it could not be learnt.
    #[error("state folder {} is in use by {}; `watchfire attach` opens a console on it", path.display(), holder(*pid))]
    Held { path: PathBuf, pid: Option<u32> },
    /// The system refused; the path tells which file.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// C2.6.
    #[error(
        "{name:?} is no file name: letters, digits, '.', '_' and '-' only, no leading '.', 1 to 255 characters"
    )]
    Name { name: String },
    #[error("disk0:{name} does not exist")]
    NotFound { name: String },
    #[error("disk0:{name} is not a plain file")]
    NotAFile { name: String },
    /// Bytes.
    #[error("disk0: is full ({needed} bytes needed, {free} bytes free)")]
    Full { needed: u64, free: u64 },
}

impl StateFault {
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            doing,
            path: path.to_owned(),
            source,
        }
    }
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    )
}
