//! `watchfire` itself: a console. On a terminal a person types; otherwise lines come from `-c` or standard input. The
//! engines live in this process and end with it.

use std::io::{self, BufWriter};
use std::sync::atomic::AtomicBool;

use super::arguments::Arguments;
use super::console_lines::ConsoleLines;
use super::device::Device;
use super::{say, status};
use crate::access::control;
use crate::config::RunningConfig;
use crate::exec::Caller;
use crate::shell::feed::{self, Feed, Feeds};
use crate::shell::script::{self, End};
use crate::shell::session::{Io, Opening, Session, Start};
use crate::syslog::api::Listener;

pub(super) fn run(device: &Device, arguments: &Arguments) -> u8 {
    let chassis = device.chassis.clone();
    let is_interactive = arguments.input.is_interactive();
    if arguments.input.command.is_empty()
        && let Err(error) = control::listen(&chassis.state.socket_path(), chassis.clone())
    {
        say(&format!("the control socket cannot be opened: {error}"));
    }
    device.tell_start(&Caller::of_this_host(is_interactive));
    let mut failed = device.merge_files(arguments);
    if is_interactive {
        if !super::terminal::run(device, arguments.drain()) {
            return status::REFUSED;
        }
        chassis.syslog.drain(arguments.drain());
    } else {
        failed |= script(device, arguments);
    }
    // An interactive console ends with 0 whatever was refused on the way (C1.9).
    if failed && !is_interactive {
        status::REFUSED
    } else {
        0
    }
}

/// Runs lines until they end; whether one was refused or an action failed.
fn script(device: &Device, arguments: &Arguments) -> bool {
    let opening = Opening {
        start: Start::Scripted,
        caller: Caller::of_this_host(false),
        enables_freely: true,
        holds_engines: true,
    };
    let mut session = Session::new(device.chassis.clone(), opening);
    let mut printing = ConsoleLines::default();
    printing.follow(device);
    let interrupt = AtomicBool::new(false);
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout());
    let mut err = io::stderr();
    let mut io = Io {
        out: &mut out,
        err: &mut err,
        interrupt: &interrupt,
    };
    let syslog = &device.chassis.syslog;
    let mut feeds = Feeds::default();
    let mut behind = |session: &Session| {
        printing.follow(device);
        let lines = || syslog.listen(Listener::Monitor).lines;
        feeds.follow(session.settings().monitor, lines, || {
            feed::plain(io::stderr())
        });
    };
    let commands = &arguments.input.command;
    let ended = if commands.is_empty() {
        script::input(&mut session, io::stdin(), &mut io, &mut behind)
    } else {
        let commands = commands.iter().map(String::as_str);
        Ok(script::lines(&mut session, commands, &mut io, &mut behind))
    };
    let broken = match ended {
        Ok(End::Over) => false,
        Ok(End::OutputGone) => true,
        Err(error) => {
            say(&format!("standard input: {error}"));
            true
        }
    };
    session.end_of_input(&mut io);
    io.out.flush().unwrap_or_default();
    let leaves_the_process = |config: &RunningConfig| config.logging.leaves_the_process();
    let is_queued = device.chassis.owner.with(leaves_the_process);
    if is_queued || printing.has_begun() || feeds.has(Feed::Monitor) {
        syslog.drain(arguments.drain());
    }
    feeds.close();
    printing.finish(device);
    session.has_failed() || broken
}
