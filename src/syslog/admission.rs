//! What a session lets in where a plain level does not say it: a list of an ASA, and levels of classes (D100, D101). Which
//! session asks what is the plan's matter; the verdict is `verdict`'s.

use std::sync::Arc;

use crate::config::logging::Logging;
use crate::config::logging_class::{Class, ClassPlace};
use crate::config::logging_list::ListLine;
use crate::message::{Kind, Parsed, Severity};

/// The number of a message of ASA form: `106023` of `%ASA-4-106023`, whatever stands between.
#[inline]
pub(super) fn number(message: &Parsed<'_>) -> Option<u32> {
    let product = message.facility.get(..3)?;
    let is_asa = matches!(product, b"ASA" | b"FTD" | b"PIX" | b"FWS");
    if !is_asa || message.kind == Kind::Debug {
        return None;
    }
    let digits: &[u8; 6] = message.mnemonic.try_into().ok()?;
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u32::from(digit - b'0'))
    })
}

/// The set of messages that a session lets in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Severities 0 to this one; `None` lets nothing in.
    level: Option<Severity>,
    /// In place of the level: any line admits.
    list: Option<Vec<ListLine>>,
    /// Messages of these classes are let in by these levels and by nothing else.
    classes: Vec<(Class, Severity)>,
    /// And nothing less severe than that, whatever the rest says.
    most: Option<Severity>,
}

impl Admission {
    /// What is configured for a place; `None` where its level says everything. `list` may be one that is not there, which
    /// admits nothing.
    pub(super) fn of(
        logging: &Logging,
        place: Option<ClassPlace>,
        level: Option<Severity>,
        list: Option<&Arc<str>>,
    ) -> Option<Arc<Self>> {
        let of_place = |place| {
            let classes = logging.classes.iter();
            classes.filter_map(move |(class, levels)| Some((*class, *levels.get(&place)?)))
        };
        let classes: Vec<_> = place.into_iter().flat_map(of_place).collect();
        if classes.is_empty() && list.is_none() {
            return None;
        }
        Some(Arc::new(Self {
            level: level.filter(|_| list.is_none()),
            list: list.map(|name| logging.lists.get(name).cloned().unwrap_or_default()),
            classes,
            most: None,
        }))
    }

    /// The same without what is less severe.
    pub(super) fn at_most(&self, most: Severity) -> Arc<Self> {
        Arc::new(Self {
            most: Some(most),
            ..self.clone()
        })
    }

    pub(super) fn admits(&self, message: &Parsed<'_>) -> bool {
        let (severity, number) = (message.severity, number(message));
        if self.most.is_some_and(|most| severity > most) {
            return false;
        }
        if let Some(number) = number {
            let mut own = self
                .classes
                .iter()
                .filter(|(class, _)| class.contains(number))
                .peekable();
            if own.peek().is_some() {
                return own.any(|(_, level)| severity <= *level);
            }
        }
        let line = |line: &ListLine| match line {
            ListLine::Level { level, class: None } => severity <= *level,
            ListLine::Level {
                level,
                class: Some(class),
            } => severity <= *level && number.is_some_and(|number| class.contains(number)),
            ListLine::Messages { first, last } => {
                number.is_some_and(|number| (*first..=*last).contains(&number))
            }
        };
        match &self.list {
            Some(lines) => lines.iter().any(line),
            None => self.level.is_some_and(|level| severity <= level),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::parse;

    fn is(line: &str) -> Option<u32> {
        number(&parse(line.as_bytes()))
    }

    #[test]
    fn messages_of_asa_form_have_a_number_and_others_have_none() {
        assert_eq!(is("<164>%ASA-4-106023: Deny udp"), Some(106_023));
        assert_eq!(
            is("<166>Aug 15 2019 13:44:38: %ASA-6-305011: Built"),
            Some(305_011)
        );
        assert_eq!(is("%ASA-session-6-302013: Built"), Some(302_013));
        assert_eq!(is("%FTD-6-430003: x"), Some(430_003));
        assert_eq!(is("%PIX-6-302013: x"), Some(302_013));
        assert_eq!(is("%FWSM-6-302013: x"), Some(302_013));
        assert_eq!(is("%SYS-5-CONFIG_I: x"), None);
        assert_eq!(is("%SYS-5-106023: x"), None);
        assert_eq!(is("%ASA-5-1060234: x"), None);
        assert_eq!(is("<13>asa: 106023"), None);
    }

    #[test]
    fn a_class_overrides_the_level_and_any_line_of_a_list_admits() {
        let class = |keyword| Class::from_keyword(keyword).expect("a class");
        let admission = Admission {
            level: Some(Severity::Debugging),
            list: None,
            classes: vec![(class("session"), Severity::Errors)],
            most: None,
        };
        let admits = |admission: &Admission, line: &str| admission.admits(&parse(line.as_bytes()));
        assert!(!admits(&admission, "%ASA-4-106023: x"));
        assert!(admits(&admission, "%ASA-3-106011: x"));
        assert!(admits(&admission, "%ASA-7-111009: x"));
        assert!(admits(&admission, "%SYS-7-X: x"));
        let fewer = admission.at_most(Severity::Critical);
        assert!(!admits(&fewer, "%ASA-3-106011: x"));
        assert!(admits(&fewer, "%ASA-2-106001: x"));
        assert!(!admits(&fewer, "%SYS-3-X: x"));
        let list = Admission {
            list: Some(vec![
                ListLine::Level {
                    level: Severity::Errors,
                    class: None,
                },
                ListLine::Level {
                    level: Severity::Debugging,
                    class: Some(class("config")),
                },
                ListLine::Messages {
                    first: 302_013,
                    last: 302_016,
                },
            ]),
            ..Admission::default()
        };
        for (line, wanted) in [
            ("%ASA-3-106011: x", true),
            ("%LINK-3-UPDOWN: x", true),
            ("%LINK-5-CHANGED: x", false),
            ("%ASA-7-111009: x", true),
            ("%ASA-6-302014: x", true),
            ("%ASA-6-302020: x", false),
            ("<15>prog: x", false),
        ] {
            assert_eq!(admits(&list, line), wanted, "{line}");
        }
    }
}
