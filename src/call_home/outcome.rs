//! What became of one message to one destination, and why. How it is counted and worded stands in the engine.

use std::fmt;

use super::document::TooLong;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Delivered,
    /// It was tried; the peer or the network did not take it and may do so later.
    Failed(Reason),
    /// The server's certificate was not believed; nothing of the message was sent. An operator may change that.
    Distrusted(Reason),
    /// It was tried, and the peer will not take it.
    Refused(Reason),
    /// Never tried: it cannot be sent as it is configured.
    Dropped(Reason),
    /// Never tried: it may not be sent there.
    Denied(Reason),
}

impl Outcome {
    /// Worth another attempt.
    pub(super) const fn may_pass(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Distrusted(_))
    }

    pub(super) const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Delivered => None,
            Self::Failed(reason)
            | Self::Distrusted(reason)
            | Self::Refused(reason)
            | Self::Dropped(reason)
            | Self::Denied(reason) => Some(reason),
        }
    }
}

/// Why a message did not arrive: a word for programs, and what an operator has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) word: &'static str,
    pub(super) detail: String,
}

impl Reason {
    pub(super) fn new(word: &'static str, detail: impl Into<String>) -> Self {
        Self {
            word,
            detail: detail.into(),
        }
    }
}

impl From<TooLong> for Reason {
    fn from(too_long: TooLong) -> Self {
        Self::new("MESSAGE_TOO_LONG", too_long.to_string())
    }
}

impl Reason {
    /// Whether nobody was there who could have answered.
    pub(super) fn is_unreached(&self) -> bool {
        matches!(
            self.word,
            "NAME_LOOKUP_FAILED" | "CONNECT_FAILED" | "TIMEOUT"
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.word, self.detail)
    }
}
