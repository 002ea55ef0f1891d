//! The steps against toy servers on loopback, on a clock that moves when it is told to.

use std::time::Instant;

use chrono::DateTime;
use hickory_resolver::proto::op::ResponseCode;

use super::*;
use crate::config::call_home::script::Script;
use crate::device::FixedFacts;
use crate::device::clock::VirtualClock;
use crate::net::toy_dns::ToyDns;

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Say for Log {
    fn say(&self, message: Own) {
        let line = format!("{}: {}", message.mnemonic, message.body);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }
}

struct Bench {
    finder: Arc<Finder>,
    clock: Arc<VirtualClock>,
    published: watch::Sender<Published>,
    log: Arc<Log>,
}

impl Bench {
    /// All name servers are at the port.
    fn new(text: &str, port: u16) -> Self {
        let (published, newest) = watch::channel(Published {
            generation: 1,
            config: Arc::new(Script::accepts(text)),
        });
        let clock = Arc::new(VirtualClock::new(
            DateTime::from_timestamp(1_889_965_205, 0).expect("a time"),
        ));
        let finder = Finder::new(Outside {
            published: newest,
            clock: clock.clone(),
            facts: Arc::new(FixedFacts::default()),
            only_to: "127.0.0.0/8".parse().expect("a network"),
            port,
        });
        let log = Arc::new(Log::default());
        finder.say_to(log.clone());
        Self {
            finder,
            clock,
            published,
            log,
        }
    }

    async fn of(&self, names: Names, host: &str) -> Result<String, String> {
        let found = names.resolve(host, 443, false).await;
        let found = found.map_err(|error| error.to_string())?;
        let all: Vec<_> = found.iter().map(|at| at.ip().to_string()).collect();
        Ok(all.join(" "))
    }

    async fn host(&self, host: &str) -> Result<String, String> {
        self.of(self.finder.hosts(), host).await
    }

    async fn collector(&self, host: &str) -> Result<String, String> {
        self.of(self.finder.collectors(), host).await
    }

    /// The steps of the newest search.
    fn steps(&self) -> Vec<String> {
        let last = self.finder.status().last;
        let steps = last.last().map(|search| search.steps.clone());
        let steps = steps.unwrap_or_default().into_iter();
        steps
            .map(|(step, what)| format!("{} {what}", step.number()))
            .collect()
    }

