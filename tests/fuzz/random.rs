//! Numbers that are the same in every run, and what is made of them: a byte, a text, a seed with a few changes.

/// splitmix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `bound`, which it is not; 0 where there is nothing below it.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// Once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `items`, of which there are some.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Up to `most` of the `likely` bytes.
    pub(crate) fn bytes(&mut self, likely: &[u8], most: usize) -> Vec<u8> {
        let length = self.below(most);
        (0..length).map(|_| *self.pick(likely)).collect()
    }

    /// One of `seeds` with fewer than `most` changes: a byte replaced, put in or left out, an end cut off, a piece of
    /// another seed put in.
    pub(crate) fn mutated<S: AsRef<[u8]>>(
        &mut self,
        seeds: &[S],
        likely: &[u8],
        most: usize,
    ) -> Vec<u8> {
        let mut bytes = self.pick(seeds).as_ref().to_vec();
        for _ in 0..self.below(most) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 if at < bytes.len() => bytes[at] = *self.pick(likely),
                1 => bytes.insert(at, *self.pick(likely)),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                3 => bytes.truncate(at),
                _ => {
                    let other = self.pick(seeds).as_ref();
                    let from = self.below(other.len());
                    bytes.splice(at..at, other[from..].iter().copied());
                }
            }
        }
        bytes
    }
}

/// The bytes as a text: what is no UTF-8 is replaced, so that characters of several bytes stand anywhere.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
