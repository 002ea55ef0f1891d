//! Sessions without a terminal: a device on the bench, and what a transcript cannot say.

pub(crate) mod bench;

mod hostile;
mod merging;
pub(crate) mod rehearsal;
mod sessions;
