//! What can be asked of a discriminator: its counters, and its verdict on a message or on the log buffer.

use std::sync::Arc;

use super::show::print;
use super::{Call, Failure, Outcome};
use crate::command::exec::{
    ShowLoggingDiscriminator, TestLoggingDiscriminator, TestLoggingDiscriminatorBuffer,
};
use crate::config::Refusal;
use crate::config::discriminator::{Discriminator, DiscriminatorName};
use crate::config::logging::Logging;
use crate::config::refusal::Kind;
use crate::show;
use crate::syslog::api::Trier;

pub(super) fn show(
    call: &mut Call<'_>,
    command: &ShowLoggingDiscriminator,
) -> Result<Outcome, Failure> {
    let chassis = call.chassis.clone();
    let config = chassis.owner.current();
    let only = match &command.name {
        Some(name) => Some(defined(&config.logging, name)?.0),
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
    let (name, discriminator) = defined(&config.logging, &command.name)?;
    let hostname = config.system.hostname();
    // Quotation marks around a message are the operator's.
    let text = &*command.text;
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let text = quoted.unwrap_or(text).as_bytes();
    let trial = Trier::new(discriminator).try_on(text, command.from, hostname);
    let view = show::logging_trial::view(&name, discriminator, &trial);
    print(call, &view)
}

/// The lines of the log buffer, each as if it came now (D146).
pub(super) fn replay(
    call: &mut Call<'_>,
    command: &TestLoggingDiscriminatorBuffer,
) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    let (name, discriminator) = defined(&config.logging, &command.name)?;
    let hostname = config.system.hostname();
    let buffer = call.chassis.syslog.buffer();
    let trier = Trier::new(discriminator);
    let lines = buffer.split(|byte| *byte == b'\n');
    let trials = lines
        .filter(|line| !line.is_empty())
        .map(|line| (line, trier.try_on(line, None, hostname).blocked_by));
    let view = show::logging_replay::view(&name, discriminator, trials);
    print(call, &view)
}

fn defined<'a>(
    logging: &'a Logging,
    name: &Arc<str>,
) -> Result<(DiscriminatorName, &'a Arc<Discriminator>), Refusal> {
    let found = DiscriminatorName::shared(name)
        .and_then(|name| Some((name.clone(), logging.discriminators.get(&name)?)));
    found.ok_or_else(|| Refusal::NotDefined {
        kind: Kind::Discriminator,
        name: name.clone(),
    })
}
