//! `logging persistent` and the saving of the buffer (`logging flash-bufferwrap`): what is configured, what the commands do
//! to it, and its text. The files themselves are the syslog room's.

use std::fmt;
use std::sync::Arc;

use super::logging::Logging;
use super::refusal::{Notices, Refusal};
use super::render::Lines;
use crate::command::logging_files::{self as typed, Command};

/// `logging persistent`: files of `disk0:` that the log is written to (D112).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Persistent {
    /// As typed; the name behind the last slash begins the names of the files.
    pub url: Option<Arc<str>>,
    /// Bytes of all files, of one file, and written at once.
    pub size: Option<u32>,
    pub filesize: Option<u32>,
    pub batch: Option<u32>,
    pub threshold: Option<Threshold>,
    /// Every message is written at once.
    pub immediate: bool,
    /// EXEC commands neither delete nor overwrite the files.
    pub protected: bool,
    /// A message says when a file is removed.
    pub notify: bool,
}

/// When the files have taken so much of their space, a message says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// 1 to 99.
    pub percent: u8,
    /// An alert, not a warning.
    pub alert: bool,
}

/// `logging flash-bufferwrap`: the buffer is saved each time it has come round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bufferwrap {
    pub on: bool,
    /// KB that saved buffers may have, and that stay free in `disk0:`.
    pub maximum_allocation: Option<u32>,
    pub minimum_free: Option<u32>,
}

impl Persistent {
    pub const DEFAULT_URL: &'static str = "disk0:/syslog";
    const DEFAULT_SIZE: u32 = 8 << 20;
    const DEFAULT_FILESIZE: u32 = 256 << 10;
    const DEFAULT_BATCH: u32 = 4096;

    pub fn url(&self) -> &str {
        self.url.as_deref().unwrap_or(Self::DEFAULT_URL)
    }

    /// What the names of the files begin with.
    pub fn name(&self) -> &str {
        name_of(self.url()).unwrap_or("syslog")
    }

    pub fn effective_size(&self) -> u32 {
        self.size.unwrap_or(Self::DEFAULT_SIZE)
    }

    /// Never more than all files may have.
    pub fn effective_filesize(&self) -> u32 {
        let size = self.filesize.unwrap_or(Self::DEFAULT_FILESIZE);
        size.min(self.effective_size())
    }

    /// Never more than a file may have.
    pub fn effective_batch(&self) -> u32 {
        let size = self.batch.unwrap_or(Self::DEFAULT_BATCH);
        size.min(self.effective_filesize())
    }

    /// Whether a file of `disk0:` is one of these.
    pub fn is_file(&self, file: &str) -> bool {
        let behind = file.strip_prefix(self.name()).unwrap_or_default();
        is_stamp(behind.as_bytes())
    }
}

/// `_20261124-133100`, and `-0002` behind it where a second has several.
fn is_stamp(text: &[u8]) -> bool {
    let shape = |text: &[u8], shape: &[u8]| {
        text.len() == shape.len()
            && text.iter().zip(shape).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                other => byte == other,
            })
    };
    shape(text, b"_00000000-000000") || shape(text, b"_00000000-000000-0000")
}

impl Bufferwrap {
    const DEFAULT_MAXIMUM: u32 = 1024;
    const DEFAULT_FREE: u32 = 3076;

    pub fn maximum_allocation(&self) -> u32 {
        self.maximum_allocation.unwrap_or(Self::DEFAULT_MAXIMUM)
    }

    pub fn minimum_free(&self) -> u32 {
        self.minimum_free.unwrap_or(Self::DEFAULT_FREE)
    }
}

/// The plain name behind `disk0:/`; `flash:` and `bootflash:` are the same place, for what comes from a device.
fn name_of(url: &str) -> Option<&str> {
    let places = ["disk0:", "flash:", "bootflash:"];
    let behind = places.iter().find_map(|place| url.strip_prefix(place))?;
    let name = behind.strip_prefix('/').unwrap_or(behind);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let is_plain = (1..=LONGEST_NAME).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(plain);
    is_plain.then_some(name)
}

/// Room for a stamp is left of a file's name.
const LONGEST_NAME: usize = 64;

