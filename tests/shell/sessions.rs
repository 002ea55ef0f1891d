//! What a Session promises its front ends: modes, questions, blocks, messages, publication.

use watchfire::shell::Next;

use super::bench::{Bench, session};

const CARET: &str = "^\nERROR: % Invalid input detected at '^' marker.\n";

fn refused_at(column: usize) -> String {
    format!("{:column$}{CARET}", "")
}

#[test]
fn a_script_is_never_asked_and_takes_the_defaults() {
    let mut bench = Bench::script();
    let printed = bench.type_lines(&[
        "configure terminal",
        "hostname saved",
        "end",
        "copy running-config startup-config",
    ]);
    assert!(
        printed.ends_with("[OK]\n") && !printed.contains('?'),
        "{printed}"
    );
    let saved = bench
        .chassis
        .state
        .read_startup()
        .expect("readable")
        .expect("written");
    assert!(String::from_utf8_lossy(&saved).contains("\nhostname saved\n"));
    assert!(!bench.session.has_failed());
}

#[test]
fn exit_in_a_script_closes_without_a_word_and_without_saving() {
    let mut bench = Bench::script();
    assert_eq!(
        bench.type_lines(&["configure terminal", "hostname x", "end", "exit"]),
        ""
    );
    assert_eq!(bench.next(), Next::Closed);
    assert!(
        bench
            .chassis
            .state
            .read_startup()
            .expect("readable")
            .is_none()
    );
}

#[test]
fn a_question_on_a_terminal_takes_the_next_line() {
    let mut bench = Bench::person();
    bench.type_line("copy running-config startup-config");
    let asked = Next::Ask {
        text: "Source filename [running-config]? ".into(),
        echo: true,
    };
    assert_eq!(bench.next(), asked);
    assert!(bench.type_line("").ends_with("[OK]\n"));
    assert!(matches!(bench.next(), Next::Command { .. }));
}

#[test]
fn in_scripts_a_blank_and_a_question_mark_ask() {
    let mut bench = Bench::script();
    let printed = bench.type_line("show inv?");
    assert!(printed.ends_with(CARET), "any other is itself: {printed}");
    let printed = bench.type_line("terminal ?");
    assert!(
        printed.starts_with("exec mode commands/options:\n") && printed.contains("  monitor "),
        "{printed}"
    );
}

#[test]
fn deeper_lines_below_a_refused_one_are_refused_with_it() {
    let mut bench = Bench::script();
    let lines = [
        "configure terminal",
        "zzz block",
        " hostname never",
        "",
        "! comment",
        "  hostname nor-this",
        "hostname this",
    ];
    let printed = bench.type_lines(&lines);
    let expected = refused_at("ciscoasa(config)# ".len())
        + &refused_at("ciscoasa(config)#  ".len())
        + &refused_at("ciscoasa(config)#   ".len());
    assert_eq!(printed, expected);
    assert_eq!(bench.configured("hostname"), ["hostname this"]);
}

#[test]
fn in_exec_indentation_means_nothing() {
    let mut bench = Bench::script();
    let printed = bench.type_lines(&["zzz", "   show curpriv"]);
    assert!(printed.ends_with("Current Mode/s : P_PRIV\n"), "{printed}");
}

#[test]
fn a_printed_configuration_can_be_pasted_whole() {
    let mut bench = Bench::script();
    bench.type_lines(&[
        "configure terminal",
        "hostname one",
        "call-home",
        " profile ops",
        "  no active",
        "end",
    ]);
    let first = bench.type_line("show running-config");
    let mut other = Bench::script();
    other.type_line("configure terminal");
    let lines: Vec<_> = first.lines().collect();
    let printed = other.type_lines(&lines);
    assert_eq!(printed, "");
    assert_eq!(other.type_line("show running-config"), first);
}

#[test]
fn two_sessions_work_on_one_configuration() {
    let mut one = Bench::script();
    let mut other = session(&one.chassis, true, false);
    one.type_lines(&["configure terminal", "logging trap errors"]);
    one.with(|_, io| {
        other.feed("configure terminal", io);
        other.feed("hostname shared", io)
    });
    assert_eq!(one.prompt(), "shared(config)# ");
    assert_eq!(one.configured("logging trap"), ["logging trap errors"]);
}

