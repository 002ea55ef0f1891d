//! `crypto key generate`, `crypto key zeroize` and `show crypto key mypubkey`. The keys are the trust room's; what is printed is
//! the public part.

use std::sync::Arc;

use super::authorities::failed;
use super::show::print;
use super::{Ask, Call, Failure, Outcome};
use crate::command::enrolment::{KeyGenerateEcdsa, KeyGenerateRsa, KeyKind, KeyZeroize};
use crate::show;
use crate::trust::api::keys::{KeyPair, Keys, Kind};

/// What is to be generated.
struct Wanted {
    kind: Kind,
    label: Arc<str>,
    bits: u16,
}

pub(super) fn generate_rsa(
    call: &mut Call<'_>,
    command: &KeyGenerateRsa,
) -> Result<Outcome, Failure> {
    generate(
        call,
        Wanted::new(Kind::Rsa, command.label.as_ref(), command.modulus),
        command.noconfirm,
    )
}

pub(super) fn generate_ecdsa(
    call: &mut Call<'_>,
    command: &KeyGenerateEcdsa,
) -> Result<Outcome, Failure> {
    generate(
        call,
        Wanted::new(Kind::Ecdsa, command.label.as_ref(), command.curve),
        command.noconfirm,
    )
}

impl Wanted {
    fn new(kind: Kind, label: Option<&Arc<str>>, bits: Option<u16>) -> Self {
        let default = kind.sizes().first().copied().unwrap_or_default();
        Self {
            kind,
            label: label.map_or_else(|| kind.default_label().into(), Arc::clone),
            bits: bits.unwrap_or(default),
        }
    }
}

/// One that exists is replaced after a question; off a terminal it stays unless `noconfirm` was typed.
fn generate(call: &mut Call<'_>, wanted: Wanted, noconfirm: bool) -> Result<Outcome, Failure> {
    if !wanted.kind.sizes().contains(&wanted.bits) {
        return Err(failed(wanted.kind.no_such_size()));
    }
    let known = keys(call)?.find(&wanted.label).map_err(failed)?;
    match known {
        Some(known) if known.kind != wanted.kind => Err(failed(format!(
            "key pair {} exists and is of the other kind",
            wanted.label
        ))),
        Some(_) if noconfirm => make(call, &wanted, true),
        Some(_) => {
            writeln!(
                call.out,
                "WARNING: You have a {} keypair already defined named {}.\n",
                wanted.kind.name(),
                wanted.label
            )?;
            Ok(Outcome::Ask(Ask {
                text: "Do you really want to replace them? [yes/no]: ".into(),
                echo: true,
                default: "no".into(),
                then: Box::new(move |answer, call| match is_yes(&answer) {
                    true => make(call, &wanted, true),
                    false => kept(call),
                }),
            }))
        }
        None => make(call, &wanted, false),
    }
}

fn make(call: &mut Call<'_>, wanted: &Wanted, replace: bool) -> Result<Outcome, Failure> {
    writeln!(
        call.out,
        "INFO: The name for the keys will be: {}\nKeypair generation process begin. Please wait...",
        wanted.label
    )?;
    call.out.flush()?;
    let now = call.chassis.clock.now();
    keys(call)?
        .generate(wanted.kind, &wanted.label, wanted.bits, now, replace)
        .map_err(failed)?;
    Ok(Outcome::Done)
}

pub(super) fn zeroize(call: &mut Call<'_>, command: &KeyZeroize) -> Result<Outcome, Failure> {
    let kind = kind(command.kind);
    let mut pairs = keys(call)?.list().map_err(failed)?;
    pairs.retain(|pair| {
        let label = command.label.as_deref();
        pair.kind == kind && label.is_none_or(|label| *label == *pair.label)
    });
    if pairs.is_empty() {
        return Err(failed(match &command.label {
            Some(label) => format!("key pair {label} does not exist"),
            None => format!("there are no {} key pairs", kind.name()),
        }));
    }
    if command.noconfirm {
        warn_of_users(call, &pairs)?;
        return remove(call, &pairs);
    }
    match &command.label {
        None => writeln!(
            call.out,
            "WARNING: All {} keys will be removed.",
            kind.name()
        )?,
        Some(label) => writeln!(call.out, "WARNING: Keys {label} will be removed.")?,
    }
    warn_of_users(call, &pairs)?;
    writeln!(call.out)?;
    Ok(Outcome::Ask(Ask {
        text: "Do you really want to remove these keys? [yes/no]: ".into(),
        echo: true,
        default: "no".into(),
        then: Box::new(move |answer, call| match is_yes(&answer) {
            true => remove(call, &pairs),
            false => kept(call),
        }),
    }))
}

fn remove(call: &mut Call<'_>, pairs: &[KeyPair]) -> Result<Outcome, Failure> {
    let keys = keys(call)?;
    for pair in pairs {
        keys.zeroize(pair.kind, &pair.label).map_err(failed)?;
    }
    Ok(Outcome::Done)
}

/// Off a terminal a question that was answered by its default has to be told.
fn kept(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    if !call.caller.is_terminal {
        return Err(failed(
            "nothing was changed; noconfirm does it without a question",
        ));
    }
    Ok(Outcome::Done)
}

fn warn_of_users(call: &mut Call<'_>, pairs: &[KeyPair]) -> Result<(), Failure> {
    for (label, trustpoint) in users(call, pairs) {
        writeln!(
            call.out,
            "WARNING: Keys {label} are in use by trustpoint {trustpoint}, which will have no key."
        )?;
    }
    Ok(())
}

/// Trust points that name one of the pairs.
fn users(call: &Call<'_>, pairs: &[KeyPair]) -> Vec<(Arc<str>, Arc<str>)> {
    call.chassis.owner.with(|config| {
        let named = config.crypto.trustpoints.iter();
        let named = named.filter_map(|(name, point)| Some((point.keypair.clone()?, name.clone())));
        named
            .filter(|(label, _)| pairs.iter().any(|pair| *pair.label == **label))
            .collect()
    })
}

pub(super) fn show(call: &mut Call<'_>, of: KeyKind) -> Result<Outcome, Failure> {
    let mut pairs = keys(call)?.list().map_err(failed)?;
    pairs.retain(|pair| pair.kind == kind(of));
    let zone = call.chassis.owner.with(|config| config.clock.zone());
    print(call, &show::key_pairs::view(&pairs, &zone))
}

pub(super) fn keys(call: &Call<'_>) -> Result<Keys, Failure> {
    Keys::of(&call.chassis.state).map_err(failed)
}

fn kind(kind: KeyKind) -> Kind {
    match kind {
        KeyKind::Rsa => Kind::Rsa,
        KeyKind::Ecdsa => Kind::Ecdsa,
    }
}

pub(super) fn is_yes(answer: &str) -> bool {
    let answer = answer.trim();
    answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes")
}
