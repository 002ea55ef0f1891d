//! The one layouter of tables: columns with a title, a side and a least width, rows of texts. A column widens to its longest
//! cell, so that rows never run out of step. It knows no subject.

use std::fmt;

/// Which side of its column a cell keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    title: &'static str,
    side: Side,
    /// Characters.
    least: usize,
}

impl Column {
    /// At least `least` characters wide, its texts on the left.
    pub const fn left(title: &'static str, least: usize) -> Self {
        Self {
            title,
            side: Side::Left,
            least,
        }
    }

    /// At least `least` characters wide, its numbers on the right.
    pub const fn right(title: &'static str, least: usize) -> Self {
        Self {
            title,
            side: Side::Right,
            least,
        }
    }
}

/// A table that is being filled. `Display` lays it out, a line end behind each line; nothing is printed of a table
/// without titles and rows.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    indent: usize,
    gap: usize,
    ruled: bool,
}

impl Table {
    /// Columns two blanks apart, at the left margin. The titles are left out when all of them are empty.
    pub fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self {
            columns: columns.into(),
            rows: Vec::new(),
            indent: 0,
            gap: 2,
            ruled: false,
        }
    }

    /// Blanks before each line.
    #[must_use]
    pub fn indent(mut self, blanks: usize) -> Self {
        self.indent = blanks;
        self
    }

    /// Blanks between two columns.
    #[must_use]
    pub fn gap(mut self, blanks: usize) -> Self {
        self.gap = blanks;
        self
    }

    /// A line of hyphens below the titles, as long as each column is wide.
    #[must_use]
    pub fn ruled(mut self) -> Self {
        self.ruled = true;
        self
    }

    /// One more row. Cells that are missing stay empty, those beyond the last column are not shown. Control characters
    /// appear byte by byte as `\xNN` (C3.4), so that a cell stays within its line.
    pub fn row<T: fmt::Display>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(
            cells
                .into_iter()
                .map(|cell| visible(&cell.to_string()))
                .collect(),
        );
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn widths(&self) -> Vec<usize> {
        let longest = |place: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(place))
                .map(|cell| width(cell))
                .max()
        };
        let columns = self.columns.iter().enumerate();
        columns
            .map(|(place, column)| {
                column
                    .least
                    .max(width(column.title))
                    .max(longest(place).unwrap_or(0))
            })
            .collect()
    }

    fn line<'a>(
        &self,
        f: &mut fmt::Formatter<'_>,
        widths: &[usize],
        cells: impl Iterator<Item = &'a str>,
    ) -> fmt::Result {
        let cells = cells.chain(std::iter::repeat(""));
        // Blanks are owed until something follows them: no line ends in blanks.
        let mut owed = self.indent;
        for ((column, wide), cell) in self.columns.iter().zip(widths).zip(cells) {
            let padding = wide.saturating_sub(width(cell));
            if column.side == Side::Right {
                owed += padding;
            }
            if !cell.is_empty() {
                write!(f, "{:owed$}{cell}", "")?;
                owed = 0;
            }
            owed += self.gap;
            if column.side == Side::Left {
                owed += padding;
            }
        }
        writeln!(f)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        if self.columns.iter().any(|column| !column.title.is_empty()) {
            self.line(f, &widths, self.columns.iter().map(|column| column.title))?;
            if self.ruled {
                let rulers: Vec<String> = widths.iter().map(|wide| "-".repeat(*wide)).collect();
                self.line(f, &widths, rulers.iter().map(String::as_str))?;
            }
        }
        self.rows
            .iter()
            .try_for_each(|row| self.line(f, &widths, row.iter().map(String::as_str)))
    }
}

/// Characters; what a terminal shows twice as wide counts as one.
fn width(text: &str) -> usize {
    text.chars().count()
}

fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                shown.push_str(&format!("\\x{byte:02x}"));
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_side_and_no_line_ends_in_blanks() {
        let mut table = Table::new([
            Column::left("Keyword", 12),
            Column::right("Sent", 6),
            Column::left("State", 0),
        ])
        .indent(4)
        .ruled();
        table.row(["inventory", "7", "Enable"]);
        table.row(["environment", "1200", ""]);
        table.row(["x"]);
        let expected = "    Keyword         Sent  State\n    \
                            ------------  ------  ------\n    \
                            inventory          7  Enable\n    \
                            environment     1200\n    \
                            x\n";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn a_column_widens_to_its_longest_cell() {
        let mut table = Table::new([Column::left("", 3), Column::left("", 0)]).gap(1);
        table.row(["a", "1"]);
        table.row(["a-long-name", "2"]);
        assert_eq!(table.to_string(), "a           1\na-long-name 2\n");
    }

    #[test]
    fn a_cell_with_control_characters_stays_in_its_line() {
        let mut table = Table::new([Column::left("", 0), Column::left("", 0)]);
        table.row(["a\r\n\u{1b}[2J\u{85}", "b", "beyond the last column"]);
        assert_eq!(table.to_string(), "a\\x0d\\x0a\\x1b[2J\\xc2\\x85  b\n");
    }

    #[test]
    fn characters_count_not_bytes() {
        let mut table = Table::new([Column::left("", 0), Column::left("", 0)]);
        table.row(["\u{fc}\u{fc}", "1"]);
        table.row(["ab", "2"]);
        assert_eq!(table.to_string(), "\u{fc}\u{fc}  1\nab  2\n");
    }

    #[test]
    fn a_table_without_titles_and_rows_prints_nothing() {
        assert_eq!(Table::new([Column::left("", 9)]).to_string(), "");
    }
}
