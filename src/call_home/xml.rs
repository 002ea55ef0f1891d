//! A message as AML in a SOAP 1.2 envelope, one element a line, as collectors of this format expect it byte by byte:
//! well-formed whatever the texts contain. What is said is decided in `message`.

use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesCData, BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::message::{Attachment, Kind, Message, time};
use crate::config::call_home::AlertGroup;

/// The whole document in UTF-8.
pub(super) fn encode(message: &Message) -> io::Result<Vec<u8>> {
    let mut lines = Lines::new()?;
    lines.element("soap-env:Envelope", &[("xmlns:soap-env", SOAP)], |lines| {
        lines.element("soap-env:Header", &[], |lines| session(lines, message))?;
        lines.element("soap-env:Body", &[], |lines| block(lines, message))
    })?;
    Ok(lines.writer.into_inner())
}

fn session(lines: &mut Lines, message: &Message) -> io::Result<()> {
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
        )?;
        lines.element("aml-session:Path", &[], |lines| {
            lines.leaf("aml-session:Via", APPLIANCE)
        })?;
        lines.leaf("aml-session:From", APPLIANCE)?;
        lines.leaf("aml-session:MessageId", &message.id())
    })
}

fn block(lines: &mut Lines, message: &Message) -> io::Result<()> {
    let attributes = [("xmlns:aml-block", "http://www.cisco.com/2004/01/aml-block")];
    lines.element("aml-block:Block", &attributes, |lines| {
        lines.element("aml-block:Header", &[], |lines| {
            block_header(lines, message)
        })?;
        lines.element("aml-block:Content", &[], |lines| content(lines, message))?;
        if message.attachments.is_empty() {
            return Ok(());
        }
        lines.element("aml-block:Attachments", &[], |lines| {
            message
                .attachments
                .iter()
                .try_for_each(|attachment| attach(lines, attachment))
        })
    })
}

fn block_header(lines: &mut Lines, message: &Message) -> io::Result<()> {
    lines.leaf(
        "aml-block:Type",
        &format!("{CALL_HOME}/{}", message.kind.word()),
    )?;
    lines.leaf("aml-block:CreationDate", &time(message.created))?;
    lines.element("aml-block:Builder", &[], |lines| {
        lines.leaf("aml-block:Name", &message.device.product)?;
        lines.leaf("aml-block:Version", &message.device.software_version)
    })?;
    lines.element("aml-block:BlockGroup", &[], |lines| {
        lines.leaf("aml-block:GroupId", &message.group_id())?;
        lines.leaf("aml-block:Number", "0")?;
        lines.leaf("aml-block:IsLast", "true")?;
        lines.leaf("aml-block:IsPrimary", "true")?;
        lines.leaf("aml-block:WaitForPrimary", "false")
    })?;
    lines.leaf(
        "aml-block:Severity",
        &message.kind.severity().level().to_string(),
    )
}

/// An inventory has a namespace and a prefix of its own; all other kinds share one.
fn content(lines: &mut Lines, message: &Message) -> io::Result<()> {
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
        lines.leaf(&name("EventTime"), &time(message.event_time))?;
        lines.leaf(&name("MessageDescription"), &message.description)?;
        lines.element(&name("Event"), &[], |lines| {
            lines.leaf(&name("Type"), message.kind.word())?;
            lines.leaf(&name("SubType"), message.kind.subtype())?;
            // Who made the device that speaks: this product, whatever host it runs on.
            lines.leaf(&name("Brand"), &message.device.product)?;
            lines.leaf(&name("Series"), &message.device.product)
        })?;
        lines.element(&name("CustomerData"), &[], |lines| {
            customer(lines, &name, message)
        })?;
        lines.element(&name("Device"), &[], |lines| chassis(lines, message))
    })
}

