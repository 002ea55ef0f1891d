//! What the memory of headers remembers, and how much.

use std::sync::Arc;

use super::*;
use crate::config::discriminator::{Discriminator, Match, Sense};
use crate::message::parse;
use crate::syslog::discriminator::Asks;

/// A plan under which names matter.
fn plan() -> FilterPlan {
    let facility = Some(Match {
        sense: Sense::Drops,
        pattern: "NOBODY".into(),
    });
    let discriminator = Discriminator {
        facility,
        ..Discriminator::default()
    };
    let asks = Asks {
        discriminator: Some(Arc::new(discriminator)),
        ..Asks::default()
    };
    FilterPlan::compile(&[asks]).0
}

#[test]
fn a_header_is_remembered_by_all_of_its_parts() {
    let plan = plan();
    let mut judge = Judge::new(&plan);
    let first = judge.entry(&plan, &parse(b"%AB-3-CD: x"));
    assert_eq!(judge.entry(&plan, &parse(b"%AB-3-CD: y")), first);
    for other in [
        "%AB-4-CD: x",
        "%AX-3-CD: x",
        "%AB-3-CX: x",
        "%A-3-BCD: x",
        "<11>ab: x",
    ] {
        let other = parse(other.as_bytes());
        let known = &judge.entries[first];
        assert!(!known.is_of(&Key::of(&other, true)), "{other:?}");
        assert_ne!(judge.entry(&plan, &other), first);
    }
}

#[test]
fn names_are_not_remembered_where_nobody_asks_for_them() {
    let plan = FilterPlan::compile(&[Asks::default()]).0;
    let mut judge = Judge::new(&plan);
    let first = judge.entry(&plan, &parse(b"%AB-3-CD: x"));
    assert_eq!(judge.entry(&plan, &parse(b"%XY-3-Z: y")), first);
    assert_ne!(judge.entry(&plan, &parse(b"%AB-4-CD: x")), first);
}

#[test]
fn texts_of_every_length_are_spread() {
    let text = [7; 80];
    let mut all: Vec<u64> = (0..=80).map(|length| hash(1, &text[..length])).collect();
    for place in 0..80 {
        let mut other = text;
        other[place] = 8;
        all.push(hash(1, &other));
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 161);
}

#[test]
fn a_sender_of_ever_new_headers_does_not_make_the_memory_grow() {
    let plan = plan();
    let mut judge = Judge::new(&plan);
    for number in 0..3 * MOST_ENTRIES {
        judge.judge(
            &plan,
            &parse(format!("%X-5-M{number}: x").as_bytes()),
            || unreachable!("nobody asks for the sender"),
            None,
        );
        assert!(judge.entries.len() <= MOST_ENTRIES);
    }
    assert!(judge.entries.len() > 1);
}
