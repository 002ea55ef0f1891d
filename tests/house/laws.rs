//! Laws of the running-config, over command sequences generated from the grammar: what `render` prints reads back as the
//! same configuration and the same text; a refused line changes nothing; a line applied twice equals once.

use proptest::prelude::*;
use watchfire::command::{self, Command, Config};
use watchfire::config::render::render;
use watchfire::config::terminal_lines::LineRange;
use watchfire::config::{self, RunningConfig, Scope};
use watchfire::grammar::sentences::sentences;
use watchfire::grammar::{Walk, Walker};
use watchfire::shell::merge;

use super::grammar::{SHARED, modes, samples};

/// Configuration commands as (scope's way in, line, typed command), from every mode but EXEC.
fn commands() -> Vec<(Vec<&'static str>, String, Config)> {
    let mut walker = Walker::default();
    let mut found = Vec::new();
    for mode in modes().into_iter().filter(|mode| mode.name() != "exec") {
        let Some(way) = way_in(mode.name()) else {
            panic!("no way into {} is known here", mode.name())
        };
        for sentence in sentences(mode, &samples(), 24) {
            let Walk::Matched(walked) = mode.walk(&mut walker, &sentence.text) else {
                continue;
            };
            // A clear password is sealed under a new salt each time; the sealed form is what the law is about.
            let takes_one = ["password", "ftp-server"].iter();
            if takes_one.clone().any(|word| sentence.text.contains(word))
                && !sentence.text.contains("encrypted")
            {
                continue;
            }
            if let Ok(Command::Config(config)) = command::parse(&walked) {
                found.push((way.clone(), sentence.text.clone(), *config));
            }
        }
    }
    found
}

fn way_in(mode: &str) -> Option<Vec<&'static str>> {
    Some(match mode {
        "config" => vec![],
        "interface" => vec!["interface eth7"],
        "dns-server-group" => vec!["dns server-group DefaultDNS"],
        "line" => vec!["line console 0"],
        "call-home" => vec!["call-home"],
        "call-home-profile" => vec!["call-home", "profile ops"],
        "call-home-environment" => vec!["call-home", "alert-group-config environment"],
        "call-home-snapshot" => vec!["call-home", "alert-group-config snapshot"],
        "ca-trustpoint" => vec!["crypto ca trustpoint tp"],
        "correlator-rule" => vec!["logging correlator rule r"],
        "ca-crl" => vec!["crypto ca trustpoint tp", "crl configure"],
        "ca-trustpool" => vec!["crypto ca trustpool policy"],
        "ca-ref-identity" => vec!["crypto ca reference-identity ri"],
        "cert-chain" => vec!["crypto ca trustpoint tp", "crypto ca certificate chain tp"],
        _ => return None,
    })
}

fn scope(mode_way: &[&str]) -> Scope {
    match mode_way.last().copied() {
        None => Scope::Global,
        Some("interface eth7") => Scope::Interface("eth7".into()),
        Some("dns server-group DefaultDNS") => Scope::DnsServerGroup("DefaultDNS".into()),
        Some("line console 0") => Scope::Line(LineRange::CONSOLE),
        Some("call-home") => Scope::CallHome,
        Some("profile ops") => Scope::Profile("ops".into()),
        Some("alert-group-config environment") => Scope::AlertGroupEnvironment,
        Some("alert-group-config snapshot") => Scope::AlertGroupSnapshot,
        Some("logging correlator rule r") => Scope::CorrelatorRule("r".into()),
        Some("crypto ca trustpoint tp") => Scope::Trustpoint("tp".into()),
        Some("crl configure") => Scope::Crl("tp".into()),
        Some("crypto ca trustpool policy") => Scope::Trustpool,
        Some("crypto ca reference-identity ri") => Scope::ReferenceIdentity("ri".into()),
        Some(_) => Scope::CertificateChain("tp".into()),
    }
}

