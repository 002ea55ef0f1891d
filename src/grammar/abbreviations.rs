//! The shortest way to type the leading keywords of each command: a promise to fingers and scripts, to be kept by a
//! snapshot.

use super::Mode;
use super::tree::Part;

/// The leading keywords of every plain command in full, and as short as they may be typed; sorted, each once.
pub fn abbreviations(mode: &Mode) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = mode
        .commands
        .iter()
        .filter_map(|command| command.trees.first())
        .map(|tree| shortest(mode, &tree.part))
        .collect();
    found.retain(|(full, _)| !full.is_empty());
    found.sort();
    found.dedup();
    found
}

fn shortest(mode: &Mode, part: &Part) -> (String, String) {
    let one = std::slice::from_ref(part);
    let parts = if let Part::Sequence(parts) = part {
        parts.as_slice()
    } else {
        one
    };
    let (mut full, mut short) = (Vec::new(), Vec::new());
    let mut state = 0;
    for part in parts {
        let Part::Keyword { word, .. } = part else {
            break;
        };
        full.push(*word);
        short.push(
            (1..=word.len())
                .filter_map(|end| word.get(..end))
                .find(|typed| leads_to(mode, state, typed, word))
                .unwrap_or(word),
        );
        let edge = mode
            .graph
            .beginning_with(mode.graph.state(state), word)
            .next();
        let Some(step) = edge.and_then(|(edge, _)| mode.graph.step(edge.step)) else {
            break;
        };
        state = step.target;
    }
    (full.join(" "), short.join(" "))
}

fn leads_to(mode: &Mode, state: u32, typed: &str, word: &str) -> bool {
    if typed == word {
        return true;
    }
    let graph = &mode.graph;
    let state = graph.state(state);
    let mut arguments = graph.arguments_in(state).iter();
    let is_argument =
        !mode.abbreviation_wins && arguments.any(|edge| graph.takes(edge.taker, typed));
    let mut edges = graph.beginning_with(state, typed).peekable();
    !is_argument
        && edges.peek().is_some()
        && edges.all(|(edge, is_exact)| !is_exact && graph.keyword(edge.keyword) == word)
}
