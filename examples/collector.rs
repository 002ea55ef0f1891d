//! A collector for call-home messages: answers every POST with 200 and prints what came, one block a message. For trying
//! `call-home test` on one machine and for looking at what a device sends; it keeps nothing and checks nobody's identity.
//!
//! `cargo run --example collector [-- --port N]` listens on 127.0.0.1 alone.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use chrono::Utc;
use quick_xml::events::Event;
use quick_xml::reader::Reader;

const DEFAULT_PORT: u16 = 8080;
/// Of the request line and all headers.
const MOST_OF_A_HEAD: u64 = 16 * 1024;
/// Devices limit a message to 3 MiB.
const MOST_OF_A_BODY: usize = 8 * 1024 * 1024;
const MOST_CONNECTIONS: usize = 32;
/// A client that says nothing for so long is left.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let port = match port(std::env::args().skip(1)) {
        Ok(port) => port,
        Err(usage) => return fail(&usage),
    };
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(listener) => listener,
        Err(error) => return fail(&format!("127.0.0.1:{port}: {error}")),
    };
    // Port 0 lets the system choose.
    let port = listener.local_addr().map_or(port, |address| address.port());
    match print(&format!(
        "Listening. A profile's line for it:\n  destination address http http://127.0.0.1:{port}/\n"
    )) {
        Ok(()) => serve(&listener),
        Err(_) => ExitCode::SUCCESS,
    }
}

fn port(mut arguments: impl Iterator<Item = String>) -> Result<u16, String> {
    let usage = || "usage: collector [--port N]".to_owned();
    match (
        arguments.next().as_deref(),
        arguments.next(),
        arguments.next(),
    ) {
        (None, ..) => Ok(DEFAULT_PORT),
        (Some("--port"), Some(number), None) => number.parse().map_err(|_| usage()),
        _ => Err(usage()),
    }
}

fn fail(text: &str) -> ExitCode {
    // Where standard error is closed there is nobody to tell.
    writeln!(io::stderr(), "{text}").ok();
    ExitCode::from(2)
}

/// One piece of output, never mixed with that of another connection.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn serve(listener: &TcpListener) -> ExitCode {
    let open = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        // Beyond the limit a connection is closed at once; the device sees it as failed.
        if open.fetch_add(1, Ordering::Relaxed) >= MOST_CONNECTIONS {
            open.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let open = Arc::clone(&open);
        thread::spawn(move || {
            // A client that breaks off has nobody to be told.
            connection(&stream).ok();
            open.fetch_sub(1, Ordering::Relaxed);
        });
    }
    ExitCode::SUCCESS
}

/// One request; the answer says that the connection ends with it.
fn connection(stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let (status, output) = match read_request(&mut reader, &mut &*stream)? {
        Ok(request) => {
            let time = Utc::now().format("%Y-%m-%d %H:%M:%S UTC");
            (
                "200 OK",
                format!(
                    "{time}  POST {}\n{}\n",
                    legible(&request.path),
                    summary(&request.body)
                ),
            )
        }
        Err(status) => (status, String::new()),
    };
    let mut out = stream;
    write!(
        out,
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )?;
    out.flush()?;
    print(&output)
}

struct Request {
    path: String,
    body: Vec<u8>,
}

/// A POST with its body, or the status that says what is wrong with it.
fn read_request(
    reader: &mut impl BufRead,
    answer: &mut impl Write,
) -> io::Result<Result<Request, &'static str>> {
    let mut head = reader.by_ref().take(MOST_OF_A_HEAD);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Ok(Err(if head.limit() == 0 {
                "431 Request Header Fields Too Large"
            } else {
                "400 Bad Request"
            }));
        }
        match line.trim_end() {
            "" if lines.is_empty() => {}
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let first = lines.first().map(String::as_str).unwrap_or_default();
    let ["POST", path, "HTTP/1.0" | "HTTP/1.1"] = first.split(' ').collect::<Vec<_>>()[..] else {
        return Ok(Err(if first.starts_with("POST ") {
            "400 Bad Request"
        } else {
            "405 Method Not Allowed"
        }));
    };
    let path = path.to_owned();
    let header = |name: &str| {
        let headers = lines.iter().skip(1).filter_map(|line| line.split_once(':'));
        headers
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .next_back()
    };
    if header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        answer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let body = match (header("transfer-encoding"), header("content-length")) {
        (Some(coding), _) if coding.eq_ignore_ascii_case("chunked") => read_chunks(reader)?,
        (Some(_), _) => return Ok(Err("501 Not Implemented")),
        (None, Some(length)) => match length.parse() {
            Ok(length) if length <= MOST_OF_A_BODY => Ok(read_exactly(reader, length)?),
            Ok(_) => Err("413 Content Too Large"),
            Err(_) => Err("400 Bad Request"),
        },
        (None, None) => Err("411 Length Required"),
    };
    Ok(body.map(|body| Request { path, body }))
}

