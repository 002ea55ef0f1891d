//! `crypto ca enroll`, `crypto ca import NAME certificate` and `crypto ca export NAME identity-certificate`: how the device gets
//! its own certificate. What a certificate says and whether one is taken stands in trust/enrol.rs.

use std::sync::Arc;

use super::authorities::{add, failed, trustpoint};
use super::key_pairs::{is_yes, keys};
use super::{Ask, Block, Call, Failure, Outcome};
use crate::command::crypto::Certificate as Line;
use crate::command::enrolment::{CaEnroll, CaImportCertificate};
use crate::config::crypto::{Enrollment, Trustpoint};
use crate::trust::api::certificate::Certificate;
use crate::trust::api::enrol::{self, Wanted};
use crate::trust::api::keys::{KeyPair, Kind};
use crate::trust::api::pasted;

/// What one `crypto ca enroll` is about.
struct Enrolling {
    name: Arc<str>,
    is_self: bool,
    pair: KeyPair,
    wanted: Wanted,
    serial: Option<String>,
}

pub(super) fn enroll(call: &mut Call<'_>, command: &CaEnroll) -> Result<Outcome, Failure> {
    let trustpoint = trustpoint(call, &command.name)?;
    let is_self = match &trustpoint.enrollment {
        Some(Enrollment::Itself) => true,
        Some(Enrollment::Terminal) => false,
        Some(Enrollment::Url(_)) => {
            return Err(failed(
                "enrollment url (SCEP) is not available; use enrollment terminal",
            ));
        }
        None => {
            return Err(failed(
                "the trustpoint has no enrollment; use enrollment terminal or self",
            ));
        }
    };
    let serial = call.chassis.facts.serial();
    let hostname = call
        .chassis
        .owner
        .with(|config| config.system.hostname().to_owned());
    let enrolling = Enrolling {
        pair: pair_of(call, &trustpoint)?,
        wanted: Wanted::of(&trustpoint, &hostname, serial.clone()),
        name: command.name.clone(),
        is_self,
        serial,
    };
    if !is_self {
        writeln!(call.out, "% Start certificate enrollment ..")?;
    }
    if let Some(subject) = &enrolling.wanted.subject {
        writeln!(
            call.out,
            "% The subject name in the certificate will be: {subject}"
        )?;
    }
    match &enrolling.wanted.fqdn {
        Some(name) => writeln!(
            call.out,
            "% The fully-qualified domain name in the certificate will be: {name}"
        )?,
        None => writeln!(
            call.out,
            "% The fully-qualified domain name will not be included in the certificate"
        )?,
    }
    match &enrolling.wanted.serial {
        Some(serial) => writeln!(
            call.out,
            "% The serial number in the certificate will be: {serial}"
        )?,
        None if trustpoint.serial_number => writeln!(
            call.out,
            "WARNING: this host tells no serial number; there will be none in the certificate"
        )?,
        None => {}
    }
    if command.noconfirm || !call.caller.is_terminal {
        return finish(call, &enrolling);
    }
    if !trustpoint.serial_number && enrolling.serial.is_some() {
        return Ok(ask_for_serial(enrolling));
    }
    Ok(ask_to_go_on(enrolling))
}

/// The key pair that the trust point names, or the one without a name.
pub(super) fn pair_of(call: &Call<'_>, trustpoint: &Trustpoint) -> Result<KeyPair, Failure> {
    let label = trustpoint
        .keypair
        .as_deref()
        .unwrap_or(Kind::Rsa.default_label());
    let known = keys(call)?.find(label).map_err(failed)?;
    known.ok_or_else(|| {
        failed(format!(
            "key pair {label} does not exist; use \"crypto key generate\""
        ))
    })
}

fn ask_for_serial(mut enrolling: Enrolling) -> Outcome {
    Outcome::Ask(Ask {
        text: "% Include the device serial number in the subject name? [yes/no]: ".into(),
        echo: true,
        default: "no".into(),
        then: Box::new(move |answer, _| {
            if is_yes(&answer) {
                enrolling.wanted.serial.clone_from(&enrolling.serial);
            }
            Ok(ask_to_go_on(enrolling))
        }),
    })
}

