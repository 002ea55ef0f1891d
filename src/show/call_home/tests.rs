//! The layouts of `show call-home`, word for word, and their JSON.

use chrono::DateTime;

use super::*;
use crate::call_home::api::{Cycle, NotDue};
use crate::config::call_home::script::Script;
use crate::config::call_home::{AlertSeverity, TimeOfDay};

const CONFIGURED: &str = "\
crypto ca reference-identity id
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
no alert-group syslog
alert-group-config snapshot
add-command show version
profile ops
destination address http https://collector.example.com/ddce
destination address http https://other.example.com/ddce reference-identity id
destination address email noc@example.com
destination address email lab@example.com
destination transport-method http
destination message-size-limit 1000
subscribe-to-alert-group syslog severity critical
subscribe-to-alert-group syslog message 106100-106103
subscribe-to-alert-group diagnostic severity minor
subscribe-to-alert-group inventory periodic daily 22:30
";

fn configured() -> RunningConfig {
    Script::accepts(CONFIGURED)
}

const SETTINGS: &str = "\
Current Smart Call-Home settings:
 Smart Call-Home feature : enable
 Smart Call-Home messages to the vendor: disable
 Smart Call-Home message's from address: asa@example.com
 Smart Call-Home message's reply-to address: noc@example.com
 contact person's name: NOC
 contact person's email address: noc@example.com
 contact person's phone: +1-555-555-0100
 street address: 1 Any Street, Any City
 customer ID: ExampleCorp
 contract ID: X123
 site ID: DC1
 Mail-server[1]: Address: smtp.example.com Priority: 1
 Mail-server[2]: Address: 192.0.2.25 Priority: 10
 http proxy: Not yet set up
 Rate-limit: 10 message(s) per minute
 Snapshot command[0]: show version

Available alert groups:
 Keyword                  State   Description
 ------------------------ ------- -------------------------------
 configuration            Enable  configuration info
 diagnostic               Enable  diagnostic info
 environment              Enable  environmental info
 inventory                Enable  inventory info
 snapshot                 Enable  snapshot info
 syslog                   Disable syslog info
 telemetry                Enable  telemetry info
 threat                   Enable  threat detection info

Profiles:
 Profile Name: CiscoTAC-1
 Profile Name: ops
";

const OPS: &str = "\
Profile Name: ops
    Profile status: ACTIVE
    Preferred Message Format: xml
    Message Size Limit: 1000 Bytes
    Transport Method: http
    HTTP  address: https://collector.example.com/ddce
                   https://other.example.com/ddce (reference-identity id)
    Other address(es): noc@example.com
                       lab@example.com

    Periodic inventory info message is scheduled daily at 22:30 (next 2026-12-01 22:30 GMT+01:00)

    Alert-group               Severity
    ------------------------  ------------
    diagnostic                minor
    inventory                 n/a

    Syslog-Pattern            Severity
    ------------------------  ------------
    .*                        critical
    message 106100-106103     debugging
";

const NEW: &str = "\
Profile Name: new
    Profile status: ACTIVE
    Preferred Message Format: xml
    Message Size Limit: 3145728 Bytes
    Transport Method: email
    Email address(es): Not yet set up

    Alert-group               Severity
    ------------------------  ------------
    N/A                       N/A

    Syslog-Pattern            Severity
    ------------------------  ------------
    N/A                       N/A
";

/// What the room says of the one schedule that there is.
fn scheduled(is_due: Result<(), NotDue>) -> Scheduled {
    let time = TimeOfDay {
        hour: 22,
        minute: 30,
    };
    Scheduled {
        profile: "ops".into(),
        group: AlertGroup::Inventory,
        cycle: Cycle::Daily { time },
        next: is_due.map(|()| DateTime::parse_from_rfc3339("2026-12-01T22:30:00+01:00").ok()),
    }
}

#[test]
fn what_is_not_sent_by_the_clock_says_why() {
    let shown = profile(
        &configured(),
        "ops",
        &[scheduled(Err(NotDue::ProfileInactive))],
    );
    let shown = shown.map(|view| view.to_string()).unwrap_or_default();
    let line = "    Periodic inventory info message is scheduled daily at 22:30 (not sent: the profile is inactive)";
    assert!(shown.lines().any(|shown| shown == line), "{shown}");
}

#[test]
fn settings_have_an_asas_layout() {
    assert_eq!(settings(&configured()).to_string(), SETTINGS);
}

#[test]
fn what_is_not_configured_says_so() {
    let shown = settings(&RunningConfig::default()).to_string();
    for line in [
        " Smart Call-Home feature : disable",
        " street address: Not yet set up",
        " Mail-server: Not yet set up",
        " Snapshot command: Not yet set up",
    ] {
        assert!(
            shown.lines().any(|shown| shown == line),
            "{line} in {shown}"
        );
    }
}

