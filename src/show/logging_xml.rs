//! `show logging xml`: the state of logging and the XML buffer, in XML. The manual's sample is not well-formed; this is, below
//! one element (D105).

use std::fmt;

use serde::Serialize;

use super::sanitised::harmless;
use crate::config::logging::Logging;
use crate::message::Severity;
use crate::syslog::api::{Counters, Status};

/// `show logging xml`.
#[derive(Debug, Serialize)]
pub struct View {
    pub enabled: bool,
    pub dropped: u64,
    pub discarded_by_global_rate_limit: u64,
    pub console: PlaceView,
    pub monitor: PlaceView,
    pub buffer: PlaceView,
    /// The buffer of XML: off without a level.
    pub xml_buffer: PlaceView,
    pub xml_buffer_size: u32,
    pub counting: bool,
    pub trap_level: Option<&'static str>,
    pub trap_message_lines_logged: u64,
    pub hosts: Vec<DestinationView>,
    /// `ios-log-msg` elements, oldest first; the first may be cut.
    pub log_xml_buffer: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct PlaceView {
    /// Of the level or the list; `None` when it is off.
    pub level: Option<String>,
    pub messages_logged: u64,
    pub xml: bool,
}

#[derive(Debug, Serialize)]
pub struct DestinationView {
    pub host: String,
    pub message_lines_logged: u64,
    pub xml: bool,
}

pub fn view(logging: &Logging, status: &Status, buffer: &[u8]) -> View {
    use crate::config::logging::{LocalSession, Output};
    let place = |session: Option<&LocalSession>, counters: &Counters, is_xml: bool| PlaceView {
        level: session.map(|session| match &session.list {
            Some(list) => list.to_string(),
            None => session.effective_level().keyword().to_owned(),
        }),
        messages_logged: counters.delivered,
        xml: is_xml || session.is_some_and(|session| session.xml),
    };
    let is_xml = |host: &crate::syslog::api::HostStatus| {
        logging
            .hosts
            .get(&host.key)
            .is_some_and(|host| host.output == Some(Output::Xml))
    };
    let overflowed = |host: &crate::syslog::api::HostStatus| host.counters.overflowed;
    let xml_buffer = logging.buffered_xml.as_ref();
    View {
        enabled: logging.is_on(),
        dropped: status.hosts.iter().map(overflowed).sum(),
        discarded_by_global_rate_limit: status.device.discarded_by_global_rate_limit,
        console: place(logging.console_session(), &status.console.counters, false),
        monitor: place(logging.monitor_session(), &status.monitor.counters, false),
        buffer: place(logging.buffer().as_ref(), &status.buffer.counters, false),
        xml_buffer: place(
            xml_buffer,
            &status.xml_buffer.counters,
            xml_buffer.is_some(),
        ),
        xml_buffer_size: xml_buffer.map_or(0, LocalSession::effective_size),
        counting: logging.count,
        trap_level: logging.trap_level().map(Severity::keyword),
        trap_message_lines_logged: status
            .hosts
            .iter()
            .map(|host| host.counters.delivered)
            .sum(),
        hosts: status
            .hosts
            .iter()
            .map(|host| DestinationView {
                host: host.key.host.to_string(),
                message_lines_logged: host.counters.delivered,
                xml: is_xml(host),
            })
            .collect(),
        log_xml_buffer: buffer
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| String::from_utf8_lossy(&harmless(line)).into_owned())
            .collect(),
    }
}

impl View {
    /// The elements of the buffer that are whole.
    fn whole(&self) -> impl Iterator<Item = &String> {
        self.log_xml_buffer
            .iter()
            .filter(|line| line.starts_with("<ios-log-msg>"))
    }
}

fn switch(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}

/// `text` as the value of an attribute.
struct Value<'a>(&'a str);

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

fn place(f: &mut fmt::Formatter<'_>, name: &str, place: &PlaceView) -> fmt::Result {
    let Some(level) = &place.level else {
        return writeln!(
            f,
            "<{name} level=\"disabled\" messages-logged=\"0\"><xml>disabled</xml></{name}>"
        );
    };
    let (logged, xml) = (place.messages_logged, switch(place.xml));
    writeln!(
        f,
        "<{name} level=\"{}\" messages-logged=\"{logged}\"><xml>{xml}</xml></{name}>",
        Value(level)
    )
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "<show-logging-xml>")?;
        writeln!(
            f,
            "<syslog-logging status=\"{}\" msg-dropped=\"{}\" msg-rate-limited=\"{}\" flushes=\"0\" overruns=\"0\"><xml>{}</xml></syslog-logging>",
            switch(self.enabled),
            self.dropped,
            self.discarded_by_global_rate_limit,
            switch(self.xml_buffer.xml || self.console.xml || self.monitor.xml),
        )?;
        place(f, "console-logging", &self.console)?;
        place(f, "monitor-logging", &self.monitor)?;
        let (level, logged) = (self.buffer.level.as_deref(), self.buffer.messages_logged);
        let (xml_logged, xml) = (self.xml_buffer.messages_logged, switch(self.xml_buffer.xml));
        writeln!(
            f,
            "<buffer-logging level=\"{}\" messages-logged=\"{logged}\"><xml messages-logged=\"{xml_logged}\">{xml}</xml></buffer-logging>",
            Value(level.unwrap_or("disabled")),
        )?;
        writeln!(
            f,
            "<logging-exception size=\"0 bytes\"></logging-exception>"
        )?;
        let counting = switch(self.counting);
        writeln!(
            f,
            "<count-and-timestamp-logging status=\"{counting}\"></count-and-timestamp-logging>"
        )?;
        writeln!(
            f,
            "<trap-logging level=\"{}\" messages-lines-logged=\"{}\"></trap-logging>",
            self.trap_level.unwrap_or("disabled"),
            self.trap_message_lines_logged,
        )?;
        write!(f, "<logging-to>")?;
        for (id, host) in self.hosts.iter().enumerate() {
            let (lines, xml) = (host.message_lines_logged, switch(host.xml));
            write!(
                f,
                "<dest id=\"{id}\" ipaddr=\"{}\" message-lines-logged=\"{lines}\"><xml>{xml}</xml></dest>",
                Value(&host.host),
            )?;
        }
        writeln!(f, "</logging-to>")?;
        writeln!(
            f,
            "<log-xml-buffer size=\"{} bytes\"></log-xml-buffer>",
            self.xml_buffer_size
        )?;
        self.whole().try_for_each(|line| writeln!(f, "{line}"))?;
        writeln!(f, "</show-logging-xml>")
    }
}
