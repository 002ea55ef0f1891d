//! `show logging setting`: `show logging` without the buffer's messages.

use std::fmt;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::logging::View as Logging;

/// `show logging setting`. JSON: that of `show logging` without `log_buffer`.
#[derive(Debug)]
pub struct View(pub Logging);

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut whole = serde_json::to_value(&self.0).map_err(S::Error::custom)?;
        if let Value::Object(fields) = &mut whole {
            fields.remove("log_buffer");
        }
        whole.serialize(serializer)
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.to_string();
        // Nothing above it begins a line like that.
        let end = whole.find("\nLog Buffer (").unwrap_or(whole.len());
        f.write_str(whole.get(..end).unwrap_or_default())
    }
}
