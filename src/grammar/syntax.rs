//! Reads one syntax line (`beacon { <host> | ipv6 <host> } [xml]`) into a tree of what was written.
//!
//! Knows brackets, labels and tokens; knows nothing of lines, annotations, types or what a fragment stands for.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_while1};
use nom::character::complete::char;
use nom::combinator::{cut, map, not, opt, peek, value, verify};
use nom::error::{ErrorKind, ParseError};
use nom::multi::{many1, separated_list1};
use nom::sequence::{delimited, preceded, terminated};
use nom::{Err, IResult, Parser};

/// A syntax as it was written. Every slice points into the text of its file, so it is its own position.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Word(&'static str),
    Argument {
        name: &'static str,
        /// `host`, `1-65535`, `word 1-8`; the name itself when no type was written.
        kind: &'static str,
        /// `<name:type>...`: one or more.
        repeated: bool,
    },
    Fragment(&'static str),
    Sequence(Vec<Self>),
    Choice {
        label: Option<&'static str>,
        optional: bool,
        arms: Vec<Self>,
        at: &'static str,
    },
    AnyOrder(Vec<Self>),
}

/// Where reading stopped, and what was wanted there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) at: &'static str,
    pub(super) what: &'static str,
}

impl ParseError<&'static str> for Wanted {
    fn from_error_kind(at: &'static str, _: ErrorKind) -> Self {
        Self {
            at,
            what: "a keyword, an <argument>, a Fragment or a bracket",
        }
    }

    fn append(_: &'static str, _: ErrorKind, other: Self) -> Self {
        other
    }

    // The furthest position is the one worth telling: it has the shorter rest.
    fn or(self, other: Self) -> Self {
        if self.at.len() < other.at.len() {
            self
        } else {
            other
        }
    }
}

type Read<T> = IResult<&'static str, T, Wanted>;

/// Brackets inside brackets; a deeper one is a mistake and would only exhaust the stack.
const DEEPEST: usize = 32;

/// Reads a whole syntax.
///
/// # Errors
/// The furthest place that could not be read, and what was wanted there.
pub(super) fn read(text: &'static str) -> Result<Node, Wanted> {
    if let Some(at) = too_deep(text) {
        return Err(Wanted {
            at,
            what: "fewer brackets inside brackets",
        });
    }
    match terminated(sequence, blank).parse_complete(text) {
        Ok(("", node)) => Ok(node),
        Ok((at, _)) => Err(Wanted {
            at,
            what: what_instead_of(at),
        }),
        Err(Err::Error(wanted) | Err::Failure(wanted)) => Err(wanted),
        // Only the streaming parsers of nom ask for more.
        Err(Err::Incomplete(_)) => Err(Wanted {
            at: text,
            what: "more",
        }),
    }
}

fn too_deep(text: &'static str) -> Option<&'static str> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return text.get(at..);
        }
    }
    None
}

fn what_instead_of(at: &str) -> &'static str {
    match at.chars().next() {
        Some('|') => "`|` only between { } or [ ]",
        Some('&') => "`&` only between ( )",
        Some('}' | ']' | ')') => "no closing bracket: none is open",
        _ => "a keyword, an <argument>, a Fragment or a bracket",
    }
}

