//! `crypto ca authenticate`: the certificate of a trust point's authority is entered, looked at, accepted by the operator, and
//! becomes a line of the running-config. What is looked at stands in trust/authority.rs.

use std::sync::Arc;

use super::{Ask, Block, Call, Failure, Outcome};
use crate::command::Config;
use crate::command::crypto::values::Serial;
use crate::command::crypto::{Certificate as Line, Command};
use crate::command::enrolment::CaAuthenticate;
use crate::config::crypto::{Enrollment, Trustpoint};
use crate::config::refusal::Kind;
use crate::config::{Refusal, Scope};
use crate::trust::api::authority::{self, Fingerprint, Role};
use crate::trust::api::certificate::{Certificate, digits};
use crate::trust::api::pasted;

pub(super) fn authenticate(
    call: &mut Call<'_>,
    command: &CaAuthenticate,
) -> Result<Outcome, Failure> {
    let trustpoint = trustpoint(call, &command.name)?;
    match trustpoint.enrollment {
        None | Some(Enrollment::Terminal) => {}
        Some(Enrollment::Itself) => {
            return Err(failed("the trustpoint signs itself; use crypto ca enroll"));
        }
        Some(Enrollment::Url(_)) => {
            return Err(failed(
                "enrollment url (SCEP) is not available; use enrollment terminal",
            ));
        }
    }
    let expected = command.fingerprint.as_deref().map(|text| {
        Fingerprint::read(text).ok_or(Refusal::Value {
            expected: "a fingerprint of 40 (SHA-1) or 64 (SHA-256) hexadecimal digits".into(),
        })
    });
    let wanted = Wanted {
        name: command.name.clone(),
        fingerprint: expected.transpose()?,
        asks: !command.nointeractive,
    };
    writeln!(
        call.out,
        "Enter the base 64 encoded CA certificate.\nEnd with a blank line or the word \"quit\" on a line by itself"
    )?;
    Ok(Outcome::Block(Block {
        until: Line::END,
        drops_answer: true,
        then: Box::new(move |lines, call| look(call, wanted, &lines)),
    }))
}

/// What the operator asked for.
struct Wanted {
    name: Arc<str>,
    fingerprint: Option<Fingerprint>,
    asks: bool,
}

fn look(call: &mut Call<'_>, wanted: Wanted, lines: &[String]) -> Result<Outcome, Failure> {
    let der = pasted::certificate(lines).map_err(failed)?;
    let certificate = Certificate::read(&der).map_err(failed)?;
    let role = authority::check(&certificate, call.chassis.clock.now()).map_err(failed)?;
    if call.caller.is_terminal {
        writeln!(call.out)?;
    }
    writeln!(
        call.out,
        "INFO: Certificate has the following attributes:\nFingerprint:     {}\nSHA-256:         {}",
        groups(certificate.fingerprint()),
        groups(&authority::sha256(&certificate)),
    )?;
    if role == Role::Itself {
        writeln!(
            call.out,
            "INFO: The certificate is not that of an authority; only the server that shows it is accepted"
        )?;
    }
    match &wanted.fingerprint {
        Some(fingerprint) if !fingerprint.is_of(&certificate) => Err(failed(
            "the fingerprint does not match; certificate not accepted",
        )),
        Some(_) => accept(call, &wanted.name, &certificate),
        None if !wanted.asks || !call.caller.is_terminal => {
            accept(call, &wanted.name, &certificate)
        }
        None => Ok(ask(wanted.name, certificate)),
    }
}

/// An answer that is none is asked for again: a certificate may have been pasted with more behind it.
fn ask(name: Arc<str>, certificate: Certificate) -> Outcome {
    Outcome::Ask(Ask {
        text: "Do you accept this certificate? [yes/no]: ".into(),
        echo: true,
        default: String::new(),
        then: Box::new(
            move |answer, call| match answer.trim().to_ascii_lowercase().as_str() {
                "y" | "yes" => accept(call, &name, &certificate),
                "n" | "no" => {
                    writeln!(call.out, "% Certificate not accepted")?;
                    Ok(Outcome::Done)
                }
                _ => {
                    writeln!(call.out, "% Please answer 'yes' or 'no'.")?;
                    Ok(ask(name, certificate))
                }
            },
        ),
    })
}

fn accept(
    call: &mut Call<'_>,
    name: &Arc<str>,
    certificate: &Certificate,
) -> Result<Outcome, Failure> {
    let chains = call
        .chassis
        .owner
        .with(|config| config.crypto.chains.clone());
    let other = chains
        .get(name)
        .and_then(|chain| chain.certificates.iter().find(|known| known.ca))
        .filter(|known| *known.der != **certificate.der());
    if let Some(other) = other {
        return Err(failed(format!(
            "the trustpoint has a CA certificate; remove it by \"no certificate ca {}\" in \"crypto ca certificate chain {name}\"",
            other.serial
        )));
    }
    add(call, name, certificate, true)?;
    if !certificate.is_self_issued() {
        writeln!(
            call.out,
            "Trustpoint '{name}' is a subordinate CA and holds a non self-signed certificate."
        )?;
    }
    writeln!(
        call.out,
        "Trustpoint CA certificate accepted.\n\n% Certificate successfully imported"
    )?;
    Ok(Outcome::Done)
}

/// The trust point of that name.
pub(super) fn trustpoint(call: &Call<'_>, name: &Arc<str>) -> Result<Arc<Trustpoint>, Refusal> {
    let known = call
        .chassis
        .owner
        .with(|config| config.crypto.trustpoints.get(name).cloned());
    known.ok_or_else(|| Refusal::NotDefined {
        kind: Kind::Trustpoint,
        name: name.clone(),
    })
}

/// Makes the certificate a line of the chain of the trust point.
pub(super) fn add(
    call: &mut Call<'_>,
    name: &Arc<str>,
    certificate: &Certificate,
    ca: bool,
) -> Result<(), Failure> {
    let Some(serial) = Serial::new(certificate.serial()) else {
        return Err(failed("the serial number is longer than 32 bytes"));
    };
    let line = Line {
        ca,
        serial,
        hex: Some(digits(certificate.der()).into()),
    };
    call.configure(
        &Scope::CertificateChain(name.clone()),
        &Config::Crypto(Command::Certificate(line)),
    )?;
    Ok(())
}

pub(super) fn failed(why: impl ToString) -> Failure {
    Failure::Action(why.to_string())
}

/// Groups of four bytes, as devices write fingerprints.
fn groups(bytes: &[u8]) -> String {
    let groups: Vec<_> = bytes.chunks(4).map(digits).collect();
    groups.join(" ")
}