#[test]
fn a_profile_has_the_layout_of_ios_xe() {
    assert_eq!(
        profile(&configured(), "ops", &[scheduled(Ok(()))]).map(|view| view.to_string()),
        Some(OPS.to_owned())
    );
    let new = Script::run("call-home\nprofile new").config;
    assert_eq!(
        profile(&new, "new", &[]).map(|view| view.to_string()),
        Some(NEW.to_owned())
    );
    assert_eq!(profile(&new, "nosuch", &[]), None);
}

#[test]
fn detail_is_the_settings_and_every_profile() {
    let config = configured();
    let shown = detail(&config, &[scheduled(Ok(()))]).to_string();
    assert!(
        shown.starts_with(SETTINGS) && shown.ends_with(&format!("\n\n{OPS}")),
        "{shown}"
    );
    assert_eq!(profiles(&config, &[]).profiles.len(), 2);
}

#[test]
fn a_subscription_to_everything_lists_every_group() {
    let config = Script::run("call-home\nprofile p\nsubscribe-to-alert-group all\nsubscribe-to-alert-group threat severity major").config;
    let view = profile(&config, "p", &[])
        .map(|view| view.profiles)
        .unwrap_or_default();
    let groups: Vec<_> = view
        .iter()
        .flat_map(|profile| &profile.subscriptions)
        .map(|group| (group.alert_group, group.severity))
        .collect();
    assert_eq!(groups.len(), 7);
    assert!(
        groups.contains(&("threat", Some(AlertSeverity::Major)))
            && groups.contains(&("environment", Some(AlertSeverity::Debugging)))
    );
    assert_eq!(view.first().map(|profile| profile.syslog.len()), Some(1));
}

#[test]
fn what_ios_alone_has_is_listed_where_it_is_configured() {
    let config = Script::run(
        "call-home\ncontact the night shift\nmail-server a.example.com priority 1 secure tls\nvrf Mgmt\n\
         source-ip-address 192.0.2.1\nsource-interface Loopback0\nno http secure server-identity-check\n\
         http resolve-hostname ipv4-first\ndiagnostic-signature\naaa-authorization\naaa-authorization username ops\n\
         data-privacy level high\ndata-privacy hostname\nno syslog-throttling\n\
         profile p\nanonymous-reporting-only\nreporting smart-call-home-data\n",
    )
    .config;
    let plain = settings(&RunningConfig::default()).to_string();
    let shown = settings(&config).to_string();
    let more: Vec<_> = shown.lines().filter(|line| !plain.contains(line)).collect();
    assert_eq!(
        more,
        [
            " contact: the night shift",
            " Mail-server[1]: Address: a.example.com Priority: 1 Secure: tls",
            " vrf for call-home messages: Mgmt",
            " source ip address: 192.0.2.1",
            " source interface: Loopback0",
            " http secure server identity check: disabled",
            " http resolve-hostname: ipv4-first",
            " Diagnostic signature: enabled",
            " aaa-authorization: enable",
            " aaa-authorization username: ops",
            " data-privacy: high hostname",
            " syslog throttling: disable",
            " Profile Name: p",
        ]
    );
    let profile = profile(&config, "p", &[]).map(|view| view.to_string());
    let profile = profile.unwrap_or_default();
    assert!(
        profile.contains(
            "    Profile mode: Anonymous Reporting Only\n    Reporting Data: Smart Call Home\n"
        ),
        "{profile}"
    );
    let json = serde_json::to_value(settings(&config)).unwrap_or_default();
    assert_eq!(json["vrf"], "Mgmt");
    assert_eq!(json["data_privacy_level"], "high");
    assert_eq!(json["server_identity_check"], false);
    assert_eq!(json["mail_servers"][0]["secure"], "tls");
}

#[test]
fn json_has_the_same_facts() {
    let config = configured();
    let json = |view: serde_json::Result<serde_json::Value>| view.unwrap_or_default();
    let shown = json(serde_json::to_value(settings(&config)));
    assert_eq!(shown["enabled"], true);
    assert_eq!(shown["mail_servers"][1]["priority"], 10);
    assert_eq!(shown["http_proxy"], serde_json::Value::Null);
    assert_eq!(
        shown["alert_groups"][5],
        serde_json::json!({"keyword": "syslog", "enabled": false, "description": "syslog info"})
    );
    let shown = json(serde_json::to_value(profiles(
        &config,
        &[scheduled(Ok(()))],
    )));
    assert_eq!(
        shown[1]["subscriptions"][1],
        serde_json::json!({"alert_group": "inventory", "severity": null, "periodic": "daily 22:30",
            "schedule": {"cycle": {"daily": {"time": "22:30"}}, "next": "2026-12-01T22:30:00+01:00", "not_due": null}})
    );
    let shown = json(serde_json::to_value(profiles(
        &config,
        &[scheduled(Err(NotDue::ServiceOff))],
    )));
    let schedule = &shown[1]["subscriptions"][1]["schedule"];
    assert_eq!(schedule["next"], serde_json::Value::Null);
    assert_eq!(schedule["not_due"], "service-off");
    assert_eq!(shown[1]["http"]["addresses"][1]["reference_identity"], "id");
}
