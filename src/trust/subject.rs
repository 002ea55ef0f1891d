//! An X.500 name as operators type it, `CN=branch-7,OU=Sites,O="Example, Inc."`: parts with their values. Which parts a
//! certificate can hold is known here; nothing is encoded.

/// One kind of part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// As it is said to operators.
    pub name: &'static str,
    pub oid: &'static [u64],
    pub form: Form,
    /// Characters (RFC 5280, appendix A.1).
    most: usize,
}

/// How its value is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Utf8,
    Printable,
    Ia5,
}

/// Why a name is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("% Only one {0} is supported")]
    Twice(&'static str),
    #[error("% {0} is not known in a subject name")]
    Unknown(String),
    #[error("% {0} of a subject name has 1 to {1} characters")]
    Length(&'static str, usize),
    #[error("% {0} of a subject name cannot hold these characters")]
    Characters(&'static str),
    #[error("% A subject name is written CN=name,OU=unit,O=organization")]
    Form,
}

const fn kind(name: &'static str, oid: &'static [u64], form: Form, most: usize) -> Kind {
    Kind {
        name,
        oid,
        form,
        most,
    }
}

pub const SERIAL_NUMBER: Kind = kind("SER", &[2, 5, 4, 5], Form::Printable, 64);
/// PKCS #9; the FQDN of a device.
pub const UNSTRUCTURED_NAME: Kind = kind(
    "unstructuredName",
    &[1, 2, 840, 113549, 1, 9, 2],
    Form::Ia5,
    255,
);
const EMAIL: Kind = kind("EA", &[1, 2, 840, 113549, 1, 9, 1], Form::Ia5, 255);
const STATE: Kind = kind("SP", &[2, 5, 4, 8], Form::Utf8, 128);

/// The words of the manual and the usual ones beside them.
const KINDS: [(&str, Kind); 19] = [
    ("CN", kind("CN", &[2, 5, 4, 3], Form::Utf8, 64)),
    ("OU", kind("OU", &[2, 5, 4, 11], Form::Utf8, 64)),
    ("O", kind("O", &[2, 5, 4, 10], Form::Utf8, 64)),
    ("C", kind("C", &[2, 5, 4, 6], Form::Printable, 2)),
    ("L", kind("L", &[2, 5, 4, 7], Form::Utf8, 128)),
    ("SP", STATE),
    ("ST", STATE),
    ("EA", EMAIL),
    ("E", EMAIL),
    ("EMAILADDRESS", EMAIL),
    ("SER", SERIAL_NUMBER),
    ("SN", kind("SN", &[2, 5, 4, 4], Form::Utf8, 128)),
    ("GN", kind("GN", &[2, 5, 4, 42], Form::Utf8, 128)),
    ("I", kind("I", &[2, 5, 4, 43], Form::Utf8, 128)),
    ("T", kind("T", &[2, 5, 4, 12], Form::Utf8, 64)),
    ("GENQ", kind("GENQ", &[2, 5, 4, 44], Form::Utf8, 128)),
    ("DNQ", kind("DNQ", &[2, 5, 4, 46], Form::Printable, 64)),
    (
        "UID",
        kind("UID", &[0, 9, 2342, 19200300, 100, 1, 1], Form::Utf8, 256),
    ),
    (
        "DC",
        kind("DC", &[0, 9, 2342, 19200300, 100, 1, 25], Form::Ia5, 63),
    ),
];

/// The parts in the order in which they were typed. A backslash takes the next character as it is, quotes all between them.
pub fn read(text: &str) -> Result<Vec<(Kind, String)>, Fault> {
    let mut parts: Vec<(Kind, String)> = Vec::new();
    for part in split(text)? {
        let (word, value) = part.split_once('=').ok_or(Fault::Form)?;
        let word = word.trim();
        let known = KINDS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(word));
        let Some((_, kind)) = known else {
            // What is said of it is as short as what is known.
            return Err(match word.is_empty() {
                true => Fault::Form,
                false => Fault::Unknown(word.chars().take(20).collect()),
            });
        };
        let value = plain(value.trim())?;
        check(*kind, &value)?;
        if parts.iter().any(|(other, _)| other.oid == kind.oid) {
            return Err(Fault::Twice(kind.name));
        }
        parts.push((*kind, value));
    }
    Ok(parts)
}

/// Whether a part of that kind can have that value.
pub fn check(kind: Kind, value: &str) -> Result<(), Fault> {
    let length = value.chars().count();
    let fits = match kind.name {
        "C" => length == 2,
        _ => (1..=kind.most).contains(&length),
    };
    if !fits {
        return Err(Fault::Length(kind.name, kind.most));
    }
    let can_hold = |c: char| match kind.form {
        Form::Utf8 => !c.is_control(),
        Form::Ia5 => c.is_ascii() && !c.is_control(),
        // X.680, 41.4.
        Form::Printable => c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c),
    };
    match value.chars().all(can_hold) {
        true => Ok(()),
        false => Err(Fault::Characters(kind.name)),
    }
}

