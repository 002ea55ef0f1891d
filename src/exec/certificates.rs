//! `show crypto ca certificates` and `show crypto ca trustpoints`: what the configuration holds, read anew; and `clear configure
//! crypto ca trustpoint`.

use std::sync::Arc;

use super::authorities::trustpoint;
use super::show::print;
use super::{Call, Failure, Outcome};
use crate::config::crypto::clear_trustpoints;
use crate::show;

pub(super) fn show(call: &mut Call<'_>, name: Option<&Arc<str>>) -> Result<Outcome, Failure> {
    if let Some(name) = name {
        trustpoint(call, name)?;
    }
    let config = call.chassis.owner.current();
    let view = show::certificates::view(&config, name.map(|name| &**name));
    print(call, &view)
}

pub(super) fn show_trustpoints(
    call: &mut Call<'_>,
    name: Option<&Arc<str>>,
) -> Result<Outcome, Failure> {
    if let Some(name) = name {
        trustpoint(call, name)?;
    }
    let config = call.chassis.owner.current();
    let view = show::trustpoints::view(&config, name.map(|name| &**name));
    print(call, &view)
}

pub(super) fn clear(call: &mut Call<'_>, name: Option<&Arc<str>>) -> Result<Outcome, Failure> {
    call.edit(|config| clear_trustpoints(config, name))?;
    Ok(Outcome::Done)
}
