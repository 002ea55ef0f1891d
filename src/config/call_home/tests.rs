//! What the call-home commands change, and that the text which is printed gives the same configuration again.

use super::script::Script;
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

fn section(config: &RunningConfig) -> String {
    let mut out = Lines::new(false);
    config.call_home.lines(&mut out);
    out.into_text()
}

/// All lines accepted.
fn read(text: &str) -> RunningConfig {
    let script = Script::run(text);
    assert_eq!(script.refused, [], "{text}");
    script.config
}

fn ops(lines: &str) -> RunningConfig {
    read(&format!("call-home\nprofile ops\n{lines}"))
}

#[track_caller]
fn refuses(before: &str, line: &str, refusal: &Refusal) {
    let mut script = Script::run(before);
    let start = script.config.clone();
    script.feed(line);
    assert_eq!(script.refused, [(line.to_owned(), Some(refusal.clone()))]);
    assert_eq!(script.config, start, "a refused line has changed something");
}

#[test]
fn a_new_device_prints_the_predefined_profile() {
    assert_eq!(section(&RunningConfig::default()), TAIL);
    assert_eq!(read(TAIL), RunningConfig::default());
}

#[test]
fn the_manuals_example_is_printed_as_it_was_typed() {
    let profiles = TAIL.strip_prefix("call-home\n").unwrap_or_default();
    let text = format!("{EXAMPLE}{profiles}{EXAMPLE_PROFILE}");
    let config = read(&text);
    assert_eq!(section(&config), text);
    let typed = read(&format!("{EXAMPLE}{EXAMPLE_PROFILE}"));
    assert_eq!(typed, config);
}

#[test]
fn quotes_are_printed_only_around_blanks() {
    let text =
        "call-home\ncontact-name NOC of the north\ncustomer-id \"8675309\"\nprofile \"mns\"\n";
    let shown = section(&read(text));
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
        let config = read(&format!("call-home\ncontact-name {text}\n"));
        assert_eq!(read(&section(&config)), config, "{text}");
    }
}

#[test]
fn a_users_profile_is_active_and_sends_mail_until_told_otherwise() {
    let config = ops("");
    let profile = config.call_home.profile("ops").cloned().unwrap_or_default();
    assert!(profile.is_active());
    assert_eq!(
        profile.methods(),
        Methods {
            http: false,
            email: true
        }
    );
    assert_eq!(
        (profile.format(), profile.message_size_limit()),
        (Format::Xml, 3_145_728)
    );
    assert!(section(&config).ends_with(" profile ops\n"));
}

#[test]
fn the_predefined_profile_is_inactive_until_told_otherwise() {
    let tac = |lines: &str| read(&format!("call-home\nprofile CiscoTAC-1\n{lines}"));
    assert_eq!(tac("no active"), RunningConfig::default());
    assert!(section(&tac("active")).contains(" profile CiscoTAC-1\n  active\n"));
    assert_eq!(tac("active\ndefault active"), RunningConfig::default());
}

#[test]
fn what_was_taken_from_the_predefined_profile_stays_away() {
    let config = read(
        "call-home\nprofile CiscoTAC-1\nno destination address email callhome@cisco.com\nno subscribe-to-alert-group diagnostic\n\
         no destination transport-method http\n",
    );
    let shown = section(&config);
    for line in [
        "no destination address email callhome@cisco.com",
        "no subscribe-to-alert-group diagnostic",
        "no destination transport-method http",
    ] {
        assert!(shown.contains(&format!("\n  {line}\n")), "{shown}");
    }
    assert_eq!(read(&shown), config);
}

#[test]
fn removing_the_predefined_profile_brings_it_back_as_delivered() {
    let script = Script::run("call-home\nprofile CiscoTAC-1\nactive\nno profile CiscoTAC-1\n");
    assert_eq!(script.config, RunningConfig::default());
    assert!(
        matches!(script.notices.as_slice(), [.., Notice::Info(text)] if text.contains("CiscoTAC-1")),
        "{:?}",
        script.notices
    );
    assert_eq!(
        read("call-home\nprofile ops\nprofile CiscoTAC-1\nactive\nno profile all\n"),
        RunningConfig::default()
    );
}