/// A text of the chosen commands; each line is led by its way in, and names that they refer to exist.
fn text(chosen: &[&(Vec<&'static str>, String, Config)]) -> String {
    let mut text = String::from(
        "interface eth8\n nameif outside\nlogging discriminator Xq7\nlogging discriminator zZ-9\nlogging list Xq7 level 3\n",
    );
    for (way, line, _) in chosen {
        text.push_str("exit\nexit\n");
        for (depth, step) in way.iter().enumerate() {
            text.push_str(&format!("{:depth$}{step}\n", ""));
        }
        text.push_str(&format!("{:depth$}{line}\n", "", depth = way.len()));
        // What takes a block gets an empty one.
        if line.starts_with("certificate ") {
            text.push_str("30820122\nquit\n");
        }
    }
    text
}

#[test]
fn what_is_printed_reads_back_as_the_same_configuration() {
    let all = commands();
    let strategy = proptest::collection::vec(0..all.len(), 1..40);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(300)
    });
    runner
        .run(&strategy, |picks| {
            let chosen: Vec<_> = picks.iter().map(|pick| &all[*pick]).collect();
            let typed = text(&chosen);
            let (first, _, _) = merge::load(&typed);
            let printed = render(&first, false);
            let (second, errors, _) = merge::load(&printed);
            // A password that another device sealed is listed and applied all the same.
            let errors: Vec<_> = errors
                .into_iter()
                .filter(|error| error.is_refused)
                .collect();
            prop_assert!(errors.is_empty(), "{errors:?} in\n{printed}\nfrom\n{typed}");
            let again = render(&second, false);
            prop_assert_eq!(&printed, &again, "from\n{}", typed);
            prop_assert_eq!(&first, &second, "\n{}", printed);
            let (full, errors, _) = merge::load(&render(&first, true));
            let errors: Vec<_> = errors
                .into_iter()
                .filter(|error| error.is_refused)
                .collect();
            prop_assert!(errors.is_empty(), "with `all`: {errors:?}");
            prop_assert_eq!(render(&full, true), render(&first, true));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_a_mode_shares_with_its_parent_is_printed_before_the_mode_is_opened() {
    for (mode, keyword) in SHARED {
        let way = way_in(mode).expect("a way in").join("\n");
        let text = format!("{way}\n{keyword} inner.example\nexit\n{keyword} outer.example\n");
        let (config, errors, _) = merge::load(&text);
        assert_eq!(errors, [], "{text}");
        let printed = render(&config, false);
        let at = |line: &str| printed.find(&format!("\n{line}\n")).expect("printed");
        let outer = at(&format!("{keyword} outer.example"));
        assert!(outer < at(&way), "{printed}");
        assert!(at(&way) < at(&format!(" {keyword} inner.example")));
        assert_eq!(merge::load(&printed).0, config, "{printed}");
        // While the mode is open the line is its own, indented or not.
        let (config, _, _) = merge::load(&text.replace("exit\n", ""));
        assert!(!render(&config, false).contains("inner.example"), "{text}");
    }
}

#[test]
fn a_refused_line_changes_nothing_and_one_applied_twice_equals_once() {
    let all = commands();
    let strategy = proptest::collection::vec(0..all.len(), 1..25);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(200)
    });
    runner
        .run(&strategy, |picks| {
            let (mut config, _, _) = merge::load(&text(&[]));
            for pick in picks {
                let (way, line, command) = &all[pick];
                let before = config.clone();
                let outcome = config::apply(&mut config, &scope(way), command);
                if outcome.is_err() {
                    prop_assert!(
                        config == before,
                        "`{line}` was refused and changed something"
                    );
                    continue;
                }
                let once = config.clone();
                let again = config::apply(&mut config, &scope(way), command);
                if again.is_ok() {
                    prop_assert!(
                        config == once,
                        "`{line}` twice is not once\n{}\n{}",
                        render(&once, false),
                        render(&config, false)
                    );
                }
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn an_unconfigured_device_prints_what_it_is() {
    let text = render(&RunningConfig::default(), false);
    let (config, errors, _) = merge::load(&text);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(config, RunningConfig::default());
}
