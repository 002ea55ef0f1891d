//! Body patterns as people write them, all different: a network, a person together with a network, two of an interface's
//! ports. Each with the words that a plain search finds it by.

/// One pattern.
pub(crate) struct Body {
    pub(crate) pattern: String,
    /// One word of each step, one step behind the other.
    steps: Vec<Vec<String>>,
}

impl Body {
    /// Whether the body has it, without an expression.
    pub(crate) fn is_in(&self, body: &str) -> bool {
        let mut rest = body;
        self.steps.iter().all(|words| {
            let ends = words
                .iter()
                .filter_map(|word| Some(rest.find(word.as_str())? + word.len()));
            let found = ends.min().and_then(|end| rest.get(end..));
            rest = found.unwrap_or_default();
            found.is_some()
        })
    }
}

/// No two are alike among the first `MOST`.
pub(crate) fn patterns() -> impl Iterator<Item = Body> {
    (0..MOST).map(|number| {
        let (kind, n) = (number % 3, number / 3);
        let network = 16 + n % 8;
        match kind {
            0 => {
                let second = n * 5 % 256;
                Body {
                    pattern: format!("10\\.{network}\\.{second}\\."),
                    steps: vec![vec![format!("10.{network}.{second}.")]],
                }
            }
            1 => {
                let who = PEOPLE.map(|pair| pair.map(str::to_owned));
                let [one, other] = &who[n / 8 % PEOPLE.len()];
                Body {
                    pattern: format!("({one}|{other}).*10\\.{network}\\."),
                    steps: vec![
                        vec![one.clone(), other.clone()],
                        vec![format!("10.{network}.")],
                    ],
                }
            }
            _ => {
                let (slot, port) = (n % 8, n / 8);
                Body {
                    pattern: format!("TenGigE0/{slot}/({port}|3{port}),"),
                    steps: vec![vec![
                        format!("TenGigE0/{slot}/{port},"),
                        format!("TenGigE0/{slot}/3{port},"),
                    ]],
                }
            }
        }
    })
}

/// As many as there are of the two-step kind, times three.
const MOST: usize = 3 * 8 * PEOPLE.len();

const PEOPLE: [[&str; 2]; 6] = [
    ["anna", "boris"],
    ["chen", "dora"],
    ["backup", "noc"],
    ["anna", "chen"],
    ["boris", "dora"],
    ["anna", "noc"],
];
