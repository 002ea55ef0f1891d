//! What a flapping message speaks of: its body without the words that say a state, and those words by themselves. When an
//! object counts as flapping is decided elsewhere.

/// Writes the object of a body and its state; `false` when it says none.
///
/// What follows a state word behind a comma or a colon is a reason, `down: holding time expired`, and belongs to neither.
pub(super) fn split(body: &[u8], object: &mut Vec<u8>, state: &mut Vec<u8>) -> bool {
    let (object_from, state_from) = (object.len(), state.len());
    let mut rest = body;
    let mut has_state = false;
    while !rest.is_empty() {
        let length = rest
            .iter()
            .position(|byte| !is_of_word(*byte))
            .unwrap_or(rest.len());
        if length == 0 {
            object.extend(rest.first());
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let word = rest.get(..length).unwrap_or_default();
        // The end of a sentence is no part of its last word.
        let word = word
            .strip_suffix(b".")
            .filter(|word| !word.is_empty())
            .unwrap_or(word);
        let behind = rest.get(word.len()..).unwrap_or_default();
        rest = behind;
        if is_state(word) {
            has_state = true;
            state.extend(word.iter().map(u8::to_ascii_lowercase));
            state.push(b' ');
            if behind.starts_with(b", ") || behind.starts_with(b": ") {
                break;
            }
        } else {
            object.extend_from_slice(word);
        }
    }
    if !has_state {
        object.truncate(object_from);
        state.truncate(state_from);
    }
    has_state
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'_' | b'/' | b'.' | b'\\')
        || byte >= 0x80
}

fn is_state(word: &[u8]) -> bool {
    (2..=14).contains(&word.len())
        && STATES
            .iter()
            .any(|state| state.as_bytes().eq_ignore_ascii_case(word))
}

/// Of links, neighbours, ports, power supplies, peers and tunnels.
const STATES: &[&str] = &[
    "2way",
    "absent",
    "active",
    "attempt",
    "blocking",
    "closed",
    "connected",
    "deactivated",
    "activated",
    "disabled",
    "disconnected",
    "down",
    "enabled",
    "established",
    "exchange",
    "exstart",
    "failed",
    "forwarding",
    "full",
    "idle",
    "inactive",
    "init",
    "inserted",
    "learning",
    "listening",
    "loading",
    "lost",
    "offline",
    "ok",
    "online",
    "open",
    "present",
    "reachable",
    "removed",
    "restored",
    "standby",
    "started",
    "stopped",
    "synchronized",
    "unreachable",
    "unsynchronized",
    "up",
    "recovered",
    "suspended",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str) -> Option<(String, String)> {
        let (mut object, mut state) = (Vec::new(), Vec::new());
        split(body.as_bytes(), &mut object, &mut state).then(|| {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            (text(&object), text(&state))
        })
    }

    #[test]
    fn an_object_is_the_body_without_its_state() {
        for (one, other) in [
            (
                "Interface Gi0/1, changed state to down",
                "Interface Gi0/1, changed state to up",
            ),
            (
                "Interface Gi0/1, changed state to administratively down",
                "Interface Gi0/1, changed state to administratively up",
            ),
            (
                "Process 1, Nbr 10.0.0.1 on Gi0/1 from FULL to DOWN, Neighbor Down: Dead timer expired",
                "Process 1, Nbr 10.0.0.1 on Gi0/1 from LOADING to FULL, Loading Done",
            ),
            (
                "EIGRP-IPv4 100: Neighbor 10.1.1.1 (Gi0/1) is up: new adjacency",
                "EIGRP-IPv4 100: Neighbor 10.1.1.1 (Gi0/1) is down: holding time expired",
            ),
            ("Link up on port 3", "Link down on port 3"),
        ] {
            let (one, other) = (parts(one), parts(other));
            let object = |parts: &Option<(String, String)>| parts.clone().map(|(object, _)| object);
            assert!(one.is_some());
            assert_eq!(object(&one), object(&other));
            assert_ne!(one, other);
        }
    }

    #[test]
    fn other_objects_are_others_and_a_body_without_a_state_has_none() {
        let object = |body: &str| parts(body).map(|(object, _)| object);
        assert_ne!(object("Link down on port 3"), object("Link down on port 4"));
        assert_ne!(
            object("Interface Gi0/1, changed state to down"),
            object("Interface Gi0/2, changed state to down")
        );
        assert_eq!(parts("Configured from console by console"), None);
        assert_eq!(parts("Upgrade of the downloader"), None);
        assert_eq!(parts(""), None);
    }
}