/// RFC 9112, 7.1, without extensions and trailers kept.
fn read_chunks(reader: &mut impl BufRead) -> io::Result<Result<Vec<u8>, &'static str>> {
    let mut body = Vec::new();
    loop {
        let line = read_short_line(reader)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let Ok(size) = usize::from_str_radix(size, 16) else {
            return Ok(Err("400 Bad Request"));
        };
        if size == 0 {
            while !read_short_line(reader)?.is_empty() {}
            return Ok(Ok(body));
        }
        if size > MOST_OF_A_BODY - body.len() {
            return Ok(Err("413 Content Too Large"));
        }
        body.extend(read_exactly(reader, size)?);
        read_short_line(reader)?;
    }
}

/// Memory is taken as the octets come, not as they are announced.
fn read_exactly(reader: &mut impl BufRead, length: usize) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    let wanted = u64::try_from(length).unwrap_or(u64::MAX);
    reader.by_ref().take(wanted).read_to_end(&mut octets)?;
    if octets.len() == length {
        Ok(octets)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Without its end; one that is longer than a head may be, or is not there, breaks the connection off.
fn read_short_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.by_ref().take(MOST_OF_A_HEAD).read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(line) => Ok(line.trim_end_matches('\r').to_owned()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// What a message says, in indented lines. Prefixes differ between platforms, so that elements are known by their local
/// names and where they stand.
fn summary(body: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(body) else {
        return format!("  {} bytes that are not UTF-8\n", body.len());
    };
    match read_message(text) {
        Ok(message) => message.lines(body.len()),
        Err(error) => format!(
            "  {} bytes that are not well-formed XML: {}\n",
            body.len(),
            legible(&error.to_string())
        ),
    }
}

#[derive(Default)]
struct Seen {
    /// By the last two parts of their path, `Header/Severity`; the first of each.
    texts: BTreeMap<String, String>,
    /// Name and bytes.
    attachments: Vec<(String, usize)>,
}

impl Seen {
    fn text(&self, path: &str) -> String {
        self.texts
            .get(path)
            .map_or_else(|| "-".to_owned(), |text| legible(text.trim()))
    }

    fn lines(&self, bytes: usize) -> String {
        let mut lines = String::new();
        for (label, path) in [
            ("message", "Session/MessageId"),
            ("type", "Event/Type"),
            ("severity", "Header/Severity"),
            ("device", "ContractData/DeviceId"),
            ("from", "SystemInfo/Name"),
            ("description", "CallHome/MessageDescription"),
        ] {
            lines.push_str(&format!("  {label:<12}{}\n", self.text(path)));
        }
        lines.push_str(&format!("  {:<12}{bytes} bytes\n", "size"));
        for (name, bytes) in &self.attachments {
            lines.push_str(&format!(
                "  {:<12}{}, {bytes} bytes\n",
                "attachment",
                legible(name)
            ));
        }
        lines
    }
}

fn read_message(text: &str) -> Result<Seen, quick_xml::Error> {
    let mut reader = Reader::from_str(text);
    let mut seen = Seen::default();
    let mut open: Vec<(String, String)> = Vec::new();
    let mut had_root = false;
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                had_root = true;
                open.push((start.local_name().as_ref().to_owned(), String::new()));
            }
            Event::Text(text) => append(&mut open, &text.xml10_content()),
            Event::CData(text) => append(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let known = quick_xml::escape::resolve_xml_entity(&reference).map(str::to_owned);
                let character = known.or(reference.resolve_char_ref()?.map(String::from));
                append(&mut open, character.as_deref().unwrap_or("\u{FFFD}"));
            }
            Event::End(_) => {
                let Some((name, text)) = open.pop() else {
                    continue;
                };
                let parent = open.last().map_or("", |(parent, _)| parent);
                match (parent, &*name) {
                    ("Attachment", "Name") => seen.attachments.push((text, 0)),
                    ("Attachment", "Data") => {
                        // The line end between the tag and its content is not content.
                        let size = text.strip_prefix('\n').unwrap_or(&text).len();
                        if let Some((_, bytes)) = seen.attachments.last_mut() {
                            *bytes = size;
                        }
                    }
                    _ => {
                        seen.texts.entry(format!("{parent}/{name}")).or_insert(text);
                    }
                }
            }
            Event::Eof if open.is_empty() && had_root => return Ok(seen),
            Event::Eof => {
                return Err(quick_xml::Error::Io(Arc::new(
                    io::ErrorKind::UnexpectedEof.into(),
                )));
            }
            _ => {}
        }
    }
}

