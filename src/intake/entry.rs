//! One entry of the journal, as `journalctl -o json` prints it, made into a message of RFC 5424. A field may be a text, or
//! numbers where it is no UTF-8, or a list of such when an entry has it more than once.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;

use super::own::is_name;

/// What an entry is, besides its message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The journal's own word for it.
    pub cursor: Option<String>,
    pub at: Option<DateTime<Utc>>,
    /// Watchfire itself said it.
    pub is_own: bool,
}

/// No entry: no JSON object, or a field that has no form that the journal gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entry of the journal cannot be read")]
pub struct Unreadable;

#[derive(Debug, Deserialize)]
struct Fields {
    #[serde(rename = "__CURSOR")]
    cursor: Option<String>,
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    at: Option<Field>,
    #[serde(rename = "MESSAGE")]
    message: Option<Field>,
    #[serde(rename = "PRIORITY")]
    priority: Option<Field>,
    #[serde(rename = "SYSLOG_FACILITY")]
    facility: Option<Field>,
    #[serde(rename = "SYSLOG_IDENTIFIER")]
    identifier: Option<Field>,
    #[serde(rename = "SYSLOG_PID")]
    process: Option<Field>,
    #[serde(rename = "_PID")]
    trusted_process: Option<Field>,
    #[serde(rename = "_COMM")]
    command: Option<Field>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Field {
    Text(String),
    Octets(Vec<u8>),
    Many(Vec<Self>),
}

impl Field {
    fn octets(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Octets(octets) => octets,
            Self::Many(fields) => fields.first().map_or(&[], Self::octets),
        }
    }

    fn number(&self) -> Option<u64> {
        std::str::from_utf8(self.octets()).ok()?.parse().ok()
    }
}

/// Reads an entry and appends its message to `out`, which stays as it was when there is no text in it. `process` is ours.
pub fn read(line: &[u8], process: u32, out: &mut Vec<u8>) -> Result<Entry, Unreadable> {
    let fields: Fields = serde_json::from_slice(line).map_err(|_| Unreadable)?;
    let number = |field: &Option<Field>| field.as_ref().and_then(Field::number);
    let at = number(&fields.at)
        .and_then(|micros| i64::try_from(micros).ok())
        .and_then(DateTime::from_timestamp_micros);
    let programs = [&fields.identifier, &fields.command].map(octets);
    let entry = Entry {
        cursor: fields.cursor,
        at,
        is_own: number(&fields.trusted_process) == Some(process.into())
            || programs.into_iter().any(is_name),
    };
    let message = octets(&fields.message);
    if message.is_empty() {
        return Ok(entry);
    }
    let facility = number(&fields.facility).filter(|facility| *facility < 24);
    let severity = number(&fields.priority).filter(|severity| *severity < 8);
    let pri = facility.unwrap_or(USER) * 8 + severity.unwrap_or(NOTICE);
    let at = at.map_or_else(
        || "-".to_owned(),
        |at| at.to_rfc3339_opts(SecondsFormat::Micros, true),
    );
    out.extend_from_slice(format!("<{pri}>1 {at} - ").as_bytes());
    let [identifier, command] = programs;
    field(
        out,
        if identifier.is_empty() {
            command
        } else {
            identifier
        },
    );
    let [process, trusted] = [&fields.process, &fields.trusted_process].map(octets);
    field(out, if process.is_empty() { trusted } else { process });
    out.extend_from_slice(b"- - ");
    out.extend_from_slice(message);
    Ok(entry)
}

fn octets(field: &Option<Field>) -> &[u8] {
    field.as_ref().map(Field::octets).unwrap_or_default()
}

/// A field of the header and its blank: printable, at most as long as RFC 5424 has it.
fn field(out: &mut Vec<u8>, value: &[u8]) {
    if value.is_empty() {
        out.push(b'-');
    }
    out.extend(value.iter().take(LONGEST).map(|&octet| {
        if octet.is_ascii_graphic() {
            octet
        } else {
            b'_'
        }
    }));
    out.push(b' ');
}

/// Octets of APP-NAME.
const LONGEST: usize = 48;
const USER: u64 = 1;
const NOTICE: u64 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Kind, Severity, parse};

    fn entry(json: &str) -> (Entry, Vec<u8>) {
        let mut out = Vec::new();
        let entry = read(json.as_bytes(), 77, &mut out).expect("an entry");
        (entry, out)
    }

    #[test]
    fn an_entry_of_a_program_keeps_its_name_severity_process_and_time() {
        let (entry, line) = entry(
            r#"{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1772390771123456","MESSAGE":"Accepted\npublickey",
            "PRIORITY":"6","SYSLOG_FACILITY":"10","SYSLOG_IDENTIFIER":"sshd","_PID":"5","_COMM":"sshd","_BOOT_ID":"x"}"#,
        );
        assert_eq!(entry.cursor.as_deref(), Some("s=1;i=2"));
        assert!(!entry.is_own);
        let parsed = parse(&line);
        assert_eq!((parsed.kind, parsed.pri), (Kind::Program, Some(86)));
        assert_eq!(parsed.severity, Severity::Informational);
        assert_eq!((parsed.facility, parsed.process), (&b"sshd"[..], &b"5"[..]));
        assert_eq!(parsed.mnemonic, b"MSG");
        assert_eq!(parsed.stamp, b"2026-03-01T18:46:11.123456Z");
        assert_eq!(parsed.body, b"Accepted\npublickey");
        assert!(parsed.host.is_empty(), "of this host");
    }

    #[test]
    fn a_devices_message_in_the_journal_is_a_devices_message() {
        let (_, line) = entry(
            r#"{"MESSAGE":"30: *Jan  2 00:10:53: %SYS-5-CONFIG_I: x","SYSLOG_IDENTIFIER":"relay"}"#,
        );
        let parsed = parse(&line);
        assert_eq!(
            (parsed.kind, parsed.mnemonic),
            (Kind::Cisco, &b"CONFIG_I"[..])
        );
    }

    #[test]
    fn what_is_no_text_comes_through_unharmed() {
        let (_, line) = entry(
            r#"{"MESSAGE":[97,255,0,98],"SYSLOG_IDENTIFIER":["my app","other"],"PRIORITY":"9"}"#,
        );
        assert_eq!(line, b"<13>1 - - my_app - - - a\xff\x00b");
    }

    #[test]
    fn an_entry_without_text_is_no_message() {
        for json in [
            "{}",
            r#"{"MESSAGE":null}"#,
            r#"{"MESSAGE":""}"#,
            r#"{"MESSAGE":[]}"#,
        ] {
            assert_eq!(entry(json), (Entry::default(), Vec::new()), "{json}");
        }
    }

    #[test]
    fn what_this_process_and_this_program_say_is_their_own() {
        for json in [
            r#"{"MESSAGE":"x","_PID":"77"}"#,
            r#"{"MESSAGE":"x","_COMM":"watchfire"}"#,
            r#"{"MESSAGE":"x","SYSLOG_IDENTIFIER":"watchfire"}"#,
        ] {
            assert!(entry(json).0.is_own, "{json}");
        }
        assert!(!entry(r#"{"MESSAGE":"x","SYSLOG_PID":"77"}"#).0.is_own);
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        for line in [
            &b""[..],
            b"x",
            b"[]",
            b"{\"MESSAGE\":7}",
            b"{\"MESSAGE\":\"\xff\"}",
            b"{\"MESSAGE\":[300]}",
        ] {
            let mut out = Vec::new();
            assert_eq!(read(line, 1, &mut out), Err(Unreadable), "{line:?}");
            assert!(out.is_empty());
        }
    }
}