#[test]
fn the_first_method_named_replaces_the_default_and_a_second_joins_it() {
    let methods = |lines: &str| {
        ops(lines)
            .call_home
            .profile("ops")
            .map(|profile| profile.methods())
    };
    assert_eq!(
        methods("destination transport-method http"),
        Some(Methods {
            http: true,
            email: false
        })
    );
    assert_eq!(
        methods("destination transport-method http\ndestination transport-method email"),
        Some(Methods {
            http: true,
            email: true
        })
    );
    assert_eq!(
        methods("no destination transport-method email"),
        Some(Methods::default())
    );
    assert_eq!(
        ops("destination transport-method http\nno destination transport-method http"),
        ops("")
    );
}

#[test]
fn eleven_profiles_are_one_too_many() {
    let ten: String = (0..10)
        .map(|number| format!("profile p{number}\n"))
        .collect();
    let before = format!("call-home\n{ten}exit\n");
    let before = before.trim_end_matches("exit\n");
    refuses(
        before,
        "profile p10",
        &Refusal::Limit {
            kind: Kind::Profile,
            most: 10,
        },
    );
    refuses(
        before,
        "copy profile p1 p10",
        &Refusal::Limit {
            kind: Kind::Profile,
            most: 10,
        },
    );
    assert_eq!(
        read(&format!("{before}profile p9\n"))
            .call_home
            .profiles
            .len(),
        11
    );
}

