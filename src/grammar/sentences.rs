//! Sentences of a mode, made from its trees: for tests, for fuzz seeds, and to see that no two commands share one.
//!
//! Every order and every choice when there are few; a spread of them when there are many, in which every token occurs.

use std::collections::{HashMap, HashSet};

use super::argument::Kind;
use super::notation::error_at;
use super::tree::{Argument, Part};
use super::types::Spec;
use super::{Command, FileError, Form, Mode, Source, Walk, Walker};

/// A line, and what it must become.
#[derive(Debug, Clone)]
pub struct Sentence<'m> {
    pub text: String,
    /// The variant.
    pub name: &'m str,
    pub form: Form,
    pub command: &'m Command,
}

/// What is written for the arguments: by the name of a type (or of an argument, which counts more), or else something
/// that fits the built-in type.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    by_name: HashMap<String, Vec<String>>,
}

impl Samples {
    #[must_use]
    pub fn with(mut self, name: &str, samples: &[&str]) -> Self {
        self.by_name.insert(
            name.into(),
            samples.iter().map(|sample| (*sample).to_string()).collect(),
        );
        self
    }

    fn of(&self, argument: &Argument) -> Vec<String> {
        if let Some(own) = self
            .by_name
            .get(argument.name)
            .or_else(|| self.by_name.get(argument.of.name))
        {
            return own.clone();
        }
        match &argument.of.spec {
            Spec::One(kind) => of_kind(*kind),
            Spec::Keywords { words, ranges } => {
                let words = words.iter().map(|(word, _)| (*word).to_string());
                words
                    .chain(ranges.iter().flat_map(|range| of_kind(range.kind)))
                    .collect()
            }
        }
    }
}

fn of_kind(kind: Kind) -> Vec<String> {
    let texts: &[&str] = match kind {
        Kind::Word { least, most } | Kind::Name { least, most } => {
            return vec![fitted("Xq7", least, most), fitted("zZ-9", least, most)];
        }
        Kind::Range(low, high) if low == high => return vec![low.to_string()],
        Kind::Range(low, high) => return vec![low.to_string(), high.to_string()],
        Kind::Led(lead, low, high) => return vec![format!("{lead}{low}"), format!("{lead}{high}")],
        Kind::List(low, high) => {
            return vec![low.to_string(), format!("{low},{}-{high}", high - 1)];
        }
        Kind::Text { least, most } => return of_length(&["Xq7", "\"two words\""], least, most),
        Kind::Line { least, most } => return of_length(&["the rest of  the line"], least, most),
        Kind::Pattern => &["A|B", "\"Xq7 .*\" [0-9]"],
        Kind::Host => &["192.0.2.7", "xq7.example.net", "2001:db8::7"],
        Kind::Ipv4 => &["192.0.2.7"],
        Kind::Ipv6 => &["2001:db8::7"],
        Kind::Ip => &["192.0.2.7", "2001:db8::7"],
        Kind::Mask => &["255.255.255.0"],
        Kind::Prefix => &["192.0.2.0/24", "2001:db8::/32"],
        Kind::Url => &["https://xq7.example.net/path", "http://192.0.2.7:8080"],
        Kind::Email { .. } => &["xq7@example.net"],
        Kind::Time => &["07:45", "23:59"],
        Kind::Hex => &["0aF3"],
    };
    texts.iter().map(|text| (*text).to_string()).collect()
}

/// Those of the texts that have such a length, or a word that has it.
fn of_length(texts: &[&str], least: usize, most: usize) -> Vec<String> {
    let fits = |text: &&&str| (least..=most).contains(&text.trim_matches('"').len());
    let found: Vec<_> = texts
        .iter()
        .filter(fits)
        .map(|text| (*text).to_string())
        .collect();
    if found.is_empty() {
        return vec![fitted("Xq7", least, most)];
    }
    found
}

/// The word, made longer or cut.
fn fitted(word: &str, least: usize, most: usize) -> String {
    let length = word.len().clamp(least, most);
    word.chars()
        .chain(std::iter::repeat('7'))
        .take(length)
        .collect()
}

/// Sentences of every command in every form, `cap` of them at most for each form and a few more where only those make
/// every token occur.
pub fn sentences<'m>(mode: &'m Mode, samples: &Samples, cap: usize) -> Vec<Sentence<'m>> {
    let mut found = Vec::new();
    for command in &mode.commands {
        for tree in &command.trees {
            let counted = Counted::new(&tree.part, samples);
            found.extend(counted.picks(cap).into_iter().map(|pick| {
                let mut words = Vec::new();
                counted.write(pick, &mut words);
                Sentence {
                    text: words.join(" "),
                    name: &tree.name,
                    form: tree.form,
                    command,
                }
            }));
        }
    }
    found
}

/// The commands whose sentences become another command, each pair once.
pub(super) fn conflicts(source: Source, mode: &Mode) -> Vec<FileError> {
    let mut walker = Walker::default();
    let mut told = HashSet::new();
    let mut wrong = Vec::new();
    for Sentence {
        text,
        name,
        form,
        command,
    } in sentences(mode, &Samples::default(), 200)
    {
        let instead = match mode.walk(&mut walker, &text) {
            Walk::Matched(found)
                if std::ptr::eq(found.command(), command) && found.form() == form =>
            {
                continue;
            }
            Walk::Matched(found) => format!(
                "is taken for `{}` of line {}",
                found.name(),
                found.command().line()
            ),
            Walk::Incomplete { .. } => "is taken for an incomplete command".to_string(),
            Walk::Ambiguous { .. } => "is ambiguous".to_string(),
            Walk::Invalid { column } => format!("is invalid from byte {column} on"),
        };
        if told.insert((name, instead.clone())) {
            wrong.push(error_at(
                source,
                command.syntax,
                format!("`{text}` of `{name}` {instead}"),
            ));
        }
    }
    wrong
}

