//! The storm (`cargo bench --bench storm [-- --seconds N] [--rate N]`): messages by TCP and UDP through eight sessions, one
//! of them stalled, one refused, one whose receiver comes and goes, while the device is reconfigured every second and a
//! console asks. At the end every message is accounted for, or the bench fails. docs/PERFORMANCE.md holds what it printed.

#[path = "../corpus.rs"]
mod corpus;
#[path = "../measure.rs"]
mod measure;
#[path = "../percentile.rs"]
mod percentile;
#[path = "../process.rs"]
mod process;

mod account;
mod console;
mod device;
mod operator;
mod receiver;
mod sender;
mod tracker;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use corpus::Corpus;
use device::Device;
use measure::{Outcome, isolated, median, option, report, wait_until};
use operator::{Operator, Watcher};
use percentile::percentile;
use process::{cpu, peak_kib};
use receiver::Receivers;
use sender::{Sender, Way};

/// Different messages; a number is added to each.
const DIFFERENT: usize = 100_000;
/// An answer that takes longer is none.
const ANSWERS_WITHIN: f64 = 5.0;
/// What the memory of the last quarter may be of that of the second.
const FLAT: f64 = 1.05;
/// What happens comes again every minute (the receiver after 20 seconds, a change after 12), and the first half minute fills
/// queues: in a shorter storm a quarter cannot be held against another.
const JUDGED: usize = 120;

/// What was found wrong.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<String>);

impl Faults {
    /// Of one kind there may be thousands.
    const MOST: usize = 20;

    pub(crate) fn unless(&mut self, holds: bool, text: impl FnOnce() -> String) {
        if !holds && self.0.len() < Self::MOST {
            self.0.push(text());
        }
    }

    /// Prints a verdict; what was found before it was asked for belongs to it.
    fn verdict(&mut self, what: &str, all: &mut usize) {
        report(format_args!(
            "storm: {what}: {}",
            if self.0.is_empty() { "yes" } else { "NO" }
        ));
        for fault in self.0.drain(..) {
            report(format_args!("storm:     {fault}"));
            *all += 1;
        }
    }
}

fn main() -> ExitCode {
    isolated(|_| storm())
}

fn storm() -> Outcome<()> {
    let (seconds, rate) = (option("seconds", 120), option("rate", 50_000));
    let corpus = Arc::new(Corpus::new(DIFFERENT, 4711));
    let octets = corpus.bytes(0, corpus.len()).len() / corpus.len();
    let receivers = Receivers::open()?;
    let folder = tempfile::tempdir()?;
    let mut device = Device::start(folder.path(), &receivers)?;
    let mut operator = Operator::begin(&device, &receivers)?;
    let mut watcher = Watcher::begin(&device)?;
    let ends = Arc::new(AtomicBool::new(false));
    let half = rate / 2;
    let start = |way| Sender::start(way, device.input, corpus.clone(), half, ends.clone());
    let (tcp, udp) = (start(Way::Tcp)?, start(Way::Udp)?);
    let (since, before_cpu) = (Instant::now(), cpu(&device.process));
    let mut memory = Vec::new();
    for second in 0..seconds {
        thread::sleep(Duration::from_secs(second as u64).saturating_sub(since.elapsed()));
        receivers.comes_and_goes(second)?;
        memory.push(device.resident_kib() / 1024.0);
        operator.reconfigure(second)?;
        watcher.look(second)?;
        if device.process.has_ended() {
            return Err("watchfire ended by itself".into());
        }
    }
    thread::sleep(Duration::from_secs(seconds as u64).saturating_sub(since.elapsed()));
    ends.store(true, Ordering::Relaxed);
    let sent = (tcp.join()?, udp.join()?);
    let (taken, used) = (
        since.elapsed().as_secs_f64(),
        cpu(&device.process) - before_cpu,
    );
    receivers.last_comes()?;
    let total = (sent.0 + sent.1) as f64;
    report(format_args!(
        "storm: {total:.0} messages of about {octets} octets in {taken:.1} s, {:.0}/s of {rate}/s asked for; watchfire took {:.2} CPU s/M, {:.0} % of a core",
        total / taken,
        used / total * 1e6,
        used / taken * 100.0
    ));
    let mut all = 0;
    operator.told(&mut all);
    watcher.told(&mut all);
    told_memory(&memory, peak_kib(&device.process) / 1024.0, &mut all);
    drop((operator, watcher));
    accounted(&device, &receivers, sent, &mut all)?;
    match all {
        0 => Ok(()),
        all => Err(format!("storm: {all} faults").into()),
    }
}

fn told_memory(memory: &[f64], peak: f64, all: &mut usize) {
    let quarter = |number: usize| {
        let length = memory.len() / 4;
        let part = memory.get(length * number..length * (number + 1));
        median(part.unwrap_or_default())
    };
    let at = |second: usize| memory.get(second).or(memory.last()).copied().unwrap_or(0.0);
    report(format_args!(
        "storm: resident MiB: {:.1} after a minute, {:.1} in the middle, {:.1} at the end, peak {peak:.1}; medians of the quarters {:.1} {:.1} {:.1} {:.1}",
        at(60),
        at(memory.len() / 2),
        at(memory.len()),
        quarter(0),
        quarter(1),
        quarter(2),
        quarter(3),
    ));
    if memory.len() < JUDGED {
        return;
    }
    let mut faults = Faults::default();
    faults.unless(quarter(3) <= quarter(1) * FLAT, || {
        format!(
            "the last quarter has {:.3} of the second",
            quarter(3) / quarter(1)
        )
    });
    faults.verdict("memory is flat", all);
}

/// Waits until nothing moves any more; then every equation.
fn accounted(
    device: &Device,
    receivers: &Receivers,
    sent: (u64, u64),
    all: &mut usize,
) -> Outcome<()> {
    let mut view = device.json("show logging")?;
    let settled = wait_until("the sessions come to rest", Duration::from_secs(90), || {
        thread::sleep(Duration::from_millis(200));
        let Ok(now) = device.json("show logging") else {
            return false;
        };
        let is_steady =
            account::same_counts(&now, &view) && account::is_empty(&now, receivers, false);
        view = now;
        is_steady
    });
    let mut faults = Faults::default();
    faults.unless(settled.is_ok(), || format!("{settled:?}"));
    account::conservation(&view, &mut faults);
    account::inputs(
        &view,
        &device.json("show logging input")?,
        sent,
        &mut faults,
    );
    faults.verdict(
        "conservation is exact, on the device and on every session",
        all,
    );
    account::told_sessions(&view, receivers);
    // Now the stalled one reads, and somebody listens where nobody did.
    receivers.all_read()?;
    let settled = wait_until("everything is delivered", Duration::from_secs(90), || {
        thread::sleep(Duration::from_millis(200));
        let Ok(now) = device.json("show logging") else {
            return false;
        };
        let is_steady =
            account::same_counts(&now, &view) && account::is_empty(&now, receivers, true);
        view = now;
        is_steady
    });
    faults.unless(settled.is_ok(), || format!("{settled:?}"));
    account::conservation(&view, &mut faults);
    account::received(&view, receivers, &mut faults);
    faults.verdict("receivers have what was delivered, once and in order", all);
    Ok(())
}
