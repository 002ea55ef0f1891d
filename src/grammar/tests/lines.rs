//! Lines against modes: abbreviations, ambiguity, carets, groups, raw text, negative forms.

use super::*;

#[track_caller]
fn becomes(in_mode: &str, cases: &[(&str, &str)]) {
    for (line, wanted) in cases {
        assert_eq!(outcome(in_mode, line), *wanted, "{line}");
    }
}

#[test]
fn keywords_may_be_abbreviated_while_they_stay_unambiguous() {
    becomes(
        "exec",
        &[
            ("show clock", "ShowClock"),
            ("sh cl", "ShowClock"),
            ("SHOW Clock", "ShowClock"),
            ("sh c", "ambiguous c at 4"),
            ("show co", "ShowConn"),
            ("s", "incomplete at 1"),
            ("  sh   cl  ", "ShowClock"),
        ],
    );
}

#[test]
fn the_caret_stands_at_the_first_character_at_which_no_keyword_matches() {
    becomes(
        "exec",
        &[
            ("show cdp neighbors", "invalid at 6"),
            ("show conduit", "invalid at 8"),
            ("show lldp", "invalid at 6"),
            ("show clocks", "invalid at 10"),
            ("xyz", "invalid at 0"),
            ("show clock now", "invalid at 11"),
            ("show 日本", "invalid at 5"),
        ],
    );
    // Nothing but keywords may follow, and one begins alike.
    becomes(
        "kiln",
        &[
            ("heat colt", "invalid at 8"),
            ("heat 9", "invalid at 5"),
            ("heat 77", "invalid at 6"),
        ],
    );
}

#[test]
fn the_caret_of_an_argument_stands_where_it_goes_wrong() {
    becomes(
        "config",
        &[
            ("beacon host 10.0.0.300", "invalid at 21"),
            ("beacon host h transport tcp port 70000", "invalid at 37"),
            ("beacon filter muchtoolong", "invalid at 22"),
            ("beacon buffer 409", "invalid at 17"),
            ("hosts 192.0.2", "invalid at 13"),
        ],
    );
}

#[test]
fn an_exact_keyword_wins_over_arguments_and_longer_keywords() {
    becomes(
        "config",
        &[
            ("beacon host ipv6", "incomplete at 16"),
            ("beacon host ipv6x", "BeaconHost { host: \"ipv6x\" }"),
            (
                "beacon host ipv6 2001:db8::7",
                "BeaconHost { host: \"2001:db8::7\" }",
            ),
            (
                "beacon host h filter f",
                "BeaconHost { host: \"h\" filter: \"f\" }",
            ),
            ("beacon host h filt", "ambiguous filt at 18"),
        ],
    );
    becomes("kiln", &[("no hold all", "NoHold { all }")]);
}

#[test]
fn an_abbreviated_keyword_beside_an_argument_follows_the_rule_of_the_mode() {
    // Configuration modes: the argument.
    becomes("kiln", &[("no hold al", "NoHold { name: \"al\" }")]);
    // EXEC: the keyword; several abbreviated ones leave the argument alone.
    becomes(
        "exec",
        &[
            ("show running-config con", "ShowRunning { context }"),
            ("copy run x", "Copy { running-config to: \"x\" }"),
            ("copy r x", "Copy { running-config to: \"x\" }"),
            ("copy f x", "Copy { file: \"f\" to: \"x\" }"),
        ],
    );
}

#[test]
fn what_must_be_typed_in_full_leaves_shorter_words_to_others() {
    becomes(
        "exec",
        &[
            ("ve", "Vent"),
            ("vent", "Vent"),
            ("vent-", "invalid at 5"),
            ("vent-all", "VentAll"),
        ],
    );
    let next = mode("exec").expect(&mut Walker::default(), "vent-");
    let words: Vec<_> = next.items.iter().map(|item| item.token.as_str()).collect();
    assert_eq!(words, ["vent-all"], "help and Tab know it all the same");
}

#[test]
fn numbers_are_never_abbreviated() {
    becomes(
        "config",
        &[
            (
                "beacon host h transport beep lane 15",
                "BeaconHost { host: \"h\" transport: beep { lane: \"15\" } }",
            ),
            (
                "beacon host h transport beep lane 1",
                "BeaconHost { host: \"h\" transport: beep { lane: \"1\" } }",
            ),
            ("beacon host h transport beep lane 5", "invalid at 34"),
        ],
    );
}

#[test]
fn a_line_that_ends_too_early_is_incomplete_behind_its_last_word() {
    becomes(
        "config",
        &[
            ("beacon", "incomplete at 6"),
            ("beacon host ", "incomplete at 11"),
            ("beacon host h transport", "incomplete at 23"),
            ("turn when daily", "incomplete at 15"),
            ("", "incomplete at 0"),
            ("  ", "incomplete at 0"),
            ("no", "incomplete at 2"),
        ],
    );
}

