//! The rows of one session in the file of queues: stored, handed out in their order, dropped when they have arrived or
//! overflow. Always within somebody's transaction.

use rusqlite::{Connection, params};

use super::store::StoreFault;
use crate::message::Severity;
use crate::syslog::batch::{Answer, Batch, Item, Job, ROW, Tally};

/// The rows of one session.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shelf {
    pub(super) row: i64,
    /// The place of the row that was stored last.
    pub(super) last: u64,
    /// Up to this place rows may have left before the process began.
    pub(super) doubtful: u64,
    /// Up to this place rows were handed out.
    pub(super) handed: u64,
    pub(super) number: u64,
    pub(super) rows: Tally,
    pub(super) by_severity: [usize; 8],
    /// When the first of the rows came.
    pub(super) oldest: Option<i64>,
}

impl Shelf {
    pub(super) fn carry_out(&mut self, on: &Connection, job: &Job) -> Result<Answer, StoreFault> {
        self.forget_up_to(on, job.done)?;
        let first = self.last + 1;
        self.store(on, &job.store)?;
        self.number = self.number.max(job.number);
        let overflowed = self.overflow(on, job)?;
        let handed = if job.room == 0 {
            Batch::default()
        } else if job.after + 1 >= first
            && overflowed.messages == 0
            && job.store.bytes.len() <= job.room
        {
            // Nothing stands between: what was just written need not be read.
            let mut handed = job.store.clone();
            for (number, item) in (first..).zip(&mut handed.items) {
                item.number = number;
            }
            handed
        } else {
            self.read(on, job.after, job.room)?
        };
        if let Some(last) = handed.items.last() {
            self.handed = self.handed.max(last.number);
        }
        let mut statement =
            on.prepare_cached("UPDATE session SET number = ?2, handed = ?3 WHERE id = ?1")?;
        statement.execute(params![self.row, self.number, self.handed])?;
        self.find_oldest(on)?;
        Ok(Answer {
            session: job.session.clone(),
            life: job.life,
            overflowed,
            handed,
            oldest: self.oldest,
            ..Answer::default()
        })
    }

    fn store(&mut self, on: &Connection, batch: &Batch) -> Result<(), StoreFault> {
        let mut statement = on.prepare_cached(
            "INSERT INTO message (session, severity, place, received, text, came) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for (item, bytes) in batch.iter() {
            self.last += 1;
            let severity = item.severity.number();
            statement.execute(params![
                self.row,
                severity,
                self.last,
                item.is_received,
                bytes,
                item.came
            ])?;
            if let Some(lane) = self.by_severity.get_mut(usize::from(severity)) {
                *lane += 1;
            }
        }
        self.rows.add(batch.tally());
        Ok(())
    }

    /// Looks at the first row of each lane.
    pub(super) fn find_oldest(&mut self, on: &Connection) -> Result<(), StoreFault> {
        let mut first: Option<(u64, i64)> = None;
        for (severity, _) in (0_u8..).zip(self.by_severity).filter(|(_, rows)| *rows > 0) {
            let mut statement = on.prepare_cached(
                "SELECT place, came FROM message WHERE session = ?1 AND severity = ?2 ORDER BY place LIMIT 1",
            )?;
            let mut rows = statement.query(params![self.row, severity])?;
            if let Some(row) = rows.next()? {
                let found = (row.get(0)?, row.get(1)?);
                first = Some(first.map_or(found, |first| first.min(found)));
            }
        }
        self.oldest = first.map(|(_, came)| came);
        Ok(())
    }

    /// Drops what has arrived.
    fn forget_up_to(&mut self, on: &Connection, done: u64) -> Result<(), StoreFault> {
        for severity in 0..8_u8 {
            self.drop_between(on, severity, 0, done, None)?;
        }
        Ok(())
    }

