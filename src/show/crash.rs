//! `show crashinfo`: what the program left behind when a part of it broke.

use std::fmt;

use serde::Serialize;

/// JSON: `text`, null when there is none.
#[derive(Debug, Serialize)]
pub struct View {
    pub text: Option<String>,
}

/// `text` without its secrets.
pub fn view(text: Option<String>) -> View {
    View { text }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => {
                f.write_str(text)?;
                if text.ends_with('\n') {
                    Ok(())
                } else {
                    writeln!(f)
                }
            }
            None => writeln!(f, "No crash information is available"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_printed_as_it_was_written() {
        assert_eq!(view(Some("a\nb".to_owned())).to_string(), "a\nb\n");
        assert_eq!(
            view(None).to_string(),
            "No crash information is available\n"
        );
        assert_eq!(
            serde_json::to_string(&view(None)).expect("JSON"),
            r#"{"text":null}"#
        );
    }
}
