//! `logging class`: the classes of messages as an ASA has them, by the first three digits of their numbers, and the levels
//! that a class has of its own (D101). What such a level does is decided in the syslog room.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::logging::Logging;
use super::refusal::{Notices, Refusal};
use super::render::Lines;
use crate::command::logging_filters::LoggingClass;
use crate::message::Severity;

/// A class by its place in `CLASSES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(u8);

/// Keywords with the first three digits of their messages' numbers, from one to another. Some messages are of two classes.
const CLASSES: [(&str, &[(u32, u32)]); 31] = [
    ("auth", &[(109, 109), (113, 113)]),
    ("bridge", &[(110, 110), (220, 220)]),
    ("ca", &[(717, 717)]),
    ("config", &[(111, 112), (208, 208), (308, 308)]),
    ("csd", &[(724, 724)]),
    ("dap", &[(734, 734)]),
    ("eap", &[(333, 334)]),
    ("eapoudp", &[(333, 334)]),
    ("eigrp", &[(336, 336)]),
    ("email", &[(719, 719)]),
    ("ha", &[(101, 105), (210, 210), (311, 311), (709, 709)]),
    ("ids", &[(400, 400), (733, 733)]),
    (
        "ip",
        &[(209, 209), (215, 215), (313, 313), (317, 317), (408, 408)],
    ),
    ("ips", &[(400, 401), (420, 420)]),
    ("nac", &[(731, 732)]),
    ("np", &[(319, 319)]),
    ("ospf", &[(318, 318), (409, 409), (503, 503), (613, 613)]),
    ("rip", &[(107, 107), (312, 312)]),
    ("rm", &[(321, 321)]),
    (
        "session",
        &[
            (106, 106),
            (108, 108),
            (201, 202),
            (204, 204),
            (302, 305),
            (314, 314),
            (405, 407),
            (500, 500),
            (502, 502),
            (607, 609),
            (616, 616),
            (620, 620),
            (703, 703),
            (710, 710),
        ],
    ),
    ("snmp", &[(212, 212)]),
    ("ssl", &[(725, 725)]),
    ("svc", &[(722, 722)]),
    (
        "sys",
        &[
            (199, 199),
            (211, 211),
            (214, 214),
            (216, 216),
            (306, 307),
            (315, 315),
            (414, 414),
            (604, 606),
            (610, 610),
            (612, 612),
            (614, 615),
            (701, 701),
            (711, 711),
            (741, 741),
        ],
    ),
    ("vm", &[(730, 730)]),
    ("vpdn", &[(213, 213), (403, 403), (603, 603)]),
    (
        "vpn",
        &[
            (316, 316),
            (320, 320),
            (402, 402),
            (404, 404),
            (501, 501),
            (602, 602),
            (702, 702),
            (713, 715),
        ],
    ),
    ("vpnc", &[(611, 611)]),
    ("vpnfo", &[(720, 720)]),
    ("vpnlb", &[(718, 718)]),
    ("webvpn", &[(716, 716)]),
];

impl Class {
    /// From the keyword in full.
    pub fn from_keyword(text: &str) -> Option<Self> {
        let place = CLASSES.iter().position(|(keyword, _)| *keyword == text)?;
        u8::try_from(place).ok().map(Self)
    }

    pub fn keyword(self) -> &'static str {
        CLASSES
            .get(usize::from(self.0))
            .map_or("", |(keyword, _)| keyword)
    }

    /// Whether a message of this number, of six digits, belongs to it.
    pub fn contains(self, number: u32) -> bool {
        let prefix = number / 1000;
        CLASSES.get(usize::from(self.0)).is_some_and(|(_, ranges)| {
            ranges
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&prefix))
        })
    }
}

/// Where messages can be routed by class; all but ASDM are places of this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClassPlace {
    Console,
    Monitor,
    Buffered,
    Trap,
    History,
    /// Kept: this device has no ASDM.
    Asdm,
    Mail,
}

impl ClassPlace {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Monitor => "monitor",
            Self::Buffered => "buffered",
            Self::Trap => "trap",
            Self::History => "history",
            Self::Asdm => "asdm",
            Self::Mail => "mail",
        }
    }
}

/// The levels of all classes that have any, by class and place.
pub type ClassLevels = BTreeMap<Class, BTreeMap<ClassPlace, Severity>>;

fn typed(c: &LoggingClass) -> Result<(Class, BTreeMap<ClassPlace, Severity>), Refusal> {
    let class = Class::from_keyword(&c.class).ok_or(Refusal::Value {
        expected: "a class of messages".into(),
    })?;
    let places = [
        (ClassPlace::Console, c.console),
        (ClassPlace::Monitor, c.monitor),
        (ClassPlace::Buffered, c.buffered),
        (ClassPlace::Trap, c.trap),
        (ClassPlace::History, c.history),
        (ClassPlace::Asdm, c.asdm),
        (ClassPlace::Mail, c.mail),
    ];
    let levels = places
        .into_iter()
        .filter_map(|(place, level)| Some((place, level?.0)));
    Ok((class, levels.collect()))
}

/// What is typed changes; the class's other levels stay.
pub(super) fn set(logging: &mut Logging, c: &LoggingClass) -> Result<Notices, Refusal> {
    let (class, levels) = typed(c)?;
    if levels.is_empty() {
        return Err(Refusal::Incomplete);
    }
    Arc::make_mut(&mut logging.classes)
        .entry(class)
        .or_default()
        .extend(levels);
    Ok(Notices::new())
}

/// Takes away the levels of the places that are named, or all of the class.
pub(super) fn remove(logging: &mut Logging, c: &LoggingClass) -> Result<Notices, Refusal> {
    let (class, levels) = typed(c)?;
    if logging.classes.contains_key(&class) {
        let classes = Arc::make_mut(&mut logging.classes);
        if let Some(known) = classes.get_mut(&class) {
            known.retain(|place, _| !levels.is_empty() && !levels.contains_key(place));
        }
        classes.retain(|_, levels| !levels.is_empty());
    }
    Ok(Notices::new())
}

impl Logging {
    /// Whether any class has a level for this place.
    pub fn routes_classes_to(&self, place: ClassPlace) -> bool {
        self.classes
            .values()
            .any(|levels| levels.contains_key(&place))
    }
}

pub(super) fn lines(classes: &ClassLevels, out: &mut Lines) {
    for (class, levels) in classes {
        let places: String = levels
            .iter()
            .map(|(place, level)| format!(" {} {}", place.keyword(), level.keyword()))
            .collect();
        out.line(0, format_args!("logging class {}{places}", class.keyword()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_holds_the_messages_that_begin_like_it() {
        let class = |keyword| Class::from_keyword(keyword).expect("a class");
        assert!(class("session").contains(106_023));
        assert!(class("session").contains(303_002));
        assert!(!class("session").contains(111_008));
        assert!(class("config").contains(111_008));
        // One message can be of two classes.
        assert!(class("ids").contains(400_013) && class("ips").contains(400_013));
        assert_eq!(Class::from_keyword("sess"), None);
    }

    #[test]
    fn every_keyword_is_found_again_and_they_are_in_order() {
        for (place, (keyword, ranges)) in CLASSES.iter().enumerate() {
            assert_eq!(
                Class::from_keyword(keyword).map(Class::keyword),
                Some(*keyword)
            );
            assert!(ranges.iter().all(|(first, last)| first <= last));
            assert!(place == 0 || CLASSES[place - 1].0 < *keyword);
        }
    }
}
