//! A mail server for tests: one thread on loopback that takes what it is sent, or answers what a test tells it to.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// An e-mail that was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// As it greeted, `EHLO ciscoasa`.
    pub hello: String,
    pub from: String,
    pub to: Vec<String>,
    /// Lines, without dots that were doubled.
    pub text: Vec<String>,
    pub said_goodbye: bool,
}

impl Taken {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.text.iter().take_while(|line| !line.is_empty());
        headers.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn body(&self) -> Vec<&str> {
        let lines = self.text.iter().skip_while(|line| !line.is_empty());
        lines.skip(1).map(String::as_str).collect()
    }
}

pub struct Sink {
    pub at: SocketAddr,
    mails: Receiver<Taken>,
}

/// Long enough for a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

impl Sink {
    /// `answer` may answer a line of the client, or `connected`, in place of the sink; an empty answer closes.
    pub fn open(answer: impl FnMut(&str) -> Option<&'static str> + Send + 'static) -> Self {
        Self::open_at("127.0.0.1:0".parse().expect("an address"), answer)
    }

    pub fn open_at(
        at: SocketAddr,
        answer: impl FnMut(&str) -> Option<&'static str> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(at).expect("a listener");
        let at = listener.local_addr().expect("its address");
        let (sender, mails) = channel();
        std::thread::spawn(move || serve(&listener, answer, &sender));
        Self { at, mails }
    }

    pub fn mail(&self) -> Taken {
        self.mails.recv_timeout(LIMIT).expect("an e-mail in time")
    }

    /// What has come so far.
    pub fn mails(&self) -> Vec<Taken> {
        self.mails.try_iter().collect()
    }
}

fn serve(
    listener: &TcpListener,
    mut answer: impl FnMut(&str) -> Option<&'static str>,
    mails: &Sender<Taken>,
) {
    for stream in listener.incoming().map_while(Result::ok) {
        if let Some(mail) = talk(&stream, &mut answer)
            && mails.send(mail).is_err()
        {
            return;
        }
    }
}

/// The e-mail, when one was taken.
fn talk(
    stream: &TcpStream,
    answer: &mut impl FnMut(&str) -> Option<&'static str>,
) -> Option<Taken> {
    stream.set_read_timeout(Some(LIMIT)).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut lines = BufReader::new(stream)
        .lines()
        .map_while(Result::ok)
        .map(|line| line.trim_end_matches('\r').to_owned());
    let mut mail = Taken::default();
    let mut taken = None;
    let mut line = "connected".to_owned();
    loop {
        let usual = match line.split_once([' ', ':']).map_or(&*line, |(verb, _)| verb) {
            "connected" => "220 sink ESMTP",
            "EHLO" => "250-sink\r\n250 8BITMIME",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        let said = answer(&line).unwrap_or(usual);
        if said.is_empty() {
            return taken;
        }
        writer.write_all(format!("{said}\r\n").as_bytes()).ok()?;
        let rest = |of: &str| line.strip_prefix(of).map(str::to_owned);
        if line.starts_with("EHLO") || line.starts_with("HELO") {
            mail.hello.clone_from(&line);
        } else if let Some(from) = rest("MAIL FROM:") {
            mail.from = from;
        } else if let Some(to) = rest("RCPT TO:").filter(|_| said.starts_with("250")) {
            mail.to.push(to);
        } else if line == "QUIT" {
            if let Some(mail) = &mut taken {
                let mail: &mut Taken = mail;
                mail.said_goodbye = true;
            }
            return taken;
        } else if line == "DATA" && said.starts_with("354") {
            mail.text = lines.by_ref().take_while(|line| line != ".").collect();
            for line in &mut mail.text {
                if let Some(doubled) = line.strip_prefix('.') {
                    *line = doubled.to_owned();
                }
            }
            let said = answer("text").unwrap_or("250 queued");
            if said.is_empty() {
                return None;
            }
            writer.write_all(format!("{said}\r\n").as_bytes()).ok()?;
            if said.starts_with("250") {
                taken = Some(mail.clone());
            }
        }
        match lines.next() {
            Some(next) => line = next,
            None => return taken,
        }
    }
}
