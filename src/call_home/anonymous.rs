//! Anonymous reports: what is left out of them, where they go, when, and the three tries. They never lie in the outbox: one that
//! does not arrive within a minute is dropped.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

use super::api::Line;
use super::document::documents;
use super::event::Event;
use super::making::{line_of, messages};
use super::message::{Customer, Kind, Message};
use super::outcome::{Outcome, Reason};
use super::plan::{self, Address, Destination, Order, Part, Route, Target};
use super::room::Room;
use crate::config::call_home::{AlertGroup, AnonymousReporting, HttpDestination, Profile};
use crate::config::{Published, RunningConfig, url};
use crate::device::Facts;
use crate::net::backoff::random;
use crate::net::url::Url;
use crate::vendor;

/// What a report is.
const REPORT: Kind = Kind::Group(AlertGroup::Inventory);

/// Its commands: what the machine is and how it does, nothing of the configuration and nothing of the network around it.
const COMMANDS: [&str; 10] = [
    "show version",
    "show inventory",
    "show failover state",
    "show module",
    "show environment",
    "show cpu usage",
    "show memory",
    "show perfmon detail",
    "show conn count",
    "show xlate count",
];

/// Three tries and the waits between them are less than a minute.
const TRIES: usize = 3;
const LIMIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(10);
/// While an operator waits.
const SHORT_PAUSE: Duration = Duration::from_secs(2);

/// What stands for what would say whose device it is.
const LEFT_OUT: &str = "*****";

/// `call-home test reporting anonymous`, enabled or not.
pub(super) async fn test(room: &Arc<Room>, published: &Published, lines: Sender<Line>) {
    send(room, published, Kind::Test, SHORT_PAUSE, Some(&lines)).await;
}

/// One message to every destination of anonymous reports, one after the other.
async fn send(
    room: &Arc<Room>,
    published: &Published,
    kind: Kind,
    pause: Duration,
    lines: Option<&Sender<Line>>,
) {
    let commands: &[&str] = match kind {
        REPORT => &COMMANDS,
        kind => kind.commands(),
    };
    for (limit, target) in targets(&published.config) {
        let part = Part {
            size_limit: limit,
            commands: commands.iter().map(|line| (*line).into()).collect(),
            targets: vec![target],
        };
        let order = Order {
            event: Event::report(kind, room.wall()),
            hostname: published.config.system.hostname().to_owned(),
            customer: Customer::default(),
            notes: Vec::new(),
            parts: vec![part],
            service_number: None,
        };
        for part in &order.parts {
            for target in &part.targets {
                if let Some(lines) = lines {
                    let (word, to) = (kind.word(), &target.destination);
                    let line = Line::Info(format!("Sending {word} message to {to}..."));
                    if lines.send(line).is_err() {
                        return;
                    }
                }
                let reason = match &target.route {
                    Err(outcome) => {
                        room.note(kind, &target.destination, outcome);
                        outcome.reason().cloned()
                    }
                    Ok(route) => {
                        let message = message(room, published, &order, part).await;
                        let to = To {
                            target,
                            route,
                            limit: part.size_limit,
                        };
                        three_tries(room, published, &message, &to, pause, lines).await
                    }
                };
                if let Some(lines) = lines {
                    lines.send(line_of(reason.as_ref())).ok();
                }
            }
        }
    }
}

struct To<'a> {
    target: &'a Target,
    route: &'a Route,
    limit: usize,
}

