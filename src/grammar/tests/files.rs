//! Grammar files that are in order, and grammar files that are not.

use super::*;

#[test]
fn the_files_of_these_tests_are_in_order() {
    assert_eq!(KILNS.read_all(), Ok(()));
}

#[test]
fn the_head_of_a_mode_is_read() {
    let config = mode("config");
    assert_eq!(
        (
            config.name(),
            config.parent(),
            config.prompt(),
            config.title()
        ),
        ("config", Some("exec"), "(config)#", "configure")
    );
    assert_eq!(
        (
            mode("exec").parent(),
            mode("exec").prompt(),
            mode("exec").title()
        ),
        (None, "#", "exec")
    );
    assert!(KILNS.mode("oven").is_none());
    assert_eq!(
        KILNS.mode_names().collect::<Vec<_>>(),
        ["exec", "config", "kiln"]
    );
}

#[test]
fn a_command_tells_what_its_file_says_of_it() {
    let find = |in_mode: &str, name: &str| {
        mode(in_mode)
            .commands()
            .iter()
            .position(|command| command.name() == name)
            .expect("it is there")
    };
    let command =
        |in_mode: &'static str, name: &str| &mode(in_mode).commands()[find(in_mode, name)];
    let kiln = command("config", "EnterKiln");
    assert_eq!(
        (kiln.enters(), kiln.syntax(), kiln.line()),
        (Some("kiln"), "kiln", 8)
    );
    let banner = command("config", "Banner");
    assert!(banner.is_kept_only() && !banner.reads());
    assert_eq!(banner.reason(), Some("nobody greets anybody here"));
    assert!(command("exec", "ShowClock").reads() && command("exec", "ShowClock").is_unprivileged());
    let negatives: Vec<_> = command("config", "Hostname").negatives().collect();
    assert_eq!(
        negatives,
        [
            (Form::No, "NoHostname", None),
            (Form::Default, "DefaultHostname", None)
        ]
    );
    let negatives: Vec<_> = command("kiln", "Hold").negatives().collect();
    assert_eq!(
        negatives,
        [(Form::No, "NoHold", Some("hold { all | <name:word> }"))]
    );
}

#[test]
fn syntax_errors_have_line_and_column() {
    let cases: &[(&'static str, &str)] = &[
        (
            "a { b | }\n  => A",
            "m.cli:4:9: expected a keyword, an <argument> or a bracket",
        ),
        ("a { b\n  => A", "m.cli:4:6: expected `|` or `}`"),
        ("a [ b }\n  => A", "m.cli:4:7: expected `|` or `]`"),
        ("a ( b | c )\n  => A", "m.cli:4:7: expected `&` or `)`"),
        (
            "a | b\n  => A",
            "m.cli:4:3: expected `|` only between { } or [ ]",
        ),
        (
            "a }\n  => A",
            "m.cli:4:3: expected no closing bracket: none is open",
        ),
        ("a <b\n  => A", "m.cli:4:5: expected `>`"),
        ("a <b:>\n  => A", "m.cli:4:6: expected a type"),
        (
            "a <b:nothing>\n  => A",
            "m.cli:4:6: there is no type `nothing`",
        ),
        ("a Thing\n  => A", "m.cli:4:3: there is no fragment `Thing`"),
        (
            "a x:{ b | <c:word> }\n  => A",
            "m.cli:4:3: every arm of `x:` must begin with a keyword",
        ),
        (
            "a x:[b]\n  => A",
            "m.cli:4:3: a lone keyword binds itself: drop `x:`",
        ),
        (
            "a b",
            "m.cli:4:1: this command has no `=> Name`, `=> enter MODE` or `~> Name`",
        ),
        (
            "a\n  => b",
            "m.cli:5:6: expected a Name, or `enter` and a mode",
        ),
        (
            "a\n  => B because",
            "m.cli:5:8: expected the end of the line",
        ),
        ("a\n  => B\n  => C", "m.cli:6:3: a command has one outcome"),
        (
            "a\n  => B\n  what",
            "m.cli:6:3: expected `=>`, `~>`, `no`, `default`, `reads`, `unprivileged`, `secret` or `?`",
        ),
        (
            "a\n  => B\n  secret b",
            "m.cli:6:10: expected an argument: `secret <name>`",
        ),
        ("a\n  => B\n  ? a", "m.cli:6:5: expected `? token  text`"),
        (
            "a\n  => B\n\n  no",
            "m.cli:7:3: this belongs to a line above it, and there is none",
        ),
        (
            "a\n  => B\n  no b | c",
            "m.cli:6:8: expected `|` only between { } or [ ]",
        ),
    ];
    for (stanza, wanted) in cases {
        let wrong = wrong_with(stanza);
        assert!(
            wrong.iter().any(|message| message == wanted),
            "{stanza}
{wrong:#?}"
        );
    }
}

#[test]
fn the_example_of_the_manual_is_in_order() {
    let manual = include_str!("../../../docs/GRAMMAR.md");
    let mut blocks = manual
        .split("```cli\n")
        .skip(1)
        .filter_map(|block| block.split("```").next());
    let (Some(types), Some(mode)) = (blocks.next(), blocks.next()) else {
        panic!("the manual has an example of each file");
    };
    let modes: &'static [Source] = Box::leak(Box::new([Source {
        file: "oven.cli",
        text: mode,
    }]));
    let grammar = Grammar::new(
        Source {
            file: "types.cli",
            text: types,
        },
        modes,
    );
    assert_eq!(grammar.read_all(), Ok(()));
}

