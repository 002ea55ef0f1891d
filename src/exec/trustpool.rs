//! The trust pool from EXEC: import with its dialogue, export, remove, clear, show. What is believed because of it is the trust
//! room's business.

use std::fmt;
use std::sync::mpsc::Receiver;

use super::show::print;
use super::waiting::Waited;
use super::{Ask, Call, Failure, Outcome};
use crate::command::Config;
use crate::command::crypto;
use crate::command::trustpool::{
    ClearTrustpool, ExportForm, ImportFrom, ShowTrustpool, TrustpoolExport, TrustpoolImport,
    TrustpoolRemove,
};
use crate::config::{Refusal, Scope};
use crate::show::trustpool as views;
use crate::trust::api::{
    Change, Fetched, Form, How, Place, Signed, Tally, fingerprint, on_one_line,
};

pub(super) fn import(call: &mut Call<'_>, command: &TrustpoolImport) -> Result<Outcome, Failure> {
    let clean = command.clean;
    let url = match &command.from {
        ImportFrom::Default => {
            return asked(
                call,
                command.confirmed.is_none(),
                "You are about to update the current trusted certificate pool\n\
                 with the certificates that are built in.\n",
                move |call| installed(call, Change::BuiltIn { clean }),
            );
        }
        ImportFrom::Url { url } => url.clone(),
    };
    let place = Place::new(&url).map_err(|why| Refusal::NotAllowed { why })?;
    let signed = match command.confirmed {
        Some(confirmed) if confirmed.signature_required => Signed::Always,
        _ => Signed::WhereThere,
    };
    let answer = call.chassis.trust.clone().fetch(place, signed);
    let fetched = waited_for(call, &answer)?.map_err(|fault| failed(&fault))?;
    let signer = fetched.signer.is_some();
    if signer {
        writeln!(call.out, "Root file signature verified.")?;
    }
    let text = format!(
        "You are about to update the current trusted certificate pool\n\
         with the {} byte file downloaded from {url}\n",
        fetched.bytes
    );
    asked(call, command.confirmed.is_none(), &text, move |call| {
        install(call, fetched, clean)
    })
}

fn install(call: &mut Call<'_>, fetched: Fetched, clean: bool) -> Result<Outcome, Failure> {
    let how = if clean { How::Clean } else { How::Add };
    installed(call, Change::Import { fetched, how })
}

fn installed(call: &mut Call<'_>, change: Change) -> Result<Outcome, Failure> {
    let tally = call
        .chassis
        .trust
        .change(change)
        .map_err(|fault| failed(&fault))?;
    print(call, &Imported::from(tally))
}

fn failed(fault: &impl fmt::Display) -> Failure {
    Failure::Action(format!("Trustpool import failed: {fault}"))
}

/// The counters of an import.
#[derive(serde::Serialize)]
struct Imported {
    attempted: usize,
    installed: usize,
    duplicates: usize,
    expired: usize,
    failed: usize,
}

impl From<Tally> for Imported {
    fn from(tally: Tally) -> Self {
        Self {
            attempted: tally.attempted,
            installed: tally.installed,
            duplicates: tally.duplicates,
            expired: tally.expired,
            failed: tally.failed,
        }
    }
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Trustpool import:")?;
        for (what, count) in [
            ("attempted", self.attempted),
            ("installed", self.installed),
            ("duplicates", self.duplicates),
            ("expired", self.expired),
            ("failed", self.failed),
        ] {
            writeln!(f, "  {what}: {count}")?;
        }
        Ok(())
    }
}

/// The room's answer; Ctrl-C stops the waiting, and then nothing is installed.
fn waited_for<T>(call: &Call<'_>, answer: &Receiver<T>) -> Result<T, Failure> {
    match call.wait(answer) {
        Waited::Told(answer) => Ok(answer),
        Waited::Interrupted => Err(Failure::Action("Interrupted; nothing was imported".into())),
        Waited::Over => Err(Failure::Action(
            "the import was abandoned by an internal fault".into(),
        )),
    }
}

