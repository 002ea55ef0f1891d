//! The parts with a yardstick at full speed or at a rate (`pass`, `disc8`, `udp100`, `udp200`): relays in turns, and how ours
//! stands to each of the others.

use crate::corpus::Corpus;
use crate::features::NONE;
use crate::measure::{Outcome, option, report};
use crate::reference::Workload;
use crate::relays::{Relay, Task};
use crate::round::{Input, Round, middle, one};

/// All rounds, of each relay; the relays take turns.
pub(crate) fn measure(
    part: &str,
    workload: Workload,
    input: Input,
    corpus: &Corpus,
    relays: &[&Relay],
) -> Outcome<()> {
    let task = Task {
        workload,
        feature: &NONE,
    };
    let mut rounds: Vec<Vec<Round>> = relays.iter().map(|_| Vec::new()).collect();
    for _ in 0..option("rounds", 5) {
        for (relay, rounds) in relays.iter().zip(&mut rounds) {
            let round = one(task, input, corpus, relay)?;
            if round.surplus > 0 {
                report(format_args!(
                    "{part}: {}: {} lines more than expected",
                    relay.name(),
                    round.surplus
                ));
            }
            rounds.push(round);
        }
    }
    for (relay, rounds) in relays.iter().zip(&rounds) {
        tell(part, relay, rounds);
    }
    if let Some((ours, others)) = rounds.split_first() {
        for (relay, theirs) in relays.iter().skip(1).zip(others) {
            tell_ratios(part, relay, ours, theirs);
        }
    }
    Ok(())
}

fn tell(part: &str, relay: &Relay, rounds: &[Round]) {
    let lossless = rounds.iter().filter(|round| round.lost == 0).count();
    let worst = rounds
        .iter()
        .map(|round| round.lost as f64 / round.expected.max(1) as f64 * 100.0)
        .fold(0.0, f64::max);
    let offered = match middle(rounds, |round| round.offered_per_second) {
        0.0 => String::new(),
        offered => format!("offered {offered:.0}/s, "),
    };
    report(format_args!(
        "{part}: {}: {offered}{:.3} CPU s/M, {:.0} messages/s, peak {:.1} MiB, {:.2} deliveries a message, nothing lost in {lossless} of {} rounds, at worst {worst:.3} %",
        relay.name(),
        middle(rounds, |round| round.cpu_seconds),
        middle(rounds, |round| round.messages_per_second),
        middle(rounds, |round| round.peak_mib),
        middle(rounds, |round| round.delivered_per_message),
        rounds.len(),
    ));
}

fn tell_ratios(part: &str, peer: &Relay, ours: &[Round], theirs: &[Round]) {
    let ratio = |of: fn(&Round) -> f64| middle(theirs, of) / middle(ours, of);
    report(format_args!(
        "{part}: to {}: messages per CPU second {:.2}x, messages/s {:.2}x, peak memory 1/{:.1}",
        peer.name(),
        ratio(|round| round.cpu_seconds),
        1.0 / ratio(|round| round.messages_per_second),
        ratio(|round| round.peak_mib),
    ));
}
