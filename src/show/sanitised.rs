//! Received text as terminals may see it (C3.4): no sender can drive an operator's terminal. Control characters (C0 but Tab,
//! DEL, C1) appear byte by byte as `\xNN` (D36).

use std::io::{self, Write};

/// Writes `bytes`, line ends and Tabs as they are, other control characters as `\xNN`.
pub fn write_harmless(bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let is_plain = |b: &u8| matches!(b, b'\n' | b'\t' | 0x20..=0x7E);
    if bytes.iter().all(is_plain) {
        return out.write_all(bytes);
    }
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut space = [0; 4];
            let encoded = c.encode_utf8(&mut space).as_bytes();
            if c.is_control() && c != '\n' && c != '\t' {
                encoded
                    .iter()
                    .try_for_each(|byte| write!(out, "\\x{byte:02X}"))?;
            } else {
                out.write_all(encoded)?;
            }
        }
        // A byte that is no text may still be a C1 control of an 8-bit terminal.
        for byte in chunk.invalid() {
            match byte {
                0x80..=0x9F => write!(out, "\\x{byte:02X}")?,
                _ => out.write_all(&[*byte])?,
            }
        }
    }
    Ok(())
}

/// The same on a line of its own.
pub fn harmless(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len() + 8);
    // A vector takes everything.
    write_harmless(line, &mut out).unwrap_or_default();
    out
}

/// The same for the strings of a view.
pub fn sanitised(text: &str) -> String {
    String::from_utf8_lossy(&harmless(text.as_bytes())).into_owned()
}