#[test]
fn six_mail_servers_are_one_too_many() {
    let five: String = (1..=5)
        .map(|number| format!("mail-server 192.0.2.{number} priority 50\n"))
        .collect();
    refuses(
        &format!("call-home\n{five}"),
        "mail-server 192.0.2.6 priority 1",
        &Refusal::Limit {
            kind: Kind::MailServer,
            most: 5,
        },
    );
    let config = read(&format!(
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
fn a_copy_of_the_predefined_profile_is_a_profile_like_any_other() {
    let config = read("call-home\ncopy profile CiscoTAC-1 ops\n");
    let copy = config.call_home.profile("ops").cloned().unwrap_or_default();
    assert!(!copy.predefined && !copy.is_active());
    assert_eq!(read(&section(&config)), config);
}

#[test]
fn profiles_are_renamed_and_copied_to_free_names_alone() {
    let before = "call-home\nprofile a\nprofile b\n";
    let exists = Refusal::Exists {
        kind: Kind::Profile,
        name: "b".into(),
    };
    refuses(before, "copy profile a b", &exists);
    refuses(before, "rename profile a b", &exists);
    refuses(
        before,
        "rename profile c d",
        &Refusal::NotDefined {
            kind: Kind::Profile,
            name: "c".into(),
        },
    );
    refuses(
        before,
        "rename profile CiscoTAC-1 d",
        &Refusal::NotAllowed {
            why: "A predefined profile cannot be renamed",
        },
    );
    let renamed = read(&format!("{before}rename profile a c\n"));
    assert!(renamed.call_home.profile("a").is_none() && renamed.call_home.profile("c").is_some());
}

#[test]
fn what_is_not_there_cannot_be_removed() {
    let gone = |kind, name: &str| Refusal::NotDefined {
        kind,
        name: name.into(),
    };
    refuses(
        "call-home",
        "no profile nosuch",
        &gone(Kind::Profile, "nosuch"),
    );
    refuses(
        "call-home",
        "no mail-server nosuch",
        &gone(Kind::MailServer, "nosuch"),
    );
    refuses(
        "call-home\nprofile p",
        "no destination address http http://a/",
        &gone(Kind::Destination, "http://a/"),
    );
    refuses(
        "call-home\nprofile p",
        "no destination address email a@b",
        &gone(Kind::Destination, "a@b"),
    );
    refuses(
        "call-home\nalert-group-config snapshot",
        "no add-command show version",
        &gone(Kind::Command, "show version"),
    );
}

#[test]
fn a_profile_removed_by_another_console_is_not_made_again() {
    let mut script = Script::run("call-home\nprofile ops\n");
    Arc::make_mut(&mut script.config.call_home)
        .profiles
        .remove("ops");
    script.feed("no active");
    assert_eq!(
        script.refused,
        [(
            "no active".to_owned(),
            Some(Refusal::NotDefined {
                kind: Kind::Profile,
                name: "ops".into()
            })
        )]
    );
}

#[test]
fn a_reference_identity_must_exist_before_a_profile_names_it() {
    let missing = Refusal::NotDefined {
        kind: Kind::ReferenceIdentity,
        name: "id".into(),
    };
    refuses(
        "call-home\nprofile p",
        "destination address http https://a/ reference-identity id",
        &missing,
    );
    refuses("call-home\nprofile p", "reference-identity id", &missing);
    let used = "crypto ca reference-identity id\ncall-home\nprofile p\ndestination address http https://a/ reference-identity id";
    refuses(
        used,
        "no crypto ca reference-identity id",
        &Refusal::NotAllowed {
            why: "The reference identity is in use by a call-home profile",
        },
    );
}

#[test]
fn a_group_that_only_all_covers_cannot_be_taken_out_of_it() {
    let why = "The profile subscribes to all alert groups; remove that subscription first";
    refuses(
        "call-home\nprofile p\nsubscribe-to-alert-group all",
        "no subscribe-to-alert-group threat",
        &Refusal::NotAllowed { why },
    );
    let config = ops("subscribe-to-alert-group all");
    let profile = config.call_home.profile("ops").cloned().unwrap_or_default();
    assert!(
        AlertGroup::ALL
            .into_iter()
            .all(|group| profile.subscribes_to(group))
    );
    assert_eq!(
        ops(
            "subscribe-to-alert-group all\nsubscribe-to-alert-group threat\nno subscribe-to-alert-group all"
        ),
        ops("")
    );
}

#[test]
fn syslog_is_subscribed_to_by_severity_by_number_and_by_pattern() {
    let config = ops(
        "subscribe-to-alert-group syslog message 106100-106103 severity warnings\nsubscribe-to-alert-group syslog pattern \"a b\"\n\
         subscribe-to-alert-group syslog severity critical\n",
    );
    let tail = "  subscribe-to-alert-group syslog severity critical\n  subscribe-to-alert-group syslog severity warning message 106100-106103\n  \
                subscribe-to-alert-group syslog pattern \"a b\"\n";
    assert!(section(&config).ends_with(tail), "{}", section(&config));
    let mut script = Script::on(config);
    script
        .feed("call-home\nprofile ops\nno subscribe-to-alert-group syslog message 106100-106103\n");
    assert_eq!(
        script
            .config
            .call_home
            .profile("ops")
            .map(|profile| profile.subscriptions.syslog.len()),
        Some(2)
    );
    script.feed("no subscribe-to-alert-group syslog\n");
    assert_eq!(script.config, ops(""));
}

#[test]
fn a_pattern_that_does_not_translate_is_refused() {
    let mut script =
        Script::run("call-home\nprofile p\nsubscribe-to-alert-group syslog pattern a(b\n");
    assert!(matches!(
        script.refused.pop(),
        Some((_, Some(Refusal::Pattern { .. })))
    ));
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
fn anonymous_reporting_is_refused_and_its_refusal_kept() {
    refuses(
        "",
        "call-home reporting anonymous",
        &Refusal::NotAllowed {
            why: "Anonymous reporting is not available",
        },
    );
    assert!(
        read("no call-home reporting anonymous")
            .system
            .anonymous_refused
    );
}

#[test]
fn clearing_the_block_keeps_the_switches_before_it() {
    let config = read(
        "call-home vendor permit\nservice call-home\ncall-home\nrate-limit 3\nprofile ops\nno call-home",
    );
    assert_eq!(config, read("call-home vendor permit\nservice call-home"));
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
        let set = read(&format!("call-home\n{line}"));
        assert_ne!(set, RunningConfig::default(), "{line}");
        assert_eq!(read(&section(&set)), set, "{line}");
        assert_eq!(
            read(&format!("call-home\n{line}\n{removal}")),
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
