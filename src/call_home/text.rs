//! A message as text that a person reads: the long form with everything attached, the short one for a pager. Labels and their
//! order are those of IOS; lines end in LF.

use std::borrow::Cow;
use std::fmt::Write;

use super::document::TooLong;
use super::message::{Message, time};

/// Everything the message says, label by label, then each output.
pub(super) fn long(message: &Message) -> String {
    let mut lines = Lines(fields(message));
    for attachment in &message.attachments {
        lines.put("Command Output Name", &attachment.name);
        lines.put("Attachment Type", "command output");
        lines.put("MIME Type", "text/plain");
        lines.0.push_str("Command Output Text :\n");
        lines.0.push_str(&legible(&attachment.text));
        lines.0.push('\n');
    }
    lines.0
}

/// The same without what is attached.
pub(super) fn fields(message: &Message) -> String {
    let (device, customer) = (&message.device, &message.customer);
    let (id, level) = (device.id(), message.severity.level().to_string());
    let stamp = message.event_time.format("%Y-%m-%d %H:%M GMT%:z");
    let size = message.attachments.iter().map(|a| a.text.len() + 200);
    let mut lines = Lines(String::with_capacity(size.sum::<usize>() + 2_000));
    lines.put("TimeStamp", &stamp.to_string());
    lines.put("Message Name", message.kind.word());
    lines.put("Message Type", "Call Home");
    lines.put("Message Group", "reactive");
    lines.put("Severity Level", &level);
    lines.put("Source ID", &device.model);
    lines.put("Device ID", &id);
    lines.put("Customer ID", &customer.customer_id);
    lines.put("Contract ID", &customer.contract_id);
    lines.put("Site ID", &customer.site_id);
    lines.put("Server ID", &id);
    lines.put("Event Description", &message.description);
    lines.put("System Name", &device.name);
    lines.put("Contact Email", &customer.contact_email);
    lines.put("Contact Phone", &customer.phone_number);
    lines.put("Street Address", &customer.street_address);
    lines.put("Affected Chassis", &device.model);
    lines.put("Affected Chassis Serial Number", &device.serial);
    // A host has none of the vendor's part numbers.
    lines.put("Affected Chassis Part No", "");
    lines.put(
        "Affected Chassis Hardware Version",
        &device.hardware_version,
    );
    lines.0
}

/// Whose, when, what, how bad.
pub(super) fn short(message: &Message) -> String {
    let mut lines = Lines(String::with_capacity(500));
    let sender = format!("System Notification from {}", message.device.name);
    lines.put("Subject", sender.trim_end());
    lines.put("Device Id", &message.device.id());
    lines.put("TimeStamp", &time(message.event_time));
    lines.put("Error Message", &message.description);
    lines.put("Severity Level", &message.severity.level().to_string());
    lines.0
}

/// The text, its end left out and marked where it is longer than `limit` bytes.
pub(super) fn within(mut text: String, limit: usize) -> Result<String, TooLong> {
    if text.len() <= limit {
        return Ok(text);
    }
    // The number of bytes that are left out has no more digits than that of all.
    let longest = left_out(text.len()).len() + 1;
    let Some(room) = limit.checked_sub(longest) else {
        return Err(TooLong {
            least: longest,
            limit,
        });
    };
    let keep = whole_lines(&text, text.floor_char_boundary(room));
    let mark = left_out(text.len() - keep);
    text.truncate(keep);
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&mark);
    Ok(text)
}

/// The line that stands where something is missing.
pub(super) fn left_out(bytes: usize) -> String {
    format!("--- {bytes} bytes left out ---\n")
}

/// Where the last whole line within `end` bytes ends, unless that loses half of them.
pub(super) fn whole_lines(text: &str, end: usize) -> usize {
    let kept = text.get(..end).unwrap_or_default();
    let at = kept.rfind('\n').map_or(0, |at| at + 1);
    if at * 2 >= end { at } else { end }
}

struct Lines(String);

impl Lines {
    /// An empty value leaves its label.
    fn put(&mut self, label: &str, value: &str) {
        self.0.push_str(label);
        self.0.push_str(" :");
        if !value.is_empty() {
            self.0.push(' ');
            self.0.push_str(&one_line(value));
        }
        self.0.push('\n');
    }
}

/// Line ends and tabulators as blanks, other control characters as `\xNN`.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\r', '\n', '\t']) {
        let text = text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
        legible(&text).into_owned().into()
    } else {
        legible(text)
    }
}

/// Control characters as `\xNN` (D36), but for line ends and tabulators.
fn legible(text: &str) -> Cow<'_, str> {
    let illegible = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(illegible) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 100);
    for c in text.chars() {
        if illegible(c) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                // Memory takes every write.
                write!(out, "\\x{byte:02X}").ok();
            }
        } else {
            out.push(c);
        }
    }
    out.into()
}
