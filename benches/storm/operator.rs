//! Two people at consoles: one reconfigures the device every second, the other looks at it. Both are timed.

use serde_json::Value;

use crate::console::Console;
use crate::device::Device;
use crate::measure::{Outcome, report};
use crate::receiver::{Receiver, Receivers};
use crate::{ANSWERS_WITHIN, Faults, account, percentile};

/// Seconds that answers took.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn told(&self, what: &str, faults: &mut Faults) {
        let most = percentile(&self.0, 1.0);
        report(format_args!(
            "storm: {what}: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms of {}",
            percentile(&self.0, 0.5) * 1e3,
            percentile(&self.0, 0.99) * 1e3,
            most * 1e3,
            self.0.len()
        ));
        faults.unless(most <= ANSWERS_WITHIN, || {
            format!("{what} took {most:.1} s")
        });
    }
}

pub(crate) struct Operator {
    console: Console,
    ninth: String,
    /// The session that loses its discriminator and gets it back.
    bare: [String; 2],
    times: Times,
    faults: Faults,
}

impl Operator {
    pub(crate) fn begin(device: &Device, receivers: &Receivers) -> Outcome<Self> {
        let mut console = Console::begin(&mut device.attach())?;
        console.ask(&["configure terminal"])?;
        let is_login = |receiver: &&Receiver| receiver.role.name == "LOGIN";
        let login = receivers.all.iter().find(is_login).ok_or("a session")?;
        Ok(Self {
            console,
            ninth: format!(
                "logging host 127.0.0.1 discriminator EDGE transport tcp port {}",
                receivers.ninth
            ),
            bare: [false, true].map(|with| login.role.line(login.port, with)),
            times: Times::default(),
            faults: Faults::default(),
        })
    }

    /// This second's change.
    pub(crate) fn reconfigure(&mut self, second: usize) -> Outcome<()> {
        let [bare, dressed] = self.bare.clone();
        let (add, remove) = (self.ninth.clone(), format!("no {}", self.ninth));
        let lines: Vec<&str> = match second % 12 {
            0 => vec!["logging discriminator EDGE severity includes 0-3"],
            1 => vec![&add],
            2 => vec![
                "logging discriminator SLOW msg-body includes 10\\.1[0-9]\\. rate-limit 2000 except 3",
            ],
            3 => vec!["no logging message 302013", "logging message 302013"],
            4 => vec![&remove],
            5 => vec!["no logging on", "logging on"],
            6 => vec![
                "logging discriminator RETURNS severity includes 0-3 duplicates 2 flapping 3 within 20",
            ],
            7 => vec![&bare, &dressed],
            8 => vec![
                "logging rate-limit all 10000 except 4",
                "no logging rate-limit",
            ],
            9 => vec![
                "logging discriminator EDGE severity includes 0-4",
                "no logging count",
                "logging count",
            ],
            10 => vec![
                "no logging correlator apply rule power",
                "logging correlator apply rule power",
                "logging discriminator RETURNS severity includes 0-3 duplicates 5 flapping 5 within 10",
            ],
            _ => vec![
                "logging discriminator SLOW msg-body includes 10\\.2[0-9]\\. rate-limit 500 except 2",
                "logging discriminator BUFFER facility includes SYS|LINK|SEC",
                "logging history size 100",
                "logging history size 500",
            ],
        };
        let (answer, taken) = self.console.ask(&lines)?;
        self.times.0.push(taken);
        let refusal = answer.iter().find(|line| line.contains("ERROR"));
        self.faults.unless(refusal.is_none(), || {
            format!("in second {second}, of {lines:?}: {answer:?}")
        });
        Ok(())
    }

    pub(crate) fn told(&mut self, all: &mut usize) {
        self.times
            .told("a reconfiguration, in force", &mut self.faults);
        self.faults.verdict("every reconfiguration was taken", all);
    }
}

const COMMANDS: [&str; 5] = [
    "show clock",
    "show logging",
    "show logging | json",
    "show logging host brief",
    "show logging discriminator",
];

pub(crate) struct Watcher {
    console: Console,
    times: [Times; COMMANDS.len()],
    answers: Faults,
    equations: Faults,
}

impl Watcher {
    pub(crate) fn begin(device: &Device) -> Outcome<Self> {
        Ok(Self {
            console: Console::begin(&mut device.attach())?,
            times: Default::default(),
            answers: Faults::default(),
            equations: Faults::default(),
        })
    }

    /// One look at everything; every equation holds at every moment.
    pub(crate) fn look(&mut self, second: usize) -> Outcome<()> {
        for (command, times) in COMMANDS.iter().zip(&mut self.times) {
            // The clock ends every answer.
            let lines = match *command {
                "show clock" => &[],
                command => &[command][..],
            };
            let (answer, taken) = self.console.ask(lines)?;
            times.0.push(taken);
            self.answers
                .unless(lines.is_empty() || answer.len() > 2, || {
                    format!("in second {second}, {command} said {answer:?}")
                });
            if command.ends_with("json") {
                let view: Value = serde_json::from_str(&answer.join("\n"))
                    .map_err(|error| format!("in second {second}: {error}: {answer:?}"))?;
                account::conservation(&view, &mut self.equations);
            }
        }
        Ok(())
    }

    pub(crate) fn told(&mut self, all: &mut usize) {
        for (command, times) in COMMANDS.iter().zip(&self.times) {
            times.told(command, &mut self.answers);
        }
        self.answers.verdict("the console answered throughout", all);
        self.equations
            .verdict("conservation held in every second", all);
    }
}
