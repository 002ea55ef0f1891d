//! The history behind `show logging`: a ring of bytes, as on a device, so that after it has come round its first line is
//! cut. Which lines enter is decided elsewhere.

use std::collections::VecDeque;

/// The newest bytes, at most `size` of them; it takes memory only as it fills.
#[derive(Debug, Default)]
pub struct History {
    bytes: VecDeque<u8>,
    size: usize,
    /// Bytes that entered since it was saved last.
    entered: usize,
}

impl History {
    pub fn new(size: usize) -> Self {
        Self {
            bytes: VecDeque::new(),
            size,
            entered: 0,
        }
    }

    /// Appends a line.
    pub fn push(&mut self, line: &[u8]) {
        let line = line
            .get(line.len().saturating_sub(self.size.saturating_sub(1))..)
            .unwrap_or_default();
        if self.size > line.len() {
            self.keep(self.size - line.len() - 1);
            self.bytes.extend(line);
            self.bytes.push_back(b'\n');
            self.entered += line.len() + 1;
        }
    }

    /// Keeps the newest that fit.
    pub fn resize(&mut self, size: usize) {
        self.size = size;
        self.keep(size);
        self.bytes.shrink_to(size);
    }

    /// As much has entered as it holds, since it was saved last.
    pub fn has_come_round(&self) -> bool {
        self.size > 0 && self.entered >= self.size
    }

    /// Its lines, to be saved.
    pub fn take_round(&mut self) -> Vec<u8> {
        self.entered = 0;
        self.lines()
    }

    pub fn clear(&mut self) {
        self.entered = 0;
        self.bytes = VecDeque::new();
    }

    /// Lines, oldest first, a line feed between them.
    pub fn lines(&self) -> Vec<u8> {
        let mut lines: Vec<u8> = self.bytes.iter().copied().collect();
        lines.pop();
        lines
    }

    fn keep(&mut self, most: usize) {
        self.bytes.drain(..self.bytes.len().saturating_sub(most));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_it_has_come_round_the_first_line_is_cut() {
        let mut history = History::new(12);
        for line in ["one", "two", "three"] {
            history.push(line.as_bytes());
        }
        assert_eq!(history.lines(), b"e\ntwo\nthree");
        history.push(b"four");
        assert_eq!(history.lines(), b"\nthree\nfour");
    }

    #[test]
    fn a_line_longer_than_the_ring_leaves_its_end() {
        let mut history = History::new(5);
        history.push(b"abcdefgh");
        assert_eq!(history.lines(), b"efgh");
    }

    #[test]
    fn another_size_keeps_the_newest() {
        let mut history = History::new(100);
        history.push(b"one");
        history.push(b"two");
        history.resize(5);
        assert_eq!(history.lines(), b"\ntwo");
        history.resize(0);
        history.push(b"three");
        assert_eq!(history.lines(), b"");
    }
}
