//! Schedules with a configuration, a clock and a file.

use std::sync::Mutex;

use super::*;
use crate::config::call_home::{CallHome, Periodic, Profile, Subscription, TimeOfDay};
use crate::config::clock::Timezone;
use crate::device::FixedFacts;
use crate::device::clock::VirtualClock;

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Say for Log {
    fn say(&self, message: Own) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(format!("{}: {}", message.mnemonic, message.body));
    }
}

/// A device whose state folder outlasts its processes.
struct Device {
    clock: Arc<VirtualClock>,
    log: Arc<Log>,
    folder: tempfile::TempDir,
    room: Schedules,
}

impl Device {
    fn new(now: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for a test");
        let clock = Arc::new(VirtualClock::new(now.parse().expect("a time")));
        let log = Arc::new(Log::default());
        let room = room(&clock, &log, &folder);
        Self {
            clock,
            log,
            folder,
            room,
        }
    }

    /// Another process takes over; the one before was killed.
    fn restart(&mut self) {
        // Gives the lock free.
        self.room.state = None;
        self.room = room(&self.clock, &self.log, &self.folder);
    }

    fn set(&self, now: &str) {
        self.clock.set(now.parse().expect("a time"));
    }

    /// What is due and is sent, by group.
    fn run(&self) -> Vec<&'static str> {
        let due = self.room.due();
        let groups = due.iter().map(|due| match due {
            Due::Run(key) => key.group.keyword(),
            Due::Registration => "registration",
        });
        let groups = groups.collect();
        due.iter().for_each(|due| self.room.finish(due));
        self.room.keep();
        groups
    }

    fn take_over(&self, config: &RunningConfig) {
        self.room.take_over(&Arc::new(config.clone()));
        self.room.keep();
    }
}

fn room(clock: &Arc<VirtualClock>, log: &Arc<Log>, folder: &tempfile::TempDir) -> Schedules {
    let state = Folder::open(&folder.path().join("state")).expect("a state folder");
    let facts = Arc::new(FixedFacts {
        serial: Some("S1".to_owned()),
        ..FixedFacts::default()
    });
    Schedules::new(clock.clone(), facts, log.clone(), Some(Arc::new(state)))
}

/// An active profile with a daily inventory at nine, whose configuration says nothing of the time.
fn daily() -> RunningConfig {
    let time = Some(TimeOfDay { hour: 9, minute: 0 });
    let on = |time| Subscription {
        periodic: Some(Periodic::Daily { time }),
        ..Subscription::default()
    };
    let mut profile = Profile::default();
    let groups = &mut profile.subscriptions.groups;
    groups.insert(AlertGroup::Inventory, on(time));
    groups.insert(AlertGroup::Configuration, on(None));
    let mut config = RunningConfig::default();
    let call_home = Arc::make_mut(&mut config.call_home);
    call_home.service = true;
    call_home.profiles.insert("ops".into(), Arc::new(profile));
    config
}

fn call_home(config: &mut RunningConfig) -> &mut CallHome {
    Arc::make_mut(&mut config.call_home)
}

/// The registration's own rules: the predefined profile goes to a server of the operator's.
fn registering() -> RunningConfig {
    let mut config = RunningConfig::default();
    let call_home = call_home(&mut config);
    call_home.service = true;
    call_home.contact_email_addr = Some("noc@example.com".into());
    let mut profile = Profile::cisco_tac_1();
    profile.active = Some(true);
    (profile.http, profile.email) = (Vec::new(), vec!["noc@example.com".into()]);
    call_home
        .profiles
        .insert(CISCO_TAC_1.into(), Arc::new(profile));
    config
}

fn told(room: &Schedules) -> Vec<String> {
    let told = |it: Scheduled| {
        let next = match it.next {
            Ok(next) => next.map_or("never".to_owned(), |next| {
                next.format("%Y-%m-%d %H:%M GMT%:z").to_string()
            }),
            Err(why) => why.to_string(),
        };
        format!("{} {} {}: {next}", it.profile, it.group.keyword(), it.cycle)
    };
    room.scheduled()
        .into_iter()
        .map(told)
        .filter(|line| line.starts_with("ops"))
        .collect()
}

#[test]
fn each_group_runs_at_its_time_and_the_next_one_is_told() {
    let device = Device::new("2026-06-01T08:00:00Z");
    device.take_over(&daily());
    assert_eq!(device.run(), [""; 0]);
    device.set("2026-06-01T09:00:00Z");
    assert_eq!(device.run(), ["inventory"]);
    device.set("2026-06-01T09:15:00Z");
    assert_eq!(device.run(), ["configuration"]);
    assert_eq!(
        told(&device.room),
        [
            "ops inventory daily at 09:00: 2026-06-02 09:00 GMT+00:00",
            "ops configuration daily at 09:15: 2026-06-02 09:15 GMT+00:00",
        ]
    );
}

