//! What the memory of headers remembers, and how much.

use std::sync::Arc;

use super::key::hash;
use super::*;
use crate::config::discriminator::{Discriminator, Match, Sense};
use crate::message::parse;
use crate::syslog::discriminator::Asks;
use crate::syslog::verdict::Judgement;

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

/// Of 130 sessions some include what others drop, some ask nothing, and several have one pattern.
#[test]
fn many_body_patterns_at_once_say_what_each_says_alone() {
    let asks: Vec<Asks> = (0..130)
        .map(|session| {
            let sense = [Sense::Includes, Sense::Drops][session / 10 % 2];
            let msg_body = (session % 7 != 0).then(|| Match {
                sense,
                pattern: format!("w{}( |$)", session % 20).into(),
            });
            Asks {
                level: Some(Severity::Debugging),
                discriminator: Some(Arc::new(Discriminator {
                    msg_body,
                    ..Discriminator::default()
                })),
                ..Asks::default()
            }
        })
        .collect();
    let (plan, faults) = FilterPlan::compile(&asks);
    assert!(plan.automaton.is_some() && faults.is_empty());
    let mut judge = Judge::new(&plan);
    for text in ["nothing", "w1", "w1 w2 w13", "w19 and w0 and w10"] {
        let line = format!("%AB-3-CD: {text}");
        let message = parse(line.as_bytes());
        let sender = Sender::of(&message, None, "");
        judge.judge(&plan, &message, || sender, None);
        for session in 0..asks.len() {
            let passes = judge.passing()[session / 64] >> (session % 64) & 1 == 1;
            let alone = plan.judgement(session, &message, &sender);
            assert_eq!(passes, alone == Judgement::Passes, "{session}: {text}");
        }
    }
}
