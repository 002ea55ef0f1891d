//! What stands behind a bar: `include`, `exclude`, `begin`, `grep [-v]`, `section`, `count`, several in a row, and `json` as
//! the first. Here a bar is read and help behind it given; `filter` does the work. Which commands take bars is the grammar's
//! business, and how a pattern is read is `config::pattern`'s.

use regex::bytes::Regex;

use super::filter::Stage;
use crate::config::pattern;
use crate::grammar::Expected;

/// The filters of one line, in order.
#[derive(Debug, Default)]
pub struct Pipe {
    /// `| json` came first: the command prints its machine form.
    pub json: bool,
    pub(super) stages: Vec<Stage>,
}

/// Why what stands behind the bar is not understood; columns are byte offsets in the whole line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    Invalid { column: usize },
    Incomplete { column: usize },
    Ambiguous { column: usize, text: String },
    Pattern { column: usize, why: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    Begin,
    Count,
    Exclude,
    Grep,
    Include,
    Json,
    Section,
}

const FILTERS: [(&str, Filter, &str); 7] = [
    ("begin", Filter::Begin, "Begin with the line that matches"),
    ("count", Filter::Count, "Count the lines that match"),
    ("exclude", Filter::Exclude, "Exclude lines that match"),
    (
        "grep",
        Filter::Grep,
        "Include (or with -v exclude) lines that match",
    ),
    ("include", Filter::Include, "Include lines that match"),
    (
        "json",
        Filter::Json,
        "Print as JSON; only as the first filter",
    ),
    (
        "section",
        Filter::Section,
        "Include lines that match with what is indented below them",
    ),
];

impl Pipe {
    /// Reads `line` from its first bar at `bar` on. A filter's pattern runs to the next bar that has a blank on both sides.
    pub fn parse(line: &str, bar: usize) -> Result<Self, Fault> {
        let mut pipe = Self::default();
        let mut from = bar;
        loop {
            let start = from + 1;
            let end = next_bar(line, start).unwrap_or(line.len());
            pipe.add(line, start, end, from == bar)?;
            if end == line.len() {
                return Ok(pipe);
            }
            from = end;
        }
    }

    fn add(&mut self, line: &str, start: usize, end: usize, is_first: bool) -> Result<(), Fault> {
        let mut words = Words {
            line,
            at: start,
            end,
        };
        let (column, word) = words.next();
        if word.is_empty() {
            return Err(Fault::Incomplete {
                column: line.trim_end().len(),
            });
        }
        let filter = match candidates(word).as_slice() {
            [(_, filter, _)] => *filter,
            [] => {
                return Err(Fault::Invalid {
                    column: column + longest_common(word),
                });
            }
            _ => {
                return Err(Fault::Ambiguous {
                    column: column + word.len(),
                    text: word.into(),
                });
            }
        };
        let stage = match filter {
            Filter::Json => {
                let (rest, more) = words.next();
                if !is_first {
                    return Err(Fault::Invalid { column });
                }
                if !more.is_empty() {
                    return Err(Fault::Invalid { column: rest });
                }
                self.json = true;
                return Ok(());
            }
            Filter::Include => Stage::Include(words.pattern()?),
            Filter::Exclude => Stage::Exclude(words.pattern()?),
            Filter::Begin => Stage::Begin {
                pattern: words.pattern()?,
                begun: false,
            },
            Filter::Grep if words.takes("-v") => Stage::Exclude(words.pattern()?),
            Filter::Grep => Stage::Include(words.pattern()?),
            Filter::Section => {
                let keeps = !words.takes("exclude");
                if keeps {
                    words.takes("include");
                }
                Stage::Section {
                    pattern: words.pattern()?,
                    keeps,
                    inside: None,
                }
            }
            Filter::Count if words.rest().is_empty() => Stage::Count {
                pattern: None,
                lines: 0,
            },
            Filter::Count => Stage::Count {
                pattern: Some(words.pattern()?),
                lines: 0,
            },
        };
        self.stages.push(stage);
        Ok(())
    }
}

