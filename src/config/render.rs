//! The running-config as text: the order of its sections and the writer they print into. Sections print their own lines.

use std::fmt::{self, Write as _};

use super::RunningConfig;

/// Configuration text under construction; one blank of indentation per level.
#[derive(Debug, Default)]
pub struct Lines {
    text: String,
    all: bool,
}

impl Lines {
    /// With `all`, what is not configured and has a default is printed too.
    pub fn new(all: bool) -> Self {
        Self {
            text: String::new(),
            all,
        }
    }

    pub fn is_all(&self) -> bool {
        self.all
    }

    pub fn line(&mut self, depth: usize, line: fmt::Arguments<'_>) {
        for _ in 0..depth {
            self.text.push(' ');
        }
        // Writing to a String cannot fail.
        let _ = self.text.write_fmt(line);
        self.text.push('\n');
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

/// The body of `show running-config`, from `hostname` to the end of the call-home block. Read back it gives the same
/// configuration; that is a law with a test.
pub fn render(config: &RunningConfig, all: bool) -> String {
    let mut out = Lines::new(all);
    config.system.head_lines(&mut out);
    config.interfaces.lines(&mut out);
    config.clock.lines(&mut out);
    config.dns.lines(&mut out);
    config.logging.lines(&mut out);
    config.crypto.lines(&mut out);
    super::system::user_lines(&config.users, &mut out);
    config.system.tail_lines(&mut out);
    config.terminal_lines.lines(&mut out);
    config.call_home.lines(&mut out);
    config.system.anonymous.profile_lines(&mut out);
    out.into_text()
}
