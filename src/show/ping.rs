//! `ping tcp`: what came of each try, in an ASA's form, line by line while it happens.

use std::fmt::{self, Write};
use std::time::Duration;

use serde::Serialize;

use crate::syslog::api::{Ping, Pinged};

/// `ping tcp`. Times are in milliseconds; those of an ASA are whole.
#[derive(Debug, Serialize)]
pub struct View {
    pub host: String,
    pub port: u16,
    /// The `nameif` that was asked for.
    pub interface: Option<String>,
    pub address: Option<String>,
    pub source: Option<String>,
    pub tries: u16,
    /// Seconds for each try.
    pub timeout: u64,
    pub results: Vec<Try>,
    pub sent: u64,
    pub received: u64,
    pub min_ms: Option<f64>,
    pub avg_ms: Option<f64>,
    pub max_ms: Option<f64>,
}

#[derive(Debug, Serialize)]
pub struct Try {
    /// `answered`, `refused`, `silent`, `unreachable`.
    pub outcome: &'static str,
    pub ms: Option<f64>,
    /// Why it is unreachable.
    pub reason: Option<String>,
}

impl View {
    /// Before anything has happened.
    pub fn new(ping: &Ping, interface: Option<&str>) -> Self {
        Self {
            host: ping.host.to_string(),
            port: ping.port,
            interface: interface.map(str::to_owned),
            address: None,
            source: None,
            tries: ping.tries,
            timeout: ping.patience.as_secs(),
            results: Vec::new(),
            sent: 0,
            received: 0,
            min_ms: None,
            avg_ms: None,
            max_ms: None,
        }
    }

    /// Takes note of an event; the text that an ASA prints then.
    pub fn take(&mut self, event: Pinged) -> String {
        let (outcome, mark, time, reason) = match event {
            Pinged::Begins { to, from } => {
                self.address = Some(to.ip().to_string());
                self.source = Some(from.to_string());
                return self.head();
            }
            Pinged::Impossible(_) => return String::new(),
            Pinged::Answered(time) => ("answered", '!', Some(time), None),
            Pinged::Refused => ("refused", 'R', None, None),
            Pinged::Silent => ("silent", '?', None, None),
            Pinged::Unreachable(reason) => ("unreachable", 'U', None, Some(reason)),
        };
        let ms = time.map(|time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3);
        self.sent += 1;
        self.received += u64::from(ms.is_some());
        self.results.push(Try {
            outcome,
            ms,
            reason,
        });
        let times: Vec<f64> = self.results.iter().filter_map(|one| one.ms).collect();
        self.min_ms = times.iter().copied().reduce(f64::min);
        self.max_ms = times.iter().copied().reduce(f64::max);
        let sum: f64 = times.iter().sum();
        self.avg_ms = self
            .min_ms
            .map(|_| (sum / times.len() as f64 * 1e3).round() / 1e3);
        mark.to_string()
    }

    fn head(&self) -> String {
        let address = self.address.as_deref().unwrap_or_default();
        let source = self.source.as_deref().unwrap_or_default();
        let interface = self.interface.as_deref().unwrap_or("identity");
        format!(
            "Type escape sequence to abort.\n\
             No source specified. Pinging from {interface} interface.\n\
             Sending {} TCP SYN requests to {address} port {}\n\
             from {source}, timeout is {} seconds:\n",
            self.tries, self.port, self.timeout
        )
    }

    /// What an ASA prints at the end.
    pub fn summary(&self) -> String {
        let (sent, received) = (self.sent, self.received);
        let percent = (received * 100).checked_div(sent).unwrap_or(0);
        let mut text = format!("\nSuccess rate is {percent} percent ({received}/{sent})");
        if let (Some(min), Some(avg), Some(max)) = (self.min_ms, self.avg_ms, self.max_ms) {
            // A time that is less than one is one.
            let [min, avg, max] = [min, avg, max].map(|ms| ms.round().max(1.0));
            // Writing to a text cannot fail.
            let _always = write!(text, ", round-trip min/avg/max = {min}/{avg}/{max} ms");
        }
        text.push('\n');
        text
    }
}

/// The whole of it, when it is over.
impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        let ping = Ping {
            host: "collector".into(),
            port: 601,
            from: Vec::new(),
            tries: 4,
            patience: Duration::from_secs(2),
        };
        View::new(&ping, None)
    }

    #[test]
    fn it_reads_as_on_an_asa() {
        let mut view = view();
        let to = "192.0.2.7:601".parse().expect("an address");
        let from = "192.0.2.1".parse().expect("an address");
        let mut text = view.take(Pinged::Begins { to, from });
        text += &view.take(Pinged::Answered(Duration::from_micros(300)));
        text += &view.take(Pinged::Answered(Duration::from_micros(8_700)));
        text += &view.take(Pinged::Silent);
        text += &view.take(Pinged::Refused);
        text += &view.summary();
        assert_eq!(
            text,
            "Type escape sequence to abort.\n\
             No source specified. Pinging from identity interface.\n\
             Sending 4 TCP SYN requests to 192.0.2.7 port 601\n\
             from 192.0.2.1, timeout is 2 seconds:\n\
             !!?R\n\
             Success rate is 50 percent (2/4), round-trip min/avg/max = 1/5/9 ms\n"
        );
    }

    #[test]
    fn one_that_nobody_answers_has_no_times() {
        let mut view = view();
        view.take(Pinged::Unreachable("no route to host".into()));
        assert_eq!(view.summary(), "\nSuccess rate is 0 percent (0/1)\n");
    }
}
