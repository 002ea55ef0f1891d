//! Show commands of the tables that the syslog room keeps: limits, messages, counts, the history table, the XML buffer.

use super::show::print;
use super::{Call, Failure, Outcome};
use crate::command::exec::ShowLoggingMessage;
use crate::show;
use crate::show::logging_message::Which;

pub(super) fn rate_limit(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let syslog = &call.chassis.syslog;
    let config = call.chassis.owner.current();
    let view = show::logging_rate_limit::view(&config.logging, &syslog.status(), &syslog.tables());
    print(call, &view)
}

pub(super) fn message(
    call: &mut Call<'_>,
    command: &ShowLoggingMessage,
) -> Result<Outcome, Failure> {
    let which = match command.message {
        Some(number) => Which::One(number),
        None if command.all => Which::All,
        None => Which::Changed,
    };
    let config = call.chassis.owner.current();
    let view = show::logging_message::view(&config.logging, &call.chassis.syslog.tables(), which);
    print(call, &view)
}

pub(super) fn queue(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    let view = show::logging_queue::view(&config.logging, &call.chassis.syslog.status());
    print(call, &view)
}

pub(super) fn setting(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    let syslog = &call.chassis.syslog;
    let view = show::logging::view(&config, &syslog.status(), &[], None);
    print(call, &show::logging_setting::View(view))
}

pub(super) fn count(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    let view = show::logging_count::view(&config.logging, &call.chassis.syslog.tables());
    print(call, &view)
}

pub(super) fn history(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    let syslog = &call.chassis.syslog;
    let (status, tables) = (syslog.status(), syslog.tables());
    let view = show::logging_history::view(&config.logging, &status, &tables);
    print(call, &view)
}

pub(super) fn xml(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    let syslog = &call.chassis.syslog;
    let (status, buffer) = (syslog.status(), syslog.xml_buffer());
    let view = show::logging_xml::view(&config.logging, &status, &buffer);
    print(call, &view)
}
