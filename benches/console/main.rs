//! The console's figures (`cargo bench --bench console [-- PART] [--rounds N] [--keys N]`): `load`, how fast a configuration
//! is read and applied; `start`, a whole process that runs one command; `keys`, from Tab to its completion on a terminal. The
//! yardstick of each is FRR's `vtysh` in the same run. docs/PERFORMANCE.md holds what they printed.

#[path = "../measure.rs"]
mod measure;
#[path = "../percentile.rs"]
mod percentile;
#[path = "../yardstick.rs"]
mod yardstick;

mod frr;
mod keys;
mod lines;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use frr::{Frr, Router};
use keys::Typist;
use measure::{Outcome, isolated, median, option, report, state_folder, watchfire};
use percentile::percentile;
use yardstick::wants;

fn main() -> ExitCode {
    isolated(|is_isolated| {
        let frr = Frr::find(is_isolated);
        if frr.is_none() {
            report("vtysh: skipped (needs root, unshare, ip and the package frr)");
        }
        if wants("load") {
            load(frr.as_ref())?;
        }
        if wants("start") {
            start(frr.as_ref())?;
        }
        if wants("keys") {
            keys(frr.as_ref())?;
        }
        Ok(())
    })
}

/// Runs a command to its end; seconds.
fn timed(command: &mut Command) -> Outcome<f64> {
    let since = Instant::now();
    let status = command.status()?;
    let taken = since.elapsed().as_secs_f64();
    if status.success() {
        Ok(taken)
    } else {
        Err(format!("{command:?} ended with {status}").into())
    }
}