fn wanted<T>(
    what: &'static str,
    mut parser: impl FnMut(&'static str) -> Read<T>,
) -> impl FnMut(&'static str) -> Read<T> {
    move |at| match parser(at) {
        Err(Err::Error(_)) => Err(Err::Error(Wanted { at, what })),
        other => other,
    }
}

/// White space, and comments to the end of their line.
fn blank(text: &'static str) -> Read<()> {
    let mut rest = text.trim_ascii_start();
    while rest.starts_with('#') {
        (rest, _) = take_till(|c| c == '\n').parse(rest)?;
        rest = rest.trim_ascii_start();
    }
    Ok((rest, ()))
}

fn sequence(text: &'static str) -> Read<Node> {
    map(many1(preceded(blank, item)), |mut items| {
        if items.len() == 1 {
            items.remove(0)
        } else {
            Node::Sequence(items)
        }
    })
    .parse(text)
}

fn item(text: &'static str) -> Read<Node> {
    match text.as_bytes().first() {
        Some(b'<') => argument(text),
        Some(b'{' | b'[') => choice(text),
        Some(b'(') => any_order(text),
        Some(b'A'..=b'Z') => alt((choice, fragment, map(word, Node::Word))).parse(text),
        _ => alt((choice, map(word, Node::Word))).parse(text),
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_graphic()
        && !matches!(
            c,
            '<' | '>' | '{' | '}' | '[' | ']' | '(' | ')' | '|' | '&' | '"' | '#' | '?' | '!' | '='
        )
}

/// A keyword. `system:running-config` is one; `label:{` is not.
fn word(text: &'static str) -> Read<&'static str> {
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let (found, rest) = text.split_at(end);
    if found.is_empty()
        || found.starts_with("...")
        || (found.ends_with(':') && rest.starts_with(['{', '[', '(']))
    {
        return Err(Err::Error(Wanted {
            at: text,
            what: "a keyword",
        }));
    }
    if found.len() > super::LONGEST_KEYWORD {
        return Err(Err::Failure(Wanted {
            at: text,
            what: "a shorter keyword",
        }));
    }
    Ok((rest, found))
}

fn fragment(text: &'static str) -> Read<Node> {
    map(
        verify(
            take_while1(|c: char| c.is_ascii_alphanumeric()),
            |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase()),
        ),
        Node::Fragment,
    )
    .parse(text)
}

fn name(text: &'static str) -> Read<&'static str> {
    verify(
        take_while1(|c: char| c.is_ascii_alphanumeric() || c == '-'),
        |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic()),
    )
    .parse(text)
}

fn argument(text: &'static str) -> Read<Node> {
    let (rest, (name, kind)) = delimited(
        char('<'),
        cut((
            wanted("the name of an argument", name),
            opt(preceded(
                char(':'),
                cut(wanted("a type", |at| {
                    take_while1(|c: char| is_word(c) || c == ' ').parse(at)
                })),
            )),
        )),
        cut(wanted("`>`", |at| value((), char('>')).parse(at))),
    )
    .parse(text)?;
    let (rest, dots) = opt(tag("...")).parse(rest)?;
    Ok((
        rest,
        Node::Argument {
            name,
            kind: kind.unwrap_or(name).trim(),
            repeated: dots.is_some(),
        },
    ))
}

fn choice(text: &'static str) -> Read<Node> {
    let (open, label) = opt(terminated(
        name,
        (char(':'), peek(alt((char('{'), char('['))))),
    ))
    .parse(text)?;
    let (_, bracket) = alt((char('{'), char('['))).parse(open)?;
    let (optional, closing) = if bracket == '[' {
        (true, "`|` or `]`")
    } else {
        (false, "`|` or `}`")
    };
    let (rest, arms) = delimited(
        alt((char('{'), char('['))),
        cut(separated_list1((blank, char('|')), wanted_inside)),
        cut(preceded(
            blank,
            wanted(closing, move |at| {
                value((), char(if optional { ']' } else { '}' })).parse(at)
            }),
        )),
    )
    .parse(open)?;
    Ok((
        rest,
        Node::Choice {
            label,
            optional,
            arms,
            at: text,
        },
    ))
}

fn any_order(text: &'static str) -> Read<Node> {
    let (rest, mut members) = delimited(
        char('('),
        cut(separated_list1((blank, char('&')), wanted_inside)),
        cut(preceded(
            blank,
            wanted("`&` or `)`", |at| value((), char(')')).parse(at)),
        )),
    )
    .parse(text)?;
    let node = if members.len() == 1 {
        members.remove(0)
    } else {
        Node::AnyOrder(members)
    };
    Ok((rest, node))
}

fn wanted_inside(text: &'static str) -> Read<Node> {
    let (at, ()) = blank(text)?;
    // A bar promises another arm: without one this is an error, not the end of the list.
    let (_, ()) = cut(wanted("a keyword, an <argument> or a bracket", |at| {
        not(alt((char('|'), char('&'), char('}'), char(']'), char(')')))).parse(at)
    }))
    .parse(at)?;
    cut(sequence).parse(at)
}
