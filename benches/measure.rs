//! What all benches measure with: medians, options, the program under measurement, processes that end with their owner,
//! and a network name space of the bench's own. What is measured is decided elsewhere.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Prints a line of the report; a reader that has gone is no reason to stop measuring.
pub(crate) fn report(line: impl std::fmt::Display) {
    writeln!(io::stdout(), "{line}").unwrap_or_default();
}

/// The middle of some values; the mean of the two in the middle when they are even in number, and 0 for none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len() % 2) {
        (None, _) => 0.0,
        (Some(upper), 1) => *upper,
        (Some(upper), _) => sorted
            .get(middle - 1)
            .map_or(*upper, |lower| f64::midpoint(*lower, *upper)),
    }
}

/// `--name VALUE` among the bench's arguments, or `default`.
pub(crate) fn option(name: &str, default: usize) -> usize {
    let wanted = format!("--{name}");
    let mut arguments = env::args().skip_while(|argument| *argument != wanted);
    arguments
        .nth(1)
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

/// The program under measurement: the one of this build, or another that `WATCHFIRE` names.
pub(crate) fn watchfire() -> PathBuf {
    env::var_os("WATCHFIRE").map_or_else(|| env!("CARGO_BIN_EXE_watchfire").into(), PathBuf::from)
}

/// A process that is told to end, and waited for, when this goes out of scope.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.0.id()) {
            let pid = nix::unistd::Pid::from_raw(pid);
            nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap_or_default();
        }
        let since = Instant::now();
        while !self.has_ended() {
            if since.elapsed() > Duration::from_secs(5) {
                self.0.kill().unwrap_or_default();
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Waits until something is so.
pub(crate) fn wait_until(
    what: &str,
    limit: Duration,
    mut is_so: impl FnMut() -> bool,
) -> Outcome<()> {
    let since = Instant::now();
    while !is_so() {
        if since.elapsed() > limit {
            return Err(format!("{what}: not within {} s", limit.as_secs()).into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Runs the bench in a network name space that holds nothing but its own loopback, so that neither we nor a peer can
/// reach anything; where that is not allowed, here. `is_isolated` tells the bench which it was.
pub(crate) fn isolated(run: impl FnOnce(bool) -> Outcome<()>) -> ExitCode {
    let is_inside = env::var_os(INSIDE).is_some();
    if !is_inside && let Some(code) = inside() {
        return code;
    }
    match run(is_inside) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(io::stderr(), "{error}").unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}

const INSIDE: &str = "WATCHFIRE_BENCH_ISOLATED";

/// The same bench once more, isolated; `None` when this user or host cannot do that.
fn inside() -> Option<ExitCode> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--net", "sh", "-c", script]);
        command
    };
    let probe = unshare("ip link set lo up")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        return None;
    }
    let bench = env::current_exe().ok()?;
    let status = unshare("ip link set lo up && exec \"$0\" \"$@\"")
        .arg(bench)
        .args(env::args_os().skip(1))
        .env(INSIDE, "1")
        .status()
        .ok()?;
    Some(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A state folder with this startup-config.
pub(crate) fn state_folder(parent: &Path, startup: &str) -> io::Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let state = parent.join("state");
    fs::create_dir(&state)?;
    fs::set_permissions(&state, fs::Permissions::from_mode(0o700))?;
    fs::write(state.join("startup-config"), startup)?;
    Ok(state)
}
