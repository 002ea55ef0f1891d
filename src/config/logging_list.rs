//! `logging list`: named sets of messages, which sessions refer to in place of a level (D100). What a list does to a message
//! is decided in the syslog room.

use std::fmt;
use std::sync::Arc;

use super::logging::{Local, Logging};
use super::logging_class::Class;
use super::refusal::{Kind, Notices, Refusal};
use super::render::Lines;
use crate::command::logging_filters::{ListLine as Typed, LoggingList, NoLoggingList};
use crate::message::Severity;

/// One line of a list. A message passes a list when any of its lines admits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListLine {
    Level {
        level: Severity,
        class: Option<Class>,
    },
    /// Numbers of six digits, both included.
    Messages { first: u32, last: u32 },
}

impl fmt::Display for ListLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level { level, class: None } => write!(f, "level {}", level.keyword()),
            Self::Level {
                level,
                class: Some(class),
            } => write!(f, "level {} class {}", level.keyword(), class.keyword()),
            Self::Messages { first, last } if first == last => write!(f, "message {first}"),
            Self::Messages { first, last } => write!(f, "message {first}-{last}"),
        }
    }
}

/// Keywords that stand where a list may be named: its name must not begin any of them.
const KEYWORDS: [&str; 14] = [
    "emergencies",
    "alerts",
    "critical",
    "errors",
    "warnings",
    "notifications",
    "informational",
    "debugging",
    "discriminator",
    "filtered",
    "guaranteed",
    "size",
    "syslog-format",
    "xml",
];

fn read(typed: &Typed) -> Result<ListLine, Refusal> {
    match typed {
        Typed::Level { level, class } => {
            let class = class.as_ref().map(|class| {
                Class::from_keyword(class).ok_or(Refusal::Value {
                    expected: "a class of messages".into(),
                })
            });
            Ok(ListLine::Level {
                level: level.0,
                class: class.transpose()?,
            })
        }
        Typed::Message { messages } => {
            let (first, last) = messages.split_once('-').unwrap_or((messages, messages));
            let number = |text: &str| text.parse().ok();
            match (number(first), number(last)) {
                (Some(first), Some(last)) if first <= last => {
                    Ok(ListLine::Messages { first, last })
                }
                _ => Err(Refusal::Value {
                    expected: "the number of a message, or the first and the last of several"
                        .into(),
                }),
            }
        }
    }
}

fn unknown(name: &Arc<str>) -> Refusal {
    Refusal::NotDefined {
        kind: Kind::List,
        name: name.clone(),
    }
}

/// Adds a line to a list; a line that is there is there once.
pub(super) fn add(logging: &mut Logging, c: &LoggingList) -> Result<Notices, Refusal> {
    let line = read(&c.line)?;
    let name = c.name.to_ascii_lowercase();
    if KEYWORDS.iter().any(|keyword| keyword.starts_with(&name)) {
        return Err(Refusal::NotAllowed {
            why: "A list cannot have a name that begins a keyword",
        });
    }
    if !logging
        .lists
        .get(&c.name)
        .is_some_and(|list| list.contains(&line))
    {
        Arc::make_mut(&mut logging.lists)
            .entry(c.name.clone())
            .or_default()
            .push(line);
    }
    Ok(Notices::new())
}

/// Takes a line from a list, or the whole list; a list that a session names keeps a line.
pub(super) fn remove(logging: &mut Logging, c: &NoLoggingList) -> Result<Notices, Refusal> {
    let line = c.line.as_ref().map(read).transpose()?;
    let list = logging.lists.get(&c.name).ok_or_else(|| unknown(&c.name))?;
    if line.is_some_and(|line| !list.contains(&line)) {
        return Err(unknown(
            &format!(
                "{} {}",
                c.name,
                line.map(|line| line.to_string()).unwrap_or_default()
            )
            .into(),
        ));
    }
    let is_last = line.is_none() || list.len() == 1;
    if is_last && logging.names_list(&c.name) {
        return Err(Refusal::NotAllowed {
            why: "The list is in use by a logging session",
        });
    }
    let lists = Arc::make_mut(&mut logging.lists);
    match lists.get_mut(&c.name) {
        Some(list) if !is_last => list.retain(|known| Some(*known) != line),
        _ => drop(lists.remove(&c.name)),
    }
    Ok(Notices::new())
}

/// A session may only name a list that exists.
pub(super) fn defined(
    logging: &Logging,
    name: Option<&Arc<str>>,
) -> Result<Option<Arc<str>>, Refusal> {
    match name {
        Some(name) if !logging.lists.contains_key(name) => Err(unknown(name)),
        name => Ok(name.cloned()),
    }
}

impl Logging {
    /// Whether any session names the list.
    pub fn names_list(&self, name: &str) -> bool {
        let locals = [&self.buffered, &self.console, &self.monitor];
        let of_local = |local: &&Option<Local>| match local {
            Some(Local::On(session)) => session.list.as_deref() == Some(name),
            _ => false,
        };
        let others = [&self.history, &self.buffered_xml, &self.mail.session];
        locals.iter().any(of_local)
            || others
                .into_iter()
                .flatten()
                .any(|session| session.list.as_deref() == Some(name))
            || self.trap_list.as_deref() == Some(name)
            || self.keeps_list(name)
    }

    pub(super) fn list_lines(&self, out: &mut Lines) {
        for (name, list) in self.lists.iter() {
            for line in list {
                out.line(0, format_args!("logging list {name} {line}"));
            }
        }
    }
}
