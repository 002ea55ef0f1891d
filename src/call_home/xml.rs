//! A message as AML in SOAP 1.2 envelopes, one element a line, as collectors of this format expect it byte by byte: well-formed
//! whatever the texts contain. A message that is too long for one envelope is sent in several, blocks of one group (D201).
//! What is said is decided in `message`.

use std::borrow::Cow;

use quick_xml::Writer;
use quick_xml::events::{BytesCData, BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::document::TooLong;
use super::message::{Attachment, Kind, Message, time};
use super::text::{left_out, whole_lines};
use crate::config::call_home::AlertGroup;

/// Documents in UTF-8 of `limit` bytes at most: one, or as few as hold every attachment whole. An attachment that is too long
/// for a document of its own is shortened.
pub(super) fn blocks(message: &Message, limit: usize) -> Result<Vec<Vec<u8>>, TooLong> {
    let attached = message.attachments.iter();
    let size: usize = attached.map(|a| a.name.len() + a.text.len() + 200).sum();
    let mut lines = Lines::with_capacity(size + 4_000);
    let only = Place {
        number: 0,
        is_last: true,
    };
    before(&mut lines, message, only);
    // Where each attachment begins, and where what follows them does.
    let mut bounds = Vec::with_capacity(message.attachments.len() + 1);
    for attachment in &message.attachments {
        bounds.push(lines.len());
        attach(&mut lines, &attachment.name, &attachment.text);
    }
    bounds.push(lines.len());
    after(&mut lines, message);
    let whole = lines.into_bytes();
    if whole.len() <= limit {
        return Ok(vec![whole]);
    }
    spread(message, limit, &whole, &bounds)
}

/// Attachments over as many documents as they need, in their order; `whole` has all of them, between `bounds`.
fn spread(
    message: &Message,
    limit: usize,
    whole: &[u8],
    bounds: &[usize],
) -> Result<Vec<Vec<u8>>, TooLong> {
    if message.attachments.is_empty() {
        return Err(TooLong {
            least: whole.len(),
            limit,
        });
    }
    let slice = |from, to| whole.get(from..to).unwrap_or_default();
    let end = bounds.last().copied().unwrap_or(whole.len());
    let rest = slice(end, whole.len());
    let frame = |number, is_last| {
        let mut lines = Lines::with_capacity(4_000);
        before(&mut lines, message, Place { number, is_last });
        lines.into_bytes()
    };
    // What is left for attachments in a document; the last one's beginning is a byte shorter.
    let room = |number| {
        let least = frame(number, false).len() + rest.len();
        limit.checked_sub(least).ok_or(TooLong { least, limit })
    };
    let mut documents: Vec<Vec<Cow<'_, [u8]>>> = vec![Vec::new()];
    let mut left = room(0)?;
    for (attachment, bounds) in message.attachments.iter().zip(bounds.windows(2)) {
        let &[from, to] = bounds else { continue };
        let piece = slice(from, to);
        if piece.len() > left && documents.last().is_some_and(|pieces| !pieces.is_empty()) {
            left = room(documents.len())?;
            documents.push(Vec::new());
        }
        let piece = if piece.len() <= left {
            Cow::Borrowed(piece)
        } else {
            Cow::Owned(shortened(attachment, left).map_err(|least| TooLong {
                least: limit - left + least,
                limit,
            })?)
        };
        left -= piece.len();
        if let Some(pieces) = documents.last_mut() {
            pieces.push(piece);
        }
    }
    let last = documents.len() - 1;
    let document = |(number, pieces): (usize, Vec<Cow<'_, [u8]>>)| {
        let mut bytes = frame(number, number == last);
        let size: usize = pieces.iter().map(|piece| piece.len()).sum();
        bytes.reserve_exact(size + rest.len());
        pieces
            .iter()
            .for_each(|piece| bytes.extend_from_slice(piece));
        bytes.extend_from_slice(rest);
        bytes
    };
    Ok(documents.into_iter().enumerate().map(document).collect())
}

/// An attachment whose end is left out so that it needs `room` bytes at most; a line says so, and the prompt stays. What it
/// needs without any of its text, where that is more.
fn shortened(attachment: &Attachment, room: usize) -> Result<Vec<u8>, usize> {
    let (name, body, prompt) = (&attachment.name, attachment.body(), attachment.prompt());
    let written = |text: &str| {
        let mut lines = Lines::with_capacity(text.len() + 300);
        attach(&mut lines, name, text);
        lines.into_bytes()
    };
    // The number of bytes that are left out has no more digits than that of all; and a line feed may be added.
    let least = written(&format!("\n{}{prompt}", left_out(body.len()))).len();
    let keep = room.checked_sub(least).ok_or(least)?;
    let keep = whole_lines(body, fitting(body, keep));
    let mut text = body.get(..keep).unwrap_or_default().to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&left_out(body.len() - keep));
    text.push_str(prompt);
    Ok(written(&text))
}