#[test]
fn members_of_a_group_come_in_any_order_and_once() {
    let both = |line: &str| outcome("config", line);
    assert_eq!(
        both("beacon host h sequence transport udp port 5 xml"),
        "BeaconHost { host: \"h\" sequence transport: udp { port: \"5\" } xml }"
    );
    assert_eq!(
        both("beacon host h xml transport udp port 5 sequence"),
        "BeaconHost { host: \"h\" xml transport: udp { port: \"5\" } sequence }"
    );
    assert_eq!(both("beacon host h sequence sequence"), "invalid at 23");
    assert_eq!(both("beacon host h xml filter f"), "invalid at 18");
    assert_eq!(
        both("turn export full when hourly 5"),
        "Turn { export: full when: { turn: hourly { minute: \"5\" } } }"
    );
    assert_eq!(
        both("turn when daily 7:45 export least"),
        "Turn { when: { turn: daily { time: \"7:45\" } } export: least }"
    );
}

#[test]
fn a_group_inside_a_group_is_closed_once_the_outer_one_has_moved_on() {
    becomes(
        "config",
        &[
            (
                "beacon host h transport tcp port 7 audit",
                "BeaconHost { host: \"h\" transport: tcp { port: \"7\" audit } }",
            ),
            (
                "beacon host h transport tcp audit id name",
                "BeaconHost { host: \"h\" transport: tcp { audit } id: name }",
            ),
            (
                "beacon host h transport tcp audit id name port 7",
                "invalid at 42",
            ),
            (
                "beacon host h transport beep tls cipher trust t lane 3 sequence",
                "BeaconHost { host: \"h\" transport: beep { tls: { trust: \"t\" } lane: \"3\" } sequence }",
            ),
        ],
    );
}

