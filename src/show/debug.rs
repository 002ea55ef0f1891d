//! `show debug`: what `debug` has switched on.

use std::fmt;

use serde::Serialize;

/// `show debug`.
#[derive(Debug, Serialize)]
pub struct View {
    /// `debug call-home`.
    pub call_home: bool,
}

/// A line for each that is on, as on an ASA; none where nothing is.
impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.call_home {
            writeln!(f, "debug call-home enabled at level 1")?;
        }
        Ok(())
    }
}
