//! Which destinations an action reaches, and the reason of each that it does not.

use chrono::DateTime;

use super::super::api::Do;
use super::*;
use crate::config::call_home::{CISCO_TAC_1, MessageIds, Methods, Subscription};

fn http_profile(urls: &[&str]) -> Profile {
    let destination = |url: &&str| HttpDestination {
        url: (*url).into(),
        reference_identity: None,
    };
    Profile {
        http: urls.iter().map(destination).collect(),
        methods: Some(Methods {
            http: true,
            email: false,
        }),
        ..Profile::default()
    }
}

fn subscribed(mut profile: Profile, group: AlertGroup) -> Profile {
    profile
        .subscriptions
        .groups
        .insert(group, Subscription::default());
    profile
}

fn config(profiles: &[(&str, Profile)], change: impl FnOnce(&mut CallHome)) -> RunningConfig {
    let mut call_home = CallHome {
        service: true,
        ..CallHome::default()
    };
    for (name, profile) in profiles {
        call_home
            .profiles
            .insert((*name).into(), Arc::new(profile.clone()));
    }
    change(&mut call_home);
    RunningConfig {
        call_home: Arc::new(call_home),
        ..RunningConfig::default()
    }
}

fn test(profile: &str) -> Do {
    Do::Test {
        text: None,
        profile: profile.into(),
    }
}

const SEND_INVENTORY: Do = Do::Send {
    group: AlertGroup::Inventory,
    profile: None,
};

fn ordered(config: &RunningConfig, action: &Do) -> Result<Order, Nothing> {
    let (event, audience) = Event::asked(action, DateTime::UNIX_EPOCH);
    order(config, event, &audience)
}

/// Destination and what becomes of it without an attempt, `ok` where there will be one.
fn routes(config: &RunningConfig, action: &Do) -> Vec<(String, String)> {
    let order = ordered(config, action).expect("there is something to send");
    let route = |target: Target| match target.route {
        Ok(Route::Http { url, .. }) => {
            (target.destination.to_string(), format!("ok {}", url.host()))
        }
        Ok(Route::Email) => (target.destination.to_string(), "ok".to_owned()),
        Err(Outcome::Dropped(reason) | Outcome::Denied(reason)) => {
            (target.destination.to_string(), reason.to_string())
        }
        Err(other) => panic!("{other:?} without an attempt"),
    };
    let targets = order.parts.into_iter().flat_map(|part| part.targets);
    targets.map(route).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(name, route)| ((*name).to_owned(), (*route).to_owned()))
        .collect()
}

#[test]
fn a_test_goes_to_every_destination_of_the_named_profile() {
    let config = config(
        &[("ops", http_profile(&["http://a/", "http://b/"]))],
        |_| {},
    );
    assert_eq!(
        routes(&config, &test("ops")),
        pairs(&[("http://a/", "ok a"), ("http://b/", "ok b")])
    );
    assert_eq!(
        ordered(&config, &test("x")).err(),
        Some(Nothing::NoProfile("x".into()))
    );
}

#[test]
fn a_test_works_while_profile_and_feature_are_off_and_says_so() {
    let off = Profile {
        active: Some(false),
        ..http_profile(&["http://a/"])
    };
    let config = config(&[("ops", off)], |call_home| call_home.service = false);
    let order = ordered(&config, &test("ops")).expect("an order");
    assert_eq!(order.notes.len(), 2, "{:?}", order.notes);
    let mut targets = order.parts.iter().flat_map(|part| &part.targets);
    assert!(targets.all(|target| target.route.is_ok()));
}

#[test]
fn without_a_profile_every_active_subscriber_gets_the_message() {
    use AlertGroup::{Configuration, Inventory};
    let inactive = Profile {
        active: Some(false),
        ..subscribed(http_profile(&["http://c/"]), Inventory)
    };
    let config = config(
        &[
            ("a", subscribed(http_profile(&["http://a/"]), Inventory)),
            ("b", subscribed(http_profile(&["http://b/"]), Configuration)),
            ("c", inactive),
        ],
        |_| {},
    );
    assert_eq!(
        routes(&config, &SEND_INVENTORY),
        pairs(&[("http://a/", "ok a")])
    );
    let named = Do::Send {
        group: Inventory,
        profile: Some("c".into()),
    };
    assert_eq!(
        routes(&config, &named),
        pairs(&[("http://c/", "ok c")]),
        "a named profile need not subscribe"
    );
}

