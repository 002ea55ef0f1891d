//! `crypto ca import NAME pkcs12` and `crypto ca export NAME pkcs12`: a private key with its certificates comes and goes under a
//! passphrase. Forms and limits stand in trust/pkcs12.rs.

use std::sync::Arc;
use std::sync::mpsc;

use zeroize::Zeroizing;

use super::authorities::{add, failed, trustpoint};
use super::enrolment::{held, identity, pair_of, replace};
use super::key_pairs::keys;
use super::waiting::Waited;
use super::{Block, Call, Failure, Outcome};
use crate::command::Config;
use crate::command::crypto::{Certificate as Line, Command, Named};
use crate::command::enrolment::Container;
use crate::config::Scope;
use crate::trust::api::pkcs12::{self, NotOpened};

/// Characters of a passphrase that seals what leaves the device.
const SHORTEST: usize = 8;

/// A trust point that is not there yet comes with the container.
pub(super) fn import(call: &mut Call<'_>, command: &Container) -> Result<Outcome, Failure> {
    let name = command.name.clone();
    refuse_taken(call, &name)?;
    writeln!(
        call.out,
        "Enter the base 64 encoded pkcs12.\nEnd with the word \"quit\" on a line by itself:"
    )?;
    let passphrase = Zeroizing::new(command.passphrase.to_string());
    Ok(Outcome::Block(Block {
        until: Line::END,
        drops_answer: true,
        then: Box::new(move |lines, call| {
            let lines = Zeroizing::new(lines);
            let opened = aside(call, move || pkcs12::open(&lines, &passphrase))?;
            take(call, &name, &opened)?;
            writeln!(
                call.out,
                "INFO: Import PKCS12 operation completed successfully"
            )?;
            Ok(Outcome::Done)
        }),
    }))
}

/// One that has certificates or whose name is a key pair's keeps them.
fn refuse_taken(call: &Call<'_>, name: &Arc<str>) -> Result<(), Failure> {
    let has_chain = call
        .chassis
        .owner
        .with(|config| config.crypto.chains.contains_key(name));
    if has_chain {
        return Err(failed(format!(
            "trustpoint {name} has certificates; use another name or remove them first"
        )));
    }
    match keys(call)?.find(name).map_err(failed)? {
        None => Ok(()),
        Some(_) => Err(failed(format!(
            "key pair {name} exists; use another name or remove it first"
        ))),
    }
}

/// The key pair is kept first: a chain without it would be of no use.
fn take(call: &mut Call<'_>, name: &Arc<str>, opened: &pkcs12::Opened) -> Result<(), Failure> {
    refuse_taken(call, name)?;
    let now = call.chassis.clock.now();
    let pair = keys(call)?
        .import(name, &opened.private, now)
        .map_err(failed)?;
    let done = enter(call, name, opened);
    if done.is_err() {
        keys(call)?.zeroize(pair.kind, name).map_err(failed)?;
    }
    done
}

fn enter(call: &mut Call<'_>, name: &Arc<str>, opened: &pkcs12::Opened) -> Result<(), Failure> {
    let named = || Named { name: name.clone() };
    call.configure(
        &Scope::Global,
        &Config::Crypto(Command::EnterCaTrustpoint(named())),
    )?;
    call.configure(
        &Scope::Trustpoint(name.clone()),
        &Config::Crypto(Command::Keypair(named())),
    )?;
    for authority in &opened.authorities {
        add(call, name, authority, true)?;
    }
    replace(call, name, &opened.identity)
}

pub(super) fn export(call: &mut Call<'_>, command: &Container) -> Result<Outcome, Failure> {
    let point = trustpoint(call, &command.name)?;
    if command.passphrase.chars().count() < SHORTEST {
        return Err(failed(format!(
            "% The passphrase has to have {SHORTEST} characters at least"
        )));
    }
    let pair = pair_of(call, &point)?;
    let identity = identity(call, &command.name)?;
    let authorities = held(call, &command.name, true);
    let keys = keys(call)?;
    let passphrase = Zeroizing::new(command.passphrase.to_string());
    let text = aside(call, move || {
        pkcs12::write(&keys, &pair, &identity, &authorities, &passphrase)
    })?;
    writeln!(
        call.out,
        "Exported pkcs12 follows:\n{text}\n---End - This line not part of the pkcs12---"
    )?;
    Ok(Outcome::Done)
}

/// Passphrases are worked with on a thread of their own: Ctrl-C gives the console back at once.
fn aside<T: Send + 'static>(
    call: &Call<'_>,
    work: impl FnOnce() -> Result<T, NotOpened> + Send + 'static,
) -> Result<T, Failure> {
    let (done, waits) = mpsc::sync_channel(1);
    let worker = std::thread::Builder::new().name("passphrase".into());
    // Nobody waits any more when the send fails.
    worker.spawn(move || done.send(work()).unwrap_or_default())?;
    match call.wait(&waits) {
        Waited::Told(worked) => worked.map_err(failed),
        Waited::Interrupted => Err(Failure::Said),
        Waited::Over => Err(failed("the container could not be read")),
    }
}
