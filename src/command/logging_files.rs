//! The `logging` commands that write files: `logging persistent` and the saving of the buffer.

use std::sync::Arc;

use serde::Deserialize;

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    LoggingPersistent(LoggingPersistent),
    NoLoggingPersistent,
    DefaultLoggingPersistent,
    LoggingFlashBufferwrap,
    NoLoggingFlashBufferwrap,
    LoggingFlashMaximumAllocation(Kilobytes),
    NoLoggingFlashMaximumAllocation(MaybeKilobytes),
    LoggingFlashMinimumFree(Kilobytes),
    NoLoggingFlashMinimumFree(MaybeKilobytes),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingPersistent {
    pub url: Option<Arc<str>>,
    pub size: Option<u32>,
    pub filesize: Option<u32>,
    pub batch: Option<u32>,
    pub threshold: Option<Threshold>,
    #[serde(default)]
    pub immediate: bool,
    #[serde(default)]
    pub protected: bool,
    #[serde(default)]
    pub notify: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Threshold {
    pub capacity: u8,
    #[serde(default)]
    pub alert: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Kilobytes {
    pub kb: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MaybeKilobytes {
    pub kb: Option<u32>,
}
