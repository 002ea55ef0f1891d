//! The other ways in, to the same Session as the console's. Now: the control socket of the state folder, for
//! `watchfire attach`. Who may come in is decided here; what may be done is the Session's business.

pub mod control;
mod frame;
