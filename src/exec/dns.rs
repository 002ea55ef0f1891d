//! `show dns`, `clear dns`, and `debug call-home` with what looks after it.

use super::show::print;
use super::{Call, Failure, Outcome};
use crate::show::{debug, dns};

pub(super) fn show(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let chassis = call.chassis.clone();
    let view = dns::view(&chassis.owner.current(), chassis.names.status());
    print(call, &view)
}

pub(super) fn clear(call: &Call<'_>) -> Outcome {
    call.chassis.names.forget();
    Outcome::Done
}

pub(super) fn show_debug(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let call_home = call.chassis.names.status().debug;
    print(call, &debug::View { call_home })
}

pub(super) fn debug(call: &Call<'_>, is_on: bool) -> Outcome {
    call.chassis.names.debug(is_on);
    Outcome::Done
}
