//! Message discriminators: named filters that sessions refer to. Their criteria are data here; what they do to a message
//! is decided in the syslog room.

use std::borrow::Borrow;
use std::collections::btree_map::Entry;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::logging::{Logging, RateLimit};
use super::pattern;
use super::refusal::{Notice, Notices, Refusal};
use super::render::Lines;
use crate::command::logging::{
    Action, Criterion, LoggingDiscriminator, SeverityAction, SeverityCriterion,
};
use crate::message::Severity;

/// 1 to 8 printable characters, case sensitive (C5b.8, D31). In the order of their bytes, as texts are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DiscriminatorName {
    /// The first eight bytes, all of most names: whoever looks for a name among many compares numbers.
    head: u64,
    text: Arc<str>,
}

impl DiscriminatorName {
    pub fn new(text: &str) -> Option<Self> {
        Self::shared(&text.into())
    }

    /// The same without a copy of the text.
    pub fn shared(text: &Arc<str>) -> Option<Self> {
        let is_plain = (1..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        let is_printable = |c: char| !c.is_whitespace() && !c.is_control();
        // The ninth character decides, however many follow.
        let fits = is_plain
            || (1..=8).contains(&text.chars().take(9).count()) && text.chars().all(is_printable);
        let mut head = [0; 8];
        for (place, byte) in head.iter_mut().zip(text.bytes()) {
            *place = byte;
        }
        fits.then(|| Self {
            head: u64::from_be_bytes(head),
            text: text.clone(),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// As a text, because it can be borrowed as one.
impl Hash for DiscriminatorName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Borrow<str> for DiscriminatorName {
    fn borrow(&self) -> &str {
        &self.text
    }
}

/// Drop what matches, or deliver only what matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    Drops,
    Includes,
}

impl Sense {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Drops => "drops",
            Self::Includes => "includes",
        }
    }
}

/// A regular expression criterion. The pattern is the text as typed, quotes and blanks included; it is known to translate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub sense: Sense,
    pub pattern: Arc<str>,
}

/// An exact set of severities (not "and above"), kept as typed for printing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeverityMatch {
    pub sense: Sense,
    pub list: SeverityList,
}

/// `3`, `1,2,5` or `3-5`: bit n set when severity n is in the list (D33).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeverityList {
    bits: u8,
    text: Arc<str>,
}

impl SeverityList {
    pub fn new(text: &str) -> Option<Self> {
        Self::shared(&text.into())
    }

    /// The same without a copy of the text.
    pub fn shared(text: &Arc<str>) -> Option<Self> {
        let digit = |byte: u8| matches!(byte, b'0'..=b'7').then(|| byte - b'0');
        let mut bits = 0;
        for part in text.as_bytes().split(|byte| *byte == b',') {
            let (low, high) = match *part {
                [one] => (digit(one)?, digit(one)?),
                [low, b'-', high] => (digit(low)?, digit(high)?),
                _ => return None,
            };
            if low > high {
                return None;
            }
            (low..=high).for_each(|n| bits |= 1 << n);
        }
        Some(Self {
            bits,
            text: text.clone(),
        })
    }

    pub fn contains(&self, severity: Severity) -> bool {
        self.bits & (1 << severity.number()) != 0
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// More than so many changes of one object within so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flapping {
    /// 2 to 1000.
    pub changes: u16,
    /// 1 to 3600.
    pub within: u16,
}

/// The criteria in the order in which they are checked (R26; `sender` is an extension), and the rate limit that follows
/// them. All absent is legal and passes everything (R33).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discriminator {
    pub severity: Option<SeverityMatch>,
    pub facility: Option<Match>,
    pub mnemonics: Option<Match>,
    pub msg_body: Option<Match>,
    /// The sending host; a pattern that is ADDRESS/LEN compares addresses (D70).
    pub sender: Option<Match>,
    /// Seconds in which repeats of a message are counted.
    pub duplicates: Option<u16>,
    pub flapping: Option<Flapping>,
    /// Messages a second (C5b.1), of all severities but those that are exempt.
    pub rate_limit: Option<RateLimit>,
}

