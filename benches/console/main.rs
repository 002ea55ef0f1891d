//! The console's figures (`cargo bench --bench console [-- PART] [--rounds N] [--keys N]`): `load`, how fast a configuration
//! is read and applied; `start`, a whole process that runs one command; `keys`, from Tab to its completion on a terminal. The
//! yardstick of each is FRR's `vtysh` in the same run. docs/PERFORMANCE.md holds what they printed.

#[path = "../measure.rs"]
mod measure;

mod frr;
mod keys;
mod lines;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use frr::{Frr, Router};
use keys::Typist;
use measure::{
    Outcome, isolated, median, option, percentile, report, state_folder, wants, watchfire,
};

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

/// Lines a second, of the whole process less one that loads an empty file.
fn rate(lines: usize, whole: &[f64], empty: &[f64]) -> f64 {
    lines as f64 / (median(whole) - median(empty)).max(1e-6)
}

fn load(frr: Option<&Frr>) -> Outcome<()> {
    let rounds = option("rounds", 5);
    let folder = tempfile::tempdir()?;
    let state = state_folder(folder.path(), "")?;
    let file = |name: &str, text: &str| -> Outcome<_> {
        let path = folder.path().join(name);
        fs::write(&path, text)?;
        Ok(path)
    };
    const FEW: usize = 10_000;
    const MANY: usize = 100_000;
    const PREFIXES: usize = 1_000;
    let empty = file("empty", "")?;
    let few = file("few", &lines::watchfire(FEW))?;
    let many = file("many", &lines::watchfire(MANY))?;
    let routes = file("routes", &lines::static_routes(FEW))?;
    let prefixes = file("prefixes", &lines::prefix_lists(PREFIXES))?;
    let mut ours_taken: [Vec<f64>; 3] = Default::default();
    let mut peer_taken: [Vec<f64>; 2] = Default::default();
    let mut kept = (0, 0);
    for round in 0..rounds {
        for (taken, file) in ours_taken.iter_mut().zip([&empty, &few, &many]) {
            taken.push(timed(ours(&state).arg("-f").arg(file))?);
        }
        // A router cannot be loaded twice, and its prefix lists take minutes.
        if let Some(frr) = frr {
            let router = frr.start()?;
            if let [static_taken, prefix_taken] = &mut peer_taken {
                static_taken.push(timed(&mut router.load(&routes))?);
                kept.0 = router.kept("ip route")?;
                if round == 0 {
                    prefix_taken.push(timed(&mut router.load(&prefixes))?);
                    kept.1 = router.kept("ip prefix-list")?;
                }
            }
        }
    }
    let [none, few, many] = &ours_taken;
    let (at_few, at_many) = (rate(FEW, few, none), rate(MANY, many, none));
    report(format_args!(
        "load: watchfire -f, {FEW} lines: {:.1} ms of {:.1} ms, {at_few:.0} lines/s",
        (median(few) - median(none)) * 1e3,
        median(few) * 1e3
    ));
    report(format_args!(
        "load: watchfire -f, {MANY} lines: {:.1} ms, {at_many:.0} lines/s; {:.2} of the rate at {FEW}",
        (median(many) - median(none)) * 1e3,
        at_many / at_few
    ));
    if let ([routes, prefixes], Some(_)) = (&peer_taken, frr) {
        let (of_routes, of_prefixes) = (rate(kept.0, routes, &[]), rate(kept.1, prefixes, &[]));
        report(format_args!(
            "load: vtysh -f, {} static routes: {of_routes:.0} lines/s; watchfire {:.0}x",
            kept.0,
            at_few / of_routes
        ));
        report(format_args!(
            "load: vtysh -f, {} prefix-list lines, one round: {of_prefixes:.0} lines/s; watchfire {:.0}x",
            kept.1,
            at_few / of_prefixes
        ));
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
        let state = state_folder(folder.path(), &lines::watchfire(count))?;
        let (mut typist, prompted) = Typist::start(&mut ours(&state), ">")?;
        typist.enter("enable", "#")?;
        typist.enter("configure terminal", "(config)#")?;
        let keyword = typist.complete("logging disc", "riminator", times)?;
        let what = format!("watchfire, {count} lines, a keyword");
        told(&what, prompted.as_secs_f64(), &keyword, peer);
        let name = typist.complete("no logging discriminator D0000", "D0000", times)?;
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