#[test]
fn the_zone_of_the_device_counts() {
    let device = Device::new("2026-06-01T08:00:00Z");
    let mut config = daily();
    Arc::make_mut(&mut config.clock).timezone = Some(Timezone {
        name: "EST".into(),
        hours: -5,
        minutes: 0,
    });
    device.take_over(&config);
    assert_eq!(
        told(&device.room)[0],
        "ops inventory daily at 09:00: 2026-06-01 09:00 GMT-05:00"
    );
    device.set("2026-06-01T13:59:59Z");
    assert_eq!(device.run(), [""; 0]);
    device.set("2026-06-01T14:00:00Z");
    assert_eq!(device.run(), ["inventory"]);
}

#[test]
fn what_came_due_while_the_device_was_off_runs_once_when_it_is_back() {
    let mut device = Device::new("2026-06-01T08:00:00Z");
    device.take_over(&daily());
    device.set("2026-06-05T12:00:00Z");
    device.restart();
    device.take_over(&daily());
    assert_eq!(device.run(), ["inventory", "configuration"]);
    device.restart();
    device.take_over(&daily());
    assert_eq!(device.run(), [""; 0]);
}

#[test]
fn nothing_runs_that_is_off_and_nothing_is_caught_up_of_it() {
    let device = Device::new("2026-06-01T08:00:00Z");
    let (mut off, mut inactive, mut no_group) = (daily(), daily(), daily());
    call_home(&mut off).service = false;
    let mut profile = Profile::clone(&call_home(&mut inactive).profiles["ops"]);
    profile.active = Some(false);
    call_home(&mut inactive)
        .profiles
        .insert("ops".into(), Arc::new(profile));
    call_home(&mut no_group)
        .disabled_groups
        .insert(AlertGroup::Inventory);
    for (config, why) in [
        (off, "service call-home is off"),
        (inactive, "the profile is inactive"),
        (no_group, "the alert group is off"),
    ] {
        device.take_over(&daily());
        device.take_over(&config);
        assert_eq!(
            told(&device.room)[0],
            format!("ops inventory daily at 09:00: {why}")
        );
        device.clock.advance(Duration::from_secs(3 * 86_400));
        assert!(!device.run().contains(&"inventory"));
        device.take_over(&daily());
        assert!(!device.run().contains(&"inventory"));
    }
}

#[test]
fn a_damaged_file_is_told_and_schedules_begin_anew() {
    let mut device = Device::new("2026-06-01T08:00:00Z");
    device.take_over(&daily());
    std::fs::write(
        device.folder.path().join("state").join(NAME),
        "{\"version\":1",
    )
    .expect("written");
    device.set("2026-06-05T12:00:00Z");
    device.restart();
    device.take_over(&daily());
    assert_eq!(device.run(), [""; 0]);
    let said = device
        .log
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    assert_eq!(
        said,
        [
            "CALLHOME_TIMETABLE: call-home-timetable cannot be read: it is damaged; periodic messages begin anew"
        ]
    );
}

#[test]
fn nothing_is_read_or_written_while_nothing_is_scheduled() {
    let device = Device::new("2026-06-01T08:00:00Z");
    device.take_over(&RunningConfig::default());
    assert_eq!(device.run(), [""; 0]);
    assert_eq!(device.room.wait(), None);
    assert!(!device.folder.path().join("state").join(NAME).exists());
}

#[test]
fn a_device_registers_at_once_when_it_can_and_only_once() {
    let mut device = Device::new("2026-06-01T08:00:00Z");
    let mut nameless = registering();
    call_home(&mut nameless).contact_email_addr = None;
    device.take_over(&nameless);
    assert_eq!(device.run(), [""; 0]);
    device.take_over(&registering());
    assert_eq!(device.room.wait(), Some(Duration::ZERO));
    assert_eq!(device.run(), ["registration"]);
    device.take_over(&registering());
    assert_eq!(device.run(), [""; 0]);
    device.restart();
    device.take_over(&registering());
    assert_eq!(device.run(), [""; 0]);
}

#[test]
fn a_device_that_may_not_speak_to_the_vendor_does_not_register() {
    let device = Device::new("2026-06-01T08:00:00Z");
    let mut config = registering();
    let mut profile = Profile::cisco_tac_1();
    profile.active = Some(true);
    call_home(&mut config)
        .profiles
        .insert(CISCO_TAC_1.into(), Arc::new(profile));
    device.take_over(&config);
    assert_eq!(device.run(), [""; 0]);
    call_home(&mut config).vendor_permit = true;
    device.take_over(&config);
    assert_eq!(device.run(), ["registration"]);
}
