//! Received text as terminals may see it (C3.4): no sender can drive an operator's terminal. Control characters (C0 but Tab,
//! DEL, C1) appear byte by byte as `\xNN` (D36).

use std::io::{self, Write};
use std::mem;

/// Writes `bytes`, line ends and Tabs as they are, other control characters as `\xNN`.
pub fn write_harmless(bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let is_plain = |b: &u8| matches!(b, b'\n' | b'\t' | 0x20..=0x7E);
    if bytes.iter().all(is_plain) {
        return out.write_all(bytes);
    }
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut space = [0; 4];
            let encoded = c.encode_utf8(&mut space).as_bytes();
            if c.is_control() && c != '\n' && c != '\t' {
                encoded
                    .iter()
                    .try_for_each(|byte| write!(out, "\\x{byte:02X}"))?;
            } else {
                out.write_all(encoded)?;
            }
        }
        // A byte that is no text may still be a C1 control of an 8-bit terminal.
        for byte in chunk.invalid() {
            match byte {
                0x80..=0x9F => write!(out, "\\x{byte:02X}")?,
                _ => out.write_all(&[*byte])?,
            }
        }
    }
    Ok(())
}

/// The same on a line of its own.
pub fn harmless(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len() + 8);
    // A vector takes everything.
    write_harmless(line, &mut out).unwrap_or_default();
    out
}

/// The same for the strings of a view.
pub fn sanitised(text: &str) -> String {
    String::from_utf8_lossy(&harmless(text.as_bytes())).into_owned()
}

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

    fn passed(bytes: &[u8], piece: usize) -> Vec<u8> {
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
                passed(b"a\x1b[2J\x07\r\n\tb\x7f\x00\n", piece),
                b"a\\x1B[2J\\x07\\x0D\n\tb\\x7F\\x00\n"
            );
            assert_eq!(
                passed("ä\u{9b}2J €\n".as_bytes(), piece),
                "ä\\xC2\\x9B2J €\n".as_bytes()
            );
        }
    }

    #[test]
    fn bytes_that_are_no_text_pass_unless_they_are_controls() {
        for piece in [1, 100] {
            assert_eq!(passed(b"\xE9\x9b[2J\xff", piece), b"\xE9\\x9B[2J\xff");
        }
    }
}
