//! What became of one message to one destination, and why. How it is counted and worded stands in the engine.

use std::fmt;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Delivered,
    /// It was tried; the peer or the network did not take it.
    Failed(Reason),
    /// The server's certificate was not believed; nothing of the message was sent.
    Distrusted(Reason),
    /// Never tried: it cannot be sent as it is configured.
    Dropped(Reason),
    /// Never tried: it may not be sent there.
    Denied(Reason),
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
