//! Lines before and behind the grammar: comments, `do` and the header, bars with their patterns, and whole configurations.
//! Nothing panics, columns are places, and a configuration that was read is printed and read as itself.

use watchfire::command::GRAMMAR;
use watchfire::config::render::render;
use watchfire::shell::line::{self, Line};
use watchfire::shell::merge;
use watchfire::shell::pipe::{self, Fault, Pipe};

use super::random::{Random, text};
use super::words::{modes, seeds};

const LIKELY: &[u8] =
    b"   \t\t|||!!::??\"doDOincludjsx()[]*+.^$\\_{}-09\0\x1b\x7f\xc2\x9b\xc3\xa4\xff";
const LINES: [&str; 14] = [
    "show running-config | include ^logging",
    "show logging | json | begin %SYS-5|_I",
    "show logging | section exclude a | count",
    "show run | grep -v (a|b)+[^0-9]",
    "  do show version | exclude x\\.y | i z",
    " do ",
    "! a comment",
    ": Saved",
    "Cryptochecksum:283abb71ec510b066c40e86a84c0387c",
    "Watchfire Version 0.1.0 ",
    "\tlogging\thost\t192.0.2.7",
    "logging ?",
    "?",
    "show | | |",
];

fn typed(random: &mut Random) -> String {
    if random.once_in(6) {
        return text(&random.bytes(LIKELY, 60));
    }
    text(&random.mutated(&LINES, LIKELY, 6))
}

#[test]
fn a_line_is_sorted_into_pieces_of_itself() {
    let mut random = Random::new(9);
    let (mut commands, mut dos) = (0, 0);
    for _ in 0..30_000 {
        let raw = typed(&mut random);
        let cleaned = line::clean(&raw);
        assert_eq!(cleaned.len(), raw.len());
        assert!(!cleaned.contains('\t'));
        if let Some(at) = line::control_character(&cleaned) {
            let found = cleaned[at..].chars().next();
            assert!(found.is_some_and(char::is_control), "{at} in {cleaned:?}");
        } else {
            assert!(!cleaned.contains(char::is_control), "{cleaned:?}");
        }
        if let Some(before) = line::asks_for_help(&cleaned) {
            assert!(cleaned[before.len()..].starts_with('?'), "{cleaned:?}");
        }
        for in_configuration in [false, true] {
            let Line::Command(typed) = line::sort(&cleaned, in_configuration) else {
                continue;
            };
            commands += 1;
            dos += usize::from(typed.is_do);
            assert!(cleaned.starts_with(typed.whole), "{cleaned:?}");
            assert!(
                typed.whole[..typed.indent].bytes().all(|b| b == b' '),
                "{cleaned:?}"
            );
            assert_eq!(
                typed.whole.get(typed.at..),
                Some(typed.command()),
                "{cleaned:?}"
            );
            assert_eq!(typed.at > typed.indent, typed.is_do, "{cleaned:?}");
            assert!(!typed.command().starts_with(' '), "{cleaned:?}");
        }
    }
    assert!(
        commands > 10_000 && dos > 1_000,
        "one-sided: {commands}, {dos}"
    );
}

#[test]
fn a_bar_is_read_or_refused_at_a_place_behind_it() {
    let mut random = Random::new(10);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..6_000 {
        let line = line::clean(&typed(&mut random)).into_owned();
        for bar in line.match_indices('|').map(|(at, _)| at) {
            match Pipe::parse(&line, bar) {
                Ok(_) => read += 1,
                Err(
                    Fault::Invalid { column }
                    | Fault::Incomplete { column }
                    | Fault::Ambiguous { column, .. }
                    | Fault::Pattern { column, .. },
                ) => {
                    refused += 1;
                    assert!(
                        column > bar && line.is_char_boundary(column),
                        "{column} in {line:?}"
                    );
                }
            }
            let (word, rows, _) = pipe::expect(&line, bar);
            assert!(
                word > bar && line.is_char_boundary(word),
                "{word} in {line:?}"
            );
            assert!(rows.iter().all(|row| !row.token.is_empty()));
        }
    }
    assert!(
        read > 1_000 && refused > 1_000,
        "one-sided: {read}, {refused}"
    );
}

