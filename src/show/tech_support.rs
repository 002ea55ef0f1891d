//! `show tech-support`: the outputs of other commands, one after the other. Which ones, and how much of each, is not known
//! here.

use std::fmt;

use serde::Serialize;

/// JSON: an array of `command` and `output`.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct View {
    pub parts: Vec<Part>,
}

#[derive(Debug, Serialize)]
pub struct Part {
    pub command: &'static str,
    pub output: String,
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.parts.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            writeln!(
                f,
                "------------------ {} ------------------\n",
                part.command
            )?;
            f.write_str(&part.output)?;
            if !part.output.is_empty() && !part.output.ends_with('\n') {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_output_has_a_title() {
        let part = |command, output: &str| Part {
            command,
            output: output.to_owned(),
        };
        let view = View {
            parts: vec![part("show a", "1"), part("show b", "2\n")],
        };
        let expected = "\
------------------ show a ------------------

1

------------------ show b ------------------

2
";
        assert_eq!(view.to_string(), expected);
    }
}
