//! A relay that is not at its limit (`paced`, `idle`): 20,000 messages a second through eight discriminators; how long each
//! 64th message takes from the generator to its receiver, and the memory before and meanwhile.

use std::time::Instant;

use crate::corpus::Corpus;
use crate::features::NONE;
use crate::measure::{Outcome, option, report};
use crate::process::cpu;
use crate::reference::Workload;
use crate::relays::{Relay, Task, own_mib, resident_mib};
use crate::round::{Setting, middle};
use crate::stamped::Stamped;
use crate::traffic::send_paced;

const RATE: usize = 20_000;
const SECONDS: usize = 5;
const STAMPED: usize = 64;

struct Round {
    idle_mib: f64,
    own_idle_mib: f64,
    loaded_mib: f64,
    own_loaded_mib: f64,
    cpu_seconds: f64,
    p50: f64,
    p99: f64,
}

pub(crate) fn measure(parts: &[&str], relays: &[&Relay]) -> Outcome<()> {
    let corpus = Stamped::of(&Corpus::new(RATE * SECONDS, 4711), STAMPED);
    let mut rounds: Vec<Vec<Round>> = relays.iter().map(|_| Vec::new()).collect();
    for _ in 0..option("rounds", 5) {
        for (relay, rounds) in relays.iter().zip(&mut rounds) {
            rounds.push(one(&corpus, relay)?);
        }
    }
    for part in parts {
        for (relay, theirs) in relays.iter().zip(&rounds) {
            let of =
                |value: fn(&Round) -> f64| (middle(theirs, value), ratio(&rounds, theirs, value));
            if *part == "idle" {
                let ((idle, idly), (loaded, loadedly)) =
                    (of(|round| round.idle_mib), of(|round| round.loaded_mib));
                let [(own_idle, _), (own_loaded, _)] = [
                    of(|round| round.own_idle_mib),
                    of(|round| round.own_loaded_mib),
                ];
                report(format_args!(
                    "{part}: {}: {idle:.1} MiB idle (ours {idly:.2} of it), {own_idle:.1} of it its own; at {RATE}/s {loaded:.1} MiB (ours {loadedly:.2} of it), {own_loaded:.1} of it its own",
                    relay.name()
                ));
                continue;
            }
            let ((p50, _), (p99, against), (cpu, _)) = (
                of(|round| round.p50),
                of(|round| round.p99),
                of(|round| round.cpu_seconds),
            );
            report(format_args!(
                "{part}: {}: p50 {p50:.2} ms, p99 {p99:.2} ms (ours {against:.2} of it), {cpu:.2} CPU s/M",
                relay.name()
            ));
        }
    }
    Ok(())
}

/// Ours as a part of theirs.
fn ratio(rounds: &[Vec<Round>], theirs: &[Round], of: fn(&Round) -> f64) -> f64 {
    let ours = rounds.first().map(|ours| middle(ours, of));
    ours.unwrap_or_default() / middle(theirs, of)
}

fn one(corpus: &Stamped, relay: &Relay) -> Outcome<Round> {
    let task = Task {
        workload: Workload::Eight,
        feature: &NONE,
    };
    let setting = Setting::new(task, relay)?;
    let (idle_mib, own_idle_mib) = (resident_mib(&setting.relay), own_mib(&setting.relay));
    let before = setting.receivers.lines();
    let expected: Vec<u64> = task
        .workload
        .expected(corpus.messages())
        .iter()
        .zip(&before)
        .map(|(count, before)| count + before)
        .collect();
    let (before_cpu, epoch) = (cpu(&setting.relay), Instant::now());
    setting.receivers.look_at_stamps(epoch);
    send_paced(setting.input, corpus, RATE, epoch)?;
    let (loaded_mib, own_loaded_mib) = (resident_mib(&setting.relay), own_mib(&setting.relay));
    let (got, _) = setting.receivers.settle(&expected);
    if got != expected {
        report(format_args!("{}: not all has arrived", relay.name()));
    }
    let mut taken = setting.receivers.taken();
    taken.sort_by(f64::total_cmp);
    let share = |part: f64| {
        let at = (taken.len() as f64 * part) as usize;
        taken.get(at).copied().unwrap_or(f64::NAN)
    };
    Ok(Round {
        idle_mib,
        own_idle_mib,
        loaded_mib,
        own_loaded_mib,
        cpu_seconds: (cpu(&setting.relay) - before_cpu) / corpus.len() as f64 * 1e6,
        p50: share(0.5),
        p99: share(0.99),
    })
}
