//! What is no terminal: `-c` lines, piped text. The same Session, no editor, no prompt, no page. Lines are taken as they come
//! and a command's output has left before the next line is read (C1.1).

use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::AsFd;

use super::session::{Io, Next, Session};

/// A line beyond this many bytes is refused unread; what is buffered stays bounded.
const LONGEST_LINE: usize = 16 << 20;
const CTRL_Z: char = '\u{1a}';

/// How a script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every line was taken, or `exit` closed the Session.
    Over,
    /// Nobody reads the output any more; nothing further was run.
    OutputGone,
}

/// Runs the lines of `-c`, in order; `behind` looks at the Session behind each, before what it configured is published.
pub fn lines<'l>(
    session: &mut Session,
    lines: impl IntoIterator<Item = &'l str>,
    io: &mut Io<'_>,
    behind: &mut dyn FnMut(&Session),
) -> End {
    for line in lines {
        // One argument may hold several lines.
        for line in line.split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if let Some(end) = one(session, line, io, behind) {
                return end;
            }
        }
    }
    End::Over
}

/// Runs what comes through `input` until its end. What was configured is published when no more input is there yet.
pub fn input(
    session: &mut Session,
    input: impl Read + AsFd,
    io: &mut Io<'_>,
    behind: &mut dyn FnMut(&Session),
) -> io::Result<End> {
    let mut input = Lines {
        input: BufReader::with_capacity(64 << 10, input),
        after_cr: false,
    };
    let mut line = Vec::new();
    loop {
        if input.is_idle() {
            session.idle();
        }
        line.clear();
        let end = match input.next(&mut line)? {
            Taken::Nothing => return Ok(End::Over),
            Taken::Line => one(session, &String::from_utf8_lossy(&line), io, behind),
            Taken::TooLong => {
                session.refuse_unread(io);
                flushed(io)
            }
        };
        if let Some(end) = end {
            return Ok(end);
        }
    }
}

/// Ctrl-Z in a text is the key: what stands before it is run, then configuration mode is left.
fn one(
    session: &mut Session,
    line: &str,
    io: &mut Io<'_>,
    behind: &mut dyn FnMut(&Session),
) -> Option<End> {
    let mut parts = line.split(CTRL_Z);
    let mut next = session.feed(parts.next().unwrap_or_default(), io);
    behind(session);
    for part in parts {
        session.control_z(io);
        next = session.feed(part, io);
        behind(session);
    }
    if next == Next::Closed {
        flushed(io);
        return Some(End::Over);
    }
    flushed(io)
}

fn flushed(io: &mut Io<'_>) -> Option<End> {
    io.out.flush().is_err().then_some(End::OutputGone)
}

/// LF, CR and CRLF each end a line once.
struct Lines<R> {
    input: BufReader<R>,
    /// The line before ended in CR: an LF that follows belongs to it.
    after_cr: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Nothing,
    Line,
    TooLong,
}

impl<R: Read + AsFd> Lines<R> {
    /// No input is there yet: nothing is buffered and the system has nothing.
    fn is_idle(&self) -> bool {
        self.input.buffer().is_empty()
            && rustix::io::ioctl_fionread(self.input.get_ref()).unwrap_or(0) == 0
    }
}

impl<R: Read> Lines<R> {
    /// The next line without its end; the last one needs none.
    fn next(&mut self, line: &mut Vec<u8>) -> io::Result<Taken> {
        let mut is_too_long = false;
        let mut has_any = false;
        loop {
            let available = match self.input.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let available = match available {
                [] if !has_any => return Ok(Taken::Nothing),
                [] => break,
                [b'\n', ..] if self.after_cr => {
                    self.after_cr = false;
                    self.input.consume(1);
                    continue;
                }
                available => available,
            };
            self.after_cr = false;
            has_any = true;
            let end = memchr::memchr2(b'\n', b'\r', available);
            let part = available
                .get(..end.unwrap_or(available.len()))
                .unwrap_or_default();
            is_too_long |= line.len() + part.len() > LONGEST_LINE;
            if !is_too_long {
                line.extend_from_slice(part);
            }
            let taken = part.len();
            let ended = end.and_then(|end| available.get(end)).copied();
            self.input.consume(taken + usize::from(ended.is_some()));
            if let Some(ended) = ended {
                self.after_cr = ended == b'\r';
                break;
            }
        }
        Ok(if is_too_long {
            Taken::TooLong
        } else {
            Taken::Line
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bytes: &[u8], capacity: usize) -> Vec<String> {
        let mut lines = Lines {
            input: BufReader::with_capacity(capacity, bytes),
            after_cr: false,
        };
        let (mut all, mut line) = (Vec::new(), Vec::new());
        while lines.next(&mut line).expect("a slice can be read") == Taken::Line {
            all.push(String::from_utf8_lossy(&line).into_owned());
            line.clear();
        }
        all
    }

    #[test]
    fn each_kind_of_line_end_ends_a_line_once() {
        for capacity in [1, 2, 3, 64] {
            assert_eq!(
                taken(b"a\nb\r\nc\rd\r\n\r\ne", capacity),
                ["a", "b", "c", "d", "", "e"],
                "{capacity}"
            );
        }
    }

    #[test]
    fn the_last_line_needs_no_end_and_an_ended_one_adds_none() {
        assert_eq!(taken(b"a", 8), ["a"]);
        assert_eq!(taken(b"a\n", 8), ["a"]);
        assert_eq!(taken(b"a\r\n", 8), ["a"]);
        assert!(taken(b"", 8).is_empty());
    }

    #[test]
    fn a_line_beyond_the_bound_is_skipped_whole() {
        let mut bytes = vec![b'a'; LONGEST_LINE + 1];
        bytes.extend_from_slice(b"\nnext\n");
        let mut lines = Lines {
            input: BufReader::new(&bytes[..]),
            after_cr: false,
        };
        let mut line = Vec::new();
        assert_eq!(
            lines.next(&mut line).expect("a slice can be read"),
            Taken::TooLong
        );
        line.clear();
        assert_eq!(
            lines.next(&mut line).expect("a slice can be read"),
            Taken::Line
        );
        assert_eq!(line, b"next");
    }
}
