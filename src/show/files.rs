//! `dir`: the files of `disk0:`.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

/// `dir disk0:`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Directory {
    /// By name.
    pub files: Vec<File>,
    /// Bytes of all files and what is left, together 64 MiB.
    pub total_bytes: u64,
    pub free_bytes: u64,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct File {
    pub name: String,
    pub bytes: u64,
    /// RFC 3339, UTC.
    pub modified: String,
    #[serde(skip)]
    at: DateTime<Utc>,
}

impl Directory {
    pub fn new(mut files: Vec<(String, u64, DateTime<Utc>)>, free_bytes: u64) -> Self {
        files.sort();
        let used: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        let file = |(name, bytes, at): (String, u64, DateTime<Utc>)| File {
            name,
            bytes,
            modified: at.to_rfc3339(),
            at,
        };
        Self {
            files: files.into_iter().map(file).collect(),
            total_bytes: used + free_bytes,
            free_bytes,
        }
    }
}

impl fmt::Display for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nDirectory of disk0:/\n")?;
        for (number, file) in self.files.iter().enumerate() {
            let at = file.at.format("%H:%M:%S %b %d %Y");
            writeln!(
                f,
                "{:<6} -rwx  {:<12} {at}  {}",
                number + 1,
                file.bytes,
                file.name
            )?;
        }
        let percent = (self.free_bytes * 100)
            .checked_div(self.total_bytes)
            .unwrap_or_default();
        writeln!(
            f,
            "\n{} bytes total ({} bytes free/{percent}% free)",
            self.total_bytes, self.free_bytes
        )
    }
}
