//! What holds for every line: no panic, columns inside the line, sentences that come home, time in proportion.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// Every column a walk answers is a place in the line, between two characters.
fn is_in_order(name: &str, line: &str) {
    let mut walker = Walker::default();
    let mode = mode(name);
    let column = match mode.walk(&mut walker, line) {
        Walk::Matched(found) => {
            drop(found.typed::<serde::de::IgnoredAny>());
            for range in found.secrets() {
                assert!(line.get(range.clone()).is_some(), "{line:?}");
            }
            found.pipe().unwrap_or(0)
        }
        Walk::Incomplete { column } | Walk::Ambiguous { column, .. } | Walk::Invalid { column } => {
            column
        }
    };
    assert!(line.is_char_boundary(column), "{line:?} at {column}");
    let expected = mode.expect(&mut walker, line);
    assert!(line.is_char_boundary(expected.word_start), "{line:?}");
    assert!(
        line.is_char_boundary(expected.refused.unwrap_or(0)),
        "{line:?}"
    );
    for range in mode.secrets(&mut walker, line) {
        assert!(line.get(range).is_some(), "{line:?}");
    }
}

fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("beacon"),
        Just("filter"),
        Just("host"),
        Just("no"),
        Just("what"),
        Just("body"),
        Just("drops"),
        Just("keeps"),
        Just("rate"),
        Just("50"),
        Just("transport"),
        Just("tcp"),
        Just("id"),
        Just("string"),
        Just("\"a b\""),
        Just("\""),
        Just("|"),
        Just("user"),
        Just("password"),
        Just("banner"),
        Just("plate"),
        Just("stamp"),
        Just("x"),
        Just("b"),
        Just("t"),
        Just("10.0.0.1"),
        Just("日本"),
        Just("\u{1}"),
        Just("show"),
        Just("logs"),
        Just("ipv6"),
        Just("2001:db8::1"),
        Just("hosts"),
        Just("turn"),
        Just("when"),
        Just("daily"),
    ];
    proptest::collection::vec(word, 0..14).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn no_line_makes_it_panic(line in any::<String>()) {
        KILNS.mode_names().for_each(|name| is_in_order(name, &line));
    }

    #[test]
    fn no_line_of_its_own_words_makes_it_panic(line in words()) {
        KILNS.mode_names().for_each(|name| is_in_order(name, &line));
    }

    #[test]
    fn no_file_makes_it_panic(text in "[a-z<>{}\\[\\]()|&:= ?~\n#A-Z0-9.\"-]{0,200}") {
        let text: &'static str = Box::leak(format!("mode m\n\n{text}").into_boxed_str());
        let modes: &'static [Source] = Box::leak(Box::new([Source { file: "m.cli", text }]));
        let grammar = Grammar::new(Source { file: "types.cli", text }, modes);
        drop(grammar.read_all());
        if let Some(mode) = grammar.mode("m") {
            assert!(!matches!(mode.walk(&mut Walker::default(), "\u{1}"), Walk::Matched(_)));
        }
    }

    #[test]
    fn a_word_is_accepted_begun_or_wrong_at_one_of_its_characters(word in "[0-9a-f:./@x\"日-]{0,50}") {
        for name in ["word", "string", "host", "ipv4", "ipv6", "ip", "mask", "prefix", "url", "email", "time", "hex"] {
            let kind = argument::Kind::named(name).expect("a built-in type");
            for kind in [kind, argument::Kind::Range(-5, 77), argument::Kind::List(0, 7)] {
                if let argument::Check::Wrong(at) = kind.check(&word) {
                    prop_assert!(at <= word.len() && word.is_char_boundary(at), "{kind:?} {word:?} {at}");
                }
            }
        }
    }
}

#[test]
fn every_control_character_is_refused_where_it_stands() {
    for byte in (0..0x20_u8).chain([0x7f]).filter(|byte| *byte != b'\t') {
        for before in [
            "hostname ab",
            "banner some te",
            "beacon filter f what drops x y",
            "beacon host h id string \"a b",
        ] {
            let line = format!("{before}{}x\"", char::from(byte));
            assert_eq!(
                outcome("config", &line),
                format!("invalid at {}", before.len()),
                "{line:?}"
            );
        }
    }
    assert_eq!(
        outcome("config", "banner a\tb"),
        "Banner { text: \"a\\tb\" }"
    );
    assert_eq!(outcome("config", "hostname\tx"), "Hostname { name: \"x\" }");
    assert_eq!(outcome("config", "banner a\u{9b}b"), "invalid at 8");
}

#[test]
fn every_beginning_of_a_sentence_is_in_order() {
    for name in KILNS.mode_names() {
        for sentence in sentences::sentences(mode(name), &sentences::Samples::default(), 40) {
            for end in 0..sentence.text.len() {
                is_in_order(name, &sentence.text[..end]);
            }
        }
    }
}

#[test]
fn sentences_reach_every_edge_of_the_graph() {
    for name in KILNS.mode_names() {
        let mode = mode(name);
        let all = sentences::sentences(mode, &sentences::Samples::default(), 300);
        for token in mode.commands().iter().flat_map(|command| {
            command
                .syntax()
                .split(|c: char| !c.is_ascii_lowercase() && c != '-')
        }) {
            let is_name =
                token.is_empty() || mode.graph.keywords.iter().all(|keyword| *keyword != token);
            assert!(
                is_name
                    || all
                        .iter()
                        .any(|sentence| sentence.text.split(' ').any(|word| word == token)),
                "{token}"
            );
        }
        let forms: std::collections::HashSet<&str> =
            all.iter().map(|sentence| sentence.name).collect();
        assert_eq!(
            forms.len(),
            mode.graph.forms.len(),
            "every form has a sentence"
        );
    }
}

#[test]
fn a_sentence_in_short_is_the_same_command() {
    let mut walker = Walker::default();
    for sentence in sentences::sentences(mode("config"), &sentences::Samples::default(), 200) {
        let upper = sentence
            .text
            .split(' ')
            .map(|word| if word == "beacon" { "BEAC" } else { word })
            .collect::<Vec<_>>()
            .join("  ");
        match mode("config").walk(&mut walker, &upper) {
            Walk::Matched(found) => assert_eq!(found.name(), sentence.name, "{upper}"),
            other => panic!("{upper}: {other:?}"),
        }
    }
}

/// Doubling a line may not do much more than double the time; measured coarsely, as debug builds and busy machines are.
#[test]
fn a_megabyte_on_one_line_takes_time_in_proportion() {
    let hostile: &[(&str, &str)] = &[
        ("banner ", "word "),
        ("plate ", "\" "),
        ("stamp ", "a"),
        (
            "beacon filter f what drops ",
            "rate 50 body keeps what drops ",
        ),
        ("beacon filter f what drops ", "a "),
        ("beacon filter f what drops ", "\" "),
        ("hosts ", "192.0.2.1 "),
        ("", "beacon "),
        ("beacon host ", "a"),
        ("hostname ", "\"a\"b "),
        ("show logs ", "| "),
    ];
    for (start, again) in hostile {
        let line = start.to_string() + &again.repeat((1 << 20) / again.len());
        let begun = Instant::now();
        for name in ["config", "exec"] {
            is_in_order(name, &line);
        }
        let taken = begun.elapsed();
        assert!(
            taken < Duration::from_secs(20),
            "{start}{again}…: {taken:?}"
        );
    }
}