/// What may stand at the end of `typed` behind its bar at `bar`: the byte where the last word begins, the filters that fit
/// it, and whether the line could end here.
pub fn expect(typed: &str, bar: usize) -> (usize, Vec<Expected>, bool) {
    let mut from = bar;
    while let Some(next) = next_bar(typed, from + 1) {
        from = next;
    }
    let mut words = Words {
        line: typed,
        at: from + 1,
        end: typed.len(),
    };
    let (column, word) = words.next();
    let behind = column + word.len();
    if behind < typed.len() {
        let is_pattern_there = !words.rest().is_empty();
        let filter = candidates(word);
        let (token, help) = match filter.as_slice() {
            [(_, Filter::Json, _)] => return (typed.len(), vec![bar_row()], true),
            [(_, Filter::Grep, _)] => ("[-v] LINE", "Regular expression"),
            [(_, Filter::Section, _)] => ("[include | exclude] LINE", "Regular expression"),
            [_] => ("LINE", "Regular expression"),
            _ => return (typed.len(), Vec::new(), false),
        };
        let ends = is_pattern_there || matches!(filter.as_slice(), [(_, Filter::Count, _)]);
        return (typed.len(), vec![row(token, help, false)], ends);
    }
    let rows = FILTERS
        .iter()
        .filter(|(name, filter, _)| {
            name.starts_with(word) && (from == bar || *filter != Filter::Json)
        })
        .map(|(name, _, help)| row(name, help, true));
    (column, rows.collect(), false)
}

fn row(token: &str, help: &str, is_keyword: bool) -> Expected {
    Expected {
        token: token.into(),
        help: help.into(),
        is_keyword,
        argument: None,
    }
}

fn bar_row() -> Expected {
    row("|", "Output modifiers", true)
}

/// The next bar at or after `from` that has a blank (or the line's end) on both sides.
fn next_bar(line: &str, from: usize) -> Option<usize> {
    let bytes = line.as_bytes();
    let is_blank = |at: usize| bytes.get(at).is_none_or(|b| *b == b' ');
    (from..bytes.len())
        .find(|&at| bytes.get(at) == Some(&b'|') && at > 0 && is_blank(at - 1) && is_blank(at + 1))
}

fn candidates(word: &str) -> Vec<(&'static str, Filter, &'static str)> {
    let word = word.to_ascii_lowercase();
    let fits: Vec<_> = FILTERS
        .into_iter()
        .filter(|(name, ..)| name.starts_with(&word))
        .collect();
    match fits.iter().find(|(name, ..)| *name == word) {
        Some(exact) => vec![*exact],
        None => fits,
    }
}

/// How many characters of `word` are still the beginning of some filter's name: where the caret goes.
fn longest_common(word: &str) -> usize {
    let word = word.to_ascii_lowercase();
    let common = |name: &str| {
        name.bytes()
            .zip(word.bytes())
            .take_while(|(a, b)| a == b)
            .count()
    };
    FILTERS
        .iter()
        .map(|(name, ..)| common(name))
        .max()
        .unwrap_or(0)
}

struct Words<'l> {
    line: &'l str,
    at: usize,
    end: usize,
}

