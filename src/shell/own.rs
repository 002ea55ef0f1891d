//! The commands that only a Session itself can carry out: its modes, its privilege, its terminal, and leaving.

use std::fmt::Display;

use serde::Serialize;

use super::line::Typed;
use super::place::Found;
use super::session::{Io, Session, print};
use super::waiting::Waiting;
use super::wording;
use crate::command::Session as Own;
use crate::config::Refusal;
use crate::exec::{self, Call, Failure, Format, seal};
use crate::show::{self, session};

/// `enable` waits for its password.
pub(super) struct Password {
    level: u8,
    /// Answers that were wrong.
    tries: u8,
}

/// An ASA asks three times.
const TRIES: u8 = 3;

impl Session {
    pub(super) fn act(&mut self, found: &Found<'_>, own: Own, typed: &Typed<'_>, io: &mut Io<'_>) {
        match own {
            Own::EnterConfig => {
                self.place.configure();
                self.asks = self.is_to_be_asked();
            }
            Own::Enable(enable) => self.enable(enable.level.unwrap_or(15), io),
            Own::Disable => self.lower(1),
            Own::Exit | Own::Quit if self.place.depth() > 1 => self.place.exit(),
            Own::Exit | Own::Quit if self.place.is_configuration() => self.leave_configuration(),
            Own::Exit | Own::Quit | Own::Logout => self.leave(io),
            Own::End => self.leave_configuration(),
            Own::Help => print(io, wording::HELP),
            Own::TerminalMonitor => self.monitor(io),
            Own::NoTerminalMonitor | Own::TerminalNoMonitor => self.settings.monitor = false,
            Own::TerminalPager(pager) => self.settings.pager = Some(pager.length),
            Own::NoTerminalPager => self.settings.pager = Some(0),
            Own::TerminalWidth(terminal) => self.settings.width = Some(terminal.width),
            Own::ShowHistory => {
                let lines = self.history.iter().cloned().collect();
                self.show(found, typed, &session::History { lines }, io);
            }
            Own::ShowCurpriv => {
                let is_privileged = self.is_privileged();
                let view = session::Privilege {
                    username: self.caller.user.to_string(),
                    level: self.caller.privilege,
                    modes: if is_privileged { "P_PRIV" } else { "P_UNPR" },
                };
                self.show(found, typed, &view, io);
            }
        }
    }

    /// A view of the Session's own through the filters of the line.
    fn show(
        &mut self,
        found: &Found<'_>,
        typed: &Typed<'_>,
        view: &(impl Serialize + Display),
        io: &mut Io<'_>,
    ) {
        let Some(pipe) = self.read_pipe(found, typed, io) else {
            return;
        };
        let is_json = pipe.json;
        // Output that nobody reads any more is no error.
        self.with_output(pipe, io, |_, out, _| {
            Ok(if is_json {
                show::json(view, out)
            } else {
                show::text(view, out)
            }?)
        })
        .unwrap_or_default();
    }

    /// Where it is privileged already, it is a silent no-op (C1.10); without a password it depends on the way in (D16).
    fn enable(&mut self, level: u8, io: &mut Io<'_>) {
        if level <= self.caller.privilege {
            return self.lower_to(level);
        }
        let has_password = self
            .chassis
            .owner
            .with(|config| config.system.enable_password.is_some());
        if !has_password && self.enables_freely {
            self.raise(level);
        } else if !has_password || !self.caller.is_terminal {
            self.deny(io);
        } else {
            self.waiting = Some(Waiting::Password(Password { level, tries: 0 }));
        }
    }

    pub(super) fn check_password(&mut self, password: Password, answer: &str, io: &mut Io<'_>) {
        let sealed = self
            .chassis
            .owner
            .with(|config| config.system.enable_password.clone());
        let is_usable = sealed
            .as_ref()
            .is_some_and(|password| seal::is_sealed(&password.sealed.0));
        if sealed.is_some_and(|password| seal::verify(&password.sealed, answer)) {
            return self.raise(password.level);
        }
        if !is_usable {
            print(io, &format!("{}\n", wording::ENABLE_IS_UNUSABLE));
        }
        print(io, &format!("{}\n", wording::INVALID_PASSWORD));
        let tries = password.tries + 1;
        if tries == TRIES {
            self.say_failed();
            return self.deny(io);
        }
        self.waiting = Some(Waiting::Password(Password { tries, ..password }));
    }

