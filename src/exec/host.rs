//! Show commands about the machine: its facts as they are now, and what the readings of the last minutes add.

use super::show::print;
use super::{Call, Failure, Outcome};
use crate::command::exec::{ShowInterface, ShowMemory};
use crate::config::Refusal;
use crate::config::refusal::Kind;
use crate::device::history::Traffic;
use crate::show;

pub(super) fn environment(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let view = show::environment::view(&*call.chassis.facts);
    print(call, &view)
}

pub(super) fn cpu_usage(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let chassis = call.chassis.clone();
    let now = chassis.clock.monotonic();
    let load = chassis.history.processor(&*chassis.facts, now);
    print(call, &show::cpu::view(load))
}

pub(super) fn memory(call: &mut Call<'_>, command: &ShowMemory) -> Result<Outcome, Failure> {
    let view = show::memory::view(&*call.chassis.facts, command.detail);
    print(call, &view)
}

pub(super) fn interface(call: &mut Call<'_>, command: &ShowInterface) -> Result<Outcome, Failure> {
    let configured = call.chassis.owner.current().interfaces.clone();
    let of_host = call.chassis.facts.interfaces();
    let only = command.name.as_ref();
    let view = show::interface::view(
        &configured,
        of_host,
        traffic_now(call),
        only.map(|name| &**name),
    );
    let missing = || Refusal::NotDefined {
        kind: Kind::Interface,
        name: only.cloned().unwrap_or_default(),
    };
    let view = view.ok_or_else(missing)?;
    print(call, &view)
}

fn traffic_now(call: &Call<'_>) -> Traffic {
    let chassis = call.chassis;
    let now = chassis.clock.monotonic();
    chassis.history.traffic(&*chassis.facts, now)
}
