//! The relay's figures (`cargo bench --bench relay [-- PART] [--rounds N] [--messages N]`): `pass`, everything to one receiver;
//! `disc8`, eight receivers with a discriminator each; `udp100` and `udp200`, the latter offered 100,000 and 200,000 datagrams a
//! second. The yardstick is a tuned rsyslogd in alternated rounds. docs/PERFORMANCE.md holds what they printed.

#[path = "../measure.rs"]
mod measure;
#[path = "../process.rs"]
mod process;
#[path = "../yardstick.rs"]
mod yardstick;

#[path = "../corpus.rs"]
mod corpus;
mod reference;
mod relays;
mod traffic;

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use corpus::Corpus;
use measure::{Outcome, isolated, median, option, report};
use process::{cpu, peak_kib};
use reference::Workload;
use relays::Relay;
use traffic::{Receivers, send_tcp, send_udp};
use yardstick::wants;

/// Different messages; they are sent over and over.
const DIFFERENT: usize = 100_000;

/// How the messages come in.
#[derive(Clone, Copy)]
enum Input {
    Tcp,
    Udp { rate: usize },
}

const PARTS: [(&str, Workload, Input); 4] = [
    ("pass", Workload::Pass, Input::Tcp),
    ("disc8", Workload::Eight, Input::Tcp),
    ("udp100", Workload::Eight, Input::Udp { rate: 100_000 }),
    ("udp200", Workload::Eight, Input::Udp { rate: 200_000 }),
];

/// What one round showed.
struct Round {
    /// Of the relay, for a million messages.
    cpu_seconds: f64,
    /// From the first byte sent to the last line received.
    messages_per_second: f64,
    peak_mib: f64,
    offered_per_second: f64,
    deliveries_per_message: f64,
    expected: u64,
    lost: u64,
    /// More than it had to get.
    surplus: u64,
}

fn main() -> ExitCode {
    isolated(|_| {
        let corpus = Corpus::new(DIFFERENT, 4711);
        let relays = Relay::all();
        if relays.len() == 1 {
            report("rsyslog: skipped (needs the package rsyslog)");
        }
        for (part, workload, input) in PARTS.into_iter().filter(|(part, ..)| wants(part)) {
            let rounds = measure_part(part, workload, input, &corpus, &relays)?;
            told(part, &relays, &rounds);
        }
        Ok(())
    })
}

/// All rounds, of each relay; the relays take turns.
fn measure_part(
    part: &str,
    workload: Workload,
    input: Input,
    corpus: &Corpus,
    relays: &[Relay],
) -> Outcome<Vec<Vec<Round>>> {
    let mut rounds: Vec<Vec<Round>> = relays.iter().map(|_| Vec::new()).collect();
    for _ in 0..option("rounds", 5) {
        for (relay, rounds) in relays.iter().zip(&mut rounds) {
            let round = one(workload, input, corpus, relay)?;
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
    Ok(rounds)
}

fn one(workload: Workload, input: Input, corpus: &Corpus, relay: &Relay) -> Outcome<Round> {
    let times = (option("messages", 2_000_000) / corpus.len()).max(1);
    let sent = times * corpus.len();
    let receivers = Receivers::open(workload.receivers())?;
    let folder = tempfile::tempdir()?;
    let (relay, port) = relay.start(workload, folder.path(), &receivers.ports)?;
    // What a relay says of itself when it starts is none of the messages. Nothing tells that it has said all.
    thread::sleep(Duration::from_millis(800));
    let before = receivers.lines();
    let expected: Vec<u64> = workload
        .expected(corpus.messages())
        .iter()
        .zip(&before)
        .map(|(count, before)| count * times as u64 + before)
        .collect();
    let (before_cpu, since) = (cpu(&relay), Instant::now());
    let offered_per_second = match input {
        Input::Tcp => {
            send_tcp(port, corpus, times)?;
            0.0
        }
        Input::Udp { rate } => send_udp(port, corpus, times, rate)?,
    };
    let (got, last) = receivers.settle(&expected);
    let taken = last - since;
    let deliveries = expected.iter().sum::<u64>() - before.iter().sum::<u64>();
    let differences = || expected.iter().zip(&got);
    Ok(Round {
        cpu_seconds: (cpu(&relay) - before_cpu) / sent as f64 * 1e6,
        messages_per_second: sent as f64 / taken.as_secs_f64(),
        peak_mib: peak_kib(&relay) / 1024.0,
        offered_per_second,
        deliveries_per_message: deliveries as f64 / sent as f64,
        expected: deliveries,
        lost: differences()
            .map(|(wanted, got)| wanted.saturating_sub(*got))
            .sum(),
        surplus: differences()
            .map(|(wanted, got)| got.saturating_sub(*wanted))
            .sum(),
    })
}

fn told(part: &str, relays: &[Relay], rounds: &[Vec<Round>]) {
    let middle = |rounds: &[Round], of: fn(&Round) -> f64| {
        median(&rounds.iter().map(of).collect::<Vec<f64>>())
    };
    for (relay, rounds) in relays.iter().zip(rounds) {
        let lossless = rounds.iter().filter(|round| round.lost == 0).count();
        let worst = rounds
            .iter()
            .map(|round| round.lost as f64 / round.expected.max(1) as f64 * 100.0)
            .fold(0.0, f64::max);
        let offered = middle(rounds, |round| round.offered_per_second);
        let offered = match offered {
            0.0 => String::new(),
            offered => format!("offered {offered:.0}/s, "),
        };
        report(format_args!(
            "{part}: {}: {offered}{:.3} CPU s/M, {:.0} messages/s, peak {:.1} MiB, nothing lost in {lossless} of {} rounds, at worst {worst:.3} %",
            relay.name(),
            middle(rounds, |round| round.cpu_seconds),
            middle(rounds, |round| round.messages_per_second),
            middle(rounds, |round| round.peak_mib),
            rounds.len(),
        ));
    }
    if let Some(first) = rounds.iter().flatten().next() {
        report(format_args!(
            "{part}: {:.2} deliveries a message",
            first.deliveries_per_message
        ));
    }
    if let [ours, peer] = rounds {
        let ratio = |of: fn(&Round) -> f64| middle(peer, of) / middle(ours, of);
        report(format_args!(
            "{part}: messages per CPU second {:.2}x, messages/s {:.2}x, peak memory 1/{:.1} of rsyslog's",
            ratio(|round| round.cpu_seconds),
            1.0 / ratio(|round| round.messages_per_second),
            ratio(|round| round.peak_mib),
        ));
    }
}
