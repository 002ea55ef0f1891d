//! Received text as terminals may see it (C3.4): no sender can drive an operator's terminal.

use std::fmt::Write as _;

/// Control characters (C0 but Tab, DEL, C1) byte by byte as `\xNN`.
pub fn sanitised(text: &str) -> String {
    let is_control = |c: char| c != '\t' && c.is_control();
    if !text.contains(is_control) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_control(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\x{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    out
}