/// One arm per command.
pub(super) fn apply(logging: &mut Logging, command: &Command) -> Result<Notices, Refusal> {
    match command {
        Command::LoggingPersistent(c) => logging.persistent = Some(persistent(c)?),
        Command::NoLoggingPersistent | Command::DefaultLoggingPersistent => {
            logging.persistent = None;
        }
        Command::LoggingFlashBufferwrap => logging.bufferwrap.on = true,
        Command::NoLoggingFlashBufferwrap => logging.bufferwrap.on = false,
        Command::LoggingFlashMaximumAllocation(c) => {
            logging.bufferwrap.maximum_allocation = Some(c.kb);
        }
        Command::NoLoggingFlashMaximumAllocation(_) => logging.bufferwrap.maximum_allocation = None,
        Command::LoggingFlashMinimumFree(c) => logging.bufferwrap.minimum_free = Some(c.kb),
        Command::NoLoggingFlashMinimumFree(_) => logging.bufferwrap.minimum_free = None,
    }
    Ok(Notices::new())
}

/// The line replaces the one before, whole.
fn persistent(c: &typed::LoggingPersistent) -> Result<Persistent, Refusal> {
    if let Some(url) = &c.url
        && name_of(url).is_none()
    {
        return Err(Refusal::Value {
            expected: "disk0:/NAME, a plain name of at most 64 characters".into(),
        });
    }
    Ok(Persistent {
        url: c.url.clone(),
        size: c.size,
        filesize: c.filesize,
        batch: c.batch,
        threshold: c.threshold.as_ref().map(|threshold| Threshold {
            percent: threshold.capacity,
            alert: threshold.alert,
        }),
        immediate: c.immediate,
        protected: c.protected,
        notify: c.notify,
    })
}

pub(super) fn lines(logging: &Logging, out: &mut Lines) {
    match &logging.persistent {
        Some(persistent) => out.line(0, format_args!("logging persistent{persistent}")),
        None if out.is_all() => out.line(0, format_args!("no logging persistent")),
        None => {}
    }
    let wrap = &logging.bufferwrap;
    if wrap.on {
        out.line(0, format_args!("logging flash-bufferwrap"));
    } else if out.is_all() {
        out.line(0, format_args!("no logging flash-bufferwrap"));
    }
    let kilobytes = [
        (
            "maximum-allocation",
            wrap.maximum_allocation,
            Bufferwrap::DEFAULT_MAXIMUM,
        ),
        ("minimum-free", wrap.minimum_free, Bufferwrap::DEFAULT_FREE),
    ];
    for (name, kb, default) in kilobytes {
        if let Some(kb) = kb.or(out.is_all().then_some(default)) {
            out.line(0, format_args!("logging flash-{name} {kb}"));
        }
    }
}

impl fmt::Display for Persistent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(url) = &self.url {
            write!(f, " url {url}")?;
        }
        let sizes = [
            ("size", self.size),
            ("filesize", self.filesize),
            ("batch", self.batch),
        ];
        for (name, size) in sizes {
            if let Some(size) = size {
                write!(f, " {name} {size}")?;
            }
        }
        if let Some(Threshold { percent, alert }) = self.threshold {
            write!(
                f,
                " threshold {percent}{}",
                if alert { " alert" } else { "" }
            )?;
        }
        let words = [
            (self.immediate, " immediate"),
            (self.protected, " protected"),
            (self.notify, " notify"),
        ];
        words
            .iter()
            .filter(|(on, _)| *on)
            .try_for_each(|(_, word)| f.write_str(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_plain_file_of_the_one_folder() {
        for (url, name) in [
            ("disk0:/syslog", Some("syslog")),
            ("disk0:log", Some("log")),
            ("bootflash:/syslog", Some("syslog")),
            ("flash:a-b_c.d", Some("a-b_c.d")),
            ("disk1:/syslog", None),
            ("disk0:", None),
            ("disk0:/a/b", None),
            ("disk0:/../x", None),
            ("disk0:.x", None),
            ("tftp://192.0.2.1/x", None),
        ] {
            assert_eq!(name_of(url), name, "{url}");
        }
    }

    #[test]
    fn only_a_stamp_behind_the_name_makes_a_file_one_of_the_log() {
        let persistent = Persistent::default();
        for (file, is_one) in [
            ("syslog_20261124-133100", true),
            ("syslog_20261124-133100-0002", true),
            ("syslog_20261124-133100-02", false),
            ("syslog", false),
            ("syslog_notes", false),
            ("other_20261124-133100", false),
            ("syslog_20261124x133100", false),
        ] {
            assert_eq!(persistent.is_file(file), is_one, "{file}");
        }
    }

    #[test]
    fn a_smaller_bound_bounds_the_others() {
        let persistent = Persistent {
            size: Some(10_000),
            ..Persistent::default()
        };
        assert_eq!(
            (
                persistent.effective_filesize(),
                persistent.effective_batch()
            ),
            (10_000, 4096)
        );
    }
}
