//! DHCPINFORM and its answer (RFC 2131, 3.4 and 4.4.3; options of RFC 2132): the two messages by which a host that has its address
//! learns which name servers there are. Nothing else of DHCP is known here.

use std::net::Ipv4Addr;

/// Name servers that are taken from an answer.
pub const MOST: usize = 6;

/// Who asks: a host with its address, and the number of its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inform {
    pub number: u32,
    pub address: Ipv4Addr,
    /// Of Ethernet.
    pub hardware: [u8; 6],
}

impl Inform {
    /// The question: which name servers there are, and what the domain is.
    pub fn question(&self) -> Vec<u8> {
        let mut bytes = vec![REQUEST, ETHERNET, 6, 0];
        bytes.extend(self.number.to_be_bytes());
        // Seconds and flags.
        bytes.extend([0; 4]);
        bytes.extend(self.address.octets());
        // The addresses that a server would give, and that of a relay.
        bytes.extend([0; 12]);
        bytes.extend(self.hardware);
        bytes.resize(OPTIONS, 0);
        bytes.extend(MAGIC);
        bytes.extend([MESSAGE_TYPE, 1, INFORM]);
        bytes.extend([WANTED, 2, NAME_SERVERS, DOMAIN, END]);
        // RFC 951: some servers take nothing shorter.
        bytes.resize(SHORTEST, 0);
        bytes
    }

    /// What an answer to the question names, perhaps nothing; `None` for everything that is no such answer.
    pub fn name_servers(&self, bytes: &[u8]) -> Option<Vec<Ipv4Addr>> {
        let (fixed, options) = bytes.split_at_checked(OPTIONS)?;
        let options = options.strip_prefix(&MAGIC)?;
        let is_ours = fixed.starts_with(&[REPLY, ETHERNET, 6])
            && fixed.get(4..8)? == self.number.to_be_bytes()
            && fixed.get(28..34)? == self.hardware;
        if !is_ours || option(options, MESSAGE_TYPE)? != [ACKNOWLEDGEMENT] {
            return None;
        }
        let servers = option(options, NAME_SERVERS).unwrap_or_default();
        let (servers, _) = servers.as_chunks::<4>();
        let servers = servers.iter().map(|octets| Ipv4Addr::from(*octets));
        let is_host = |address: &Ipv4Addr| {
            !address.is_unspecified() && !address.is_broadcast() && !address.is_multicast()
        };
        Some(servers.filter(is_host).take(MOST).collect())
    }
}

/// The value of the first option of that code that is there whole.
fn option(mut options: &[u8], code: u8) -> Option<&[u8]> {
    loop {
        let (&found, rest) = options.split_first()?;
        match found {
            PAD => options = rest,
            END => return None,
            _ => {
                let (&length, rest) = rest.split_first()?;
                let (value, rest) = rest.split_at_checked(length.into())?;
                if found == code {
                    return Some(value);
                }
                options = rest;
            }
        }
    }
}

const REQUEST: u8 = 1;
const REPLY: u8 = 2;
const ETHERNET: u8 = 1;
/// Where options begin, with these four octets.
const OPTIONS: usize = 236;
const MAGIC: [u8; 4] = [99, 130, 83, 99];
const SHORTEST: usize = 300;
const PAD: u8 = 0;
const NAME_SERVERS: u8 = 6;
const DOMAIN: u8 = 15;
const MESSAGE_TYPE: u8 = 53;
const WANTED: u8 = 55;
const END: u8 = 255;
const ACKNOWLEDGEMENT: u8 = 5;
const INFORM: u8 = 8;

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    const ASKED: Inform = Inform {
        number: 7,
        address: Ipv4Addr::new(192, 0, 2, 9),
        hardware: [2, 0, 0, 0, 0, 9],
    };

    /// An answer as a server makes it, with these options.
    fn answer(options: &[u8]) -> Vec<u8> {
        let asked = ASKED.question().into_iter().skip(1);
        let fixed = asked.take(OPTIONS + MAGIC.len() - 1);
        let mut bytes = vec![REPLY];
        bytes.extend(fixed);
        bytes.extend(options);
        bytes
    }

    fn servers(options: &[u8]) -> Option<Vec<String>> {
        let servers = ASKED.name_servers(&answer(options))?;
        Some(servers.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_question_names_the_address_and_asks_for_name_servers() {
        let bytes = ASKED.question();
        let at = |range| bytes.get::<Range<usize>>(range).expect("a whole question");
        assert_eq!(at(0..8), [1, 1, 6, 0, 0, 0, 0, 7]);
        assert_eq!(at(12..16), [192, 0, 2, 9]);
        assert_eq!(at(28..34), [2, 0, 0, 0, 0, 9]);
        let options = [53, 1, 8, 55, 2, 6, 15, 255];
        assert_eq!(at(240..248), options);
        assert_eq!(bytes.len(), 300);
    }

    #[test]
    fn an_answer_names_a_few_servers_in_its_order() {
        let one = [
            53, 1, 5, 0, 0, 1, 4, 255, 255, 255, 0, 6, 4, 192, 0, 2, 53, 255,
        ];
        assert_eq!(servers(&one), Some(vec!["192.0.2.53".to_owned()]));
        let mut many = vec![53, 1, 5, 6, 36];
        many.extend((1..=9).flat_map(|last| [192, 0, 2, last]));
        let many = servers(&many).expect("an answer, even without an end");
        assert_eq!(many.len(), MOST);
        assert_eq!(many.last().map(String::as_str), Some("192.0.2.6"));
    }

    #[test]
    fn an_address_that_is_no_host_is_no_server() {
        let nobody = [
            &[53, 1, 5, 6, 12][..],
            &[0; 4],
            &[255; 4],
            &[224, 0, 0, 251],
        ];
        assert_eq!(servers(&nobody.concat()), Some(Vec::new()));
        assert_eq!(servers(&[53, 1, 5, 255]), Some(Vec::new()));
        let cut_off = [53, 1, 5, 6, 4, 192, 0, 2];
        assert_eq!(servers(&cut_off), Some(Vec::new()));
    }

    #[test]
    fn an_answer_to_somebody_else_is_none() {
        let ours = answer(&[53, 1, 5, 6, 4, 192, 0, 2, 53, 255]);
        let number = Inform { number: 8, ..ASKED };
        assert_eq!(number.name_servers(&ours), None);
        let other = Inform {
            hardware: [2, 0, 0, 0, 0, 8],
            ..ASKED
        };
        assert_eq!(other.name_servers(&ours), None);
        assert_eq!(servers(&[53, 1, 2, 255]), None, "an offer");
        assert_eq!(servers(&[255]), None, "no type");
        assert_eq!(ASKED.name_servers(&ASKED.question()), None, "no reply");
        for length in 0..OPTIONS + MAGIC.len() {
            let cut: Vec<u8> = ours.iter().copied().take(length).collect();
            assert_eq!(ASKED.name_servers(&cut), None, "{length}");
        }
    }
}
