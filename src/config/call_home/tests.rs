//! What the call-home commands change, and that the text which is printed gives the same configuration again.

use super::script::{Script, printed};
use super::*;

/// As four public configurations print it.
const TAIL: &str = "\
call-home
 profile CiscoTAC-1
  no active
  destination address http https://tools.cisco.com/its/service/oddce/services/DDCEService
  destination address email callhome@cisco.com
  destination transport-method http
  subscribe-to-alert-group diagnostic
  subscribe-to-alert-group environment
  subscribe-to-alert-group inventory periodic monthly
  subscribe-to-alert-group configuration periodic monthly
  subscribe-to-alert-group telemetry periodic daily
";

const EXAMPLE: &str = "\
service call-home
call-home
 contact-name NOC
 contact-email-addr noc@example.com
 phone-number +1-555-555-0100
 street-address \"1 Any Street, Any City\"
 customer-id ExampleCorp
 site-id DC1
 contract-id X123
 mail-server smtp.example.com priority 1
 mail-server 192.0.2.25 priority 10
 sender from asa@example.com
 sender reply-to noc@example.com
 rate-limit 10
";

const EXAMPLE_PROFILE: &str = " profile ops
  active
  destination address http https://collector.example.com/ddce
  destination preferred-msg-format xml
  destination transport-method http
  subscribe-to-alert-group syslog severity critical
  subscribe-to-alert-group inventory periodic daily 22:30
";

pub(super) fn section(config: &RunningConfig) -> String {
    printed(|out| config.call_home.lines(out))
}

#[test]
fn a_new_device_prints_the_predefined_profile() {
    assert_eq!(section(&RunningConfig::default()), TAIL);
    assert_eq!(Script::accepts(TAIL), RunningConfig::default());
}

#[test]
fn the_manuals_example_is_printed_as_it_was_typed() {
    let profiles = TAIL.strip_prefix("call-home\n").unwrap_or_default();
    let text = format!("{EXAMPLE}{profiles}{EXAMPLE_PROFILE}");
    let config = Script::accepts(&text);
    assert_eq!(section(&config), text);
    let typed = Script::accepts(&format!("{EXAMPLE}{EXAMPLE_PROFILE}"));
    assert_eq!(typed, config);
}

#[test]
fn quotes_are_printed_only_around_blanks() {
    let text =
        "call-home\ncontact-name NOC of the north\ncustomer-id \"8675309\"\nprofile \"mns\"\n";
    let shown = section(&Script::accepts(text));
    assert!(
        shown.contains(" contact-name \"NOC of the north\"\n"),
        "{shown}"
    );
    assert!(shown.contains(" customer-id 8675309\n"), "{shown}");
    assert!(shown.contains(" profile mns\n"), "{shown}");
}

#[test]
fn quotes_that_belong_to_a_text_survive_printing() {
    for text in [
        "\"NOC\" north",
        "\"\"NOC\"\"",
        "a \"b\"",
        "\"",
        "\"a",
        "a\"",
    ] {
        let config = Script::accepts(&format!("call-home\ncontact-name {text}\n"));
        assert_eq!(Script::accepts(&section(&config)), config, "{text}");
    }
}

#[test]
fn six_mail_servers_are_one_too_many() {
    let five: String = (1..=5)
        .map(|number| format!("mail-server 192.0.2.{number} priority 50\n"))
        .collect();
    Script::refuses(
        &format!("call-home\n{five}"),
        "mail-server 192.0.2.6 priority 1",
        &Refusal::Limit {
            kind: Kind::MailServer,
            most: 5,
        },
    );
    let config = Script::accepts(&format!(
        "call-home\n{five}mail-server 192.0.2.5 priority 1\n"
    ));
    let hosts: Vec<_> = config
        .call_home
        .mail_servers
        .iter()
        .map(|server| &*server.host)
        .collect();
    assert_eq!(
        hosts,
        [
            "192.0.2.5",
            "192.0.2.1",
            "192.0.2.2",
            "192.0.2.3",
            "192.0.2.4"
        ]
    );
}

#[test]
fn what_is_not_there_cannot_be_removed() {
    let gone = |kind, name: &str| Refusal::NotDefined {
        kind,
        name: name.into(),
    };
    Script::refuses(
        "call-home",
        "no profile nosuch",
        &gone(Kind::Profile, "nosuch"),
    );
    Script::refuses(
        "call-home",
        "no mail-server nosuch",
        &gone(Kind::MailServer, "nosuch"),
    );
    Script::refuses(
        "call-home\nprofile p",
        "no destination address http http://a/",
        &gone(Kind::Destination, "http://a/"),
    );
    Script::refuses(
        "call-home\nprofile p",
        "no destination address email a@b",
        &gone(Kind::Destination, "a@b"),
    );
    Script::refuses(
        "call-home\nalert-group-config snapshot",
        "no add-command show version",
        &gone(Kind::Command, "show version"),
    );
}

