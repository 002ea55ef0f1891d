//! What an ASA calls lists, classes and messages: the commands that choose messages by number.

use std::sync::Arc;

use serde::Deserialize;

use super::logging::Level;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingList {
    pub name: Arc<str>,
    pub line: ListLine,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingList {
    pub name: Arc<str>,
    pub line: Option<ListLine>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ListLine {
    Level {
        level: Level,
        class: Option<Arc<str>>,
    },
    /// `106015`, or `106001-106030`.
    Message { messages: Arc<str> },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingClass {
    pub class: Arc<str>,
    pub console: Option<Level>,
    pub monitor: Option<Level>,
    pub buffered: Option<Level>,
    pub trap: Option<Level>,
    pub asdm: Option<Level>,
    pub mail: Option<Level>,
    pub history: Option<Level>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingMessage {
    pub message: u32,
    pub level: Option<Level>,
    #[serde(default)]
    pub standby: bool,
}

/// So many in so many seconds, or `unlimited`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingRateLimitMessages {
    #[serde(default)]
    pub unlimited: bool,
    pub number: Option<u32>,
    pub interval: Option<u32>,
    pub limited: Limited,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Limited {
    Message { message: u32 },
    Level { level: Level },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingBufferedXml {
    pub size: Option<u32>,
    pub level: Option<Level>,
    pub list: Option<Arc<str>>,
}

/// One of the two, but in negative forms.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LevelOrList {
    pub level: Option<Level>,
    pub list: Option<Arc<str>>,
}

/// `logging history size` and `logging buffer-size`; the negative forms may leave it out.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Size {
    pub size: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoSize {
    pub size: Option<u32>,
}
