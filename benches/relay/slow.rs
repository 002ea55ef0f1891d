//! What a receiver that has stopped costs the others (`slow`): `disc8` at full speed with one of eight stopped after a second,
//! against the same with none stopped. Measured from a second after the stop: by then it has shown that it makes no progress.

use std::thread;
use std::time::{Duration, Instant};

use crate::corpus::Corpus;
use crate::features::NONE;
use crate::measure::{Outcome, option, report};
use crate::process::cpu;
use crate::reference::Workload;
use crate::relays::{Relay, Task, peak_mib, resident_mib};
use crate::round::{Setting, middle};
use crate::traffic::send_until;

/// The one that stops; it gets a fifth of the messages.
const STOPPED: usize = 3;
const STOPS: Duration = Duration::from_secs(1);
const FROM: Duration = Duration::from_millis(2200);
const TO: Duration = Duration::from_millis(5200);

#[derive(Clone, Copy, Default)]
struct Round {
    /// To the seven others.
    lines_per_second: f64,
    /// Of the relay, for a million of those lines.
    cpu_seconds: f64,
    before_mib: f64,
    peak_mib: f64,
}

pub(crate) fn measure(part: &str, corpus: &Corpus) -> Outcome<()> {
    let mut rounds: [Vec<Round>; 2] = Default::default();
    for _ in 0..option("rounds", 5) {
        for (stops, rounds) in [false, true].into_iter().zip(&mut rounds) {
            rounds.push(one(corpus, stops)?);
        }
    }
    for (name, rounds) in ["none stopped", "one stopped"].iter().zip(&rounds) {
        report(format_args!(
            "{part}: {name}: the seven others get {:.0} lines/s, {:.3} CPU s/M lines, {:.1} MiB after a second, peak {:.1} MiB",
            middle(rounds, |round| round.lines_per_second),
            middle(rounds, |round| round.cpu_seconds),
            middle(rounds, |round| round.before_mib),
            middle(rounds, |round| round.peak_mib),
        ));
    }
    let [none, stopped] = &rounds;
    let ratio = |of: fn(&Round) -> f64| middle(stopped, of) / middle(none, of);
    report(format_args!(
        "{part}: the others' lines/s {:.2}x, CPU a line {:.2}x",
        ratio(|round| round.lines_per_second),
        ratio(|round| round.cpu_seconds),
    ));
    Ok(())
}

fn one(corpus: &Corpus, stops: bool) -> Outcome<Round> {
    let task = Task {
        workload: Workload::Eight,
        feature: &NONE,
    };
    let setting = Setting::new(task, &Relay::Watchfire)?;
    let (input, since) = (setting.input, Instant::now());
    thread::scope(|scope| {
        scope.spawn(move || send_until(input, corpus, since + TO).is_ok());
        let wait = |until: Duration| thread::sleep(until.saturating_sub(since.elapsed()));
        wait(STOPS);
        let before_mib = resident_mib(&setting.relay);
        if stops {
            setting.receivers.stop(STOPPED);
        }
        let look = || {
            let lines = setting.receivers.lines();
            let others = lines.iter().enumerate().filter(|(at, _)| *at != STOPPED);
            let others: u64 = others.map(|(_, lines)| lines).sum();
            (others as f64, cpu(&setting.relay), Instant::now())
        };
        wait(FROM);
        let (lines, used, at) = look();
        wait(TO);
        let (lines, used, at) = {
            let (later_lines, later_used, later) = look();
            (later_lines - lines, later_used - used, later - at)
        };
        Ok(Round {
            lines_per_second: lines / at.as_secs_f64(),
            cpu_seconds: used / lines * 1e6,
            before_mib,
            peak_mib: peak_mib(&setting.relay),
        })
    })
}
