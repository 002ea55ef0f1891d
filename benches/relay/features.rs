//! What a function costs that is off by default (`features`): `disc8` with each of them on against all of them off, in turns
//! within one run. There is no yardstick but ourselves.

use crate::corpus::Corpus;
use crate::measure::{Outcome, option, report};
use crate::reference::Workload;
use crate::relays::{Relay, Task};
use crate::round::{Input, Round, middle, one};

/// Configuration besides that of the workload.
pub(crate) struct Feature {
    name: &'static str,
    pub(crate) lines: &'static str,
    /// Behind `logging trap `.
    pub(crate) trap: &'static str,
    /// Behind each discriminator.
    pub(crate) of_discriminators: &'static str,
    /// Behind the first receiver.
    pub(crate) of_the_first_host: &'static str,
}

/// Nothing of all that.
pub(crate) const NONE: Feature = Feature {
    name: "all off",
    lines: "",
    trap: "debugging",
    of_discriminators: "",
    of_the_first_host: "",
};

const FEATURES: [Feature; 8] = [
    NONE,
    Feature {
        name: "logging count",
        lines: "logging count\n",
        ..NONE
    },
    Feature {
        name: "a list as level",
        lines: "logging list chosen level informational\nlogging list chosen message 609001-609002\n\
                logging list chosen level debugging\n",
        trap: "chosen",
        ..NONE
    },
    Feature {
        name: "duplicates 30",
        of_discriminators: " duplicates 30",
        ..NONE
    },
    Feature {
        name: "logging history",
        lines: "logging history debugging\nlogging history size 500\n",
        ..NONE
    },
    Feature {
        name: "logging buffered",
        lines: "logging buffered 1048576 debugging\n",
        ..NONE
    },
    Feature {
        name: "queue disk of one session",
        of_the_first_host: " queue disk 64",
        ..NONE
    },
    Feature {
        name: "sequence-num-session and session-id of one session",
        of_the_first_host: " sequence-num-session session-id hostname",
        ..NONE
    },
];

pub(crate) fn measure(part: &str, corpus: &Corpus) -> Outcome<()> {
    let mut rounds: [Vec<Round>; FEATURES.len()] = Default::default();
    for _ in 0..option("rounds", 5) {
        for (feature, rounds) in FEATURES.iter().zip(&mut rounds) {
            let task = Task {
                workload: Workload::Eight,
                feature,
            };
            rounds.push(one(task, Input::Tcp, corpus, &Relay::Watchfire)?);
        }
    }
    let off = middle(&rounds[0], |round| round.cpu_seconds);
    for (feature, rounds) in FEATURES.iter().zip(&rounds) {
        let cpu = middle(rounds, |round| round.cpu_seconds);
        report(format_args!(
            "{part}: {}: {cpu:.3} CPU s/M, {:.2} of all off, {:.0} messages/s, peak {:.1} MiB, {:.2} deliveries a message",
            feature.name,
            cpu / off,
            middle(rounds, |round| round.messages_per_second),
            middle(rounds, |round| round.peak_mib),
            middle(rounds, |round| round.delivered_per_message),
        ));
    }
    Ok(())
}