/// The same documents every time. Why they did not arrive.
async fn three_tries(
    room: &Room,
    published: &Published,
    message: &Message,
    to: &To<'_>,
    pause: Duration,
    lines: Option<&Sender<Line>>,
) -> Option<Reason> {
    let (kind, destination) = (message.kind, &to.target.destination);
    let written = match documents(message, to.target.format, to.limit) {
        Ok(written) => written,
        Err(too_long) => {
            let outcome = Outcome::Dropped(too_long.into());
            room.note(kind, destination, &outcome);
            return outcome.reason().cloned();
        }
    };
    let (mut link, mut arrived, mut is_reminded) = (None, 0, false);
    let mut last = None;
    for attempt in 1..=TRIES {
        if attempt > 1 {
            tokio::time::sleep(pause).await;
        }
        let mut outcome = Outcome::Delivered;
        for document in written.iter().skip(arrived) {
            let courier = &room.courier;
            outcome = courier
                .carry(published, destination, to.route, document, &mut link, LIMIT)
                .await;
            if outcome != Outcome::Delivered {
                break;
            }
            arrived += 1;
        }
        // Whoever refuses it for good is asked three times, too.
        let outcome = match outcome {
            Outcome::Refused(reason) => Outcome::Failed(reason),
            other => other,
        };
        room.note(kind, destination, &outcome);
        let wants_dns = || plan::is_by_name(&published.config, to.route);
        is_reminded = is_reminded || room.remind_if(&outcome, wants_dns);
        match (&outcome, outcome.reason()) {
            (Outcome::Failed(_) | Outcome::Distrusted(_), Some(reason)) => {
                if let Some(lines) = lines.filter(|_| attempt < TRIES) {
                    let text = format!("Try {attempt} of {TRIES} failed: {reason}");
                    lines.send(Line::Info(text)).ok();
                }
                last = Some(reason.clone());
            }
            (_, reason) => return reason.cloned(),
        }
    }
    if let Some(reason) = &last {
        room.counters().dropped(kind, destination);
        room.say_dropped(kind, destination, reason);
    }
    last
}

/// Without anything that says whose device it is.
async fn message(room: &Arc<Room>, published: &Published, order: &Order, part: &Part) -> Message {
    let config = &published.config;
    let made = messages(room, order, &[part], config.clock.zone()).await;
    let number = (u64::from(random()) << 32) | u64::from(random());
    let message = made.into_iter().next();
    let message = message.unwrap_or_else(|| unreachable!("one part makes one message"));
    let names = identifying(config, &*room.courier.outside.facts);
    let mut message = message.into_anonymous(number);
    for attachment in &mut message.attachments {
        attachment.text = without(&attachment.text, &names);
    }
    message
}

/// Every value of the host and of the configuration that may say whose device it is.
pub(super) fn identifying(config: &RunningConfig, facts: &dyn Facts) -> Vec<String> {
    let call_home = &config.call_home;
    let (system, version) = (&config.system, facts.version());
    let texts = [
        &call_home.contact,
        &call_home.contact_name,
        &call_home.contact_email_addr,
        &call_home.phone_number,
        &call_home.street_address,
        &call_home.customer_id,
        &call_home.site_id,
        &call_home.contract_id,
        &call_home.sender_from,
        &call_home.sender_reply_to,
        &config.dns.domain_name,
    ];
    let mut all: Vec<String> = vec![system.hostname().to_owned()];
    all.extend(
        [facts.host_name(), facts.serial(), version.image]
            .into_iter()
            .flatten(),
    );
    all.extend(texts.into_iter().flatten().map(|text| text.to_string()));
    all.extend(config.users.keys().map(|name| name.to_string()));
    all.extend(system.names.values().map(|name| name.to_string()));
    let parts = facts.inventory().into_iter();
    all.extend(parts.filter_map(|part| part.serial));
    // The longest first, so that a part of another does not leave the rest.
    all.retain(|text| !text.trim().is_empty());
    all.sort_by_key(|text| std::cmp::Reverse(text.len()));
    all.dedup();
    all
}

/// The text without those values and without addresses of any kind.
pub(super) fn without(text: &str, names: &[String]) -> String {
    let mut text = text.to_owned();
    for name in names {
        text = without_name(&text, name);
    }
    let is_inside = |c: char| c.is_ascii_alphanumeric() || ":.@-_".contains(c);
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_inside) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_inside(c)).unwrap_or(from.len());
        let (word, behind) = from.split_at(end);
        kept.push_str(before);
        let bare = word.trim_end_matches(['.', ':', '-', '@']);
        if is_address(bare) {
            kept.push_str(LEFT_OUT);
            kept.push_str(word.get(bare.len()..).unwrap_or_default());
        } else {
            kept.push_str(word);
        }
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

