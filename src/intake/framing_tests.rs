//! The framing of TCP inputs, cut at every octet.

use super::*;

/// Messages, malformed frames and whether the stream was given up, when it comes in pieces that end at `cuts`.
fn frames(stream: &[u8], cuts: &[usize]) -> (Vec<String>, u64, bool) {
    let (mut framing, mut got, mut broken) = (Framing::default(), Vec::new(), false);
    let mut take = |message: &[u8]| {
        let message = String::from_utf8_lossy(message)
            .trim_end_matches(['\r', '\n'])
            .to_owned();
        let whole = !message.is_empty();
        got.extend(whole.then_some(message));
        whole
    };
    let mut from = 0;
    for to in cuts.iter().copied().chain([stream.len()]) {
        let to = to.clamp(from, stream.len());
        if framing.push(&stream[from..to], &mut take).is_err() {
            broken = true;
            break;
        }
        from = to;
    }
    if !broken {
        framing.end(&mut take);
    }
    let malformed = framing.take_malformed();
    (got, malformed, broken)
}

fn assert_frames(stream: &str, expected: &[&str], malformed: u64) {
    let stream = stream.as_bytes();
    let whole = frames(stream, &[]);
    assert_eq!(
        (whole.0.as_slice(), whole.1, whole.2),
        (
            &expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..],
            malformed,
            false
        )
    );
    for cut in 0..stream.len() {
        assert_eq!(frames(stream, &[cut]), whole, "cut at {cut}");
    }
    let single: Vec<usize> = (0..stream.len()).collect();
    assert_eq!(frames(stream, &single), whole, "octet by octet");
}

#[test]
fn lines_end_at_line_feeds() {
    assert_frames(
        "<13>one\n<14>two\r\n<15>three\n",
        &["<13>one", "<14>two", "<15>three"],
        0,
    );
}

#[test]
fn counted_frames_may_hold_line_feeds() {
    assert_frames(
        "8 <13>a\nbc9 <13>hello12 <13>no\nlines",
        &["<13>a\nbc", "<13>hello", "<13>no\nlines"],
        0,
    );
}

#[test]
fn both_framings_may_alternate_on_one_stream() {
    assert_frames(
        "<13>one\n9 <13>hello<14>two\n5 <1>ab<15>x\n",
        &["<13>one", "<13>hello", "<14>two", "<1>ab", "<15>x"],
        0,
    );
}

#[test]
fn a_message_number_of_a_device_is_no_count() {
    let line = "98: *Jan  1 00:00:01.001: %SYS-5-CONFIG_I: Configured from console";
    assert_frames(&format!("{line}\n{line}\n"), &[line, line], 0);
}

#[test]
fn a_line_that_begins_with_a_number_is_a_line() {
    assert_frames(
        "2026 was a good year\n<13>x\n77 errors found\n",
        &["2026 was a good year", "<13>x", "77 errors found"],
        0,
    );
    // Only where a piece ends exactly at the count could such a line be either, and then RFC 6587 says counted.
    let line = "5 errors found\n";
    for cut in (0..line.len()).filter(|cut| *cut != 7) {
        assert_eq!(
            frames(line.as_bytes(), &[cut]).0,
            ["5 errors found"],
            "cut at {cut}"
        );
    }
    assert_frames(
        "20260815 too many digits\n",
        &["20260815 too many digits"],
        0,
    );
    assert_frames("9 <13>hello20260815 x\n", &["<13>hello", "20260815 x"], 0);
    assert_frames("0 errors\n007 <13>x\n", &["0 errors", "007 <13>x"], 0);
    assert_frames("17\n17 \n", &["17", "17 "], 0);
}

#[test]
fn a_count_of_many_digits_before_a_priority_is_too_long() {
    for digits in [8, 11, 20] {
        let stream = format!("<13>one\n{} <13>x\n", "9".repeat(digits));
        for cut in 0..stream.len() {
            assert_eq!(
                frames(stream.as_bytes(), &[cut]),
                (vec!["<13>one".to_owned()], 1, true),
                "{stream:?} cut at {cut}"
            );
        }
    }
    let line = format!("{} <13>x", "9".repeat(21));
    assert_frames(&format!("{line}\n"), &[&line], 0);
}