#[test]
fn enabling_the_feature_says_that_the_vendors_destinations_are_not_permitted() {
    let said = |text: &str| Script::run(text).notices.len();
    assert_eq!(said("service call-home"), 1);
    assert_eq!(said("service call-home\nservice call-home"), 1);
    assert_eq!(said("call-home vendor permit\nservice call-home"), 0);
    assert_eq!(said("call-home\nprofile CiscoTAC-1\nactive\nactive"), 1);
    assert_eq!(said("call-home\nprofile ops\nno active\nactive"), 0);
}

#[test]
fn clearing_the_block_keeps_the_switches_before_it() {
    let config = Script::accepts(
        "call-home vendor permit\nservice call-home\ncall-home\nrate-limit 3\nprofile ops\nno call-home",
    );
    assert_eq!(
        config,
        Script::accepts("call-home vendor permit\nservice call-home")
    );
}

#[test]
fn a_removal_brings_the_start_back() {
    let pairs = [
        (
            "alert-group-config environment\nthreshold cpu 10-20",
            "no threshold cpu",
        ),
        (
            "alert-group-config environment\nthreshold cpu 10-20",
            "no alert-group-config environment",
        ),
        (
            "alert-group-config snapshot\nadd-command show version",
            "default add-command \"show version\"",
        ),
        ("contact-name NOC", "no contact-name"),
        ("contact-name NOC", "no contact-name NOC"),
        ("phone-number \"+1 2\"", "no phone-number"),
        ("mail-server a priority 1", "no mail-server a priority 1"),
        ("mail-server a priority 1", "no mail-server all"),
        ("sender from a@b", "no sender from"),
        ("rate-limit 5", "no rate-limit"),
        ("http-proxy 192.0.2.1 port 3128", "no http-proxy"),
        ("no alert-group all", "alert-group all"),
        ("no alert-group syslog", "alert-group syslog"),
    ];
    for (line, removal) in pairs {
        let set = Script::accepts(&format!("call-home\n{line}"));
        assert_ne!(set, RunningConfig::default(), "{line}");
        assert_eq!(Script::accepts(&section(&set)), set, "{line}");
        assert_eq!(
            Script::accepts(&format!("call-home\n{line}\n{removal}")),
            RunningConfig::default(),
            "{removal}"
        );
    }
}

#[test]
fn values_out_of_range_are_no_commands() {
    let long = "x".repeat(201);
    for line in [
        "rate-limit 0",
        "rate-limit 61",
        "mail-server a priority 101",
        "profile all",
        &format!("profile {}", "p".repeat(32)),
        "profile \"a b\"",
    ] {
        assert!(
            !Script::run(&format!("call-home\n{line}"))
                .refused
                .is_empty(),
            "{line}"
        );
    }
    for line in [
        &format!("contact-name {long}"),
        "contact-email-addr nobody",
        "contact-name \"\"",
        "customer-id \"  \"",
    ] {
        assert!(
            !Script::run(&format!("call-home\n{line}"))
                .refused
                .is_empty(),
            "{line}"
        );
    }
    for line in [
        "threshold cpu 90-85",
        "threshold cpu 85-101",
        "threshold cpu 85",
    ] {
        assert!(
            !Script::run(&format!(
                "call-home\nalert-group-config environment\n{line}"
            ))
            .refused
            .is_empty(),
            "{line}"
        );
    }
    for line in [
        "destination message-size-limit 49",
        "destination message-size-limit 3145729",
        "destination address http ftp://a/",
    ] {
        assert!(
            !Script::run(&format!("call-home\nprofile p\n{line}"))
                .refused
                .is_empty(),
            "{line}"
        );
    }
}

#[test]
fn a_mail_server_keeps_its_port_its_protection_and_its_sealed_password() {
    let line = " mail-server a priority 1 port 587 secure starttls username fw password $wf1$00 encrypted\n";
    let config = Script::accepts(&format!("call-home\n{line}"));
    assert!(section(&config).contains(line), "{}", section(&config));
    assert_eq!(Script::accepts(&section(&config)), config);
    let server = &config.call_home.mail_servers[0];
    assert_eq!(server.port(), 587);
    for (line, port) in [
        ("secure tls", 465),
        ("secure none", 25),
        ("port 26 secure tls", 26),
    ] {
        let config = Script::accepts(&format!("call-home\nmail-server a priority 1 {line}\n"));
        assert_eq!(config.call_home.mail_servers[0].port(), port, "{line}");
    }
    Script::refuses(
        "call-home",
        "mail-server a priority 1 secure none username fw password x",
        &Refusal::NotAllowed {
            why: "A password is not sent without TLS; a mail server with a username cannot be secure none",
        },
    );
}