/// Lines of every configuration mode, each mode's behind the line that opens it.
fn configurations() -> Vec<String> {
    let openers = [
        ("call-home", "call-home"),
        ("call-home-profile", "call-home\n profile p"),
        (
            "call-home-environment",
            "call-home\n alert-group-config environment",
        ),
        (
            "call-home-snapshot",
            "call-home\n alert-group-config snapshot",
        ),
        ("dns-server-group", "dns server-group DefaultDNS"),
        ("ca-trustpoint", "crypto ca trustpoint t"),
        ("correlator-rule", "logging correlator rule r"),
        ("ca-crl", "crypto ca trustpoint t\n crl configure"),
        ("ca-trustpool", "crypto ca trustpool policy"),
        ("ca-ref-identity", "crypto ca reference-identity r"),
        (
            "cert-chain",
            "crypto ca trustpoint t\ncrypto ca certificate chain t",
        ),
    ];
    // A password that is sealed costs what it is meant to cost; few will do.
    let is_cheap = |line: &String| !line.contains("password") && !line.contains("ftp-server");
    let mut all: Vec<String> = GRAMMAR
        .mode("config")
        .map(|mode| seeds(mode, 20))
        .unwrap_or_default();
    all.retain(is_cheap);
    for mode in modes() {
        let Some((_, opener)) = openers.iter().find(|(name, _)| *name == mode.name()) else {
            continue;
        };
        for chunk in seeds(mode, 8).chunks(3) {
            all.push(format!("{opener}\n  {}", chunk.join("\n  ")));
        }
    }
    all.push("username u password secret1 privilege 3".into());
    all.push("enable password \"two words\"".into());
    all
}

#[test]
fn any_configuration_is_read_and_what_was_read_reads_the_same_again() {
    let mut random = Random::new(11);
    let seeds = configurations();
    let (mut applied, mut refused) = (0, 0);
    for _ in 0..2_500 {
        let blocks: Vec<String> = (0..=random.below(12))
            .map(|_| text(&random.mutated(&seeds, LIKELY, 3)))
            .collect();
        let configuration = blocks.join("\n");
        let (config, errors, tally) = merge::load(&configuration);
        applied += tally.applied;
        refused += tally.refused();
        // A password that another device sealed is listed and applied all the same.
        let listed = errors.iter().filter(|error| error.is_refused).count();
        assert_eq!(listed, tally.refused());
        let lines = configuration.lines().count();
        assert!(
            tally.applied + tally.refused() <= lines,
            "{configuration:?}"
        );
        let mut last = 0;
        for error in &errors {
            assert!(
                (last..=lines).contains(&error.line),
                "{error:?} of {configuration:?}"
            );
            last = error.line;
            let columns = error.text.chars().count() + 1;
            assert!((1..=columns).contains(&error.column), "{error:?}");
        }
        let printed = render(&config, false);
        let (again, errors, _) = merge::load(&printed);
        assert!(
            !errors.iter().any(|error| error.is_refused),
            "{errors:?} of {printed} from {configuration:?}"
        );
        assert!(again == config, "{printed}from {configuration:?}");
        assert_eq!(render(&again, false), printed, "from {configuration:?}");
    }
    assert!(
        applied > 5_000 && refused > 3_000,
        "one-sided: {applied}, {refused}"
    );
}

#[test]
fn a_configuration_of_one_megabyte_line_is_one_refusal() {
    for again in ["\"", "|", "logging ", "ä", "\u{1}", "password "] {
        let line = format!("x {}", again.repeat((1 << 20) / again.len()));
        let (_, errors, tally) = merge::load(&line);
        assert_eq!((errors.len(), tally.applied), (1, 0), "{again:?}");
        assert!(errors.iter().all(|error| error.line == 1), "{again:?}");
    }
}

/// The words that end a pattern, those that may seem to, and quotation marks.
const OF_DISCRIMINATORS: [&str; 24] = [
    "severity",
    "facility",
    "mnemonics",
    "msg-body",
    "rate-limit",
    "drops",
    "includes",
    "d",
    "in",
    "Drop",
    "MSG-BODY",
    "3",
    "0-7",
    "1,5",
    "10",
    "x",
    "\"x",
    "x\"",
    "\"",
    "\"x\"",
    "a|b",
    "\"\"",
    "x\"y",
    " ",
];

#[test]
fn a_discriminator_is_printed_as_it_is_read_whatever_its_patterns_hold() {
    let mut random = Random::new(12);
    let mut applied = 0;
    for _ in 0..6_000 {
        let lines: Vec<String> = (0..=random.below(3))
            .map(|_| {
                let mut line = String::from("logging discriminator d");
                for _ in 0..=random.below(3) {
                    let field = random.pick(&OF_DISCRIMINATORS[1..4]);
                    let sense = random.pick(&OF_DISCRIMINATORS[5..7]);
                    line.push_str(&format!(" {field} {sense}"));
                    for _ in 0..=random.below(5) {
                        line.push(' ');
                        line += *random.pick(&OF_DISCRIMINATORS);
                    }
                }
                line
            })
            .collect();
        let configuration = lines.join("\n");
        let (config, _, tally) = merge::load(&configuration);
        applied += tally.applied;
        let printed = render(&config, false);
        let (again, errors, _) = merge::load(&printed);
        assert!(
            errors.is_empty() && again == config,
            "{printed}from {configuration}"
        );
    }
    assert!(applied > 1_000, "too few: {applied}");
}
