//! The inputs of the plane: opened as the plan asks, read in turns, held back when sessions ask for it. What is read goes to
//! the core at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::Plane;
use crate::config::logging::InputKey;
use crate::intake::input::Input;
use crate::intake::{Place, Take};
use crate::syslog::core::Core;
use crate::syslog::plan::{InputPlan, Plan};
use crate::syslog::session::Session;

impl Plane<'_> {
    /// What is configured no more is closed before what is new is opened.
    pub(super) fn open_inputs(&mut self, plan: &Plan, now: Duration) {
        let mut before: HashMap<InputKey, Input> = HashMap::new();
        for input in std::mem::take(&mut self.inputs) {
            if plan.inputs.iter().any(|wanted| wanted.key == *input.key()) {
                before.insert(input.key().clone(), input);
            } else {
                input.remove(&self.place(now));
            }
        }
        for wanted in &plan.inputs {
            let known = before.remove(&wanted.key);
            let (mut place, mut take) = self.beside(wanted, now);
            let mut input =
                known.unwrap_or_else(|| Input::open(wanted.key.clone(), &mut place, &mut take));
            input.review(&take);
            self.later.extend(input.take_said().map(|own| (own, None)));
            self.inputs.push(input);
        }
    }

    /// One turn's share of every input; how many datagrams there were.
    pub(super) fn read_inputs(&mut self, now: Duration) -> usize {
        let plan = self.core.plan().clone();
        let mut datagrams = 0;
        // Out of the way, as what they are given comes from the rest.
        let mut inputs = std::mem::take(&mut self.inputs);
        let mut room = std::mem::take(&mut self.room);
        let (held, rests) = (self.held, self.rests);
        for (input, planned) in inputs.iter_mut().zip(&plan.inputs) {
            let (mut place, mut take) = self.beside(planned, now);
            input.tend(&mut place, &mut take);
            let is_held = held && input.can_wait() || now < rests && input.keeps_place();
            if !is_held {
                datagrams += input.read(&mut room, &place, &mut take);
            }
            self.later.extend(input.take_said().map(|own| (own, None)));
        }
        (self.inputs, self.room) = (inputs, room);
        datagrams
    }

    /// No input has anything that may be read now.
    pub(in crate::syslog) fn is_dry(&self) -> bool {
        let is_held = |input: &Input| {
            self.held && input.can_wait() || !self.rests.is_zero() && input.keeps_place()
        };
        !self
            .inputs
            .iter()
            .any(|input| input.is_readable() && !is_held(input))
    }

    /// What an input is given: its place, and who takes its messages.
    fn beside<'p>(&'p mut self, input: &'p InputPlan, now: Duration) -> (Place<'p>, Taking<'p>) {
        let place = Place {
            registry: self.around.poll.registry(),
            tokens: &mut self.tokens,
            grounds: self.around.grounds,
            now,
        };
        let take = Taking {
            core: &mut self.core,
            sessions: &mut self.sessions,
            input,
        };
        (place, take)
    }

    pub(super) fn place(&mut self, now: Duration) -> Place<'_> {
        Place {
            registry: self.around.poll.registry(),
            tokens: &mut self.tokens,
            grounds: self.around.grounds,
            now,
        }
    }
}

/// Takes messages of one input to the core.
struct Taking<'a> {
    core: &'a mut Core,
    sessions: &'a mut [Session],
    input: &'a InputPlan,
}

impl Take for Taking<'_> {
    fn admits(&self, sender: IpAddr) -> bool {
        self.input.admits(sender)
    }

    fn message(&mut self, sender: IpAddr, bytes: &[u8]) -> bool {
        let whole = self.core.message(Some(sender), bytes);
        self.write_full();
        whole
    }

    fn line(&mut self, sender: &IpAddr, bytes: &[u8]) -> bool {
        let whole = self.core.line(sender, bytes);
        self.write_full();
        whole
    }

    fn number(&self) -> u64 {
        self.core.number()
    }

    fn local(&mut self, bytes: &[u8]) -> bool {
        let whole = self.core.message(None, bytes);
        self.write_full();
        whole
    }
}

impl Taking<'_> {
    /// Writes wires that have grown enough.
    #[inline]
    fn write_full(&mut self) {
        while let Some(number) = self.core.take_full() {
            if let Some(session) = self.sessions.get_mut(number) {
                session.write(self.core, number);
            }
        }
    }
}
