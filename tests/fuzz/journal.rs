//! Entries of the journal as a reader might print them, broken anywhere: each is a message of one header, or refused and
//! leaves nothing behind.

use watchfire::intake::entry::{Entry, read};
use watchfire::message::{Kind, parse};

use super::random::Random;

const SEEDS: [&str; 6] = [
    r#"{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1772390771123456","MESSAGE":"Accepted","PRIORITY":"6"}"#,
    r#"{"MESSAGE":[97,255,0,98],"SYSLOG_IDENTIFIER":["my app","other"],"SYSLOG_FACILITY":"10"}"#,
    r#"{"MESSAGE":"a\n\"b\" \u0000 \ud83d\ude00","_PID":"7","_COMM":"watchfire","_BOOT_ID":null}"#,
    r#"{"MESSAGE":null,"__REALTIME_TIMESTAMP":"99999999999999999999"}"#,
    r#"{"MESSAGE":[[[[["deep"]]]]],"PRIORITY":["4",[1]]}"#,
    "{}",
];
const LIKELY: &[u8] = br#"{}[]",:\un0123456789-eE. "MESSAGE"_PID null true"#;

#[test]
fn any_line_of_a_reader_is_a_message_or_refused() {
    let mut random = Random::new(11);
    let (mut messages, mut refused) = (0, 0);
    for _ in 0..40_000 {
        let line = if random.once_in(10) {
            random.bytes(LIKELY, 80)
        } else {
            random.mutated(&SEEDS, LIKELY, 4)
        };
        let mut out = b"before".to_vec();
        let shown = || String::from_utf8_lossy(&line).into_owned();
        let Ok(Entry { .. }) = read(&line, 7, &mut out) else {
            assert_eq!(out, b"before", "{}", shown());
            refused += 1;
            continue;
        };
        let Some(message) = out.strip_prefix(b"before").filter(|m| !m.is_empty()) else {
            continue;
        };
        messages += 1;
        let parsed = parse(message);
        assert!(parsed.pri.is_some(), "{}", shown());
        if parsed.kind == Kind::Program {
            assert!(message.ends_with(parsed.body), "{}", shown());
            assert!(parsed.host.is_empty(), "{}", shown());
        }
    }
    assert!(
        messages > 5_000 && refused > 5_000,
        "too few of each: {messages}, {refused}"
    );
}

#[test]
fn brackets_without_end_are_refused() {
    let line = "{\"MESSAGE\":".to_owned() + &"[".repeat(100_000);
    assert!(read(line.as_bytes(), 7, &mut Vec::new()).is_err());
}