impl<'l> Words<'l> {
    fn text(&self) -> &'l str {
        self.line.get(self.at..self.end).unwrap_or_default()
    }

    /// The next word and where it begins; empty at the end.
    fn next(&mut self) -> (usize, &'l str) {
        let text = self.text();
        let blanks = text.len() - text.trim_start_matches(' ').len();
        let word = text
            .get(blanks..)
            .and_then(|t| t.split(' ').next())
            .unwrap_or_default();
        let column = self.at + blanks;
        self.at = column + word.len();
        (column, word)
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let before = self.at;
        let took = self.next().1 == wanted && !self.rest().is_empty();
        if !took {
            self.at = before;
        }
        took
    }

    fn rest(&self) -> &'l str {
        self.text().trim_matches(' ')
    }

    fn pattern(&self) -> Result<Regex, Fault> {
        let text = self.text();
        let pattern = self.rest();
        if pattern.is_empty() {
            return Err(Fault::Incomplete {
                column: self
                    .line
                    .get(..self.end)
                    .unwrap_or(self.line)
                    .trim_end()
                    .len(),
            });
        }
        let column = self.at + (text.len() - text.trim_start_matches(' ').len());
        pattern::compile(pattern).map_err(|why| Fault::Pattern {
            column,
            why: why.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::filter::Filtered;
    use super::*;

    const OUTPUT: &str = "hostname fw\ninterface Gi0\n ip address 1.2.3.4\n shutdown\ninterface Gi1\n ip address dhcp\nend";

    fn through(line: &str) -> String {
        let bar = line.find('|').expect("a bar");
        let mut out = Vec::new();
        let mut filtered = Filtered::new(Pipe::parse(line, bar).expect("understood"), &mut out);
        // Output comes in pieces that know nothing of lines.
        for piece in OUTPUT.as_bytes().chunks(7) {
            filtered.write_all(piece).expect("a vector takes all");
        }
        filtered.finish().expect("a vector takes all");
        String::from_utf8(out).expect("text")
    }

    fn fault(line: &str) -> Fault {
        Pipe::parse(line, line.find('|').expect("a bar")).expect_err("a fault")
    }

    #[test]
    fn include_and_exclude_keep_and_drop_lines() {
        assert_eq!(
            through("show run | include ip address"),
            " ip address 1.2.3.4\n ip address dhcp\n"
        );
        assert_eq!(
            through("show run | exclude ^ |interface"),
            "hostname fw\nend\n"
        );
        assert_eq!(
            through("show run | grep -v ^ |interface"),
            "hostname fw\nend\n"
        );
        assert_eq!(through("show run | grep shut"), " shutdown\n");
    }

    #[test]
    fn filters_are_abbreviated_like_keywords() {
        assert_eq!(through("show run | i ^hostname"), "hostname fw\n");
        assert_eq!(
            through("show run | B Gi1"),
            "interface Gi1\n ip address dhcp\nend\n"
        );
    }

    #[test]
    fn filters_follow_one_another() {
        assert_eq!(
            through("show run | include interface | exclude Gi0"),
            "interface Gi1\n"
        );
        assert_eq!(
            through("show run | section Gi0 | count ip"),
            "Number of lines which match regexp = 1\n"
        );
        assert_eq!(through("show run | count ip | include = 9"), "");
    }

    #[test]
    fn a_section_is_a_line_with_what_is_indented_below_it() {
        assert_eq!(
            through("show run | section Gi0"),
            "interface Gi0\n ip address 1.2.3.4\n shutdown\n"
        );
        assert_eq!(
            through("show run | section exclude interface"),
            "hostname fw\nend\n"
        );
    }

    #[test]
    fn a_bar_without_a_blank_on_both_sides_is_alternation() {
        assert_eq!(
            through("show run | include ^hostname|^end"),
            "hostname fw\nend\n"
        );
        assert_eq!(through("show run | include ^hostname$ |^end"), "end\n");
    }

    #[test]
    fn the_last_line_comes_through_without_its_end() {
        assert_eq!(through("show run | begin ^end"), "end\n");
        assert_eq!(
            through("show run | count"),
            "Number of lines which match regexp = 7\n"
        );
    }

    #[test]
    fn json_is_taken_as_the_first_filter_alone() {
        let pipe = Pipe::parse("show logging | json | include x", 13).expect("understood");
        assert!(pipe.json && pipe.stages.len() == 1);
        assert_eq!(
            fault("show logging | include x | json"),
            Fault::Invalid { column: 27 }
        );
    }

    #[test]
    fn what_is_not_understood_is_pointed_at() {
        assert_eq!(fault("show run | incx y"), Fault::Invalid { column: 14 });
        assert_eq!(fault("show run |"), Fault::Incomplete { column: 10 });
        assert_eq!(
            fault("show run | include  "),
            Fault::Incomplete { column: 18 }
        );
        assert_eq!(
            fault("show run | include a | "),
            Fault::Incomplete { column: 22 }
        );
        assert!(matches!(
            fault("show run | include (a"),
            Fault::Pattern { column: 19, .. }
        ));
    }

    #[test]
    fn behind_the_bar_help_knows_the_filters() {
        let (start, rows, ends) = expect("show run | ", 9);
        assert_eq!((start, rows.len(), ends), (11, 7, false));
        let (start, rows, _) = expect("show run | in", 9);
        assert_eq!(
            (start, rows[0].token.as_str(), rows.len()),
            (11, "include", 1)
        );
        let (_, rows, ends) = expect("show run | include x | s", 9);
        assert_eq!((rows[0].token.as_str(), ends), ("section", false));
        assert!(expect("show run | include x", 9).2);
    }
}
