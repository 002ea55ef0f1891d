//! What the tests of inputs share: a poll, a time of the test's own, and somebody who takes messages.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mio::{Events, Poll};

use super::grounds::Grounds;
use super::input::Input;
use super::{Place, Room, Take, Tokens};
use crate::config::logging::{InputAddress, InputKey, InputPort, InputTransport};
use crate::state::Folder;

/// What an input is given: a poll, a time, and somebody who takes messages.
pub(super) struct Bench {
    pub(super) poll: Poll,
    pub(super) tokens: Tokens,
    pub(super) room: Room,
    pub(super) now: Duration,
    pub(super) taken: Taken,
    pub(super) grounds: Grounds,
    folder: Arc<Folder>,
    /// An input root.
    pub(super) root: tempfile::TempDir,
    _state: tempfile::TempDir,
}

#[derive(Default)]
pub(super) struct Taken {
    pub(super) messages: Vec<String>,
    /// Of the last one that came from this host.
    pub(super) octets: Vec<u8>,
    pub(super) refuses: bool,
}

impl Take for Taken {
    fn admits(&self, _: IpAddr) -> bool {
        !self.refuses
    }

    fn message(&mut self, _: IpAddr, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes).trim_end().to_owned();
        let whole = !text.is_empty();
        self.messages.extend(whole.then_some(text));
        whole
    }

    fn local(&mut self, bytes: &[u8]) -> bool {
        self.octets = bytes.to_vec();
        self.message(Ipv4Addr::UNSPECIFIED.into(), bytes)
    }
}

impl Bench {
    pub(super) fn new() -> Self {
        let poll = Poll::new().expect("a poll");
        let (tokens, room, taken) = (Tokens::from(1), Room::default(), Taken::default());
        let state = tempfile::tempdir().expect("a folder");
        let folder = Arc::new(Folder::open(state.path()).expect("a state folder"));
        let root = tempfile::tempdir().expect("a folder");
        Self {
            grounds: Grounds::new(folder.clone(), vec![root.path().to_owned()]),
            folder,
            root,
            _state: state,
            poll,
            tokens,
            room,
            now: Duration::from_secs(1),
            taken,
        }
    }

    /// Another process on the same state folder.
    pub(super) fn restart(&mut self) {
        self.grounds.close();
        self.grounds = self.new_grounds();
    }

    pub(super) fn new_grounds(&self) -> Grounds {
        Grounds::new(self.folder.clone(), vec![self.root.path().to_owned()])
    }

    /// A path below the input root.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(super) fn file(&mut self, name: &str) -> Input {
        let path = self.path(name);
        self.open_key(InputKey::File(text(&path).into()))
    }

    pub(super) fn unix(&mut self, name: &str) -> Input {
        let path = self.path(name);
        self.open_key(InputKey::Unix(text(&path).into()))
    }

    /// It is configured no more.
    pub(super) fn remove(&mut self, input: Input) {
        input.remove(&Place {
            registry: self.poll.registry(),
            tokens: &mut self.tokens,
            grounds: &self.grounds,
            now: self.now,
        });
    }

    /// Turns until all that was said so far has surely been heard.
    pub(super) fn settle(&mut self, input: &mut Input) {
        for _ in 0..3 {
            self.turn(input, Duration::ZERO);
        }
    }

    /// What was taken since the last call.
    pub(super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.taken.messages)
    }

    pub(super) fn open(&mut self, transport: InputTransport, port: u16) -> Input {
        let address = InputAddress::One(Ipv4Addr::LOCALHOST.into());
        self.open_key(InputKey::Port(InputPort {
            transport,
            address,
            port,
        }))
    }

    pub(super) fn open_key(&mut self, key: InputKey) -> Input {
        let mut place = Place {
            registry: self.poll.registry(),
            tokens: &mut self.tokens,
            grounds: &self.grounds,
            now: self.now,
        };
        Input::open(key, &mut place, &mut self.taken)
    }

    pub(super) fn retry(&mut self, input: &mut Input) {
        let mut place = Place {
            registry: self.poll.registry(),
            tokens: &mut self.tokens,
            grounds: &self.grounds,
            now: self.now,
        };
        input.retry(&mut place, &mut self.taken);
    }

    /// Waits for events, then does what a plane does.
    pub(super) fn turn(&mut self, input: &mut Input, wait: Duration) {
        let mut events = Events::with_capacity(1024);
        self.poll.poll(&mut events, Some(wait)).expect("a poll");
        for event in &events {
            assert!(input.ready(event), "an event of nobody");
        }
        let mut place = Place {
            registry: self.poll.registry(),
            tokens: &mut self.tokens,
            grounds: &self.grounds,
            now: self.now,
        };
        input.tend(&mut place, &mut self.taken);
        while input.is_readable() {
            input.read(&mut self.room, &place, &mut self.taken);
        }
    }

    pub(super) fn until(
        &mut self,
        input: &mut Input,
        what: &str,
        holds: impl Fn(&Input, &Taken) -> bool,
    ) {
        for _ in 0..1000 {
            if holds(input, &self.taken) {
                return;
            }
            self.turn(input, Duration::from_millis(20));
        }
        panic!("never: {what}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}
