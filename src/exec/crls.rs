//! Revocation lists: what is kept is shown and forgotten, and fetched when an operator asks.

use std::sync::Arc;

use super::show::print;
use super::waiting::Waited;
use super::{Call, Failure, Outcome};
use crate::command::crypto::{Crls, WhichCrls};
use crate::config::Refusal;
use crate::config::refusal::Kind;
use crate::show::crls as views;
use crate::trust::api::Which;

pub(super) fn show(call: &mut Call<'_>, command: &Crls) -> Result<Outcome, Failure> {
    let which = which(call, command)?;
    let zone = call.chassis.owner.current().clock.zone();
    let crls = &call.chassis.crls;
    let view = views::view(crls.kept(), &crls.checks(), &which, &zone);
    print(call, &view)
}

pub(super) fn clear(call: &mut Call<'_>, command: &Crls) -> Result<Outcome, Failure> {
    let which = which(call, command)?;
    call.chassis.crls.clear(&which);
    Ok(Outcome::Done)
}

/// One line a place; one that failed gives exit status 1.
pub(super) fn request(call: &mut Call<'_>, name: &Arc<str>) -> Result<Outcome, Failure> {
    known(call, name)?;
    let lines = call.chassis.crls.request(name);
    let mut failed = false;
    loop {
        match call.wait(&lines) {
            Waited::Told(Ok(text)) => writeln!(call.out, "INFO: {text}")?,
            Waited::Told(Err(text)) => {
                failed = true;
                writeln!(call.out, "ERROR: {text}")?;
            }
            Waited::Interrupted => {
                writeln!(call.out, "INFO: Interrupted; what has begun goes on")?;
                return Err(Failure::Said);
            }
            Waited::Over if failed => return Err(Failure::Said),
            Waited::Over => return Ok(Outcome::Done),
        }
    }
}

fn which(call: &Call<'_>, command: &Crls) -> Result<Which, Refusal> {
    Ok(match &command.which {
        None => Which::All,
        Some(WhichCrls::Trustpool) => Which::Trustpool,
        Some(WhichCrls::Trustpoint { name }) => {
            known(call, name)?;
            Which::Trustpoint(name.clone())
        }
    })
}

fn known(call: &Call<'_>, name: &Arc<str>) -> Result<(), Refusal> {
    let config = call.chassis.owner.current();
    if config.crypto.trustpoints.contains_key(name) {
        return Ok(());
    }
    Err(Refusal::NotDefined {
        kind: Kind::Trustpoint,
        name: name.clone(),
    })
}
