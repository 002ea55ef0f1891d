//! Reading a configuration as text: where refusals are told, what is counted, what is kept.

use std::fs;

use watchfire::shell::merge;

use super::bench::{Bench, caller};

fn merged(bench: &mut Bench, text: &str) -> String {
    let chassis = bench.chassis.clone();
    bench.with(|_, io| merge::into_running(&chassis, &caller(false), "x.cfg", text, io.err));
    bench.take_errors()
}

#[test]
fn refused_lines_are_told_with_file_line_column_caret_and_text() {
    let mut bench = Bench::script();
    let told = merged(
        &mut bench,
        "hostname a\n!\nlogging zzz\n  ! c\n logging discriminator\nlogging buffered discriminator nosuch\n",
    );
    let expected = "\
x.cfg:3:9: ERROR: % Invalid input detected at '^' marker.
logging zzz
        ^
x.cfg:5:2: ERROR: % Invalid input detected at '^' marker.
 logging discriminator
 ^
x.cfg:6:1: ERROR: Specified MD by the name nosuch is not found.
logging buffered discriminator nosuch
4 lines: 1 applied, 3 refused (logging 3)
";
    assert_eq!(told, expected);
}

#[test]
fn an_incomplete_line_is_told_without_a_caret() {
    let mut bench = Bench::script();
    let told = merged(&mut bench, "logging discriminator\n");
    assert!(
        told.starts_with("x.cfg:1:22: ERROR: % Incomplete command\nlogging discriminator\n"),
        "{told}"
    );
}

#[test]
fn a_merge_is_one_message_and_keeps_what_was_there() {
    let mut bench = Bench::script();
    bench.type_lines(&["configure terminal", "logging trap errors", "end"]);
    bench.syslog.take_said();
    merged(&mut bench, "hostname merged\nlogging facility local3\n");
    let said = bench.syslog.take_said();
    assert_eq!(
        said[0],
        "%ASA-5-111008: User 'enable_15' executed the 'copy x.cfg running-config' command."
    );
    assert_eq!(
        said.iter()
            .filter(|message| message.contains("111008"))
            .count(),
        1
    );
    assert_eq!(bench.configured("logging trap"), ["logging trap errors"]);
    assert_eq!(bench.prompt(), "merged# ");
}

#[test]
fn a_merge_walks_the_modes_as_typing_does() {
    let mut bench = Bench::script();
    let text = "call-home\n profile a\n  no active\n profile b\n  no active\nlogging facility local3\nend\nhostname z\n";
    assert_eq!(merged(&mut bench, text), "8 lines: 8 applied, 0 refused\n");
    assert_eq!(
        bench.configured(" profile"),
        [" profile CiscoTAC-1", " profile a", " profile b"]
    );
    assert_eq!(bench.configured("  no active").len(), 3);
}

#[test]
fn exec_commands_are_no_configuration() {
    let mut bench = Bench::script();
    let told = merged(
        &mut bench,
        "write erase\ndo reload\nshow version\nexit\nhostname a\n",
    );
    assert!(
        told.ends_with("5 lines: 2 applied, 3 refused (do 1, show 1, write 1)\n"),
        "{told}"
    );
    assert_eq!(bench.configured("hostname"), ["hostname a"]);
}

#[test]
fn an_unknown_block_takes_its_lines_with_it() {
    let mut bench = Bench::script();
    let told = merged(
        &mut bench,
        "object network X\n host 10.10.10.80\n!\n\n nat x\naccess-list y\nhostname b\n",
    );
    assert!(
        told.ends_with("5 lines: 1 applied, 4 refused (access-list 1, host 1, nat 1, object 1)\n"),
        "{told}"
    );
}

#[test]
fn a_file_with_cr_and_no_last_line_end_is_read() {
    let mut bench = Bench::script();
    let path = bench.folder().join("dos.cfg");
    fs::write(&path, b"hostname dos\r\nlogging facility local3").expect("written");
    let chassis = bench.chassis.clone();
    let tally = bench
        .with(|_, io| merge::file(&chassis, &caller(false), &path, io.err))
        .expect("readable");
    assert_eq!((tally.applied, tally.refused()), (2, 0));
    assert!(
        merge::file(
            &chassis,
            &caller(false),
            &bench.folder().join("none"),
            &mut Vec::new()
        )
        .is_err()
    );
}

#[test]
fn certificates_are_read_with_their_lines() {
    let mut bench = Bench::script();
    bench.type_lines(&[
        "configure terminal",
        "crypto ca trustpoint TP",
        "crypto ca certificate chain TP",
    ]);
    bench.type_lines(&["certificate ca 0a", "30820122", "quit", "end"]);
    let first = bench.type_line("show running-config");
    let (config, errors, _) = merge::load(&first);
    assert!(errors.is_empty(), "{errors:?}");
    assert!(bench.chassis.owner.with(|running| *running == config));
    let (_, errors, _) = merge::load(
        "crypto ca trustpoint TP\ncrypto ca certificate chain TP\n certificate 0a\n  3082\n",
    );
    assert_eq!(
        (errors.len(), errors[0].line),
        (1, 3),
        "a block without its end is refused where it began"
    );
}

#[test]
fn a_bad_startup_line_is_noted_and_skipped() {
    let startup = "hostname broken\n!\nlogging discriminator ok severity drops 6\nzzz secret hunter2\nlogging trap errors\n";
    let mut bench = Bench::new(true, false, startup);
    assert_eq!(bench.configured("logging trap"), ["logging trap errors"]);
    assert!(
        !bench.chassis.owner.is_unsaved(),
        "what was loaded is not unsaved"
    );
    let shown = bench.type_line("show startup-config errors");
    assert!(
        shown.contains('4') && shown.contains("zzz secret *****"),
        "{shown}"
    );
}

#[test]
fn reload_goes_back_to_the_startup_config_and_keeps_what_was_unsaved() {
    let mut bench = Bench::script();
    bench.type_lines(&[
        "configure terminal",
        "hostname saved",
        "end",
        "write memory",
    ]);
    bench.type_lines(&["configure terminal", "hostname unsaved", "end", "reload"]);
    assert_eq!(bench.prompt(), "saved# ");
    assert!(!bench.chassis.owner.is_unsaved());
    let kept = bench
        .chassis
        .state
        .disk0()
        .read("unsaved-config")
        .expect("kept");
    assert!(String::from_utf8_lossy(&kept).contains("\nhostname unsaved\n"));
}

#[test]
fn reload_without_a_startup_config_is_the_empty_configuration() {
    let mut bench = Bench::script();
    bench.type_lines(&["configure terminal", "hostname x", "end", "reload"]);
    assert_eq!(bench.prompt(), "ciscoasa# ");
}

#[test]
fn clear_secrets_of_a_file_are_sealed_on_the_way_in() {
    let (config, errors, _) = merge::load("enable password hunter2\n");
    assert!(errors.is_empty());
    let text = watchfire::config::render::render(&config, false);
    assert!(
        text.contains("enable password $9$") && !text.contains("hunter2"),
        "{text}"
    );
}
