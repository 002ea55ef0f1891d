//! What a Session shows of itself: `show history` and `show curpriv`.

use std::fmt;

use serde::Serialize;

/// `show history`: the lines typed, oldest first; those with secrets were left out.
#[derive(Debug, Serialize)]
pub struct History {
    pub lines: Vec<String>,
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines
            .iter()
            .try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// `show curpriv`.
#[derive(Debug, Serialize)]
pub struct Privilege {
    pub username: String,
    /// 0 to 15.
    pub level: u8,
    /// `P_PRIV` or `P_UNPR`, as an ASA names them.
    pub modes: &'static str,
}

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Username : {}", self.username)?;
        writeln!(f, "Current privilege level : {}", self.level)?;
        writeln!(f, "Current Mode/s : {}", self.modes)
    }
}
