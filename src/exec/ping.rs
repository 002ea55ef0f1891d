//! `ping tcp`: the connections are the syslog room's to try, which knows where anything may leave to; what happens is printed
//! while it happens, as an ASA does.

use std::time::Duration;

use super::show::print;
use super::waiting::Waited;
use super::{Call, Failure, Format, Outcome};
use crate::command::exec::PingTcp;
use crate::config::Refusal;
use crate::config::refusal::Kind;
use crate::device;
use crate::show::ping::View;
use crate::syslog::api::{Ping, Pinged};

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
    // An operator who has had enough gets the summary of what there is.
    while let Waited::Told(event) = call.wait(&events) {
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
