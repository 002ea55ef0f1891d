//! What many sessions cost (`sessions128`): 128 with a body pattern of its own each, against the first eight of them.

use crate::corpus::Corpus;
use crate::features::NONE;
use crate::measure::{Outcome, option, report};
use crate::reference::Workload;
use crate::relays::{Relay, Task};
use crate::round::{Input, Round, middle, one};

const FEW: usize = 8;
const MANY: usize = 128;

pub(crate) fn measure(part: &str, corpus: &Corpus) -> Outcome<()> {
    let mut rounds: [Vec<Round>; 2] = Default::default();
    let counts = [FEW, MANY];
    for _ in 0..option("rounds", 5) {
        for (count, rounds) in counts.into_iter().zip(&mut rounds) {
            let task = Task {
                workload: Workload::Bodies(count),
                feature: &NONE,
            };
            rounds.push(one(task, Input::Tcp, corpus, &Relay::Watchfire)?);
        }
    }
    for (count, rounds) in counts.into_iter().zip(&rounds) {
        let wrong = rounds
            .iter()
            .map(|round| round.lost + round.surplus)
            .sum::<u64>();
        report(format_args!(
            "{part}: {count} sessions: {:.3} CPU s/M, {:.0} messages/s, peak {:.1} MiB, {:.3} deliveries a message, {wrong} lines lost or too many",
            middle(rounds, |round| round.cpu_seconds),
            middle(rounds, |round| round.messages_per_second),
            middle(rounds, |round| round.peak_mib),
            middle(rounds, |round| round.delivered_per_message),
        ));
    }
    let [few, many] = rounds.map(|rounds| middle(&rounds, |round| round.cpu_seconds));
    report(format_args!("{part}: CPU a message {:.2}x", many / few));
    Ok(())
}
