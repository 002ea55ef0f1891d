//! What a session lets in, in words: its level or its list, and the classes that have levels of their own (D100, D101).

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::config::logging::Logging;
use crate::config::logging_class::ClassPlace;
use crate::message::Severity;

#[derive(Debug, Default, Serialize)]
pub struct Admitted {
    /// `None` when the session is off, or has a list.
    pub level: Option<&'static str>,
    pub list: Option<String>,
    /// The levels of classes, by class.
    pub classes: BTreeMap<&'static str, &'static str>,
}

impl Admitted {
    pub(super) fn of(
        logging: &Logging,
        place: ClassPlace,
        level: Option<Severity>,
        list: Option<&str>,
    ) -> Self {
        let classes = logging.classes.iter();
        let of_place = classes
            .filter_map(|(class, levels)| Some((class.keyword(), levels.get(&place)?.keyword())));
        Self {
            level: level.filter(|_| list.is_none()).map(Severity::keyword),
            list: list.map(str::to_owned),
            classes: of_place.collect(),
        }
    }

    pub(super) fn is_off(&self) -> bool {
        self.level.is_none() && self.list.is_none() && self.classes.is_empty()
    }
}

/// `level debugging`, `list vpn`, `level errors, class auth debugging`, `class auth debugging`.
impl fmt::Display for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        if let Some(list) = &self.list {
            write!(f, "list {list}")?;
            comma = ", ";
        } else if let Some(level) = self.level {
            write!(f, "level {level}")?;
            comma = ", ";
        }
        for (class, level) in &self.classes {
            write!(f, "{comma}class {class} {level}")?;
            comma = ", ";
        }
        Ok(())
    }
}
