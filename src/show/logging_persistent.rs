//! `show logging persistent`: the files that the log is written to, and what they hold; and the line about them in
//! `show logging`.

use std::fmt;

use serde::Serialize;

use super::logging::CountersView;
use super::sanitised::harmless;
use crate::config::logging::Logging;
use crate::syslog::api::Status;

/// `show logging persistent`.
#[derive(Debug, Serialize)]
pub struct View {
    #[serde(flatten)]
    pub settings: PersistentView,
    /// The oldest first.
    pub files: Vec<FileView>,
    pub lines: Vec<String>,
}

/// How the log is kept, as `show logging` has it, too.
#[derive(Debug, Serialize)]
pub struct PersistentView {
    pub enabled: bool,
    pub url: Option<String>,
    /// Bytes.
    pub disk_space: Option<u32>,
    pub file_size: Option<u32>,
    pub batch_size: Option<u32>,
    /// Percent.
    pub threshold_capacity: Option<u8>,
    pub alert: bool,
    pub immediate: bool,
    pub protected: bool,
    pub notify: bool,
    #[serde(flatten)]
    pub counters: CountersView,
}

#[derive(Debug, Serialize)]
pub struct FileView {
    pub name: String,
    /// Bytes.
    pub size: usize,
}

pub fn settings(logging: &Logging, status: &Status) -> PersistentView {
    let persistent = logging.persistent.as_ref();
    let threshold = persistent.and_then(|persistent| persistent.threshold);
    PersistentView {
        enabled: persistent.is_some(),
        url: persistent.map(|persistent| persistent.url().to_owned()),
        disk_space: persistent.map(|persistent| persistent.effective_size()),
        file_size: persistent.map(|persistent| persistent.effective_filesize()),
        batch_size: persistent.map(|persistent| persistent.effective_batch()),
        threshold_capacity: threshold.map(|threshold| threshold.percent),
        alert: threshold.is_some_and(|threshold| threshold.alert),
        immediate: persistent.is_some_and(|persistent| persistent.immediate),
        protected: persistent.is_some_and(|persistent| persistent.protected),
        notify: persistent.is_some_and(|persistent| persistent.notify),
        counters: status.persistent.counters.into(),
    }
}

/// Of the files by name with their bytes, the oldest first.
pub fn view(logging: &Logging, status: &Status, files: Vec<(String, Vec<u8>)>) -> View {
    let lines = files
        .iter()
        .flat_map(|(_, bytes)| bytes.split(|byte| *byte == b'\n'))
        .filter(|line| !line.is_empty())
        .map(|line| String::from_utf8_lossy(&harmless(line)).into_owned())
        .collect();
    let size = |(name, bytes): (String, Vec<u8>)| FileView {
        name,
        size: bytes.len(),
    };
    View {
        settings: settings(logging, status),
        files: files.into_iter().map(size).collect(),
        lines,
    }
}

/// In one line, as a device has it.
impl fmt::Display for PersistentView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(url), Some(space), Some(file), Some(batch)) =
            (&self.url, self.disk_space, self.file_size, self.batch_size)
        else {
            return f.write_str("Persistent logging: disabled");
        };
        write!(
            f,
            "Persistent logging: enabled, url {url}, disk space {space} bytes, file size {file} bytes, batch size {batch} bytes"
        )?;
        if let Some(percent) = self.threshold_capacity {
            write!(f, ", threshold capacity {percent} ")?;
            f.write_str(if self.alert { " alert " } else { "" })?;
        }
        let words = [
            (self.immediate, "immediate"),
            (self.protected, "protected"),
            (self.notify, "notify"),
        ];
        let mut before = if self.threshold_capacity.is_some() {
            ""
        } else {
            " "
        };
        for (_, word) in words.iter().filter(|(on, _)| *on) {
            write!(f, "{before}, {word}")?;
            before = " ";
        }
        Ok(())
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.settings)?;
        if !self.settings.enabled {
            return Ok(());
        }
        let c = &self.settings.counters;
        writeln!(
            f,
            "    {}, {} in files",
            c.balance(),
            c.message_lines_logged
        )?;
        for file in &self.files {
            writeln!(f, "    disk0:{} ({} bytes)", file.name, file.size)?;
        }
        writeln!(f)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
