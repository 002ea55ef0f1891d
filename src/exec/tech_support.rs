//! `show tech-support [no-config]`: runs other show commands and prints what they printed, each bounded, without the secrets
//! that would leave the machine with it (C2.8).

use std::io::{self, Write};

use super::show::print;
use super::{Call, Failure, Format, Outcome};
use crate::command::Exec;
use crate::command::call_home::{Show, View};
use crate::command::exec::{
    ShowClock, ShowInterface, ShowMemory, ShowPerfmon, ShowRunningConfig, ShowStartupConfig,
};
use crate::config::masking;
use crate::show::tech_support::{self, Part};

/// Bytes of one command's output.
const MOST: usize = 256 << 10;

const CUT: &[u8] = b"\n<--- The rest of this output is left out --->\n";

/// Without `no_config`, the configurations as well.
pub(super) fn show(call: &mut Call<'_>, no_config: bool) -> Result<Outcome, Failure> {
    let mut commands = about_the_device();
    if !no_config {
        commands.extend(configurations());
    }
    let parts = commands
        .into_iter()
        .map(|(command, exec)| output(call, &exec).map(|output| Part { command, output }))
        .collect::<Result<_, _>>()?;
    print(call, &tech_support::View { parts })
}

fn about_the_device() -> Vec<(&'static str, Exec)> {
    vec![
        ("show version", Exec::ShowVersion),
        (
            "show clock detail",
            Exec::ShowClock(ShowClock { detail: true }),
        ),
        ("show inventory", Exec::ShowInventory),
        ("show module", Exec::ShowModule),
        ("show environment", Exec::ShowEnvironment),
        ("show cpu usage", Exec::ShowCpuUsage),
        (
            "show memory detail",
            Exec::ShowMemory(ShowMemory { detail: true }),
        ),
        (
            "show interface",
            Exec::ShowInterface(ShowInterface { name: None }),
        ),
        ("show route", Exec::ShowRoute),
        ("show ipv6 route", Exec::ShowIpv6Route),
        ("show traffic", Exec::ShowTraffic),
        (
            "show perfmon detail",
            Exec::ShowPerfmon(ShowPerfmon { detail: true }),
        ),
        ("show conn count", Exec::ShowConnCount),
        ("show logging setting", Exec::ShowLoggingSetting),
        ("show logging input", Exec::ShowLoggingInput),
        ("show logging queue", Exec::ShowLoggingQueue),
        ("show logging outages", Exec::ShowLoggingOutages),
        (
            "show call-home detail",
            Exec::ShowCallHome(Show {
                view: Some(View::Detail),
            }),
        ),
        ("show crashinfo", Exec::ShowCrashinfo),
    ]
}

fn configurations() -> Vec<(&'static str, Exec)> {
    let all_of_it = ShowRunningConfig {
        all: false,
        section: None,
    };
    vec![
        ("show running-config", Exec::ShowRunningConfig(all_of_it)),
        (
            "show startup-config errors",
            Exec::ShowStartupConfig(ShowStartupConfig { errors: true }),
        ),
    ]
}

/// What a command prints. One that fails says why in its place; Ctrl-C ends them all.
fn output(call: &mut Call<'_>, exec: &Exec) -> Result<String, Failure> {
    let mut out = Bounded::default();
    let mut inner = Call {
        chassis: call.chassis,
        caller: &mut *call.caller,
        format: Format::Text,
        out: &mut out,
        interrupt: call.interrupt,
        changed: false,
    };
    match super::run(exec, &mut inner) {
        Ok(_) | Err(Failure::Said) => {}
        Err(Failure::Action(why)) => writeln!(out, "ERROR: {why}")?,
        Err(Failure::Refusal(refusal)) => writeln!(out, "ERROR: {refusal}")?,
        Err(failure @ Failure::Output(_)) => return Err(failure),
    }
    Ok(masking::mask_output(&out.into_text()))
}

/// Takes everything and keeps so much of it.
#[derive(Default)]
struct Bounded {
    kept: Vec<u8>,
    is_cut: bool,
}

impl Bounded {
    fn into_text(mut self) -> String {
        if self.is_cut {
            // No line is shown by half: a secret in it would no longer be known as one.
            let whole = self.kept.iter().rposition(|byte| *byte == b'\n');
            self.kept.truncate(whole.unwrap_or(0));
            self.kept.extend_from_slice(CUT);
        }
        String::from_utf8_lossy(&self.kept).into_owned()
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MOST.saturating_sub(self.kept.len());
        self.kept.extend(bytes.iter().take(room));
        self.is_cut |= bytes.len() > room;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_that_is_too_long_ends_with_a_whole_line_and_says_so() {
        let mut out = Bounded::default();
        for _ in 0..MOST {
            writeln!(out, "a line").expect("taken");
        }
        let text = out.into_text();
        assert!(text.len() <= MOST + CUT.len());
        assert!(text.ends_with("a line\n<--- The rest of this output is left out --->\n"));
    }

    #[test]
    fn an_output_that_fits_is_kept_as_it_is() {
        let mut out = Bounded::default();
        out.write_all(&[b'x'; MOST]).expect("taken");
        assert_eq!(out.into_text().len(), MOST);
    }
}
