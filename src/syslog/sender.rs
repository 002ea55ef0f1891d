//! The sending host of a message, and the criterion `sender` of the discriminators: which sessions a sender is blocked for.
//! What is known of the senders besides, and what the verdict does with an answer, stands elsewhere.

use std::collections::HashMap;
use std::io::Write;
use std::net::IpAddr;

use ipnet::IpNet;
use regex::bytes::Regex;

use super::discriminator::{FilterPlan, Sessions};
use crate::config::discriminator::{Sense, network};
use crate::config::pattern;
use crate::message::Parsed;

/// Who a message is from (D70).
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The host that the message names; this device's own name where it came over no network.
    pub name: &'a [u8],
    /// The address that it came from.
    pub address: Option<IpAddr>,
}

impl<'a> Sender<'a> {
    pub fn of(message: &Parsed<'a>, peer: Option<IpAddr>, hostname: &'a str) -> Self {
        let address = peer.map(|peer| peer.to_canonical());
        let name = match (message.host, address) {
            ([], None) => hostname.as_bytes(),
            (host, _) => host,
        };
        Self { name, address }
    }

    /// The host as a pattern sees it: its name, else its address.
    pub fn write(&self, out: &mut Vec<u8>) {
        if !self.name.is_empty() {
            out.extend_from_slice(self.name);
        } else if let Some(address) = self.address {
            // Writing to a vector cannot fail.
            write!(out, "{address}").unwrap_or_default();
        }
    }

    /// The host as a network sees it: the address that the message names, else the one that it came from.
    fn network_address(&self) -> Option<IpAddr> {
        let named = || std::str::from_utf8(self.name).ok()?.parse::<IpAddr>().ok();
        named()
            .map(|address| address.to_canonical())
            .or(self.address)
    }
}

/// What some sessions compare senders with, and which of them drop or include what it matches.
#[derive(Clone, Debug)]
pub(super) struct SenderPattern {
    text: Box<str>,
    what: What,
    drops: Sessions,
    includes: Sessions,
}

#[derive(Clone, Debug)]
enum What {
    Network(IpNet),
    Pattern(Regex),
    /// It did not compile.
    Nothing,
}

impl SenderPattern {
    /// For no session yet.
    pub(super) fn new(text: &str, words: usize, faults: &mut Vec<String>) -> Self {
        let what = match network(text) {
            Ok(Some(network)) => What::Network(network),
            _ => pattern::compile(text).map_or_else(
                |error| {
                    faults.push(format!("{text}: {error}"));
                    What::Nothing
                },
                What::Pattern,
            ),
        };
        Self {
            text: text.into(),
            what,
            drops: vec![0; words].into_boxed_slice(),
            includes: vec![0; words].into_boxed_slice(),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn set_of(&mut self, sense: Sense) -> &mut Sessions {
        match sense {
            Sense::Drops => &mut self.drops,
            Sense::Includes => &mut self.includes,
        }
    }
}

impl FilterPlan {
    /// The sessions that this sender is blocked for.
    pub(super) fn sender_blocks(&self, sender: &Sender<'_>) -> Box<[u64]> {
        let mut text = Vec::new();
        sender.write(&mut text);
        let address = sender.network_address();
        let mut blocked = vec![0; self.words].into_boxed_slice();
        for pattern in &self.senders {
            let is_match = match &pattern.what {
                What::Network(network) => address.is_some_and(|address| network.contains(&address)),
                What::Pattern(regex) => regex.is_match(&text),
                What::Nothing => false,
            };
            let blocks = if is_match {
                &pattern.drops
            } else {
                &pattern.includes
            };
            for (blocked, blocks) in blocked.iter_mut().zip(blocks) {
                *blocked |= blocks;
            }
        }
        blocked
    }
}

/// What was found of each sender under one plan; bounded, whatever the network sends.
#[derive(Debug, Default)]
pub(super) struct Known {
    by_sender: HashMap<Box<[u8]>, Box<[u64]>>,
    /// Of the message before; most come in runs.
    last: Vec<u8>,
    blocked: Box<[u64]>,
    key: Vec<u8>,
}

impl Known {
    /// The sessions that this sender is blocked for.
    pub(super) fn blocked(&mut self, plan: &FilterPlan, sender: &Sender<'_>) -> &[u64] {
        self.key.clear();
        match sender.address {
            Some(IpAddr::V4(address)) => self.key.extend(address.octets()),
            Some(IpAddr::V6(address)) => self.key.extend(address.octets()),
            None => {}
        }
        // Behind a length that tells where the name begins.
        self.key.push(self.key.len() as u8); // 0, 4 or 16.
        self.key.extend_from_slice(sender.name);
        if self.key != self.last || self.blocked.is_empty() {
            self.find(plan, sender);
            std::mem::swap(&mut self.key, &mut self.last);
        }
        &self.blocked
    }

    fn find(&mut self, plan: &FilterPlan, sender: &Sender<'_>) {
        if let Some(known) = self.by_sender.get(&*self.key) {
            self.blocked.clone_from(known);
            return;
        }
        self.blocked = plan.sender_blocks(sender);
        if self.by_sender.len() == MOST {
            self.by_sender.clear();
        }
        if self.key.len() <= LONGEST {
            self.by_sender
                .insert(self.key.as_slice().into(), self.blocked.clone());
        }
    }
}

/// Senders that are remembered, and the longest name of one.
const MOST: usize = 10_000;
const LONGEST: usize = 300;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::message::parse;

    fn text(message: &str, peer: Option<IpAddr>) -> String {
        let mut out = Vec::new();
        Sender::of(&parse(message.as_bytes()), peer, "fw1").write(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_message_is_from_the_host_it_names_else_from_its_peer_else_from_here() {
        let peer = Some(Ipv4Addr::new(192, 0, 2, 9).into());
        let named = "<189>7: core1: Mar  1 18:48:50: %SYS-5-CONFIG_I: x";
        assert_eq!(text(named, peer), "core1");
        assert_eq!(text("%SYS-5-CONFIG_I: x", peer), "192.0.2.9");
        assert_eq!(text("%SYS-5-CONFIG_I: x", None), "fw1");
    }

    #[test]
    fn a_network_is_compared_with_the_named_address_else_with_the_peers() {
        let peer: IpAddr = Ipv4Addr::new(192, 0, 2, 9).to_ipv6_mapped().into();
        let of = |name: &'static str| {
            Sender::of(
                &Parsed {
                    host: name.as_bytes(),
                    ..Parsed::default()
                },
                Some(peer),
                "fw1",
            )
            .network_address()
        };
        assert_eq!(of("10.1.1.1"), Some(Ipv4Addr::new(10, 1, 1, 1).into()));
        assert_eq!(of("core1"), Some(Ipv4Addr::new(192, 0, 2, 9).into()));
        assert_eq!(of(""), Some(Ipv4Addr::new(192, 0, 2, 9).into()));
    }
}
