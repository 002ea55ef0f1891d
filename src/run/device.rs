//! Puts one device together: state folder, clock, facts, engines, the owner of the running-config; and takes it apart.

use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, Weak};

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::MissedTickBehavior;

use super::arguments::Arguments;
use super::say;
use crate::call_home;
use crate::device::HostFacts;
use crate::device::clock::{Clock, SystemClock};
use crate::device::history::{self, History};
use crate::exec::Caller;
use crate::exec::chassis::Chassis;
use crate::exec::owner::Owner;
use crate::message::{Own, Say};
use crate::net::kernel;
use crate::net::only_to::OnlyTo;
use crate::shell::merge::{self, Reading};
use crate::state::Folder;
use crate::syslog::{self, api::Syslog};
use crate::trust;
use crate::trust::names::{self, Finder};

/// A running device and the runtime its engines live on.
pub(super) struct Device {
    pub(super) chassis: Arc<Chassis>,
    runtime: Runtime,
    /// What reading the startup-config gave; `None` when there was none.
    startup: Option<Reading>,
}

impl Device {
    /// Starts the engines with the configuration of a startup-config. Nothing is opened that it does not say (C1.13); a bad
    /// line is noted and skipped (C2.2).
    pub(super) fn start(
        state: Folder,
        startup: Option<Vec<u8>>,
        only_to: OnlyTo,
        input_roots: Vec<PathBuf>,
    ) -> std::io::Result<Self> {
        let startup = startup.map(|bytes| Reading::of(&merge::text_of(bytes)));
        let config = startup.as_ref().map(|reading| reading.config.clone());
        let startup_errors = startup.as_ref().map(Reading::errors);
        spare_descriptors()?;
        kernel::return_large_blocks();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(16)
            .thread_name("control")
            .enable_all()
            .build()?;
        ignore_file_size_signal(&runtime);
        let state = Arc::new(state);
        let owner = Owner::new(config.unwrap_or_default());
        let clock = Arc::new(SystemClock::start());
        let facts = Arc::new(HostFacts::default());
        let finder = Finder::new(names::Outside {
            published: owner.subscribe(),
            clock: clock.clone(),
            facts: facts.clone(),
            only_to: only_to.clone(),
            port: names::PORT,
        });
        let syslog = syslog::engine::start(
            runtime.handle(),
            owner.subscribe(),
            syslog::engine::Outside {
                clock: clock.clone(),
                fence: only_to.clone(),
                state: state.clone(),
                input_roots,
                names: finder.hosts(),
            },
        )?;
        let revocation =
            trust::revocation_check::Revocation::new(trust::revocation_check::Outside {
                clock: clock.clone(),
                say: Arc::new(Voice(syslog.clone())),
                only_to: only_to.clone(),
                names: finder.hosts(),
                published: owner.subscribe(),
            });
        let trust = trust::engine::start(
            runtime.handle(),
            owner.subscribe(),
            trust::engine::Outside {
                names: finder.hosts(),
                revocation: Some(revocation.clone()),
                ..trust::engine::Outside::new(
                    state.clone(),
                    clock.clone(),
                    Arc::new(Voice(syslog.clone())),
                    only_to.clone(),
                )
            },
        );
        let later: Arc<OnceLock<Weak<Chassis>>> = Arc::default();
        finder.say_to(Arc::new(Voice(syslog.clone())));
        let outside = call_home::engine::Outside {
            clock: clock.clone(),
            facts: facts.clone(),
            collect: super::collect::collector(later.clone()),
            say: Arc::new(Voice(syslog.clone())),
            only_to,
            names: finder.collectors(),
            trust: trust.clone(),
            state: Some(state.clone()),
        };
        let history: Arc<History> = Arc::default();
        runtime.spawn(keep_history(history.clone(), facts.clone(), clock.clone()));
        let call_home = call_home::engine::start(runtime.handle(), owner.subscribe(), outside);
        trust::alerts::start(
            runtime.handle(),
            owner.subscribe(),
            clock.clone(),
            Arc::new(Voice(syslog.clone())),
        );
        owner.wait_for(syslog.taken_over());
        owner.wait_for(trust.taken_over());
        owner.wait_for(call_home.taken_over());
        let chassis = Arc::new(Chassis {
            owner,
            clock,
            facts,
            history,
            state,
            syslog,
            call_home,
            crls: Arc::new(trust::revocation_desk::Desk {
                revocation,
                runtime: runtime.handle().clone(),
            }),
            trust,
            names: finder,
            startup_errors: Mutex::new(startup_errors.unwrap_or_default()),
            last_change: Mutex::default(),
        });
        later.get_or_init(|| Arc::downgrade(&chassis));
        Ok(Self {
            chassis,
            runtime,
            startup,
        })
    }

    /// Says what reading the startup-config gave, to the log and to standard error.
    pub(super) fn tell_start(&self, caller: &Caller) {
        if let Some(reading) = &self.startup {
            reading.tell_start(&self.chassis, caller, &mut std::io::stderr());
        }
    }

    /// `-f FILE`: refusals go to standard error; whether there were any.
    pub(super) fn merge_files(&self, arguments: &Arguments) -> bool {
        let caller = Caller::of_this_host(false);
        let mut failed = false;
        for file in &arguments.input.file {
            failed |= match merge::file(&self.chassis, &caller, file, &mut std::io::stderr()) {
                Ok(tally) => tally.refused() > 0,
                Err(error) => {
                    say(&format!("{}: {error}", file.display()));
                    true
                }
            };
        }
        failed
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Before the end of the process: inputs leave no socket behind and write down how far they have read, and the rows of
    /// sessions that are gone leave the disk. Where nothing was ever configured there is none of it.
    pub(super) fn leave(&self) {
        self.chassis.call_home.close();
        let owner = &self.chassis.owner;
        if owner.publish() > 1 || owner.with(|config| !config.logging.inputs.is_empty()) {
            self.chassis.syslog.close();
        }
    }
}

/// Takes the readings from which loads and rates are told, as long as the device runs.
async fn keep_history(history: Arc<History>, facts: Arc<HostFacts>, clock: Arc<SystemClock>) {
    let mut ticks = tokio::time::interval(history::EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        history.sample(&*facts, clock.monotonic());
    }
}

/// How other rooms say their messages.
struct Voice(Arc<dyn Syslog>);

impl Say for Voice {
    fn say(&self, message: Own) {
        self.0.say(message);
    }
}

/// tokio's signal driver panics where it gets no descriptors; a start that would is refused instead.
fn spare_descriptors() -> std::io::Result<()> {
    let stderr = std::io::stderr();
    let spare: std::io::Result<Vec<_>> = (0..SPARE)
        .map(|_| stderr.as_fd().try_clone_to_owned())
        .collect();
    spare.map(drop)
}

const SPARE: usize = 16;

/// A file beyond the limit of the process is an error of one write, not the end of the device. Receiving the signal is
/// enough: its default action is gone.
fn ignore_file_size_signal(runtime: &Runtime) {
    let _inside = runtime.enter();
    drop(signal(SignalKind::from_raw(libc::SIGXFSZ)));
}