#[test]
fn a_counted_message_needs_no_priority() {
    assert_frames(
        "22 %SYS-5-CONFIG_I: hello10 plain text",
        &["%SYS-5-CONFIG_I: hello", "plain text"],
        0,
    );
}

#[test]
fn empty_frames_are_malformed_and_harm_nobody() {
    assert_frames(
        "\n\r\n<13>one\n\n0 9 <13>hello0 <13>two\n",
        &["<13>one", "<13>hello", "<13>two"],
        5,
    );
}

#[test]
fn a_last_line_needs_no_line_feed_and_a_count_must_be_reached() {
    assert_frames("<13>one\n<13>two", &["<13>one", "<13>two"], 0);
    assert_frames("9 <13>hello9 <13>hel", &["<13>hello"], 1);
}

#[test]
fn a_frame_of_exactly_the_limit_passes_and_one_octet_more_does_not() {
    let line = "x".repeat(LIMIT);
    let message = format!("<13>{}", "x".repeat(LIMIT - 4));
    for cuts in [
        vec![],
        vec![1],
        vec![10],
        vec![LIMIT / 2],
        vec![LIMIT - 1],
        vec![LIMIT],
        (0..70).map(|n| n * 1000).collect(),
    ] {
        assert_eq!(
            frames(format!("{line}\n").as_bytes(), &cuts),
            (vec![line.clone()], 0, false),
            "{cuts:?}"
        );
        assert_eq!(
            frames(format!("{LIMIT} {message}").as_bytes(), &cuts),
            (vec![message.clone()], 0, false),
            "{cuts:?}"
        );
        assert_eq!(
            frames(format!("{} {message}x", LIMIT + 1).as_bytes(), &cuts),
            (vec![], 1, true),
            "{cuts:?}"
        );
        assert_eq!(
            frames(format!("{line}x\n").as_bytes(), &cuts),
            (vec![], 1, true),
            "{cuts:?}"
        );
    }
}

#[test]
fn what_never_ends_is_given_up_early() {
    let mut framing = Framing::default();
    let mut pushed = 0;
    while framing.push(&[b'x'; 1000], &mut |_| true).is_ok() {
        pushed += 1000;
        assert!(pushed <= LIMIT, "{pushed} octets without an end");
    }
    let mut counting = Framing::default();
    assert_eq!(counting.push(b"70000 <13>", &mut |_| true), Err(TooLong));
}

#[test]
fn a_cut_stream_counts_its_broken_frame_once() {
    let mut framing = Framing::default();
    framing
        .push(b"<13>whole\n<13>bro", &mut |_| true)
        .expect("short");
    assert!(framing.is_partial());
    framing.cut();
    assert_eq!(
        (
            framing.take_malformed(),
            framing.take_malformed(),
            framing.is_partial()
        ),
        (1, 0, false)
    );
}

mod any_stream {
    use proptest::prelude::*;

    use super::*;

    fn message() -> impl Strategy<Value = String> {
        "<[0-9]{1,3}>[ -~]{0,40}".prop_map(|text| text.trim_end().to_owned())
    }

    proptest! {
        #[test]
        fn arrives_the_same_however_it_is_cut(
            messages in proptest::collection::vec((message(), any::<bool>()), 1..20),
            cuts in proptest::collection::vec(0usize..900, 0..20),
        ) {
            let mut stream = Vec::new();
            for (message, counted) in &messages {
                let frame = if *counted { format!("{} {message}", message.len()) } else { format!("{message}\n") };
                stream.extend_from_slice(frame.as_bytes());
            }
            let mut cuts = cuts;
            cuts.sort_unstable();
            let expected: Vec<String> = messages.into_iter().map(|(message, _)| message).collect();
            prop_assert_eq!(frames(&stream, &cuts), (expected, 0, false));
        }

        #[test]
        fn never_panics_and_never_hands_on_an_empty_message(
            stream in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b' '), Just(b'<'), b'0'..=b'9', any::<u8>()], 0..300),
            cuts in proptest::collection::vec(0usize..300, 0..5),
        ) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let (messages, _, _) = frames(&stream, &cuts);
            prop_assert!(messages.iter().all(|message| !message.is_empty()));
        }
    }
}
