//! `show cpu usage`: how busy the processors of the host were, all of them and all of its programs together.

use std::fmt;

use serde::Serialize;

use crate::device::history::ProcessorLoad;

/// `show cpu usage`. JSON: `five_seconds`, `one_minute`, `five_minutes` in percent, null before there is a reading.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct View {
    pub load: ProcessorLoad,
}

pub fn view(load: ProcessorLoad) -> View {
    View { load }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |percent: Option<u8>| {
            percent.map_or_else(|| "n/a".to_owned(), |percent| format!("{percent}%"))
        };
        writeln!(
            f,
            "CPU utilization for 5 seconds = {}; 1 minute: {}; 5 minutes: {}",
            told(self.load.five_seconds),
            told(self.load.one_minute),
            told(self.load.five_minutes)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_a_device() {
        let load = ProcessorLoad {
            five_seconds: Some(18),
            one_minute: Some(7),
            five_minutes: None,
        };
        assert_eq!(
            view(load).to_string(),
            "CPU utilization for 5 seconds = 18%; 1 minute: 7%; 5 minutes: n/a\n"
        );
        let json = serde_json::to_string(&view(load)).expect("JSON");
        assert_eq!(
            json,
            r#"{"five_seconds":18,"one_minute":7,"five_minutes":null}"#
        );
    }
}
