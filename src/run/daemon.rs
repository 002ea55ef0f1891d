//! `watchfire daemon`: engines and the other ways in, no console, until SIGTERM. SIGHUP reads the startup-config again when
//! nothing is unsaved (C2.3).

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::arguments::Arguments;
use super::device::Device;
use super::{say, status};
use crate::access::control;
use crate::exec::{Caller, Failure};
use crate::message::{Own, Severity};
use crate::shell::merge;

pub(super) fn run(device: &Device, arguments: &Arguments) -> u8 {
    let chassis = device.chassis.clone();
    device.tell_start(&Caller::of_this_host(false));
    let mut failed = device.merge_files(arguments);
    chassis.owner.publish();
    if let Err(error) = control::listen(&chassis.state.socket_path(), chassis.clone()) {
        say(&format!("the control socket cannot be opened: {error}"));
        return status::REFUSED;
    }
    let ended = device.runtime().block_on(async {
        let mut ends = [
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        ];
        let mut hangups = signal(SignalKind::hangup())?;
        loop {
            tokio::select! {
                () = first(&mut ends) => return std::io::Result::Ok(()),
                _ = hangups.recv() => hang_up(device),
            }
        }
    });
    if let Err(error) = ended {
        say(&format!("signals cannot be received: {error}"));
        failed = true;
    }
    chassis.syslog.drain(arguments.drain());
    if failed { status::REFUSED } else { 0 }
}

async fn first([terminate, interrupt]: &mut [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// SIGHUP: as `reload`, when nothing is unsaved; otherwise a warning and nothing else.
fn hang_up(device: &Device) {
    let chassis = &device.chassis;
    let said = if chassis.owner.is_unsaved() {
        Some(
            "the running-config has unsaved changes; the startup-config was not read again"
                .to_owned(),
        )
    } else {
        merge::reload(
            chassis,
            &Caller::of_this_host(false),
            &mut std::io::stderr(),
        )
        .err()
        .map(|failure| match failure {
            Failure::Action(why) => why,
            Failure::Refusal(refusal) => refusal.to_string(),
            Failure::Output(error) => error.to_string(),
            Failure::Said => "it was refused".to_owned(),
        })
    };
    match said {
        Some(why) => chassis.syslog.say(Own::sys(
            Severity::Warnings,
            "RELOAD",
            format!("SIGHUP ignored: {why}"),
        )),
        None => {
            chassis.owner.publish();
        }
    }
}