/// Ours, without a startup-config and unable to send anything anywhere but to this host.
fn ours(state: &Path) -> Command {
    let mut command = Command::new(watchfire());
    command
        .arg("--state")
        .arg(state)
        .args(["--only-to", "127.0.0.0/8"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

const FEW: usize = 10_000;
const MANY: usize = 100_000;
/// More would take the peer minutes.
const PREFIXES: usize = 1_000;

fn load(frr: Option<&Frr>) -> Outcome<()> {
    let rounds = option("rounds", 5);
    let folder = tempfile::tempdir()?;
    let state = state_folder(folder.path(), "")?;
    let file = |name: &str, text: &str| -> Outcome<_> {
        let path = folder.path().join(name);
        fs::write(&path, text)?;
        Ok(path)
    };
    let empty = file("empty", "")?;
    let few = file("few", &lines::watchfire(FEW))?;
    let many = file("many", &lines::watchfire(MANY))?;
    let routes = file("routes", &lines::static_routes(FEW))?;
    let prefixes = file("prefixes", &lines::prefix_lists(PREFIXES))?;
    let (mut of_empty, mut of_few, mut of_many) = (Vec::new(), Vec::new(), Vec::new());
    let (mut of_routes, mut of_prefixes) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // A line that is refused fails the process, and with it the bench.
        of_empty.push(timed(ours(&state).arg("-f").arg(&empty))?);
        of_few.push(timed(ours(&state).arg("-f").arg(&few))?);
        of_many.push(timed(ours(&state).arg("-f").arg(&many))?);
        let Some(frr) = frr else { continue };
        let router = frr.start()?;
        of_routes.push(timed(&mut router.load(&routes))?);
        router.has_kept("ip route", FEW)?;
        if round == 0 {
            of_prefixes.push(timed(&mut router.load(&prefixes))?);
            router.has_kept("ip prefix-list", PREFIXES)?;
        }
    }
    let rate = |lines: usize, whole: &[f64]| lines as f64 / (median(whole) - median(&of_empty));
    let (at_few, at_many) = (rate(FEW, &of_few), rate(MANY, &of_many));
    report(format_args!(
        "load: watchfire -f, an empty file: {:.1} ms",
        median(&of_empty) * 1e3
    ));
    for (lines, whole, rate) in [(FEW, &of_few, at_few), (MANY, &of_many, at_many)] {
        report(format_args!(
            "load: watchfire -f, {lines} lines: {:.1} ms, less the empty file {rate:.0} lines/s",
            median(whole) * 1e3
        ));
    }
    report(format_args!(
        "load: watchfire, the rate at {MANY} lines is {:.2} of that at {FEW}",
        at_many / at_few
    ));
    if frr.is_some() {
        for (what, lines, whole) in [
            ("static routes", FEW, &of_routes),
            ("prefix-list lines", PREFIXES, &of_prefixes),
        ] {
            let rate = lines as f64 / median(whole);
            report(format_args!(
                "load: vtysh -f, {lines} {what}, {} rounds: {rate:.0} lines/s; watchfire at {FEW} lines {:.0}x",
                whole.len(),
                at_few / rate
            ));
        }
    }
    Ok(())
}

fn start(frr: Option<&Frr>) -> Outcome<()> {
    let runs = option("rounds", 5) * 10;
    let folder = tempfile::tempdir()?;
    let state = state_folder(folder.path(), "")?;
    let router = frr.map(Frr::start).transpose()?;
    let mut taken: [Vec<f64>; 3] = Default::default();
    for _ in 0..runs {
        let [bare, own, peer] = &mut taken;
        bare.push(timed(&mut Command::new("true"))?);
        own.push(timed(ours(&state).args(["-c", "show version"]))?);
        if let Some(router) = &router {
            peer.push(timed(router.vtysh().args(["-c", "show version"]))?);
        }
    }
    let [bare, own, peer] =
        taken.map(|taken| (median(&taken) * 1e3, percentile(&taken, 0.9) * 1e3));
    let line = |what: &str, (middle, most): (f64, f64)| {
        report(format_args!(
            "start: {what}: median {middle:.2} ms, p90 {most:.2} ms"
        ));
    };
    line("true", bare);
    line("watchfire -c 'show version'", own);
    if router.is_some() {
        line("vtysh -c 'show version'", peer);
        report(format_args!(
            "start: watchfire takes {:.3} of vtysh's time",
            own.0 / peer.0
        ));
    }
    Ok(())
}

fn keys(frr: Option<&Frr>) -> Outcome<()> {
    let times = option("keys", 300);
    let router: Option<Router> = frr.map(Frr::start).transpose()?;
    let mut peer = None;
    if let Some(router) = &router {
        let folder = tempfile::tempdir()?;
        let routes = folder.path().join("routes");
        fs::write(&routes, lines::static_routes(10_000))?;
        timed(&mut router.load(&routes))?;
        let (mut typist, prompted) = Typist::start(&mut router.vtysh(), "#")?;
        let taken = typist.complete("show ip ro", "ute", times)?;
        peer = Some(percentile(&taken, 0.99));
        told(
            "vtysh, 10000 static routes",
            prompted.as_secs_f64(),
            &taken,
            None,
        );
    }
    for count in [10_000, 100_000] {
        let folder = tempfile::tempdir()?;
        let mut startup = lines::watchfire(count);
        startup += "logging discriminator EDGE severity drops 7\n";
        let state = state_folder(folder.path(), &startup)?;
        let (mut typist, prompted) = Typist::start(&mut ours(&state), ">")?;
        typist.enter("enable", "#")?;
        typist.enter("configure terminal", "(config)#")?;
        let keyword = typist.complete("logging disc", "riminator", times)?;
        let what = format!("watchfire, {count} lines, a keyword");
        told(&what, prompted.as_secs_f64(), &keyword, peer);
        let name = typist.complete("no logging discriminator ED", "EDGE", times)?;
        let what = format!("watchfire, {count} lines, a name");
        told(&what, prompted.as_secs_f64(), &name, peer);
    }
    Ok(())
}

fn told(what: &str, prompted: f64, taken: &[f64], peer: Option<f64>) {
    let last = percentile(taken, 0.99);
    let against = peer.map(|peer| format!("; p99 {:.2} of vtysh's", last / peer));
    report(format_args!(
        "keys: {what}: p50 {:.3} ms, p99 {last:.3} ms of {} keys; first prompt after {:.0} ms{}",
        percentile(taken, 0.5),
        taken.len(),
        prompted * 1e3,
        against.unwrap_or_default()
    ));
}
