//! Show output for call-home messages: a second, silent Session runs the lines, so that a message contains exactly what an
//! operator would have seen.

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock, Weak};

use crate::call_home::engine::Collect;
use crate::exec::Caller;
use crate::exec::chassis::Chassis;
use crate::shell::session::{Io, Opening, Session, Start};

/// A collector over a chassis that is put together later; before that, and after its end, it collects nothing. It runs
/// commands that read and no others.
pub(super) fn collector(chassis: Arc<OnceLock<Weak<Chassis>>>) -> Collect {
    Arc::new(move |lines| {
        let Some(chassis) = chassis.get().and_then(Weak::upgrade) else {
            return Vec::new();
        };
        lines
            .iter()
            .map(|line| (line.to_string(), output(&chassis, line)))
            .collect()
    })
}

fn output(chassis: &Arc<Chassis>, line: &str) -> String {
    let caller = Caller {
        user: "call-home".into(),
        application: "call-home",
        ..Caller::of_this_host(false)
    };
    let opening = Opening {
        start: Start::Scripted,
        caller,
        enables_freely: false,
        holds_engines: false,
    };
    let mut session = Session::new(chassis.clone(), opening);
    let mut out = Vec::new();
    if session.only_reads(line) {
        let interrupt = AtomicBool::new(false);
        session.feed(
            line,
            &mut Io {
                out: &mut out,
                err: &mut io::sink(),
                interrupt: &interrupt,
            },
        );
    }
    String::from_utf8_lossy(&out).into_owned()
}
