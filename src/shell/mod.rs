//! A person or a script types: lines, modes, help, pipes, pages. Knows a device's words and no command's meaning; what a
//! command does stands in `config` and `exec`. A `Session` is the same for every front end: the terminal and the script
//! here, the ways in of the access room.

mod asking;
mod configuring;
pub mod feed;
mod filter;
mod help;
mod keys;
pub mod line;
pub mod merge;
mod own;
pub mod pager;
pub mod pipe;
pub mod place;
mod question;
pub mod script;
pub mod session;
mod synchronous;
pub mod terminal;
mod waiting;
pub mod wording;

pub use help::Completion;
pub use session::{Io, Next, Opening, Session, Start};