fn ask_to_go_on(enrolling: Enrolling) -> Outcome {
    Outcome::Ask(Ask {
        text: match enrolling.is_self {
            true => "Generate Self-Signed Certificate? [yes/no]: ".into(),
            false => "Display Certificate Request to terminal? [yes/no]: ".into(),
        },
        echo: true,
        default: "yes".into(),
        then: Box::new(move |answer, call| match is_yes(&answer) {
            true => finish(call, &enrolling),
            false => Ok(Outcome::Done),
        }),
    })
}

fn finish(call: &mut Call<'_>, enrolling: &Enrolling) -> Result<Outcome, Failure> {
    let Enrolling {
        name, pair, wanted, ..
    } = enrolling;
    let keys = keys(call)?;
    if enrolling.is_self {
        let now = call.chassis.clock.now();
        let certificate = enrol::self_signed(wanted, &keys, pair, now).map_err(failed)?;
        replace(call, name, &certificate)?;
        return Ok(Outcome::Done);
    }
    let request = enrol::request(wanted, &keys, pair).map_err(failed)?;
    writeln!(
        call.out,
        "Certificate Request follows:\n{}\n---End - This line not part of the certificate request---",
        request.trim_end()
    )?;
    Ok(Outcome::Done)
}

/// The device has one certificate of its own for each trust point: the one before goes.
pub(super) fn replace(
    call: &mut Call<'_>,
    name: &Arc<str>,
    certificate: &Certificate,
) -> Result<(), Failure> {
    add(call, name, certificate, false)?;
    call.edit(|config| {
        Arc::make_mut(&mut config.crypto).keep_one_identity(name, certificate.serial());
        Ok(())
    })
}

pub(super) fn import(
    call: &mut Call<'_>,
    command: &CaImportCertificate,
) -> Result<Outcome, Failure> {
    let trustpoint = trustpoint(call, &command.name)?;
    let pair = pair_of(call, &trustpoint)?;
    let authorities = authorities(call, &command.name);
    if authorities.is_empty() {
        return Err(failed(format!(
            "the trustpoint has no CA certificate; use \"crypto ca authenticate {}\" first",
            command.name
        )));
    }
    writeln!(
        call.out,
        "Enter the base 64 encoded certificate.\nEnd with a blank line or the word \"quit\" on a line by itself"
    )?;
    let name = command.name.clone();
    Ok(Outcome::Block(Block {
        until: Line::END,
        drops_answer: true,
        then: Box::new(move |lines, call| {
            let der = pasted::certificate(&lines).map_err(failed)?;
            let certificate = Certificate::read(&der).map_err(failed)?;
            let now = call.chassis.clock.now();
            enrol::check(&certificate, &pair, &authorities, now).map_err(failed)?;
            replace(call, &name, &certificate)?;
            writeln!(call.out, "INFO: Certificate successfully imported")?;
            Ok(Outcome::Done)
        }),
    }))
}

/// The CA certificates of a trust point that can be read.
fn authorities(call: &Call<'_>, name: &str) -> Vec<Certificate> {
    held(call, name, true)
}

pub(super) fn held(call: &Call<'_>, name: &str, ca: bool) -> Vec<Certificate> {
    let chain = call
        .chassis
        .owner
        .with(|config| config.crypto.chains.get(name).cloned());
    let lines = chain.iter().flat_map(|chain| &chain.certificates);
    lines
        .filter(|line| line.ca == ca)
        .filter_map(|line| Certificate::read(&line.der).ok())
        .collect()
}

/// The device's own certificate for that trust point.
pub(super) fn identity(call: &Call<'_>, name: &str) -> Result<Certificate, Failure> {
    held(call, name, false)
        .into_iter()
        .next()
        .ok_or_else(|| failed("the trustpoint has no certificate of this device"))
}

pub(super) fn export_identity(call: &mut Call<'_>, name: &Arc<str>) -> Result<Outcome, Failure> {
    trustpoint(call, name)?;
    let certificate = identity(call, name)?;
    let text = enrol::certificate_in_pem(&certificate);
    writeln!(
        call.out,
        "The PEM encoded identity certificate follows:\n{}",
        text.trim_end()
    )?;
    Ok(Outcome::Done)
}
