//! The daily import: when it is due in the device's time zone, three tries, what is said and remembered of it. A device that was
//! down at the time catches up once when it is back.

use std::sync::PoisonError;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::api::LastImport;
use super::engine::Room;
use super::import::{ImportFault, Place, Signed};
use super::pool::{How, Tally};
use crate::config::Published;
use crate::config::crypto::{AutoImport, DayTime};
use crate::message::zone::Zone;
use crate::message::{Own, Severity};
use crate::vendor;

const TRIES: usize = 3;

/// Three tries of 15 s and this between them are less than a minute.
pub(super) const PAUSE: Duration = Duration::from_secs(5);

/// The first moment after `after` at which the device's clock shows `time`. One that is left out when clocks are set forward
/// comes with the clocks not set, one that comes twice comes once.
pub(super) fn next(zone: &Zone, time: DayTime, after: DateTime<Utc>) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(time.hour.into(), time.minute.into(), time.second.into())
        .unwrap_or_default();
    let today = zone.at(after).local.date();
    (0..3)
        .filter_map(|days| today.checked_add_days(Days::new(days)))
        .filter_map(|day| zone.instant(day.and_time(time), after))
        .find(|instant| *instant > after)
        .unwrap_or(after + TimeDelta::days(1))
}

/// What is remembered of daily imports, in the state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    /// What came due up to here is done with.
    pub(super) since: DateTime<Utc>,
    pub(super) last: Option<LastImport>,
}

const NAME: &str = "trustpool-import";
const FORM: &str = "trustpool-import 1";

impl Memory {
    fn to_text(&self) -> String {
        let mut text = format!("{FORM}\nsince {}\n", self.since.timestamp());
        if let Some(LastImport { at, failure }) = &self.last {
            let words = failure.as_deref().unwrap_or("");
            text.push_str(&format!(
                "last {} {}\n",
                at.timestamp(),
                words.escape_debug()
            ));
        }
        text
    }

    fn of_text(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next() != Some(FORM) {
            return None;
        }
        let at = |digits: &str| DateTime::from_timestamp(digits.parse().ok()?, 0);
        let since = at(lines.next()?.strip_prefix("since ")?)?;
        let last = match lines.next() {
            None => None,
            Some(line) => {
                let (seconds, words) = line.strip_prefix("last ")?.split_once(' ')?;
                Some(LastImport {
                    at: at(seconds)?,
                    failure: (!words.is_empty()).then(|| words.to_owned()),
                })
            }
        };
        Some(Self { since, last })
    }
}

impl Room {
    /// What is remembered; `None` before a daily import was first configured.
    pub(super) fn memory(&self) -> Option<Memory> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.is_none() {
            let kept = self.outside.state.kept(NAME).ok().flatten();
            *memory = kept
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .and_then(|text| Memory::of_text(&text));
        }
        memory.clone()
    }

    fn remember(&self, new: Memory) {
        // Without it the import is tried again after a restart, and no more.
        drop(self.outside.state.keep(NAME, new.to_text().as_bytes()));
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = Some(new);
    }

    /// When the next daily import is due by a configuration.
    pub(super) fn next_import(&self, newest: &Published) -> Option<DateTime<Utc>> {
        let wanted = wanted(newest)?;
        let since = self.memory().map(|memory| memory.since);
        let since = since.unwrap_or_else(|| self.outside.clock.now());
        Some(next(&newest.config.clock.zone(), wanted.time(), since))
    }

    fn since(&self, since: DateTime<Utc>) {
        let last = self.memory().and_then(|memory| memory.last);
        self.remember(Memory { since, last });
    }

    /// One daily import with its tries; says and remembers how it ended.
    async fn import_daily(&self, newest: &Published, auto: &AutoImport) {
        let mut outcome = self.try_import(newest, auto).await;
        for _ in 1..TRIES {
            if outcome.is_ok() {
                break;
            }
            tokio::time::sleep(self.outside.pause).await;
            outcome = self.try_import(newest, auto).await;
        }
        let now = self.outside.clock.now();
        let failure = outcome.as_ref().err().map(ToString::to_string);
        self.remember(Memory {
            since: now,
            last: Some(LastImport { at: now, failure }),
        });
        let about = "Automatic import of trustpool certificate bundle";
        match outcome {
            Ok((is_changed, _)) => {
                let what = match is_changed {
                    true => "Trustpool updated in flash",
                    false => "No change in trustpool bundle",
                };
                let body = format!("{about} is successful: {what}.");
                self.say(Severity::Informational, 717_058, body);
            }
            Err(fault) => {
                let words = words(&fault);
                let body = format!("{about} has failed. {words}. Reason: {fault}");
                self.say(Severity::Errors, 717_057, body);
            }
        }
    }

    async fn try_import(
        &self,
        newest: &Published,
        auto: &AutoImport,
    ) -> Result<(bool, Tally), ImportFault> {
        let url = auto.url.as_deref().unwrap_or(vendor::TRUSTPOOL_URL);
        let place = Place::new(url).map_err(|why| ImportFault::File(why.to_owned()))?;
        let fetched = self.fetch_bundle(newest, &place, Signed::Pkcs7).await?;
        self.install(&fetched, How::Automatic)
    }

    fn say(&self, severity: Severity, number: u32, body: String) {
        self.outside.say.say(Own::asa(severity, number, body));
    }
}

/// The device's words for a kind of failure.
fn words(fault: &ImportFault) -> &'static str {
    match fault {
        ImportFault::Signature(_) => "Cisco root bundle signature validation failed",
        ImportFault::State(_) => "Failed to update trustpool bundle in flash",
        ImportFault::Bundle(_) | ImportFault::Nothing(_) => {
            "Failed to install trustpool bundle in memory"
        }
        _ => "Maximum retry attempts reached. Failed to reach CA server",
    }
}

fn wanted(newest: &Published) -> Option<&AutoImport> {
    newest
        .config
        .crypto
        .trustpool
        .as_ref()?
        .auto_import
        .as_ref()
}

/// Imports daily for as long as a configuration wants it; ends with the publisher.
pub(super) async fn live(room: std::sync::Arc<Room>, mut published: watch::Receiver<Published>) {
    let mut before: Option<AutoImport> = None;
    let mut is_start = true;
    loop {
        let newest = published.borrow_and_update().clone();
        let auto = wanted(&newest).cloned();
        let now = room.outside.clock.now();
        // What was configured before this start goes on where it was; what is new begins now.
        let goes_on = is_start || auto == before;
        if auto.is_some() {
            match room.memory() {
                Some(memory) if goes_on && memory.since <= now => {}
                _ => room.since(now),
            }
        }
        (is_start, before) = (false, auto.clone());
        let Some(auto) = auto else {
            if published.changed().await.is_err() {
                return;
            }
            continue;
        };
        let due = room.next_import(&newest).unwrap_or(now);
        if due <= now {
            tokio::select! {
                () = room.import_daily(&newest, &auto) => {}
                is_over = other(&mut published, &auto) => if is_over { return },
            }
            continue;
        }
        // The host's clock may be set meanwhile.
        let wait = (due - now)
            .to_std()
            .unwrap_or_default()
            .min(room.outside.look);
        tokio::select! {
            changed = published.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Waits until another daily import is wanted than `auto`; true when nothing will be published any more.
async fn other(published: &mut watch::Receiver<Published>, auto: &AutoImport) -> bool {
    loop {
        if published.changed().await.is_err() {
            return true;
        }
        if wanted(&published.borrow_and_update()) != Some(auto) {
            return false;
        }
    }
}

#[cfg(test)]
#[path = "auto_import_tests.rs"]
mod tests;