/// How much of a text needs `room` bytes at most as CDATA, in bytes of the text.
fn fitting(text: &str, room: usize) -> usize {
    let (mut needed, mut brackets) = (0, 0);
    for (at, c) in text.char_indices() {
        needed += match c {
            // Ends a section in the middle and begins another.
            '>' if brackets >= 2 => 1 + "]]><![CDATA[".len(),
            c if is_forbidden(c) => char::REPLACEMENT_CHARACTER.len_utf8(),
            c => c.len_utf8(),
        };
        if needed > room {
            return at;
        }
        brackets = if c == ']' { brackets + 1 } else { 0 };
    }
    text.len()
}

/// Which of the blocks of its group a document has.
#[derive(Clone, Copy)]
struct Place {
    number: usize,
    is_last: bool,
}

/// Everything before the attachments.
fn before(lines: &mut Lines, message: &Message, place: Place) {
    lines.declare();
    lines.begin("soap-env:Envelope", &[("xmlns:soap-env", SOAP)]);
    lines.element("soap-env:Header", &[], |lines| {
        session(lines, message, place)
    });
    lines.begin("soap-env:Body", &[]);
    let attributes = [("xmlns:aml-block", "http://www.cisco.com/2004/01/aml-block")];
    lines.begin("aml-block:Block", &attributes);
    lines.element("aml-block:Header", &[], |lines| {
        block_header(lines, message, place)
    });
    lines.element("aml-block:Content", &[], |lines| content(lines, message));
    if !message.attachments.is_empty() {
        lines.begin("aml-block:Attachments", &[]);
    }
}

/// Everything behind them.
fn after(lines: &mut Lines, message: &Message) {
    if !message.attachments.is_empty() {
        lines.close("aml-block:Attachments");
    }
    lines.close("aml-block:Block");
    lines.close("soap-env:Body");
    lines.close("soap-env:Envelope");
}

fn session(lines: &mut Lines, message: &Message, place: Place) {
    let attributes = [
        (
            "xmlns:aml-session",
            "http://www.cisco.com/2004/01/aml-session",
        ),
        ("soap-env:mustUnderstand", "true"),
        (
            "soap-env:role",
            "http://www.w3.org/2003/05/soap-envelope/role/next",
        ),
    ];
    lines.element("aml-session:Session", &attributes, |lines| {
        // A constant of the format, whatever address the message is posted to.
        lines.leaf(
            "aml-session:To",
            "http://tools.cisco.com/neddce/services/DDCEService",
        );
        lines.element("aml-session:Path", &[], |lines| {
            lines.leaf("aml-session:Via", APPLIANCE)
        });
        lines.leaf("aml-session:From", APPLIANCE);
        lines.leaf("aml-session:MessageId", &message.id_of(place.number));
    })
}

fn block_header(lines: &mut Lines, message: &Message, place: Place) {
    lines.leaf(
        "aml-block:Type",
        &format!("{CALL_HOME}/{}", message.kind.word()),
    );
    lines.leaf("aml-block:CreationDate", &time(message.created));
    lines.element("aml-block:Builder", &[], |lines| {
        lines.leaf("aml-block:Name", &message.device.product);
        lines.leaf("aml-block:Version", &message.device.software_version)
    });
    lines.element("aml-block:BlockGroup", &[], |lines| {
        lines.leaf("aml-block:GroupId", &message.group_id());
        lines.leaf("aml-block:Number", &place.number.to_string());
        lines.leaf("aml-block:IsLast", word(place.is_last));
        // What a block says stands in each; the first is the one that is waited for.
        lines.leaf("aml-block:IsPrimary", word(place.number == 0));
        lines.leaf("aml-block:WaitForPrimary", word(place.number > 0))
    });
    lines.leaf("aml-block:Severity", &message.severity.level().to_string())
}

/// An inventory has a namespace and a prefix of its own; all other kinds share one.
fn content(lines: &mut Lines, message: &Message) {
    let (prefix, namespace) = match message.kind {
        Kind::Group(AlertGroup::Inventory) => ("ch-inv", format!("{CALL_HOME}/inventory")),
        _ => ("ch", CALL_HOME.to_owned()),
    };
    let name = |local: &str| format!("{prefix}:{local}");
    let attributes = [
        (&*format!("xmlns:{prefix}"), &*namespace),
        ("version", "1.0"),
    ];
    lines.element(&name("CallHome"), &attributes, |lines| {
        lines.leaf(&name("EventTime"), &time(message.event_time));
        lines.leaf(&name("MessageDescription"), &message.description);
        lines.element(&name("Event"), &[], |lines| {
            lines.leaf(&name("Type"), message.kind.word());
            lines.leaf(&name("SubType"), message.subtype);
            // Who made the device that speaks: this product, whatever host it runs on.
            lines.leaf(&name("Brand"), &message.device.product);
            lines.leaf(&name("Series"), &message.device.product)
        });
        lines.element(&name("CustomerData"), &[], |lines| {
            customer(lines, &name, message)
        });
        lines.element(&name("Device"), &[], |lines| chassis(lines, message))
    })
}

