//! What the tests of sessions on disk stand on: a disk that is a list, and a core with one session on it.

use std::collections::{BTreeMap, BTreeSet};

use super::Core;
use super::tests::{at, config, host, plan};
use crate::message::Severity;
use crate::syslog::api::Counters;
use crate::syslog::batch::{Answer, Item, Job, Stored, Tally};
use crate::syslog::on_disk::Turn;

/// What a disk does, in a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    pub(super) rows: BTreeMap<u64, (Severity, Vec<u8>)>,
    /// When those came that ever were.
    pub(super) came: BTreeMap<u64, i64>,
    pub(super) last: u64,
    pub(super) handed: u64,
    pub(super) doubtful: u64,
    pub(super) number: u64,
    pub(super) job: Option<Job>,
    pub(super) refuses: bool,
}

impl Disk {
    pub(super) fn stored(&self) -> Stored {
        Stored {
            tally: Tally {
                messages: self.rows.len(),
                bytes: self.rows.values().map(|(_, text)| text.len()).sum(),
            },
            number: self.number,
            oldest: self.oldest(),
        }
    }

    pub(super) fn oldest(&self) -> Option<i64> {
        self.came.get(self.rows.keys().next()?).copied()
    }

    /// After a kill: the job under way never was.
    pub(super) fn restart(&mut self) {
        (self.job, self.doubtful, self.refuses) = (None, self.handed, false);
    }

    pub(super) fn carry_out(&mut self, mut job: Job) -> Answer {
        let mut answer = Answer {
            session: job.session.clone(),
            life: job.life,
            ..Answer::default()
        };
        if self.refuses {
            answer.refused = Some((std::mem::take(&mut job.store), "full".to_owned()));
        } else {
            self.rows.retain(|place, _| *place > job.done);
            for (item, bytes) in job.store.iter() {
                self.last += 1;
                self.rows.insert(self.last, (item.severity, bytes.to_vec()));
                self.came.insert(self.last, item.came);
            }
            self.number = job.number;
            while self.rows.len() > job.most_messages {
                let behind = self.rows.range(job.after + 1..);
                let Some((&place, _)) = behind.min_by_key(|(place, (severity, _))| {
                    (std::cmp::Reverse(severity.number()), **place)
                }) else {
                    break;
                };
                let bytes = self.rows.remove(&place).map_or(0, |(_, text)| text.len());
                answer.overflowed.add(Tally { messages: 1, bytes });
            }
        }
        for (place, (severity, text)) in self.rows.range(job.after + 1..) {
            if answer.handed.bytes.len() >= job.room {
                break;
            }
            let item = Item {
                number: *place,
                length: text.len() as u32,
                severity: *severity,
                is_received: true,
                is_doubtful: *place <= self.doubtful,
                came: self.came[place],
            };
            answer.handed.push(item, text);
            self.handed = self.handed.max(*place);
        }
        answer.oldest = self.oldest();
        answer
    }
}

/// A core with one session on disk, its disk, and what left.
pub(super) struct Bench {
    pub(super) core: Core,
    pub(super) disk: Disk,
    pub(super) second: u64,
    /// By the session's number, and by what they say.
    pub(super) sent: Vec<u64>,
    pub(super) arrived: BTreeSet<u64>,
    pub(super) line: Vec<u8>,
    pub(super) octets: u64,
}

impl Bench {
    pub(super) fn new(most: Option<u32>) -> Self {
        let disk = Disk::default();
        Self {
            core: core(most, &disk),
            disk,
            second: 0,
            sent: Vec::new(),
            arrived: BTreeSet::new(),
            line: Vec::new(),
            octets: 0,
        }
    }

    /// One turn of the plane for the disk: the answer of the job before, then the next job.
    pub(super) fn turn(&mut self) -> Option<Turn> {
        let job = self.disk.job.take();
        let answer = job.map(|job| self.disk.carry_out(job));
        let turn = answer.and_then(|answer| self.core.answer(answer));
        self.disk.job = self.core.take_job(0);
        turn.map(|(session, turn)| {
            assert_eq!(session, 0);
            turn
        })
    }

    pub(super) fn up(&mut self) {
        if !self.core.is_up(0) {
            self.core.link_up(0, None, true);
            (self.line, self.octets) = (Vec::new(), 0);
        }
    }

    /// The kernel takes some bytes.
    pub(super) fn write(&mut self, count: usize) {
        let bytes = self.core.bytes(0);
        let taken = bytes[..count.min(bytes.len())].to_vec();
        for byte in &taken {
            if *byte == b'\n' {
                self.sent.push(number_behind(&self.line, "s_sn=\""));
                self.arrived.insert(number_behind(&self.line, "text "));
                self.line.clear();
            } else {
                self.line.push(*byte);
            }
        }
        self.octets += taken.len() as u64;
        self.core.advance(0, taken.len());
    }

    pub(super) fn counters(&mut self) -> Counters {
        let counters = self.core.host(0);
        let c = &counters;
        assert_eq!(c.offered + c.restored, c.below_level + c.received, "{c:?}");
        assert_eq!(
            c.received,
            c.delivered + c.filtered + c.rate_limited + c.merged + c.queued + c.overflowed,
            "{c:?}"
        );
        counters
    }

    /// Until nothing moves any more, on a link that takes everything.
    pub(super) fn finish(&mut self) {
        self.disk.refuses = false;
        self.up();
        let mut quiet = 0;
        for _ in 0..1000 {
            self.second += 10;
            self.core.begin(at(self.second));
            self.turn();
            self.write(usize::MAX);
            self.core.acknowledged(0, self.octets);
            if self.disk.job.is_none() && self.core.queue(0).messages == 0 {
                quiet += 1;
            }
            // What has arrived is told once more.
            if quiet > 3 {
                return;
            }
        }
        panic!("it never ends: {:?} {:?}", self.core.queue(0), self.disk);
    }
}

/// 0 where there is none.
pub(super) fn number_behind(line: &[u8], word: &str) -> u64 {
    let line = String::from_utf8_lossy(line);
    let digits = line.split_once(word).map_or("", |(_, behind)| behind);
    let end = digits.find(|c: char| !c.is_ascii_digit());
    let digits = digits.get(..end.unwrap_or(digits.len()));
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

pub(super) fn planned(most: Option<u32>) -> std::sync::Arc<crate::syslog::plan::Plan> {
    plan(&config(|logging| {
        host(logging, 601, |h| {
            (h.queue_disk, h.sequence_num_session) = (Some(1), true)
        });
        logging.queue_limit = most;
    }))
}

pub(super) fn core(most: Option<u32>, disk: &Disk) -> Core {
    let mut core = Core::new(planned(most), at(0));
    let name = crate::syslog::batch::name(&core.plan().hosts[0].key);
    let shelf = [(name, disk.stored())];
    core.restore(shelf.into_iter().collect(), 7);
    core
}
