//! `<--- More --->`: output stops when a screen is full and more is to come. A page counts rows of the terminal, so a long
//! line counts as often as it wraps. Where the keys come from is the front end's business; off a terminal nobody pages.

use std::io::{self, Write};

use super::wording::MORE;

/// What the operator answers. Any other key is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Page,
    Line,
    Stop,
}

impl Key {
    /// Space, Enter, `q` or Ctrl-C.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            b' ' => Self::Page,
            b'\r' | b'\n' => Self::Line,
            b'q' | b'Q' | 0x03 => Self::Stop,
            _ => return None,
        })
    }
}

/// Where the pager's keys come from.
pub trait Keys {
    /// Shows `marker` at the beginning of the row where the cursor stands, takes it away again with the key, and leaves
    /// the cursor there. `None` when no more can come; the output then stops.
    fn key(&mut self, marker: &str, out: &mut dyn Write) -> Option<Key>;
}

/// A `Write` that stops at each full page.
pub struct Pager<'a> {
    out: &'a mut dyn Write,
    keys: &'a mut dyn Keys,
    /// Rows of a page, its prompt included; 0 for no paging.
    rows: usize,
    /// Columns of the terminal; 0 when lines never wrap.
    columns: usize,
    /// Rows that may still be written before the next prompt.
    left: usize,
    column: usize,
    /// The last row was full, and what follows begins in the next one.
    is_full: bool,
    stopped: bool,
}

impl<'a> Pager<'a> {
    pub fn new(out: &'a mut dyn Write, keys: &'a mut dyn Keys, rows: u16, columns: u16) -> Self {
        let rows = usize::from(rows);
        Self {
            out,
            keys,
            rows,
            columns: usize::from(columns),
            left: page(rows),
            column: 0,
            is_full: false,
            stopped: false,
        }
    }

    fn ask(&mut self) -> io::Result<()> {
        if self.is_full {
            // The cursor still stands behind the last column; this takes it to the next row.
            self.out.write_all(b" \r")?;
        }
        self.out.flush()?;
        let key = self.keys.key(MORE, self.out);
        self.left = match key {
            Some(Key::Page) => page(self.rows),
            Some(Key::Line) => 1,
            Some(Key::Stop) | None => {
                self.stopped = true;
                return Err(enough());
            }
        };
        Ok(())
    }

    /// The end of the next row in `bytes`, and whether a row ends there.
    fn row(&mut self, bytes: &[u8]) -> (usize, bool) {
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' {
                self.column = 0;
                self.is_full = false;
                return (at + 1, true);
            }
            // A byte that goes on with a character of UTF-8 takes no column of its own.
            let wraps = self.columns > 0 && self.column == self.columns && byte & 0xC0 != 0x80;
            if wraps {
                self.column = 0;
                self.is_full = true;
                return (at, true);
            }
            self.column += usize::from(byte & 0xC0 != 0x80);
        }
        (bytes.len(), false)
    }
}

/// The prompt takes the last row.
fn page(rows: usize) -> usize {
    rows.saturating_sub(1).max(1)
}

fn enough() -> io::Error {
    io::Error::from(io::ErrorKind::BrokenPipe)
}

impl Write for Pager<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stopped {
            return Err(enough());
        }
        if self.rows == 0 {
            return self.out.write(bytes);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.left == 0 {
                self.ask()?;
            }
            let (end, is_row) = self.row(rest);
            let (now, later) = rest.split_at(end);
            self.out.write_all(now)?;
            self.left -= usize::from(is_row);
            rest = later;
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

    struct Typed(Vec<Key>);

    impl Keys for Typed {
        fn key(&mut self, marker: &str, out: &mut dyn Write) -> Option<Key> {
            write!(out, "[{marker}]").expect("a vector takes all");
            (!self.0.is_empty()).then(|| self.0.remove(0))
        }
    }

    fn shown(text: &str, rows: u16, columns: u16, keys: &[Key]) -> (String, bool) {
        let (mut out, mut keys) = (Vec::new(), Typed(keys.to_vec()));
        let mut pager = Pager::new(&mut out, &mut keys, rows, columns);
        let ended = text
            .as_bytes()
            .chunks(5)
            .try_for_each(|piece| pager.write_all(piece));
        let stopped = pager.stopped;
        assert_eq!(ended.is_err(), stopped);
        (
            String::from_utf8(out)
                .expect("text")
                .replace(&format!("[{MORE}]"), "[more]"),
            stopped,
        )
    }

    #[test]
    fn a_page_leaves_a_row_for_the_prompt() {
        assert_eq!(
            shown("1\n2\n3\n4\n5\n", 3, 80, &[Key::Page, Key::Page]).0,
            "1\n2\n[more]3\n4\n[more]5\n"
        );
    }

    #[test]
    fn what_fits_is_never_interrupted() {
        assert_eq!(shown("1\n2\n", 3, 80, &[]), ("1\n2\n".into(), false));
    }

    #[test]
    fn enter_shows_one_line_and_q_stops() {
        assert_eq!(
            shown("1\n2\n3\n4\n5\n", 3, 80, &[Key::Line, Key::Stop]),
            ("1\n2\n[more]3\n[more]".into(), true)
        );
    }

    #[test]
    fn a_vanished_terminal_stops_the_output() {
        assert!(shown("1\n2\n3\n", 2, 80, &[]).1);
    }

    #[test]
    fn a_line_that_wraps_counts_as_often_as_it_takes_rows() {
        assert_eq!(
            shown("abcdefg\nx\n", 3, 4, &[Key::Page]).0,
            "abcdefg\n[more]x\n"
        );
        assert_eq!(
            shown("äöüß\nx\ny\n", 3, 4, &[Key::Page]).0,
            "äöüß\nx\n[more]y\n"
        );
    }

    #[test]
    fn a_page_that_ends_within_a_line_goes_on_in_the_next_row() {
        assert_eq!(
            shown("abcdefg\n", 2, 4, &[Key::Page]).0,
            "abcd \r[more]efg\n"
        );
    }

    #[test]
    fn zero_lines_is_no_paging() {
        assert_eq!(shown("1\n2\n3\n", 0, 80, &[]).0, "1\n2\n3\n");
    }
}
