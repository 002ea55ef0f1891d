//! A configuration command on its way to the model: clear secrets are sealed first, so that the model only ever holds
//! sealed forms.

use std::borrow::Cow;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Chassis, seal};
use crate::command::{Config, call_home, logging_kept, system};
use crate::config::{Notices, Refusal, Scope};
use crate::state::Folder;

/// Applies one command; publication comes later, with what arrives together with it. Hashing a password takes some
/// milliseconds, outside the owner's lock.
pub fn configure(
    chassis: &Arc<Chassis>,
    scope: &Scope,
    command: &Config,
) -> Result<Notices, Refusal> {
    chassis
        .owner
        .apply(scope, &*sealed(command, Some(&chassis.state))?)
}

/// The same command with its clear secret sealed; for those who apply without an owner, and where `folder` is `None` without what
/// seals secrets that are used again.
///
/// # Errors
/// A masked password, or no randomness.
pub fn sealed<'c>(
    command: &'c Config,
    folder: Option<&Folder>,
) -> Result<Cow<'c, Config>, Refusal> {
    let (password, is_sealed) = match command {
        Config::System(system::Command::EnablePassword(c)) => {
            (&c.password, c.encrypted || c.pbkdf2)
        }
        Config::System(system::Command::Username(c)) => (&c.password, c.encrypted || c.pbkdf2),
        Config::LoggingKept(logging_kept::Command::LoggingFtpServer(c)) => {
            (&c.password, c.encrypted)
        }
        Config::CallHome(call_home::Command::MailServer(c)) => match &c.password {
            Some(password) => (password, c.encrypted),
            None => return Ok(Cow::Borrowed(command)),
        },
        _ => return Ok(Cow::Borrowed(command)),
    };
    // What a masked configuration carries in place of a secret is no secret (C2.7, D25).
    if &**password == "*****" {
        return Err(Refusal::NotAllowed {
            why: "a masked password cannot be used; enter the password itself",
        });
    }
    if is_sealed {
        return Ok(Cow::Borrowed(command));
    }
    // What has to be said to a server must come back as it was.
    if let Config::CallHome(call_home::Command::MailServer(c)) = command {
        let sealed = folder.map(|folder| folder.seal(password));
        let Some(Ok(text)) = sealed else {
            return Err(Refusal::NotAllowed {
                why: "the password could not be sealed; enter it on the running device",
            });
        };
        let c = call_home::MailServer {
            password: Some(text.into()),
            encrypted: true,
            ..c.clone()
        };
        return Ok(Cow::Owned(Config::CallHome(
            call_home::Command::MailServer(c),
        )));
    }
    let text = seal::seal(Zeroizing::new(password.to_string()))
        .map_err(|_| Refusal::NotAllowed {
            why: "the password could not be sealed; try again",
        })?
        .0;
    let mut command = command.clone();
    match &mut command {
        Config::System(system::Command::EnablePassword(c)) => {
            (c.password, c.encrypted) = (text, true)
        }
        Config::System(system::Command::Username(c)) => (c.password, c.encrypted) = (text, true),
        Config::LoggingKept(logging_kept::Command::LoggingFtpServer(c)) => {
            (c.password, c.encrypted) = (text, true)
        }
        _ => {}
    }
    Ok(Cow::Owned(command))
}