fn customer(lines: &mut Lines, name: &dyn Fn(&str) -> String, message: &Message) {
    let customer = &message.customer;
    lines.element(&name("UserData"), &[], |lines| {
        lines.leaf(&name("Email"), &customer.contact_email)
    });
    lines.element(&name("ContractData"), &[], |lines| {
        lines.leaf(&name("CustomerId"), &customer.customer_id);
        lines.leaf(&name("SiteId"), &customer.site_id);
        lines.leaf(&name("ContractId"), &customer.contract_id);
        lines.leaf(&name("DeviceId"), &message.device.id())
    });
    lines.element(&name("SystemInfo"), &[], |lines| {
        lines.leaf(&name("Name"), &message.device.name);
        lines.leaf(&name("Contact"), &customer.contact_name);
        lines.leaf(&name("ContactEmail"), &customer.contact_email);
        lines.leaf(&name("ContactPhoneNumber"), &customer.phone_number);
        lines.leaf(&name("StreetAddress"), &customer.street_address)
    });
    lines.leaf(&name("CCOID"), "")
}

fn chassis(lines: &mut Lines, message: &Message) {
    let device = &message.device;
    lines.element(
        "rme:Chassis",
        &[("xmlns:rme", "http://www.cisco.com/rme/4.0")],
        |lines| {
            lines.leaf("rme:Model", &device.model);
            lines.leaf("rme:HardwareVersion", &device.hardware_version);
            lines.leaf("rme:SerialNumber", &device.serial);
            lines.element("rme:AdditionalInformation", &[], |lines| {
                // A host has neither the vendor's part numbers nor its object identifiers.
                lines.additional("PartNumber", "");
                lines.additional("SoftwareVersion", &device.software_version);
                lines.additional("SystemObjectId", "");
                lines.additional("SystemDescription", &device.description)
            })
        },
    )
}

fn attach(lines: &mut Lines, name: &str, text: &str) {
    lines.element("aml-block:Attachment", &[("type", "inline")], |lines| {
        lines.leaf("aml-block:Name", name);
        lines.capture("aml-block:Data", &[("encoding", "plain")], text);
    });
}

const fn word(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

/// Writes elements one a line.
struct Lines {
    writer: Writer<Vec<u8>>,
}

impl Lines {
    fn with_capacity(bytes: usize) -> Self {
        let mut writer = Writer::new(Vec::with_capacity(bytes));
        // As the devices write an empty element with attributes.
        writer.config_mut().add_space_before_slash_in_empty_elements = true;
        Self { writer }
    }

    fn len(&self) -> usize {
        self.writer.get_ref().len()
    }

    fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner()
    }

    fn declare(&mut self) {
        self.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        self.end();
    }

    fn put(&mut self, event: Event<'_>) {
        // Memory takes every write.
        self.writer.write_event(event).ok();
    }

    fn end(&mut self) {
        self.put(Event::Text(BytesText::from_escaped("\n")));
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.put(Event::Start(
            BytesStart::new(name).with_attributes(attributes.iter().copied()),
        ));
    }

    fn begin(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.open(name, attributes);
        self.end();
    }

    fn close(&mut self, name: &str) {
        self.put(Event::End(BytesEnd::new(name)));
        self.end();
    }

    fn element(&mut self, name: &str, attributes: &[(&str, &str)], inside: impl FnOnce(&mut Self)) {
        self.begin(name, attributes);
        inside(self);
        self.close(name);
    }

    /// Text on one line; an empty one is opened and closed all the same.
    fn leaf(&mut self, name: &str, text: &str) {
        self.open(name, &[]);
        self.put(Event::Text(BytesText::new(&one_line(text))));
        self.close(name);
    }

    /// Text of many lines in CDATA; where it would end too early it goes on in a second section.
    fn capture(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.begin(name, attributes);
        for section in BytesCData::escaped(&permitted(text)) {
            self.put(Event::CData(section));
        }
        self.close(name);
    }

    fn additional(&mut self, name: &str, value: &str) {
        let start = BytesStart::new("rme:AD")
            .with_attributes([("name", name), ("value", &*one_line(value))]);
        self.put(Event::Empty(start));
        self.end();
    }
}

/// XML 1.0, 2.2: characters that no document may contain are replaced.
fn permitted(text: &str) -> Cow<'_, str> {
    if text.contains(is_forbidden) {
        text.replace(is_forbidden, "\u{FFFD}").into()
    } else {
        text.into()
    }
}

const fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// The same, and line ends become blanks, which is what a reader would make of them in an attribute.
fn one_line(text: &str) -> Cow<'_, str> {
    let text = permitted(text);
    if text.contains(['\r', '\n', '\t']) {
        text.replace(['\r', '\n', '\t'], " ").into()
    } else {
        text
    }
}

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const APPLIANCE: &str = "http://www.cisco.com/appliance/uri";
const CALL_HOME: &str = "http://www.cisco.com/2005/05/callhome";

#[cfg(test)]
#[path = "xml_tests.rs"]
pub(super) mod tests;