/// A part with the number of ways to write it; number 0 has every optional and every first arm.
struct Counted {
    ways: u128,
    of: Of,
}

enum Of {
    Token(Vec<String>),
    Sequence(Vec<Counted>),
    Choice(Vec<Counted>),
    AnyOrder(Vec<Counted>),
}

impl Counted {
    fn new(part: &Part, samples: &Samples) -> Self {
        let all = |parts: &[Part]| {
            parts
                .iter()
                .map(|part| Self::new(part, samples))
                .collect::<Vec<_>>()
        };
        let product = |parts: &[Self]| {
            parts
                .iter()
                .fold(1_u128, |ways, part| ways.saturating_mul(part.ways))
        };
        let (ways, of) = match part {
            Part::Keyword { word, .. } => (1, Of::Token(vec![(*word).to_string()])),
            Part::Argument(argument) => {
                let mut texts = samples.of(argument);
                if argument.repeated {
                    texts.push(texts.join(" "));
                }
                (texts.len() as u128, Of::Token(texts))
            }
            Part::Sequence(parts) => {
                let parts = all(parts);
                (product(&parts), Of::Sequence(parts))
            }
            Part::Choice { optional, arms, .. } => {
                let arms = all(arms);
                let ways = arms.iter().fold(u128::from(*optional), |ways, arm| {
                    ways.saturating_add(arm.ways)
                });
                (ways, Of::Choice(arms))
            }
            Part::AnyOrder(members) => {
                let members = all(members);
                let orders = orders(members.len());
                (
                    product(&members).saturating_mul(orders),
                    Of::AnyOrder(members),
                )
            }
        };
        Self { ways, of }
    }

    fn write(&self, mut pick: u128, into: &mut Vec<String>) {
        match &self.of {
            Of::Token(texts) => {
                let text = usize::try_from(pick % self.ways.max(1))
                    .ok()
                    .and_then(|pick| texts.get(pick));
                into.extend(text.cloned());
            }
            Of::Sequence(parts) => {
                for part in parts {
                    part.write(pick % part.ways.max(1), into);
                    pick /= part.ways.max(1);
                }
            }
            Of::Choice(arms) => {
                for arm in arms {
                    if pick < arm.ways {
                        return arm.write(pick, into);
                    }
                    pick -= arm.ways;
                }
            }
            Of::AnyOrder(members) => {
                let count = members.len();
                let order = usize::try_from(pick % orders(count)).unwrap_or(0);
                pick /= orders(count);
                let mut written = Vec::with_capacity(count);
                for member in members {
                    let mut words = Vec::new();
                    member.write(pick % member.ways.max(1), &mut words);
                    pick /= member.ways.max(1);
                    written.push(words);
                }
                written.rotate_left(order % count.max(1));
                if order >= count {
                    written.reverse();
                }
                into.extend(written.into_iter().flatten());
            }
        }
    }

    /// All ways when there are no more than `cap`; or else a spread, and one for every token that it might miss.
    fn picks(&self, cap: usize) -> Vec<u128> {
        if self.ways <= cap as u128 {
            return (0..self.ways).collect();
        }
        // Steps of the golden ratio come by everywhere, low digits included.
        let stride = (self.ways / 1000 * 618 + self.ways % 1000 * 618 / 1000) | 1;
        let spread = (0..cap as u128).map(|turn| turn.wrapping_mul(stride) % self.ways);
        let mut picks: Vec<u128> = Vec::new();
        self.coverage(1, 0, &mut picks);
        let mut known: HashSet<u128> = picks.iter().copied().collect();
        let missing = cap.saturating_sub(known.len());
        picks.extend(spread.filter(|pick| known.insert(*pick)).take(missing));
        picks
    }

    /// For every token, a pick in which it occurs: `unit` is what one more of this part adds, `base` what is fixed
    /// around it.
    fn coverage(&self, unit: u128, base: u128, picks: &mut Vec<u128>) {
        match &self.of {
            Of::Token(texts) => picks.extend(
                (0..texts.len() as u128).map(|pick| base.wrapping_add(unit.wrapping_mul(pick))),
            ),
            Of::Sequence(parts) | Of::AnyOrder(parts) => {
                let mut unit = match &self.of {
                    Of::AnyOrder(members) => unit.wrapping_mul(orders(members.len())),
                    _ => unit,
                };
                for part in parts {
                    part.coverage(unit, base, picks);
                    unit = unit.wrapping_mul(part.ways);
                }
            }
            Of::Choice(arms) => {
                let mut skipped = 0_u128;
                for arm in arms {
                    arm.coverage(unit, base.wrapping_add(unit.wrapping_mul(skipped)), picks);
                    skipped = skipped.wrapping_add(arm.ways);
                }
            }
        }
    }
}

/// Rotations of the members, and the same backwards; all orders up to three members.
const fn orders(members: usize) -> u128 {
    match members {
        0 | 1 => 1,
        2 => 2,
        more => 2 * more as u128,
    }
}
