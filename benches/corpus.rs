//! Messages as routers and firewalls send them: made from templates by a seeded generator, a few templates often and many
//! seldom. Which of them a receiver must get is decided in `reference`.

use std::fmt::Write;

/// Messages one behind the other, each with its line feed.
pub(crate) struct Corpus {
    text: String,
    ends: Vec<usize>,
}

impl Corpus {
    /// `count` messages; the same seed gives the same messages.
    pub(crate) fn new(count: usize, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut order: Vec<&str> = TEMPLATES.lines().collect();
        for last in (1..order.len()).rev() {
            order.swap(last, dice.roll(last + 1));
        }
        // The template of rank r is drawn in proportion to 1 / r.
        let mut weights = Vec::with_capacity(order.len());
        let mut sum = 0;
        for rank in 1..=order.len() {
            sum += 1_000_000 / rank;
            weights.push(sum);
        }
        let mut corpus = Self {
            text: String::with_capacity(count * 140),
            ends: Vec::with_capacity(count),
        };
        for number in 0..count {
            let drawn = dice.roll(sum);
            let template = order
                .get(weights.partition_point(|weight| *weight <= drawn))
                .copied()
                .unwrap_or_default();
            corpus.push(number, template, &mut dice);
        }
        corpus
    }

    fn push(&mut self, number: usize, template: &str, dice: &mut Dice) {
        let severity = template
            .split('-')
            .filter(|part| part.len() == 1)
            .find_map(|part| part.parse::<usize>().ok())
            .unwrap_or(0);
        let facility = if template.starts_with("ASA") { 20 } else { 23 };
        let second = number / 40;
        // Writing to a String cannot fail.
        let _ = write!(
            self.text,
            "<{}>{}: Mar  1 {:02}:{:02}:{:02}.{:03} UTC: %",
            facility * 8 + severity,
            number + 1,
            second / 3600 % 24,
            second / 60 % 60,
            second % 60,
            number % 40 * 25
        );
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once('{') {
            let (what, after) = behind.split_once('}').unwrap_or((behind, ""));
            self.text.push_str(before);
            self.fill(what, dice);
            rest = after;
        }
        self.text.push_str(rest);
        self.text.push('\n');
        self.ends.push(self.text.len());
    }

    fn fill(&mut self, what: &str, dice: &mut Dice) {
        // Each choice below is of as many as are rolled for.
        let text = &mut self.text;
        let _ = match what {
            "port" => write!(
                text,
                "{}{}/{}",
                ["GigabitEthernet0/", "TenGigE0/", "Ethernet"][dice.roll(3)],
                dice.roll(8),
                dice.roll(48)
            ),
            "address" => write!(
                text,
                "{}.{}.{}.{}",
                11 + dice.roll(180),
                dice.roll(256),
                dice.roll(256),
                1 + dice.roll(254)
            ),
            "inside" => write!(
                text,
                "10.{}.{}.{}",
                16 + dice.roll(8),
                dice.roll(256),
                1 + dice.roll(254)
            ),
            "line" => write!(text, "{}{}", ["vty", "tty"][dice.roll(2)], dice.roll(16)),
            "who" => write!(
                text,
                "{}",
                ["anna", "boris", "chen", "dora", "backup", "noc"][dice.roll(6)]
            ),
            "mac" => write!(
                text,
                "{:04x}.{:04x}.{:04x}",
                dice.roll(65_536),
                dice.roll(65_536),
                dice.roll(65_536)
            ),
            _ => write!(text, "{}", 1 + dice.roll(9999)),
        };
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The messages `from..to`, with their line feeds.
    pub(crate) fn bytes(&self, from: usize, to: usize) -> &[u8] {
        let end = |number: usize| match number {
            0 => 0,
            number => self.ends.get(number - 1).copied().unwrap_or(0),
        };
        self.text
            .as_bytes()
            .get(end(from)..end(to))
            .unwrap_or_default()
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }
}

/// A small generator of numbers (splitmix64).
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        ((u128::from(mixed) * sides as u128) >> 64) as usize
    }
}