#[test]
fn brackets_inside_brackets_have_a_limit() {
    let text: &'static str = Box::leak(
        format!(
            "a {}b{}\n  => A\n  ? a  A\n  ? b  B",
            "[".repeat(100_000),
            "]".repeat(100_000)
        )
        .into_boxed_str(),
    );
    let wrong = wrong_with(text);
    assert!(wrong[0].contains("fewer brackets"), "{}", wrong[0]);
}

#[test]
fn a_group_has_at_most_so_many_members() {
    let members: Vec<String> = (0..64).map(|n| format!("[m{n}]")).collect();
    let text: &'static str =
        Box::leak(format!("a ( {} )\n  => A", members.join(" & ")).into_boxed_str());
    assert!(
        wrong_with(text)
            .iter()
            .any(|message| message.contains("more than 63 members"))
    );
}

#[test]
fn missing_double_and_useless_help_is_found() {
    assert_eq!(
        wrong_with("a b\n  => A\n  ? a  A"),
        ["m.cli:4:1: `b` has no help"]
    );
    assert_eq!(
        wrong_with("a <b:word>\n  => A\n  ? a  A"),
        ["m.cli:4:1: `<b>` has no help"]
    );
    assert_eq!(
        wrong_with("a\n  => A\n  ? a  A\n  ? a  B"),
        ["m.cli:7:5: `a` has help already in this command"]
    );
    assert_eq!(
        wrong_with("a\n  => A\n  ? a  A\n  ? c  B"),
        ["m.cli:7:5: this command has no `c`"]
    );
    let twice = "a b\n  => A\n  ? a  A\n  ? b  B\n\na c\n  => C\n  ? a  A\n  ? c  C";
    assert_eq!(
        wrong_with(twice),
        ["m.cli:11:5: `a` has help already in an earlier command"]
    );
    let once = "a b\n  => A\n  ? a  A\n  ? b  B\n\na c\n  => C\n  ? c  C";
    assert_eq!(wrong_with(once), Vec::<String>::new());
}

#[test]
fn help_of_types_and_fragments_is_used() {
    let types = "type t = { x | y }\n? x  X\n? y  Y\nF = [ f <n:1-5> ]\n? f  F\n? <n>  N";
    assert_eq!(
        wrong_with_types(types, "a <t> F\n  => A\n  ? a  A"),
        Vec::<String>::new()
    );
    let types = "type t = { x | y }\n? x  X\n";
    assert_eq!(
        wrong_with_types(types, "a <t>\n  => A\n  ? a  A"),
        ["m.cli:4:1: `<t>` has no help"]
    );
    assert_eq!(
        wrong_with_types(types, "a <t>\n  => A\n  ? a  A\n  ? <t>  T"),
        Vec::<String>::new()
    );
}

#[test]
fn wrong_types_and_fragments_are_found() {
    let of = |types: &'static str| wrong_with_types(types, "a\n  => A\n  ? a  A");
    assert_eq!(
        of("type t = { x | }"),
        ["types.cli:1:15: expected a keyword or a range such as 0-7"]
    );
    assert_eq!(
        of("type t = { x | x/1-5 | 6/1-5 }\n? x  X\n? x/1-5  X\n? 6/1-5  X"),
        Vec::<String>::new()
    );
    assert_eq!(
        of("type t = { x | x/5-1 }\n? x/1-5  X"),
        ["types.cli:2:3: the type `t` has no `x/1-5`"]
    );
    assert_eq!(
        of("type t = { x | x }"),
        ["types.cli:1:16: `x` stands here already"]
    );
    assert_eq!(
        of("type t = list of x"),
        ["types.cli:1:18: expected bounds such as 0-7"]
    );
    assert_eq!(
        of("type t = word x"),
        ["types.cli:1:15: expected a length such as 1-8"]
    );
    assert_eq!(
        of("type t = line 0-0"),
        ["types.cli:1:15: expected a length such as 1-8"]
    );
    assert_eq!(
        of("type t = host 1-8"),
        ["types.cli:1:10: there is no type `host 1-8`"]
    );
    assert_eq!(
        of("type t = 9-1"),
        ["types.cli:1:10: there is no type `9-1`"]
    );
    assert_eq!(
        of("type word = host"),
        ["types.cli:1:6: there is a type `word` already"]
    );
    assert_eq!(
        of("type t = { x }\n? y  Y"),
        ["types.cli:2:3: the type `t` has no `y`"]
    );
    assert_eq!(
        of("a\n  => A"),
        ["types.cli:1:1: no command stands in the file of the types"]
    );
    assert_eq!(
        of("F = a\nF = b"),
        ["types.cli:2:1: there is a fragment `F` already"]
    );
    assert_eq!(
        wrong_with_types("F = [ G ]\nG = [ F ]", "a F\n  => A\n  ? a  A"),
        ["types.cli:2:7: the fragment `F` contains itself"]
            .map(|text| text.replace("types.cli:2:7", "m.cli:1:1"))
    );
}