/// In any case of its letters, but not inside of a longer word.
fn without_name(text: &str, name: &str) -> String {
    // ASCII lower case keeps every place.
    let (low, wanted) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    let is_inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let (mut kept, mut from) = (String::with_capacity(text.len()), 0);
    for (at, found) in low.match_indices(&wanted) {
        let end = at + found.len();
        let before = low.get(..at).and_then(|before| before.chars().next_back());
        let behind = low.get(end..).and_then(|behind| behind.chars().next());
        if is_inner(before) || is_inner(behind) {
            continue;
        }
        kept.push_str(text.get(from..at).unwrap_or_default());
        kept.push_str(LEFT_OUT);
        from = end;
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    kept
}

/// Of the network, of a network card, or of a person.
fn is_address(word: &str) -> bool {
    let is_hex = |group: &str| group.chars().all(|c| c.is_ascii_hexdigit());
    let is_mac = |by: char, groups: usize, digits: usize| {
        let parts: Vec<&str> = word.split(by).collect();
        parts.len() == groups
            && parts
                .iter()
                .all(|part| part.len() == digits && is_hex(part))
    };
    word.parse::<Ipv4Addr>().is_ok()
        || word.contains(':') && word.parse::<Ipv6Addr>().is_ok()
        || is_mac(':', 6, 2)
        || is_mac('-', 6, 2)
        || is_mac('.', 3, 4)
        || word.contains('@')
}

/// The profiles that want anonymous reports, else the vendor; with the limit of a message.
fn targets(config: &RunningConfig) -> Vec<(usize, Target)> {
    let profiles = config.call_home.profiles.iter();
    let wanting = profiles.filter(|(_, profile)| profile.anonymous_only && profile.is_active());
    let mut targets: Vec<(usize, Target)> = Vec::new();
    for (name, profile) in wanting.filter(|(_, profile)| profile.methods().http) {
        let limit = usize::try_from(profile.message_size_limit()).unwrap_or(usize::MAX);
        let own = profile.http.iter();
        targets.extend(own.map(|to| (limit, target(config, name, profile, to))));
    }
    if targets.is_empty() {
        let vendors = Profile::default();
        let limit = usize::try_from(vendors.message_size_limit()).unwrap_or(usize::MAX);
        let to = HttpDestination {
            url: vendor::COLLECTOR_URL.into(),
            reference_identity: None,
        };
        targets.push((limit, target(config, &"anonymous".into(), &vendors, &to)));
    }
    targets
}

fn target(
    config: &RunningConfig,
    name: &Arc<str>,
    profile: &Profile,
    to: &HttpDestination,
) -> Target {
    Target {
        destination: Destination {
            profile: name.clone(),
            address: Address::Http(to.url.clone()),
        },
        format: profile.format(),
        route: route(config, profile, to),
    }
}

fn route(
    config: &RunningConfig,
    profile: &Profile,
    to: &HttpDestination,
) -> Result<Route, Outcome> {
    let bad = |detail: String| Outcome::Dropped(Reason::new("BAD_URL", detail));
    let typed: url::Url = to.url.parse().map_err(|fault| bad(format!("{fault}")))?;
    let url = Url::new(typed.is_https, &typed.host, typed.port, &typed.target)
        .ok_or_else(|| bad("not a valid URL".to_owned()))?;
    // Smart Call Home itself may be off.
    if vendor::is_vendor_host(url.host()) && !config.call_home.vendor_permit {
        let detail = "configure call-home vendor permit";
        return Err(Outcome::Denied(Reason::new("VENDOR_DENIED", detail)));
    }
    let identity = profile.reference_identity_of(to).cloned();
    Ok(Route::Http { url, identity })
}

/// Reports monthly and for a start of the device, as long as that is configured; ends with the publisher.
pub(super) async fn live(room: Arc<Room>, mut published: watch::Receiver<Published>) {
    let begun = room.wall();
    let is_on = |config: &RunningConfig| config.system.anonymous == AnonymousReporting::Enabled;
    let mut start = is_on(&published.borrow_and_update().config).then_some(begun + OF_A_START);
    // What was missed before the feature was turned on is not caught up.
    let mut since = begun;
    let mut was_on = start.is_some();
    loop {
        let newest = published.borrow_and_update().clone();
        let is_on = is_on(&newest.config);
        if is_on && !was_on {
            since = room.wall();
        }
        was_on = is_on;
        let is_sendable = targets(&newest.config)
            .iter()
            .any(|(_, target)| target.route.is_ok());
        let wait = (is_on && is_sendable).then(|| {
            let slot = Slot::of(&*room.courier.outside.facts);
            let due = due(slot, last(&room), since, start);
            let wait = (due - room.wall()).to_std().unwrap_or_default();
            // A clock that is set is noticed.
            (wait.min(GLANCE), wait.is_zero())
        });
        if let Some((_, true)) = wait {
            start = None;
            since = room.wall();
            remember(&room, since);
            send(&room, &newest, REPORT, PAUSE, None).await;
            continue;
        }
        let until = wait.map(|(wait, _)| Instant::now() + wait);
        tokio::select! {
            changed = published.changed() => if changed.is_err() { return },
            () = tokio::time::sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
        }
    }
}

/// A process that ran for less was a script, and no start of the device (C1.3).
const OF_A_START: TimeDelta = TimeDelta::minutes(1);
const GLANCE: Duration = Duration::from_secs(3600);
const DAY: TimeDelta = TimeDelta::days(1);

/// When the next report is due: in the device's own minute of a month, or behind a start; never twice within a day.
fn due(
    slot: Slot,
    last: Option<DateTime<Utc>>,
    since: DateTime<Utc>,
    start: Option<DateTime<Utc>>,
) -> DateTime<Utc> {
    let monthly = slot.after(last.unwrap_or(since));
    let due = start.map_or(monthly, |start| start.min(monthly));
    last.map_or(due, |last| due.max(last + DAY))
}

/// A minute of a month, the same one on a device for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    /// 1 to 28: every month has it.
    day: u32,
    /// Of the day.
    minute: u32,
}

