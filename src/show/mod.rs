//! What show commands print. Each is a pure function to a view, plain serializable data, with two renderings: `Display`
//! gives the device's layout, `serde` the `| json` form, so text and JSON cannot disagree.

pub mod absent;
pub mod call_home;
pub mod certificate_name;
pub mod certificates;
pub mod clock;
pub mod connections;
pub mod cpu;
pub mod crash;
pub mod crls;
pub mod debug;
pub mod dns;
pub mod environment;
pub mod files;
pub mod interface;
pub mod inventory;
pub mod key_pairs;
pub mod logging;
pub mod logging_admitted;
pub mod logging_brief;
pub mod logging_correlator;
pub mod logging_count;
pub mod logging_discriminator;
pub mod logging_history;
pub mod logging_input;
mod logging_layout;
pub mod logging_mail;
pub mod logging_message;
pub mod logging_outages;
pub mod logging_persistent;
pub mod logging_queue;
pub mod logging_rate_limit;
pub mod logging_replay;
pub mod logging_senders;
pub mod logging_session;
pub mod logging_setting;
pub mod logging_source;
pub mod logging_trial;
pub mod logging_xml;
pub mod memory;
pub mod module;
pub mod nameif;
pub mod perfmon;
pub mod ping;
pub mod registered_modules;
pub mod route;
pub mod running_config;
pub mod sanitised;
pub mod session;
pub mod startup;
pub mod table;
pub mod tech_support;
pub mod traffic;
pub mod trustpoints;
pub mod trustpool;
pub mod version;

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

/// The device's layout of a view. No blank line before or after (C1.1).
pub fn text(view: &impl Display, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{view}")
}

/// The JSON of a view, indented, with a line end.
pub fn json(view: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, view).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// One after the other, with an empty line between two.
fn apart(f: &mut std::fmt::Formatter<'_>, shown: &[impl Display]) -> std::fmt::Result {
    for (place, one) in shown.iter().enumerate() {
        if place > 0 {
            writeln!(f)?;
        }
        write!(f, "{one}")?;
    }
    Ok(())
}
