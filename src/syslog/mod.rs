//! The syslog living room: a plan made from the running configuration, one verdict per message, and what each session
//! sends. `core` decides and renders without clock or socket; whoever moves its bytes stands beside it. Others see `api`.

pub mod api;
pub mod ask;
pub mod attempt;
mod backlog;
pub mod batch;
pub mod control;
pub mod core;
pub mod correlate;
pub mod discriminator;
pub mod engine;
pub mod history;
mod judge;
pub mod link;
pub mod listeners;
pub mod log_files;
pub mod lookups;
pub mod nap;
mod on_disk;
pub mod orders;
pub mod outage;
pub mod pace;
pub mod plan;
pub mod plane;
mod queue;
mod remote;
mod render;
mod sender;
pub mod senders;
pub mod session;
pub mod spool;
mod spooling;
pub mod supervisor;
mod trial;
pub mod verdict;
