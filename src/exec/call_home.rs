//! `call-home test` and `call-home send`: the action is the call-home room's; its lines are printed while it works. And
//! `show call-home`.

use std::sync::Arc;

use super::show::print;
use super::waiting::Waited;
use super::{Call, Failure, Outcome};
use crate::call_home::api::{Do, Line};
use crate::command::call_home::{GroupToSend, Send, SendCommands, Test, View};
use crate::command::read_only;
use crate::config::Refusal;
use crate::config::call_home::{AlertGroup, CallHome};
use crate::config::refusal::Kind;
use crate::show::call_home as views;

pub(super) fn test(call: &mut Call<'_>, command: &Test) -> Result<Outcome, Failure> {
    let text = command.text.as_deref().map(str::to_owned);
    act(
        call,
        Do::Test {
            text,
            profile: known(call, &command.profile)?,
        },
    )
}

pub(super) fn send(call: &mut Call<'_>, command: &Send) -> Result<Outcome, Failure> {
    let group = match command.group {
        GroupToSend::Configuration => AlertGroup::Configuration,
        GroupToSend::Inventory => AlertGroup::Inventory,
        GroupToSend::Snapshot => AlertGroup::Snapshot,
        GroupToSend::Telemetry => AlertGroup::Telemetry,
    };
    let profile = command
        .profile
        .as_ref()
        .map(|name| known(call, name))
        .transpose()?;
    act(call, Do::Send { group, profile })
}

/// Commands are looked at before anything is sent: those that do more than print are refused, all of them then.
pub(super) fn send_commands(
    call: &mut Call<'_>,
    command: &SendCommands,
) -> Result<Outcome, Failure> {
    let lines = command.commands.split(';').map(str::trim);
    let commands: Vec<Arc<str>> = lines
        .filter(|line| !line.is_empty())
        .map(Arc::from)
        .collect();
    if commands.is_empty() {
        return Err(Refusal::Incomplete.into());
    }
    if commands.len() > CallHome::MOST_SNAPSHOT_COMMANDS {
        return Err(Refusal::Limit {
            kind: Kind::Command,
            most: CallHome::MOST_SNAPSHOT_COMMANDS,
        }
        .into());
    }
    for line in &commands {
        read_only::check(line).map_err(|fault| Refusal::NotAllowed { why: fault.why() })?;
    }
    let action = Do::SendCommands {
        commands,
        email: command.address.clone(),
        service_number: command.number.clone(),
    };
    act(call, action)
}

pub(super) fn test_anonymous(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    act(call, Do::TestAnonymous)
}

/// The name of a profile that exists.
fn known(call: &Call<'_>, name: &Arc<str>) -> Result<Arc<str>, Refusal> {
    let exists = call
        .chassis
        .owner
        .with(|config| config.call_home.profile(name).is_some());
    exists
        .then(|| name.clone())
        .ok_or_else(|| Refusal::NotDefined {
            kind: Kind::Profile,
            name: name.clone(),
        })
}

pub(super) fn show(call: &mut Call<'_>, view: Option<&View>) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    let schedules = || call.chassis.call_home.schedules();
    match view {
        None => print(call, &views::settings(&config)),
        Some(View::AlertGroup) => print(call, &views::alert_groups(&config)),
        Some(View::Detail) => {
            let detail = views::detail(&config, &schedules());
            print(call, &detail)
        }
        Some(View::Statistics) => {
            let status = call.chassis.call_home.status();
            print(call, &views::statistics(&status))
        }
        Some(View::MailServer) => {
            let status = call.chassis.call_home.status();
            print(call, &views::mail_server_states(&config.call_home, &status))
        }
        Some(View::Events) => {
            let status = call.chassis.call_home.status();
            let now = call.chassis.clock.now();
            print(call, &views::active_events(&status, now))
        }
        Some(View::Profile { profile: None, .. }) => {
            let profiles = views::profiles(&config, &schedules());
            print(call, &profiles)
        }
        Some(View::Profile {
            profile: Some(name),
            ..
        }) => {
            let found = views::profile(&config, name, &schedules());
            let missing = Refusal::NotDefined {
                kind: Kind::Profile,
                name: name.clone(),
            };
            print(call, &found.ok_or(missing)?)
        }
    }
}

pub(super) fn registered_modules(call: &mut Call<'_>, all: bool) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    print(call, &crate::show::registered_modules::view(&config, all))
}

/// Starts the action and prints its lines as they come; one that failed, or none that tells an outcome, gives exit status 1.
/// Ctrl-C stops the waiting and the destinations not yet begun.
fn act(call: &mut Call<'_>, action: Do) -> Result<Outcome, Failure> {
    let lines = call.chassis.call_home.act(action);
    let (mut failed, mut told) = (false, false);
    loop {
        match call.wait(&lines) {
            Waited::Told(line) => {
                failed |= line.is_failure();
                told |= !matches!(line, Line::Info(_));
                writeln!(call.out, "{line}")?;
                call.out.flush()?;
            }
            Waited::Interrupted => {
                writeln!(
                    call.out,
                    "INFO: Interrupted; what has begun may still be delivered"
                )?;
                return Err(Failure::Said);
            }
            Waited::Over if told && !failed => return Ok(Outcome::Done),
            Waited::Over if told => return Err(Failure::Said),
            Waited::Over => {
                return Err(Failure::Action(
                    "the message was abandoned by an internal fault".into(),
                ));
            }
        }
    }
}