/// `logging discriminator`: a field that is named replaces that field, the others stay (D7); all sessions that are attached
/// see the change at once.
pub(super) fn define(
    logging: &mut Logging,
    command: &LoggingDiscriminator,
) -> Result<Notices, Refusal> {
    let name = DiscriminatorName::shared(&command.name).ok_or_else(|| Refusal::Value {
        expected: "a name of 1 to 8 characters".into(),
    })?;
    let mut warnings = Notices::new();
    let fields = [
        ("facility", criterion(command.facility.as_ref())),
        ("mnemonics", criterion(command.mnemonics.as_ref())),
        ("msg-body", criterion(command.msg_body.as_ref())),
        ("sender", criterion(command.sender.as_ref())),
    ];
    for (field, found) in &fields {
        if let Some(found) = found {
            if *field == "sender" && network(&found.pattern).map_err(no_network)?.is_some() {
                continue;
            }
            pattern::check(&found.pattern).map_err(|error| Refusal::Pattern {
                why: error.to_string(),
            })?;
            reads_back(&found.pattern).map_err(|why| Refusal::Pattern { why })?;
            warnings.extend(pattern::warning(field, &found.pattern).map(Notice::Warning));
        }
    }
    let severity = match &command.severity {
        Some(criterion) => Some(severities(criterion).ok_or_else(|| Refusal::Value {
            expected: "a list of 0-7".into(),
        })?),
        None => None,
    };
    let [(_, facility), (_, mnemonics), (_, msg_body), (_, sender)] = fields;
    let typed = Discriminator {
        severity,
        facility,
        mnemonics,
        msg_body,
        sender,
        duplicates: command.duplicates,
        flapping: command
            .flapping
            .zip(command.within)
            .map(|(changes, within)| Flapping { changes, within }),
        rate_limit: command.rate_limit.map(|limit| RateLimit {
            limit,
            all: true,
            except: command.except.map(|level| level.0),
        }),
    };
    let shared = command.name.clone();
    let entry = match Arc::make_mut(&mut logging.discriminators).entry(name) {
        Entry::Vacant(place) => {
            place.insert(Arc::new(typed));
            Notice::DiscriminatorAdded { name: shared }
        }
        Entry::Occupied(mut known) => {
            Arc::make_mut(known.get_mut()).take(typed);
            Notice::DiscriminatorModified { name: shared }
        }
    };
    let mut notices = vec![entry];
    notices.append(&mut warnings);
    Ok(notices)
}

/// The network that `sender` compares with, if it is one: ADDRESS/LEN. `Err` is a text that only looks like one.
pub fn network(text: &str) -> Result<Option<IpNet>, &str> {
    let Some((address, _)) = text.split_once('/') else {
        return Ok(None);
    };
    if address.parse::<IpAddr>().is_err() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| text)
}

fn no_network(text: &str) -> Refusal {
    Refusal::Value {
        expected: format!("ADDRESS/LEN: `{text}` is no network"),
    }
}

/// Whether a pattern ends where it ended when other criteria stand behind it, as they do in the canonical order (C2.4). What
/// was raw text because the rest of the line did not fit may begin a criterion there; so may a quotation mark hide one (D32).
fn reads_back(pattern: &str) -> Result<(), String> {
    if !pattern.bytes().any(|b| matches!(b, b' ' | b'\t' | b'"')) {
        return Ok(());
    }
    let words: Vec<&str> = pattern
        .split([' ', '\t'])
        .filter(|word| !word.is_empty())
        .collect();
    for pair in words.get(1..).unwrap_or_default().windows(2) {
        let [field, behind] = pair else { continue };
        let begins = |keyword: &str| {
            keyword
                .get(..behind.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(behind))
        };
        let is_criterion = ["severity", "facility", "mnemonics", "msg-body", "sender"]
            .iter()
            .any(|keyword| keyword.eq_ignore_ascii_case(field))
            && (begins("drops") || begins("includes"));
        let is_limit = ["rate-limit", "duplicates", "flapping"]
            .iter()
            .any(|keyword| keyword.eq_ignore_ascii_case(field))
            && behind.parse::<u16>().is_ok();
        if is_criterion || is_limit {
            return Err(format!("`{field} {behind}` begins another criterion"));
        }
    }
    let mut is_open = false;
    for word in words {
        let opens = !is_open && word.starts_with('"');
        is_open = (is_open || opens) && !(word.ends_with('"') && (!opens || word.len() > 1));
    }
    if is_open {
        return Err("a quotation mark is not closed".into());
    }
    Ok(())
}