impl Slot {
    fn of(facts: &dyn Facts) -> Self {
        let own = facts.serial().or_else(|| facts.host_name());
        // FNV-1a.
        let hash = own
            .unwrap_or_default()
            .bytes()
            .fold(0x811c_9dc5, |hash, byte| {
                (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193_u32)
            });
        Self {
            day: hash % 28 + 1,
            minute: hash / 28 % (24 * 60),
        }
    }

    /// Strictly after.
    fn after(self, after: DateTime<Utc>) -> DateTime<Utc> {
        let month = NaiveDate::from_ymd_opt(after.year(), after.month(), 1).unwrap_or_default();
        (0..2)
            .filter_map(|months| month.checked_add_months(Months::new(months)))
            .filter_map(|month| month.checked_add_days(Days::new(u64::from(self.day - 1))))
            .filter_map(|day| day.and_hms_opt(self.minute / 60, self.minute % 60, 0))
            .map(|at| at.and_utc())
            .find(|at| *at > after)
            .unwrap_or(after + TimeDelta::days(30))
    }
}

/// The file that says when a report was begun last.
const NAME: &str = "anonymous-report";

/// A time that is still to come is none: the clock was set.
fn last(room: &Room) -> Option<DateTime<Utc>> {
    let folder = room.courier.outside.state.as_ref()?;
    let text = String::from_utf8(folder.kept(NAME).ok()??).ok()?;
    let at = DateTime::from_timestamp(text.trim().parse().ok()?, 0)?;
    (at <= room.wall()).then_some(at)
}

fn remember(room: &Room, at: DateTime<Utc>) {
    if let Some(folder) = &room.courier.outside.state {
        // Where it cannot be kept, a restart may report again.
        folder
            .keep(NAME, at.timestamp().to_string().as_bytes())
            .unwrap_or_default();
    }
}

#[cfg(test)]
#[path = "anonymous_tests.rs"]
mod tests;