/// Says `text` and asks whether to go on, when it is to be asked and somebody is there who can answer.
fn asked(
    call: &mut Call<'_>,
    is_asked: bool,
    text: &str,
    then: impl FnOnce(&mut Call<'_>) -> Result<Outcome, Failure> + Send + 'static,
) -> Result<Outcome, Failure> {
    if !is_asked || !call.caller.is_terminal {
        return then(call);
    }
    call.out.write_all(text.as_bytes())?;
    Ok(question(then))
}

/// An answer that is none is asked for again.
fn question(
    then: impl FnOnce(&mut Call<'_>) -> Result<Outcome, Failure> + Send + 'static,
) -> Outcome {
    Outcome::Ask(Ask {
        text: "Do you want to continue? (y/n) ".into(),
        echo: true,
        default: "y".into(),
        then: Box::new(
            |answer, call| match answer.trim().to_ascii_lowercase().as_str() {
                "y" | "yes" => then(call),
                "n" | "no" => Ok(Outcome::Done),
                _ => Ok(question(then)),
            },
        ),
    })
}

/// Into `disk0:`, in the place of a file of that name.
pub(super) fn export(call: &mut Call<'_>, command: &TrustpoolExport) -> Result<Outcome, Failure> {
    let form = match command.form {
        None | Some(ExportForm::Pem) => Form::Pem,
        Some(ExportForm::Pkcs7) => Form::Pkcs7,
    };
    let trustpool = call.chassis.trust.trustpool();
    let bytes = trustpool.pool.export(form);
    super::files::write(call, &command.file, &bytes)
}

pub(super) fn remove(call: &mut Call<'_>, command: &TrustpoolRemove) -> Result<Outcome, Failure> {
    let fingerprint = fingerprint(&command.fingerprint).ok_or(Refusal::Value {
        expected: "40 hexadecimal digits".into(),
    })?;
    let pool = call.chassis.trust.trustpool().pool;
    let known = pool
        .certificates()
        .find(|(certificate, _)| *certificate.fingerprint() == fingerprint);
    let Some((certificate, _)) = known else {
        return Err(Refusal::NotAllowed {
            why: "The trustpool has no certificate of this fingerprint",
        }
        .into());
    };
    let text = format!(
        "You are about to remove a certificate from the trusted certificate pool:\n  {}\n",
        on_one_line(certificate.subject())
    );
    asked(call, !command.noconfirm, &text, move |call| {
        changed(call, Change::Remove(fingerprint))
    })
}

pub(super) fn clear(call: &mut Call<'_>, command: &ClearTrustpool) -> Result<Outcome, Failure> {
    let text = "You are about to clear the trusted certificate pool\n";
    asked(call, !command.noconfirm, text, |call| {
        changed(call, Change::Clear)
    })
}

fn changed(call: &mut Call<'_>, change: Change) -> Result<Outcome, Failure> {
    match call.chassis.trust.change(change) {
        Ok(_) => Ok(Outcome::Done),
        Err(fault) => Err(Failure::Action(fault.to_string())),
    }
}

/// The policy goes back to its default, as `no crypto ca trustpool policy` takes it there.
pub(super) fn clear_policy(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let command = Config::Crypto(crypto::Command::NoCaTrustpool);
    for notice in call.configure(&Scope::Global, &command)? {
        writeln!(call.out, "{notice}")?;
    }
    Ok(Outcome::Done)
}

pub(super) fn show(call: &mut Call<'_>, command: &ShowTrustpool) -> Result<Outcome, Failure> {
    let trustpool = call.chassis.trust.trustpool();
    let zone = call.chassis.owner.current().clock.zone();
    let view = views::certificates(&trustpool, &zone, command.detail);
    print(call, &view)
}

pub(super) fn show_policy(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let trustpool = call.chassis.trust.trustpool();
    let config = call.chassis.owner.current();
    print(call, &views::policy(&trustpool, &config))
}