fn customer(lines: &mut Lines, name: &dyn Fn(&str) -> String, message: &Message) -> io::Result<()> {
    let customer = &message.customer;
    lines.element(&name("UserData"), &[], |lines| {
        lines.leaf(&name("Email"), &customer.contact_email)
    })?;
    lines.element(&name("ContractData"), &[], |lines| {
        lines.leaf(&name("CustomerId"), &customer.customer_id)?;
        lines.leaf(&name("SiteId"), &customer.site_id)?;
        lines.leaf(&name("ContractId"), &customer.contract_id)?;
        lines.leaf(&name("DeviceId"), &message.device.id())
    })?;
    lines.element(&name("SystemInfo"), &[], |lines| {
        lines.leaf(&name("Name"), &message.device.name)?;
        lines.leaf(&name("Contact"), &customer.contact_name)?;
        lines.leaf(&name("ContactEmail"), &customer.contact_email)?;
        lines.leaf(&name("ContactPhoneNumber"), &customer.phone_number)?;
        lines.leaf(&name("StreetAddress"), &customer.street_address)
    })?;
    lines.leaf(&name("CCOID"), "")
}

fn chassis(lines: &mut Lines, message: &Message) -> io::Result<()> {
    let device = &message.device;
    lines.element(
        "rme:Chassis",
        &[("xmlns:rme", "http://www.cisco.com/rme/4.0")],
        |lines| {
            lines.leaf("rme:Model", &device.model)?;
            lines.leaf("rme:HardwareVersion", &device.hardware_version)?;
            lines.leaf("rme:SerialNumber", &device.serial)?;
            lines.element("rme:AdditionalInformation", &[], |lines| {
                // A host has neither the vendor's part numbers nor its object identifiers.
                lines.additional("PartNumber", "")?;
                lines.additional("SoftwareVersion", &device.software_version)?;
                lines.additional("SystemObjectId", "")?;
                lines.additional("SystemDescription", &device.description)
            })
        },
    )
}

fn attach(lines: &mut Lines, attachment: &Attachment) -> io::Result<()> {
    lines.element("aml-block:Attachment", &[("type", "inline")], |lines| {
        lines.leaf("aml-block:Name", &attachment.name)?;
        lines.capture("aml-block:Data", &[("encoding", "plain")], &attachment.text)
    })
}

/// Writes elements one a line.
struct Lines {
    writer: Writer<Vec<u8>>,
}

impl Lines {
    fn new() -> io::Result<Self> {
        let mut lines = Self {
            writer: Writer::new(Vec::new()),
        };
        // As the devices write an empty element with attributes.
        lines
            .writer
            .config_mut()
            .add_space_before_slash_in_empty_elements = true;
        lines.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        lines.end()?;
        Ok(lines)
    }

    fn put(&mut self, event: Event<'_>) -> io::Result<()> {
        self.writer.write_event(event)
    }

    fn end(&mut self) -> io::Result<()> {
        self.put(Event::Text(BytesText::from_escaped("\n")))
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.put(Event::Start(
            BytesStart::new(name).with_attributes(attributes.iter().copied()),
        ))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.put(Event::End(BytesEnd::new(name)))?;
        self.end()
    }

    fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.open(name, attributes)?;
        self.end()?;
        inside(self)?;
        self.close(name)
    }

    /// Text on one line; an empty one is opened and closed all the same.
    fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.open(name, &[])?;
        self.put(Event::Text(BytesText::new(&one_line(text))))?;
        self.close(name)
    }

    /// Text of many lines in CDATA; where it would end too early it goes on in a second section.
    fn capture(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
        self.open(name, attributes)?;
        self.end()?;
        for section in BytesCData::escaped(&permitted(text)) {
            self.put(Event::CData(section))?;
        }
        self.close(name)
    }

    fn additional(&mut self, name: &str, value: &str) -> io::Result<()> {
        let start = BytesStart::new("rme:AD")
            .with_attributes([("name", name), ("value", &*one_line(value))]);
        self.put(Event::Empty(start))?;
        self.end()
    }
}

/// XML 1.0, 2.2: characters that no document may contain are replaced.
fn permitted(text: &str) -> Cow<'_, str> {
    let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}');
    if text.contains(forbidden) {
        text.replace(forbidden, "\u{FFFD}").into()
    } else {
        text.into()
    }
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
