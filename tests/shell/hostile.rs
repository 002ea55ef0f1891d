//! No input stops a Session: any bytes, any place, long lines.

use proptest::prelude::*;

use super::bench::Bench;

/// Pieces that lines are made of, so that more than the first word is reached.
const PIECES: [&str; 26] = [
    "show",
    "running-config",
    "logging",
    "discriminator",
    "host",
    "no",
    "do",
    "|",
    "include",
    "(",
    "call-home",
    "profile",
    "exit",
    "end",
    "configure",
    "terminal",
    "password",
    "\"",
    "?",
    "!",
    ":",
    " ",
    "192.0.2.7",
    "quit",
    "\u{9b}",
    "certificate",
];

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(PIECES.to_vec()), 0..8)
            .prop_map(|words| words.join(" ")),
        proptest::collection::vec(any::<char>(), 0..40).prop_map(String::from_iter),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_lines_leave_a_session_that_answers(lines in proptest::collection::vec(line(), 1..30), is_terminal in any::<bool>()) {
        let mut bench = Bench::new(true, is_terminal, "");
        for line in &lines {
            let printed = bench.type_line(line);
            let is_harmless = !printed.contains(['\u{9b}', '\u{1b}']);
            prop_assert!(is_harmless, "{:?}", printed);
            bench.session.help(line);
            let found = bench.session.complete(line);
            prop_assert!(found.start <= line.len() && line.is_char_boundary(found.start));
        }
        bench.with(|session, io| session.end_of_input(io));
    }

    #[test]
    fn any_text_can_be_read_as_a_configuration(lines in proptest::collection::vec(line(), 0..60)) {
        let text = lines.join("\n");
        let (config, errors, tally) = watchfire::shell::merge::load(&text);
        prop_assert_eq!(errors.len(), tally.refused());
        // What was applied reads back as itself.
        let (again, errors, _) = watchfire::shell::merge::load(&watchfire::config::render::render(&config, false));
        prop_assert!(errors.is_empty(), "{:?}", errors);
        prop_assert!(again == config);
    }
}

#[test]
fn lines_of_a_megabyte_are_refused_like_others() {
    let mut bench = Bench::script();
    bench.type_line("configure terminal");
    for line in [
        "a".repeat(1 << 20),
        format!("logging trap {}", "b ".repeat(1 << 19)),
        " ".repeat(1 << 20) + "zzz",
        "|".repeat(1 << 20),
    ] {
        let printed = bench.type_line(&line);
        assert!(printed.ends_with("ERROR: % Invalid input detected at '^' marker.\n"));
    }
    assert_eq!(bench.prompt(), "ciscoasa(config)# ");
}
