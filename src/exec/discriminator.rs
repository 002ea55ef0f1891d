//! What can be asked of a discriminator: its counters, and its verdict on a message.

use std::sync::Arc;

use super::show::print;
use super::{Call, Failure, Outcome};
use crate::command::exec::{ShowLoggingDiscriminator, TestLoggingDiscriminator};
use crate::config::Refusal;
use crate::config::discriminator::DiscriminatorName;
use crate::config::logging::Logging;
use crate::config::refusal::Kind;
use crate::show;
use crate::syslog::api::try_on;

pub(super) fn show(
    call: &mut Call<'_>,
    command: &ShowLoggingDiscriminator,
) -> Result<Outcome, Failure> {
    let chassis = call.chassis.clone();
    let config = chassis.owner.current();
    let only = match &command.name {
        Some(name) => Some(known(&config.logging, name)?),
        None => None,
    };
    let status = chassis.syslog.status();
    let view = show::logging_discriminator::view(&config.logging, &status, only.as_ref());
    print(call, &view)
}

pub(super) fn test(
    call: &mut Call<'_>,
    command: &TestLoggingDiscriminator,
) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    let name = known(&config.logging, &command.name)?;
    let Some(discriminator) = config.logging.discriminators.get(&name) else {
        return Ok(Outcome::Done);
    };
    let hostname = config.system.hostname();
    // Quotation marks around a message are the operator's.
    let text = &*command.text;
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let text = quoted.unwrap_or(text).as_bytes();
    let trial = try_on(discriminator, text, command.from, hostname);
    let view = show::logging_trial::view(&name, discriminator, &trial);
    print(call, &view)
}

fn known(logging: &Logging, name: &Arc<str>) -> Result<DiscriminatorName, Refusal> {
    DiscriminatorName::shared(name)
        .filter(|known| logging.discriminators.contains_key(known))
        .ok_or_else(|| Refusal::NotDefined {
            kind: Kind::Discriminator,
            name: name.clone(),
        })
}
