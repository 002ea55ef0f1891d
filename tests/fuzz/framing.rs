//! Streams of a TCP input, cut anywhere: the same frames whatever the cuts, and never more kept than one frame.

use std::collections::HashSet;

use watchfire::intake::framing::{Framing, TooLong};

use super::random::Random;

/// Octets of the longest frame (C3.1), and of the longest count with its blank.
const LONGEST: usize = 64 * 1024;
const HEAD: usize = 8;

const SEEDS: [&[u8]; 12] = [
    b"<13>one\n",
    b"<14>two\r\n",
    b"9 <13>hello",
    b"8 <13>a\nbc",
    b"22 %SYS-5-CONFIG_I: hello",
    b"98: *Jan  1 00:00:01.001: %SYS-5-CONFIG_I: Configured from console\n",
    b"2026 was a good year\n",
    b"77 errors found\n",
    b"12345678 <13>too many digits\n",
    b"70000 <13>too long",
    b"0 0 <13>x\n",
    b"\n\r\n",
];
const LIKELY: &[u8] = b"0123456789 00  \n\n<>%:x\r\0\xff";

fn stream(random: &mut Random) -> Vec<u8> {
    let mut stream = Vec::new();
    for _ in 0..=random.below(8) {
        let piece = if random.once_in(6) {
            random.bytes(LIKELY, 40)
        } else {
            random.mutated(&SEEDS, LIKELY, 3)
        };
        stream.extend(piece);
    }
    stream
}

/// What a stream became; the frames as a failure shows them.
#[derive(Debug, PartialEq, Eq)]
struct Frames {
    frames: Vec<String>,
    malformed: u64,
    given_up: Option<TooLong>,
}

/// A piece ends at each of `cuts`, which rise.
fn frames(stream: &[u8], cuts: &[usize]) -> Frames {
    let (mut framing, mut frames) = (Framing::default(), Vec::new());
    let mut take = |frame: &[u8]| {
        // Line ends behind a message are no part of it, whoever leaves them off.
        let ends = frame.iter().rev().take_while(|b| b"\r\n".contains(b));
        let frame = &frame[..frame.len() - ends.count()];
        frames.push(frame.escape_ascii().to_string());
        !frame.is_empty()
    };
    let mut given_up = None;
    let mut from = 0;
    for &to in cuts.iter().chain([&stream.len()]) {
        given_up = framing.push(&stream[from..to], &mut take).err();
        if given_up.is_some() {
            break;
        }
        from = to;
    }
    if given_up.is_none() {
        framing.end(&mut take);
    }
    Frames {
        malformed: framing.take_malformed(),
        frames,
        given_up,
    }
}

/// Cuts that may not be told from the stream's end: `5 errors` is a counted message where nothing follows, and a line that
/// begins with a number where something does.
fn unclear(stream: &[u8]) -> HashSet<usize> {
    let counted_to = |start: usize| {
        let head = stream.get(start..)?;
        let digits = head.iter().take_while(|b| b.is_ascii_digit()).count();
        let count: usize = std::str::from_utf8(&head[..digits]).ok()?.parse().ok()?;
        Some(start + digits + 1 + count)
    };
    (0..stream.len()).filter_map(counted_to).collect()
}

#[test]
fn the_frames_of_a_stream_do_not_depend_on_its_cuts() {
    let mut random = Random::new(4);
    let (mut whole_streams, mut counted) = (0, 0);
    for _ in 0..12_000 {
        let stream = stream(&mut random);
        let unclear = unclear(&stream);
        let clear: Vec<usize> = (1..stream.len())
            .filter(|cut| !unclear.contains(cut))
            .collect();
        let whole = frames(&stream, &[]);
        whole_streams += usize::from(whole.given_up.is_none());
        counted += usize::from(whole.frames.iter().any(|frame| frame.contains("\\n")));
        let few: Vec<usize> = clear
            .iter()
            .copied()
            .filter(|_| random.once_in(9))
            .collect();
        for cuts in [few, clear] {
            assert_eq!(
                frames(&stream, &cuts),
                whole,
                "{:?} at {cuts:?}",
                stream.escape_ascii().to_string()
            );
        }
    }
    assert!(
        whole_streams > 6_000 && counted > 200,
        "too few streams come through: {whole_streams}, {counted}"
    );
}

#[test]
fn no_stream_makes_it_keep_more_than_a_frame() {
    let mut random = Random::new(5);
    let mut given_up = 0;
    for _ in 0..300 {
        // What repeats and never ends is the worst; a line feed is rare, a count that is large is not.
        let unit: Vec<u8> = match random.below(4) {
            0 => random.bytes(b"0123456789 <", 12),
            1 => format!("{} <13>", random.below(80_000)).into_bytes(),
            2 => random.bytes(LIKELY, 30),
            _ => random.bytes(b"<x %", 9),
        };
        let piece = unit.repeat(random.below(4_000) / unit.len().max(1) + 1);
        // What may still be kept: all that came since a frame was whole or something was thrown away, and that piece.
        let (mut framing, mut kept) = (Framing::default(), 0);
        for _ in 0..200_000 / piece.len().max(1_000) {
            let mut is_taken = false;
            let pushed = framing.push(&piece, &mut |_: &[u8]| {
                is_taken = true;
                true
            });
            if pushed.is_err() {
                given_up += 1;
                break;
            }
            let is_less = is_taken || framing.take_malformed() > 0 || !framing.is_partial();
            kept = if is_less {
                piece.len()
            } else {
                kept + piece.len()
            };
            assert!(
                kept <= LONGEST + HEAD + piece.len(),
                "{kept} octets of {:?}",
                unit.escape_ascii().to_string()
            );
        }
    }
    assert!(given_up > 50, "too few streams are given up: {given_up}");
}