    /// Drops rows of one severity behind `after` up to `last`, of which so much is known already.
    fn drop_between(
        &mut self,
        on: &Connection,
        severity: u8,
        after: u64,
        last: u64,
        known: Option<Tally>,
    ) -> Result<(), StoreFault> {
        let Some(lane) = self.by_severity.get_mut(usize::from(severity)) else {
            return Ok(());
        };
        if *lane == 0 || last <= after {
            return Ok(());
        }
        let range = params![self.row, severity, after, last];
        let dropped = match known {
            Some(tally) => tally,
            None => {
                let mut statement = on.prepare_cached(
                    "SELECT count(*), total(length(text)) FROM message WHERE session = ?1 AND severity = ?2 AND place > ?3 AND place <= ?4",
                )?;
                statement.query_row(range, |row| {
                    let bytes: f64 = row.get(1)?;
                    Ok(Tally {
                        messages: row.get(0)?,
                        bytes: bytes as usize,
                    })
                })?
            }
        };
        if dropped.messages > 0 {
            let mut statement = on.prepare_cached(
                "DELETE FROM message WHERE session = ?1 AND severity = ?2 AND place > ?3 AND place <= ?4",
            )?;
            statement.execute(range)?;
            *lane = lane.saturating_sub(dropped.messages);
            self.rows.take(dropped);
        }
        Ok(())
    }

    /// Lets the oldest of the least severe overflow while there is too much.
    fn overflow(&mut self, on: &Connection, job: &Job) -> Result<Tally, StoreFault> {
        let mut overflowed = Tally::default();
        for severity in (0..8_u8).rev() {
            let excess_bytes = self.rows.held().saturating_sub(job.most_bytes);
            let excess = self.rows.messages.saturating_sub(job.most_messages);
            if excess_bytes == 0 && excess == 0 {
                break;
            }
            let mut found = Tally::default();
            let mut last = 0;
            let mut statement = on.prepare_cached(
                "SELECT place, length(text) FROM message WHERE session = ?1 AND severity = ?2 AND place > ?3 ORDER BY place",
            )?;
            let mut rows = statement.query(params![self.row, severity, job.after])?;
            while (found.bytes + found.messages * ROW < excess_bytes || found.messages < excess)
                && let Some(row) = rows.next()?
            {
                last = row.get(0)?;
                found.add(Tally {
                    messages: 1,
                    bytes: row.get(1)?,
                });
            }
            drop(rows);
            self.drop_between(on, severity, job.after, last, Some(found))?;
            overflowed.add(found);
        }
        Ok(overflowed)
    }

    /// Rows behind `after` in order, at least one, else at most `room` bytes.
    pub(super) fn read(
        &self,
        on: &Connection,
        after: u64,
        room: usize,
    ) -> Result<Batch, StoreFault> {
        let mut batch = Batch::default();
        if self.last <= after {
            return Ok(batch);
        }
        let mut statement = on.prepare_cached(IN_ORDER)?;
        let mut rows = statement.query(params![self.row, after])?;
        while batch.bytes.len() < room
            && let Some(row) = rows.next()?
        {
            let number = row.get(0)?;
            let severity = Severity::from_number(row.get(1)?)
                .ok_or_else(|| StoreFault::Damaged("no severity".to_owned()))?;
            let text = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
            if !batch.is_empty() && batch.bytes.len() + text.len() > room {
                break;
            }
            let item = Item {
                number,
                length: u32::try_from(text.len())
                    .map_err(|_| StoreFault::Damaged("no message is so long".to_owned()))?,
                severity,
                is_received: row.get(2)?,
                is_doubtful: number <= self.doubtful,
                came: row.get(4)?,
            };
            batch.push(item, text);
        }
        Ok(batch)
    }
}

/// Eight lanes, merged by place; each is in order already, so that nothing is sorted.
pub(super) const IN_ORDER: &str = "
    SELECT place, severity, received, text, came FROM message WHERE session = ?1 AND severity = 0 AND place > ?2
    UNION ALL SELECT place, severity, received, text, came FROM message WHERE session = ?1 AND severity = 1 AND place > ?2
    UNION ALL SELECT place, severity, received, text, came FROM message WHERE session = ?1 AND severity = 2 AND place > ?2
    UNION ALL SELECT place, severity, received, text, came FROM message WHERE session = ?1 AND severity = 3 AND place > ?2
    UNION ALL SELECT place, severity, received, text, came FROM message WHERE session = ?1 AND severity = 4 AND place > ?2
    UNION ALL SELECT place, severity, received, text, came FROM message WHERE session = ?1 AND severity = 5 AND place > ?2
    UNION ALL SELECT place, severity, received, text, came FROM message WHERE session = ?1 AND severity = 6 AND place > ?2
    UNION ALL SELECT place, severity, received, text, came FROM message WHERE session = ?1 AND severity = 7 AND place > ?2
    ORDER BY place";
