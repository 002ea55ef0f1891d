//! Lines against the grammar: sentences with changes, random bytes, lines of a megabyte. Nothing panics, every column is a
//! place in the line, and what `?` says agrees with what the line does.

use watchfire::command::{self, GRAMMAR};
use watchfire::grammar::sentences::{Samples, sentences};
use watchfire::grammar::words::{Words, quoted};
use watchfire::grammar::{Mode, Walk, Walker};

use super::random::{Random, text};

/// Bytes that words end at, and some that they do not.
const LIKELY: &[u8] = b"  \t\"\"|||\\?!()[]*.,:;-_/09afz^$\0\x01\x7f\x1b\xc2\x9b\xc3\xa4\xff";

/// Lines of a mode that are right.
pub(crate) fn seeds(mode: &Mode, most: usize) -> Vec<String> {
    let sentences = sentences(mode, &Samples::default(), most);
    sentences
        .into_iter()
        .map(|sentence| sentence.text)
        .collect()
}

pub(crate) fn modes() -> impl Iterator<Item = &'static Mode> {
    GRAMMAR.mode_names().filter_map(|name| GRAMMAR.mode(name))
}

pub(crate) fn line(random: &mut Random, seeds: &[String]) -> String {
    if random.once_in(8) {
        return text(&random.bytes(LIKELY, 60));
    }
    text(&random.mutated(seeds, LIKELY, 5))
}

fn assert_place(line: &str, column: usize) {
    assert!(line.is_char_boundary(column), "{column} in {line:?}");
}

/// What became of it: whether the line is a command and takes no pipe, or where it is refused.
fn walked(mode: &Mode, walker: &mut Walker, line: &str) -> Result<bool, usize> {
    match mode.walk(walker, line) {
        Walk::Matched(found) => {
            for secret in found.secrets() {
                assert!(line.get(secret.clone()).is_some(), "{line:?}");
            }
            if let Err(error) = command::parse(&found) {
                assert_place(line, error.column);
            }
            if let Some(pipe) = found.pipe() {
                assert!(line[pipe..].starts_with('|'), "{pipe} in {line:?}");
            }
            Ok(found.pipe().is_none())
        }
        Walk::Incomplete { column } => {
            assert_place(line, column);
            assert!(
                column <= line.trim_end_matches([' ', '\t']).len(),
                "{line:?}"
            );
            Ok(false)
        }
        Walk::Ambiguous { column, word } => {
            assert!(line[..column].ends_with(word), "{line:?}");
            Err(column)
        }
        Walk::Invalid { column } => {
            assert_place(line, column);
            Err(column)
        }
    }
}

fn assert_in_order(mode: &Mode, walker: &mut Walker, line: &str) {
    let walked = walked(mode, walker, line);
    for typed in [line, &format!("{line} ")] {
        let expected = mode.expect(walker, typed);
        assert_place(typed, expected.word_start);
        if let Some(refused) = expected.refused {
            assert_place(typed, refused);
            assert!(expected.items.is_empty() && !expected.complete, "{typed:?}");
        }
        if let Some(pipe) = expected.pipe {
            assert!(typed[pipe..].starts_with('|'), "{pipe} in {typed:?}");
        }
        assert!(
            expected.items.iter().all(|item| !item.token.is_empty()),
            "{typed:?}"
        );
        for secret in mode.secrets(walker, typed) {
            assert!(typed.get(secret).is_some(), "{typed:?}");
        }
        if typed.ends_with(' ') && expected.pipe.is_none() {
            // Behind a blank `?` judges the whole line, as entering it does.
            assert_eq!(expected.complete, walked == Ok(true), "{typed:?}");
            assert_eq!(expected.refused, walked.err(), "{typed:?}");
        }
    }
}

#[test]
fn a_line_is_judged_at_a_place_in_it_and_help_agrees() {
    let mut random = Random::new(7);
    let mut walker = Walker::default();
    let (mut commands, mut others) = (0, 0);
    for mode in modes() {
        let seeds = seeds(mode, 12);
        for _ in 0..2_500 {
            let line = line(&mut random, &seeds);
            assert_in_order(mode, &mut walker, &line);
            match mode.walk(&mut walker, &line) {
                Walk::Matched(_) => commands += 1,
                _ => others += 1,
            }
        }
    }
    assert!(
        commands > 2_000 && others > 2_000,
        "one-sided: {commands} commands, {others} others"
    );
}

#[test]
fn words_are_pieces_of_the_line_with_blanks_between_them() {
    let mut random = Random::new(8);
    for _ in 0..30_000 {
        let line = text(&random.bytes(LIKELY, 40));
        let mut behind = 0;
        for word in Words::new(&line) {
            assert_eq!(
                line.get(word.start..word.end()),
                Some(word.text),
                "{line:?}"
            );
            let between = &line[behind..word.start];
            assert!(
                between.bytes().all(|b| matches!(b, b' ' | b'\t')),
                "{line:?}"
            );
            let inside = word.text.contains([' ', '\t']);
            assert!(
                !word.text.is_empty() && (!inside || word.is_quoted()),
                "{line:?}"
            );
            let bare = word.unquoted();
            assert!(line[bare.start..].starts_with(bare.text), "{line:?}");
            behind = word.end();
        }
        assert!(
            line[behind..].bytes().all(|b| matches!(b, b' ' | b'\t')),
            "{line:?}"
        );
        // A text that cannot be mistaken for its own end comes back as it was.
        let text = line.replace('"', "'");
        let typed = format!("x {} y", quoted(&text));
        let read: Vec<_> = Words::new(&typed)
            .map(|word| word.unquoted().text)
            .collect();
        assert_eq!(read, ["x", &text, "y"]);
    }
}

#[test]
fn a_megabyte_is_judged_like_any_line() {
    const MEGABYTE: usize = 1 << 20;
    let mut walker = Walker::default();
    for (before, again) in [
        ("", "\""),
        ("logging ", "|"),
        ("show logging ", "| "),
        ("", " "),
        ("hostname ", "ä"),
        ("logging discriminator d msg-body drops ", "a\" "),
        ("logging host 192.0.2.7 ", "vrf a "),
        ("show running-config | ", "\u{1}"),
    ] {
        let line = before.to_owned() + &again.repeat(MEGABYTE / again.len());
        for mode in ["exec", "config"]
            .iter()
            .filter_map(|name| GRAMMAR.mode(name))
        {
            assert_in_order(mode, &mut walker, &line);
        }
    }
}