/// At the commas that are neither quoted nor behind a backslash.
fn split(text: &str) -> Result<Vec<&str>, Fault> {
    let mut parts = Vec::new();
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    if is_quoted || is_escaped {
        return Err(Fault::Form);
    }
    parts.push(text.get(start..).unwrap_or_default());
    Ok(parts)
}

/// A value without the quotes around it and the backslashes in it.
fn plain(value: &str) -> Result<String, Fault> {
    let inner = match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').ok_or(Fault::Form)?,
        None => value,
    };
    let mut plain = String::with_capacity(inner.len());
    let mut is_escaped = false;
    for c in inner.chars() {
        match c {
            '\\' if !is_escaped => is_escaped = true,
            // Quotes within a value, and several values in one part, say something that is not supported.
            '"' | '+' | ';' | '<' | '>' if !is_escaped && inner.len() == value.len() => {
                return Err(Fault::Form);
            }
            c => {
                plain.push(c);
                is_escaped = false;
            }
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<Vec<String>, String> {
        match read(text) {
            Ok(parts) => Ok(parts
                .iter()
                .map(|(kind, value)| format!("{}:{value}", kind.name))
                .collect()),
            Err(fault) => Err(fault.to_string()),
        }
    }

    #[test]
    fn the_parts_of_a_name_are_read_as_typed() {
        for (text, parts) in [
            ("CN=branch-7, O=Example", vec!["CN:branch-7", "O:Example"]),
            ("cn=a,st=Berlin,c=DE", vec!["CN:a", "SP:Berlin", "C:DE"]),
            (r#"O="Example, Inc.",CN=x"#, vec!["O:Example, Inc.", "CN:x"]),
            (r"O=Example\, Inc.,CN=x", vec!["O:Example, Inc.", "CN:x"]),
            ("CN=a=b,OU=Zürich", vec!["CN:a=b", "OU:Zürich"]),
        ] {
            let parts = parts.into_iter().map(str::to_owned).collect();
            assert_eq!(told(text), Ok(parts), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_encoded_is_named() {
        let form = "% A subject name is written CN=name,OU=unit,O=organization";
        let long = format!("CN={}", "x".repeat(65));
        for (text, said) in [
            ("CN=a,OU=b,OU=c", "% Only one OU is supported"),
            ("EA=a@b,E=c@d", "% Only one EA is supported"),
            ("CN=a,X=b", "% X is not known in a subject name"),
            ("CN=", "% CN of a subject name has 1 to 64 characters"),
            (&long, "% CN of a subject name has 1 to 64 characters"),
            ("C=DEU", "% C of a subject name has 1 to 2 characters"),
            (
                "EA=ü@b",
                "% EA of a subject name cannot hold these characters",
            ),
            ("", form),
            ("CN=a,", form),
            ("CN", form),
            ("=a", form),
            ("CN=\"a", form),
            ("CN=a\\", form),
            ("CN=a+OU=b", form),
        ] {
            assert_eq!(told(text), Err(said.to_owned()), "{text}");
        }
    }
}