#[test]
fn a_text_that_is_too_long_has_its_caret_under_the_first_character_too_many() {
    becomes(
        "config",
        &[
            ("plate abcde fghi", r#"Plate { text: "abcde fghi" }"#),
            ("plate abcde fghij", "invalid at 16"),
            ("plate abcdefghij", r#"Plate { text: "abcdefghij" }"#),
            ("plate abcdefghij  ", r#"Plate { text: "abcdefghij" }"#),
            ("plate abcdefghijk", "invalid at 16"),
            ("plate abcdefghij k", "invalid at 16"),
            (
                "plate \"abcde fghi\"",
                r#"Plate { text: "\"abcde fghi\"" }"#,
            ),
            ("plate \"abcde fghij\"", "invalid at 17"),
            (
                "plate \"ab\" x \"ef\"",
                r#"Plate { text: "\"ab\" x \"ef\"" }"#,
            ),
            (
                "plate 日本語日本語日本語日",
                r#"Plate { text: "日本語日本語日本語日" }"#,
            ),
            ("plate 日本語日本語日本語日 本", "invalid at 36"),
            ("plate \"\"", "incomplete at 8"),
            ("stamp \"a bcd\" twice", r#"Stamp { text: "a bcd" twice }"#),
            ("stamp \"a bcde\" twice", "invalid at 12"),
            ("stamp abcdef", "invalid at 11"),
        ],
    );
}

#[test]
fn raw_text_ends_at_a_keyword_in_full_when_the_rest_fits() {
    becomes(
        "config",
        &[
            (
                "beacon filter f what drops a|b rate 50",
                "BeaconFilter { name: \"f\" what: { action: drops { pattern: \"a|b\" } } rate: \"50\" }",
            ),
            (
                "beacon filter f what drops a rate 50 exceeded",
                "BeaconFilter { name: \"f\" what: { action: drops { pattern: \"a rate 50 exceeded\" } } }",
            ),
            (
                "beacon filter f what drops a rat 50",
                "BeaconFilter { name: \"f\" what: { action: drops { pattern: \"a rat 50\" } } }",
            ),
            (
                "beacon filter f what drops rate rate 5",
                "BeaconFilter { name: \"f\" what: { action: drops { pattern: \"rate\" } } rate: \"5\" }",
            ),
            (
                "beacon filter f what drops \"x  rate 5\"   y   body keeps  z ",
                "BeaconFilter { name: \"f\" what: { action: drops { pattern: \"\\\"x  rate 5\\\"   y\" } } body: { action: keeps { pattern: \"z\" } } }",
            ),
            ("beacon filter f what drops", "incomplete at 26"),
        ],
    );
}

#[test]
fn the_rest_of_a_line_is_taken_whole() {
    becomes(
        "config",
        &[(
            "banner  Welcome | to \"the  kiln\" ! ",
            "Banner { text: \"Welcome | to \\\"the  kiln\\\" !\" }",
        )],
    );
}

#[test]
fn a_string_is_one_word_or_one_quoted_string() {
    becomes(
        "config",
        &[
            (
                "beacon host h id string abc",
                "BeaconHost { host: \"h\" id: string { text: \"abc\" } }",
            ),
            (
                "beacon host h id string \"a b\" xml",
                "BeaconHost { host: \"h\" id: string { text: \"a b\" } xml }",
            ),
            (
                "beacon host h id string \"\"",
                "BeaconHost { host: \"h\" id: string { text: \"\" } }",
            ),
            ("beacon host h id string \"a b", "invalid at 27"),
            ("hostname \"a b\"", "invalid at 11"),
        ],
    );
}

#[test]
fn a_line_is_negated_whole_or_without_what_follows_its_keywords() {
    becomes(
        "config",
        &[
            ("no beacon buffer", "NoBeaconBuffer { }"),
            ("no beacon buffer filter", "incomplete at 23"),
            (
                "no beacon buffer filter f 4096 hot",
                "NoBeaconBuffer { filter: \"f\" size: \"4096\" heat: \"hot\" }",
            ),
            ("no mark", "incomplete at 7"),
            ("no mark sequence", "NoMark"),
            ("no kiln", "NoKiln"),
            ("kiln", "EnterKiln"),
            ("default hostname", "DefaultHostname { }"),
            ("default turn", "DefaultTurn"),
            ("no banner", "NoBanner { }"),
            ("no banner some  text", "NoBanner { text: \"some  text\" }"),
            ("no beacon host ipv6 ::1", "NoBeaconHost { host: \"::1\" }"),
            ("no beacon host h xml", "invalid at 17"),
        ],
    );
}

#[test]
fn a_bar_ends_only_commands_that_read_and_only_where_they_may_end() {
    let piped = |line: &'static str| match mode("exec").walk(&mut Walker::default(), line) {
        Walk::Matched(found) => (found.to_string(), found.pipe()),
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(
        piped("show clock | include x | y"),
        ("ShowClock".to_string(), Some(11))
    );
    assert_eq!(
        piped("show running-config | begin x"),
        ("ShowRunning { }".to_string(), Some(20))
    );
    assert_eq!(
        piped("show logs a|b c | count"),
        ("ShowLogs { what: \"a|b c\" }".to_string(), Some(16))
    );
    assert_eq!(outcome("exec", "show | include x"), "invalid at 5");
    assert_eq!(outcome("exec", "show conn | include x"), "invalid at 10");
    assert_eq!(outcome("config", "hostname | x"), "invalid at 11");
}

#[test]
fn a_restricted_line_sees_the_unprivileged_commands_alone() {
    let mut walker = Walker::default();
    walker.restrict(true);
    let exec = mode("exec");
    assert!(
        matches!(exec.walk(&mut walker, "show c"), Walk::Matched(found) if found.name() == "ShowClock")
    );
    assert!(matches!(
        exec.walk(&mut walker, "show conn"),
        Walk::Invalid { column: 6 }
    ));
    assert!(matches!(
        exec.walk(&mut walker, "copy a b"),
        Walk::Invalid { column: 0 }
    ));
    let tokens: Vec<String> = exec
        .expect(&mut walker, "show ")
        .items
        .into_iter()
        .map(|item| item.token)
        .collect();
    assert_eq!(tokens, ["clock", "logs"]);
    walker.restrict(false);
    assert!(matches!(
        exec.walk(&mut walker, "show c"),
        Walk::Ambiguous { .. }
    ));
}

#[test]
fn secrets_are_found_in_lines_that_match_and_in_lines_that_do_not() {
    let secrets = |line: &str| -> Vec<String> {
        let ranges = mode("config").secrets(&mut Walker::default(), line);
        ranges
            .into_iter()
            .map(|range| line.get(range).unwrap_or("?").to_string())
            .collect()
    };
    let line = "user a password \"top secret\" level 3";
    match mode("config").walk(&mut Walker::default(), line) {
        Walk::Matched(found) => assert!(matches!(found.secrets(), [range] if *range == (16..28))),
        other => panic!("{other:?}"),
    }
    assert_eq!(secrets(line), ["\"top secret\""]);
    assert_eq!(secrets("user a password top secret"), ["top secret"]);
    assert_eq!(
        secrets("user a password  \"unclosed here"),
        ["\"unclosed here"]
    );
    assert_eq!(secrets("user a password x level 99"), ["x"]);
    assert_eq!(secrets("user a pass x\u{7} y"), ["x\u{7} y"]);
    assert_eq!(secrets("hostname x"), Vec::<String>::new());
}

#[test]
fn exactness_says_whether_every_keyword_was_typed_in_full() {
    let exact = |line: &'static str| match mode("config").walk(&mut Walker::default(), line) {
        Walk::Matched(found) => found.is_exact(),
        other => panic!("{line}: {other:?}"),
    };
    assert!(exact("beacon buffer warm"));
    assert!(exact("BEACON buffer 3"));
    assert!(!exact("beacon buffer war"));
    assert!(!exact("beac buffer warm"));
}
