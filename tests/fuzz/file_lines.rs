//! Lines of a file that comes in pieces: the same lines whatever the pieces, and never more kept than the longest one.

use watchfire::intake::lines::Lines;

use super::random::Random;

const LONGEST: usize = 40;

/// The lines, how many were too long, and what waits.
fn lines(text: &[u8], random: &mut Random) -> (Vec<Vec<u8>>, u64, u64) {
    let (mut lines, mut got, mut too_long, mut from) = (Lines::new(LONGEST), Vec::new(), 0, 0);
    while from < text.len() {
        let to = (from + 1 + random.below(60)).min(text.len());
        too_long += lines.push(&text[from..to], |line| got.push(line.to_vec()));
        from = to;
    }
    (got, too_long, lines.open())
}

#[test]
fn the_lines_of_a_text_do_not_depend_on_its_pieces() {
    let mut random = Random::new(12);
    let mut long = 0;
    for _ in 0..8_000 {
        let text: Vec<u8> = (0..random.below(6))
            .flat_map(|_| random.bytes(b"abcdefghijklmnopqrst 0123456789 \xff\0\r\n", 90))
            .collect();
        let mut wanted: Vec<&[u8]> = text.split(|octet| *octet == b'\n').collect();
        let open = wanted.pop().unwrap_or_default();
        let is_short = |line: &&[u8]| line.len() <= LONGEST;
        let too_long = wanted.iter().filter(|line| !is_short(line)).count();
        let too_long = (too_long + usize::from(open.len() > LONGEST)) as u64;
        let wanted: Vec<_> = wanted.into_iter().filter(is_short).collect();
        long += too_long;
        let (got, counted, waits) = lines(&text, &mut random);
        assert_eq!(got, wanted, "{:?}", text.escape_ascii().to_string());
        assert_eq!((counted, waits), (too_long, open.len() as u64));
    }
    assert!(long > 1_000, "too few long lines: {long}");
}
