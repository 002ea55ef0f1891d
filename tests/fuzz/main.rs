//! Random and mutated input for everything that reads what somebody else wrote: messages, streams, lines, configurations,
//! grammar files. Bounded by count and always the same: a failure names its input, and happens again.

mod bundles;
mod call_home;
mod certificates;
mod correlation;
mod file_lines;
mod framing;
mod journal;
mod lines;
mod message;
mod names;
mod notation;
mod random;
mod ranges;
mod revocation;
mod words;
