//! Frames of a TCP stream (RFC 6587): octet counting and line feeds, told apart frame by frame. Bytes in, whole messages out;
//! no socket and no clock.

use memchr::{memchr, memchr2};

/// A sender's stream of frames. Frames that stand whole in what is pushed are handed on without
/// a copy.
#[derive(Debug, Default)]
pub struct Framing {
    /// The beginning of a frame whose rest has not come.
    rest: Vec<u8>,
    /// What kind of frame `rest` begins.
    head: Head,
    /// The sender has counted octets before, which decides where a frame could be either.
    counts: bool,
    malformed: u64,
}

/// Takes the frames of a stream; each says whether there was a message in it.
pub trait Frames {
    fn frame(&mut self, bytes: &[u8]) -> bool;
    /// A frame that is known to hold neither line feed nor carriage return, except at its end.
    fn line(&mut self, bytes: &[u8]) -> bool;
}

/// Takes all frames alike.
struct Alike<'a, F>(&'a mut F);

impl<F: FnMut(&[u8]) -> bool> Frames for Alike<'_, F> {
    fn frame(&mut self, bytes: &[u8]) -> bool {
        (self.0)(bytes)
    }

    fn line(&mut self, bytes: &[u8]) -> bool {
        (self.0)(bytes)
    }
}

/// A frame over 64 KiB: the rest of the stream cannot be trusted, the peer is to be closed (C3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("frame over 64 KiB")]
pub struct TooLong;

/// How a frame begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Head {
    /// Only digits so far, or digits and a blank.
    #[default]
    Undecided,
    /// Ends at the next line feed.
    Line,
    /// Digits, a blank, and then the message: it ends at this offset.
    Counted { start: usize, end: usize },
    /// Digits and a blank, but no `<` behind them: a count before a message without PRI, or a line that begins with a number.
    Either { start: usize, end: usize },
    /// A count of zero.
    Zero,
}

impl Framing {
    /// Hands each frame that is now whole to `take`, which says whether there was a message in it.
    pub fn push(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(&[u8]) -> bool,
    ) -> Result<(), TooLong> {
        self.push_frames(bytes, &mut Alike(take))
    }

