//! Puts one device together: state folder, clock, facts, engines, the owner of the running-config; and takes it apart.

use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::call_home;
use crate::device::HostFacts;
use crate::device::clock::SystemClock;
use crate::exec::Caller;
use crate::exec::chassis::Chassis;
use crate::exec::owner::Owner;
use crate::message::{Own, Say};
use crate::net::only_to::OnlyTo;
use crate::shell::merge::{self, Tally};
use crate::state::Folder;
use crate::syslog::{self, api::Syslog};
use crate::trust::api::Roots;

/// A running device and the runtime its engines live on.
pub(super) struct Device {
    pub(super) chassis: Arc<Chassis>,
    runtime: Runtime,
    /// What became of the lines of the startup-config; `None` when none was read.
    startup: Option<Tally>,
}

impl Device {
    /// Starts the engines with the configuration of a startup-config. Nothing is opened that it does not say (C1.13); a bad
    /// line is noted and skipped (C2.2).
    pub(super) fn start(
        state: Folder,
        startup: Option<Vec<u8>>,
        only_to: OnlyTo,
    ) -> std::io::Result<Self> {
        let has_startup = startup.is_some();
        let (config, startup_errors, tally) =
            merge::load(&merge::text_of(startup.unwrap_or_default()));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(16)
            .thread_name("control")
            .enable_all()
            .build()?;
        let owner = Owner::new(config);
        let clock = Arc::new(SystemClock::start());
        let facts = Arc::new(HostFacts::default());
        let syslog = syslog::engine::start(
            runtime.handle(),
            owner.subscribe(),
            clock.clone(),
            only_to.clone(),
        )?;
        let later: Arc<OnceLock<Weak<Chassis>>> = Arc::default();
        let outside = call_home::engine::Outside {
            clock: clock.clone(),
            facts: facts.clone(),
            collect: super::collect::collector(later.clone()),
            say: Arc::new(Voice(syslog.clone())),
            only_to,
            roots: Arc::new(Roots::built_in()),
        };
        let call_home = call_home::engine::start(runtime.handle(), owner.subscribe(), outside);
        owner.wait_for(syslog.taken_over());
        owner.wait_for(call_home.taken_over());
        let chassis = Arc::new(Chassis {
            owner,
            clock,
            facts,
            state: Arc::new(state),
            syslog,
            call_home,
            startup_errors: Mutex::new(startup_errors),
            last_change: Mutex::default(),
        });
        later.get_or_init(|| Arc::downgrade(&chassis));
        Ok(Self {
            chassis,
            runtime,
            startup: has_startup.then_some(tally),
        })
    }

    /// Says what reading the startup-config gave, to the log and to standard error.
    pub(super) fn tell_start(&self, caller: &Caller) {
        if let Some(tally) = &self.startup {
            merge::tell_start(&self.chassis, caller, tally, &mut std::io::stderr());
        }
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Waits for what is queued, at most `limit`, and ends the engines.
    pub(super) fn leave(self, limit: Duration) {
        self.chassis.syslog.drain(limit);
        self.runtime.shutdown_background();
    }
}

/// How other rooms say their messages.
struct Voice(Arc<dyn Syslog>);

impl Say for Voice {
    fn say(&self, message: Own) {
        self.0.say(message);
    }
}