    fn said(&self) -> Vec<String> {
        std::mem::take(&mut self.log.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Beside `first`, on another address of the loopback.
fn beside(first: &ToyDns, last: u8) -> String {
    format!("127.0.0.{last}:{}", first.at.port())
}

const TWO: &str = "dns server-group DefaultDNS\nname-server 127.0.0.1\nname-server 127.0.0.2\nretries 0\ntimeout 1\n";

#[tokio::test]
async fn servers_are_asked_in_order_and_a_silent_one_holds_up_nothing_for_long() {
    let first = ToyDns::silent("127.0.0.1:0");
    let second = ToyDns::of(&beside(&first, 2), "192.0.2.1", 60);
    let bench = Bench::new(TWO, first.at.port());
    assert_eq!(bench.host("host.example").await.as_deref(), Ok("192.0.2.1"));
    assert_eq!(
        bench.steps(),
        ["1 127.0.0.1: no answer", "1 127.0.0.2: 192.0.2.1"]
    );
    assert!(!first.names().is_empty());
    assert_eq!(second.names(), ["host.example"]);
    let servers = bench.finder.status().servers;
    let tallies: Vec<_> = servers.iter().map(|s| (s.asked, s.answered)).collect();
    assert_eq!(tallies, [(1, 0), (1, 1)]);
}

#[tokio::test]
async fn a_server_that_knows_no_such_name_is_not_the_last_one() {
    let first = ToyDns::failing("127.0.0.1:0", ResponseCode::NXDomain);
    let second = ToyDns::of(&beside(&first, 2), "192.0.2.1", 60);
    let bench = Bench::new(TWO, first.at.port());
    assert_eq!(bench.host("host.example").await.as_deref(), Ok("192.0.2.1"));
    drop(second);
    assert_eq!(
        bench.steps(),
        ["1 127.0.0.1: no such name", "1 127.0.0.2: 192.0.2.1"]
    );
}

#[tokio::test]
async fn silent_servers_are_asked_again_with_twice_the_time() {
    let server = ToyDns::silent("127.0.0.1:0");
    let text = "dns name-server 127.0.0.1\ndns server-group DefaultDNS\nretries 1\ntimeout 1\n";
    let bench = Bench::new(text, server.at.port());
    let started = Instant::now();
    let answer = bench.host("host.example").await;
    assert_eq!(answer, Err("name server did not answer".to_owned()));
    assert_eq!(
        bench.steps(),
        ["1 127.0.0.1: no answer", "1 127.0.0.1: no answer"]
    );
    assert!(started.elapsed() >= Duration::from_secs(3));
}

#[tokio::test]
async fn a_name_is_asked_for_again_when_its_time_is_over_or_it_is_forgotten() {
    let server = ToyDns::of("127.0.0.1:0", "192.0.2.1", 60);
    let bench = Bench::new("dns name-server 127.0.0.1\n", server.at.port());
    for (after, asked) in [(0, 1), (59, 1), (1, 2), (10, 2)] {
        bench.clock.advance(Duration::from_secs(after));
        assert_eq!(bench.host("Host.example").await.as_deref(), Ok("192.0.2.1"));
        assert_eq!(server.names().len(), asked, "after {after} more seconds");
    }
    bench.finder.forget();
    bench.host("host.example").await.expect("an address");
    assert_eq!(server.names().len(), 3);
    bench.published.send_modify(|newest| {
        let text = "dns name-server 127.0.0.1\ndomain-name example.com\n";
        newest.config = Arc::new(Script::accepts(text));
    });
    bench.host("host.example").await.expect("an address");
    assert_eq!(server.names().len(), 4, "other servers, other names");
}

#[tokio::test]
async fn a_name_without_a_dot_is_looked_for_in_the_domain_first() {
    let server = ToyDns::open("127.0.0.1:0", |question, mut message| {
        if question.name != "alone" {
            message.metadata.response_code = ResponseCode::NXDomain;
        } else if !question.is_ipv6 {
            message.answers = vec![crate::net::toy_dns::record("alone", "192.0.2.1", 60)];
        }
        vec![message]
    });
    let text = "domain-name example.com\ndns name-server 127.0.0.1\n";
    let bench = Bench::new(text, server.at.port());
    assert_eq!(bench.host("alone").await.as_deref(), Ok("192.0.2.1"));
    assert_eq!(server.names(), ["alone.example.com", "alone"]);
    bench.host("other.example").await.expect_err("no such name");
    assert_eq!(
        server.names().last().map(String::as_str),
        Some("other.example")
    );
}

#[tokio::test]
async fn without_a_name_server_this_hosts_resolver_is_asked() {
    let bench = Bench::new("", 9);
    let answer = bench.host("localhost").await.expect("an address");
    assert!(
        answer.starts_with("127.0.0.1") || answer == "::1",
        "{answer}"
    );
    let [step] = &bench.steps()[..] else {
        panic!("one step")
    };
    assert!(step.starts_with("1 no name server is configured"), "{step}");
}

const PERMITTED: &str = "service call-home\ncall-home vendor permit\n";
const VENDOR: &str =
    "dns vendor name-server 127.0.0.3\ndns vendor collector 127.0.0.77 192.0.2.77\n";
const COLLECTOR: &str = "tools.cisco.com";

#[tokio::test]
async fn the_four_steps_come_in_order_for_the_vendors_own_host() {
    let own = ToyDns::failing("127.0.0.1:0", ResponseCode::NXDomain);
    let vendor = ToyDns::failing(&beside(&own, 3), ResponseCode::ServFail);
    let text = format!("{PERMITTED}{VENDOR}dns name-server 127.0.0.1\n");
    let bench = Bench::new(&text, own.at.port());
    bench.finder.debug(true);
    let before = bench.published.borrow().config.clone();
    assert_eq!(
        bench.collector(COLLECTOR).await.as_deref(),
        Ok("127.0.0.77")
    );
    drop(vendor);
    let steps = [
        "1 127.0.0.1: no such name",
        "2 no interface has a security level",
        "3 127.0.0.3: answers Server Failure",
        "4 127.0.0.77",
    ];
    assert_eq!(bench.steps(), steps);
    let said = steps.map(|step| {
        format!(
            "711001: call-home: {COLLECTOR}: step {}: {}",
            &step[..1],
            &step[2..]
        )
    });
    assert_eq!(bench.said(), said);
    assert!(Arc::ptr_eq(&before, &bench.published.borrow().config));
    assert!(
        bench.finder.status().known.is_empty(),
        "a built-in address is drawn anew"
    );
}

#[tokio::test]
async fn the_vendors_servers_are_the_third_step() {
    let vendor = ToyDns::of("127.0.0.3:0", "127.0.0.5", 60);
    let port = vendor.at.port();
    let own = ToyDns::failing(&beside(&vendor, 1), ResponseCode::NXDomain);
    let text = format!("{PERMITTED}{VENDOR}dns name-server 127.0.0.1\n");
    let bench = Bench::new(&text, port);
    assert_eq!(bench.collector(COLLECTOR).await.as_deref(), Ok("127.0.0.5"));
    assert_eq!(bench.collector(COLLECTOR).await.as_deref(), Ok("127.0.0.5"));
    assert_eq!((own.names().len(), vendor.names().len()), (1, 1));
    // What the vendor's servers say is not for the hosts of the configuration.
    bench.host(COLLECTOR).await.expect_err("no such name");
    assert_eq!((own.names().len(), vendor.names().len()), (2, 1));
    assert_eq!(bench.said(), [""; 0]);
}

#[tokio::test]
async fn nobody_asks_the_vendor_for_another_host_or_without_both_words() {
    let vendor = ToyDns::of("127.0.0.3:0", "127.0.0.5", 60);
    let own = ToyDns::failing(&beside(&vendor, 1), ResponseCode::NXDomain);
    for (words, host) in [
        (PERMITTED, "collector.example"),
        (PERMITTED, "www.cisco.com"),
        ("call-home vendor permit\n", COLLECTOR),
        ("service call-home\n", COLLECTOR),
        ("", COLLECTOR),
    ] {
        let text = format!("{words}{VENDOR}dns name-server 127.0.0.1\n");
        let bench = Bench::new(&text, own.at.port());
        bench.collector(host).await.expect_err("no such name");
        let expected = format!("717026: Name lookup failed for hostname {host}");
        assert_eq!(bench.said(), [expected], "{words}{host}");
    }
    assert_eq!(vendor.asked(), []);
}

#[tokio::test]
async fn of_the_vendor_nobody_is_asked_whom_the_configuration_does_not_name() {
    let own = ToyDns::failing("127.0.0.1:0", ResponseCode::NXDomain);
    let text = format!("{PERMITTED}dns name-server 127.0.0.1\n");
    let bench = Bench::new(&text, own.at.port());
    bench.collector(COLLECTOR).await.expect_err("no such name");
    let steps = [
        "1 127.0.0.1: no such name",
        "2 no interface has a security level",
        "3 no address of the vendor's is configured",
        "4 no address of the vendor's is configured",
    ];
    assert_eq!(bench.steps(), steps);
}

#[tokio::test]
async fn the_fence_holds_for_every_step() {
    let vendor = ToyDns::of("127.0.0.3:0", "127.0.0.5", 60);
    let text = format!(
        "{PERMITTED}dns name-server 192.0.2.53\ndns vendor name-server 192.0.2.54\ndns vendor collector 192.0.2.77\n"
    );
    let bench = Bench::new(&text, vendor.at.port());
    bench.collector(COLLECTOR).await.expect_err("outside");
    let steps = [
        "1 192.0.2.53: not in --only-to",
        "2 no interface has a security level",
        "3 192.0.2.54: not in --only-to",
        "4 not in --only-to",
    ];
    assert_eq!(bench.steps(), steps);
}

#[tokio::test]
async fn an_interface_gives_its_address_and_one_that_is_not_there_is_a_reason() {
    let server = ToyDns::of("127.0.0.1:0", "192.0.2.1", 60);
    let text = "interface lo\nnameif inside\ninterface none9\nnameif outside\n\
                dns domain-lookup inside\ndns domain-lookup outside\ndns name-server 127.0.0.2\ndns name-server 127.0.0.1 outside\n\
                dns name-server 127.0.0.1 inside\n";
    let bench = Bench::new(text, server.at.port());
    assert_eq!(bench.host("host.example").await.as_deref(), Ok("192.0.2.1"));
    let steps = bench.steps();
    let outside = "1 127.0.0.2: interface outside has no address for it";
    assert!(steps.iter().any(|step| step == outside), "{steps:?}");
    assert_eq!(server.asked()[0].from.to_string(), "127.0.0.1");
}