/// What stands behind the percent sign; a word in braces is drawn, any other than those known is a number.
const TEMPLATES: &str = "\
LINK-3-UPDOWN: Interface {port}, changed state to down
LINK-3-UPDOWN: Interface {port}, changed state to up
LINK-5-CHANGED: Interface {port}, changed state to administratively down
LINEPROTO-5-UPDOWN: Line protocol on Interface {port}, changed state to down
LINEPROTO-5-UPDOWN: Line protocol on Interface {port}, changed state to up
SYS-5-CONFIG_I: Configured from console by {who} on {line} ({inside})
SYS-6-LOGOUT: User {who} has exited {line} session {n}({inside})
SYS-3-CPUHOG: Task ran for {n} msecs, more than 2000 msecs, process = Exec
SYS-2-MALLOCFAIL: Memory allocation of {n} bytes failed from 0x{n}, alignment 0
SYS-4-FREEMEM: Free memory fell below {n} kB, top allocator IP Input
PARSER-5-CFGLOG_LOGGEDCMD: User:{who}  logged command:interface {port}
OSPF-5-ADJCHG: Process {n}, Nbr {inside} on {port} from FULL to DOWN, Neighbor Down: Dead timer expired
OSPF-5-ADJCHG: Process {n}, Nbr {inside} on {port} from LOADING to FULL, Loading Done
OSPF-4-BADLSA: Invalid lsa from {address} of type {n}, metric {n}
BGP-5-ADJCHANGE: neighbor {address} Down BGP Notification sent
BGP-5-ADJCHANGE: neighbor {address} Up
BGP-3-NOTIFICATION: sent to neighbor {address} 4/0 (hold time expired) 0 bytes
BGP-4-MAXPFX: Number of prefixes received from {address} reaches {n}, max {n}
BGP-6-NLRI: Route {inside} withdrawn by {address} after {n} updates
DUAL-5-NBRCHANGE: EIGRP-IPv4 {n}: Neighbor {inside} ({port}) is down: holding time expired
STANDBY-5-STATECHANGE: {port} Group {n} state Standby -> Active
HA_EM-6-LOG: watch_routes: {n} routes are missing behind {inside}
SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: {who}] [Source: {inside}] [localport: 22] at {line}
SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: {who}] [Source: {address}] [localport: 22] [Reason: Login Authentication Failed]
SEC-6-IPACCESSLOGP: list outside-in denied tcp {address}({n}) -> {inside}({n}), {n} packets
SEC-6-IPACCESSLOGDP: list outside-in permitted icmp {address} -> {inside} (8/0), {n} packets
SSH-5-SSH2_SESSION: SSH2 Session request from {inside} (tty = {n}) using crypto cipher aes256-ctr
SSH-5-SSH2_CLOSE: SSH2 Session from {inside} (tty = {n}) for user {who} closed
SW_MATM-4-MACFLAP_NOTIF: Host {mac} in vlan {n} is flapping between port {port} and port {port}
PM-4-ERR_DISABLE: bpduguard error detected on {port}, putting {port} in err-disable state
SPANTREE-2-BLOCK_BPDUGUARD: Received BPDU on port {port} with BPDU Guard enabled, disabling port
CDP-4-DUPLEX_MISMATCH: duplex mismatch discovered on {port} (not full duplex), with switch{n} {port}
DHCPD-4-DECLINE_CONFLICT: DHCP address conflict: client {mac} declined {inside}
NTP-5-PEERSYNC: NTP synced to peer {inside}
SNMP-3-AUTHFAIL: Authentication failure for SNMP request from host {address}
ENVMON-4-FAN_LOW_RPM: Fan {n} runs at {n} rpm, expected {n}
ENV_MON-2-TEMP: Hotpoint temperature sensor {n} reads {n}
CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from {address} failed its sanity check or is malformed
CRYPTO-6-IKMP_MODE_FAILURE: Processing of Quick mode failed with peer at {address}
IPSEC-3-REPLAY_ERROR: IPSec SA receives anti-replay error, DP Handle {n}, src_addr {address}, dest_addr {inside}
ASA-6-302013: Built inbound TCP connection {n} for outside:{address}/{n} to inside:{inside}/443
ASA-6-302014: Teardown TCP connection {n} for outside:{address}/{n} to inside:{inside}/443 duration 0:00:{n} bytes {n} TCP FINs
ASA-6-302015: Built outbound UDP connection {n} for outside:{address}/53 to inside:{inside}/{n}
ASA-4-106023: Deny tcp src outside:{address}/{n} dst inside:{inside}/{n} by access-group \"outside_in\" [0x0, 0x0]
ASA-2-106001: Inbound TCP connection denied from {address}/{n} to {inside}/{n} flags SYN on interface outside
ASA-3-710003: TCP access denied by ACL from {address}/{n} to outside:{inside}/22
ASA-5-111008: User '{who}' executed the 'write memory' command
ASA-6-605005: Login permitted from {inside}/{n} to inside:{inside}/ssh for user \"{who}\"
ASA-7-609001: Built local-host inside:{inside}
ASA-4-733100: [Scanning] drop rate-1 exceeded. Current burst rate is {n} per second, max configured rate is 10";
