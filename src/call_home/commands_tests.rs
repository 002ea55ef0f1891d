//! The commands whose output messages attach, against what can be typed.

use super::message::Kind;
use crate::command::GRAMMAR;
use crate::config::call_home::AlertGroup;
use crate::grammar::{Walk, Walker};

#[test]
fn every_command_that_is_attached_can_be_typed_and_only_reads() {
    let mode = GRAMMAR.mode("exec").expect("the mode of EXEC commands");
    let mut walker = Walker::default();
    let groups = AlertGroup::ALL.into_iter().map(Kind::Group);
    let mut wrong = Vec::new();
    for line in groups.chain([Kind::Test]).flat_map(Kind::commands) {
        let command = line.split(" | ").next().unwrap_or_default();
        match mode.walk(&mut walker, command) {
            Walk::Matched(found) if found.command().reads() && found.is_exact() => {}
            _ => wrong.push(*line),
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