fn append(open: &mut [(String, String)], text: &str) {
    if let Some((_, so_far)) = open.last_mut() {
        so_far.push_str(text);
    }
}

/// A sender does not get to drive the terminal.
fn legible(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Result<Request, &'static str> {
        read_request(&mut text.as_bytes(), &mut io::sink()).expect("memory")
    }

    #[test]
    fn a_body_of_stated_length_and_one_in_chunks_are_read_whole() {
        for text in [
            "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello and more",
            "POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: x\r\n\r\n",
        ] {
            let request = request(text).expect("a request");
            assert_eq!(
                (request.path.as_str(), request.body.as_slice()),
                ("/a", &b"hello"[..])
            );
        }
    }

    #[test]
    fn what_is_no_acceptable_post_gets_a_status() {
        for (text, status) in [
            ("GET / HTTP/1.1\r\n\r\n", "405 Method Not Allowed"),
            ("POST / HTTP/3\r\n\r\n", "400 Bad Request"),
            ("POST / HTTP/1.1\r\n\r\n", "411 Length Required"),
            (
                "POST / HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n",
                "413 Content Too Large",
            ),
            (
                "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
                "400 Bad Request",
            ),
            (
                "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                "413 Content Too Large",
            ),
            (
                "POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n",
                "501 Not Implemented",
            ),
            ("", "400 Bad Request"),
        ] {
            assert_eq!(request(text).err(), Some(status), "{text}");
        }
        let endless = format!("POST / HTTP/1.1\r\n{}", "a: b\r\n".repeat(4096));
        assert_eq!(
            request(&endless).err(),
            Some("431 Request Header Fields Too Large")
        );
    }

    #[test]
    fn a_message_is_summed_up_whatever_its_prefixes_are() {
        let text = "<e:Envelope xmlns:e='x'><e:Header><a:Session xmlns:a='x'><a:MessageId>M1</a:MessageId></a:Session></e:Header>\
            <b:Header xmlns:b='x'><b:Severity>1</b:Severity></b:Header>\
            <c:CallHome xmlns:c='x'><c:MessageDescription>a &amp; b&#10;\u{1b}[1m</c:MessageDescription>\
            <c:Event><c:Type>inventory</c:Type></c:Event></c:CallHome>\
            <b:Attachment xmlns:b='x'><b:Name>show version</b:Name><b:Data>\n<![CDATA[abc]]]]><![CDATA[>]]></b:Data></b:Attachment></e:Envelope>";
        let summary = summary(text.as_bytes());
        for line in [
            "  message     M1\n",
            "  type        inventory\n",
            "  severity    1\n",
            "  description a & b\u{FFFD}\u{FFFD}[1m\n",
            "  attachment  show version, 6 bytes\n",
        ] {
            assert!(summary.contains(line), "{line:?} in {summary}");
        }
    }

    #[test]
    fn what_is_no_message_is_said_to_be_none() {
        for (body, words) in [
            (&b"\xff"[..], "not UTF-8"),
            (b"<a><b></a>", "not well-formed"),
            (b"<a>", "not well-formed"),
            (b"", "not well-formed"),
            (b"plain", "not well-formed"),
        ] {
            assert!(summary(body).contains(words), "{body:?}: {}", summary(body));
        }
    }
}
