//! A name server for tests: two threads on loopback, UDP and TCP on one port, that say what a test tells them to.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

/// A question as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Without the root's dot.
    pub name: String,
    pub is_ipv6: bool,
    pub is_tcp: bool,
    pub from: IpAddr,
}

pub struct ToyDns {
    pub at: SocketAddr,
    asked: Arc<Mutex<Vec<Question>>>,
}

impl ToyDns {
    /// `answer` makes the answers to a question out of an empty one; none for silence.
    pub fn open(
        at: &str,
        answer: impl Fn(&Question, Message) -> Vec<Message> + Send + Sync + 'static,
    ) -> Self {
        let at: SocketAddr = at.parse().expect("an address");
        let (datagrams, streams) = sockets(at);
        let at = datagrams.local_addr().expect("its address");
        let asked: Arc<Mutex<Vec<Question>>> = Arc::default();
        let answer = Arc::new(answer);
        let (list, over_udp) = (asked.clone(), answer.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok((length, from)) = datagrams.recv_from(&mut buffer) {
                for answer in reply(&buffer[..length], from, false, &list, &*over_udp) {
                    datagrams.send_to(&answer, from).ok();
                }
            }
        });
        let list = asked.clone();
        std::thread::spawn(move || {
            for stream in streams.incoming().flatten() {
                let (list, answer) = (list.clone(), answer.clone());
                std::thread::spawn(move || converse(stream, &list, &*answer));
            }
        });
        Self { at, asked }
    }

    /// One address of each family for every name.
    pub fn of(at: &str, v4: &'static str, ttl: u32) -> Self {
        Self::open(at, move |question, mut message| {
            if !question.is_ipv6 {
                message.answers = vec![record(&question.name, v4, ttl)];
            }
            vec![message]
        })
    }

    pub fn silent(at: &str) -> Self {
        Self::open(at, |_, _| Vec::new())
    }

    pub fn failing(at: &str, code: ResponseCode) -> Self {
        Self::open(at, move |_, mut message| {
            message.metadata.response_code = code;
            vec![message]
        })
    }

    /// Questions for IPv4 so far, by name.
    pub fn names(&self) -> Vec<String> {
        let mut asked = self.asked();
        asked.retain(|question| !question.is_ipv6);
        asked.into_iter().map(|question| question.name).collect()
    }

    pub fn asked(&self) -> Vec<Question> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// An address or, where the text is none, an alias.
pub fn record(name: &str, value: &str, ttl: u32) -> Record {
    let of = |text: &str| Name::from_str(&format!("{text}.")).expect("a name");
    let data = match value.parse() {
        Ok(IpAddr::V4(v4)) => RData::A(A(v4)),
        Ok(IpAddr::V6(v6)) => RData::AAAA(AAAA(v6)),
        Err(_) => RData::CNAME(CNAME(of(value))),
    };
    Record::from_rdata(of(name), ttl, data)
}

/// Somebody else may have the port for the one or the other.
fn sockets(at: SocketAddr) -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let datagrams = UdpSocket::bind(at).expect("loopback");
        let bound = datagrams.local_addr().expect("its address");
        if let Ok(streams) = TcpListener::bind(bound) {
            return (datagrams, streams);
        }
    }
    panic!("no port is free for both");
}

/// As long as the other side asks.
fn converse(
    mut stream: TcpStream,
    asked: &Mutex<Vec<Question>>,
    answer: &dyn Fn(&Question, Message) -> Vec<Message>,
) {
    let from = stream.peer_addr().expect("a peer");
    let mut length = [0; 2];
    while stream.read_exact(&mut length).is_ok() {
        let mut question = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut question).expect("a question");
        for answer in reply(&question, from, true, asked, answer) {
            let length = u16::try_from(answer.len()).expect("a short answer");
            let whole = [&length.to_be_bytes(), &*answer].concat();
            stream.write_all(&whole).ok();
        }
    }
}

fn reply(
    bytes: &[u8],
    from: SocketAddr,
    is_tcp: bool,
    asked: &Mutex<Vec<Question>>,
    answer: &dyn Fn(&Question, Message) -> Vec<Message>,
) -> Vec<Vec<u8>> {
    let message = Message::from_vec(bytes).expect("a question");
    let query = message.queries.first().expect("a question").clone();
    let question = Question {
        name: query.name().to_string().trim_end_matches('.').to_owned(),
        is_ipv6: query.query_type() == RecordType::AAAA,
        is_tcp,
        from: from.ip(),
    };
    asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(question.clone());
    let mut empty = Message::response(message.metadata.id, message.metadata.op_code);
    empty.add_query(query);
    let answers = answer(&question, empty).into_iter();
    answers
        .map(|answer| answer.to_vec().expect("bytes"))
        .collect()
}