#[test]
fn nothing_is_sent_where_nobody_wants_it() {
    use AlertGroup::Inventory;
    let ops = [("ops", subscribed(http_profile(&["http://a/"]), Inventory))];
    let nothing = |config: RunningConfig| ordered(&config, &SEND_INVENTORY).err();
    assert_eq!(
        nothing(config(&[], |_| {})),
        Some(Nothing::NobodySubscribes("inventory"))
    );
    assert_eq!(
        nothing(config(&ops, |call_home| call_home.service = false)),
        Some(Nothing::ServiceOff)
    );
    let off = |call_home: &mut CallHome| {
        call_home.disabled_groups.insert(Inventory);
    };
    assert_eq!(
        nothing(config(&ops, off)),
        Some(Nothing::GroupOff("inventory"))
    );
}

#[test]
fn the_vendor_is_reached_with_both_switches_on_and_not_otherwise() {
    let url = vendor::COLLECTOR_URL;
    for (service, permit, route) in [
        (true, true, "ok tools.cisco.com"),
        (
            true,
            false,
            "VENDOR_DENIED(configure call-home vendor permit)",
        ),
        (
            false,
            false,
            "VENDOR_DENIED(configure call-home vendor permit)",
        ),
        (false, true, "VENDOR_DENIED(configure service call-home)"),
    ] {
        let config = config(&[], |call_home| {
            (call_home.service, call_home.vendor_permit) = (service, permit)
        });
        assert_eq!(routes(&config, &test(CISCO_TAC_1)), pairs(&[(url, route)]));
    }
}

#[test]
fn a_vendor_host_in_another_profile_is_denied_all_the_same() {
    let profile = http_profile(&["http://TOOLS.CISCO.COM.:8080/x"]);
    let config = config(&[("ops", profile)], |_| {});
    let (_, route) = routes(&config, &test("ops")).remove(0);
    assert_eq!(route, "VENDOR_DENIED(configure call-home vendor permit)");
}

#[test]
fn what_cannot_be_sent_says_why() {
    let url = "https://collector.example.com/ddce";
    let plain = http_profile(&[url]);
    let methods = |http, email| Some(Methods { http, email });
    let mail = Profile {
        email: vec!["noc@example.com".into()],
        methods: None,
        ..Profile::default()
    };
    for (profile, name, route) in [
        (
            Profile {
                methods: None,
                ..plain.clone()
            },
            "profile p",
            "NO_TX_METHOD(configure destination transport-method http)",
        ),
        (
            Profile {
                methods: methods(true, false),
                ..Profile::default()
            },
            "profile p",
            "NO_TX_METHOD(no destination address http)",
        ),
        (
            Profile::default(),
            "profile p",
            "NO_TX_METHOD(no destination address email)",
        ),
        (
            Profile {
                methods: methods(false, false),
                ..plain.clone()
            },
            "profile p",
            "NO_TX_METHOD(no destination transport-method)",
        ),
        (
            mail,
            "noc@example.com",
            "NO_SENDER(configure sender from or contact-email-addr)",
        ),
        (
            http_profile(&["http://u:secret@h/"]),
            "http://u:*****@h/",
            "BAD_URL(A URL may not carry a user name or a password)",
        ),
    ] {
        let config = config(&[("p", profile)], |_| {});
        assert_eq!(routes(&config, &test("p")), pairs(&[(name, route)]));
    }
}

#[test]
fn a_destination_says_by_itself_what_its_server_must_show_or_its_profile_does() {
    let mut profile = http_profile(&["https://a.example/", "https://b.example/"]);
    profile.reference_identity = Some("all".into());
    profile.http[1].reference_identity = Some("own".into());
    let config = config(&[("p", profile)], |_| {});
    let order = ordered(&config, &test("p")).expect("an order");
    let targets = order.parts.iter().flat_map(|part| &part.targets);
    let identity = |target: &Target| match &target.route {
        Ok(Route::Http { identity, .. }) => identity.as_deref().map(str::to_owned),
        other => panic!("{other:?}"),
    };
    let identities: Vec<_> = targets.map(identity).collect();
    assert_eq!(identities, [Some("all".to_owned()), Some("own".to_owned())]);
}

#[test]
fn the_vendors_mailbox_is_denied_before_anything_else() {
    let profile = Profile {
        email: vec![vendor::COLLECTOR_EMAIL.into()],
        methods: None,
        ..Profile::default()
    };
    let (_, route) = routes(&config(&[("p", profile.clone())], |_| {}), &test("p")).remove(0);
    assert_eq!(route, "VENDOR_DENIED(configure call-home vendor permit)");
    let permitted = config(&[("p", profile)], |call_home| {
        call_home.vendor_permit = true
    });
    assert!(routes(&permitted, &test("p"))[0].1.starts_with("NO_SENDER"));
}

/// What profiles with these subscriptions are told of one event.
fn hear(event: &Event, change: impl FnOnce(&mut Profile)) -> bool {
    let mut profile = http_profile(&["http://a/"]);
    change(&mut profile);
    let config = config(&[("p", profile)], |_| {});
    order(&config, event.clone(), &Audience::Subscribers).is_ok()
}