#[test]
fn an_exec_command_meets_everything_published() {
    let mut bench = Bench::script();
    let published = bench.chassis.owner.subscribe();
    let before = published.borrow().generation;
    bench.type_lines(&["configure terminal", "hostname a", "hostname b"]);
    assert_eq!(
        published.borrow().generation,
        before,
        "lines alone publish nothing"
    );
    bench.type_line("show clock");
    assert_eq!(published.borrow().config.system.hostname(), "b");
    bench.type_line("hostname c");
    bench.session.idle();
    assert_eq!(published.borrow().config.system.hostname(), "c");
}

#[test]
fn what_was_configured_is_in_force_at_the_end_of_input() {
    let mut bench = Bench::script();
    let published = bench.chassis.owner.subscribe();
    bench.type_lines(&["configure terminal", "hostname a"]);
    bench.syslog.take_said();
    bench.with(|session, io| session.end_of_input(io));
    assert_eq!(published.borrow().config.system.hostname(), "a");
    assert_eq!(
        bench.syslog.take_said(),
        ["%SYS-5-CONFIG_I: Configured from console by console"]
    );
    assert!(!bench.session.has_failed());
}

#[test]
fn a_certificate_takes_lines_up_to_quit() {
    let mut bench = Bench::script();
    bench.type_lines(&[
        "configure terminal",
        "crypto ca trustpoint TP",
        "crypto ca certificate chain TP",
    ]);
    bench.syslog.take_said();
    assert_eq!(
        bench.type_lines(&["certificate ca 0a", "    30820122 30820122"]),
        ""
    );
    assert_eq!(bench.next(), Next::Block);
    assert!(
        bench.syslog.take_said().is_empty(),
        "nothing is configured yet"
    );
    assert_eq!(bench.type_line("  quit"), "");
    assert_eq!(bench.prompt(), "ciscoasa(config-cert-chain)# ");
    assert_eq!(bench.configured(" certificate"), [" certificate ca 0a"]);
    assert!(bench.syslog.take_said()[0].ends_with("executed the 'certificate ca 0a' command."));
}

#[test]
fn a_block_that_never_ends_is_refused_at_the_end_of_input() {
    let mut bench = Bench::script();
    bench.type_lines(&[
        "configure terminal",
        "crypto ca trustpoint TP",
        "crypto ca certificate chain TP",
        "certificate 0a",
    ]);
    bench.with(|session, io| session.end_of_input(io));
    assert!(
        bench
            .take_printed()
            .ends_with("ERROR: % Incomplete command\n")
    );
    assert!(bench.session.has_failed());
}

#[test]
fn no_secret_is_ever_repeated() {
    for line in [
        "enable password hunter2",
        "enable password hunter2 zzz",
        "enable passwod password hunter2",
        "username ann password hunter2 privilege 99",
        "username ann password hunter2",
        "zzz key hunter2",
        "tacacs secret hunter2",
        "username ana pasword hunter2",
        "enable passwrod hunter2",
        "usrname ana secert hunter2",
        "zzz ana password hunter2\u{1}",
    ] {
        let mut bench = Bench::person();
        let mut all = bench.type_lines(&["configure terminal", line]);
        assert!(
            bench.session.is_last_secret(),
            "{line} stays out of the history"
        );
        all += &bench.type_lines(&["show history", "show running-config"]);
        all += &bench.syslog.take_said().concat();
        let text = format!("{line}\n");
        bench
            .with(|_, io| io.err.flush())
            .expect("a vector takes all");
        let chassis = bench.chassis.clone();
        bench.with(|_, io| {
            let caller = super::bench::caller(false);
            watchfire::shell::merge::into_running(&chassis, &caller, "disk0:x", &text, io.err)
        });
        all += &bench.take_errors();
        assert!(!all.contains("hunter2"), "{line}: {all}");
    }
}

#[test]
fn a_refused_line_that_could_hold_a_secret_is_not_remembered() {
    let mut bench = Bench::person();
    bench.type_lines(&[
        "configure terminal",
        "username ana hunter2",
        "enable hunter2 x",
    ]);
    let remembered = bench.type_lines(&["hostname a b", "show history"]);
    assert!(!remembered.contains("hunter2"), "{remembered}");
    assert!(remembered.contains("hostname a b"), "{remembered}");
}

#[test]
fn control_characters_are_pointed_at() {
    let mut bench = Bench::script();
    assert_eq!(
        bench.type_line("show\u{0}clock"),
        refused_at("ciscoasa# show".len())
    );
    bench.type_line("configure terminal");
    assert_eq!(
        bench.type_line("hostname a\u{9b}2J"),
        refused_at("ciscoasa(config)# hostname a".len())
    );
    assert_eq!(bench.configured("hostname"), ["hostname ciscoasa"]);
}

