//! The plane and the places of its inputs: a place is kept when what stands before it is settled (D143). Without a file or
//! the journal it is one look at the inputs a turn.

use super::Plane;
use crate::intake::input::Input;

impl Plane<'_> {
    /// Something was read whose place is not kept yet.
    pub(super) fn settles(&self) -> bool {
        self.inputs.iter().any(Input::keeps_place) && self.around.grounds.is_ahead()
    }

    /// Moves places up to what has been delivered; when it `leaves`, the kernel will see to what it took.
    pub(super) fn settle_places(&mut self, leaves: bool) {
        if !self.settles() {
            return;
        }
        for number in 0..self.sessions.len() {
            if self.core.is_unacknowledged(number)
                && let Some(session) = self.sessions.get(number)
                && let Some(octets) = session.acknowledged()
            {
                self.core.acknowledged(number, octets);
            }
        }
        let settled = self.core.settled(leaves);
        self.around.grounds.settle(settled, self.core.number());
        for input in &mut self.inputs {
            input.count_ahead(self.around.grounds);
        }
    }
}
