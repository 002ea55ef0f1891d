//! Lines of text that come in pieces: whole lines out, the rest waits. A line that is too long is passed over and counted.

use memchr::memchr;

/// A stream of lines.
#[derive(Debug)]
pub struct Lines {
    /// The beginning of a line whose end has not come.
    rest: Vec<u8>,
    /// Octets since the end of the last line.
    open: u64,
    /// The line at hand is too long already.
    is_passing_over: bool,
    longest: usize,
}

impl Lines {
    /// Lines of at most so many octets.
    pub fn new(longest: usize) -> Self {
        Self {
            rest: Vec::new(),
            open: 0,
            is_passing_over: false,
            longest,
        }
    }

    /// Hands each line that is now whole to `take`, without its line feed; how many were too long.
    pub fn push(&mut self, mut bytes: &[u8], mut take: impl FnMut(&[u8])) -> u64 {
        let mut too_long = 0;
        while let Some(end) = memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            bytes = rest.get(1..).unwrap_or_default();
            if self.is_passing_over {
                self.is_passing_over = false;
            } else if self.rest.len() + line.len() > self.longest {
                too_long += 1;
            } else if self.rest.is_empty() {
                take(line);
            } else {
                self.rest.extend_from_slice(line);
                take(&self.rest);
            }
            self.rest.clear();
            self.open = 0;
        }
        self.open += bytes.len() as u64;
        if self.is_passing_over {
            return too_long;
        }
        if self.rest.len() + bytes.len() > self.longest {
            (self.rest, self.is_passing_over) = (Vec::new(), true);
            return too_long + 1;
        }
        self.rest.extend_from_slice(bytes);
        too_long
    }

    /// The stream has ended: what waits is a line.
    pub fn end(&mut self, take: impl FnOnce(&[u8])) {
        if !self.rest.is_empty() {
            take(&self.rest);
        }
        *self = Self::new(self.longest);
    }

    /// Octets since the end of the last line.
    pub fn open(&self) -> u64 {
        self.open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines, how many were too long, and the octets behind the last line.
    fn lines(text: &[u8], cuts: &[usize]) -> (Vec<String>, u64, u64) {
        let (mut lines, mut got, mut too_long) = (Lines::new(8), Vec::new(), 0);
        let mut from = 0;
        for to in cuts.iter().copied().chain([text.len()]) {
            too_long += lines.push(&text[from..to], |line| {
                got.push(String::from_utf8_lossy(line).into_owned());
            });
            from = to;
        }
        (got, too_long, lines.open())
    }

    #[test]
    fn lines_are_the_same_wherever_the_stream_is_cut() {
        let text = b"one\n\n12345678\n123456789\nafter\nand much more than eight\n\xfft\nrest";
        let whole = lines(text, &[]);
        assert_eq!(whole.0, ["one", "", "12345678", "after", "\u{fffd}t"]);
        assert_eq!((whole.1, whole.2), (2, 4));
        for cut in 0..text.len() {
            assert_eq!(lines(text, &[cut]), whole, "cut at {cut}");
        }
        let single: Vec<_> = (0..text.len()).collect();
        assert_eq!(lines(text, &single), whole);
    }

    #[test]
    fn an_end_makes_a_line_of_what_waits() {
        let mut lines = Lines::new(8);
        lines.push(b"a\nb", |_| ());
        let mut got = Vec::new();
        lines.end(|line| got = line.to_vec());
        assert_eq!((got.as_slice(), lines.open()), (b"b".as_slice(), 0));
        lines.end(|_| panic!("nothing waits"));
    }
}