#[test]
fn enable_without_a_password_succeeds_on_the_own_console_alone() {
    let mut bench = Bench::new(false, true, "");
    bench.type_line("enable");
    assert_eq!(bench.prompt(), "ciscoasa# ");
    let mut bench = Bench::new(false, true, "");
    bench.session = super::bench::guest(&bench.chassis);
    assert_eq!(bench.type_line("enable"), "ERROR: Access denied.\n");
    assert_eq!(bench.prompt(), "ciscoasa> ");
}

/// `logging hide username` (D140).
#[test]
fn a_message_about_three_wrong_passwords_names_known_users_and_others_only_if_it_may() {
    let mut bench = Bench::person();
    bench.type_lines(&[
        "configure terminal",
        "username ana password right9right",
        "enable password right",
    ]);
    let mut who_failed = |line: &str, user: &str| {
        bench.session = super::bench::guest(&bench.chassis);
        bench.type_lines(&["enable", "right", "configure terminal", line, "end"]);
        bench.session = super::bench::guest_named(&bench.chassis, user);
        bench.syslog.take_said();
        bench.type_lines(&["enable", "a", "b", "c"]);
        bench.syslog.take_said().concat()
    };
    for (line, user, name) in [
        ("default logging hide username", "mallory", "*****"),
        ("default logging hide username", "ana", "ana"),
        ("default logging hide username", "enable_15", "enable_1"),
        ("no logging hide username", "mallory", "mallory"),
        ("logging hide username", "mallory", "*****"),
    ] {
        let expected = format!(
            "%ASA-6-611102: User authentication failed: IP address: 0.0.0.0, Uname: {name}"
        );
        assert_eq!(who_failed(line, user), expected, "{line}, {user}");
    }
}

#[test]
fn three_wrong_passwords_deny_access() {
    let mut bench = Bench::person();
    bench.type_lines(&[
        "configure terminal",
        "enable password right",
        "end",
        "disable",
        "enable",
    ]);
    let printed = bench.type_lines(&["a", "b", "c"]);
    assert_eq!(
        printed,
        "Invalid password\nInvalid password\nInvalid password\nERROR: Access denied.\n"
    );
    bench.type_line("enable");
    assert_eq!(
        bench.next(),
        Next::Ask {
            text: "Password: ".into(),
            echo: false
        }
    );
    bench.type_line("right");
    assert_eq!(bench.prompt(), "ciscoasa# ");
}

#[test]
fn only_commands_that_change_nothing_are_reading_ones() {
    let mut bench = Bench::script();
    for (line, reads) in [
        ("show version", true),
        ("sh run | i host", true),
        ("write memory", false),
        ("configure terminal", false),
        ("hostname x", false),
        ("show versiox", false),
        ("", false),
    ] {
        assert_eq!(bench.session.only_reads(line), reads, "{line}");
    }
}

#[test]
fn the_terminal_settings_are_the_session_s_own() {
    let mut bench = Bench::person();
    assert_eq!(bench.session.page_lines(), 24);
    bench.type_lines(&["configure terminal", "pager lines 10", "end"]);
    assert_eq!(bench.session.page_lines(), 10);
    bench.type_lines(&["terminal pager 0", "terminal width 511"]);
    assert_eq!(
        (bench.session.page_lines(), bench.session.settings().width),
        (0, Some(511))
    );
    assert!(
        bench.type_line("terminal monitor").starts_with("INFO: "),
        "logging monitor is off"
    );
    assert!(bench.session.settings().monitor);
    bench.type_line("terminal no monitor");
    assert!(!bench.session.settings().monitor);
}

#[test]
fn ctrl_c_gives_up_what_waits() {
    let mut bench = Bench::person();
    bench.type_line("copy running-config startup-config");
    assert!(matches!(bench.session.control_c(), Next::Command { .. }));
}

#[test]
fn received_text_cannot_drive_the_terminal() {
    let mut bench = Bench::script();
    bench
        .chassis
        .state
        .disk0()
        .write("evil", b"a\x1b[2Jb\n\xc2\x9bc\n")
        .expect("written");
    assert_eq!(
        bench.type_line("more disk0:evil"),
        "a\\x1B[2Jb\n\\xC2\\x9Bc\n"
    );
    assert_eq!(
        bench.type_line("more disk0:evil | include 9B"),
        "\\xC2\\x9Bc\n"
    );
}
