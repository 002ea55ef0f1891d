//! Patterns that are right and will not match what they seem to mean: what operators are known to type, and the word that
//! helps. Nothing is refused here.

/// Says why a pattern will not match what it seems to mean, when it will not (D10, D11, D71). `field` is the keyword of a
/// discriminator: `facility`, `mnemonics`, `msg-body` or `sender`.
pub fn warning(field: &str, pattern: &str) -> Option<String> {
    // What none of the warnings speaks of; most patterns hold nothing else.
    let is_clear = |b: u8| match b {
        b'"' | b'\\' | b'{' | b'(' => false,
        b'%' | b'-' | b',' | b' ' => field == "msg-body",
        b'.' | b':' => field != "sender",
        _ => true,
    };
    if pattern.bytes().all(is_clear) {
        return None;
    }
    if field == "sender" && pattern.parse::<std::net::IpAddr>().is_ok() {
        let bits = if pattern.contains(':') { 128 } else { 32 };
        return Some(format!(
            "sender: {pattern} is a pattern, which other addresses match, too; write {pattern}/{bits}"
        ));
    }
    let quotes = pattern.bytes().filter(|b| *b == b'"').count();
    if quotes > 1 && (pattern.starts_with('"') || pattern.ends_with('"')) {
        return Some(format!(
            "{field}: the quotation marks are part of the pattern {pattern}"
        ));
    }
    of_one_word(field, pattern)
        .or_else(|| letter(field, pattern))
        .or_else(|| braces(field, pattern))
        .or_else(|| brackets(field, pattern))
}

/// What is compared with one word of the header, or with a host.
fn of_one_word(field: &str, pattern: &str) -> Option<String> {
    let what = match field {
        "msg-body" => return None,
        "mnemonics" => "mnemonic",
        other => other,
    };
    if what != "sender" && (pattern.starts_with('%') || names_severity(pattern)) {
        return Some(format!(
            "{field}: only the {what} is compared, `{pattern}` names more and matches nothing"
        ));
    }
    if pattern.contains(',') && !pattern.contains(['[', '\\']) {
        let bars = pattern.replace(", ", "|").replace(',', "|");
        return Some(format!("{field}: a comma is no list, write {bars}"));
    }
    let has_blank = pattern.contains(' ') && !pattern.contains('[');
    has_blank
        .then(|| format!("{field}: no {what} contains a blank, so `{pattern}` may match nothing"))
}

/// `\d` of other dialects.
fn letter(field: &str, pattern: &str) -> Option<String> {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c == '\\'
            && let Some(letter) = chars.next()
            && letter.is_ascii_alphabetic()
        {
            return Some(format!(
                "{field}: `\\{letter}` is the letter {letter} itself here"
            ));
        }
    }
    None
}

/// `{3}` of other dialects.
fn braces(field: &str, pattern: &str) -> Option<String> {
    let counted = pattern
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b',');
    let (count, _) = counted.into_iter().find(|(count, _)| digits(count))?;
    Some(format!(
        "{field}: `{{{count}}}` repeats nothing, the braces stand for themselves"
    ))
}

/// `vty0 (10.1.1.1)` copied from a message: a group that chooses nothing and repeats nothing was meant as it stands.
fn brackets(field: &str, pattern: &str) -> Option<String> {
    if pattern.contains(['[', '\\']) {
        return None;
    }
    let (_, rest) = pattern.split_once('(')?;
    let (inside, behind) = rest.split_once(')')?;
    let is_group = inside.contains(['|', '(']) || behind.starts_with(['*', '+', '?']);
    (!is_group).then(|| {
        format!(
            "{field}: `({inside})` is a group and matches no brackets, write \\({inside}\\) for them"
        )
    })
}

/// `SYS-5` or `SYS-5-CONFIG_I`: a word, a severity between hyphens.
fn names_severity(pattern: &str) -> bool {
    let mut parts = pattern.split(['-', '|', '^', '(']);
    let word = |part: &str| part.ends_with(|c: char| c.is_ascii_uppercase() || c == '_');
    parts.any(word) && parts.any(|part| matches!(part.as_bytes(), [b'0'..=b'7']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_will_not_match_is_explained() {
        for (field, pattern, part) in [
            (
                "msg-body",
                "\"Configured from console by cisco\"",
                "quotation marks",
            ),
            ("msg-body", "\"up\"|\"down\"", "quotation marks"),
            ("mnemonics", "SYS-5-CONFIG_I", "only the mnemonic"),
            ("mnemonics", "SW_MATM-4-MACFLAP_NOTIF", "only the mnemonic"),
            ("mnemonics", "^SYS-5-CONFIG_I$", "only the mnemonic"),
            ("mnemonics", "UPDOWN|SYS-5-CONFIG_I", "only the mnemonic"),
            ("mnemonics", "%SYS-5-CONFIG_I", "only the mnemonic"),
            ("facility", "SYS-5", "only the facility"),
            ("facility", "%SYS", "only the facility"),
            ("mnemonics", "CONFIG_I,UPDOWN", "CONFIG_I|UPDOWN"),
            ("facility", "SYS, LINK", "SYS|LINK"),
            ("sender", "core1,core2", "core1|core2"),
            ("sender", "10.1.1.1", "10.1.1.1/32"),
            ("sender", "2001:db8::1", "2001:db8::1/128"),
            ("msg-body", r"Gi0/\d", "letter d"),
            ("msg-body", "[0-9]{3}", "braces"),
            (
                "msg-body",
                "by cisco on vty0 (173.39.61.194)",
                r"\(173.39.61.194\)",
            ),
        ] {
            let said = warning(field, pattern).unwrap_or_default();
            assert!(said.contains(part), "{field} {pattern}: {said}");
        }
    }

    #[test]
    fn what_will_match_is_not_doubted() {
        for (field, pattern) in [
            ("facility", "DOT1X|AUTHMGR"),
            ("facility", "facl357"),
            ("facility", "SYS-SW1"),
            ("mnemonics", "CONFIG_I"),
            ("mnemonics", "^(CONFIG|RESTART)"),
            ("mnemonics", "30201[3-6]"),
            ("msg-body", "Message from|HA_EM|INSTALL"),
            ("msg-body", "10-3-2"),
            ("msg-body", r"10\.1\.1\.1, port"),
            (
                "msg-body",
                "(Speed: [0-6]|Board.Temperature: [1-4]|compliance violation)",
            ),
            ("msg-body", r"vty0 \(10\.1\.1\.1\)"),
            ("msg-body", "(ab)+"),
            ("msg-body", "said \"up\" to"),
            ("sender", "^core[0-9]"),
            ("sender", r"^10\.1\.1\.1$"),
        ] {
            assert_eq!(warning(field, pattern), None, "{field} {pattern}");
        }
    }
}
