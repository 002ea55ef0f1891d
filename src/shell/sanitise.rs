//! No sender drives an operator's terminal (C3.4): control characters in what commands print, Tab apart, appear byte by
//! byte as `\xNN`. Works line by line on whatever comes, text or not.

use std::io::{self, Write};
use std::mem;

use crate::show::sanitised::write_harmless;

/// Passes on whole lines, made harmless. `finish` sends a last line that has no end.
pub struct Sanitised<'a> {
    line: Vec<u8>,
    out: &'a mut dyn Write,
}

impl<'a> Sanitised<'a> {
    pub fn new(out: &'a mut dyn Write) -> Self {
        Self {
            line: Vec::new(),
            out,
        }
    }

    pub fn finish(mut self) -> io::Result<()> {
        self.pass()?;
        self.out.flush()
    }

    fn pass(&mut self) -> io::Result<()> {
        let mut line = mem::take(&mut self.line);
        let passed = write_harmless(&line, self.out);
        line.clear();
        self.line = line;
        passed
    }
}

impl Write for Sanitised<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            if self.line.is_empty() && piece.ends_with(b"\n") {
                write_harmless(piece, self.out)?;
                continue;
            }
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.pass()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sanitised(bytes: &[u8], piece: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = Sanitised::new(&mut out);
        bytes
            .chunks(piece)
            .for_each(|piece| writer.write_all(piece).expect("a vector takes all"));
        writer.finish().expect("a vector takes all");
        out
    }

    #[test]
    fn control_characters_appear_byte_by_byte() {
        for piece in [1, 2, 3, 100] {
            assert_eq!(
                sanitised(b"a\x1b[2J\x07\r\n\tb\x7f\x00\n", piece),
                b"a\\x1B[2J\\x07\\x0D\n\tb\\x7F\\x00\n"
            );
            assert_eq!(
                sanitised("ä\u{9b}2J €\n".as_bytes(), piece),
                "ä\\xC2\\x9B2J €\n".as_bytes()
            );
        }
    }

    #[test]
    fn bytes_that_are_no_text_pass_unless_they_are_controls() {
        for piece in [1, 100] {
            assert_eq!(sanitised(b"\xE9\x9b[2J\xff", piece), b"\xE9\\x9B[2J\xff");
        }
    }
}
