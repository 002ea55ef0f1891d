//! What the `dns` commands change, and that the text which is printed gives the same configuration again.

use super::*;
use crate::config::call_home::script::{Script, printed};

fn section(config: &RunningConfig) -> String {
    printed(|out| config.dns.lines(out))
}

/// Behind `before`, `line` is refused, whyever, and changes nothing.
#[track_caller]
fn refuses(before: &str, line: &str) {
    let mut script = Script::run(before);
    assert_eq!(script.refused, []);
    script.end();
    let start = script.config.clone();
    script.feed(line);
    assert!(matches!(&*script.refused, [(_, Some(_))]), "{line}");
    assert_eq!(script.config, start, "{line}");
}

const NAMED: &str = "interface eth0\nnameif outside\n";

#[test]
fn what_an_asa_prints_is_printed_as_it_was_read() {
    let text = "domain-name example.net\ndns domain-lookup outside\ndns server-group DefaultDNS\n name-server 192.0.2.53\n name-server 2001:db8::53 outside\n \
                domain-name example.com\n retries 1\n timeout 3\ndns server-group lab\n name-server 198.51.100.1\n\
                dns vendor name-server 192.0.2.3\ndns vendor name-server 2001:db8::3\ndns vendor collector 192.0.2.77\ndns-group lab\n";
    assert_eq!(section(&Script::accepts(&format!("{NAMED}{text}"))), text);
}

#[test]
fn a_name_server_in_the_default_group_is_enough_to_have_dns() {
    let config = Script::accepts("dns server-group DefaultDNS\nname-server 192.0.2.53\n");
    assert_eq!(config.dns.servers().len(), 1);
    assert_eq!(
        Script::accepts("dns name-server 192.0.2.53\n").dns,
        config.dns
    );
    assert!(RunningConfig::default().dns.servers().is_empty());
}

#[test]
fn servers_keep_the_order_in_which_they_were_typed() {
    let config = Script::accepts(&format!(
        "{NAMED}dns name-server 192.0.2.3 192.0.2.1\ndns name-server 192.0.2.2 192.0.2.3 OUTSIDE\n"
    ));
    let servers = config.dns.servers().iter();
    let shown: Vec<_> = servers
        .map(|server| (server.address.to_string(), server.interface.as_deref()))
        .collect();
    let expected = [
        ("192.0.2.3", Some("outside")),
        ("192.0.2.1", None),
        ("192.0.2.2", Some("outside")),
    ];
    assert_eq!(
        shown,
        expected.map(|(address, by)| (address.to_owned(), by))
    );
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let before = format!("{NAMED}dns name-server 192.0.2.1 192.0.2.2\ndns-group DefaultDNS\n");
    for line in [
        "dns domain-lookup inside",
        "no dns domain-lookup outside",
        "dns name-server 192.0.2.9 inside",
        "dns name-server 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7",
        "no dns name-server 192.0.2.1 192.0.2.3",
        "no dns name-server 192.0.2.1 outside",
        "no dns server-group lab",
        "dns-group lab",
        "no dns-group lab",
        "domain-name -x",
        "no domain-name example.com",
        "dns vendor collector 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7",
        "no dns vendor name-server 192.0.2.1",
    ] {
        refuses(&before, line);
    }
}

#[test]
fn the_group_in_use_and_an_interface_in_use_stay() {
    let before =
        format!("{NAMED}dns server-group lab\nname-server 192.0.2.1 outside\ndns-group lab\n");
    for line in ["no dns server-group lab", "no interface eth0"] {
        refuses(&before, line);
    }
}

#[test]
fn the_domain_of_the_group_comes_before_the_devices() {
    let domain = |text: &str| Script::accepts(text).dns.domain().map(|d| d.to_string());
    assert_eq!(
        domain("domain-name a.example\n").as_deref(),
        Some("a.example")
    );
    let both = "domain-name a.example\ndns server-group DefaultDNS\ndomain-name b.example\n";
    assert_eq!(domain(both).as_deref(), Some("b.example"));
    assert_eq!(domain("no domain-name\n"), None);
}
