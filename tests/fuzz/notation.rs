//! Grammar files, our own with changes and ones that never were any: none panics, and what is wrong with one stands at a
//! place inside it.

use watchfire::grammar::{FileError, Grammar, Source, Walk, Walker};

use super::random::{Random, text};

const FILES: [&str; 6] = [
    include_str!("../../grammar/types.cli"),
    include_str!("../../grammar/exec.cli"),
    include_str!("../../grammar/config.cli"),
    include_str!("../../grammar/call-home-profile.cli"),
    include_str!("../../grammar/ca-trustpoint.cli"),
    include_str!("../../grammar/cert-chain.cli"),
];
const LIKELY: &[u8] = b"{}[]()|&<>:=~?.#- \n\n\n  \t19azN\0\r\xc3\xa4\xff";
const WORDS: [&str; 16] = [
    "mode ",
    "parent ",
    "type ",
    " = ",
    "list of ",
    "word ",
    "no ",
    "default ",
    "reads\n",
    "secret <",
    "=> ",
    "~> ",
    "=> enter ",
    "? ",
    "as ",
    "...",
];

/// Blocks of the files, as seeds.
fn blocks() -> Vec<&'static str> {
    FILES.iter().flat_map(|file| file.split("\n\n")).collect()
}

/// A file of one mode, most often with a head that is right.
fn file(random: &mut Random, blocks: &[&str]) -> String {
    if random.once_in(10) {
        return text(&random.bytes(LIKELY, 200));
    }
    let mut bytes = Vec::new();
    if !random.once_in(10) {
        bytes.extend_from_slice(b"mode m\n  prompt #\n\n");
    }
    for _ in 0..=random.below(4) {
        let mut block = random.mutated(blocks, LIKELY, 3);
        if random.once_in(4) {
            let at = random.below(block.len());
            block.splice(at..at, random.pick(&WORDS).bytes());
        }
        bytes.extend(block);
        bytes.extend_from_slice(b"\n\n");
    }
    text(&bytes)
}

/// Files of a grammar are there as long as the program.
fn leaked(types: String, mode: String) -> (Source, &'static [Source]) {
    let source = |file, text: String| Source {
        file,
        text: Box::leak(text.into_boxed_str()),
    };
    let modes = Box::leak(Box::new([source("m.cli", mode)]));
    (source("types.cli", types), modes)
}

fn assert_stands_inside(error: &FileError, types: Source, mode: Source) {
    let source = if error.file == types.file {
        types
    } else {
        mode
    };
    assert_eq!(error.file, source.file);
    // An empty file has a first line, too.
    let Some(line) = source.text.split('\n').nth(error.line.wrapping_sub(1)) else {
        panic!("{error}\n{}", source.text)
    };
    assert!(
        (1..=line.chars().count() + 1).contains(&error.column),
        "{error}\n{}",
        source.text
    );
    assert!(!error.message.is_empty(), "{error}");
}

#[test]
fn no_file_panics_and_every_error_stands_inside_its_file() {
    let mut random = Random::new(6);
    let blocks = blocks();
    let (mut in_order, mut refused) = (0, 0);
    for _ in 0..700 {
        let types = if random.once_in(4) {
            text(&random.mutated(&FILES[..1], LIKELY, 4))
        } else {
            FILES[0].to_owned()
        };
        let (types, modes) = leaked(types, file(&mut random, &blocks));
        let grammar = Grammar::new(types, modes);
        let errors = grammar.read_all().err().unwrap_or_default();
        for error in &errors {
            assert_stands_inside(error, types, modes[0]);
        }
        match grammar.mode("m") {
            None => {
                refused += 1;
                assert!(!errors.is_empty(), "refused for nothing: {}", modes[0].text);
            }
            Some(mode) => {
                in_order += 1;
                // What it takes is of no matter; a control character it takes never.
                let walk = mode.walk(&mut Walker::default(), "\u{1}");
                assert!(!matches!(walk, Walk::Matched(_)), "{}", modes[0].text);
                drop(mode.expect(&mut Walker::default(), ""));
            }
        }
    }
    assert!(
        in_order > 70 && refused > 70,
        "one-sided: {in_order} in order, {refused} refused"
    );
}

#[test]
fn brackets_and_names_without_end_are_errors_and_no_more() {
    for unit in [
        "{ ", "( ", "[ ", "a:{ ", "<", "a | ", "a:", "<n:", "& ", "} ", "A ", "? ", "=> ",
    ] {
        for (before, after) in [
            ("mode m\n  prompt #\n\ncmd ", "\n  => Cmd\n"),
            ("mode m\n  prompt #\n\ntype t = ", "\n"),
            ("mode m\n  prompt #\n\ncmd Part\n  => Cmd\n\nPart = ", "\n"),
            ("mode ", ""),
        ] {
            let mode = format!("{before}{}{after}", unit.repeat(4_000));
            let (types, modes) = leaked(String::new(), mode);
            let errors = Grammar::new(types, modes)
                .read_all()
                .err()
                .unwrap_or_default();
            assert!(!errors.is_empty(), "{before:?} {unit:?}");
            for error in &errors {
                assert_stands_inside(error, types, modes[0]);
            }
        }
    }
}
