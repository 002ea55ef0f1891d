//! What the filters behind a bar do with output: line by line while it comes, nothing but one line is kept. How a bar is
//! read is not known here.

use std::io::{self, Write};
use std::mem;

use regex::bytes::Regex;

use super::pipe::Pipe;
use super::wording;

/// One filter at work.
#[derive(Debug)]
pub(super) enum Stage {
    Include(Regex),
    Exclude(Regex),
    Begin {
        pattern: Regex,
        begun: bool,
    },
    Section {
        pattern: Regex,
        keeps: bool,
        inside: Option<usize>,
    },
    Count {
        pattern: Option<Regex>,
        lines: u64,
    },
}

/// Passes on what the filters let through. `finish` says the counts and a last line without its end.
pub(super) struct Filtered<'a> {
    pipe: Pipe,
    line: Vec<u8>,
    out: &'a mut dyn Write,
}

impl<'a> Filtered<'a> {
    pub(super) fn new(pipe: Pipe, out: &'a mut dyn Write) -> Self {
        Self {
            pipe,
            line: Vec::new(),
            out,
        }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if !self.line.is_empty() {
            self.pass(0)?;
        }
        for at in 0..self.pipe.stages.len() {
            if let Some(Stage::Count { lines, .. }) = self.pipe.stages.get(at) {
                self.line = wording::count(*lines).into_bytes();
                self.pass(at + 1)?;
            }
        }
        self.out.flush()
    }

    /// Sends the line at hand through the stages from `first` on; the line is empty afterwards.
    fn pass(&mut self, first: usize) -> io::Result<()> {
        let mut line = mem::take(&mut self.line);
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        let passes = self
            .pipe
            .stages
            .iter_mut()
            .skip(first)
            .all(|stage| stage.passes(&line));
        let written = if passes {
            line.push(b'\n');
            self.out.write_all(&line)
        } else {
            Ok(())
        };
        line.clear();
        self.line = line;
        written
    }
}

impl Stage {
    fn passes(&mut self, line: &[u8]) -> bool {
        match self {
            Self::Include(pattern) => pattern.is_match(line),
            Self::Exclude(pattern) => !pattern.is_match(line),
            Self::Begin { pattern, begun } => {
                *begun = *begun || pattern.is_match(line);
                *begun
            }
            Self::Section {
                pattern,
                keeps,
                inside,
            } => {
                let depth = line.iter().take_while(|b| **b == b' ').count();
                if inside.is_none_or(|above| depth <= above) {
                    *inside = pattern.is_match(line).then_some(depth);
                }
                inside.is_some() == *keeps
            }
            Self::Count { pattern, lines } => {
                *lines += u64::from(
                    pattern
                        .as_ref()
                        .is_none_or(|pattern| pattern.is_match(line)),
                );
                false
            }
        }
    }
}

impl Write for Filtered<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.last() == Some(&b'\n') {
                self.pass(0)?;
            }
        }
        Ok(bytes.len())
    }

    /// What has passed goes out; a line whose end has not come yet waits for it.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
