//! A configuration command typed in a Session: applied to the newest configuration, announced, said in messages, and the
//! mode it opens entered. What it changes stands in `config`.

use std::sync::PoisonError;

use super::line::Typed;
use super::place::Found;
use super::session::{Io, Session, print};
use super::waiting::Waiting;
use super::wording;
use crate::command::{Config, crypto};
use crate::config::{Notice, Notices, Refusal, Scope, masking};
use crate::exec::chassis::LastChange;
use crate::exec::{self, Caller};
use crate::grammar::Form;

impl Session {
    pub(super) fn configure(
        &mut self,
        found: &Found<'_>,
        config: &Config,
        typed: &Typed<'_>,
        io: &mut Io<'_>,
    ) {
        let scope = self.place.scope(found.at);
        let command = masking::mask(typed.command(), found.command.secrets());
        if let Config::Crypto(crypto::Command::Certificate(certificate)) = config
            && certificate.hex.is_none()
        {
            let (certificate, command) = (certificate.clone(), command.into_owned());
            self.waiting = Some(Waiting::Certificate {
                scope,
                certificate,
                command,
                lines: Vec::new(),
            });
            return;
        }
        match self.apply(&scope, config, &command, io) {
            Err(refusal) => self.refuse(typed.whole, typed.at, &refusal, io),
            Ok(()) => self.enter(found, &scope, config),
        }
    }

    /// One command on the newest configuration, with what a device says about it.
    pub(super) fn apply(
        &mut self,
        scope: &Scope,
        config: &Config,
        command: &str,
        io: &mut Io<'_>,
    ) -> Result<(), Refusal> {
        let notices = exec::configure::configure(&self.chassis, scope, config)?;
        self.unpublished = true;
        self.announce(&notices, io);
        self.note_change(command);
        Ok(())
    }

    fn enter(&mut self, found: &Found<'_>, within: &Scope, config: &Config) {
        let opens = (found.command.form() == Form::Plain)
            .then(|| found.command.command().enters())
            .flatten();
        if let (Some(mode), Some(scope)) = (opens, within.opened_by(config)) {
            self.place.enter(mode, scope);
        }
    }

    fn announce(&self, notices: &Notices, io: &mut Io<'_>) {
        for notice in notices {
            // The manual's capture has a blank line behind this one; off a terminal there is none (C1.1).
            let is_spaced =
                self.caller.is_terminal && matches!(notice, Notice::DiscriminatorUnknown { .. });
            print(
                io,
                &format!("{notice}\n{}", if is_spaced { "\n" } else { "" }),
            );
        }
    }

    /// Says that the configuration changed, and remembers it; `command` has its secrets masked.
    pub(super) fn note_change(&self, command: &str) {
        let Caller {
            user,
            application,
            address,
            ..
        } = &self.caller;
        self.chassis.syslog.say(wording::executed(user, command));
        self.chassis
            .syslog
            .say(wording::changed(user, application, address, command));
        let change = LastChange {
            user: user.clone(),
            at: self.chassis.clock.now(),
        };
        *self
            .chassis
            .last_change
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(change);
    }
}