    /// Who has no login is named by this device itself.
    fn say_failed(&self) {
        let (user, address) = (&self.caller.user, &self.caller.address);
        let failed = self.chassis.owner.with(|config| {
            let is_known = user.starts_with(wording::NAMELESS) || config.users.contains_key(user);
            let name = config.logging.form.named(user, is_known);
            wording::authentication_failed(name, address)
        });
        self.chassis.syslog.say(failed);
    }

    fn deny(&mut self, io: &mut Io<'_>) {
        let denied = Refusal::NotAllowed {
            why: wording::ACCESS_DENIED,
        };
        self.refuse("", 0, &denied, io);
    }

    fn raise(&mut self, level: u8) {
        let from = self.caller.privilege;
        self.caller.privilege = level;
        let (syslog, user) = (&self.chassis.syslog, &self.caller.user);
        syslog.say(wording::privilege_changed(user, from, level));
        if self.chassis.owner.with(|config| config.logging.userinfo) {
            syslog.say(wording::privilege_set(user, &self.caller.address, level));
        }
        self.rename();
    }

    fn lower_to(&mut self, level: u8) {
        // `enable 15` at 15 changes nothing.
        if level < self.caller.privilege {
            self.lower(level);
        }
    }

    fn lower(&mut self, level: u8) {
        self.leave_configuration();
        let from = self.caller.privilege;
        if from > level {
            self.caller.privilege = level;
            self.chassis
                .syslog
                .say(wording::privilege_changed(&self.caller.user, from, level));
            self.rename();
        }
    }

    /// A console without a login is named after its privilege.
    pub(super) fn rename(&mut self) {
        if self.caller.user.starts_with(wording::NAMELESS) {
            self.caller.user = format!("{}{}", wording::NAMELESS, self.caller.privilege).into();
        }
    }

    fn monitor(&mut self, io: &mut Io<'_>) {
        let (has_console, has_monitor) = self.chassis.owner.with(|config| {
            let logging = &config.logging;
            (
                logging.console_session().is_some(),
                logging.monitor_session().is_some(),
            )
        });
        // On the console both would print every line twice.
        if self.holds_engines && has_console {
            return print(io, &format!("INFO: {}\n", wording::CONSOLE_MONITORS));
        }
        self.settings.monitor = true;
        // Accepted all the same (D47).
        if !has_monitor {
            print(io, &format!("INFO: {}\n", wording::MONITOR_IS_OFF));
        }
    }

    /// Goes to EXEC; says so in a message when it was somewhere else (C3.10).
    pub(super) fn leave_configuration(&mut self) {
        if self.place.is_configuration() {
            self.place.end();
            self.chassis.syslog.say(wording::configured_by(
                &self.caller.user,
                &self.caller.address,
            ));
        }
    }

    /// `exit` at the top, `logout`: with unsaved changes a console that holds the engines asks first (C1.10).
    fn leave(&mut self, io: &mut Io<'_>) {
        self.leave_configuration();
        if self.caller.is_terminal && self.holds_engines && self.chassis.owner.is_unsaved() {
            self.waiting = Some(Waiting::Save);
        } else {
            self.close(io);
        }
    }

    pub(super) fn answer_save(&mut self, answer: &str, io: &mut Io<'_>) {
        match answer.trim().chars().next().map(|c| c.to_ascii_lowercase()) {
            Some('n') => self.close(io),
            Some('y' | 's') => match self.save(io) {
                Ok(()) => self.close(io),
                // What could not be saved is not thrown away.
                Err(failure) => self.conclude(Err(failure), io),
            },
            Some('c') => {}
            _ => self.waiting = Some(Waiting::Save),
        }
    }

    fn save(&mut self, io: &mut Io<'_>) -> Result<(), Failure> {
        let chassis = self.chassis.clone();
        let (out, interrupt) = (&mut *io.out, io.interrupt);
        let call = Call {
            chassis: &chassis,
            caller: &mut self.caller,
            format: Format::Text,
            out,
            interrupt,
            changed: false,
        };
        exec::startup::save(&call)?;
        writeln!(io.out, "[OK]").map_err(Failure::Output)
    }

    fn close(&mut self, io: &mut Io<'_>) {
        if self.caller.is_terminal {
            print(io, &format!("\n{}\n\n", wording::LOGOFF));
            if self.holds_engines {
                print(io, &format!("INFO: {}\n", wording::LOGGING_STOPS));
            }
        }
        self.waiting = Some(Waiting::Closed);
    }
}