#[test]
fn a_profile_hears_of_alerts_from_its_severity_upwards() {
    let mut event = Event::report(Kind::Group(AlertGroup::Environment), DateTime::UNIX_EPOCH);
    for (severity, least, heard) in [
        (AlertSeverity::Minor, AlertSeverity::Minor, true),
        (AlertSeverity::Major, AlertSeverity::Minor, true),
        (AlertSeverity::Warning, AlertSeverity::Minor, false),
        (AlertSeverity::Debugging, AlertSeverity::Debugging, true),
    ] {
        event.severity = severity;
        let subscription = Subscription {
            severity: Some(least),
            ..Subscription::default()
        };
        let hears = hear(&event, |profile| {
            let groups = &mut profile.subscriptions.groups;
            groups.insert(AlertGroup::Environment, subscription);
        });
        assert_eq!(hears, heard, "{severity:?} from {least:?}");
    }
    assert!(hear(&event, |profile| profile.subscriptions.all = true));
    assert!(!hear(&event, |_| {}));
}

#[test]
fn all_parts_of_a_syslog_selector_hold_and_one_selector_is_enough() {
    let mut event = Event::report(Kind::Group(AlertGroup::Syslog), DateTime::UNIX_EPOCH);
    event.severity = AlertSeverity::Warning;
    event.syslog = Some(SyslogText {
        number: Some(106_100),
        line: "%ASA-4-106100: access-list out denied tcp".to_owned(),
    });
    let ids = |text| SyslogSelector::Messages(MessageIds::new(text).expect("numbers"));
    let pattern = |text: &str| SyslogSelector::Pattern(text.into());
    let (high, low) = (Some(AlertSeverity::Major), Some(AlertSeverity::Warning));
    for (selectors, heard) in [
        (vec![(SyslogSelector::Any, None)], true),
        (vec![(SyslogSelector::Any, high)], false),
        (vec![(ids("106100-106103"), low)], true),
        (vec![(ids("106100"), high)], false),
        (vec![(ids("106101"), low)], false),
        (vec![(pattern("denied (tcp|udp)"), low)], true),
        (vec![(pattern("permitted"), None)], false),
        (
            vec![(pattern("permitted"), None), (ids("106100"), None)],
            true,
        ),
    ] {
        let shown = format!("{selectors:?}");
        let hears = hear(&event, |profile| {
            profile.subscriptions.syslog = selectors.into_iter().collect();
        });
        assert_eq!(hears, heard, "{shown}");
    }
}

#[test]
fn the_least_of_a_configuration_leaves_out_the_two_dumps() {
    let of = |export| {
        let mut profile = http_profile(&["http://a/"]);
        let subscription = Subscription {
            export,
            ..Subscription::default()
        };
        let groups = &mut profile.subscriptions.groups;
        groups.insert(AlertGroup::Configuration, subscription);
        let config = config(&[("p", profile)], |_| {});
        let event = Event::report(Kind::Group(AlertGroup::Configuration), DateTime::UNIX_EPOCH);
        let mut order = order(&config, event, &Audience::Subscribers).expect("an order");
        order.parts.remove(0).commands
    };
    assert!(of(None).iter().any(|line| &**line == "show running-config"));
    assert!(
        !of(Some(Export::Minimum))
            .iter()
            .any(|line| line.contains("-config"))
    );
    assert!(!of(Some(Export::Minimum)).is_empty());
}

#[test]
fn what_goes_to_the_vendor_is_xml_whatever_the_profile_prefers() {
    let mut profile = http_profile(&[vendor::COLLECTOR_URL, "http://a/"]);
    profile.format = Some(Format::ShortText);
    let config = config(&[("p", profile)], |call_home| {
        call_home.vendor_permit = true
    });
    let order = ordered(&config, &test("p")).expect("an order");
    let targets = order.parts.iter().flat_map(|part| &part.targets);
    let formats: Vec<_> = targets.map(|target| target.format).collect();
    assert_eq!(formats, [Format::Xml, Format::ShortText]);
}

#[test]
fn a_destination_that_is_no_longer_configured_has_no_route() {
    let with = config(&[("p", http_profile(&["http://a/"]))], |_| {});
    let order = ordered(&with, &test("p")).expect("an order");
    let destination = &order.parts[0].targets[0].destination;
    assert!(matches!(route(&with, destination), Some(Ok(_))));
    let without = config(&[("p", http_profile(&["http://b/"]))], |_| {});
    assert!(route(&without, destination).is_none());
    assert!(route(&config(&[], |_| {}), destination).is_none());
}
