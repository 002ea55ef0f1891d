//! What `?` and Tab are told.

use super::*;

/// The tokens that may come, `<cr>` at the end when the line may end.
fn tokens(in_mode: &str, typed: &str) -> Vec<String> {
    let expected = mode(in_mode).expect(&mut Walker::default(), typed);
    let mut tokens: Vec<String> = expected.items.into_iter().map(|item| item.token).collect();
    if expected.complete {
        tokens.push("<cr>".into());
    }
    tokens
}

#[test]
fn placeholders_stand_before_keywords_and_cr_last() {
    assert_eq!(
        tokens("config", "beacon buffer "),
        [
            "<0-7>",
            "<4096-2147483647>",
            "cold",
            "filter",
            "hot",
            "warm",
            "xml",
            "<cr>"
        ]
    );
    assert_eq!(tokens("kiln", "heat "), ["<0-7>", "cold", "hot", "warm"]);
    assert_eq!(tokens("config", "beacon host h filter "), ["TAG"]);
    assert_eq!(
        tokens("config", "beacon host "),
        ["Hostname or A.B.C.D", "ipv6"]
    );
}

#[test]
fn a_text_is_expected_while_there_is_room_for_it() {
    assert_eq!(tokens("config", "plate "), ["LINE < 11 char"]);
    assert_eq!(
        tokens("config", "plate abcde fgh "),
        ["LINE < 11 char", "<cr>"]
    );
    assert_eq!(tokens("config", "plate abcde fghij"), [""; 0]);
    assert_eq!(
        mode("config")
            .expect(&mut Walker::default(), "plate abcde fghij")
            .refused,
        Some(16)
    );
    assert_eq!(tokens("config", "plate \"\" "), ["LINE < 11 char"]);
    assert_eq!(tokens("config", "stamp abc"), ["LINE < 6 char"]);
}

#[test]
fn an_empty_line_expects_every_first_keyword_and_the_negations() {
    assert_eq!(tokens("kiln", ""), ["active", "heat", "hold", "no"]);
    assert_eq!(tokens("kiln", "no "), ["active", "heat", "hold"]);
}

#[test]
fn a_begun_word_is_completed_and_never_ended() {
    assert_eq!(tokens("exec", "show c"), ["clock", "conn"]);
    assert_eq!(tokens("exec", "show clock"), ["clock"]);
    assert_eq!(tokens("config", "beacon host h transport tcp p"), ["port"]);
    // Not yet an address, but on its way to one.
    assert_eq!(tokens("config", "beacon host 10."), ["Hostname or A.B.C.D"]);
    assert_eq!(
        mode("exec")
            .expect(&mut Walker::default(), "show c")
            .word_start,
        5
    );
    assert_eq!(
        mode("exec")
            .expect(&mut Walker::default(), "show ")
            .word_start,
        5
    );
}

#[test]
fn members_that_have_come_are_not_expected_again() {
    assert_eq!(
        tokens("config", "beacon filter f rate 5 "),
        ["body", "what", "<cr>"]
    );
    assert_eq!(tokens("config", "turn when daily 7:45 "), ["export"]);
}

#[test]
fn raw_text_may_go_on_or_be_left() {
    assert_eq!(tokens("config", "beacon filter f what drops "), ["LINE"]);
    assert_eq!(
        tokens("config", "beacon filter f what drops a "),
        ["LINE", "body", "rate", "<cr>"]
    );
    assert_eq!(
        tokens("config", "beacon filter f what drops a ra"),
        ["LINE", "rate"]
    );
}

#[test]
fn a_command_that_reads_may_be_piped_where_it_may_end() {
    assert_eq!(tokens("exec", "show clock "), ["|", "<cr>"]);
    assert_eq!(tokens("exec", "show conn "), ["<cr>"]);
    let expected = mode("exec").expect(&mut Walker::default(), "show clock | inc");
    assert_eq!(
        (expected.pipe, expected.items.len(), expected.refused),
        (Some(11), 0, None)
    );
}

#[test]
fn text_that_does_not_match_is_refused_with_its_place() {
    let refused = |typed: &str| mode("exec").expect(&mut Walker::default(), typed).refused;
    assert_eq!(refused("show cdp "), Some(6));
    assert_eq!(refused("show cdp"), Some(6));
    assert_eq!(refused("show c c"), Some(6));
    assert_eq!(refused("show clock x"), Some(11));
    assert_eq!(refused("show "), None);
}

#[test]
fn items_carry_help_and_what_an_argument_is_called() {
    let expected = mode("config").expect(&mut Walker::default(), "beacon host h filter ");
    let [item] = expected.items.as_slice() else {
        panic!("{expected:?}")
    };
    assert_eq!(item.help, "Name of the filter");
    assert_eq!(item.argument, Some(("filter".into(), "tag".into())));
    assert!(!item.is_keyword);
    // A keyword of a type without a help of its own has that of the argument.
    let lanes = mode("config").expect(&mut Walker::default(), "beacon host h transport beep lane ");
    assert!(
        lanes
            .items
            .iter()
            .all(|item| item.help == "Lane number" && item.is_keyword),
        "{lanes:?}"
    );
}

#[test]
fn whatever_is_expected_is_accepted() {
    let mut walker = Walker::default();
    for name in KILNS.mode_names() {
        let mode = mode(name);
        for sentence in sentences::sentences(mode, &sentences::Samples::default(), 60) {
            let words: Vec<&str> = sentence.text.split(' ').collect();
            for end in 0..words.len() {
                let typed: String = words[..end].iter().map(|word| format!("{word} ")).collect();
                let expected = mode.expect(&mut walker, &typed);
                assert_eq!(expected.refused, None, "{typed}");
                for item in expected
                    .items
                    .iter()
                    .filter(|item| item.is_keyword && item.token != "|")
                {
                    let line = format!("{typed}{}", item.token);
                    assert!(
                        !matches!(
                            mode.walk(&mut walker, &line),
                            Walk::Invalid { .. } | Walk::Ambiguous { .. }
                        ),
                        "{line}"
                    );
                }
            }
            assert!(
                mode.expect(&mut walker, &format!("{} ", sentence.text))
                    .complete,
                "{}",
                sentence.text
            );
        }
    }
}
