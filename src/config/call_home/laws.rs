//! Laws of the call-home commands, over whatever can be typed: what is printed reads the same again, a refused line changes nothing,
//! saying it twice is saying it once.

use proptest::prelude::*;

use super::script::Script;
use super::*;
use crate::command::call_home::typed::sentences;

/// With the section that this one refers to.
fn text(config: &RunningConfig, all: bool) -> String {
    let mut out = Lines::new(all);
    config.crypto.lines(&mut out);
    config.call_home.lines(&mut out);
    out.into_text()
}

/// What opens each of the modes, from global configuration.
const MODES: [(&str, &str); 6] = [
    ("config", ""),
    ("call-home", "call-home"),
    ("call-home-profile", "call-home\nprofile ops"),
    ("call-home-profile", "call-home\nprofile CiscoTAC-1"),
    (
        "call-home-environment",
        "call-home\nalert-group-config environment",
    ),
    (
        "call-home-snapshot",
        "call-home\nalert-group-config snapshot",
    ),
];

fn any_line() -> impl Strategy<Value = (&'static str, String)> {
    let lines = |(mode, open): (&str, &'static str)| {
        let ours = |line: &String| mode != "config" || line.contains("call-home");
        sentences(mode)
            .into_iter()
            .filter(ours)
            .map(move |line| (open, line))
            .collect::<Vec<_>>()
    };
    prop::sample::select(MODES.into_iter().flat_map(lines).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_typed_what_is_printed_gives_the_same_again(lines in prop::collection::vec(any_line(), 1..40)) {
        let mut script = Script::run("crypto ca reference-identity Xq7\ncrypto ca reference-identity zZ-9\n");
        for (open, line) in &lines {
            script.end();
            script.feed(open);
            let before = script.config.clone();
            let refused = script.refused.len();
            script.feed(line);
            if script.refused.len() > refused {
                prop_assert_eq!(&script.config, &before, "a refused line has changed something: {}", line);
            }
        }
        for all in [false, true] {
            let shown = text(&script.config, all);
            let again = Script::run(&shown);
            prop_assert_eq!(&again.refused, &[], "{}", shown);
            prop_assert_eq!(text(&again.config, all), shown);
            if !all {
                prop_assert_eq!(&again.config.call_home, &script.config.call_home);
            }
        }
    }

    #[test]
    fn a_line_that_sets_something_sets_it_once((open, line) in any_line()) {
        let mut script = Script::run(open);
        script.feed(&line);
        prop_assume!(script.refused.is_empty() && !line.starts_with("no ") && !line.starts_with("copy ") && !line.starts_with("rename "));
        let once = script.config.clone();
        script.end();
        script.feed(open);
        script.feed(&line);
        prop_assert_eq!(script.config, once);
    }
}
