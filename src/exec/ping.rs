//! `ping tcp`: the connections are the syslog room's to try, which knows where anything may leave to; what happens is printed
//! while it happens, as an ASA does.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::show::print;
use super::{Call, Failure, Format, Outcome};
use crate::command::exec::PingTcp;
use crate::config::Refusal;
use crate::config::refusal::Kind;
use crate::device;
use crate::show::ping::View;
use crate::syslog::api::{Ping, Pinged};

/// How often a waiting command looks whether it was interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// Five tries of two seconds each, as an ASA has it. One that nobody answers gives exit status 1.
pub(super) fn tcp(call: &mut Call<'_>, command: &PingTcp) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    let mut names = config.system.names.iter();
    let known = names.find(|(_, name)| **name == command.host);
    let interface = command.interface.as_ref().map(|nameif| {
        let known = config.interfaces.named(nameif);
        known.ok_or_else(|| Refusal::NotDefined {
            kind: Kind::Nameif,
            name: nameif.clone(),
        })
    });
    let interface = interface.transpose()?;
    let ping = Ping {
        from: interface.map_or_else(Vec::new, |(name, _)| device::addresses_of(name)),
        host: known.map_or_else(
            || command.host.clone(),
            |(address, _)| address.to_string().into(),
        ),
        port: command.port,
        tries: command.repeat.unwrap_or(5),
        patience: Duration::from_secs(command.timeout.unwrap_or(2).into()),
    };
    let mut view = View::new(&ping, command.interface.as_deref());
    let events = call.chassis.syslog.ping(ping);
    while let Some(event) = next(call, &events) {
        if let Pinged::Impossible(why) = event {
            return Err(Failure::Action(format!("{}: {why}", command.host)));
        }
        let text = view.take(event);
        if call.format == Format::Text {
            write!(call.out, "{text}")?;
            call.out.flush()?;
        }
    }
    if call.format == Format::Text {
        write!(call.out, "{}", view.summary())?;
    } else {
        print(call, &view)?;
    }
    if view.received == 0 {
        return Err(Failure::Said);
    }
    Ok(Outcome::Done)
}

/// The next event; `None` when there will be none, or when the operator has had enough.
fn next(call: &Call<'_>, events: &Receiver<Pinged>) -> Option<Pinged> {
    loop {
        match events.recv_timeout(LOOK) {
            Ok(event) => return Some(event),
            Err(RecvTimeoutError::Timeout) if !call.interrupt.load(Ordering::Relaxed) => {}
            Err(_) => return None,
        }
    }
}