impl Discriminator {
    /// What `typed` names replaces what was there, the rest stays.
    fn take(&mut self, typed: Self) {
        set(&mut self.severity, typed.severity);
        set(&mut self.facility, typed.facility);
        set(&mut self.mnemonics, typed.mnemonics);
        set(&mut self.msg_body, typed.msg_body);
        set(&mut self.sender, typed.sender);
        set(&mut self.duplicates, typed.duplicates);
        set(&mut self.flapping, typed.flapping);
        set(&mut self.rate_limit, typed.rate_limit);
    }
}

/// `no logging discriminator`: deleting one in use detaches it from its sessions, with a notice (C5b.8, D34).
pub(super) fn delete(logging: &mut Logging, name: &Arc<str>) -> Result<Notices, Refusal> {
    let found =
        DiscriminatorName::shared(name).filter(|name| logging.discriminators.contains_key(name));
    let Some(found) = found else {
        return Ok(vec![Notice::DiscriminatorUnknown { name: name.clone() }]);
    };
    let sessions = logging.detach(&found);
    Arc::make_mut(&mut logging.discriminators).remove(&found);
    Ok(match sessions {
        0 => Notices::new(),
        sessions => vec![Notice::DiscriminatorDetached {
            name: name.clone(),
            sessions,
        }],
    })
}

fn set<T>(field: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *field = new;
    }
}

fn criterion(typed: Option<&Criterion>) -> Option<Match> {
    typed.map(|criterion| match &criterion.action {
        Action::Drops { pattern } => Match {
            sense: Sense::Drops,
            pattern: pattern.clone(),
        },
        Action::Includes { pattern } => Match {
            sense: Sense::Includes,
            pattern: pattern.clone(),
        },
    })
}

fn severities(typed: &SeverityCriterion) -> Option<SeverityMatch> {
    let (sense, text) = match &typed.action {
        SeverityAction::Drops { severities } => (Sense::Drops, severities),
        SeverityAction::Includes { severities } => (Sense::Includes, severities),
    };
    SeverityList::shared(text).map(|list| SeverityMatch { sense, list })
}

impl Discriminator {
    /// In the device's canonical order, whatever the order typed (R26, D30).
    pub(super) fn line(&self, name: &DiscriminatorName, out: &mut Lines) {
        out.line(
            0,
            format_args!("logging discriminator {}{self}", name.as_str()),
        );
    }
}

impl fmt::Display for Discriminator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(SeverityMatch { sense, list }) = &self.severity {
            write!(f, " severity {} {}", sense.keyword(), list.as_str())?;
        }
        let patterns = [
            ("facility", &self.facility),
            ("mnemonics", &self.mnemonics),
            ("msg-body", &self.msg_body),
            ("sender", &self.sender),
        ];
        for (field, found) in patterns {
            if let Some(Match { sense, pattern }) = found {
                write!(f, " {field} {} {pattern}", sense.keyword())?;
            }
        }
        if let Some(seconds) = self.duplicates {
            write!(f, " duplicates {seconds}")?;
        }
        if let Some(Flapping { changes, within }) = self.flapping {
            write!(f, " flapping {changes} within {within}")?;
        }
        if let Some(RateLimit { limit, except, .. }) = self.rate_limit {
            write!(f, " rate-limit {limit}")?;
            if let Some(except) = except {
                write!(f, " except {}", except.number())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_their_texts() {
        let texts = [
            "A",
            "AB",
            "B",
            "EDGE-SW1",
            "EDGE-SW2",
            "a",
            "ÄÖÜ",
            "äöüäöüäö",
            "äöüäöüäü",
        ];
        for one in texts {
            for other in texts {
                let names = DiscriminatorName::new(one).zip(DiscriminatorName::new(other));
                let order = names.map(|(one, other)| one.cmp(&other));
                assert_eq!(order, Some(one.cmp(other)), "{one} {other}");
            }
        }
    }

    #[test]
    fn a_list_of_severities_is_digits_and_ranges_between_commas() {
        for (text, severities) in [("3", 0b1000), ("1,2,5", 0b10_0110), ("3-5,0", 0b11_1001)] {
            assert_eq!(
                SeverityList::new(text).map(|list| list.bits),
                Some(severities),
                "{text}"
            );
        }
        for wrong in [
            "", ",", "3,", "8", "5-3", "1-", "-1", "1-2-3", "+1", "12", "1 ", "ä",
        ] {
            assert_eq!(SeverityList::new(wrong), None, "{wrong}");
        }
    }
}
