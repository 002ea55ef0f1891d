//! A receiver of the tests' own: what leaves the device in the form of RFC 5424, with its octets counted.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use serde_json::Value;

use crate::Facts;
use crate::device::count;
use crate::program::PATIENCE;

pub(crate) struct Receiver {
    pub(crate) port: u16,
    frames: mpsc::Receiver<String>,
    /// Frames that were read.
    read: Cell<u64>,
}

impl Receiver {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let port = listener.local_addr().expect("its address").port();
        let (sender, frames) = mpsc::channel();
        std::thread::spawn(move || {
            let Ok((stream, _)) = listener.accept() else {
                return;
            };
            let mut reader = BufReader::new(stream);
            while let Some(frame) = frame(&mut reader)
                && sender.send(frame).is_ok()
            {}
        });
        Self {
            port,
            frames,
            read: Cell::new(0),
        }
    }

    fn frame(&self) -> String {
        let frame = self.frames.recv_timeout(PATIENCE);
        self.read.set(self.read.get() + 1);
        frame.expect("a message in time")
    }

    /// So many messages of programs whose names begin so; PROCID stands where MSGID does.
    pub(crate) fn messages(&self, wanted: usize, program: &str) -> Vec<Facts> {
        let mut found = Vec::new();
        while found.len() < wanted {
            let facts = read(&self.frame());
            if facts.3.starts_with(program) {
                found.push(facts);
            }
        }
        found
    }

    /// What the session says it delivered came, to the message, and nothing else.
    pub(crate) fn agrees_with(&self, session: impl Fn() -> Value) {
        loop {
            let before = session();
            let delivered = count(&before, "message_lines_logged");
            while self.read.get() < delivered {
                self.frame();
            }
            // Unless the device has said something meanwhile.
            let session = session();
            if count(&session, "message_lines_logged") == delivered
                && count(&session, "queued") == 0
            {
                assert_eq!(self.read.get(), delivered, "{session}");
                assert_eq!(count(&session, "possibly_repeated"), 0, "{session}");
                return;
            }
        }
    }
}

fn frame(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut length = Vec::new();
    reader.read_until(b' ', &mut length).ok()?;
    let length: usize = String::from_utf8(length).ok()?.trim().parse().ok()?;
    let mut frame = vec![0; length];
    reader.read_exact(&mut frame).ok()?;
    Some(String::from_utf8_lossy(&frame).into_owned())
}

/// `<PRI>1 STAMP HOST APP PROCID MSGID SD TEXT`; the texts of these tests have no bracket.
fn read(frame: &str) -> Facts {
    let mut fields = frame.splitn(7, ' ');
    let mut next = || fields.next().unwrap_or_default().to_owned();
    let (pri, _, host, program, process, _, rest) =
        (next(), next(), next(), next(), next(), next(), next());
    let pri: u16 = pri
        .strip_prefix('<')
        .and_then(|pri| pri.strip_suffix(">1"))
        .and_then(|pri| pri.parse().ok())
        .unwrap_or_else(|| panic!("a PRI in {frame}"));
    let text = rest
        .rsplit_once("] ")
        .map_or_else(|| rest.trim_start_matches("- "), |(_, text)| text);
    // rsyslog keeps the blank that RFC 3164 has between a tag and the text.
    crate::facts(
        pri / 8,
        pri % 8,
        &host,
        &program,
        &process,
        text.trim_start(),
    )
}
