//! What a word is among the keywords of a state: which it is, which it abbreviates, how far it begins like one.
//!
//! Edges are sorted by their keys, so that the keywords with one beginning stand side by side.

use super::flatten::letter;
use super::graph::{Graph, State, WordEdge};

/// What a word is among the keywords of a state.
#[derive(Debug, Clone, Copy)]
pub(super) enum Typed<'g> {
    /// No keyword begins with it.
    Other,
    /// One in full; longer ones may begin with it.
    Whole(&'g WordEdge),
    /// The beginning of one.
    Beginning(&'g WordEdge),
    Several,
}

/// The bytes of a word in lower case, the first eight of them as one number.
#[inline]
pub(super) fn key(word: &[u8]) -> u64 {
    let Some(head) = word.first_chunk() else {
        let bytes = word
            .iter()
            .fold(0, |bytes, byte| bytes << 8 | u64::from(*byte));
        // No word, no shift by all 64 bits.
        let open = 8 * (8 - u32::try_from(word.len()).unwrap_or(8));
        return lower_case(bytes.checked_shl(open).unwrap_or(0));
    };
    lower_case(u64::from_be_bytes(*head))
}

/// Eight bytes at once: the bit that tells the letters apart is set in each that is one of `A` to `Z`.
const fn lower_case(bytes: u64) -> u64 {
    const EACH: u64 = u64::MAX / 255;
    let low = bytes & (EACH * 0x7f);
    let above_z = low + EACH * (0x7f - b'Z' as u64);
    let from_a = low + EACH * (0x80 - b'A' as u64);
    let is_upper = (from_a & !above_z & !bytes) & (EACH * 0x80);
    bytes | is_upper >> 2
}

/// Whatever the case. Most words are typed in that of the keyword, and looked at many bytes at a time.
fn is_alike(keyword: &[u8], typed: &[u8]) -> bool {
    keyword == typed || keyword.eq_ignore_ascii_case(typed)
}

/// Where the edges with this key or a greater one begin.
fn first_at(edges: &[WordEdge], key: u64) -> usize {
    if edges.len() <= 12 {
        edges
            .iter()
            .position(|edge| edge.key >= key)
            .unwrap_or(edges.len())
    } else {
        edges.partition_point(|edge| edge.key < key)
    }
}

impl Graph {
    /// The edges of the keyword `typed`, whatever the case.
    pub(super) fn exactly(&self, state: &State, typed: &str) -> &[WordEdge] {
        let edges = self.words_in(state);
        let bytes = typed.as_bytes();
        let key = key(bytes);
        let is_it = |edge: &&WordEdge| {
            edge.key == key
                && usize::from(edge.length) == bytes.len()
                && (bytes.len() <= 8 || is_alike(self.keyword(edge.keyword).as_bytes(), bytes))
        };
        let alike = edges.get(first_at(edges, key)..).unwrap_or_default();
        let before = alike
            .iter()
            .take_while(|edge| edge.key == key && !is_it(edge))
            .count();
        let found = alike.get(before..).unwrap_or_default();
        let count = found.iter().take_while(is_it).count();
        found.get(..count).unwrap_or_default()
    }

    /// The edges from the first on that can begin with `typed`, and the greatest key of those that do.
    #[inline]
    fn edges_from(&self, state: &State, typed: &[u8]) -> (&[WordEdge], u64) {
        let edges = self.words_in(state);
        let low = key(typed);
        let open = 8_usize.saturating_sub(typed.len());
        let high = low
            | u64::MAX
                .checked_shr(64 - 8 * u32::try_from(open).unwrap_or(0))
                .unwrap_or(0);
        let from = edges.get(first_at(edges, low)..).unwrap_or_default();
        (from, high)
    }

    /// Whether `typed` is all of the keyword, or a beginning that may stand for it; the key has told that it begins alike.
    #[inline]
    fn stands_for(&self, edge: &WordEdge, typed: &[u8]) -> Option<bool> {
        let length = usize::from(edge.length);
        if typed.len() > 8 {
            let head = self.keyword(edge.keyword).as_bytes().get(..typed.len())?;
            if !is_alike(head, typed) {
                return None;
            }
        }
        let is_whole = length == typed.len();
        (is_whole || (length > typed.len() && !edge.in_full)).then_some(is_whole)
    }

    /// The keywords of a state that begin with `typed`, those that may not be abbreviated too: what may become of it.
    pub(super) fn going_on(&self, state: &State, typed: &str) -> impl Iterator<Item = &WordEdge> {
        let typed = typed.as_bytes();
        let (from, high) = self.edges_from(state, typed);
        from.iter()
            .take_while(move |edge| edge.key <= high)
            .filter(move |edge| {
                let head = self.keyword(edge.keyword).as_bytes().get(..typed.len());
                head.is_some_and(|head| is_alike(head, typed))
            })
    }

    /// The keywords of a state that begin with `typed`, whatever the case, and whether it is all of them.
    pub(super) fn beginning_with(
        &self,
        state: &State,
        typed: &str,
    ) -> impl Iterator<Item = (&WordEdge, bool)> {
        let typed = typed.as_bytes();
        let (from, high) = self.edges_from(state, typed);
        from.iter()
            .take_while(move |edge| edge.key <= high)
            .filter_map(move |edge| Some((edge, self.stands_for(edge, typed)?)))
    }

    /// What `typed` is among the keywords of a state.
    #[inline]
    pub(super) fn only_keyword(&self, state: &State, typed: &str) -> Typed<'_> {
        let typed = typed.as_bytes();
        if state.letters & letter(typed) == 0 {
            return Typed::Other;
        }
        let (from, high) = self.edges_from(state, typed);
        let mut found = Typed::Other;
        for edge in from {
            if edge.key > high {
                break;
            }
            found = match (self.stands_for(edge, typed), found) {
                (None, found) => found,
                (Some(true), Typed::Other) => Typed::Whole(edge),
                (Some(false), Typed::Other) => Typed::Beginning(edge),
                (Some(false), Typed::Whole(edge)) => return Typed::Whole(edge),
                (Some(_), _) => return Typed::Several,
            };
        }
        found
    }

    /// How many bytes of `word` are the beginning of some keyword that may stand in this state.
    pub(super) fn longest_beginning(&self, state: u32, seen: u64, word: &str) -> usize {
        let open = self.words_in(self.state(state)).iter().filter(|edge| {
            self.step(edge.step)
                .is_some_and(|step| step.guard.admits(seen))
        });
        open.map(|edge| {
            let keyword = self.keyword(edge.keyword);
            keyword
                .bytes()
                .zip(word.bytes())
                .take_while(|(a, b)| a.eq_ignore_ascii_case(b))
                .count()
        })
        .max()
        .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_first_eight_bytes_in_lower_case() {
        for word in [
            "",
            "a",
            "Z",
            "AbCdEfG",
            "ABCDEFGH",
            "abcdefghij",
            "@[`{AZaz",
            "É\u{7f}\u{80}0-9",
        ] {
            let mut eight = [0; 8];
            for (place, byte) in eight.iter_mut().zip(word.bytes()) {
                *place = byte.to_ascii_lowercase();
            }
            assert_eq!(key(word.as_bytes()), u64::from_be_bytes(eight), "{word}");
        }
    }
}