    /// As `push`, to one who wants to know which frames are plain lines.
    pub fn push_frames(&mut self, mut bytes: &[u8], take: &mut impl Frames) -> Result<(), TooLong> {
        if !self.rest.is_empty() {
            bytes = self.complete(bytes, take)?;
            if !self.rest.is_empty() {
                return Ok(());
            }
        }
        loop {
            bytes = self.plain_lines(bytes, take);
            let Some(taken) = self.first(bytes, take)? else {
                break;
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        self.rest.extend_from_slice(bytes);
        Ok(())
    }

    /// The stream has ended in good order: a line without its line feed is a message, a count that was not reached is not.
    pub fn end(&mut self, take: &mut impl FnMut(&[u8]) -> bool) {
        let rest = std::mem::take(&mut self.rest);
        match std::mem::take(&mut self.head) {
            _ if rest.is_empty() => {}
            Head::Counted { .. } | Head::Zero => self.malformed += 1,
            Head::Undecided | Head::Line | Head::Either { .. } => {
                self.emit(&rest, &mut Alike(take))
            }
        }
    }

    /// The stream has broken: what is not whole is lost.
    pub fn cut(&mut self) {
        if !self.rest.is_empty() {
            self.malformed += 1;
        }
        self.rest = Vec::new();
    }

    /// A frame has begun and not ended.
    pub fn is_partial(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Frames that were empty, broken or too long, since the last call.
    pub fn take_malformed(&mut self) -> u64 {
        std::mem::take(&mut self.malformed)
    }

    /// Feeds the frame that `rest` begins until it ends; what is left of `bytes` when it has ended or nothing is left.
    fn complete<'a>(
        &mut self,
        bytes: &'a [u8],
        take: &mut impl Frames,
    ) -> Result<&'a [u8], TooLong> {
        let mut rest = std::mem::take(&mut self.rest);
        let mut used = 0;
        // A head is decided within 22 octets, so one at a time will do.
        while matches!(self.head, Head::Undecided | Head::Zero) {
            let Some(byte) = bytes.get(used) else {
                self.rest = rest;
                return Ok(&[]);
            };
            used += 1;
            rest.push(*byte);
            self.head = self.head_of(&rest)?;
            // Where octets are counted, a line feed right behind a count begins the message.
            if *byte == b'\n' && !matches!(self.head, Head::Counted { .. }) {
                rest.pop();
                self.emit(&rest, take);
                return Ok(bytes.get(used..).unwrap_or_default());
            }
            if self.head == Head::Zero {
                self.malformed += 1;
                rest.drain(..2);
                self.head = self.head_of(&rest)?;
            }
        }
        let bytes = bytes.get(used..).unwrap_or_default();
        let line_feed = |within: usize| memchr(b'\n', bytes.get(..within).unwrap_or(bytes));
        let (whole, taken, start) = match self.head {
            Head::Counted { start, end } => {
                let missing = end.saturating_sub(rest.len());
                (
                    bytes.len() >= missing,
                    missing.min(bytes.len()),
                    Some(start),
                )
            }
            Head::Either { start, end } => {
                let missing = end.saturating_sub(rest.len());
                match line_feed(missing) {
                    None if bytes.len() < missing => (false, bytes.len(), None),
                    None if bytes.get(missing).is_none_or(u8::is_ascii_digit) => {
                        (true, missing, Some(start))
                    }
                    _ => self.rest_of_line(line_feed(usize::MAX), bytes.len()),
                }
            }
            Head::Undecided | Head::Line | Head::Zero => {
                self.rest_of_line(line_feed(usize::MAX), bytes.len())
            }
        };
        if self.head == Head::Line && rest.len() + taken > LIMIT {
            self.malformed += 1;
            return Err(TooLong);
        }
        rest.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        if !whole {
            self.rest = rest;
            return Ok(&[]);
        }
        self.counts |= start.is_some();
        self.emit(rest.get(start.unwrap_or(0)..).unwrap_or_default(), take);
        // The room is kept for the next frame that arrives in two parts.
        rest.clear();
        self.rest = rest;
        let line_end = usize::from(start.is_none());
        Ok(bytes.get(taken + line_end..).unwrap_or_default())
    }

    /// Hands on what nearly all of a stream is: whole lines that hold no carriage return but at their end. What is left
    /// begins with something else. Both bytes are looked for at once, so that nobody has to look for the one again.
    fn plain_lines<'a>(&mut self, mut bytes: &'a [u8], take: &mut impl Frames) -> &'a [u8] {
        while let Some(first) = bytes.first()
            && !first.is_ascii_digit()
            && let Some(end) = memchr2(b'\n', b'\r', bytes.get(..LIMIT).unwrap_or(bytes))
            && let Some((line, rest)) = bytes.split_at_checked(end)
            && let [b'\n', rest @ ..] | [b'\r', b'\n', rest @ ..] = rest
        {
            if !take.line(line) {
                self.malformed += 1;
            }
            bytes = rest;
        }
        bytes
    }

    fn rest_of_line(
        &mut self,
        line_feed: Option<usize>,
        all: usize,
    ) -> (bool, usize, Option<usize>) {
        self.head = Head::Line;
        (line_feed.is_some(), line_feed.unwrap_or(all), None)
    }

    /// The first frame of `bytes`, when it is whole: how many octets it takes. Otherwise notes how it begins.
    fn first(&mut self, bytes: &[u8], take: &mut impl Frames) -> Result<Option<usize>, TooLong> {
        if bytes.is_empty() {
            self.head = Head::Undecided;
            return Ok(None);
        }
        self.head = self.head_of(bytes)?;
        let line = match self.head {
            Head::Undecided => match memchr(b'\n', bytes) {
                Some(line) => Some(line),
                None => return Ok(None),
            },
            Head::Line => memchr(b'\n', bytes),
            Head::Zero => {
                self.malformed += 1;
                return Ok(Some(2));
            }
            Head::Counted { start, end } => {
                let Some(message) = bytes.get(start..end) else {
                    return Ok(None);
                };
                self.counts = true;
                self.emit(message, take);
                return Ok(Some(end));
            }
            Head::Either { start, end } => match memchr(b'\n', bytes.get(..end).unwrap_or(bytes)) {
                None if bytes.len() < end => return Ok(None),
                None if bytes.get(end).is_none_or(u8::is_ascii_digit) => {
                    self.counts = true;
                    self.emit(bytes.get(start..end).unwrap_or_default(), take);
                    return Ok(Some(end));
                }
                found => found.or_else(|| memchr(b'\n', bytes)),
            },
        };
        self.head = Head::Line;
        let length = line.unwrap_or(bytes.len());
        if length > LIMIT {
            self.malformed += 1;
            return Err(TooLong);
        }
        let Some(line) = line else { return Ok(None) };
        self.emit(bytes.get(..line).unwrap_or_default(), take);
        Ok(Some(line + 1))
    }

    fn head_of(&mut self, bytes: &[u8]) -> Result<Head, TooLong> {
        if !bytes.first().is_some_and(u8::is_ascii_digit) {
            return Ok(Head::Line);
        }
        let digits = bytes
            .iter()
            .take(MOST_DIGITS + 1)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let behind = match bytes.get(digits..) {
            None | Some([]) if digits <= MOST_DIGITS => return Ok(Head::Undecided),
            Some([b' ']) if digits <= MOST_DIGITS => return Ok(Head::Undecided),
            Some([b' ', behind, ..]) if digits <= MOST_DIGITS => *behind,
            _ => return Ok(Head::Line),
        };
        // Seven digits are above the limit already, so what the others would add does not matter.
        let count = bytes
            .iter()
            .take(digits.min(DIGITS))
            .fold(0, |count, digit| count * 10 + usize::from(digit - b'0'));
        let (start, end) = (digits + 1, digits + 1 + count);
        let looks_counted = behind == b'<' || self.counts && digits <= DIGITS;
        match bytes.first() {
            Some(b'0') if digits == 1 && (behind == b'<' || behind.is_ascii_digit()) => {
                Ok(Head::Zero)
            }
            Some(b'0') => Ok(Head::Line),
            _ if count > LIMIT && looks_counted => {
                self.malformed += 1;
                Err(TooLong)
            }
            _ if count > LIMIT => Ok(Head::Line),
            _ if looks_counted => Ok(Head::Counted { start, end }),
            _ => Ok(Head::Either { start, end }),
        }
    }

    fn emit(&mut self, message: &[u8], take: &mut impl Frames) {
        if !take.frame(message) {
            self.malformed += 1;
        }
    }
}

/// The longest frame in octets.
const LIMIT: usize = 64 * 1024;
/// More digits than that are a count only where a PRI follows.
const DIGITS: usize = 7;
/// More digits than that are no count at all: the longest number of 64 bits.
const MOST_DIGITS: usize = 20;

#[cfg(test)]
#[path = "framing_tests.rs"]
mod tests;