#[test]
fn two_commands_that_share_a_sentence_are_found() {
    let shared = "a b\n  => A\n  ? a  A\n  ? b  B\n\na [b]\n  => Other";
    assert_eq!(
        wrong_with(shared),
        ["m.cli:9:1: `a b` of `Other` is taken for `A` of line 4"]
    );
}

#[test]
fn modes_are_checked_against_each_other() {
    const BODY: &str = "\n\nx\n  => X\n  ? x  X\n";
    let source = |file, head: &str, more: &str| Source {
        file,
        text: Box::leak(format!("{head}{BODY}{more}").into_boxed_str()),
    };
    let enter = "\ny\n  => enter nowhere\n  ? y  Y\n";
    let modes: &'static [Source] = Box::leak(Box::new([
        source("top.cli", "mode top", ""),
        source("a.cli", "mode a\n  parent top", enter),
        source("b.cli", "mode b\n  parent a", ""),
        source("c.cli", "mode c\n  parent c", ""),
        source("d.cli", "mode d\n  parent gone", ""),
        source("e.cli", "mode f\n  parent top", ""),
        source("g.cli", "x\n  => X", ""),
    ]));
    let wrong = Grammar::new(
        Source {
            file: "types.cli",
            text: "",
        },
        modes,
    )
    .read_all()
    .expect_err("much is wrong");
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    for wanted in [
        "a.cli:9:12: there is no mode `nowhere`",
        "b.cli:1:6: no command enters `b`",
        "c.cli:2:10: `c` is its own ancestor",
        "d.cli:2:10: there is no mode `gone`",
        "e.cli:1:6: a mode and its file have the same name",
        "g.cli:1:1: expected `mode NAME` at the head of the file",
    ] {
        assert!(
            wrong.iter().any(|message| message == wanted),
            "{wanted}\n{wrong:#?}"
        );
    }
}

#[test]
fn a_broken_file_leaves_the_other_modes_alone() {
    let modes: &'static [Source] = Box::leak(Box::new([
        Source {
            file: "good.cli",
            text: "mode good\n\na\n  => A\n  ? a  A",
        },
        Source {
            file: "bad.cli",
            text: "mode bad\n\na {\n  => A",
        },
    ]));
    let grammar = Grammar::new(
        Source {
            file: "types.cli",
            text: "",
        },
        modes,
    );
    assert!(grammar.mode("bad").is_none());
    assert!(grammar.mode("good").is_some());
}

#[test]
fn abbreviations_are_as_short_as_the_neighbours_allow() {
    let exec = abbreviations(mode("exec"));
    let short = |full: &str| {
        exec.iter()
            .find(|(found, _)| found == full)
            .map(|(_, short)| short.as_str())
    };
    assert_eq!(short("show clock"), Some("s cl"));
    assert_eq!(short("show conn"), Some("s co"));
    assert_eq!(short("copy"), Some("c"));
    let mut walker = Walker::default();
    for name in KILNS.mode_names() {
        for (full, short) in abbreviations(mode(name)) {
            let ends = |line: &str| match mode(name).walk(&mut walker, line) {
                Walk::Matched(found) => found.name().to_string(),
                other => format!("{:?}", std::mem::discriminant(&other)),
            };
            let [one, other] = [full.as_str(), short.as_str()].map(ends);
            assert_eq!(one, other, "{full} / {short}");
        }
    }
}

#[test]
fn the_reference_shows_syntax_help_and_negative_form() {
    let text = reference::reference(&KILNS, &|_, command| {
        if command.name() == "Heat" {
            vec!["heat.txt".into()]
        } else {
            Vec::new()
        }
    });
    for wanted in [
        "## kiln\n\nPrompt `(config-kiln)#`, inside `config`.",
        "### hold\n\n```\nhold <name:word>\n```\n\n- `hold` Hold something\n- `<name> WORD` Name\n- `all` Everything\n\nNegative: `no hold { all | <name:word> }`\n",
        "- `<0-7>` Degree of fire",
        "Shown in `heat.txt`.",
        "- `banner` (config): nobody greets anybody here\n",
        "Opens `kiln`.",
    ] {
        assert!(text.contains(wanted), "{wanted}\n---\n{text}");
    }
}
