//! Show commands about the machine: its facts as they are now, and what the readings of the last minutes add.

use super::show::print;
use super::{Call, Failure, Outcome};
use crate::command::exec::{ShowInterface, ShowMemory};
use crate::config::refusal::Kind;
use crate::config::{Refusal, masking};
use crate::device::history::Traffic;
use crate::show;
use crate::show::route::Family;

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

pub(super) fn route(call: &mut Call<'_>, family: Family) -> Result<Outcome, Failure> {
    let configured = call.chassis.owner.current().interfaces.clone();
    let view = show::route::view(&configured, call.chassis.facts.routes(), family);
    print(call, &view)
}

pub(super) fn traffic(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let configured = call.chassis.owner.current().interfaces.clone();
    let view = show::traffic::view(&configured, traffic_now(call));
    print(call, &view)
}

pub(super) fn clear_traffic(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let chassis = call.chassis;
    let now = chassis.clock.monotonic();
    chassis.history.clear_traffic(&*chassis.facts, now);
    Ok(Outcome::Done)
}

pub(super) fn perfmon(call: &mut Call<'_>, detail: bool) -> Result<Outcome, Failure> {
    let protocols = traffic_now(call).protocols;
    print(call, &show::perfmon::view(protocols, detail))
}

pub(super) fn protocols(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let protocols = traffic_now(call).protocols;
    print(call, &show::perfmon::by_protocol(protocols))
}

pub(super) fn conn_count(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let chassis = call.chassis;
    let connections = chassis.history.connections(&*chassis.facts);
    print(call, &show::connections::count(connections))
}

pub(super) fn local_host(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let configured = call.chassis.owner.current().interfaces.clone();
    let view = show::connections::local_hosts(&configured, call.chassis.facts.neighbours());
    print(call, &view)
}

pub(super) fn module(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let view = show::module::view(&*call.chassis.facts);
    print(call, &view)
}

pub(super) fn crashinfo(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let crash = call.chassis.state.crash();
    let crash = crash.map_err(|fault| Failure::Action(fault.to_string()))?;
    // What broke may have been about to print anything.
    let masked = crash.map(|text| masking::mask_output(&text));
    print(call, &show::crash::view(masked))
}

pub(super) fn clear_crashinfo(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let cleared = call.chassis.state.clear_crash();
    cleared.map_err(|fault| Failure::Action(fault.to_string()))?;
    Ok(Outcome::Done)
}

fn traffic_now(call: &Call<'_>) -> Traffic {
    let chassis = call.chassis;
    let now = chassis.clock.monotonic();
    chassis.history.traffic(&*chassis.facts, now)
}
