//! What the commands that IOS alone has change, and that a line's opposite takes it back.

use super::script::Script;
use super::tests::section;
use super::*;

/// Without its first line, the block's own.
fn printed(config: &RunningConfig) -> String {
    let text = section(config);
    let (block, _) = text.split_once(" profile CiscoTAC-1").unwrap_or_default();
    block.strip_prefix("call-home\n").unwrap_or_default().into()
}

#[test]
fn a_setting_of_ios_is_printed_as_typed_and_taken_back() {
    for (line, removals) in [
        ("contact the night shift", ["no contact", "no contact x"]),
        (
            "mail-server 192.0.2.25 priority 1 secure starttls",
            ["no mail-server all", "no mail-server 192.0.2.25"],
        ),
        (
            "http resolve-hostname ipv4-first",
            [
                "no http resolve-hostname ipv4-first",
                "default http resolve-hostname ipv4-first",
            ],
        ),
        (
            "no http secure server-identity-check",
            [
                "http secure server-identity-check",
                "default http secure server-identity-check",
            ],
        ),
        (
            "source-interface GigabitEthernet0/0",
            ["no source-interface", "no source-interface Loopback0"],
        ),
        (
            "source-ip-address 2001:db8::1",
            ["no source-ip-address", "no source-ip-address 192.0.2.1"],
        ),
        ("vrf Mgmt", ["no vrf", "no vrf Mgmt"]),
        (
            "aaa-authorization",
            ["no aaa-authorization", "default aaa-authorization"],
        ),
        (
            "aaa-authorization username ops",
            [
                "no aaa-authorization username",
                "default aaa-authorization username ops",
            ],
        ),
        (
            "data-privacy level high",
            ["no data-privacy level", "default data-privacy level"],
        ),
        (
            "data-privacy hostname",
            ["no data-privacy hostname", "default data-privacy hostname"],
        ),
        (
            "no syslog-throttling",
            ["syslog-throttling", "default syslog-throttling"],
        ),
        (
            "diagnostic-signature",
            ["no diagnostic-signature", "no diagnostic-signature"],
        ),
    ] {
        let config = Script::accepts(&format!("call-home\n{line}"));
        let quoted = line.replace("the night shift", "\"the night shift\"");
        assert_eq!(printed(&config), format!(" {quoted}\n"));
        assert_eq!(Script::accepts(&section(&config)), config, "{line}");
        for removal in removals {
            let config = Script::accepts(&format!("call-home\n{line}\n{removal}"));
            assert_eq!(config, RunningConfig::default(), "{line}, {removal}");
        }
    }
}

#[test]
fn the_switch_of_authorization_and_its_user_are_two_settings() {
    let config = Script::accepts(
        "call-home\naaa-authorization\naaa-authorization username ops\nno aaa-authorization\n",
    );
    assert_eq!(printed(&config), " aaa-authorization username ops\n");
    assert_eq!(config.call_home.ios.authorization_username(), "ops");
    let ios = IosSettings::default();
    assert_eq!(ios.authorization_username(), "callhome");
}

#[test]
fn who_asks_for_more_privacy_than_there_is_is_told_once() {
    let told = |lines: &str| Script::run(&format!("call-home\n{lines}")).notices.len();
    assert_eq!(told("data-privacy level normal"), 0);
    assert_eq!(told("data-privacy level high\ndata-privacy level high"), 1);
    assert_eq!(told("data-privacy hostname"), 1);
    assert_eq!(
        told("data-privacy hostname\ndata-privacy level high\nno data-privacy hostname"),
        2
    );
    assert_eq!(
        told("profile p\nanonymous-reporting-only\nanonymous-reporting-only"),
        1
    );
}

#[test]
fn a_profile_keeps_what_it_reports() {
    let ops = |lines: &str| Script::accepts(&format!("call-home\nprofile ops\n{lines}"));
    let config = ops("reporting smart-licensing-data\nanonymous-reporting-only\nreporting all\n");
    assert!(
        section(&config).ends_with(" profile ops\n  anonymous-reporting-only\n  reporting all\n")
    );
    assert_eq!(Script::accepts(&section(&config)), config);
    for line in ["no reporting", "default reporting", "no reporting all"] {
        assert_eq!(ops(&format!("reporting all\n{line}")), ops(""), "{line}");
    }
    for line in [
        "no anonymous-reporting-only",
        "default anonymous-reporting-only",
    ] {
        assert_eq!(ops(&format!("anonymous-reporting-only\n{line}")), ops(""));
    }
}

#[test]
fn the_default_of_a_setting_is_what_a_new_device_has() {
    let pairs = [
        ("no alert-group syslog", "default alert-group syslog"),
        ("no alert-group all", "default alert-group all"),
        ("rate-limit 3", "default rate-limit"),
        (
            "alert-group-config environment\nthreshold cpu 10-20",
            "default threshold cpu",
        ),
        (
            "profile CiscoTAC-1\ndestination transport-method email",
            "default destination transport-method",
        ),
        (
            "profile CiscoTAC-1\nno destination transport-method http",
            "default destination transport-method",
        ),
        (
            "profile CiscoTAC-1\ndestination preferred-msg-format long-text",
            "default destination preferred-msg-format",
        ),
        (
            "profile CiscoTAC-1\ndestination message-size-limit 100",
            "default destination message-size-limit",
        ),
    ];
    for (line, default) in pairs {
        let set = Script::accepts(&format!("call-home\n{line}"));
        assert_ne!(set, RunningConfig::default(), "{line}");
        let config = Script::accepts(&format!("call-home\n{line}\n{default}"));
        assert_eq!(config, RunningConfig::default(), "{default}");
    }
    let mail = Script::accepts(
        "call-home\nprofile ops\ndestination transport-method http\ndefault destination transport-method",
    );
    assert_eq!(mail, Script::accepts("call-home\nprofile ops"));
}
