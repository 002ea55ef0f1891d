//! `logging count`, `logging history`, `logging buffered xml`, `logging buffer-size` and the bounds of queues in messages:
//! what the device keeps of messages besides its buffer (D104, D105, D106).

use super::logging::{Local, LocalSession, Logging};
use super::logging_list;
use super::refusal::{Notices, Refusal};
use super::render::Lines;
use crate::command::logging_filters::{LevelOrList, LoggingBufferedXml};
use crate::message::Severity;

pub(super) fn history(logging: &mut Logging, c: &LevelOrList) -> Result<Notices, Refusal> {
    let list = logging_list::defined(logging, c.list.as_ref())?;
    logging.history = Some(LocalSession {
        level: c.level.map(|level| level.0),
        list,
        ..LocalSession::default()
    });
    Ok(Notices::new())
}

/// What is typed changes, the rest stays.
pub(super) fn buffered_xml(
    logging: &mut Logging,
    c: &LoggingBufferedXml,
) -> Result<Notices, Refusal> {
    let list = logging_list::defined(logging, c.list.as_ref())?;
    let session = logging.buffered_xml.get_or_insert_default();
    session.size = c.size.or(session.size);
    if let Some(level) = c.level {
        session.level = Some(level.0).filter(|level| *level != Severity::Debugging);
        session.list = None;
    }
    if list.is_some() {
        (session.level, session.list) = (None, list);
    }
    Ok(Notices::new())
}

/// One size, however it is written: the line typed last says how.
pub(super) fn buffer_size(logging: &mut Logging, size: u32) {
    logging.buffer_size = Some(size);
    if let Some(Local::On(session)) = &mut logging.buffered {
        session.size = None;
    }
}

impl Logging {
    pub(super) fn queue_lines(&self, out: &mut Lines) {
        if let Some(limit) = self.queue_limit_trap {
            out.line(0, format_args!("logging queue-limit trap {limit}"));
        }
        if let Some(limit) = self.queue {
            out.line(0, format_args!("logging queue {limit}"));
        }
    }

    pub(super) fn table_lines(&self, out: &mut Lines) {
        if let Some(session) = &self.buffered_xml {
            let line = super::logging_lines::LocalLine::of_buffer(session, out.is_all());
            out.line(0, format_args!("logging buffered xml{line}"));
        }
        if let Some(size) = self.buffer_size {
            out.line(0, format_args!("logging buffer-size {size}"));
        }
        if self.count {
            out.line(0, format_args!("logging count"));
        }
        match &self.history {
            Some(LocalSession {
                list: Some(list), ..
            }) => out.line(0, format_args!("logging history {list}")),
            Some(session) => {
                out.line(
                    0,
                    format_args!("logging history {}", session.effective_level().keyword()),
                );
            }
            None if out.is_all() => out.line(0, format_args!("no logging history")),
            None => {}
        }
        match self.history_size {
            Some(size) => out.line(0, format_args!("logging history size {size}")),
            None if out.is_all() => out.line(
                0,
                format_args!("logging history size {}", self.history_entries()),
            ),
            None => {}
        }
    }
}
