//! What name servers and DHCP servers might send, broken anywhere: addresses that can be reached, few of them, or nothing.

use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::Name;
use watchfire::net::resolve::{MOST_ADDRESSES, addresses};
use watchfire::wire::dhcp::{self, Inform};

use super::random::Random;

/// `a.example` by way of `b.example`, with an address of each family; names are compressed.
const ANSWER: &[u8] = b"\x00\x07\x81\x80\x00\x01\x00\x03\x00\x00\x00\x00\x01a\x07example\x00\x00\x01\x00\x01\
\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01b\xc0\x0e\
\xc0\x27\x00\x01\x00\x01\x00\x00\x00\x1e\x00\x04\xc0\x00\x02\x01\
\xc0\x27\x00\x1c\x00\x01\x00\x00\x00\x1e\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01";

#[test]
fn any_records_lead_to_a_few_addresses_or_nowhere() {
    let mut random = Random::new(31);
    let name = Name::from_str("a.example.").expect("a name");
    let whole = Message::from_vec(ANSWER).expect("an answer");
    let answer = addresses(&name, &whole.answers).expect("addresses");
    assert_eq!(answer.addresses.len(), 2);
    assert_eq!(answer.ttl, Duration::from_secs(30));
    let (mut read, mut led) = (0, 0);
    for _ in 0..60_000 {
        let bytes = mutated(&mut random, ANSWER);
        let Ok(message) = Message::from_vec(&bytes) else {
            continue;
        };
        read += 1;
        let Ok(answer) = addresses(&name, &message.answers) else {
            continue;
        };
        led += 1;
        assert!(
            (1..=MOST_ADDRESSES).contains(&answer.addresses.len()),
            "{bytes:?}"
        );
        assert!(answer.ttl <= Duration::from_secs(604_800), "{bytes:?}");
        for address in answer.addresses {
            assert!(
                !address.is_unspecified() && !address.is_multicast(),
                "{bytes:?}"
            );
        }
    }
    assert!(read > 5_000 && led > 2_000, "too few: {read}, {led}");
}

#[test]
fn any_answer_of_a_dhcp_server_is_a_few_servers_or_nothing() {
    let mut random = Random::new(32);
    let asked = Inform {
        number: 7,
        address: Ipv4Addr::new(192, 0, 2, 9),
        hardware: [2, 0, 0, 0, 0, 9],
    };
    let seed = acknowledgement(&asked);
    assert_eq!(
        asked.name_servers(&seed),
        Some(vec![Ipv4Addr::new(192, 0, 2, 53)])
    );
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..60_000 {
        let bytes = mutated(&mut random, &seed);
        match asked.name_servers(&bytes) {
            None => refused += 1,
            Some(servers) => {
                taken += 1;
                assert!(servers.len() <= dhcp::MOST, "{bytes:?}");
                let is_nobody =
                    |server: &Ipv4Addr| server.is_unspecified() || server.is_multicast();
                assert!(!servers.iter().any(is_nobody), "{bytes:?}");
            }
        }
    }
    assert!(
        taken > 5_000 && refused > 2_000,
        "too few: {taken}, {refused}"
    );
}

/// RFC 2131, figure 1, with message type, name server and end.
fn acknowledgement(asked: &Inform) -> Vec<u8> {
    let mut bytes = vec![2, 1, 6, 0, 0, 0, 0, 7, 0, 0, 0, 0];
    bytes.extend(asked.address.octets());
    bytes.extend([0; 12]);
    bytes.extend(asked.hardware);
    bytes.extend([0; 10 + 64 + 128]);
    bytes.extend([99, 130, 83, 99, 53, 1, 5, 6, 4, 192, 0, 2, 53, 255]);
    bytes
}

/// A few bytes changed, cut off or doubled.
fn mutated(random: &mut Random, seed: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(8) {
            0 => bytes.truncate(at.max(1)),
            1 => bytes.insert(at, random.below(256) as u8),
            2 => drop(bytes.remove(at)),
            _ => bytes[at] = random.below(256) as u8,
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}
