//! Anonymous reporting in the running-config: its three forms, its trust point, its hidden profile.

use std::sync::Arc;

use super::AnonymousReporting::{Enabled, Postponed, Refused, Undecided};
use super::script::Script;
use crate::config::refusal::Kind;
use crate::config::render::render;
use crate::config::{Notice, Refusal, RunningConfig};

const ON: &str = "call-home reporting anonymous";
const OFF: &str = "no call-home reporting anonymous";

fn decided(text: &str) -> super::AnonymousReporting {
    Script::accepts(text).system.anonymous
}

fn trustpoints(config: &RunningConfig) -> Vec<&str> {
    config
        .crypto
        .trustpoints
        .keys()
        .map(|name| &**name)
        .collect()
}

#[test]
fn the_decision_has_three_forms() {
    assert_eq!(decided(""), Undecided);
    assert_eq!(decided(ON), Enabled);
    assert_eq!(decided(OFF), Refused);
    assert_eq!(
        decided("call-home reporting anonymous prompt 2"),
        Postponed(2)
    );
}

#[test]
fn it_may_be_put_off_three_times() {
    let mut decision = Undecided;
    let decisions = std::array::from_fn(|_| {
        decision = decision.put_off();
        decision
    });
    assert_eq!(decisions, [Postponed(2), Postponed(1), Refused]);
}

#[test]
fn enabling_installs_the_root_of_the_vendors_servers_for_call_home_alone() {
    let config = Script::accepts(ON);
    let text = render(&config, false);
    let stanza = "crypto ca trustpoint _SmartCallHome_ServerCA\n no validation-usage\n crl configure\n\
                  crypto ca certificate chain _SmartCallHome_ServerCA\n certificate ca 0a0142800000014523c844b500000002\n    30820560 ";
    assert!(text.contains(stanza), "{text}");
    let back = Script::accepts(&text);
    assert_eq!(back, config);
}

#[test]
fn enabling_again_says_and_does_nothing() {
    let mut script = Script::run(ON);
    let (before, said) = (script.config.clone(), script.notices.len());
    script.feed(ON);
    assert_eq!((script.config, script.notices.len()), (before, said));
}

#[test]
fn a_suitable_certificate_that_is_there_is_enough() {
    let text = render(&Script::accepts(ON), false).replace("_SmartCallHome_ServerCA", "MINE");
    let mut script = Script::on(Script::accepts(&text.replace(&format!("{ON}\n"), "")));
    script.feed(ON);
    assert_eq!(trustpoints(&script.config), ["MINE"]);
    assert!(
        script
            .notices
            .contains(&Notice::AnonymousReporting { is_created: false })
    );
    script.feed("no crypto ca trustpoint MINE");
    assert_eq!(script.refused.len(), 1, "it is needed");
}

#[test]
fn one_for_clients_alone_is_not_suitable() {
    let text = render(&Script::accepts(ON), false)
        .replace("_SmartCallHome_ServerCA", "MINE")
        .replace("no validation-usage", "validation-usage ssl-client");
    let config = Script::accepts(&text);
    assert_eq!(trustpoints(&config), ["MINE", "_SmartCallHome_ServerCA"]);
}

#[test]
fn the_trust_point_stays_while_it_is_needed_and_behind_that_until_it_is_removed() {
    let in_use = |kind, name: &str| Refusal::InUse {
        kind,
        name: name.into(),
        by: ON.to_owned(),
    };
    let point = in_use(Kind::Trustpoint, super::TRUSTPOINT);
    Script::refuses(
        ON,
        "no crypto ca trustpoint _SmartCallHome_ServerCA",
        &point,
    );
    Script::refuses(
        ON,
        "no crypto ca certificate chain _SmartCallHome_ServerCA",
        &point,
    );
    let chain = format!("{ON}\ncrypto ca certificate chain _SmartCallHome_ServerCA");
    let serial = "0a0142800000014523c844b500000002";
    let line = format!("no certificate ca {serial}");
    Script::refuses(&chain, &line, &in_use(Kind::Certificate, serial));
    let mut config = Script::accepts(ON);
    assert_eq!(config.clear("crypto"), Err(point));
    let off = Script::accepts(&format!("{ON}\n{OFF}"));
    assert_eq!(trustpoints(&off), [super::TRUSTPOINT]);
    let removed = format!("{ON}\n{OFF}\nno crypto ca trustpoint _SmartCallHome_ServerCA");
    assert_eq!(Script::accepts(&removed), Script::accepts(OFF));
}

#[test]
fn what_is_said_names_the_vendor_only_when_it_is_not_permitted() {
    assert_eq!(Script::run(ON).notices.len(), 2);
    let permitted = Script::run(&format!("call-home vendor permit\n{ON}")).notices;
    assert_eq!(permitted, [Notice::AnonymousReporting { is_created: true }]);
}

#[test]
fn clearing_call_home_forgets_the_decision_and_keeps_the_trust_point() {
    let mut config = Script::accepts(ON);
    assert_eq!(config.clear("call-home"), Ok(()));
    assert_eq!(config.system.anonymous, Undecided);
    assert_eq!(trustpoints(&config), [super::TRUSTPOINT]);
}

#[test]
fn smart_call_home_is_as_it_was() {
    let before = Script::accepts("call-home\nprofile ops\ncontact-name NOC");
    let mut script = Script::on(before.clone());
    script.feed(ON);
    assert!(Arc::ptr_eq(&before.call_home, &script.config.call_home));
}

#[test]
fn its_profile_stands_in_all_alone_and_reads_back_as_nothing() {
    let config = Script::accepts(ON);
    assert!(!render(&config, false).contains("anonymous-reporting-only"));
    let all = render(&config, true);
    assert!(
        all.contains(" !  active\n !  anonymous-reporting-only\n"),
        "{all}"
    );
    assert!(render(&RunningConfig::default(), true).contains(" !  no active\n"));
}
