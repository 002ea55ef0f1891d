//! Watchfire: an IOS/ASA-style shell on Linux whose running-config drives a real syslog engine and a real call-home engine.
//!
//! The rooms, in the order in which a keystroke and then a message travel:
//!
//! - [`shell`]: a person or a script types. It knows lines, modes, prompts, pages and how a line is refused, and no meaning.
//! - [`access`]: the other ways in, to the same Session: the control socket.
//! - [`grammar`]: reads the notation of `grammar/*.cli` and walks lines over it. It has never heard of the product.
//! - [`command`]: typed commands, three closed enums. No behaviour.
//! - [`config`]: the running configuration as plain data, `apply` and `render` as pure functions.
//! - [`exec`]: what EXEC commands do, and the owner of the running-config.
//! - [`show`]: views and their two renderings, the device's text and JSON.
//! - [`message`]: one message, parsed once.
//! - [`intake`]: where messages come from.
//! - [`syslog`]: a living room: plan, filter, deliver.
//! - [`call_home`]: a living room: messages about the device itself.
//! - [`trust`]: whom a TLS connection believes.
//! - [`wire`]: formats and framings, sans-IO.
//! - [`net`]: sockets, TLS, HTTP.
//! - [`device`]: facts about this host.
//! - [`state`]: the state folder.
//! - [`vendor`]: the vendor's own addresses, in one place.
//! - [`run`]: puts the rooms together, and decides nothing about the product.
//!
//! Who may know whom is a table in `docs/ARCHITECTURE.md` and a test.

pub mod access;
pub mod call_home;
pub mod command;
pub mod config;
pub mod device;
pub mod exec;
pub mod grammar;
pub mod intake;
pub mod message;
pub mod net;
pub mod run;
pub mod shell;
pub mod show;
pub mod state;
pub mod syslog;
pub mod trust;
pub mod vendor;
pub mod wire;
