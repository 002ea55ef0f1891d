//! Which destinations an action reaches, and the reason of each that it does not.

use super::*;
use crate::config::call_home::{CISCO_TAC_1, Methods, Subscription};

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

/// Destination and what becomes of it without an attempt, `ok` where there will be one.
fn routes(config: &RunningConfig, action: &Do) -> Vec<(String, String)> {
    let order = order(config, action).expect("there is something to send");
    let route = |target: Target| match target.route {
        Ok(url) => (target.name, format!("ok {}", url.host())),
        Err(Outcome::Dropped(reason) | Outcome::Denied(reason)) => {
            (target.name, reason.to_string())
        }
        Err(other) => panic!("{other:?} without an attempt"),
    };
    order.targets.into_iter().map(route).collect()
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
        order(&config, &test("x")).err(),
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
    let order = order(&config, &test("ops")).expect("an order");
    assert_eq!(order.notes.len(), 2, "{:?}", order.notes);
    assert!(order.targets.iter().all(|target| target.route.is_ok()));
}

#[test]
fn the_text_of_a_test_is_the_operators_unless_it_is_blank() {
    let config = config(&[("ops", http_profile(&["http://a/"]))], |_| {});
    for (text, description) in [
        (Some("hello"), "hello"),
        (Some(" "), "Call-home test message"),
        (None, "Call-home test message"),
    ] {
        let action = Do::Test {
            text: text.map(str::to_owned),
            profile: "ops".into(),
        };
        assert_eq!(
            order(&config, &action)
                .map(|order| order.description)
                .as_deref(),
            Ok(description)
        );
    }
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
    let nothing = |config: RunningConfig| order(&config, &SEND_INVENTORY).err();
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
            "NO_TX_METHOD(transport-method email is not available, http is)",
        ),
        (
            Profile {
                format: Some(Format::LongText),
                ..plain
            },
            url,
            "NO_FORMAT(preferred-msg-format long-text is not available, xml is)",
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
    let order = order(&config, &test("p")).expect("an order");
    let identities: Vec<_> = order
        .targets
        .iter()
        .map(|target| target.identity.as_deref())
        .collect();
    assert_eq!(identities, [Some("all"), Some("own")]);
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
    assert!(
        routes(&permitted, &test("p"))[0]
            .1
            .starts_with("NO_TX_METHOD")
    );
}
