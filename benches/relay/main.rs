//! The relay's figures (`cargo bench --bench relay [-- PART] [--rounds N] [--messages N]`): `pass`, everything to one receiver;
//! `disc8`, eight receivers with a discriminator each; `udp100` and `udp200`, the latter offered 100,000 and 200,000 datagrams a
//! second; `sessions128`, 128 body patterns; `paced` and `idle`, 20,000 messages a second; `slow`, a receiver that stops;
//! `features`, what each function costs. Yardsticks are tuned peers in alternated rounds. docs/PERFORMANCE.md holds the figures.

#[path = "../measure.rs"]
mod measure;
#[path = "../process.rs"]
mod process;
#[path = "../yardstick.rs"]
mod yardstick;

#[path = "../corpus.rs"]
mod corpus;

mod bodies;
mod compare;
mod features;
mod paced;
mod peers;
mod receivers;
mod reference;
mod relays;
mod round;
mod sessions;
mod slow;
mod stamped;
mod traffic;

use std::process::ExitCode;

use corpus::Corpus;
use measure::isolated;
use reference::Workload;
use relays::Relay;
use round::Input;
use yardstick::wants;

/// Different messages; they are sent over and over.
const DIFFERENT: usize = 100_000;

fn main() -> ExitCode {
    isolated(|_| {
        let corpus = Corpus::new(DIFFERENT, 4711);
        let relays = Relay::all();
        let all: Vec<&Relay> = relays.iter().collect();
        // One reader that also parses and filters loses too much of these to be compared with.
        let of_udp: Vec<&Relay> = relays
            .iter()
            .filter(|relay| !matches!(relay, Relay::SyslogNg(_)))
            .collect();
        let udp = |rate| Input::Udp { rate };
        let compared = [
            ("pass", Workload::Pass, Input::Tcp, &all),
            ("disc8", Workload::Eight, Input::Tcp, &all),
            ("udp100", Workload::Eight, udp(100_000), &of_udp),
            ("udp200", Workload::Eight, udp(200_000), &of_udp),
        ];
        for (part, workload, input, relays) in compared {
            if wants(part) {
                compare::measure(part, workload, input, &corpus, relays)?;
            }
        }
        if wants("sessions128") {
            sessions::measure("sessions128", &corpus)?;
        }
        let at_a_rate: Vec<&str> = ["paced", "idle"]
            .into_iter()
            .filter(|part| wants(part))
            .collect();
        if !at_a_rate.is_empty() {
            paced::measure(&at_a_rate, &all)?;
        }
        if wants("slow") {
            slow::measure("slow", &corpus)?;
        }
        if wants("features") {
            features::measure("features", &corpus)?;
        }
        Ok(())
    })
}
