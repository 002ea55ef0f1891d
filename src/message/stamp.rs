//! Where a time stamp ends: every form that devices and programs write. What instant it names is worked out elsewhere.

/// Where the stamp that begins at `at` ends, its `*` or `.` included, its zone not; `None` when none begins there.
pub(super) fn stamp(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'*' | b'.' => time(bytes, at + 1),
        _ => time(bytes, at),
    }
}

fn time(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at)?.is_ascii_digit() {
        return iso(bytes, at).or_else(|| uptime(bytes, at)).or_else(|| {
            // NX-OS puts the year first.
            let year = bytes.get(at..at + 5)?;
            let is_year = matches!(year, [a, b, c, d, b' '] if are_digits(&[*a, *b, *c, *d]));
            date(bytes, at + 5).filter(|_| is_year)
        });
    }
    date(bytes, at)
}

/// `Mar  1 18:46:11`, `Jan  1 2006 23:15:29.365`.
fn date(bytes: &[u8], at: usize) -> Option<usize> {
    if let Some(near) = bytes.get(at..).and_then(<[u8]>::first_chunk)
        && is_plain(near)
    {
        return Some(fraction(bytes, at + PLAIN));
    }
    let [m1, m2, m3, b' ', tens, ones, b' '] = *bytes.get(at..at + 7)? else {
        return None;
    };
    let is_day = (tens == b' ' || matches!(tens, b'0'..=b'3')) && ones.is_ascii_digit();
    if !is_day || month([m1, m2, m3]).is_none() {
        return None;
    }
    let at = at + 7;
    let year = bytes.get(at..at + 5)?;
    let is_year = matches!(year, [a, b, c, d, b' '] if are_digits(&[*a, *b, *c, *d]));
    clock(bytes, if is_year { at + 5 } else { at })
}

/// The month's number, 1 to 12, of its three letters.
pub(crate) fn month(letters: [u8; 3]) -> Option<u32> {
    Some(match &letters {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// `18:46:11`, with fractions of a second where they follow.
fn clock(bytes: &[u8], at: usize) -> Option<usize> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *bytes.get(at..at + 8)? else {
        return None;
    };
    if !are_digits(&[h1, h2, m1, m2, s1, s2]) {
        return None;
    }
    Some(fraction(bytes, at + 8))
}

/// Where the fraction of a second that may stand at `at` ends.
#[inline]
pub(super) fn fraction(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at) != Some(&b'.') {
        return at;
    }
    match count_digits(bytes, at + 1) {
        0 => at,
        digits => at + 1 + digits,
    }
}

/// Whether a text begins with the commonest stamp, `Mar  1 18:46:11`: looked at all at once, as nearly every message has one.
#[inline]
pub(super) fn is_plain(text: &[u8; 16]) -> bool {
    // What must be as it stands here, and where only the half of a byte that all digits share.
    const LIKE: u128 = u128::from_le_bytes(*b"\0\0\0 \x000 00:00:00\0");
    const DIGITS: u128 = u128::from_le_bytes(*b"\0\0\0\0\0\x0f\0\x0f\x0f\0\x0f\x0f\0\x0f\x0f\0");
    const SAME: u128 =
        u128::from_le_bytes(*b"\0\0\0\xff\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0") ^ DIGITS;
    // What makes 10 of a digit's last bits too many.
    const SIX: u128 = DIGITS / 15 * 6;
    let &[m1, m2, m3, _, tens, ..] = text;
    let all = u128::from_le_bytes(*text);
    all & SAME == LIKE
        && (all & (SAME | DIGITS)).wrapping_add(SIX) & SAME == LIKE
        && matches!(tens, b' ' | b'0'..=b'3')
        && month([m1, m2, m3]).is_some()
}

/// `2018-06-27T12:17:46Z`, with its offset.
pub(super) fn iso(bytes: &[u8], at: usize) -> Option<usize> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T'] = *bytes.get(at..at + 11)? else {
        return None;
    };
    if !are_digits(&[y1, y2, y3, y4, m1, m2, d1, d2]) {
        return None;
    }
    let end = clock(bytes, at + 11)?;
    match bytes.get(end) {
        Some(b'Z') => Some(end + 1),
        Some(b'+' | b'-') => {
            let [h1, h2, b':', m1, m2] = *bytes.get(end + 1..end + 6)? else {
                return Some(end);
            };
            Some(if are_digits(&[h1, h2, m1, m2]) {
                end + 6
            } else {
                end
            })
        }
        _ => Some(end),
    }
}

/// `00:00:46`, `1d02h`, `3w1d`, `2y10w`.
fn uptime(bytes: &[u8], at: usize) -> Option<usize> {
    if let Some(end) = clock(bytes, at) {
        return Some(end);
    }
    let number = |at: usize| {
        let digits = count_digits(bytes, at);
        (1..=4).contains(&digits).then_some(at + digits)
    };
    let unit = number(at)?;
    let second = number(unit + 1)?;
    let is_uptime = matches!(
        (bytes.get(unit)?, bytes.get(second)?),
        (b'd', b'h') | (b'w', b'd') | (b'y', b'w')
    );
    is_uptime.then_some(second + 1)
}

/// Digits in a row from `at`; 20 make the longest number there is.
pub(super) fn count_digits(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while end < at + 20 && matches!(bytes.get(end), Some(b'0'..=b'9')) {
        end += 1;
    }
    end - at
}

pub(super) fn are_digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

/// Octets of the commonest stamp.
pub(super) const PLAIN: usize = 15;
