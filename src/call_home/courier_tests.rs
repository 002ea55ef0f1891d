//! Which way messages leave by.

use super::*;
use crate::config::interfaces::Interface;

#[test]
fn messages_leave_from_the_address_or_the_interface_that_is_configured() {
    let mut config = RunningConfig::default();
    let named = Interface {
        nameif: Some("inside".into()),
        security_level: None,
    };
    let interfaces = Arc::make_mut(&mut config.interfaces);
    interfaces.by_name.insert("lo".into(), named);
    let from = |change: &dyn Fn(&mut crate::config::call_home::IosSettings)| {
        let mut config = config.clone();
        change(&mut Arc::make_mut(&mut config.call_home).ios);
        let leave = leave(&config).map_err(|reason| reason.to_string())?;
        let to = "127.0.0.9:80".parse().expect("an address");
        Ok::<_, String>(leave.way(to).source.map(|source| source.to_string()))
    };
    let loopback = Ok(Some("127.0.0.1".to_owned()));
    assert_eq!(from(&|_| {}), Ok(None));
    assert_eq!(
        from(&|ios| ios.source_interface = Some("lo".into())),
        loopback
    );
    assert_eq!(
        from(&|ios| ios.source_interface = Some("Inside".into())),
        loopback,
        "by its nameif"
    );
    assert_eq!(
        from(&|ios| ios.source_interface = Some("none".into())),
        Ok(None)
    );
    let given = Some(std::net::IpAddr::from([127, 0, 0, 7]));
    assert_eq!(
        from(&|ios| ios.source_ip_address = given),
        Ok(Some("127.0.0.7".to_owned()))
    );
    assert_eq!(from(&|ios| ios.vrf = Some("lo".into())), loopback);
    assert_eq!(
        from(&|ios| ios.vrf = Some("none-such".into())),
        Err("NO_VRF(VRF none-such does not exist)".to_owned())
    );
}

#[test]
fn one_server_that_may_still_take_it_is_reason_to_try_again() {
    let refused = |code| {
        NotTaken::Smtp(SmtpFault::Refused(smtp::Refusal {
            code,
            text: "no".to_owned(),
        }))
    };
    let silent = || NotTaken::Smtp(SmtpFault::TimedOut);
    let all = outcome_of_all(&[("a", refused(550)), ("b", refused(554))]);
    let words = "MAIL_REFUSED(a: 550 no; b: 554 no)";
    assert!(
        matches!(&all, Outcome::Refused(reason) if reason.to_string() == words),
        "{all:?}"
    );
    let one = outcome_of_all(&[("a", refused(550)), ("b", silent())]);
    let words = "TIMEOUT(a: 550 no; b: no answer in time)";
    assert!(
        matches!(&one, Outcome::Failed(reason) if reason.to_string() == words),
        "{one:?}"
    );
    assert!(matches!(outcome_of_all(&[]), Outcome::Dropped(_)));
}
