//! Messages of which some tell when they were sent, for whoever wants to know how long they took.

use crate::corpus::Corpus;

/// What a stamp begins with; its digits are nanoseconds, and end the message.
pub(crate) const STAMP: &str = "stamped at ";
pub(crate) const STAMP_DIGITS: usize = 15;

/// Messages with their line feeds.
pub(crate) struct Stamped {
    messages: Vec<String>,
    /// Every so-manieth message has a stamp.
    each: usize,
}

impl Stamped {
    /// The messages of a corpus, every `each`th replaced by one for the receivers of what is severe.
    pub(crate) fn of(corpus: &Corpus, each: usize) -> Self {
        let messages = corpus.messages().zip(1..).map(|(message, number)| {
            if number % each == 0 {
                let zeros = "0".repeat(STAMP_DIGITS);
                format!(
                    "<186>{number}: Mar  1 00:00:00.000 UTC: %SYS-2-TIMED: Message {STAMP}{zeros}\n"
                )
            } else {
                format!("{message}\n")
            }
        });
        Self {
            messages: messages.collect(),
            each,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().map(|message| message.trim_end())
    }

    /// Appends the messages `from..to`; those that have a stamp get this one.
    pub(crate) fn write(&self, from: usize, to: usize, nanoseconds: u128, out: &mut Vec<u8>) {
        let stamp = format!("{nanoseconds:0STAMP_DIGITS$}\n");
        let messages = self.messages.get(from..to).unwrap_or_default();
        for (message, number) in messages.iter().zip(from + 1..) {
            out.extend_from_slice(message.as_bytes());
            if number % self.each == 0 {
                out.truncate(out.len() - stamp.len());
                out.extend_from_slice(stamp.as_bytes());
            }
        }
    }
}
