//! A syntax in which every name has been looked up, and the questions that are asked of it.
//!
//! Built by `resolve`; compiled, enumerated and printed by others.

use std::sync::Arc;

use super::Form;
use super::types::Type;

/// A resolved syntax.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Keyword {
        word: &'static str,
        help: &'static str,
    },
    Argument(Argument),
    Sequence(Vec<Self>),
    Choice {
        label: Option<&'static str>,
        optional: bool,
        arms: Vec<Self>,
    },
    AnyOrder(Vec<Self>),
}

#[derive(Debug, Clone)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) of: Arc<Type>,
    pub(super) help: &'static str,
    pub(super) secret: bool,
    pub(super) repeated: bool,
}

/// One way to write a command.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) form: Form,
    /// The variant it becomes.
    pub(super) name: String,
    pub(super) part: Part,
    /// The negative syntax as written in the file, when it was.
    pub(super) text: Option<&'static str>,
}

/// `label:[ x … ]` with one arm is a nested struct, every other label an enum.
pub(super) const fn makes_an_enum(optional: bool, arms: &[Part]) -> bool {
    !optional || arms.len() > 1
}

/// The keyword a part begins with, when there is just one way to begin.
pub(super) fn first_keyword(part: &Part) -> Option<&'static str> {
    match part {
        Part::Keyword { word, .. } => Some(word),
        Part::Sequence(parts) => parts.first().and_then(first_keyword),
        Part::Argument(_) | Part::Choice { .. } | Part::AnyOrder(_) => None,
    }
}

pub(super) fn in_sequence(first: Part, rest: Part) -> Part {
    let mut parts = vec![first];
    match rest {
        Part::Sequence(more) => parts.extend(more),
        part => parts.push(part),
    }
    Part::Sequence(parts)
}

/// The line with everything from its first argument or optional on left off or there.
pub(super) fn cut(plain: &Part) -> Part {
    let one = std::slice::from_ref(plain);
    let parts = if let Part::Sequence(parts) = plain {
        parts.as_slice()
    } else {
        one
    };
    let end = parts
        .iter()
        .position(holds_an_argument_or_optional)
        .unwrap_or(parts.len());
    let (kept, rest) = parts.split_at(end);
    let mut kept = kept.to_vec();
    if !rest.is_empty() {
        let rest = if let [one] = rest {
            one.clone()
        } else {
            Part::Sequence(rest.to_vec())
        };
        kept.push(match rest {
            Part::Choice { optional: true, .. } => rest,
            rest => Part::Choice {
                label: None,
                optional: true,
                arms: vec![rest],
            },
        });
    }
    Part::Sequence(kept)
}

fn holds_an_argument_or_optional(part: &Part) -> bool {
    match part {
        Part::Keyword { .. } => false,
        Part::Argument(_) | Part::Choice { optional: true, .. } => true,
        Part::Sequence(parts) | Part::AnyOrder(parts) | Part::Choice { arms: parts, .. } => {
            parts.iter().any(holds_an_argument_or_optional)
        }
    }
}

/// `inner-mode` is `InnerMode`.
pub(super) fn pascal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split('-') {
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    out
}

/// Whether anything inside binds a name.
pub(super) fn can_capture(part: &Part) -> bool {
    match part {
        Part::Keyword { .. } => false,
        Part::Argument(_) => true,
        Part::Sequence(parts) | Part::AnyOrder(parts) => parts.iter().any(can_capture),
        Part::Choice { label, arms, .. } => {
            label.is_some()
                || arms
                    .iter()
                    .any(|arm| matches!(arm, Part::Keyword { .. }) || can_capture(arm))
        }
    }
}

pub(super) fn may_be_empty(part: &Part) -> bool {
    match part {
        Part::Keyword { .. } | Part::Argument(_) => false,
        Part::Sequence(parts) | Part::AnyOrder(parts) => parts.iter().all(may_be_empty),
        Part::Choice { optional, arms, .. } => *optional || arms.iter().any(may_be_empty),
    }
}
