//! The plane and e-mails: letters go to control, which sends them; what became of one comes back as an order. Without
//! `logging mail` it is one look at an empty queue a turn.

use super::letter::Mailed;
use super::orders::Report;
use super::plane::Plane;

impl Plane<'_> {
    pub(super) fn tend_mail(&mut self) {
        if let Some(letter) = self.core.take_letter(!self.drains.is_empty()) {
            (self.around.report)(Report::Letter(letter));
        }
    }

    pub(super) fn hear_mail(&mut self, mailed: Mailed) {
        let said = self.core.mailed(mailed);
        self.later.extend(said.map(|own| (own, None)));
    }
}
