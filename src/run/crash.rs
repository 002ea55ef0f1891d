//! A panic of the program leaves a crash file in the state folder before it goes on to where it is caught: when, where, why,
//! and the way there. Kept apart from what a panic means for the part that broke.

use std::backtrace::Backtrace;
use std::panic::{self, PanicHookInfo};
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::device::host::{PRODUCT, VERSION};
use crate::state::{CrashFile, Folder};

/// From now on, panics of this process are written down in `state`.
///
/// # Errors
/// The folder has no descriptor left for it.
pub fn keep_crashes(state: &Folder) -> std::io::Result<()> {
    let file = state.crash_file()?;
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        write_down(&file, info);
        before(info);
    }));
    Ok(())
}

fn write_down(file: &CrashFile, info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let reason = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let crash = Crash {
        at: SystemTime::now().into(),
        thread: std::thread::current()
            .name()
            .unwrap_or("unnamed")
            .to_owned(),
        place: info.location().map(ToString::to_string),
        reason: reason.unwrap_or("no reason was given").to_owned(),
        way: Backtrace::force_capture().to_string(),
    };
    // Nobody is left to be told that this failed as well; the panic itself goes on.
    file.write(&crash.text()).ok();
}

struct Crash {
    at: DateTime<Utc>,
    thread: String,
    place: Option<String>,
    reason: String,
    way: String,
}

impl Crash {
    fn text(&self) -> String {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let place = self.place.as_deref().unwrap_or("unknown");
        let (thread, reason) = (&self.thread, &self.reason);
        format!(
            "{PRODUCT} {VERSION} crashed at {at}\nThread: {thread}\nPlace: {place}\nReason: {reason}\nTraceback:\n{}",
            self.way
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_says_when_where_and_why() {
        let crash = Crash {
            at: "2026-03-01T18:46:11Z".parse().expect("a time"),
            thread: "control".to_owned(),
            place: Some("src/x.rs:1:2".to_owned()),
            reason: "boom".to_owned(),
            way: "   0: main\n".to_owned(),
        };
        let expected = format!(
            "Watchfire {VERSION} crashed at 2026-03-01T18:46:11.000Z\nThread: control\nPlace: src/x.rs:1:2\n\
             Reason: boom\nTraceback:\n   0: main\n"
        );
        assert_eq!(crash.text(), expected);
    }
}
