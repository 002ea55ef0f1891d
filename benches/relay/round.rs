//! One round of one relay: started, given the messages, its receivers counted against what each must get.

use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::corpus::Corpus;
use crate::measure::{Outcome, Running, median, option};
use crate::process::cpu;
use crate::receivers::Receivers;
use crate::relays::{Relay, Task, peak_mib};
use crate::traffic::{send_tcp, send_udp};

/// How the messages come in.
#[derive(Clone, Copy)]
pub(crate) enum Input {
    Tcp,
    Udp { rate: usize },
}

/// A relay that runs between the bench's two ends.
pub(crate) struct Setting {
    pub(crate) relay: Running,
    pub(crate) input: u16,
    pub(crate) receivers: Receivers,
    _folder: TempDir,
}

impl Setting {
    pub(crate) fn new(task: Task, relay: &Relay) -> Outcome<Self> {
        let receivers = Receivers::open(task.workload.receivers())?;
        let folder = tempfile::tempdir()?;
        let (relay, input) = relay.start(task, folder.path(), &receivers.ports())?;
        // What a relay says of itself when it starts is none of the messages. Nothing tells that it has said all.
        thread::sleep(Duration::from_millis(800));
        Ok(Self {
            relay,
            input,
            receivers,
            _folder: folder,
        })
    }
}

/// What one round showed.
pub(crate) struct Round {
    /// Of the relay, for a million messages.
    pub(crate) cpu_seconds: f64,
    /// From the first byte sent to the last line received.
    pub(crate) messages_per_second: f64,
    pub(crate) peak_mib: f64,
    pub(crate) offered_per_second: f64,
    pub(crate) delivered_per_message: f64,
    pub(crate) expected: u64,
    pub(crate) lost: u64,
    /// More than it had to get.
    pub(crate) surplus: u64,
}

pub(crate) fn one(task: Task, input: Input, corpus: &Corpus, relay: &Relay) -> Outcome<Round> {
    let times = (option("messages", 2_000_000) / corpus.len()).max(1);
    let sent = times * corpus.len();
    let setting = Setting::new(task, relay)?;
    let before = setting.receivers.lines();
    let expected: Vec<u64> = task
        .workload
        .expected(corpus.messages())
        .iter()
        .zip(&before)
        .map(|(count, before)| count * times as u64 + before)
        .collect();
    let (before_cpu, since) = (cpu(&setting.relay), Instant::now());
    let offered_per_second = match input {
        Input::Tcp => {
            send_tcp(setting.input, corpus, times)?;
            0.0
        }
        Input::Udp { rate } => send_udp(setting.input, corpus, times, rate)?,
    };
    let (got, last) = setting.receivers.settle(&expected);
    let taken = last - since;
    let of = |lines: &[u64]| lines.iter().sum::<u64>() - before.iter().sum::<u64>();
    let differences = || expected.iter().zip(&got);
    Ok(Round {
        cpu_seconds: (cpu(&setting.relay) - before_cpu) / sent as f64 * 1e6,
        messages_per_second: sent as f64 / taken.as_secs_f64(),
        peak_mib: peak_mib(&setting.relay),
        offered_per_second,
        delivered_per_message: of(&got) as f64 / sent as f64,
        expected: of(&expected),
        lost: differences()
            .map(|(wanted, got)| wanted.saturating_sub(*got))
            .sum(),
        surplus: differences()
            .map(|(wanted, got)| got.saturating_sub(*wanted))
            .sum(),
    })
}

/// The median of something over some rounds.
pub(crate) fn middle<R>(rounds: &[R], of: impl Fn(&R) -> f64) -> f64 {
    median(&rounds.iter().map(of).collect::<Vec<f64>>())
}
